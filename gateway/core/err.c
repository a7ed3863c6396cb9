/* The error as a sentence. */
// SPDX-License-Identifier: MIT
#include "gateway/core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef err_set
#undef err_prefix

int
err_set(struct err *err, enum err_code code, const char *format, ...)
{
    if (!err) {
        return -1;
    }
    err->code = code;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return -1;
}

int
err_prefix(struct err *err, const char *format, ...)
{
    if (!err) {
        return -1;
    }
    char joined[sizeof err->text];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(joined, sizeof joined, format, args);
    va_end(args);
    size_t used = n < 0 ? 0 : (size_t)n;
    if (used < sizeof joined) {
        (void)snprintf(joined + used, sizeof joined - used, "%s", err->text);
    }
    memcpy(err->text, joined, sizeof joined);
    return -1;
}

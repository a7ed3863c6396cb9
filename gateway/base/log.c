/* Logs: logfmt on stderr. */
// SPDX-License-Identifier: MIT
#include "gateway/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum log_level least = LOG_INFO;

void
log_set_level(enum log_level level)
{
    least = level;
}

const char *
log_value(struct str s)
{
    static char slots[8][320];
    static unsigned turn;
    char *out = slots[turn++ % 8];
    size_t n = 0;
    bool plain = s.n > 0;
    for (size_t i = 0; i < s.n && plain; i++) {
        plain = (unsigned char)s.p[i] > ' ' && s.p[i] != '"' && s.p[i] != '=' && s.p[i] != 127;
    }
    if (!plain) {
        out[n++] = '"';
    }
    for (size_t i = 0; i < s.n && n < 300; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\') {
            out[n++] = '\\';
            out[n++] = (char)c;
        } else if (c < ' ' || c == 127) {
            n += (size_t)snprintf(out + n, 5, "\\x%02x", c);
        } else {
            out[n++] = (char)c;
        }
    }
    if (!plain) {
        out[n++] = '"';
    }
    out[n] = '\0';
    return out;
}

void
log_event(enum log_level level, const char *event, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    if (level < least) {
        return;
    }
    char line[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    (void)fprintf(stderr, "level=%s event=%s%s%s\n", names[level], event, *line ? " " : "", line);
}

/* The configuration reader on any bytes: no crash, and every mistake one line. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "gateway/base/conf.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
check_line(void *arg, const char *line)
{
    (void)arg;
    if (strchr(line, '\n') || strncmp(line, "f", 1) != 0) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    struct conf *conf = conf_parse((struct str){(const char *)data, n}, "f", check_line, NULL);
    conf_free(&conf);
    return 0;
}

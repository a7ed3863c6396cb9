/* Audience expressions, times and numbers of any bytes: no crash; an expression that is taken runs
 * on a stack and leaves one set. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "gateway/core/audience.h"
#include "gateway/core/number.h"
#include "gateway/core/time.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
check_stack(const struct audience *a)
{
    size_t depth = 0;
    for (size_t i = 0; i < a->n; i++) {
        switch (a->token[i].op) {
        case AUDIENCE_ALL:
        case AUDIENCE_GROUP:
            depth++;
            break;
        case AUDIENCE_NOT:
            depth -= depth < 1;
            break;
        case AUDIENCE_AND:
        case AUDIENCE_OR:
            if (depth < 2) {
                abort();
            }
            depth--;
            break;
        }
    }
    if (depth != 1) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    struct str text = {(const char *)data, n};
    struct audience audience;
    char number[NUMBER_ROOM], printed[TIME_ROOM];
    int64_t at = 0, back = 0;
    if (audience_parse(text, &audience, NULL) == 0) {
        check_stack(&audience);
    }
    (void)number_read(text, number);
    if (time_parse(text, 0, TIME_VIETNAM, &at, NULL) == 0 && at >= 0 && at < 253402300800) {
        time_format(at, 0, printed);
        if (time_parse_rfc3339(str_of(printed), &back, NULL) != 0 || back != at) {
            abort();
        }
    }
    return 0;
}

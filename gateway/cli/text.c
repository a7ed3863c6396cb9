/* Which language the admin reads, and the text in it. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/text.h"

#include <stdlib.h>
#include <string.h>

bool
text_is_vietnamese(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) {
            return strncmp(value, "vi", 2) == 0 && strchr("_.@", value[2]) != NULL;
        }
    }
    return false;
}

const char *
text_of(const char *english)
{
    if (!text_is_vietnamese()) {
        return english;
    }
    for (const struct text_pair *pair = text_catalogue; pair->english; pair++) {
        if (strcmp(pair->english, english) == 0) {
            return pair->vietnamese;
        }
    }
    return english;
}

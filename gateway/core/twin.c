/* An emergency by all channels at once. */
// SPDX-License-Identifier: MIT
#include "gateway/core/twin.h"

#include <stdio.h>
#include <string.h>

#include "gateway/core/hash.h"

void
twin_id(struct str id, const char *channel, char out[TWIN_ID_ROOM])
{
    if (id.n + 1 + strlen(channel) < TWIN_ID_ROOM) {
        (void)snprintf(out, TWIN_ID_ROOM, "%.*s~%s", (int)id.n, id.p, channel);
    } else {
        (void)snprintf(out, TWIN_ID_ROOM, "~%016llx~%s", (unsigned long long)hash_fnv64(id),
                       channel);
    }
}

char
twin_letter(char one, char other)
{
    static const char better[] = "kxfuqrs?ad"; /* the later the better */
    const char *first = one ? strchr(better, one) : NULL;
    const char *second = other ? strchr(better, other) : NULL;
    return !second || (first && first >= second) ? one : other;
}

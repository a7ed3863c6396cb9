/* The name that a message has with a platform. */
// SPDX-License-Identifier: MIT
#include "gateway/core/tracking.h"

#include <stdio.h>
#include <string.h>

#include "gateway/core/hash.h"

enum { ID_MOST = 37, ID_ROOM = 2 * TRACKING_BROADCAST }; /* "-1z141z3-73" leaves 37 of 48 */

/* A number in digits and small letters. */
static const char *
base36(uint32_t n, char room[8])
{
    char *at = room + 7;
    *at = '\0';
    do {
        *--at = "0123456789abcdefghijklmnopqrstuvwxyz"[n % 36];
        n /= 36;
    } while (n > 0);
    return at;
}

static bool
read_base36(struct str digits, uint64_t most, uint64_t *value)
{
    uint64_t n = 0;
    for (size_t i = 0; i < digits.n; i++) {
        char c = digits.p[i];
        bool digit = c >= '0' && c <= '9';
        if ((!digit && (c < 'a' || c > 'z')) || n > most) {
            return false;
        }
        n = n * 36 + (uint64_t)(digit ? c - '0' : c - 'a' + 10);
    }
    *value = n;
    return digits.n > 0 && n <= most;
}

/* The ID in the signs that a platform takes; what it needs may be more than there is room for. */
static size_t
put_id(const char *broadcast, char id[static ID_ROOM])
{
    size_t n = 0;
    for (const char *c = broadcast; *c && n + 2 < ID_ROOM; c++) {
        if (*c == '_' || *c == '.' || *c == '~') {
            id[n++] = '_';
            id[n++] = *c == '.' ? 'p' : *c == '~' ? 's' : '_';
        } else {
            id[n++] = *c;
        }
    }
    id[n] = '\0';
    return n;
}

bool
tracking_hashed(const char *broadcast, char out[TRACKING_HASH])
{
    char id[ID_ROOM];
    if (put_id(broadcast, id) <= ID_MOST) {
        return false;
    }
    (void)snprintf(out, TRACKING_HASH, "#%016llx",
                   (unsigned long long)hash_fnv64(str_of(broadcast)));
    return true;
}

void
tracking_make(const char *broadcast, uint32_t index, unsigned attempt, char out[TRACKING_ROOM])
{
    char id[ID_ROOM], hash[TRACKING_HASH], member[8], try[8];
    (void)put_id(broadcast, id);
    if (tracking_hashed(broadcast, hash)) {
        (void)snprintf(id, sizeof id, "_h%s", hash + 1);
    }
    (void)snprintf(out, TRACKING_ROOM, "%.37s-%s-%s", id, base36(index, member),
                   base36(attempt % 256, try));
}

/* Cuts the number behind the last '-' off `*name`. */
static bool
cut_number(struct str *name, uint64_t most, uint64_t *value)
{
    const char *dash = name->n > 0 ? memrchr(name->p, '-', name->n) : NULL;
    if (!dash) {
        return false;
    }
    size_t n = (size_t)(dash - name->p);
    bool ok = read_base36(str_from(*name, n + 1), most, value);
    name->n = n;
    return ok;
}

/* Puts the ID back together; false: no name of ours. */
static bool
read_id(struct str name, char broadcast[TRACKING_BROADCAST])
{
    size_t n = 0;
    if (name.n == TRACKING_HASH && memcmp(name.p, "_h", 2) == 0) {
        (void)snprintf(broadcast, TRACKING_BROADCAST, "#%.*s", (int)name.n - 2, name.p + 2);
        return true;
    }
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (c == '_') {
            char next = ++i < name.n ? name.p[i] : '\0';
            c = next == 'p' ? '.' : next == 's' ? '~' : next == '_' ? '_' : '\0';
        }
        if (!c) {
            return false;
        }
        broadcast[n++] = c;
    }
    broadcast[n] = '\0';
    return true;
}

bool
tracking_read(struct str name, char broadcast[TRACKING_BROADCAST], uint32_t *index,
              unsigned *attempt)
{
    uint64_t at = 0, try = 0;
    if (name.n >= TRACKING_ROOM || !cut_number(&name, 255, &try) ||
        !cut_number(&name, UINT32_MAX, &at) || name.n == 0 || !read_id(name, broadcast)) {
        return false;
    }
    *index = (uint32_t)at;
    *attempt = (unsigned)try;
    return true;
}

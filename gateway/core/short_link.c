/* Codes of short links. */
// SPDX-License-Identifier: MIT
#include "gateway/core/short_link.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof SHORT_CODE_ALPHABET == 33, "five bits a sign");

void
short_code(struct str id, struct str content_hash, struct str entry, char out[SHORT_CODE_ROOM])
{
    static const unsigned char domain[] = "loa short link";
    const struct str parts[] = {id, content_hash, entry};
    crypto_generichash_state state;
    unsigned char digest[crypto_generichash_BYTES];
    (void)crypto_generichash_init(&state, domain, sizeof domain, sizeof digest);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        uint64_t n = parts[i].n;
        (void)crypto_generichash_update(&state, (const unsigned char *)&n, sizeof n);
        (void)crypto_generichash_update(&state, (const unsigned char *)parts[i].p, parts[i].n);
    }
    (void)crypto_generichash_final(&state, digest, sizeof digest);
    for (int i = 0; i < SHORT_CODE_N; i++) { /* a whole octet each: 256 is a multiple of 32 */
        out[i] = SHORT_CODE_ALPHABET[digest[i] % 32];
    }
    out[SHORT_CODE_N] = '\0';
}

bool
short_code_read(struct str text, char out[SHORT_CODE_ROOM])
{
    if (text.n != SHORT_CODE_N) {
        return false;
    }
    for (size_t i = 0; i < SHORT_CODE_N; i++) {
        char c = text.p[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (c == '\0' || !strchr(SHORT_CODE_ALPHABET, c)) {
            return false;
        }
        out[i] = c;
    }
    out[SHORT_CODE_N] = '\0';
    return true;
}

struct str
short_link(struct arena *arena, struct str base, const char *code)
{
    bool slash = base.n > 0 && base.p[base.n - 1] != '/';
    struct buf link;
    buf_init(&link, base.n + SHORT_CODE_ROOM + 1);
    buf_add_str(&link, base);
    buf_add_z(&link, slash ? "/" : "");
    buf_add_z(&link, code);
    struct str s = {arena_strndup(arena, link.p, link.n), link.n};
    buf_deinit(&link);
    return s;
}

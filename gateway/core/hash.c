/* SHA-256 of bytes and of an announcement's fields, and FNV-1a. */
// SPDX-License-Identifier: MIT
#include "gateway/core/hash.h"

#include <sodium.h>

static void
to_hex(const unsigned char digest[crypto_hash_sha256_BYTES], char hex[HASH_HEX])
{
    (void)sodium_bin2hex(hex, HASH_HEX, digest, crypto_hash_sha256_BYTES);
}

void
hash_sha256_hex(struct str bytes, char hex[HASH_HEX])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(digest, (const unsigned char *)bytes.p, bytes.n);
    to_hex(digest, hex);
}

static void
add_field(crypto_hash_sha256_state *state, struct str value)
{
    unsigned char length[8];
    for (int i = 0; i < 8; i++) {
        length[i] = (unsigned char)((uint64_t)value.n >> (8 * (7 - i)));
    }
    (void)crypto_hash_sha256_update(state, length, sizeof length);
    (void)crypto_hash_sha256_update(state, (const unsigned char *)value.p, value.n);
}

void
hash_announcement(const struct announcement *a, char hex[HASH_HEX])
{
    crypto_hash_sha256_state state;
    unsigned char digest[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256_init(&state);
    for (int f = 0; f < FIELD_N; f++) {
        if (f != FIELD_ID && f != FIELD_BY) {
            add_field(&state, a->field[f]);
        }
    }
    (void)crypto_hash_sha256_final(&state, digest);
    to_hex(digest, hex);
}

uint32_t
hash_fnv32(struct str bytes)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < bytes.n; i++) {
        hash = (hash ^ (unsigned char)bytes.p[i]) * 16777619U;
    }
    return hash;
}

uint64_t
hash_fnv64(struct str bytes)
{
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < bytes.n; i++) {
        hash = (hash ^ (unsigned char)bytes.p[i]) * 1099511628211U;
    }
    return hash;
}

/* Hashes: SHA-256 by which the same announcement is known again, FNV-1a for tables.  Pure
 * (libsodium). */
#ifndef LOA_CORE_HASH_H
#define LOA_CORE_HASH_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"

enum { HASH_HEX = 65 }; /* 64 hex digits and a NUL */

void hash_sha256_hex(struct str bytes, char hex[HASH_HEX]);

/* Over what members and the schedule see: every field but `id` and `by`, each with its length, so
 * that no two announcements run together.  Call it after announcement_check(). */
void hash_announcement(const struct announcement *a, char hex[HASH_HEX]);

/* FNV-1a: quick, and nothing that an adversary could not steer. */
uint32_t hash_fnv32(struct str bytes);
uint64_t hash_fnv64(struct str bytes);

#endif

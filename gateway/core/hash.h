/* Hashes by which the same announcement is known again.  Pure (libsodium). */
#ifndef LOA_CORE_HASH_H
#define LOA_CORE_HASH_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"

enum { HASH_HEX = 65 }; /* 64 hex digits and a NUL */

void hash_sha256_hex(struct str bytes, char hex[HASH_HEX]);

/* Over what members and the schedule see: every field but `id` and `by`, each with its length, so
 * that no two announcements run together.  Call it after announcement_check(). */
void hash_announcement(const struct announcement *a, char hex[HASH_HEX]);

#endif

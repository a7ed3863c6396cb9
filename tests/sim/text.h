/* What a phone makes of user data: GSM 03.38 (unpacked) and UCS-2 to UTF-8. */
#ifndef LOA_SIM_TEXT_H
#define LOA_SIM_TEXT_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enough for 254 octets of either alphabet. */
enum { TEXT_MAX = 1024 };

/* Writes UTF-8 with a NUL, at most `room` octets (what no longer fits is left out).  False when an
 * octet is none of the alphabet or a surrogate stands alone: it becomes U+FFFD. */
bool text_decode(const uint8_t *octets, size_t n, uint8_t data_coding, char *out, size_t room);

/* A hash of bytes, continued from `seed`; for tables of the simulator only. */
uint64_t text_hash(const void *bytes, size_t n, uint64_t seed);

#endif

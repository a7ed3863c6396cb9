/* GSM septets packed into octets, and out of them (3GPP TS 23.038 §6.1.2).  Pure. */
#ifndef LOA_CORE_SEPTETS_H
#define LOA_CORE_SEPTETS_H
// SPDX-License-Identifier: MIT

#include <stddef.h>
#include <stdint.h>

/* Packs `n` septets (one an octet) to `out`, which has room for n + 2 octets, as they stand behind
 * a user data header of `header_n` octets (0: none): the first septet is aligned to a multiple of
 * seven bits.  Seven bits that are left over get a carriage return, so that nobody reads an @.
 * Returns the octets. */
size_t septets_pack(const uint8_t *septets, size_t n, size_t header_n, uint8_t *out);

/* Back again; `out` has room for n * 8 / 7 septets.  Drops the carriage return that fills up.
 * Returns the septets. */
size_t septets_unpack(const uint8_t *octets, size_t n, size_t header_n, uint8_t *out);

#endif

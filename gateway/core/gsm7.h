/* The SMS alphabets: GSM 03.38 (3GPP TS 23.038) with its extension table, and back to UTF-8 from
 * that, from UCS-2 and from Latin-1.  Pure. */
#ifndef LOA_CORE_GSM7_H
#define LOA_CORE_GSM7_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

enum { GSM7_ESCAPE = 0x1B };

/* The septet of a character; 0x1B00 + septet for one of the extension table; -1 for none. */
int gsm7_code(int32_t c);

/* Septets that the text takes, -1 when a character has no code. */
long gsm7_length(struct str text);

/* Unpacked septets (one an octet).  An unknown extension shows what the plain table has there; an
 * octet above 0x7F becomes U+FFFD. */
void gsm7_decode(const uint8_t *octets, size_t n, struct buf *out);
/* Big endian, with surrogate pairs; a lone half or a last odd octet becomes U+FFFD. */
void ucs2_decode(const uint8_t *octets, size_t n, struct buf *out);
void latin1_decode(const uint8_t *octets, size_t n, struct buf *out);

#endif

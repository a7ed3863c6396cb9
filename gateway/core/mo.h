/* Members' messages as a network delivers them: the part that one is, and the text of its octets
 * (3GPP TS 23.040 §9.2.3.24, 23.038 §4).  Pure. */
#ifndef LOA_CORE_MO_H
#define LOA_CORE_MO_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

/* What the octets of a data_coding are.  DEFAULT: the SMSC's own alphabet. */
enum mo_alphabet { MO_DEFAULT, MO_GSM7, MO_GSM7_PACKED, MO_LATIN1, MO_UCS2, MO_BINARY };

/* One part.  `total` 0: the message has no others. */
struct mo_part {
    struct str octets; /* behind the user data header */
    size_t header_n;   /* octets of that header: packed septets are aligned behind it */
    uint16_t reference;
    bool wide; /* a 16-bit reference: another one than the same number in 8 bits */
    uint8_t total, number;
};

/* Takes the user data header off (esm_class says whether there is one) and reads the concatenation
 * in it.  A header that is broken, or a number that cannot be, leaves a message without others. */
void mo_part_read(struct str octets, int esm_class, struct mo_part *out);

/* By SMPP 3.4 §5.2.19 and the groups of TS 23.038. */
enum mo_alphabet mo_alphabet(int data_coding);

/* Adds a part's octets to `joined`; packed septets become one an octet, so that what stands in
 * `joined` is then MO_GSM7. */
void mo_join(const struct mo_part *part, enum mo_alphabet alphabet, struct buf *joined);
/* The text of what was joined.  MO_BINARY: as hexadecimal. */
void mo_decode(struct str joined, enum mo_alphabet alphabet, struct buf *text);

/* Octets as "0a1b", and back; false: that is no such text. */
void mo_hex(struct str octets, struct buf *out);
bool mo_unhex(struct str hex, struct buf *out);

#endif

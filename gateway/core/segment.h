/* Splits a text into SMS parts (3GPP TS 23.038, 23.040 §9.2.3.24).  Pure. */
#ifndef LOA_CORE_SEGMENT_H
#define LOA_CORE_SEGMENT_H
// SPDX-License-Identifier: MIT

#include <stdint.h>

#include "gateway/core/str.h"

enum encoding { ENCODING_GSM7, ENCODING_UCS2, ENCODING_LATIN1 };
enum { SEGMENT_MAX = 10, SEGMENT_OCTETS = 160 };

/* One part's user data without its UDH.  GSM7: one septet an octet, unpacked (SMPP data_coding 0);
 * UCS2: big endian (data_coding 8); LATIN1: an octet a character (data_coding 3). */
struct segment {
    uint8_t octets[SEGMENT_OCTETS];
    uint16_t n;
};

/* A text in its parts. */
struct segments {
    enum encoding encoding;
    int n;          /* parts */
    int characters; /* septets (an extension character counts two), octets or UTF-16 units */
    struct segment part[SEGMENT_MAX];
};

/* How a link wants its texts: `narrow` is the encoding of those whose characters it has all (what
 * it lacks makes the whole text UCS-2; ENCODING_UCS2: always), `header` the octets of the user data
 * header in each of several parts (6: 8-bit reference, 7: 16-bit). */
struct segment_form {
    enum encoding narrow;
    int header;
};
/* Octets of a part's text (of `segment.octets`) beside a header of `header` octets, 0 for none. */
int segment_room(enum encoding encoding, int header);
/* The encoding that a text takes with a link whose narrow one is this. */
enum encoding segment_encoding(struct str text, enum encoding narrow);
/* The octets of a whole text, uncut; which has every sign of it. */
void segment_encode(struct str text, enum encoding encoding, struct buf *out);

int segment_split_as(struct str text, struct segment_form form, int max, struct segments *out,
                     struct err *err) MUST_CHECK;

/* The same by GSM-7 and an 8-bit reference.  GSM-7 when every character is in its table or
 * extension table, else UCS-2.  Splits neither an escape pair nor a surrogate pair nor a base
 * letter from its combining marks.  `text` is UTF-8, NFC.  Returns -1: ERR_INPUT for a bad byte
 * (with its offset), ERR_LIMIT when it needs more than `max` parts (at most SEGMENT_MAX). */
int segment_split(struct str text, int max, struct segments *out, struct err *err) MUST_CHECK;

#endif

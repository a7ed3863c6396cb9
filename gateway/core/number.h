/* Phone numbers as people write them, Vietnamese mobiles as links want them.  Pure. */
#ifndef LOA_CORE_NUMBER_H
#define LOA_CORE_NUMBER_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

enum { NUMBER_ROOM = 12 };   /* "84900000567" and a NUL */
enum { NUMBER_COLUMN = 12 }; /* bytes a number in the directory's column of phones */
enum number_verdict { NUMBER_NONE, NUMBER_MOBILE, NUMBER_INVALID };

/* Blanks, dots, dashes and parentheses are passed over; +84, 84 and 0084 (with or without a 0
 * behind) become 0; an old 11-digit prefix becomes its new one.  NUMBER_MOBILE: 0[35789] and 8
 * digits, but not 095; `out` holds it as "84900000567".  NUMBER_NONE: nothing but blanks.  `out` is
 * empty unless NUMBER_MOBILE. */
enum number_verdict number_read(struct str text, char out[NUMBER_ROOM]);

/* "84900000567" → "8490****567".  Of an address shorter than 8 characters nothing is shown. */
void number_mask(struct str address, char *out, size_t room);

#endif

/* UTF-8 text: validity, NFC, cleaning, and what is left of it without diacritics.  Pure. */
#ifndef LOA_CORE_UNICODE_H
#define LOA_CORE_UNICODE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* False: `*offset` is where the first bad byte stands. */
bool utf8_valid(struct str text, size_t *offset);
/* Takes the first character off `*rest`, which must not be empty; a bad byte gives U+FFFD. */
int32_t utf8_next(struct str *rest);
void utf8_add(struct buf *out, int32_t c);
size_t utf8_count(struct str text);                /* characters */
struct str utf8_head(struct str text, size_t n);   /* its first n characters, or all of it */
struct str utf8_within(struct str text, size_t n); /* whole characters of its first n bytes */

/* All below take valid UTF-8 (a bad byte becomes U+FFFD) and give text in `arena`. */

/* NFC; of a run of combining marks the first 16 stay. */
struct str unicode_nfc(struct arena *arena, struct str text);

/* NFC, and: every kind of blank becomes a space and every line end LF; soft hyphens, zero-width
 * and direction signs, BOM, control and private characters vanish (a private bullet becomes `-`).
 * Quotes, dashes and letters stay as they were written. */
struct str unicode_clean(struct arena *arena, struct str text);

/* unicode_clean(), then one space for a run, none at a line's ends; at most one empty line. */
struct str unicode_tidy(struct arena *arena, struct str text);
/* unicode_tidy() on one line. */
struct str unicode_line(struct arena *arena, struct str text);

/* Curly quotes, dashes, ellipses and bullets as ASCII ones; letters keep their marks. */
struct str unicode_plain(struct arena *arena, struct str text);

/* Without diacritics, so that all of it is in GSM 03.38 (đ → d, ₫ → d, ² → 2);
 * pictures vanish, a letter of another script becomes `?`. */
struct str unicode_strip(struct arena *arena, struct str text);

/* The ASCII letter that a Vietnamese letter with marks is without them, at once; 0: it is none. */
char unicode_base(int32_t c);

/* For comparing: stripped, lower case, one space for any white space. */
struct str unicode_fold(struct arena *arena, struct str text);

#endif

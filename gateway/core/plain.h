/* A text as one plain ASCII sign a character, each with its place in the text: for finding things
 * in Vietnamese whether it carries its marks or not.  Pure. */
#ifndef LOA_CORE_PLAIN_H
#define LOA_CORE_PLAIN_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* A letter stands without its marks and in its case; every dash is `-`, every quote `"`, every
 * blank ' ' ('\n' stays); a letter of another script is PLAIN_LETTER, another sign PLAIN_SIGN. */
enum { PLAIN_LETTER = 'x', PLAIN_SIGN = '|' };

struct plain {
    size_t n;
    char *sign;     /* n, and a NUL */
    int32_t *small; /* n, and a 0: the characters themselves, as small letters */
    size_t *at;     /* n + 1: where in the text each character begins */
    bool marked;    /* the text has Vietnamese letters with marks: "tai" is not "tại" there */
    struct str text;
};

/* The sign that stands for a character. */
char plain_sign(int32_t c);

/* In `arena`; the text is valid UTF-8, NFC, and stays borrowed. */
void plain_of(struct arena *arena, struct str text, struct plain *out);

/* Characters of `word` (UTF-8, small letters) if it stands at `i` as a whole word, in any case; 0
 * if not.  In a text without marks the word without its marks will do; a blank is one blank. */
size_t plain_word(const struct plain *p, size_t i, const char *word);
/* The same for the first of a NULL-ended list that stands there. */
size_t plain_one_of(const struct plain *p, size_t i, const char *const *words);

/* Whether a letter or digit stands at `i`. */
bool plain_is_alnum(const struct plain *p, size_t i);

#endif

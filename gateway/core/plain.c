/* Plain signs of a text. */
// SPDX-License-Identifier: MIT
#include "gateway/core/plain.h"

#include <string.h>

#include <utf8proc.h>

#include "gateway/core/unicode.h"

static bool
is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* U+1EA0 to U+1EF9: a capital and its small letter by turns. */
static char
vietnamese_sign(int32_t c)
{
    static const struct {
        int32_t to;
        char capital;
    } letters[] = {{0x1EB7, 'A'}, {0x1EC7, 'E'}, {0x1ECB, 'I'},
                   {0x1EE3, 'O'}, {0x1EF1, 'U'}, {0x1EF9, 'Y'}};
    size_t i = 0;
    while (c > letters[i].to) {
        i++;
    }
    return (char)(letters[i].capital + (c % 2 == 0 ? 0 : 'a' - 'A'));
}

/* U+00C0 to U+00FF; '.': none of the simple ones. */
static const char latin_signs[] =
    "AAAAAA.CEEEEIIII.NOOOOO.OUUUUY..aaaaaa.ceeeeiiii.nooooo.ouuuuy.y";

char
plain_sign(int32_t c)
{
    utf8proc_int32_t pieces[8];
    int boundary = 0;
    if (c < 0x80) {
        return (char)c;
    }
    if (c >= 0x1EA0 && c <= 0x1EF9) {
        return vietnamese_sign(c);
    }
    if (c >= 0xC0 && c <= 0xFF && latin_signs[c - 0xC0] != '.') {
        return latin_signs[c - 0xC0];
    }
    if (c == 0x110 || c == 0x111) {
        return c == 0x110 ? 'D' : 'd';
    }
    if (c >= 0x2010 && c <= 0x2015) {
        return '-';
    }
    if (c == 0xA0 || c == 0x2028 || c == 0x2029) {
        return ' ';
    }
    if ((c >= 0x2018 && c <= 0x201F) || c == 0xAB || c == 0xBB) {
        return '"';
    }
    utf8proc_ssize_t n = utf8proc_decompose_char(c, pieces, 8, UTF8PROC_DECOMPOSE, &boundary);
    if (n > 0 && n <= 8 && pieces[0] < 0x80 && is_letter((char)pieces[0])) {
        return (char)pieces[0];
    }
    return utf8proc_category(c) <= UTF8PROC_CATEGORY_LO ? PLAIN_LETTER : PLAIN_SIGN;
}

/* Of the Vietnamese letters U+1EA0 to U+1EF9 the odd one is the small one. */
static int32_t
small_letter(int32_t c)
{
    if (c < 0x80) {
        return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
    }
    return c >= 0x1EA0 && c <= 0x1EF9 ? c | 1 : utf8proc_tolower(c);
}

void
plain_of(struct arena *arena, struct str text, struct plain *out)
{
    *out = (struct plain){.text = text};
    out->sign = arena_alloc(arena, text.n + 1);
    out->small = arena_alloc(arena, (text.n + 1) * sizeof *out->small);
    out->at = arena_alloc(arena, (text.n + 1) * sizeof *out->at);
    struct str rest = text;
    while (rest.n > 0) {
        size_t at = text.n - rest.n;
        int32_t c = utf8_next(&rest);
        char sign = plain_sign(c);
        out->marked = out->marked || (c >= 0x80 && is_letter(sign));
        out->at[out->n] = at;
        out->small[out->n] = small_letter(c);
        out->sign[out->n++] = sign;
    }
    out->at[out->n] = text.n;
    out->small[out->n] = 0;
}

bool
plain_is_alnum(const struct plain *p, size_t i)
{
    return i < p->n && (is_letter(p->sign[i]) || is_digit(p->sign[i]));
}

/* Takes the first character off a word that is valid UTF-8. */
static int32_t
next_of(const char **word)
{
    const unsigned char *p = (const unsigned char *)*word;
    if (p[0] < 0x80) {
        *word += 1;
        return p[0];
    }
    struct str rest = {*word, strnlen(*word, 4)};
    int32_t c = utf8_next(&rest);
    *word = rest.p;
    return c;
}

/* Whether the character at `i` is `wanted`, a small letter. */
static bool
same(const struct plain *p, size_t i, int32_t wanted)
{
    return p->small[i] == wanted ||
           (!p->marked && wanted >= 0x80 && p->small[i] == small_letter(plain_sign(wanted)));
}

/* Characters of `word` at `i`, where a word begins; 0 if it does not stand there whole. */
static size_t
word_here(const struct plain *p, size_t i, const char *word)
{
    size_t n = 0;
    for (; *word; n++) {
        if (i + n >= p->n || !same(p, i + n, next_of(&word))) {
            return 0;
        }
    }
    return plain_is_alnum(p, i + n) ? 0 : n;
}

/* The first byte of the character at `i` as a small letter. */
static unsigned char
lead_byte(const struct plain *p, size_t i)
{
    int32_t c = p->small[i];
    return (unsigned char)(c < 0x80 ? c : (c < 0x800 ? 0xC0 | c >> 6 : 0xE0 | (c >> 12 & 0x1F)));
}

/* Whether a word may begin there: most do not, and that is quick to see. */
static bool
may_begin(const struct plain *p, unsigned char lead, const char *word)
{
    unsigned char first = (unsigned char)word[0];
    return first == lead || (first >= 0x80 && (!p->marked || first >= 0xF0));
}

size_t
plain_word(const struct plain *p, size_t i, const char *word)
{
    bool inside = i >= p->n || (i > 0 && plain_is_alnum(p, i - 1));
    return !inside && may_begin(p, lead_byte(p, i), word) ? word_here(p, i, word) : 0;
}

size_t
plain_one_of(const struct plain *p, size_t i, const char *const *words)
{
    if (i >= p->n || (i > 0 && plain_is_alnum(p, i - 1))) {
        return 0;
    }
    unsigned char lead = lead_byte(p, i);
    for (; *words; words++) {
        size_t n = may_begin(p, lead, *words) ? word_here(p, i, *words) : 0;
        if (n > 0) {
            return n;
        }
    }
    return 0;
}

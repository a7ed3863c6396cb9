/* UTF-8 text on utf8proc. */
// SPDX-License-Identifier: MIT
#include "gateway/core/unicode.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "gateway/core/gsm7.h"

enum { MARKS_MAX = 16, REPLACEMENT = 0xFFFD };

bool
utf8_valid(struct str text, size_t *offset)
{
    for (size_t at = 0; at < text.n;) {
        utf8proc_int32_t c = 0;
        utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)text.p + at,
                                                 (utf8proc_ssize_t)(text.n - at), &c);
        if (used < 1) {
            *offset = at;
            return false;
        }
        at += (size_t)used;
    }
    return true;
}

static bool
is_tail(unsigned char byte)
{
    return (byte & 0xC0U) == 0x80U;
}

/* Bytes of the character at the head of `rest` if it is one of most that Vietnamese has: ASCII, two
 * bytes, or three that are neither overlong nor surrogates; 0: look closer. */
static size_t
usual_length(struct str rest, int32_t *c)
{
    const unsigned char *p = (const unsigned char *)rest.p;
    if (p[0] < 0x80) {
        *c = p[0];
        return 1;
    }
    if (p[0] >= 0xC2 && p[0] < 0xE0 && rest.n > 1 && is_tail(p[1])) {
        *c = (p[0] & 0x1F) << 6 | (p[1] & 0x3F);
        return 2;
    }
    if (p[0] >= 0xE1 && p[0] < 0xED && rest.n > 2 && is_tail(p[1]) && is_tail(p[2])) {
        *c = (p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F);
        return 3;
    }
    return 0;
}

int32_t
utf8_next(struct str *rest)
{
    utf8proc_int32_t c = 0;
    utf8proc_ssize_t used = (utf8proc_ssize_t)usual_length(*rest, &c);
    if (used == 0) {
        used = utf8proc_iterate((const utf8proc_uint8_t *)rest->p, (utf8proc_ssize_t)rest->n, &c);
    }
    if (used < 1) {
        used = 1;
        c = REPLACEMENT;
    }
    rest->p += used;
    rest->n -= (size_t)used;
    return c;
}

void
utf8_add(struct buf *out, int32_t c)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t n = utf8proc_encode_char(c, bytes);
    buf_add(out, bytes, n > 0 ? (size_t)n : 0);
}

struct str
utf8_within(struct str text, size_t n)
{
    if (text.n > n) {
        text.n = n;
        while (text.n > 0 && ((unsigned char)text.p[text.n] & 0xC0U) == 0x80U) {
            text.n--;
        }
    }
    return text;
}

struct str
utf8_head(struct str text, size_t n)
{
    struct str rest = text;
    for (size_t i = 0; i < n && rest.n > 0; i++) {
        (void)utf8_next(&rest);
    }
    return (struct str){text.p, text.n - rest.n};
}

size_t
utf8_count(struct str text)
{
    size_t n = 0;
    while (text.n > 0) {
        (void)utf8_next(&text);
        n++;
    }
    return n;
}

static struct str
keep(struct arena *arena, struct buf *b)
{
    struct str s = {arena_strndup(arena, b->p ? b->p : "", b->n), b->n};
    buf_deinit(b);
    return s;
}

static bool
is_ascii(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* Sorting marks takes quadratic time in a run of them, so that runs are bounded before. */
static void
bound_marks(struct str text, struct buf *out)
{
    int run = 0;
    while (text.n > 0) {
        int32_t c = utf8_next(&text);
        const utf8proc_property_t *property = utf8proc_get_property(c);
        bool mark = property->combining_class != 0 || property->category == UTF8PROC_CATEGORY_MN;
        run = mark ? run + 1 : 0;
        if (run <= MARKS_MAX) {
            utf8_add(out, c);
        }
    }
}

/* Vietnamese as it mostly comes: nothing in it composes or decomposes. */
static bool
is_composed(struct str text)
{
    while (text.n > 0) {
        int32_t c = utf8_next(&text);
        bool stable = c < 0x300 || (c >= 0x1EA0 && c <= 0x1EF9) || (c >= 0x2010 && c <= 0x2027);
        if (!stable) {
            return false;
        }
    }
    return true;
}

struct str
unicode_nfc(struct arena *arena, struct str text)
{
    if (is_ascii(text) || is_composed(text)) {
        return (struct str){arena_strndup(arena, text.p ? text.p : "", text.n), text.n};
    }
    struct buf bounded;
    buf_init(&bounded, text.n * 3 + 1);
    bound_marks(text, &bounded);
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)bounded.p, (utf8proc_ssize_t)bounded.n, &composed,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    buf_deinit(&bounded);
    if (n < 0) {
        abort(); /* out of memory: the text is valid */
    }
    struct str s = {arena_strndup(arena, (const char *)composed, (size_t)n), (size_t)n};
    free(composed);
    return s;
}

/* What a character becomes when text is cleaned: itself, ' ', '\n', '-' or 0 for nothing. */
static int32_t
clean_char(int32_t c)
{
    if (c == '\n' || (c >= ' ' && c < 0x7F)) {
        return c;
    }
    if (c == '\r' || c == '\v' || c == '\f' || c == 0x85 || c == 0x2028 || c == 0x2029) {
        return '\n';
    }
    if (c == '\t') {
        return ' ';
    }
    if (c >= 0xF0A7 && c <= 0xF0B7) {
        return '-'; /* bullets of Word's symbol fonts */
    }
    utf8proc_category_t category = utf8proc_category(c);
    if (category == UTF8PROC_CATEGORY_ZS) {
        return ' ';
    }
    bool gone = category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF ||
                category == UTF8PROC_CATEGORY_CO || c == 0xFFFC;
    return gone ? 0 : c;
}

/* Nothing in it that clean_char() would change: most text is so. */
static bool
is_clean(struct str text)
{
    while (text.n > 0) {
        int32_t c = utf8_next(&text);
        bool letter = (c >= 0xC0 && c < 0x300) || (c >= 0x1EA0 && c <= 0x1EF9);
        bool quote = c >= 0x2013 && c <= 0x2026;
        if (c != '\n' && !(c >= ' ' && c < 0x7F) && !letter && !quote) {
            return false;
        }
    }
    return true;
}

struct str
unicode_clean(struct arena *arena, struct str text)
{
    struct str rest = unicode_nfc(arena, text);
    if (is_clean(rest)) {
        return rest;
    }
    struct buf out;
    buf_init(&out, rest.n + 1);
    int32_t before = 0;
    bool removed = false;
    while (rest.n > 0) {
        int32_t c = utf8_next(&rest);
        int32_t cleaned = clean_char(c);
        bool second_of_crlf = c == '\n' && before == '\r';
        if (cleaned != 0 && !second_of_crlf) {
            utf8_add(&out, cleaned);
        }
        removed = removed || cleaned == 0;
        before = c;
    }
    struct str cleaned = keep(arena, &out);
    /* Letter and mark may have become neighbours. */
    return removed && !is_ascii(cleaned) ? unicode_nfc(arena, cleaned) : cleaned;
}

/* What stands between two words: line ends, `most` at most, else a space; nothing at the start. */
static void
add_gap(struct buf *out, size_t ends, bool space, const char *line_end, size_t most)
{
    if (out->n == 0) {
        return;
    }
    for (size_t k = 0; k < ends && k < most; k++) {
        buf_add_z(out, line_end);
    }
    if (space && ends == 0) {
        buf_add_char(out, ' ');
    }
}

/* Where the word that begins at `i` ends. */
static size_t
word_end(struct str text, size_t i)
{
    while (i < text.n && text.p[i] != ' ' && text.p[i] != '\n') {
        i++;
    }
    return i;
}

static struct str
tidy(struct arena *arena, struct str text, const char *line_end, size_t most)
{
    struct str rest = unicode_clean(arena, text);
    struct buf out;
    buf_init(&out, rest.n + 1);
    size_t ends = 0;
    bool space = false;
    for (size_t i = 0; i < rest.n; i++) {
        if (rest.p[i] == '\n') {
            ends++;
        } else if (rest.p[i] == ' ') {
            space = true;
        } else {
            size_t word = word_end(rest, i);
            add_gap(&out, ends, space, line_end, most);
            buf_add(&out, rest.p + i, word - i);
            i = word - 1;
            ends = 0;
            space = false;
        }
    }
    return keep(arena, &out);
}

struct str
unicode_tidy(struct arena *arena, struct str text)
{
    return tidy(arena, text, "\n", 2);
}

struct str
unicode_line(struct arena *arena, struct str text)
{
    return tidy(arena, text, " ", 1);
}

static const struct {
    int32_t c;
    const char *ascii;
} signs[] = {
    {0x00AB, "\""}, {0x00B4, "'"},  {0x00B7, "-"}, {0x00BB, "\""}, {0x02BC, "'"},  {0x2010, "-"},
    {0x2011, "-"},  {0x2012, "-"},  {0x2013, "-"}, {0x2014, "-"},  {0x2015, "-"},  {0x2018, "'"},
    {0x2019, "'"},  {0x201A, "'"},  {0x201B, "'"}, {0x201C, "\""}, {0x201D, "\""}, {0x201E, "\""},
    {0x201F, "\""}, {0x2022, "-"},  {0x2023, "-"}, {0x2024, "."},  {0x2025, ".."}, {0x2026, "..."},
    {0x2032, "'"},  {0x2033, "\""}, {0x2039, "'"}, {0x203A, "'"},  {0x2043, "-"},  {0x2212, "-"},
    {0x25A0, "-"},  {0x25AA, "-"},  {0x25CB, "-"}, {0x25CF, "-"},  {0x25E6, "-"},  {0xFF07, "'"},
    {0xFF02, "\""}, {'`', "'"},
};

static const struct {
    int32_t c;
    const char *ascii;
} letters[] = {
    {0x0110, "D"},  {0x0111, "d"},   {0x00D0, "D"},   {0x00F0, "d"},   {0x0189, "D"},
    {0x0256, "d"},  {0x20AB, "d"},   {0x00B0, "o"},   {0x00B1, "+/-"}, {0x00D7, "x"},
    {0x00F7, "/"},  {0x00A9, "(c)"}, {0x00AE, "(R)"}, {0x2044, "/"},   {0x2190, "<-"},
    {0x2192, "->"}, {0x21D2, "=>"},  {0x2260, "<>"},  {0x2264, "<="},  {0x2265, ">="},
    {0x03BC, "u"},  {0x00B5, "u"},   {0x0131, "i"},   {0x0142, "l"},   {0x0141, "L"},
};

static const char *
sign_of(int32_t c)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (signs[i].c == c) {
            return signs[i].ascii;
        }
    }
    return NULL;
}

static const char *
ascii_of(int32_t c)
{
    bool vietnamese = c >= 0x1EA0 && c <= 0x1EF9;
    if (vietnamese || (c < 0x80 && c != '`')) {
        return NULL; /* most that there is: none of them is in a table */
    }
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (letters[i].c == c) {
            return letters[i].ascii;
        }
    }
    return sign_of(c);
}

struct str
unicode_plain(struct arena *arena, struct str text)
{
    struct str rest = unicode_clean(arena, text);
    struct buf out;
    buf_init(&out, rest.n * 3 + 1);
    while (rest.n > 0) {
        int32_t c = utf8_next(&rest);
        const char *ascii = sign_of(c);
        if (ascii) {
            buf_add_z(&out, ascii);
        } else {
            utf8_add(&out, c);
        }
    }
    return keep(arena, &out);
}

char
unicode_base(int32_t c)
{
    /* Latin Extended Additional, U+1EA0 to U+1EF9, is Vietnamese from end to end. */
    static const char tail[] =
        "AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOo"
        "UuUuUuUuUuUuUuYyYyYyYy";
    static const char latin1[] = "AAAA....EEE.II....OOOO...UU..Y..aaaa....eee.ii....oooo...uu..y";
    static const struct {
        int32_t c;
        char base;
    } others[] = {{0x102, 'A'}, {0x103, 'a'}, {0x110, 'D'}, {0x111, 'd'},
                  {0x128, 'I'}, {0x129, 'i'}, {0x168, 'U'}, {0x169, 'u'},
                  {0x1A0, 'O'}, {0x1A1, 'o'}, {0x1AF, 'U'}, {0x1B0, 'u'}};
    if (c >= 0x1EA0 && c <= 0x1EF9) {
        return tail[c - 0x1EA0];
    }
    if (c >= 0xC0 && c < 0xC0 + (int32_t)sizeof latin1 - 1) {
        return latin1[c - 0xC0] == '.' ? '\0' : latin1[c - 0xC0];
    }
    for (size_t i = 0; c > 0xFF && i < sizeof others / sizeof *others; i++) {
        if (others[i].c == c) {
            return others[i].base;
        }
    }
    return '\0';
}

/* A picture, a mark or an unassigned character: nobody misses it in a short text. */
static bool
is_dispensable(int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    return category == UTF8PROC_CATEGORY_SO || category == UTF8PROC_CATEGORY_SK ||
           category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_ME ||
           category == UTF8PROC_CATEGORY_MN;
}

/* One piece of a decomposed character.  False: it has no form in GSM 03.38. */
static bool
add_piece(struct buf *out, int32_t c)
{
    const char *ascii = ascii_of(c);
    if (ascii) {
        buf_add_z(out, ascii);
        return true;
    }
    if (c >= 0x300 && c < 0x370) {
        return true; /* a mark: what is stripped */
    }
    if (gsm7_code(c) >= 0) {
        utf8_add(out, c);
        return true;
    }
    return is_dispensable(c);
}

static void
strip_char(struct buf *out, int32_t c)
{
    utf8proc_int32_t pieces[32];
    int boundary = 0;
    if (c < 0x80) {
        buf_add_char(out, c == '`' ? '\'' : (char)c);
        return;
    }
    char base = unicode_base(c);
    if (base) {
        buf_add_char(out, base);
        return;
    }
    if (ascii_of(c)) {
        (void)add_piece(out, c);
        return;
    }
    utf8proc_ssize_t n =
        utf8proc_decompose_char(c, pieces, 32, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &boundary);
    if (n < 1 || n > 32) {
        pieces[0] = c;
        n = 1;
    }
    bool whole = true;
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        whole = add_piece(out, pieces[i]) && whole;
    }
    if (!whole) {
        buf_add_char(out, '?');
    }
}

struct str
unicode_strip(struct arena *arena, struct str text)
{
    struct str rest = unicode_clean(arena, text);
    struct buf out;
    buf_init(&out, rest.n * 8 + 16);
    while (rest.n > 0) {
        strip_char(&out, utf8_next(&rest));
    }
    return keep(arena, &out);
}

struct str
unicode_fold(struct arena *arena, struct str text)
{
    struct str s = unicode_line(arena, unicode_strip(arena, text));
    char *p = arena_strndup(arena, s.p, s.n);
    for (size_t i = 0; i < s.n; i++) {
        if (p[i] >= 'A' && p[i] <= 'Z') {
            p[i] = (char)(p[i] - 'A' + 'a');
        }
    }
    return (struct str){p, s.n};
}

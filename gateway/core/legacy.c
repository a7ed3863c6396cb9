/* Recognises TCVN3 and VNI by pairs of characters that no other text has often, and reads them. */
// SPDX-License-Identifier: MIT
#include "gateway/core/legacy.h"

#include <string.h>

#include <utf8proc.h>

#include "gateway/core/unicode.h"

/* Found at least so often, and once in so many letters. */
enum { LEAST = 2, ONE_IN = 20, JUDGED_MOST = 256 * 1024 }; /* a longer text is judged by its head */

static bool
is_letter(int32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_one_of(int32_t c, const char *set)
{
    struct str rest = str_of(set);
    while (rest.n > 0) {
        if (utf8_next(&rest) == c) {
            return true;
        }
    }
    return false;
}

/* Signs that TCVN3 shows for vowels with marks and for đ, beside a letter on both sides. */
static bool
is_tcvn3(int32_t before, int32_t c, int32_t after)
{
    return is_letter(before) && is_letter(after) && is_one_of(c, "µ¸¶·¹¨»¾¼½©ª«¬®§¤¥¦");
}

/* VNI writes the mark behind the vowel, as a letter of its own. */
static bool
is_vni(int32_t before, int32_t c)
{
    return is_one_of(before, "aeoAEO") && is_one_of(c, "âùøûõïÂÙØÛÕÏ");
}

const char *
legacy_encoding(struct str text)
{
    size_t letters = 0, tcvn3 = 0, vni = 0;
    int32_t before = 0, c = 0;
    text = utf8_within(text, JUDGED_MOST);
    while (text.n > 0 || c != 0) {
        int32_t after = text.n > 0 ? utf8_next(&text) : 0;
        letters += is_letter(c);
        if (c >= 0x80 && c <= 0xFF) {
            tcvn3 += is_tcvn3(before, c, after);
            vni += is_vni(before, c);
        }
        before = c;
        c = after;
    }
    if (tcvn3 >= LEAST && tcvn3 * ONE_IN >= letters) {
        return "TCVN3";
    }
    return vni >= LEAST && vni * ONE_IN >= letters ? "VNI" : NULL;
}

/* ---- TCVN3: a byte a letter. */

/* From 0xA0 on; 0: it is what it seems. */
static const uint16_t tcvn3[] = {
    0,      0x0102, 0x00C2, 0x00CA, 0x00D4, 0x01A0, 0x01AF, 0x0110, 0x0103, 0x00E2, 0x00EA, 0x00F4,
    0x01A1, 0x01B0, 0x0111, 0,      0,      0,      0,      0,      0,      0x00E0, 0x1EA3, 0x00E3,
    0x00E1, 0x1EA1, 0,      0x1EB1, 0x1EB3, 0x1EB5, 0x1EAF, 0,      0,      0,      0,      0,
    0,      0,      0x1EB7, 0x1EA7, 0x1EA9, 0x1EAB, 0x1EA5, 0x1EAD, 0x00E8, 0,      0x1EBB, 0x1EBD,
    0x00E9, 0x1EB9, 0x1EC1, 0x1EC3, 0x1EC5, 0x1EBF, 0x1EC7, 0x00EC, 0x1EC9, 0,      0,      0,
    0x0129, 0x00ED, 0x1ECB, 0x00F2, 0,      0x1ECF, 0x00F5, 0x00F3, 0x1ECD, 0x1ED3, 0x1ED5, 0x1ED7,
    0x1ED1, 0x1ED9, 0x1EDD, 0x1EDF, 0x1EE1, 0x1EDB, 0x1EE3, 0x00F9, 0,      0x1EE7, 0x0169, 0x00FA,
    0x1EE5, 0x1EEB, 0x1EED, 0x1EEF, 0x1EE9, 0x1EF1, 0x1EF3, 0x1EF7, 0x1EF9, 0x00FD, 0x1EF5, 0,
};

static void
read_tcvn3(struct str text, struct buf *out)
{
    while (text.n > 0) {
        int32_t c = utf8_next(&text);
        int32_t letter = c >= 0xA0 && c <= 0xFF ? tcvn3[c - 0xA0] : 0;
        utf8_add(out, letter != 0 ? letter : c);
    }
}

/* ---- VNI: a vowel and behind it a letter that stands for its marks. */

static const struct {
    int32_t letter;
    uint16_t marks[2]; /* combining: circumflex or breve, tone */
} vni_marks[] = {
    {0xF9, {0x301}},        {0xF8, {0x300}},        {0xFB, {0x309}},        {0xF5, {0x303}},
    {0xEF, {0x323}},        {0xE2, {0x302}},        {0xEA, {0x306}},        {0xE1, {0x302, 0x301}},
    {0xE0, {0x302, 0x300}}, {0xE5, {0x302, 0x309}}, {0xE3, {0x302, 0x303}}, {0xE4, {0x302, 0x323}},
    {0xE9, {0x306, 0x301}}, {0xE8, {0x306, 0x300}}, {0xFA, {0x306, 0x309}}, {0xFC, {0x306, 0x303}},
    {0xEB, {0x306, 0x323}},
};

/* Letters of their own. */
static const struct {
    int32_t letter, means;
} vni_letters[] = {
    {0xF4, 0x1A1}, {0xF6, 0x1B0},  {0xF1, 0x111},  {0xE6, 0x1EC9},
    {0xF3, 0x129}, {0xF2, 0x1ECB}, {0xEE, 0x1EF5},
};

static int32_t
vni_letter(int32_t c)
{
    int32_t small = utf8proc_tolower(c);
    for (size_t i = 0; i < sizeof vni_letters / sizeof *vni_letters; i++) {
        if (vni_letters[i].letter == small) {
            int32_t means = vni_letters[i].means;
            return small == c ? means : utf8proc_toupper(means);
        }
    }
    return c;
}

/* The row of vni_marks for a letter behind a vowel; -1: it stands for itself. */
static int
vni_row(int32_t vowel, int32_t c)
{
    bool carries = is_one_of(vowel, "aeouyAEOUYôöÔÖ");
    int32_t small = utf8proc_tolower(c);
    for (size_t i = 0; carries && i < sizeof vni_marks / sizeof *vni_marks; i++) {
        if (vni_marks[i].letter == small) {
            return (int)i;
        }
    }
    return -1;
}

static void
read_vni(struct str text, struct buf *out)
{
    int32_t before = 0;
    while (text.n > 0) {
        int32_t c = utf8_next(&text);
        int row = vni_row(before, c);
        for (int i = 0; row >= 0 && i < 2 && vni_marks[row].marks[i] != 0; i++) {
            utf8_add(out, vni_marks[row].marks[i]);
        }
        if (row < 0) {
            utf8_add(out, vni_letter(c));
        }
        before = c;
    }
}

/* ---- Either. */

/* Bytes as Windows-1252 has them; its own signs between 0x80 and 0x9F matter to neither. */
static struct str
as_latin(struct arena *arena, struct str bytes)
{
    struct buf out;
    buf_init(&out, bytes.n * 2 + 1);
    for (size_t i = 0; i < bytes.n; i++) {
        utf8_add(&out, (unsigned char)bytes.p[i]);
    }
    struct str text = {arena_strndup(arena, out.n > 0 ? out.p : "", out.n), out.n};
    buf_deinit(&out);
    return text;
}

struct str
legacy_convert(struct arena *arena, struct str text)
{
    size_t bad = 0;
    struct str latin = utf8_valid(text, &bad) ? text : as_latin(arena, text);
    const char *encoding = legacy_encoding(latin);
    if (!encoding) {
        return text;
    }
    struct buf out;
    buf_init(&out, latin.n * 3 + 1);
    (strcmp(encoding, "VNI") == 0 ? read_vni : read_tcvn3)(latin, &out);
    struct str read = unicode_nfc(arena, buf_str(&out));
    buf_deinit(&out);
    return read;
}

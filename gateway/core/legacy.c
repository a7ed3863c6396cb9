/* Recognises TCVN3 and VNI by pairs of characters that no other text has often. */
// SPDX-License-Identifier: MIT
#include "gateway/core/legacy.h"

#include "gateway/core/unicode.h"

/* Found at least so often, and once in so many letters. */
enum { LEAST = 2, ONE_IN = 20 };

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
    while (text.n > 0 || c != 0) {
        int32_t after = text.n > 0 ? utf8_next(&text) : 0;
        letters += is_letter(c);
        if (c >= 0x80) {
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

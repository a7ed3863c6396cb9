/* Lines that tell when a page was published. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/furniture.h"
#include "gateway/core/furniture_parts.h"
#include "gateway/core/unicode.h"

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The length of the word at the head of `s`, and whether it may stand in a line that is a date. */
static size_t
date_word(struct str s, bool *known)
{
    static const char *const words[] = {"thu", "hai", "ba",    "tu",   "nam", "sau",
                                        "bay", "chu", "nhat",  "ngay", "gmt", "luc",
                                        "am",  "pm",  "thang", "hom",  "qua"};
    size_t n = 0;
    while (n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z') {
        n++;
    }
    *known = n == 0;
    for (size_t w = 0; w < sizeof words / sizeof *words && !*known; w++) {
        *known = str_equal_z((struct str){s.p, n}, words[w]);
    }
    return n > 0 ? n : 1;
}

/* "16:20 GMT+7", "thứ Hai": no word that a date would not have. */
bool
furniture_says_when(struct str folded)
{
    bool known = folded.n > 0;
    for (size_t i = 0; known && i < folded.n;) {
        i += date_word(str_from(folded, i), &known);
    }
    return known;
}

/* "Thứ Hai, 23/11/2026, 14:05 (GMT+7)": when the page was published, if it stands at the head. */
bool
furniture_is_date(struct str folded)
{
    const char *slash = folded.n > 0 ? memrchr(folded.p, '/', folded.n) : NULL;
    size_t behind = slash ? folded.n - (size_t)(slash + 1 - folded.p) : 0;
    bool year = behind >= 4 && is_digit(slash[1]) && is_digit(slash[2]) && is_digit(slash[3]) &&
                is_digit(slash[4]);
    return year && furniture_says_when(folded);
}

/* "2 giờ ·", "3 ngày trước": how long ago. */
bool
furniture_is_ago(struct str folded)
{
    static const char *const units[] = {"phut", "gio", "ngay", "tuan", "thang", "h", "d"};
    size_t n = 0;
    while (n < folded.n && is_digit(folded.p[n])) {
        n++;
    }
    struct str rest = n > 0 && n <= 2 ? str_trim(str_from(folded, n)) : (struct str){NULL, 0};
    for (size_t i = 0; i < sizeof units / sizeof *units && rest.n > 0; i++) {
        struct str unit = str_of(units[i]);
        struct str behind = str_starts(rest, unit) ? str_trim(str_from(rest, unit.n)) : rest;
        if (behind.n < rest.n && (str_equal_z(behind, "truoc") || str_equal_z(behind, "-"))) {
            return true;
        }
    }
    return false;
}

bool
furniture_is_posted(struct arena *arena, struct str line)
{
    struct str folded = unicode_fold(arena, utf8_within(line, JUDGED_BYTES));
    size_t n = 0;
    while (n < folded.n && !str_starts(str_from(folded, n), STR(" - "))) {
        n++;
    }
    struct str when = str_trim((struct str){folded.p, n});
    bool parted = line.n > 0 && memmem(line.p, line.n, "·", strlen("·")) != NULL;
    bool hour = when.n > 0 && memmem(when.p, when.n, " luc ", strlen(" luc ")) != NULL;
    return furniture_is_ago(folded) || furniture_is_ago(when) ||
           (parted && hour && furniture_says_when(when));
}

bool
furniture_is_published(struct arena *arena, struct str line)
{
    return furniture_is_date(unicode_fold(arena, utf8_within(line, JUDGED_BYTES)));
}

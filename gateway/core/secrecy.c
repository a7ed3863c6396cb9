/* The stamp stands alone, or among words that are not in capitals. */
// SPDX-License-Identifier: MIT
#include "gateway/core/secrecy.h"

#include <string.h>
#include <utf8proc.h>

#include "gateway/core/unicode.h"

#define STAMP "MẬT"

static bool
is_letter(int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

/* Where the word that ends at `end` begins. */
static size_t
word_before(struct str text, size_t end)
{
    size_t at = end;
    while (at > 0) {
        size_t from = at - 1;
        while (from > 0 && ((unsigned char)text.p[from] & 0xC0) == 0x80) {
            from--;
        }
        struct str one = {text.p + from, at - from};
        if (!is_letter(utf8_next(&one))) {
            break;
        }
        at = from;
    }
    return at;
}

/* Where the word that begins at `from` ends. */
static size_t
word_after(struct str text, size_t from)
{
    struct str rest = str_from(text, from);
    while (rest.n > 0) {
        struct str next = rest;
        if (!is_letter(utf8_next(&next))) {
            break;
        }
        rest = next;
    }
    return text.n - rest.n;
}

static bool
in_capitals(struct str word)
{
    while (word.n > 0) {
        if (utf8proc_category(utf8_next(&word)) != UTF8PROC_CATEGORY_LU) {
            return false;
        }
    }
    return true;
}

/* The stamp whose last word begins at `at`, empty if it is none. */
static struct str
stamp_at(struct str text, size_t at)
{
    size_t end = at + strlen(STAMP);
    struct str before = {NULL, 0}, after = {NULL, 0};
    if (word_before(text, at) != at || word_after(text, end) != end) {
        return before; /* within a word */
    }
    if (at > 0 && text.p[at - 1] == ' ') {
        size_t from = word_before(text, at - 1);
        before = (struct str){text.p + from, at - 1 - from};
    }
    if (end < text.n && text.p[end] == ' ') {
        after = (struct str){text.p + end + 1, word_after(text, end + 1) - end - 1};
    }
    if (str_equal_z(before, "TỐI") || str_equal_z(before, "TUYỆT")) {
        return (struct str){before.p, (size_t)(text.p + end - before.p)};
    }
    bool heading = (before.n > 0 && in_capitals(before)) || (after.n > 0 && in_capitals(after));
    return heading ? (struct str){NULL, 0} : (struct str){text.p + at, strlen(STAMP)};
}

struct str
secrecy_stamp(struct str text)
{
    struct str none = {NULL, 0};
    const char *found = text.n > 0 ? text.p : NULL;
    while (found &&
           (found = memmem(found, (size_t)(text.p + text.n - found), STAMP, strlen(STAMP)))) {
        struct str stamp = stamp_at(text, (size_t)(found - text.p));
        if (stamp.n > 0) {
            return stamp;
        }
        found += strlen(STAMP);
    }
    return none;
}

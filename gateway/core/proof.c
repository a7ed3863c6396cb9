/* The checker: values, and all of it. */
// SPDX-License-Identifier: MIT
#include "gateway/core/proof.h"

#include <string.h>

#include "gateway/core/proof_parts.h"
#include "gateway/core/story_parts.h"

int
proof_wrong(const struct proof *p, const struct mark *mark, const char *why)
{
    size_t n = mark->to - mark->from;
    return err_set(p->err, ERR_INPUT, "'%.*s' %s", (int)(n < 60 ? n : 60),
                   p->text.text.p + mark->from, why);
}

/* ---- Values. */

/* A number by its digits: leading zeros do not count, nor does "một" for 1. */
static bool
same_number(const struct mark *source, struct str wanted)
{
    static const char *const spoken[] = {"khong", "mot", "hai", "ba",   "bon", "nam",
                                         "sau",   "bay", "tam", "chin", "muoi"};
    struct str have = source->key;
    while (have.n > 1 && have.p[0] == '0') {
        have = str_from(have, 1);
    }
    while (wanted.n > 1 && wanted.p[0] == '0') {
        wanted = str_from(wanted, 1);
    }
    if (str_equal(have, wanted)) {
        return true;
    }
    for (size_t i = 0; i < sizeof spoken / sizeof *spoken; i++) {
        char digits[4] = {(char)('0' + i / 10), (char)('0' + i % 10)};
        const char *said = i < 10 ? digits + 1 : digits;
        if (str_equal_z(wanted, said) && str_equal_z(have, spoken[i])) {
            return true;
        }
    }
    return false;
}

/* The digits stand as a group of their own inside `key`: "16" in "tp16", "5" in "5,8". */
static bool
holds_group(struct str key, struct str wanted)
{
    for (size_t i = 0; i + wanted.n <= key.n; i++) {
        bool before = i > 0 && key.p[i - 1] >= '0' && key.p[i - 1] <= '9';
        size_t end = i + wanted.n;
        bool behind = end < key.n && key.p[end] >= '0' && key.p[end] <= '9';
        if (!before && !behind && memcmp(key.p + i, wanted.p, wanted.n) == 0) {
            return true;
        }
    }
    return false;
}

static bool
number_is_there(const struct proof *p, struct str wanted)
{
    for (size_t i = 0; i < p->source.n; i++) {
        const struct mark *m = &p->source.mark[i];
        bool plain = m->kind == MARK_NUMBER || m->kind == MARK_WORD || m->kind == MARK_PHONE;
        if ((plain && same_number(m, wanted)) ||
            (m->kind != MARK_PHONE && holds_group(m->key, wanted))) {
            return true;
        }
    }
    return false;
}

static bool
is_number_word(struct str key)
{
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] >= '0' && key.p[i] <= '9') {
            return true;
        }
    }
    return false;
}

/* "4,5,6,7" is a list of numbers where three or more short ones stand, "1,2" behind "TDP". */
static bool
is_list(struct str number, const struct mark *before)
{
    static const char *const counted[] = {"kp", "khoi", "xom", "ap",  "lop", "tdp", "so",
                                          "to", "thon", "khu", "ngo", "pho", NULL};
    size_t least = before && mark_one_of(before, counted) ? 2 : 3;
    size_t groups = 1, longest = 0, n = 0;
    for (size_t i = 0; i < number.n; i++) {
        bool comma = number.p[i] == ',';
        groups += comma;
        n = comma ? 0 : n + 1;
        longest = n > longest ? n : longest;
    }
    return groups >= least && longest <= 2;
}

/* The digits at the head of `s`, with dots and commas between them. */
static size_t
number_length(struct str s)
{
    size_t n = 0;
    while (n < s.n &&
           ((s.p[n] >= '0' && s.p[n] <= '9') || (n > 0 && (s.p[n] == '.' || s.p[n] == ',')))) {
        n++;
    }
    return n;
}

static bool
all_are_there(const struct proof *p, struct str list)
{
    while (list.p && list.n > 0) {
        if (!number_is_there(p, str_cut(&list, ','))) {
            return false;
        }
    }
    return true;
}

/* Whether the numbers of the list follow one another in the source from mark `i` on. */
static bool
list_follows(const struct proof *p, size_t i, struct str list)
{
    for (; list.p && i < p->source.n; i++) {
        struct str one = str_cut(&list, ',');
        const struct mark *m = &p->source.mark[i];
        if (one.n == 0 || one.n > 2 || m->kind != MARK_NUMBER || !same_number(m, one)) {
            return false;
        }
    }
    return !list.p;
}

/* "4,5" where the announcement says "4, 5". */
static bool
list_is_there(const struct proof *p, struct str list)
{
    bool there = false;
    for (size_t i = 0; i < p->source.n && !there; i++) {
        there = list_follows(p, i, list);
    }
    return there;
}

/* Every group of digits in a word such as "2,5t" or "d300". */
static bool
digits_are_there(const struct proof *p, const struct mark *mark)
{
    const struct mark *before = mark > p->text.mark ? mark - 1 : NULL;
    for (struct str rest = mark->key; rest.n > 0;) {
        struct str number = {rest.p, number_length(rest)};
        bool list = is_list(number, before);
        bool there = list ? all_are_there(p, number)
                          : number_is_there(p, number) || list_is_there(p, number);
        if (number.n > 0 && !there) {
            return false;
        }
        rest = str_from(rest, number.n > 0 ? number.n : 1);
    }
    return true;
}

static bool
document_is_there(const struct proof *p, struct str key)
{
    for (size_t i = 0; i < p->source.n; i++) {
        const struct mark *m = &p->source.mark[i];
        if (m->kind == MARK_DOCUMENT && str_equal(m->key, key)) {
            return true;
        }
    }
    return false;
}

/* "hoãn họp 14h00 ngày 21/11", "dời từ 01/12": told as what no longer holds. */
static bool
is_told_as_replaced(const struct proof *p, const struct mark *mark)
{
    static const char *const off[] = {"hoan", "doi", "lui", "thay", NULL};
    static const char *const anew[] = {"sang", "den", "thanh", "moi", "nay", NULL};
    enum { BACK = 10 };
    const struct mark *first = mark - p->text.mark > BACK ? mark - BACK : p->text.mark;
    bool replaced = false;
    for (const struct mark *m = first; m < mark; m++) {
        replaced = replaced || (m->line == mark->line && mark_one_of(m, off));
        replaced = replaced && !mark_one_of(m, anew);
    }
    return replaced;
}

/* A number to ring that a word calls so only in one of both texts: "gọi 112", "số 112". */
static bool
is_short_number(const struct proof *p, const struct mark *mark)
{
    enum { SHORT = 4 };
    return mark->kind == MARK_PHONE && mark->key.n <= SHORT && number_is_there(p, mark->key);
}

/* "tổ 1 đến 8, 18/12 …": the 8 ends the numbers before it and is no day of the list "8, 18/12". */
static bool
is_number_before(const struct proof *p, const struct mark *mark)
{
    struct str here = {p->text.text.p + mark->from, mark->to - mark->from};
    struct str number = {here.p, number_length(here)};
    const struct mark *to = mark > p->text.mark ? mark - 1 : NULL;
    bool spanned = to && to > p->text.mark && to[-1].kind == MARK_NUMBER &&
                   to->clause == mark->clause && str_equal_z(to->key, "den");
    number.n -= number.n > 0 && number.p[number.n - 1] == ',';
    return spanned && mark->kind == MARK_DATE && number.n > 0 && number.n <= 2 &&
           here.p[number.n] == ',' && number_is_there(p, number);
}

/* Whether source mark `i`, a number, stands for this day: a later one of its month follows. */
static bool
is_day_of(const struct proof *p, size_t i, const struct stamp *day)
{
    enum { REACH = 4 };
    for (size_t k = i + 1; k < p->source.n && k <= i + REACH; k++) {
        const struct mark *m = &p->source.mark[k];
        if (m->kind == MARK_DATE && m->line == p->source.mark[i].line &&
            m->stamp.month == day->month && m->stamp.day > day->day) {
            return true;
        }
    }
    return false;
}

/* "18-20/02" where the announcement says "từ ngày 18 đến ngày 20/02". */
static bool
is_day_before_date(const struct proof *p, const struct mark *date)
{
    enum { DAYS = 31 };
    const struct stamp *day = &date->stamp;
    char digits[2] = {(char)('0' + day->day / 10), (char)('0' + day->day % 10)};
    bool there = false, may = date->kind == MARK_DATE && day->day > 0 && day->day <= DAYS;
    for (size_t i = 0; i < p->source.n && may && !there; i++) {
        const struct mark *m = &p->source.mark[i];
        there = m->kind == MARK_NUMBER && m->key.n <= 2 &&
                same_number(m, (struct str){digits, sizeof digits}) && is_day_of(p, i, day);
    }
    return there;
}

static int
check_fact(const struct proof *p, const struct mark *mark)
{
    bool there =
        is_short_number(p, mark) || is_number_before(p, mark) || is_day_before_date(p, mark);
    bool fresh = there;
    for (size_t i = 0; i < p->source.n; i++) {
        if (mark_same(&p->source.mark[i], mark)) {
            there = true;
            fresh = fresh || !p->source.mark[i].stale;
        }
    }
    if (!there) {
        return proof_wrong(p, mark, "does not stand in the announcement");
    }
    return fresh || is_told_as_replaced(p, mark)
               ? 0
               : proof_wrong(p, mark, "stands in the announcement only as what was replaced");
}

/* "T1/2027", "T.12" where there is a date of that month. */
static bool
is_month(const struct proof *p, const struct mark *mark)
{
    int month = 0;
    for (size_t i = 1; i < mark->key.n; i++) {
        char c = mark->key.p[i];
        month = c >= '0' && c <= '9' && month <= 12 ? month * 10 + c - '0' : 13;
    }
    bool there = false;
    for (size_t i = 0; i < p->source.n && mark->key.p[0] == 't' && month > 0; i++) {
        const struct mark *m = &p->source.mark[i];
        there = there || (m->kind == MARK_DATE && m->stamp.month == month);
    }
    return there;
}

static int
check_value(const struct proof *p, const struct mark *m)
{
    bool good = true;
    switch (m->kind) {
    case MARK_WORD:
    case MARK_NUMBER:
        good = !is_number_word(m->key) || digits_are_there(p, m) || is_month(p, m);
        break;
    case MARK_DOCUMENT:
        good = document_is_there(p, m->key);
        break;
    case MARK_DATE:
    case MARK_TIME:
    case MARK_PHONE:
        return check_fact(p, m);
    }
    return good ? 0 : proof_wrong(p, m, "does not stand in the announcement");
}

int
proof_values(const struct proof *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        if (check_value(p, &p->text.mark[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- All of it. */

static struct str
whole_source(const struct story *story, struct arena *arena)
{
    size_t n = story->text.n + story->issuer.n + 2;
    char *all = arena_alloc(arena, n);
    memcpy(all, story->text.p, story->text.n);
    all[story->text.n] = '\n';
    if (story->issuer.n > 0) {
        memcpy(all + story->text.n + 1, story->issuer.p, story->issuer.n);
    }
    return (struct str){all, n - 1};
}

void
marks_of_story(struct arena *arena, const struct story *story, struct marks *out)
{
    marks_read(arena, whole_source(story, arena), out);
    for (size_t i = 0; i < out->n; i++) {
        struct mark *m = &out->mark[i];
        for (size_t k = 0; k < story->stale_n && !m->stale; k++) {
            m->stale = m->from >= story->stale[k].from && m->to <= story->stale[k].to;
        }
    }
}

int
proof_check(const struct story *story, struct str text, struct arena *arena, struct err *err)
{
    struct proof p = {.story = story, .source = *story->detail->source, .arena = arena, .err = err};
    marks_read(arena, text, &p.text);
    int rc = proof_values(&p);
    rc = rc == 0 ? proof_names(&p) : rc;
    rc = rc == 0 ? proof_places(&p) : rc;
    rc = rc == 0 ? proof_bonds(&p) : rc;
    rc = rc == 0 ? proof_weekdays(&p) : rc;
    rc = rc == 0 ? proof_amounts(&p) : rc;
    return rc == 0 ? proof_negations(&p) : rc;
}

/* The checker: values and names. */
// SPDX-License-Identifier: MIT
#include "gateway/core/proof.h"

#include <string.h>

#include "gateway/core/proof_parts.h"
#include "gateway/core/story_parts.h"

enum { ACRONYM_MOST = 12 };

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
    static const char *const counted[] = {"tdp", "so", "to", "thon", "khu", "ngo", "pho"};
    size_t least = 3;
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        least = before && str_equal_z(before->key, counted[i]) ? 2 : least;
    }
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
        for (size_t i = 0; off[i] && m->line == mark->line; i++) {
            replaced = replaced || str_equal_z(m->key, off[i]);
        }
        for (size_t i = 0; anew[i]; i++) {
            replaced = replaced && !str_equal_z(m->key, anew[i]);
        }
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

static int
check_fact(const struct proof *p, const struct mark *mark)
{
    bool there = is_short_number(p, mark), fresh = there;
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

static int
check_value(const struct proof *p, const struct mark *m)
{
    bool good = true;
    switch (m->kind) {
    case MARK_WORD:
    case MARK_NUMBER:
        good = !is_number_word(m->key) || digits_are_there(p, m);
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

/* ---- Names. */

static bool
word_is_there(const struct proof *p, const struct mark *mark, bool as_name)
{
    for (size_t i = 0; i < p->source.n; i++) {
        const struct mark *m = &p->source.mark[i];
        if (str_equal(m->key, mark->key) && (m->capital || !as_name)) {
            return true;
        }
    }
    return false;
}

/* The letters are the beginnings of words that follow one another: "TDP" of "tổ dân phố". */
static bool
is_acronym(const struct proof *p, struct str key)
{
    if (key.n == 0 || key.n > ACRONYM_MOST) {
        return false;
    }
    for (size_t i = 0; i + key.n <= p->source.n; i++) {
        size_t n = 0;
        while (n < key.n && p->source.mark[i + n].key.n > 0 &&
               p->source.mark[i + n].key.p[0] == key.p[n]) {
            n++;
        }
        if (n == key.n) {
            return true;
        }
    }
    return false;
}

static bool
is_brief(const struct proof *p, const struct mark *mark)
{
    const struct dictionary *d = &p->story->detail->phrases->abbreviations;
    struct plain plain;
    struct str here = {p->text.text.p + mark->from, mark->to - mark->from};
    for (size_t i = 0; i < d->n; i++) {
        struct str brief = d->entry[i].brief;
        plain_of(p->arena, brief, &plain);
        bool same = plain.n == mark->key.n;
        for (size_t k = 0; k < plain.n && same; k++) {
            char c = plain.sign[k];
            same = (c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) == mark->key.p[k];
        }
        if (same || str_equal(brief, here)) {
            return true;
        }
    }
    return false;
}

static bool
is_known_brief(const struct mark *mark)
{
    static const char *const words[] = {"khan", "cn", "dt", "tp", "hn", "vnd", "t2",  "t3",
                                        "t4",   "t5", "t6", "t7", "kl", "hcm", "ubnd"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_equal_z(mark->key, words[i])) {
            return true;
        }
    }
    return false;
}

static bool
follow_there(const struct proof *p, const struct mark *a, const struct mark *b)
{
    for (size_t i = 0; i + 1 < p->source.n; i++) {
        if (str_equal(p->source.mark[i].key, a->key) &&
            str_equal(p->source.mark[i + 1].key, b->key)) {
            return true;
        }
    }
    return false;
}

/* "Một cửa" for "một cửa": the word with its neighbour stands there in small letters. */
static bool
is_phrase(const struct proof *p, size_t i)
{
    const struct mark *m = &p->text.mark[i];
    const struct mark *next = i + 1 < p->text.n ? m + 1 : NULL;
    const struct mark *before = i > 0 ? m - 1 : NULL;
    return (next && next->clause == m->clause && !next->capital && follow_there(p, m, next)) ||
           (before && before->clause == m->clause && follow_there(p, before, m));
}

int
proof_names(const struct proof *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        const struct mark *m = &p->text.mark[i];
        if (m->kind != MARK_WORD || !m->capital) {
            continue;
        }
        bool name = !m->first && !m->all_capitals;
        bool known = (!name && !m->all_capitals) || word_is_there(p, m, name) ||
                     is_known_brief(m) || is_acronym(p, m->key) || is_brief(p, m) ||
                     is_phrase(p, i);
        if (!known) {
            return proof_wrong(p, m, "is no name in the announcement");
        }
        const struct mark *next = i + 1 < p->text.n ? m + 1 : NULL;
        bool joined = next && next->kind == MARK_WORD && next->capital && !m->first &&
                      !next->all_capitals && !m->all_capitals && next->clause == m->clause &&
                      !next->first && m->key.n > 1 && next->key.n > 1;
        if (joined && !follow_there(p, m, next)) {
            return proof_wrong(p, next, "does not follow that name in the announcement");
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
    rc = rc == 0 ? proof_amounts(&p) : rc;
    return rc == 0 ? proof_negations(&p) : rc;
}

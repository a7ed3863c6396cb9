/* The checker: amounts with their units, their limits and what they are of. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/proof_parts.h"

enum { OF_REACH = 5, CUE_REACH = 2, COUNT_REACH = 3, BEHIND_REACH = 8 };

static bool
is_unit(const struct mark *m)
{
    static const char *const units[] = {"dong",  "trieu", "ty",    "ti",  "nghin", "ngan", "tuoi",
                                        "thang", "tan",   "kg",    "ha",  "km",    "m",    "mm",
                                        "lit",   "ho",    "nguoi", "cho", "ngay",  NULL};
    return mark_one_of(m, units);
}

/* The unit right behind the number at `i`; NULL if it has none. */
static const struct mark *
unit_of(const struct marks *marks, size_t i)
{
    const struct mark *next = i + 1 < marks->n ? &marks->mark[i + 1] : NULL;
    bool here = marks->mark[i].kind == MARK_NUMBER && next && next->kind == MARK_WORD &&
                next->clause == marks->mark[i].clause && is_unit(next);
    return here ? next : NULL;
}

/* ---- 60 triệu is not 60 tỷ. */

static bool
has_other_unit(const struct proof *p, size_t i)
{
    const struct mark *unit = unit_of(&p->text, i);
    bool other = false;
    for (size_t k = 0; k < p->source.n && unit; k++) {
        if (!mark_same(&p->source.mark[k], &p->text.mark[i])) {
            continue;
        }
        const struct mark *theirs = unit_of(&p->source, k);
        if (!theirs || str_equal(theirs->key, unit->key)) {
            return false;
        }
        other = true;
    }
    return other;
}

/* ---- 50.000 đồng/người is not 50.000 đồng/hộ. */

/* The digits at the head of "50.000" or "50.000đ". */
static struct str
digits_of(const struct mark *m)
{
    size_t n = 0;
    bool may = m->kind == MARK_NUMBER || m->kind == MARK_WORD;
    while (may && n < m->key.n && strchr("0123456789.,", m->key.p[n])) {
        n++;
    }
    return (struct str){m->key.p, n};
}

/* The word that a stroke joins to the mark at `i`: "người" of "đồng/người"; NULL: none is. */
static const struct mark *
rate_behind(const struct marks *marks, size_t i)
{
    const struct mark *m = &marks->mark[i], *next = i + 1 < marks->n ? m + 1 : NULL;
    bool joined = next && next->kind == MARK_WORD && next->line == m->line && next->from > m->to &&
                  memchr(marks->text.p + m->to, '/', next->from - m->to) != NULL;
    return joined && digits_of(next).n == 0 ? next : NULL;
}

/* Where the strokes behind the amount at `i` begin: behind its unit. */
static size_t
unit_end(const struct marks *marks, size_t i)
{
    while (i + 1 < marks->n && marks->mark[i + 1].clause == marks->mark[i].clause &&
           is_unit(&marks->mark[i + 1]) && !rate_behind(marks, i)) {
        i++;
    }
    return i;
}

/* Whether the amount at `i` is one a `rate`; of "/ng" it is enough that one there begins so. */
static bool
has_rate(const struct marks *marks, size_t i, const struct mark *rate)
{
    const struct mark *m = NULL;
    for (size_t k = unit_end(marks, i); (m = rate_behind(marks, k)) != NULL; k++) {
        if (str_starts(m->key, rate->key)) {
            return true;
        }
    }
    return false;
}

/* The amount at `i` of the text is one a `rate`, in the source one of something else. */
static bool
is_rate_of_another(const struct proof *p, size_t i, const struct mark *rate)
{
    bool other = false;
    for (size_t k = 0; k < p->source.n; k++) {
        if (!str_equal(digits_of(&p->source.mark[k]), digits_of(&p->text.mark[i]))) {
            continue;
        }
        if (!rate_behind(&p->source, unit_end(&p->source, k)) || has_rate(&p->source, k, rate)) {
            return false;
        }
        other = true;
    }
    return other;
}

static bool
has_other_rate(const struct proof *p, size_t i)
{
    const struct mark *rate = NULL;
    bool other = false;
    if (digits_of(&p->text.mark[i]).n == 0) {
        return false;
    }
    for (size_t k = unit_end(&p->text, i); (rate = rate_behind(&p->text, k)) != NULL; k++) {
        other = other || is_rate_of_another(p, i, rate);
    }
    return other;
}

/* ---- From 40 is not below 40. */

enum limit { LIMIT_NONE, LIMIT_LEAST, LIMIT_MOST };

static enum limit
limit_of(const struct marks *marks, size_t at)
{
    static const char *const least[] = {"tu", "tren", "thieu", "nhat", "hon", NULL};
    static const char *const most[] = {"duoi", "da", "qua", NULL};
    for (size_t i = at; i > 0 && i + CUE_REACH > at; i--) {
        const struct mark *m = &marks->mark[i - 1];
        if (m->clause != marks->mark[at].clause || m->kind != MARK_WORD) {
            break;
        }
        if (mark_one_of(m, least) || mark_one_of(m, most)) {
            return mark_one_of(m, most) ? LIMIT_MOST : LIMIT_LEAST;
        }
    }
    return LIMIT_NONE;
}

/* The text sets a limit where the announcement sets the opposite one. */
static bool
has_other_limit(const struct proof *p, size_t i)
{
    enum limit limit = unit_of(&p->text, i) ? limit_of(&p->text, i) : LIMIT_NONE;
    size_t agreeing = 0, opposite = 0;
    for (size_t k = 0; k < p->source.n && limit != LIMIT_NONE; k++) {
        bool same = mark_same(&p->source.mark[k], &p->text.mark[i]);
        enum limit theirs = same ? limit_of(&p->source, k) : limit;
        agreeing += same && (theirs == limit || theirs == LIMIT_NONE);
        opposite += theirs != limit;
    }
    return opposite > 0 && agreeing == 0;
}

/* Whether "trước" (or "sau") stands right before the date or time at `i`. */
static bool
has_before(const struct marks *marks, size_t i, const char *word)
{
    size_t k = i;
    while (k > 0 &&
           (str_equal_z(marks->mark[k - 1].key, "ngay") || marks->mark[k - 1].kind == MARK_TIME)) {
        k--;
    }
    return k > 0 && str_equal_z(marks->mark[k - 1].key, word) &&
           marks->mark[k - 1].line == marks->mark[i].line;
}

/* Whether `key` stands within a few words behind the mark at `i`, in its line. */
static bool
stands_behind(const struct marks *marks, size_t i, struct str key)
{
    for (size_t k = i + 1; k < marks->n && k <= i + BEHIND_REACH; k++) {
        if (marks->mark[k].line == marks->mark[i].line && str_equal(marks->mark[k].key, key)) {
            return true;
        }
    }
    return false;
}

/* Whether two words behind text mark `i` stand behind source mark `k` as well. */
static bool
go_on_alike(const struct proof *p, size_t i, size_t k)
{
    size_t n = 0;
    for (size_t t = i + 1; t < p->text.n && t <= i + BEHIND_REACH; t++) {
        const struct mark *m = &p->text.mark[t];
        n += m->line == p->text.mark[i].line && m->kind == MARK_WORD && m->key.n > 1 &&
             !mark_is_filler(m) && stands_behind(&p->source, k, m->key);
    }
    return n >= 2;
}

/* "sau 06/12" where the announcement says "trước 06/12", or the other way round: that which also
 * ends a span ("đến 9h00") is told so only when what follows is the same. */
static bool
is_other_side(const struct proof *p, size_t i)
{
    bool after = has_before(&p->text, i, "sau"), before = has_before(&p->text, i, "truoc");
    bool opposite = false, same_side = false;
    for (size_t k = 0; k < p->source.n && (after || before); k++) {
        if (mark_same(&p->source.mark[k], &p->text.mark[i])) {
            bool other = has_before(&p->source, k, after ? "truoc" : "sau");
            opposite = opposite || (other && (after || go_on_alike(p, i, k)));
            same_side = same_side || has_before(&p->source, k, after ? "sau" : "truoc");
        }
    }
    return opposite && !same_side;
}

/* ---- What it is of: "thu 214 tỷ, chi 209 tỷ". */

/* The amount that follows word `at` within a few words of its clause; `at` if none does. */
static size_t
amount_behind(const struct marks *marks, size_t at)
{
    for (size_t i = at + 1; i < marks->n && i <= at + OF_REACH; i++) {
        if (marks->mark[i].clause != marks->mark[at].clause) {
            break;
        }
        if (marks->mark[i].kind == MARK_NUMBER) {
            return unit_of(marks, i) ? i : at;
        }
    }
    return at;
}

static bool
says_of_what(const struct mark *m)
{
    static const char *const no[] = {"tu",   "den", "tren", "duoi", "la",  "qua", "da",  "thieu",
                                     "nhat", "hon", "va",   "muc",  "con", "cho", "dat", NULL};
    return m->kind == MARK_WORD && m->key.n > 1 && !is_unit(m) && !mark_one_of(m, no);
}

/* The word before the amount at `i` has another amount, of the same unit, wherever the announcement
 * says one behind it, and the text's own stands behind other words there. */
static bool
is_of_another(const struct proof *p, size_t i)
{
    const struct mark *unit = unit_of(&p->text, i);
    const struct mark *word = i > 0 ? &p->text.mark[i - 1] : NULL;
    bool other = false;
    if (!unit || !word || word->clause != p->text.mark[i].clause || !says_of_what(word)) {
        return false;
    }
    for (size_t k = 0; k < p->source.n; k++) {
        size_t n = str_equal(p->source.mark[k].key, word->key) ? amount_behind(&p->source, k) : k;
        if (n == k) {
            continue;
        }
        if (mark_same(&p->source.mark[n], &p->text.mark[i])) {
            return false;
        }
        other = other || str_equal(p->source.mark[n + 1].key, unit->key);
    }
    return other;
}

/* ---- "25 doanh nghiệp, 1.200 lao động". */

/* The word right behind the number at `i`; NULL if none is. */
static const struct mark *
counted_by(const struct marks *marks, size_t i)
{
    const struct mark *next = i + 1 < marks->n ? &marks->mark[i + 1] : NULL;
    bool counts = marks->mark[i].kind == MARK_NUMBER && next &&
                  next->clause == marks->mark[i].clause && !mark_is_filler(next) &&
                  (says_of_what(next) || is_unit(next));
    return counts ? next : NULL;
}

/* Whether `what` stands within a few words behind the number at `k`, in its clause. */
static bool
counts_there(const struct marks *marks, size_t k, const struct mark *what)
{
    for (size_t i = k + 1; i < marks->n && i <= k + COUNT_REACH; i++) {
        if (marks->mark[i].clause == marks->mark[k].clause &&
            str_equal(marks->mark[i].key, what->key)) {
            return true;
        }
    }
    return false;
}

/* The number at `i` counts what only another number counts in the source, where it counts
 * something else itself. */
static bool
counts_another(const struct proof *p, size_t i)
{
    const struct mark *what = counted_by(&p->text, i);
    bool theirs = false, ours = false;
    for (size_t k = 0; k < p->source.n && what; k++) {
        bool same = mark_same(&p->source.mark[k], &p->text.mark[i]);
        const struct mark *there = counted_by(&p->source, k);
        if (same && counts_there(&p->source, k, what)) {
            return false;
        }
        ours = ours || (same && there);
        theirs = theirs || (!same && there && str_equal(there->key, what->key));
    }
    return ours && theirs;
}

/* ---- "buổi chiều" where all is told of a morning. */

static bool
is_another_half(const struct proof *p, size_t i)
{
    static const char *const halves[] = {"sang", "chieu", "toi", NULL};
    const struct mark *half = i + 1 < p->text.n ? &p->text.mark[i + 1] : NULL;
    bool other = false;
    if (!half || !str_equal_z(p->text.mark[i].key, "buoi") || !mark_one_of(half, halves)) {
        return false;
    }
    for (size_t k = 0; k < p->source.n; k++) {
        const struct mark *m = &p->source.mark[k];
        if (str_equal(m->key, half->key)) {
            return false;
        }
        other = other || mark_one_of(m, halves);
    }
    return other;
}

int
proof_amounts(const struct proof *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        const struct mark *m = &p->text.mark[i];
        bool stamped = m->kind == MARK_DATE || m->kind == MARK_TIME;
        if (has_other_unit(p, i)) {
            return proof_wrong(p, m, "is of another unit in the announcement");
        }
        if (has_other_limit(p, i)) {
            return proof_wrong(p, m, "is the opposite limit in the announcement");
        }
        if (stamped && is_other_side(p, i)) {
            return proof_wrong(p, m, "stands on the other side of it in the announcement");
        }
        if (has_other_rate(p, i)) {
            return proof_wrong(p, m, "is one of another measure in the announcement");
        }
        if (is_of_another(p, i) || counts_another(p, i)) {
            return proof_wrong(p, m, "is of something else in the announcement");
        }
        if (is_another_half(p, i)) {
            return proof_wrong(p, m, "is another part of the day in the announcement");
        }
    }
    return 0;
}

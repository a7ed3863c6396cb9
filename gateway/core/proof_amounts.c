/* The checker: amounts with their units, their limits and what they are of. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/proof_parts.h"

enum { OF_REACH = 5, CUE_REACH = 2 };

static bool
is_one_of(struct str key, const char *const *words)
{
    for (; *words; words++) {
        if (str_equal_z(key, *words)) {
            return true;
        }
    }
    return false;
}

static bool
is_unit(struct str key)
{
    static const char *const units[] = {"dong",  "trieu", "ty",    "ti",  "nghin", "ngan", "tuoi",
                                        "thang", "tan",   "kg",    "ha",  "km",    "m",    "mm",
                                        "lit",   "ho",    "nguoi", "cho", "ngay",  NULL};
    return is_one_of(key, units);
}

/* The unit right behind the number at `i`; NULL if it has none. */
static const struct mark *
unit_of(const struct marks *marks, size_t i)
{
    const struct mark *next = i + 1 < marks->n ? &marks->mark[i + 1] : NULL;
    bool here = marks->mark[i].kind == MARK_NUMBER && next && next->kind == MARK_WORD &&
                next->clause == marks->mark[i].clause && is_unit(next->key);
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
        if (is_one_of(m->key, least) || is_one_of(m->key, most)) {
            return is_one_of(m->key, most) ? LIMIT_MOST : LIMIT_LEAST;
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

/* "sau 06/12" where the announcement says "trước 06/12". */
static bool
is_after_deadline(const struct proof *p, size_t i)
{
    bool before = false, after = false;
    if (!has_before(&p->text, i, "sau")) {
        return false;
    }
    for (size_t k = 0; k < p->source.n; k++) {
        bool same = mark_same(&p->source.mark[k], &p->text.mark[i]);
        before = before || (same && has_before(&p->source, k, "truoc"));
        after = after || (same && has_before(&p->source, k, "sau"));
    }
    return before && !after;
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
    return m->kind == MARK_WORD && m->key.n > 1 && !is_unit(m->key) && !is_one_of(m->key, no);
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

/* ---- "buổi chiều" where all is told of a morning. */

static bool
is_another_half(const struct proof *p, size_t i)
{
    static const char *const halves[] = {"sang", "chieu", "toi", NULL};
    const struct mark *half = i + 1 < p->text.n ? &p->text.mark[i + 1] : NULL;
    bool other = false;
    if (!half || !str_equal_z(p->text.mark[i].key, "buoi") || !is_one_of(half->key, halves)) {
        return false;
    }
    for (size_t k = 0; k < p->source.n; k++) {
        const struct mark *m = &p->source.mark[k];
        if (str_equal(m->key, half->key)) {
            return false;
        }
        other = other || is_one_of(m->key, halves);
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
        if (stamped && is_after_deadline(p, i)) {
            return proof_wrong(p, m, "is a day before which, not after which");
        }
        if (is_of_another(p, i)) {
            return proof_wrong(p, m, "is of something else in the announcement");
        }
        if (is_another_half(p, i)) {
            return proof_wrong(p, m, "is another part of the day in the announcement");
        }
    }
    return 0;
}

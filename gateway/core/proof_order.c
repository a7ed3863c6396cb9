/* The checker: dates and times where they belong. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/proof_parts.h"

enum { PAIR_REACH = 3, CUE_REACH = 6, CONTEXT_REACH = 8, FAR = 1000 };
static const double SWAP_MARGIN = 2.0;

/* Words from `a` to `b`, fillers not counted; large when they stand in different lines. */
static size_t
distance(const struct marks *marks, size_t a, size_t b)
{
    size_t n = 0;
    if (marks->mark[a].line != marks->mark[b].line) {
        return FAR;
    }
    for (size_t i = (a < b ? a : b) + 1; i < (a < b ? b : a); i++) {
        n += !mark_is_filler(&marks->mark[i]);
    }
    return n;
}

/* The smallest distance from `at` to a mark of `kind`. */
static size_t
nearest(const struct marks *marks, size_t at, enum mark_kind kind)
{
    size_t best = FAR;
    for (size_t i = 0; i < marks->n; i++) {
        if (i != at && marks->mark[i].kind == kind) {
            size_t d = distance(marks, at, i);
            best = d < best ? d : best;
        }
    }
    return best;
}

/* Whether the dates at `a` and `b` are of one list: "02/12 và 03/12". */
static bool
are_listed(const struct proof *p, size_t a, size_t b)
{
    size_t apart = 0;
    for (size_t i = (a < b ? a : b) + 1; i < (a < b ? b : a); i++) {
        const struct mark *m = &p->source.mark[i];
        apart += !mark_is_filler(m) && m->kind == MARK_WORD && !str_equal_z(m->key, "va");
    }
    return apart == 0;
}

/* Whether right beside the time at `t` of the source stands another date than that at `d`, which is
 * no list with it. */
static bool
has_own_date(const struct proof *p, size_t t, size_t d)
{
    bool own = false;
    for (size_t i = 0; i < p->source.n; i++) {
        bool beside = p->source.mark[i].kind == MARK_DATE && distance(&p->source, t, i) == 0;
        if (beside && (i == d || are_listed(p, i, d))) {
            return false;
        }
        own = own || beside;
    }
    return own;
}

/* Whether `date` is the nearest to the time at `t` of the source, or that time the nearest to it.
 */
static bool
has_date(const struct proof *p, size_t t, const struct mark *date)
{
    size_t near_date = nearest(&p->source, t, MARK_DATE);
    for (size_t d = 0; d < p->source.n; d++) {
        size_t n = mark_same(&p->source.mark[d], date) ? distance(&p->source, t, d) : FAR;
        if (n < FAR && !has_own_date(p, t, d) &&
            (n <= near_date || n <= nearest(&p->source, d, MARK_TIME))) {
            return true;
        }
    }
    return false;
}

/* Whether somewhere in the source this date is that time's, or no line says whose it is. */
static bool
belong_together(const struct proof *p, const struct mark *time, const struct mark *date)
{
    bool alone = true;
    for (size_t t = 0; t < p->source.n; t++) {
        if (!mark_same(&p->source.mark[t], time)) {
            continue;
        }
        if (has_date(p, t, date)) {
            return true;
        }
        alone = alone && nearest(&p->source, t, MARK_DATE) == FAR;
    }
    return alone;
}

/* The date right behind the time at `i` of the text; NULL if none is. */
static const struct mark *
date_behind(const struct proof *p, size_t i)
{
    for (size_t k = i + 1; k < p->text.n && k <= i + PAIR_REACH; k++) {
        const struct mark *m = &p->text.mark[k];
        if (m->kind == MARK_DATE && m->clause == p->text.mark[i].clause) {
            return distance(&p->text, i, k) == 0 ? m : NULL;
        }
    }
    return NULL;
}

static int
check_pairs(const struct proof *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        const struct mark *time = &p->text.mark[i];
        const struct mark *date = time->kind == MARK_TIME ? date_behind(p, i) : NULL;
        if (date && !belong_together(p, time, date)) {
            return proof_wrong(p, date, "has another time in the announcement");
        }
    }
    return 0;
}

/* ---- Ranges. */

static bool
is_range_word(struct str key)
{
    return str_equal_z(key, "den") || str_equal_z(key, "het") || str_equal_z(key, "toi");
}

/* Whether the lines of the source that hold both have `b` always before `a`. */
static bool
are_reversed(const struct proof *p, const struct mark *a, const struct mark *b)
{
    size_t forward = 0, back = 0;
    for (size_t i = 0; i < p->source.n; i++) {
        bool here = mark_same(&p->source.mark[i], a);
        for (size_t k = 0; here && k < p->source.n; k++) {
            bool both = mark_same(&p->source.mark[k], b) && distance(&p->source, i, k) < FAR;
            forward += both && k > i;
            back += both && k < i;
        }
    }
    return back > 0 && forward == 0;
}

/* The mark that ends the range that begins with text mark `i`; NULL if none does. */
static const struct mark *
range_end(const struct proof *p, size_t i)
{
    const struct mark *a = &p->text.mark[i];
    bool word = false;
    for (size_t k = i + 1; k < p->text.n && k <= i + CUE_REACH; k++) {
        const struct mark *b = &p->text.mark[k];
        if (b->kind == a->kind && b->clause == a->clause) {
            bool dash = b->from >= a->to && memchr(p->text.text.p + a->to, '-', b->from - a->to);
            return word || dash || b->from == a->from ? b : NULL;
        }
        word = word || is_range_word(b->key);
    }
    return NULL;
}

static int
check_ranges(const struct proof *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        const struct mark *a = &p->text.mark[i];
        bool stamped = a->kind == MARK_DATE || a->kind == MARK_TIME;
        const struct mark *b = stamped ? range_end(p, i) : NULL;
        if (b && are_reversed(p, a, b)) {
            return proof_wrong(p, b, "ends a range that begins with it in the announcement");
        }
    }
    return 0;
}

/* ---- "trước", "chậm nhất", "hết", "sau": whose date it is. */

/* "chậm nhất", not "Chủ nhật". */
static bool
is_cue(const struct marks *marks, size_t i)
{
    static const char *const words[] = {"truoc", "han", "het", NULL};
    static const char *const latest[] = {"cham", "muon", NULL};
    const struct mark *m = &marks->mark[i];
    return mark_one_of(m, words) ||
           (str_equal_z(m->key, "nhat") && i > 0 && mark_one_of(m - 1, latest));
}

/* A cue stands within a few words before the mark, no other date between. */
static bool
has_cue(const struct marks *marks, size_t at, size_t reach)
{
    for (size_t i = at; i > 0 && i + reach > at;) {
        i--;
        const struct mark *m = &marks->mark[i];
        if (m->kind == MARK_DATE || m->line != marks->mark[at].line) {
            return false;
        }
        if (is_cue(marks, i)) {
            return true;
        }
    }
    return false;
}

static int
check_cues(const struct proof *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        const struct mark *date = &p->text.mark[i];
        bool stamped = (date->kind == MARK_DATE && date->stamp.day > 0) || date->kind == MARK_TIME;
        if (!stamped || date->limit || !has_cue(&p->text, i, 3)) {
            continue;
        }
        bool cue = false;
        for (size_t k = 0; k < p->source.n && !cue; k++) {
            const struct mark *s = &p->source.mark[k];
            cue = mark_same(s, date) && (s->limit || has_cue(&p->source, k, CUE_REACH));
        }
        if (!cue) {
            return proof_wrong(p, date, "is no limit in the announcement");
        }
    }
    return 0;
}

/* ---- Two that have changed places: each fits the other's surroundings better than its own. */

/* Whether `word` stands near source mark `s`, in its line. */
static bool
stands_near(const struct proof *p, size_t s, struct str word)
{
    for (size_t k = s > CONTEXT_REACH ? s - CONTEXT_REACH : 0;
         k < p->source.n && k < s + CONTEXT_REACH; k++) {
        const struct mark *m = &p->source.mark[k];
        if (m->line == p->source.mark[s].line && str_equal(m->key, word)) {
            return true;
        }
    }
    return false;
}

/* How well the words around text mark `at` are those around source mark `s`: the near ones more. */
static double
fit_one(const struct proof *p, size_t at, size_t s)
{
    double sum = 0;
    for (size_t i = at > CONTEXT_REACH ? at - CONTEXT_REACH : 0;
         i < p->text.n && i < at + CONTEXT_REACH; i++) {
        const struct mark *word = &p->text.mark[i];
        bool counts = i != at && word->line == p->text.mark[at].line && !mark_is_filler(word) &&
                      word->key.n > 1 && word->kind == MARK_WORD;
        double away = (double)(i < at ? at - i : i - at);
        sum += counts && stands_near(p, s, word->key) ? 1.0 / (1.0 + 0.15 * away) : 0;
    }
    return sum;
}

/* The best of it over all source marks that say `like`. */
static double
fit(const struct proof *p, size_t at, const struct mark *like)
{
    double best = 0;
    for (size_t s = 0; s < p->source.n; s++) {
        double one = mark_same(&p->source.mark[s], like) ? fit_one(p, at, s) : 0;
        best = one > best ? one : best;
    }
    return best;
}

static bool
have_swapped(const struct proof *p, size_t i, size_t k)
{
    const struct mark *a = &p->text.mark[i], *b = &p->text.mark[k];
    if (b->kind != a->kind || mark_same(a, b)) {
        return false;
    }
    double own = fit(p, i, a) + fit(p, k, b);
    return fit(p, i, b) + fit(p, k, a) > own + SWAP_MARGIN;
}

/* Whether the date or time at `i` of the text has changed places with one behind it. */
static bool
is_swapped(const struct proof *p, size_t i)
{
    bool swapped = false;
    for (size_t k = i + 1; k < p->text.n && !swapped; k++) {
        swapped = have_swapped(p, i, k);
    }
    return swapped;
}

static int
check_swaps(const struct proof *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        const struct mark *a = &p->text.mark[i];
        bool stamped = a->kind == MARK_DATE || a->kind == MARK_TIME;
        if (stamped && is_swapped(p, i)) {
            return proof_wrong(p, a, "stands where the announcement has another");
        }
    }
    return 0;
}

int
proof_places(const struct proof *p)
{
    int rc = check_pairs(p);
    rc = rc == 0 ? check_ranges(p) : rc;
    rc = rc == 0 ? check_cues(p) : rc;
    return rc == 0 ? check_swaps(p) : rc;
}

/* The checker: a date, a time or a phone with the words that are another's. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/proof_parts.h"

enum { LEADS = 2, LEAD_REACH = 6, BEFORE_REACH = 12, SENTENCE = 4, ENOUGH = 2 };

static bool
is_telling(const struct mark *m)
{
    static const char *const no[] = {"den",  "het",   "tai",  "la", "qua",   "so",
                                     "theo", "goi",   "hoac", "va", "dien",  "thoai",
                                     "dt",   "truoc", "cac",  "o",  "trong", NULL};
    return m->kind == MARK_WORD && m->key.n > 1 && !mark_is_filler(m) && !mark_one_of(m, no);
}

/* ---- "chi trả 06/01" where all that is paid out on that day is something else. */

/* The last words that tell something before the mark at `i`, in its clause; fewer than LEADS:
 * another fact stands between, or there are none. */
static size_t
leads_of(const struct marks *marks, size_t i, const struct mark *out[LEADS])
{
    size_t n = 0;
    for (size_t k = i; k > 0 && k + LEAD_REACH > i && n < LEADS; k--) {
        const struct mark *m = &marks->mark[k - 1];
        bool beside = n == 0 && marks->mark[i].kind == MARK_DATE && m->kind == MARK_TIME;
        if (m->clause != marks->mark[i].clause || (m->kind != MARK_WORD && !beside)) {
            break;
        }
        if (is_telling(m)) {
            out[n++] = m;
        } else if (n > 0) {
            break;
        }
    }
    return n;
}

static bool
has_leads(const struct marks *marks, size_t i, const struct mark *const wanted[LEADS])
{
    const struct mark *leads[LEADS];
    return leads_of(marks, i, leads) == LEADS && str_equal(leads[0]->key, wanted[0]->key) &&
           str_equal(leads[1]->key, wanted[1]->key);
}

/* Whether the leads stand anywhere before the mark at `i`, in its line. */
static bool
stand_before(const struct marks *marks, size_t i, const struct mark *const leads[LEADS])
{
    for (size_t k = i; k > 1 && k + BEFORE_REACH > i; k--) {
        if (marks->mark[k - 1].line == marks->mark[i].line &&
            str_equal(marks->mark[k - 1].key, leads[0]->key)) {
            return true;
        }
    }
    return false;
}

/* Whether a sentence stands before the mark at `i`: behind "Thời gian:" nothing tells whose it
 * is. */
static bool
is_in_sentence(const struct marks *marks, size_t i)
{
    size_t n = 0;
    for (size_t k = i; k > 0 && marks->mark[k - 1].line == marks->mark[i].line; k--) {
        n += is_telling(&marks->mark[k - 1]);
    }
    return n >= SENTENCE;
}

/* A day or a time of day, not a month. */
static bool
is_moment(const struct mark *m)
{
    return m->kind == MARK_TIME || (m->kind == MARK_DATE && m->stamp.day > 0);
}

/* The fact at `i` stands behind words that stand behind another in the source, and never before
 * it. */
static bool
has_leads_of_another(const struct proof *p, size_t i)
{
    const struct mark *m = &p->text.mark[i], *leads[LEADS];
    bool phone = m->kind == MARK_PHONE, another = false, told = false;
    if (!(phone || is_moment(m)) || leads_of(&p->text, i, leads) < LEADS) {
        return false;
    }
    for (size_t k = 0; k < p->source.n; k++) {
        const struct mark *s = &p->source.mark[k];
        bool same = mark_same(s, m);
        if (same &&
            ((!phone && !is_in_sentence(&p->source, k)) || stand_before(&p->source, k, leads))) {
            return false;
        }
        told = told || same;
        bool like = s->kind == m->kind && (phone || is_moment(s));
        another = another || (!same && like && has_leads(&p->source, k, leads));
    }
    return another && told;
}

/* ---- Two dates of a list whose words have changed places. */

/* Marks [from, to) that belong to a date. */
struct span {
    size_t from, to;
};

static struct span
line_of(const struct marks *marks, size_t i)
{
    struct span line = {i, i + 1};
    while (line.from > 0 && marks->mark[line.from - 1].line == marks->mark[i].line) {
        line.from--;
    }
    while (line.to < marks->n && marks->mark[line.to].line == marks->mark[i].line) {
        line.to++;
    }
    return line;
}

static bool
is_other_date(const struct marks *marks, size_t i, size_t k)
{
    return marks->mark[k].kind == MARK_DATE && !mark_same(&marks->mark[k], &marks->mark[i]);
}

/* From the mark at `i` to the next of another date, or the line's end. */
static struct span
behind(const struct marks *marks, size_t i, struct span line)
{
    size_t to = i + 1;
    while (to < line.to && !is_other_date(marks, i, to)) {
        to++;
    }
    return (struct span){i + 1, to};
}

static struct span
before(const struct marks *marks, size_t i, struct span line)
{
    size_t from = i;
    while (from > line.from && !is_other_date(marks, i, from - 1)) {
        from--;
    }
    return (struct span){from, i};
}

/* What belongs to the date at `i` of the source: its line; in one of several dates what stands
 * behind it when the line begins with a date, what stands before it when it ends with one. */
static struct span
span_of(const struct marks *marks, size_t i)
{
    struct span line = line_of(marks, i);
    size_t first = line.from;
    while (first < line.to && mark_is_filler(&marks->mark[first])) {
        first++;
    }
    if (first < line.to && marks->mark[first].kind == MARK_DATE) {
        return behind(marks, i, line);
    }
    return marks->mark[line.to - 1].kind == MARK_DATE ? before(marks, i, line) : line;
}

static bool
holds(const struct marks *marks, struct span span, const struct mark *wanted)
{
    for (size_t i = span.from; i < span.to; i++) {
        if (mark_same(&marks->mark[i], wanted)) {
            return true;
        }
    }
    return false;
}

/* Whether the source says `word` with the date. */
static bool
is_said_with(const struct proof *p, const struct mark *date, const struct mark *word)
{
    for (size_t k = 0; k < p->source.n; k++) {
        if (mark_same(&p->source.mark[k], date) &&
            holds(&p->source, span_of(&p->source, k), word)) {
            return true;
        }
    }
    return false;
}

/* How much of a span of the text the source says with `a` and not with `b`: a number or a time
 * counts as two words. */
static size_t
weigh_own(const struct proof *p, struct span span, const struct mark *a, const struct mark *b)
{
    size_t sum = 0;
    for (size_t i = span.from; i < span.to; i++) {
        const struct mark *m = &p->text.mark[i];
        size_t weight = m->kind == MARK_NUMBER || m->kind == MARK_TIME ? ENOUGH : is_telling(m);
        sum += weight > 0 && is_said_with(p, a, m) && !is_said_with(p, b, m) ? weight : 0;
    }
    return sum;
}

/* Whether a span of the text is one of the two dates' and not of both. */
static bool
is_theirs(const struct proof *p, const struct mark *const date[2], struct span span)
{
    return weigh_own(p, span, date[0], date[1]) >= ENOUGH ||
           weigh_own(p, span, date[1], date[0]) >= ENOUGH;
}

/* Each span has what the source says with the other date, and nothing of its own. */
static bool
are_crossed(const struct proof *p, const struct mark *const date[2], const struct span span[2])
{
    return weigh_own(p, span[0], date[1], date[0]) >= ENOUGH &&
           weigh_own(p, span[1], date[0], date[1]) >= ENOUGH &&
           weigh_own(p, span[0], date[0], date[1]) == 0 &&
           weigh_own(p, span[1], date[1], date[0]) == 0;
}

/* The dates at `i` and at `k`, the next other one of the line, have changed places.  Whether their
 * words stand before or behind them, the end of the line tells that has none. */
static bool
have_crossed(const struct proof *p, size_t i, size_t k)
{
    const struct mark *const date[2] = {&p->text.mark[i], &p->text.mark[k]};
    struct span line = line_of(&p->text, i);
    struct span head = before(&p->text, i, line), middle = {i + 1, k};
    struct span tail = behind(&p->text, k, line);
    bool led = head.from == line.from && is_theirs(p, date, head);
    bool followed = tail.to == line.to && is_theirs(p, date, tail);
    if (led == followed) {
        return false;
    }
    return led ? are_crossed(p, date, (struct span[2]){head, middle})
               : are_crossed(p, date, (struct span[2]){middle, tail});
}

static bool
is_crossed(const struct proof *p, size_t i)
{
    struct span line = line_of(&p->text, i);
    for (size_t k = i + 1; k < line.to; k++) {
        if (is_other_date(&p->text, i, k)) {
            return have_crossed(p, i, k);
        }
    }
    return false;
}

int
proof_bonds(const struct proof *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        const struct mark *m = &p->text.mark[i];
        if (has_leads_of_another(p, i) || (m->kind == MARK_DATE && is_crossed(p, i))) {
            return proof_wrong(p, m, "stands with the words of another in the announcement");
        }
    }
    return 0;
}

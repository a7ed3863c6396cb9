/* The checker: nothing turned round. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/proof_parts.h"

enum { SCOPE = 6, NEAR = 6, STOPPED = 2 };

static bool
is_content(const struct mark *m)
{
    static const char *const words[] = {
        "duoc", "phai", "co", "de",  "thi", "nen", "bi",  "cac", "cho",  "vao", "ra",  "va", "ma",
        "la",   "cua",  "o",  "nao", "ky",  "khi", "den", "tai", "ngay", "luc", "lai", "tu", NULL};
    return m->kind == MARK_WORD && m->key.n > 1 && !mark_one_of(m, words);
}

/* The words behind negation `at` in its clause, at most SCOPE; how many. */
static size_t
scope_of(const struct marks *marks, size_t at, const struct mark **out)
{
    size_t n = 0;
    for (size_t i = at + 1; i < marks->n && n < SCOPE; i++) {
        const struct mark *m = &marks->mark[i];
        bool apart = m->clause != marks->mark[at].clause;
        if (str_equal_z(m->key, "khi") || str_equal_z(m->key, "neu")) {
            break;
        }
        if (m->line != marks->mark[at].line || m->negation || (apart && i > at + 2 && n > 0)) {
            break;
        }
        if (is_content(m)) {
            out[n++] = m;
        }
    }
    return n;
}

/* Where `a` stands with `b` within a few words behind it. */
static bool
is_pair(const struct marks *marks, size_t i, const struct mark *a, const struct mark *b)
{
    if (!str_equal(marks->mark[i].key, a->key)) {
        return false;
    }
    for (size_t k = i + 1; k < marks->n && k <= i + SCOPE; k++) {
        const struct mark *m = &marks->mark[k];
        bool moment = m->kind == MARK_DATE || m->kind == MARK_TIME;
        if (m->line != marks->mark[i].line || moment) {
            return false;
        }
        if (str_equal(m->key, b->key)) {
            return true;
        }
    }
    return false;
}

/* How often a pair stands negated, and how often not. */
struct pair_count {
    size_t open, negated;
};

/* `broadly`: a negation anywhere before it in its sentence counts. */
static struct pair_count
count_pair(const struct marks *marks, const struct mark *a, const struct mark *b, bool broadly)
{
    struct pair_count count = {0};
    for (size_t i = 0; i < marks->n; i++) {
        if (is_pair(marks, i, a, b)) {
            bool negated = broadly ? marks->mark[i].after_negation : marks->mark[i].negated;
            count.negated += negated;
            count.open += !negated;
        }
    }
    return count;
}

/* Whether one negation of the text covers a list as that of the source does: it begins with the
 * same word. */
static bool
covers_list(const struct marks *text, const struct mark *first)
{
    for (size_t i = 0; i < text->n; i++) {
        const struct mark *scope[SCOPE];
        size_t n = text->mark[i].maybe ? scope_of(text, i, scope) : 0;
        if (n > 0 && str_equal(scope[0]->key, first->key)) {
            return true;
        }
    }
    return false;
}

/* Two texts, and which of them is the announcement. */
struct two {
    const struct marks *from, *other;
    bool from_source;
};

/* Whether `other` says the pair only without the negation that `from` has. */
static bool
is_turned(const struct two *t, const struct mark *a, const struct mark *b)
{
    /* The text first, the shorter one: it mostly does not have the pair. */
    struct pair_count in_text = count_pair(t->from_source ? t->other : t->from, a, b, false);
    if (t->from_source ? in_text.open == 0 || in_text.negated > 0 : in_text.open > 0) {
        return false;
    }
    struct pair_count in_source =
        count_pair(t->from_source ? t->from : t->other, a, b, !t->from_source);
    return t->from_source ? in_source.open == 0 : in_source.open > 0 && in_source.negated == 0;
}

/* The first word behind the negation at `i` that the other text says without it. */
static const struct mark *
turned_behind(const struct two *t, size_t i)
{
    const struct mark *scope[SCOPE];
    const struct mark *m = &t->from->mark[i];
    bool turns = m->negation && (t->from_source || !m->stop);
    size_t n = turns ? scope_of(t->from, i, scope) : 0;
    if (m->stop && n > STOPPED && !str_equal_z(m->key, "tru")) {
        n = STOPPED; /* "ngừng sử dụng", however the sentence goes on */
    }
    for (size_t k = 0; k < n * 3; k++) {
        size_t a = k / 3, b = a + 1 + k % 3;
        bool turned = b < n && is_turned(t, scope[a], scope[b]);
        if (turned && !(t->from_source && a > 0 && covers_list(t->other, scope[0]))) {
            return scope[a];
        }
    }
    return NULL;
}

static const struct mark *
first_turned(const struct two *t)
{
    const struct mark *found = NULL;
    for (size_t i = 0; i < t->from->n && !found; i++) {
        found = turned_behind(t, i);
    }
    return found;
}

/* ---- "hộ nghèo không phải đóng": one word is negated, and whose it is tells which. */

/* Whether `a` stands with `b` behind it and only words like "phải" between. */
static bool
follows_open(const struct marks *marks, const struct mark *a, const struct mark *b)
{
    for (size_t i = 0; i < marks->n; i++) {
        size_t k = i + 1;
        bool here = str_equal(marks->mark[i].key, a->key);
        while (here && k < marks->n && !is_content(&marks->mark[k])) {
            k++;
        }
        if (here && k < marks->n && marks->mark[k].line == marks->mark[i].line &&
            str_equal(marks->mark[k].key, b->key)) {
            return true;
        }
    }
    return false;
}

/* The one word behind a negation of the source that the text says of the same without it. */
static const struct mark *
first_lone(const struct proof *p)
{
    for (size_t i = 1; i < p->source.n; i++) {
        const struct mark *scope[SCOPE], *m = &p->source.mark[i], *who = m - 1;
        size_t n = m->negation && is_content(who) && who->clause == m->clause
                       ? scope_of(&p->source, i, scope)
                       : 0;
        if (n == 1 && follows_open(&p->text, who, scope[0]) &&
            !follows_open(&p->source, who, scope[0])) {
            return scope[0];
        }
    }
    return NULL;
}

/* ---- Facts of what does not take place. */

static bool
negation_before(const struct marks *marks, size_t at)
{
    for (size_t i = at; i > 0 && i + NEAR > at; i--) {
        const struct mark *m = &marks->mark[i - 1];
        if (m->negation && !m->stop && m->line == marks->mark[at].line) {
            return marks->mark[at].negated;
        }
    }
    return false;
}

/* Whether the clause of the mark at `at` says nothing but when: a cell, "24/12/2026 (thứ Năm)". */
static bool
is_bare(const struct marks *marks, size_t at)
{
    bool bare = true;
    for (size_t i = at; i > 0 && marks->mark[i - 1].clause == marks->mark[at].clause; i--) {
        bare =
            bare && (marks->mark[i - 1].kind != MARK_WORD || mark_is_filler(&marks->mark[i - 1]));
    }
    for (size_t i = at; i + 1 < marks->n && marks->mark[i + 1].clause == marks->mark[at].clause;
         i++) {
        bare =
            bare && (marks->mark[i + 1].kind != MARK_WORD || mark_is_filler(&marks->mark[i + 1]));
    }
    return bare;
}

/* A clause behind the cell of mark `at` begins with a negation: "24/12; không tiếp". */
static bool
negation_behind(const struct marks *marks, size_t at)
{
    if (!is_bare(marks, at)) {
        return false;
    }
    for (size_t i = at + 1; i < marks->n && i < at + NEAR + 1; i++) {
        const struct mark *m = &marks->mark[i];
        bool begins = m->clause != marks->mark[i - 1].clause;
        if (m->negation && !m->stop && m->line == marks->mark[at].line && begins) {
            return true;
        }
    }
    return false;
}

static bool
is_only_negated(const struct proof *p, const struct mark *fact)
{
    size_t negated = 0, open = 0;
    for (size_t k = 0; k < p->source.n; k++) {
        bool same = mark_same(&p->source.mark[k], fact);
        bool turned = same && (negation_before(&p->source, k) || negation_behind(&p->source, k));
        negated += turned;
        open += same && !turned;
    }
    return negated > 0 && open == 0;
}

static bool
negation_near(const struct marks *marks, size_t at)
{
    for (size_t i = at + 1; i < marks->n && i < at + NEAR + 1; i++) {
        if (marks->mark[i].negation && marks->mark[i].line == marks->mark[at].line) {
            return true;
        }
    }
    return marks->mark[at].after_negation;
}

/* A fact that the source has only in negated clauses, and the text has not. */
static const struct mark *
first_bare_fact(const struct proof *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        const struct mark *m = &p->text.mark[i];
        bool fact = m->kind == MARK_DATE || m->kind == MARK_TIME;
        if (fact && !negation_near(&p->text, i) && is_only_negated(p, m)) {
            return m;
        }
    }
    return NULL;
}

/* Whether one of `words` stands in the first `most` bytes. */
static bool
has_any(const struct marks *marks, size_t most, const char *const *words)
{
    for (size_t i = 0; i < marks->n && marks->mark[i].to <= most; i++) {
        if (mark_one_of(&marks->mark[i], words)) {
            return true;
        }
    }
    return false;
}

/* The title cancels or moves something: the text says so too. */
static bool
tells_cancellation(const struct proof *p)
{
    static const char *const cancels[] = {"hoan", "huy", NULL};
    static const char *const told[] = {"hoan",   "huy",  "khong", "doi", "lui",
                                       "chuyen", "dung", "ngung", NULL};
    const char *title = p->story->text.p;
    size_t n = p->story->title_n;
    bool real = memmem(title, n, "oãn", strlen("oãn")) || memmem(title, n, "OÃN", strlen("OÃN")) ||
                memmem(title, n, "ủy ", strlen("ủy ")) || memmem(title, n, "uỷ ", strlen("uỷ "));
    real = real && !memmem(title, n, "Đảng ủy", strlen("Đảng ủy"));
    return !real || !has_any(&p->source, n, cancels) || has_any(&p->text, p->text.text.n, told);
}

int
proof_negations(const struct proof *p)
{
    const struct two forth = {&p->source, &p->text, true}, back = {&p->text, &p->source, false};
    const struct mark *turned = first_turned(&forth);
    turned = turned ? turned : first_lone(p);
    if (turned) {
        return err_set(p->err, ERR_INPUT, "'%.*s' is negated in the announcement",
                       (int)(turned->to - turned->from), p->source.text.p + turned->from);
    }
    turned = first_turned(&back);
    if (turned) {
        return proof_wrong(p, turned, "is not negated in the announcement");
    }
    turned = first_bare_fact(p);
    if (turned) {
        return proof_wrong(p, turned, "stands in the announcement only with what is not");
    }
    if (!tells_cancellation(p)) {
        return err_set(p->err, ERR_INPUT, "does not say what the title says: it is called off");
    }
    return 0;
}

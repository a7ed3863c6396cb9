/* The checker: names. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/proof_parts.h"
#include "gateway/core/story_parts.h"

enum { ACRONYM_MOST = 12 };

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

/* Whether the words, small letters with their marks, follow one another in the source. */
static bool
words_follow(const struct proof *p, struct str words)
{
    struct marks wanted;
    bool follow = false;
    marks_read(p->arena, words, &wanted);
    for (size_t i = 0; i + wanted.n <= p->source.n && !follow; i++) {
        size_t n = 0;
        while (n < wanted.n && str_equal(p->source.mark[i + n].key, wanted.mark[n].key)) {
            n++;
        }
        follow = wanted.n > 0 && n == wanted.n;
    }
    return follow;
}

/* An abbreviation of the table whose long form stands there. */
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
        if ((same || str_equal(brief, here)) && words_follow(p, d->entry[i].words)) {
            return true;
        }
    }
    return false;
}

static bool
is_known_brief(const struct mark *mark)
{
    static const char *const words[] = {"khan", "cn", "dt",  "tp",  "hn",  "vnd", "t2",   "t3",
                                        "t4",   "t5", "t6",  "t7",  "kl",  "hcm", "ubnd", "t1",
                                        "t8",   "t9", "t10", "t11", "t12", NULL};
    return mark_one_of(mark, words);
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

/* ---- A place that there is none of: "thôn Thượng" of "xã An Thượng Nam". */

static bool
is_place_word(const struct mark *m)
{
    static const char *const words[] = {"thon",  "xom",  "ban",  "lang", "ap",  "buon",   "pho",
                                        "duong", "ngo",  "kiet", "hem",  "cho", "cau",    "khu",
                                        "song",  "ho",   "suoi", "nui",  "xa",  "phuong", "truong",
                                        "chua",  "dinh", "den",  "xu",   NULL};
    return m->kind == MARK_WORD && mark_one_of(m, words);
}

/* Whether the name at `k` of the source begins there, told as a place of the kind `word`. */
static bool
begins_name(const struct proof *p, size_t k, const struct mark *word)
{
    const struct mark *m = &p->source.mark[k], *before = k > 0 ? m - 1 : NULL;
    return !before || before->clause != m->clause || !before->capital || before->all_capitals ||
           before->first || is_place_word(before) || str_equal(before->key, word->key);
}

/* The capitalised word at `i` stands behind a word for a place, and in the source only within a
 * longer name. */
static bool
is_within_name(const struct proof *p, size_t i)
{
    const struct mark *m = &p->text.mark[i], *word = i > 0 ? m - 1 : NULL;
    size_t n = 0;
    if (!word || word->capital || word->clause != m->clause || !is_place_word(word)) {
        return false;
    }
    for (size_t k = 0; k < p->source.n; k++) {
        bool here = p->source.mark[k].capital && str_equal(p->source.mark[k].key, m->key);
        if (here && begins_name(p, k, word)) {
            return false;
        }
        n += here;
    }
    return n > 0;
}

/* ---- A name in small letters: "phố hàng đào" where there is a "phố Hàng Mây". */

/* How source mark `k` begins a name of two words behind a `word` for a place. */
static bool
begins_long_name(const struct proof *p, size_t k, const struct mark *word)
{
    const struct mark *m = &p->source.mark[k];
    return k > 0 && k + 1 < p->source.n && str_equal(m[-1].key, word->key) && m->capital &&
           m[1].capital && m[1].kind == MARK_WORD && m[1].clause == m->clause;
}

/* The word at `i`, behind one for a place, begins a name of the source that goes on otherwise. */
static bool
is_bent_name(const struct proof *p, size_t i)
{
    static const char *const words[] = {"pho", "duong",  "thon", "xom", "lang",
                                        "ap",  "phuong", "buon", "ngo", NULL};
    const struct mark *word = &p->text.mark[i], *m = word + 1, *next = word + 2;
    bool small = i + 2 < p->text.n && word->kind == MARK_WORD && !m->capital &&
                 m->kind == MARK_WORD && next->kind == MARK_WORD && next->key.n > 1 &&
                 next->clause == word->clause && mark_one_of(word, words);
    size_t n = 0;
    for (size_t k = 0; k < p->source.n && small; k++) {
        const struct mark *s = &p->source.mark[k];
        bool behind = k > 0 && str_equal(s[-1].key, word->key) && str_equal(s->key, m->key);
        if (behind && !begins_long_name(p, k, word)) {
            return false;
        }
        n += behind;
    }
    return n > 0 && !follow_there(p, m, next);
}

int
proof_names(const struct proof *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        const struct mark *m = &p->text.mark[i];
        if (is_bent_name(p, i)) {
            return proof_wrong(p, m + 1, "is another name in the announcement");
        }
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
        if (name && is_within_name(p, i)) {
            return proof_wrong(p, m, "is a part of another name in the announcement");
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

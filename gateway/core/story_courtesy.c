/* What is said to be polite: which words of a unit go, and whether all of it does. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/story_items.h"
#include "gateway/core/unicode.h"

enum { ADDRESSED_MOST = 12, SIGNS = 128 }; /* tokens; ASCII */

/* A phrase of the table where it stands. */
struct polite {
    size_t at, to;
    enum courtesy goes;
};

/* "trân trọng kính mời": a short form stands for more than the courtesy. */
static bool
is_shortened(const struct story_detail *d, size_t from, size_t to)
{
    size_t n = 0, core = d->token[from].core;
    return dictionary_find(&d->phrases->abbreviations, &d->plain, core, DICTIONARY_TIGHT, &n) &&
           core + n > d->token[to - 1].to;
}

static void
set_polite(struct story_detail *d, size_t from, size_t to)
{
    bool needless = !is_shortened(d, from, to);
    for (size_t i = from; i < to; i++) {
        d->token[i].polite = true;
        d->token[i].needless = d->token[i].needless || needless;
    }
}

/* The longest phrase at token `i` that counts there. */
static bool
find_phrase(const struct story_detail *d, const struct story_unit *u, size_t i, struct polite *out)
{
    const struct courtesy_table *table = &d->phrases->courtesy;
    *out = (struct polite){i, i, COURTESY_WORDS};
    for (size_t k = 0; k < table->n; k++) {
        enum courtesy goes = table->phrase[k].goes;
        bool anywhere = goes == COURTESY_SENTENCE || goes == COURTESY_WORDS;
        size_t n = anywhere || i == u->from ? story_phrase(d, i, table->phrase[k].words) : 0;
        if (i + n > out->to && i + n <= u->to) {
            *out = (struct polite){i, i + n, goes};
        }
    }
    return out->to > i;
}

/* Whether the unit tells something beside the phrase: a figure, what to do, what not. */
static bool
tells_more(const struct story_detail *d, const struct story_unit *u, const struct polite *p)
{
    static const char *const thanks[] = {"gửi lời", "gửi tới", "gửi đến", NULL};
    for (size_t i = u->from; i < u->to; i++) {
        bool outside = i < p->at || i >= p->to;
        bool does = items_action_at(d, i) > 0 && story_one_of(d, i, thanks) == 0;
        if (outside && (d->token[i].digit || does || story_negation(d, i) > 0)) {
            return true;
        }
    }
    return false;
}

/* Behind the words for who is spoken to; `p->to` if they are told by figures ("các hộ tổ 5"). */
static size_t
addressed(const struct story_detail *d, const struct story_unit *u, const struct polite *p)
{
    for (size_t i = p->to - 1; i < u->to && i < p->to + ADDRESSED_MOST; i++) {
        char behind = story_sign_behind(d, i);
        if (d->token[i].digit && i >= p->to) {
            return p->to;
        }
        if ((behind != '\0' && strchr(",:!.?", behind)) || i + 1 == u->to) {
            return i + 1;
        }
    }
    return p->to;
}

static char
small(char sign)
{
    return sign >= 'A' && sign <= 'Z' ? (char)(sign - 'A' + 'a') : sign;
}

/* How the table's phrases begin: most words begin none, and that is quick to see. */
static void
find_first_signs(const struct courtesy_table *table, bool first[SIGNS])
{
    for (size_t k = 0; k < table->n; k++) {
        struct str words = str_of(table->phrase[k].words);
        first[small(plain_sign(utf8_next(&words))) & (SIGNS - 1)] = true;
    }
}

bool
story_mark_courtesy(struct story_detail *d, const struct story_unit *u)
{
    struct polite p;
    bool first[SIGNS] = {false};
    find_first_signs(&d->phrases->courtesy, first);
    for (size_t i = u->from; i < u->to; i++) {
        char sign = small(d->plain.sign[d->token[i].core]);
        if (!first[sign & (SIGNS - 1)] || !find_phrase(d, u, i, &p)) {
            continue;
        }
        bool alone = p.goes != COURTESY_WORDS && u->kind != UNIT_TITLE && !tells_more(d, u, &p);
        if (alone && p.goes != COURTESY_ADDRESS) {
            set_polite(d, u->from, u->to);
            return true;
        }
        bool words = p.goes >= COURTESY_OPENING && u->kind != UNIT_TITLE;
        if (words || p.goes == COURTESY_WORDS) {
            set_polite(d, i, p.goes == COURTESY_ADDRESS ? addressed(d, u, &p) : p.to);
        }
    }
    return false;
}

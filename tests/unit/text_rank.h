/* A plain TextRank (Mihalcea and Tarau, 2004) as a baseline: sentences that share words with many
 * others, the best first until the room is full, in the text's order. */
#ifndef LOA_TESTS_TEXT_RANK_H
#define LOA_TESTS_TEXT_RANK_H
// SPDX-License-Identifier: MIT

#include <string.h>

#include "gateway/core/lead.h"
#include "gateway/core/unicode.h"

enum { RANK_ROUNDS = 30 };

static inline size_t
rank_words(struct str folded)
{
    size_t n = folded.n > 0;
    for (size_t i = 0; i < folded.n; i++) {
        n += folded.p[i] == ' ';
    }
    return n;
}

/* About the logarithm of `n` + 1. */
static inline double
rank_log(size_t n)
{
    double sum = 0;
    for (size_t i = 1; i <= n; i++) {
        sum += 1.0 / ((double)i + 0.5);
    }
    return sum;
}

/* Words of `a` that stand in `b`, over the logarithms of their lengths. */
static inline double
rank_similarity(struct str a, struct str b)
{
    double common = 0;
    struct str rest = a;
    while (rest.p && rest.n > 0) {
        struct str word = str_cut(&rest, ' ');
        common += word.n > 1 && memmem(b.p, b.n, word.p, word.n) ? 1 : 0;
    }
    double lengths = rank_log(rank_words(a)) + rank_log(rank_words(b));
    return lengths > 0 ? common / lengths : 0;
}

/* The graph of a text's sentences. */
struct rank {
    struct lead lead;
    struct str folded[LEAD_PIECES];
    double weight[LEAD_PIECES], out[LEAD_PIECES];
    bool taken[LEAD_PIECES];
};

static inline void
rank_read(struct rank *r, struct arena *arena, struct str text)
{
    lead_split(text, &r->lead);
    for (size_t i = 0; i < r->lead.n; i++) {
        r->folded[i] = unicode_fold(arena, r->lead.piece[i]);
        r->weight[i] = 1;
    }
    for (size_t i = 0; i < r->lead.n; i++) {
        for (size_t k = 0; k < r->lead.n; k++) {
            r->out[i] += i != k ? rank_similarity(r->folded[i], r->folded[k]) : 0;
        }
    }
}

static inline double
rank_of(const struct rank *r, size_t i)
{
    double sum = 0.15;
    for (size_t k = 0; k < r->lead.n; k++) {
        double link = i != k && r->out[k] > 0 ? rank_similarity(r->folded[k], r->folded[i]) : 0;
        sum += link > 0 ? 0.85 * r->weight[k] * link / r->out[k] : 0;
    }
    return sum;
}

static inline void
rank_weigh(struct rank *r)
{
    double next[LEAD_PIECES];
    for (int round = 0; round < RANK_ROUNDS; round++) {
        for (size_t i = 0; i < r->lead.n; i++) {
            next[i] = rank_of(r, i);
        }
        memcpy(r->weight, next, r->lead.n * sizeof *next);
    }
}

static inline void
rank_take(struct rank *r, size_t room)
{
    for (size_t used = 0; used < room;) {
        size_t best = LEAD_PIECES;
        for (size_t i = 0; i < r->lead.n; i++) {
            bool better = best == LEAD_PIECES || r->weight[i] > r->weight[best];
            best = !r->taken[i] && better ? i : best;
        }
        if (best == LEAD_PIECES) {
            return;
        }
        r->taken[best] = true;
        used += r->folded[best].n + 2;
    }
}

/* In `arena`; sentences for `room` bytes, the last of them may go past it. */
static inline struct str
text_rank(struct arena *arena, struct str text, size_t room)
{
    struct rank r = {.lead = {.n = 0}};
    struct buf all;
    rank_read(&r, arena, text);
    rank_weigh(&r);
    rank_take(&r, room);
    buf_init(&all, 65536);
    for (size_t i = 0; i < r.lead.n; i++) {
        if (r.taken[i]) {
            buf_add_str(&all, r.lead.piece[i]);
            buf_add_z(&all, lead_ends(r.lead.piece[i]) ? " " : ". ");
        }
    }
    struct str chosen = buf_str(&all);
    chosen = (struct str){arena_strndup(arena, chosen.p ? chosen.p : "", chosen.n), chosen.n};
    buf_deinit(&all);
    return chosen;
}

#endif

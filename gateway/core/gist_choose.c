/* The best choice of pieces for a room: unit after unit, keeping for every length the best few
 * beginnings of a text (a knapsack whose values overlap: an item told twice counts once). */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/gist_parts.h"

enum { BUCKETS = 64, IN_BUCKET = 3, JOIN = 2, UNITS_TRIED = 48, STATES_MOST = 4096 };
static const double UNIT_PENALTY = 0.5, HEADLESS_PENALTY = 16, OPEN_PENALTY = 4;
static const double SUBJECT_LEAST = 0.5; /* of the subject's weight: it is known what it is about */

struct gist_state {
    uint64_t items[STORY_ITEMS / 64];
    double value;
    size_t cost;
    int parent;           /* -1: the empty text */
    uint16_t unit, piece; /* NO_UNIT: none yet, or only the head */
};
enum { NO_UNIT = UNITS_TRIED };

struct table {
    const struct gist_search *s;
    struct gist_state *state;
    size_t n;
    int live[BUCKETS][IN_BUCKET];
    struct gist_piece *piece; /* PIECES_MOST a unit */
    size_t pieces_n[UNITS_TRIED];
};

/* Weight of what `piece` tells beside `have`. */
static double
gain(const struct gist_search *s, const uint64_t *have, const struct gist_piece *piece)
{
    double sum = 0;
    for (size_t k = 0; k < STORY_ITEMS / 64; k++) {
        uint64_t fresh = piece->items[k] & ~have[k];
        while (fresh) {
            sum += s->story->item[k * 64 + (size_t)__builtin_ctzll(fresh)].weight;
            fresh &= fresh - 1;
        }
    }
    return sum;
}

static void
keep(struct table *t, const struct gist_state *state)
{
    size_t bucket = state->cost * BUCKETS / (t->s->room + 1);
    int *live = t->live[bucket];
    size_t worst = 0;
    for (size_t i = 0; i < IN_BUCKET; i++) {
        if (live[i] < 0) {
            worst = i;
            break;
        }
        const struct gist_state *other = &t->state[live[i]];
        if (other->value == state->value && other->cost == state->cost) {
            return;
        }
        worst = other->value < t->state[live[worst]].value ? i : worst;
    }
    if (live[worst] >= 0 && t->state[live[worst]].value >= state->value) {
        return;
    }
    if (t->n < STATES_MOST) {
        t->state[t->n] = *state;
        live[worst] = (int)t->n++;
    }
}

/* "bình thuộc lô nói trên": with nothing above, nobody knows which. */
static bool
points_back(const struct gist_search *s, const struct gist_piece *piece)
{
    static const char *const words[] = {"nói trên", "nêu trên", "trên đây", "kể trên", NULL};
    uint64_t beside = 0;
    for (size_t k = 0; k < STORY_ITEMS / 64; k++) {
        beside |= s->beside[k];
    }
    bool back = false;
    for (size_t i = piece->from; i < piece->to && beside == 0 && !back; i++) {
        back = story_one_of(s->story->detail, i, words) > 0;
    }
    return back;
}

/* What a text loses that begins with the piece: nothing when that says what all is about. */
static double
headless_penalty(const struct gist_search *s, const struct gist_piece *piece)
{
    double told = 0, all = 0;
    for (size_t i = 0; i < s->story->items_n; i++) {
        const struct story_item *item = &s->story->item[i];
        double weight = item->role == ROLE_SUBJECT ? item->weight : 0;
        all += weight;
        told += (piece->items[i / 64] | s->beside[i / 64]) >> (i % 64) & 1 ? weight : 0;
    }
    double least = all * SUBJECT_LEAST;
    if (points_back(s, piece)) {
        return HEADLESS_PENALTY;
    }
    return told >= least ? 0 : HEADLESS_PENALTY * (1 - told / least);
}

static void
try_piece(struct table *t, int parent, size_t unit, size_t piece)
{
    const struct gist_piece *p = &t->piece[unit * PIECES_MOST + piece];
    const struct gist_state *from = &t->state[parent];
    struct gist_state next = *from;
    next.cost += p->cost + (from->cost > 0 ? JOIN : 0);
    if (next.cost > t->s->room) {
        return;
    }
    next.value += gain(t->s, from->items, p) - p->penalty - UNIT_PENALTY;
    if (next.value <= from->value) {
        return;
    }
    next.value -= from->unit == NO_UNIT ? p->headless : 0;
    for (size_t k = 0; k < STORY_ITEMS / 64; k++) {
        next.items[k] |= p->items[k];
    }
    next.parent = parent;
    next.unit = (uint16_t)unit;
    next.piece = (uint16_t)piece;
    keep(t, &next);
}

static void
try_unit(struct table *t, size_t unit)
{
    int before[BUCKETS * IN_BUCKET];
    memcpy(before, t->live, sizeof before);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        for (size_t p = 0; before[i] >= 0 && p < t->pieces_n[unit]; p++) {
            try_piece(t, before[i], unit, p);
        }
    }
}

/* The text that begins with whose it is. */
static void
try_head(struct table *t)
{
    struct gist_piece *head = &t->piece[(size_t)NO_UNIT * PIECES_MOST];
    if (gist_head(t->s, head) && head->cost + JOIN < t->s->room) {
        struct gist_state next = {.parent = 0, .unit = NO_UNIT, .cost = head->cost};
        memcpy(next.items, t->s->beside, sizeof next.items);
        next.value = gain(t->s, next.items, head) - UNIT_PENALTY;
        for (size_t k = 0; k < STORY_ITEMS / 64; k++) {
            next.items[k] |= head->items[k];
        }
        keep(t, &next);
    }
}

/* What a text is worth that ends there. */
static double
value_at_end(const struct table *t, int at)
{
    const struct gist_state *s = &t->state[at];
    bool open = at > 0 && t->piece[s->unit * PIECES_MOST + s->piece].opens;
    return s->value - (open ? OPEN_PENALTY : 0);
}

static int
best_state(const struct table *t)
{
    int best = -1;
    for (size_t b = 0; b < BUCKETS; b++) {
        for (size_t i = 0; i < IN_BUCKET; i++) {
            int at = t->live[b][i];
            bool text = at > 0 && t->state[at].unit != NO_UNIT;
            bool better = text && (best < 0 || value_at_end(t, at) > value_at_end(t, best));
            best = better ? at : best;
        }
    }
    return best < 0 ? 0 : best;
}

size_t
gist_choose(struct gist_search *s, struct gist_piece *out, double *value)
{
    const struct story_detail *d = s->story->detail;
    size_t units = d->units_n < UNITS_TRIED ? d->units_n : UNITS_TRIED;
    struct table t = {.s = s, .n = 1};
    if (!s->state) {
        s->state = arena_alloc(s->arena, STATES_MOST * sizeof *t.state);
        s->piece = arena_alloc(s->arena, sizeof *t.piece * (UNITS_TRIED + 1) * PIECES_MOST);
    }
    t.state = s->state;
    t.piece = s->piece;
    memset(t.live, 0xFF, sizeof t.live);
    t.state[0] = (struct gist_state){.parent = -1, .unit = NO_UNIT};
    memcpy(t.state[0].items, s->beside, sizeof s->beside);
    t.live[0][0] = 0;
    try_head(&t);
    for (size_t u = 0; u < units; u++) {
        t.pieces_n[u] = gist_pieces(s, &d->unit[u], &t.piece[u * PIECES_MOST]);
        for (size_t p = 0; p < t.pieces_n[u]; p++) {
            struct gist_piece *piece = &t.piece[u * PIECES_MOST + p];
            piece->headless = headless_penalty(s, piece);
        }
        try_unit(&t, u);
    }
    int at = best_state(&t);
    *value = value_at_end(&t, at);
    size_t n = 0;
    for (int k = at; k > 0; k = t.state[k].parent) {
        n++;
    }
    size_t i = n;
    for (int k = at; k > 0; k = t.state[k].parent) {
        out[--i] = t.piece[t.state[k].unit * PIECES_MOST + t.state[k].piece];
    }
    return n;
}

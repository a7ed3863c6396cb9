/* Pieces of a unit that can stand for it. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/gist_parts.h"

enum { LEAST_TOKENS = 2 };

bool
gist_is_written(const struct gist_search *s, const struct gist_piece *piece, size_t i)
{
    const struct story_token *t = &s->story->detail->token[i];
    return !t->stale && !t->needless && !(piece->bare && t->bracketed) && s->word[i].text.n > 0;
}

/* An item that only its right context tells: another date may be the same by chance. */
static bool
counts(const struct story *story, const struct story_told *t)
{
    const struct story_item *item = &story->item[t->item];
    char kind = item->key.p[0];
    return (kind != 'd' && kind != 't') || t->weight >= item->weight * 0.5;
}

static void
measure(const struct gist_search *s, const struct story_unit *u, struct gist_piece *piece)
{
    const struct story_detail *d = s->story->detail;
    piece->cost = 0;
    for (size_t i = piece->from; i < piece->to; i++) {
        if (gist_is_written(s, piece, i)) {
            piece->cost += s->word[i].cost + (piece->cost > 0 && !s->word[i].glued ? 1 : 0);
        }
    }
    memset(piece->items, 0, sizeof piece->items);
    for (size_t k = u->told; k < u->told_to; k++) {
        const struct story_told *t = &d->told[k];
        bool in = t->from >= piece->from && t->to <= piece->to;
        bool written =
            in && !d->token[t->from].needless && !(piece->bare && d->token[t->from].bracketed);
        if (written && counts(s->story, t)) {
            piece->items[t->item / 64] |= 1ULL << (t->item % 64);
        }
    }
}

static bool
is_dominated(const struct gist_piece *out, size_t n, const struct gist_piece *piece)
{
    for (size_t i = 0; i < n; i++) {
        bool fewer = out[i].cost <= piece->cost && out[i].penalty <= piece->penalty;
        for (size_t k = 0; k < STORY_ITEMS / 64 && fewer; k++) {
            fewer = (piece->items[k] & ~out[i].items[k]) == 0;
        }
        if (fewer) {
            return true;
        }
    }
    return false;
}

static void
add_piece(const struct gist_search *s, const struct story_unit *u, struct gist_piece piece,
          struct gist_piece *out, size_t *n)
{
    measure(s, u, &piece);
    bool inside = s->word[piece.from].inside ||
                  (piece.to < s->story->detail->tokens_n && s->word[piece.to].inside);
    if (*n < PIECES_MOST && piece.cost > 0 && piece.cost <= s->room && !inside &&
        !is_dominated(out, *n, &piece)) {
        out[(*n)++] = piece;
    }
}

size_t
gist_pieces(const struct gist_search *s, const struct story_unit *u, struct gist_piece *out)
{
    const struct story_detail *d = s->story->detail;
    struct gist_edges from = {0}, to = {0};
    size_t n = 0;
    bool brackets = false;
    gist_beginnings(s->story, u, &from);
    gist_ends(s->story, u, &to);
    for (size_t i = u->from; i < u->to; i++) {
        brackets = brackets || d->token[i].bracketed;
    }
    for (size_t k = 0; k < from.n * to.n; k++) {
        const struct gist_edge *begin = &from.edge[k / to.n], *end = &to.edge[k % to.n];
        struct gist_piece piece = {.from = begin->at, .to = end->at};
        piece.penalty = begin->penalty + end->penalty;
        piece.opens = u->kind == UNIT_HEADING && piece.to == u->to;
        bool short_cut = piece.to < piece.from + LEAST_TOKENS && piece.to != u->to;
        if (short_cut || piece.to <= piece.from) {
            continue;
        }
        add_piece(s, u, piece, out, &n);
        piece.bare = true;
        piece.penalty += 0.1;
        if (brackets) {
            add_piece(s, u, piece, out, &n);
        }
    }
    return n;
}

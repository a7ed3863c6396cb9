/* Pieces of a unit that can stand for it. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/gist_parts.h"

enum { LEAST_TOKENS = 2 };
static const double GAP_PENALTY = 0.6;

bool
gist_is_written(const struct gist_search *s, const struct gist_piece *piece, size_t i)
{
    const struct story_token *t = &s->story->detail->token[i];
    bool left_out = i >= piece->gap && i < piece->gap_to;
    return !left_out && !t->stale && !t->needless && !(piece->bare && t->bracketed) &&
           s->word[i].text.n > 0;
}

struct str
gist_ring_word(const struct story_detail *d, size_t token)
{
    enum { SHORT = 4 };
    const struct story_token *t = &d->token[token];
    bool brief = t->core_to - t->core <= SHORT &&
                 (token + 1 == d->tokens_n || !d->token[token + 1].digit || t->to > t->core_to);
    return brief ? STR("gọi") : STR("ĐT");
}

/* Whether the item told from token `at` on is a number to ring. */
static bool
is_number_at(const struct story *story, const struct story_unit *u, size_t at)
{
    for (size_t k = u->told; k < u->told_to; k++) {
        const struct story_told *t = &story->detail->told[k];
        if (t->from == at && story->item[t->item].role == ROLE_CONTACT) {
            return true;
        }
    }
    return false;
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
    piece->cost = piece->rings ? gist_ring_word(d, piece->from).n : 0;
    for (size_t i = piece->from; i < piece->to; i++) {
        if (gist_is_written(s, piece, i)) {
            piece->cost += s->word[i].cost + (piece->cost > 0 && !s->word[i].glued ? 1 : 0);
        }
    }
    memset(piece->items, 0, sizeof piece->items);
    for (size_t k = u->told; k < u->told_to; k++) {
        const struct story_told *t = &d->told[k];
        bool in = t->from >= piece->from && t->to <= piece->to &&
                  (t->to <= piece->gap || t->from >= piece->gap_to);
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
    piece.rings = is_number_at(s->story, u, piece.from);
    measure(s, u, &piece);
    bool inside = s->word[piece.from].inside ||
                  (piece.to < s->story->detail->tokens_n && s->word[piece.to].inside);
    if (*n < PIECES_MOST && piece.cost > 0 && piece.cost <= s->room && !inside &&
        !is_dominated(out, *n, &piece)) {
        out[(*n)++] = piece;
    }
}

/* What follows narrows what was said: without it the sentence would say more than is true. */
bool
gist_narrows(const struct story_detail *d, size_t from, size_t to)
{
    static const char *const words[] = {"trừ",       "nếu",        "chỉ",           "khi", "riêng",
                                        "ngoại trừ", "trường hợp", "với điều kiện", NULL};
    enum { REACH = 200 }; /* however long a line is */
    for (size_t i = from; i < to && i < from + REACH; i++) {
        if (story_one_of(d, i, words) > 0) {
            return true;
        }
    }
    return false;
}

/* ---- What to do, and by when, without the words between: "Đăng ký … trước 10/12". */

/* Where what is done goes over to with whom, where and how; `to` if nothing does. */
static size_t
adjunct_from(const struct story_detail *d, size_t from, size_t to)
{
    static const char *const words[] = {"với",  "tại", "qua", "theo", "bằng", "cho", "ở", "trên",
                                        "cùng", "kèm", "đến", "về",   "lên",  "ra",  NULL};
    size_t i = from + 1;
    while (i < to && (d->token[i].digit || story_one_of(d, i, words) == 0)) {
        i++;
    }
    return i;
}

/* Whether the words can go without the sentence coming to say something else. */
static bool
may_leave(const struct story *story, const struct story_unit *u, size_t from, size_t to)
{
    static const char *const acts[] = {"gọi", "liên hệ", NULL};
    const struct story_detail *d = story->detail;
    for (size_t i = from; i < to; i++) {
        char behind = story_sign_behind(d, i);
        if (behind == ';' || behind == '.' || story_negation(d, i) > 0) {
            return false;
        }
    }
    for (size_t k = u->told; k < u->told_to; k++) {
        const struct story_told *t = &d->told[k];
        bool within = t->from >= from && t->from < to;
        enum story_role role = story->item[t->item].role;
        bool act = role == ROLE_ACTION && story_one_of(d, t->from, acts) == 0;
        if (within && (act || role == ROLE_WHEN || role == ROLE_DEADLINE)) {
            return false;
        }
    }
    return to > from && !gist_narrows(d, from, to);
}

/* The first token of the deadline that ends with token `to`; `to` if it has no word of its own. */
static size_t
deadline_from(const struct story_detail *d, const struct story_unit *u, size_t from, size_t to)
{
    enum { BACK = 6 };
    static const char *const cues[] = {"trước",    "chậm nhất", "muộn nhất", "đến hết",
                                       "hạn cuối", "hạn chót",  NULL};
    size_t found = to;
    for (size_t i = from; i > u->from && i + BACK > from; i--) {
        found = story_one_of(d, i - 1, cues) > 0 ? i - 1 : found;
    }
    return found;
}

/* Behind the deadline's last token, of which one before `to` was told: "trước 17 giờ | ngày 4/1".
 */
static size_t
deadline_to(const struct story *story, const struct story_unit *u, size_t to)
{
    const struct story_detail *d = story->detail;
    for (size_t k = u->told; k < u->told_to; k++) {
        const struct story_told *t = &d->told[k];
        size_t day = to + (to < u->to && story_phrase(d, to, "ngày") > 0 ? 1 : 0);
        if (t->from == day && t->to <= u->to && story->item[t->item].key.p[0] == 'd') {
            to = t->to;
        }
    }
    return to;
}

/* The gap between the last thing to do before the deadline told at `t` and that deadline. */
static bool
find_gap(const struct story *story, const struct story_unit *u, const struct story_told *t,
         struct gist_piece *piece)
{
    const struct story_detail *d = story->detail;
    size_t deadline = deadline_from(d, u, t->from, t->to);
    size_t action = deadline;
    for (size_t k = u->told; k < u->told_to && deadline < t->to; k++) {
        const struct story_told *a = &d->told[k];
        bool before = a->from >= u->from && a->from < deadline;
        action = before && story->item[a->item].role == ROLE_ACTION ? a->from : action;
    }
    if (action >= deadline) {
        return false;
    }
    size_t to = deadline_to(story, u, t->to);
    *piece = (struct gist_piece){.to = to, .gap_to = deadline};
    piece->gap = adjunct_from(d, action, deadline);
    return may_leave(story, u, piece->gap, deadline) && !gist_narrows(d, to, u->to);
}

static void
add_gapped(const struct gist_search *s, const struct story_unit *u, const struct gist_edge *from,
           struct gist_piece *out, size_t *n)
{
    const struct story_detail *d = s->story->detail;
    struct gist_piece piece;
    for (size_t k = u->told; k < u->told_to && !u->wary; k++) {
        const struct story_told *t = &d->told[k];
        bool date = s->story->item[t->item].role == ROLE_DEADLINE && t->to <= u->to;
        if (date && find_gap(s->story, u, t, &piece) && from->at < piece.gap) {
            piece.from = from->at;
            piece.penalty = from->penalty + GAP_PENALTY;
            add_piece(s, u, piece, out, n);
        }
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
    for (size_t i = 0; i < from.n; i++) {
        add_gapped(s, u, &from.edge[i], out, &n);
    }
    for (size_t k = 0; k < from.n * to.n; k++) {
        const struct gist_edge *begin = &from.edge[k / to.n], *end = &to.edge[k % to.n];
        struct gist_piece piece = {.from = begin->at, .to = end->at};
        piece.penalty = begin->penalty + end->penalty;
        piece.opens = u->kind == UNIT_HEADING && piece.to == u->to;
        bool short_cut = piece.to < piece.from + LEAST_TOKENS && piece.to != u->to &&
                         !is_number_at(s->story, u, piece.from);
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

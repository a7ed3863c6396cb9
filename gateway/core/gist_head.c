/* Whose announcement it is, told before all else: "phường Tân Lập:". */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/gist_parts.h"

/* The token of "phường" before the name at token `at`; `at` if there is none. */
static size_t
area_word(const struct story_detail *d, size_t at)
{
    static const char *const words[] = {"phường", "xã", "thị trấn", "đặc khu", NULL};
    for (size_t n = 1; n <= 2 && n <= at; n++) {
        if (story_one_of(d, at - n, words) == n) {
            return at - n;
        }
    }
    return at;
}

/* Whether tokens [from, to) can stand alone: no sign but one at their end clings to them. */
static bool
is_clean(const struct gist_search *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct story_token *t = &s->story->detail->token[i];
        bool sign = t->from != t->core || (i + 1 < to && t->core_to != t->to);
        if (t->stale || t->needless || t->bracketed || sign) {
            return false;
        }
    }
    return !s->word[from].inside &&
           !memchr("/)\"'", story_sign_behind(s->story->detail, to - 1), 4);
}

/* The heaviest area's item; STORY_ITEMS if none is named. */
static size_t
heaviest_area(const struct story *story)
{
    size_t best = STORY_ITEMS;
    for (size_t i = 0; i < story->items_n; i++) {
        const struct story_item *item = &story->item[i];
        bool area = item->role == ROLE_AREA && item->key.p[0] == 'r';
        if (area && (best == STORY_ITEMS || item->weight > story->item[best].weight)) {
            best = i;
        }
    }
    return best;
}

bool
gist_head(const struct gist_search *s, struct gist_piece *out)
{
    const struct story_detail *d = s->story->detail;
    size_t area = heaviest_area(s->story);
    for (size_t k = 0; k < d->told_n && area < STORY_ITEMS; k++) {
        const struct story_told *t = &d->told[k];
        size_t from = t->item == area ? area_word(d, t->from) : t->from;
        if (from == t->from || !is_clean(s, from, t->to)) {
            continue;
        }
        *out = (struct gist_piece){.from = from, .to = t->to, .opens = true};
        for (size_t i = from; i < t->to; i++) {
            out->cost += s->word[i].cost + (i > from ? 1 : 0);
        }
        out->items[area / 64] |= 1ULL << (area % 64);
        return true;
    }
    return false;
}

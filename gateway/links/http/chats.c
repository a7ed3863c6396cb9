/* Turns of the chats that a link over HTTP tells.
 *
 * A turn is asked for shortly before the message can leave, and is good for a moment: a message
 * that something else held back meanwhile asks again.  What the share does not answer in time goes,
 * as without a share. */
// SPDX-License-Identifier: MIT
#include "gateway/links/http/chats.h"

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/core/hash.h"
#include "gateway/core/rate.h"
#include "gateway/links/http/pace.h"

enum { GOOD_MS = 100, GOOD_US = GOOD_MS * 1000, SOON_US = GOOD_US / 2, AWAY_US = 1000000 };

static bool
is_shared(const struct http_link *l)
{
    return l->shared && l->kind->turn_ms && l->events.on_chats;
}

/* More than may leave soon need not ask: their turns would be over before. */
static bool
may_ask(struct http_link *l, int64_t now_us)
{
    if (!l->rate) {
        return true;
    }
    int64_t ahead_us = (int64_t)(l->turns_n * 1000000.0 / rate_limit(l->rate));
    return ahead_us <= SOON_US && http_pace_next_us(l, now_us) <= now_us + SOON_US - ahead_us;
}

/* The pump looks again then; never later than what it waits for else. */
static void
look_again(struct http_link *l, int64_t at_us, int64_t now_us)
{
    if (at_us > now_us && at_us < l->wake_us) {
        l->wake_us = at_us;
    }
}

bool
http_chats_may(struct http_link *l, struct link_message *m, int64_t now_us)
{
    struct chat_turn *turn = &m->turn;
    if (!is_shared(l)) {
        return true;
    }
    if (turn->state == CHAT_THEIRS && now_us < turn->at_us) {
        look_again(l, turn->at_us, now_us);
        return false;
    }
    bool ours = turn->state == CHAT_OURS && now_us < turn->at_us + GOOD_US;
    bool asks = turn->state == CHAT_WANTED || turn->state == CHAT_ASKED;
    if (!ours && !asks && !may_ask(l, now_us)) {
        turn->state = CHAT_NONE;
        look_again(l, http_pace_next_us(l, now_us), now_us);
        return false;
    }
    if (!ours && !asks) {
        *turn = (struct chat_turn){CHAT_WANTED, now_us};
    }
    l->turns_n++;
    look_again(l, turn->at_us + AWAY_US, now_us);
    return ours || now_us >= turn->at_us + AWAY_US;
}

void
http_chats_step(struct http_link *l)
{
    if (l->turns_n > 0) {
        l->events.on_chats(l->events.ctx, &l->link);
    }
}

bool
http_link_chats_asked(struct link *link, struct chat_asks *asks)
{
    struct http_link *l = (struct http_link *)link;
    asks->n = 0;
    for (struct link_message *m = l->first; m && asks->n < CHAT_ASKS; m = m->next) {
        if (m->turn.state == CHAT_WANTED) {
            m->turn.state = CHAT_ASKED;
            asks->ask[asks->n++] = (struct chat_ask){hash_fnv64(str_of(m->address)),
                                                     l->kind->turn_ms(m) + GOOD_MS, CHAT_MINE};
        }
    }
    return asks->n > 0;
}

/* Of several messages to one chat the first one takes the answer. */
static void
answer(struct http_link *l, const struct chat_ask *ask, int64_t now_us)
{
    for (struct link_message *m = l->first; m; m = m->next) {
        if (m->turn.state == CHAT_ASKED && hash_fnv64(str_of(m->address)) == ask->chat) {
            bool ours = ask->wait_ms == CHAT_MINE;
            m->turn.state = ours ? CHAT_OURS : CHAT_THEIRS;
            m->turn.at_us = now_us + (int64_t)ask->wait_ms * 1000;
            return;
        }
    }
}

void
http_link_chats_answer(struct link *link, const struct chat_asks *asks)
{
    struct http_link *l = (struct http_link *)link;
    int64_t now_us = clock_monotonic_us();
    for (size_t i = 0; i < asks->n; i++) {
        answer(l, &asks->ask[i], now_us);
    }
    event_active(l->pump, EV_TIMEOUT, 0);
}

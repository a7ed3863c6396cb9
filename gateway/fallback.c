/* Falling back to the next channel. */
// SPDX-License-Identifier: MIT
#include "gateway/fallback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "gateway/core/outcome.h"
#include "gateway/core/reason.h"
#include "gateway/core/recipients.h"
#include "queue/members.h"

/* The item at `place` of "a,,b". */
static struct str
item_at(struct str list, uint32_t place)
{
    struct str one = str_cut(&list, ',');
    for (uint32_t i = 0; i < place; i++) {
        if (!list.p) {
            return (struct str){NULL, 0};
        }
        one = str_cut(&list, ',');
    }
    return one;
}

/* The broadcast's first route of a channel: "sms" itself, or "sms.viettel". */
static char
first_route(struct str routes, const char *channel)
{
    size_t n = strlen(channel);
    while (routes.p && routes.n > 0) {
        struct str one = str_cut(&routes, ',');
        bool fits = one.n >= n + 2 && memcmp(one.p + 2, channel, n) == 0 &&
                    (one.n == n + 2 || one.p[n + 2] == '.');
        if (fits) {
            return one.p[0];
        }
    }
    return '\0';
}

static char
route_on(const struct worker *w, const struct broadcast *b, const char *channel, struct str address)
{
    const struct routing_route *route = routing_find(w->route->routing, channel, address);
    char letter = route ? routing_letter(str_of(b->routes), route->name) : '\0';
    return letter ? letter : first_route(str_of(b->routes), channel);
}

/* Letters of the broadcast's channels: "zs". */
static struct str
channels_of(const struct broadcast *b, char room[CHANNELS_MAX])
{
    struct str channels = str_of(b->channels);
    size_t n = 0;
    while (channels.p && n < CHANNELS_MAX) {
        struct str one = str_cut(&channels, ',');
        room[n++] = one.n > 0 ? one.p[0] : ' ';
    }
    return (struct str){room, n};
}

/* By the broadcast's channel `i`; '\0': the member has no address there. */
static char
letter_by(const struct worker *w, const struct held *h, uint32_t place, size_t i)
{
    char name[16];
    struct str address = item_at(chunk_addresses(h->entry_text, i), place);
    struct str channel = item_at(str_of(h->broadcast->channels), (uint32_t)i);
    if (address.n == 0 || channel.n >= sizeof name) {
        return '\0';
    }
    memcpy(name, channel.p, channel.n);
    name[channel.n] = '\0';
    return route_on(w, h->broadcast, name, address);
}

/* As fallback_letter(), without the channels whose bits stand in `refused`. */
static char
letter_but(const struct worker *w, const struct held *h, uint32_t place, unsigned refused)
{
    char room[CHANNELS_MAX], letter = '\0';
    uint8_t order[CHANNELS_MAX];
    bool later = false;
    struct str channels = channels_of(h->broadcast, room);
    struct str prefer = item_at(chunk_addresses(h->entry_text, channels.n), place);
    (void)preference_order(channels, prefer, order);
    for (size_t i = 0; i < channels.n && letter == '\0'; i++) {
        if (later && !(refused >> order[i] & 1U)) {
            letter = letter_by(w, h, place, order[i]);
        }
        later = later || order[i] == h->broadcast->channel;
    }
    return letter;
}

char
fallback_letter(const struct worker *w, const struct held *h, uint32_t place)
{
    return letter_but(w, h, place, 0);
}

enum { AWAY_LEAST_MS = 1000 };

/* Whether some member may have a channel behind this one. */
static bool
is_followed(const struct held *h)
{
    char room[CHANNELS_MAX];
    const struct broadcast *b = h->broadcast;
    size_t n = channels_of(b, room).n;
    bool preferring = chunk_addresses(h->entry_text, n).n > 0;
    return n > 1 && (preferring || b->channel + 1 < n);
}

bool
fallback_is_due(const struct worker *w, const struct held *h)
{
    int64_t after_ms = w->route->conf->fallback_after_ms;
    if (h->priority == PRIORITY_EMERGENCY && w->conf->emergency_fallback_after_ms > 0) {
        after_ms = w->conf->emergency_fallback_after_ms;
    }
    if (after_ms <= 0 || w->dead_since_us == 0) {
        return false;
    }
    /* A link that starts or reconnects is away, too, for a moment; and since the tick that saw it
     * away it may have come back. */
    int64_t least_ms = after_ms > AWAY_LEAST_MS ? after_ms : AWAY_LEAST_MS;
    return clock_monotonic_us() - w->dead_since_us >= least_ms * 1000 && !dispatch_is_there(w) &&
           is_followed(h);
}

void
fallback_wake(struct worker *w, const struct held *h, const char *letters)
{
    struct str routes = str_of(h->broadcast->routes);
    const uint32_t chunk = h->chunk | WORK_NOW;
    const struct work_chunks feed = {h->id, h->priority, &chunk, 1};
    while (routes.p && routes.n > 0) {
        char name[ROUTE_NAME_SIZE];
        struct str one = str_cut(&routes, ',');
        if (one.n > 2 && one.n - 2 < sizeof name && strchr(letters, one.p[0])) {
            memcpy(name, one.p + 2, one.n - 2);
            name[one.n - 2] = '\0';
            work_feed(w->queue, name, &feed, queue_ignore, NULL);
        }
    }
}

/* ---- Not confirmed in time. */

/* While the other channels are asked whom they may tell. */
struct overdue {
    struct worker *worker;
    struct held *held;
    fallback_next *next;
    uint8_t places[CHUNK_MEMBERS];
    size_t n;
    char now_ms[24];
    size_t channel; /* the next to be asked, its place among the broadcast's */
    char name[16];
    uint8_t refused[CHUNK_MEMBERS]; /* by place: the bits of such channels */
    char letters[CHUNK_MEMBERS + 1];
};

static void
overdue_end(struct overdue *o, const struct err *err)
{
    struct worker *w = o->worker;
    struct held *h = o->held;
    fallback_next *next = o->next;
    if (!err) {
        fallback_wake(w, h, o->letters);
        h->broadcast->touched = true;
    }
    free(o);
    next(w, h, err);
}

static void
on_fallen_back(void *arg, const struct done_answer *answer, const struct err *err)
{
    struct overdue *o = arg;
    if (!err && answer->stale) {
        o->held->stale = true;
    }
    overdue_end(o, err);
}

static void
put_detail(struct done_batch *batch, uint8_t place, const char *field, struct str value)
{
    int at = batch->details_n++;
    batch->details[at].place = place;
    (void)snprintf(batch->details[at].field, sizeof batch->details[at].field, "%s", field);
    batch->details[at].value = value;
}

static void
fall_back(struct overdue *o)
{
    struct done_batch *batch = xcalloc(1, sizeof *batch);
    struct ledger ledger = {.channel = o->worker->route->channel, .link = -1};
    struct chunk_name name = held_name(o->worker, o->held);
    (void)snprintf(ledger.reason, sizeof ledger.reason, "%s", reason_code(REASON_UNCONFIRMED));
    for (size_t i = 0; i < o->n; i++) {
        uint8_t place = o->places[i];
        char letter = letter_but(o->worker, o->held, place, o->refused[place]);
        if (letter) {
            char *kept = &o->letters[strlen(o->letters)];
            *kept = letter;
            put_detail(batch, place, "route", (struct str){kept, 1});
            batch->places[batch->n] = place;
            batch->events[batch->n] = EVENT_ELSEWHERE;
            ledger_pack(&ledger, batch->ledger[batch->n++]);
        }
    }
    put_detail(batch, 0, "waited", str_of(o->now_ms));
    put_detail(batch, 0, "looked", (struct str){(const char *)o->places, o->n});
    chunk_done(o->worker->queue, &name, o->held->epoch, batch, on_fallen_back, o);
    free(batch);
}

static void ask_next(struct overdue *o);

static void
on_consent(void *arg, const uint8_t *bits, size_t n, const struct err *err)
{
    struct overdue *o = arg;
    if (err) {
        overdue_end(o, err);
        return;
    }
    for (size_t i = 0; i < n && i < CHUNK_MEMBERS; i++) {
        o->refused[i] |= (uint8_t)((bits[i] ? 1U : 0U) << (o->channel - 1));
    }
    ask_next(o);
}

static void
ask_next(struct overdue *o)
{
    const struct broadcast *b = o->held->broadcast;
    o->channel += o->channel == b->channel; /* they had that one */
    struct str name = item_at(str_of(b->channels), (uint32_t)o->channel++);
    if (name.n == 0) {
        fall_back(o);
        return;
    }
    (void)snprintf(o->name, sizeof o->name, "%.*s", (int)name.n, name.p);
    members_opted_out(o->worker->queue, o->name, o->held->numbers, on_consent, o);
}

bool
fallback_overdue(struct worker *w, struct held *h, const struct claim_answer *answer,
                 fallback_next *next)
{
    if (answer->overdue.n == 0 || answer->overdue.n > CHUNK_MEMBERS) {
        return false;
    }
    struct overdue *o = xcalloc(1, sizeof *o);
    *o = (struct overdue){.worker = w, .held = h, .next = next};
    o->n = answer->overdue.n;
    memcpy(o->places, answer->overdue.p, o->n);
    (void)snprintf(o->now_ms, sizeof o->now_ms, "%lld", (long long)answer->now_ms);
    ask_next(o);
    return true;
}

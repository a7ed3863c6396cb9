/* A chunk's life in the worker: from the stream's entry to its end. */
// SPDX-License-Identifier: MIT
#include "gateway/worker.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "gateway/core/outcome.h"
#include "gateway/core/reason.h"
#include "gateway/core/wording.h"
#include "gateway/doubt.h"
#include "gateway/fallback.h"
#include "gateway/held.h"
#include "gateway/kept.h"
#include "gateway/record.h"
#include "queue/members.h"

enum { TICK_MS = 100, RENEW_US = LEASE_MS * 1000 / 4 };

struct chunk_name
held_name(const struct worker *w, const struct held *h)
{
    size_t channel = h->broadcast ? h->broadcast->channel : 0;
    return (struct chunk_name){h->id, w->route->name, h->chunk, channel};
}

uint32_t
held_owner(const struct worker *w, const struct held *h)
{
    return w->number << OWNER_SHIFT | (uint32_t)(h - w->held);
}

/* No later than that Unix time, whatever the lease. */
static void
write_before(struct held *h, int64_t unix_s)
{
    int64_t left_ms = unix_s * 1000 - clock_unix_ms();
    int64_t end_us = clock_monotonic_us() + left_ms * 1000;
    h->write_before_us = end_us < h->write_before_us ? end_us : h->write_before_us;
}

void
held_lease_renewed(const struct worker *w, struct held *h, int64_t asked_us)
{
    if (asked_us < h->leased_us) {
        return;
    }
    h->leased_us = asked_us;
    h->write_before_us = asked_us + (int64_t)LEASE_MS * 1000 / 2;
    if (h->broadcast && h->broadcast->expires_s > 0) {
        write_before(h, h->broadcast->expires_s);
    }
    if (h->priority == PRIORITY_NORMAL && w->quiet_from_min != w->quiet_to_min) {
        write_before(h, w->quiet.begins_s);
    }
}

bool
held_is_quiet(const struct worker *w, const struct held *h)
{
    return h->priority == PRIORITY_NORMAL && w->quiet_from_min != w->quiet_to_min &&
           clock_unix_ms() >= w->quiet.begins_s * 1000;
}

/* The span is over: the next one. */
static void
keep_quiet(struct worker *w)
{
    int64_t now_s = clock_unix_ms() / 1000;
    if (now_s >= w->quiet.ends_s) {
        w->quiet = quiet_span(w->quiet_from_min, w->quiet_to_min, now_s, clock_offset_min(now_s));
    }
}

void
worker_set_quiet(struct worker *w, int from_min, int to_min)
{
    w->quiet_from_min = from_min;
    w->quiet_to_min = to_min;
    w->quiet = (struct quiet){0};
    keep_quiet(w);
}

struct of_held *
of_held(struct worker *w, struct held *h)
{
    struct of_held *of = xmalloc(sizeof *of);
    *of = (struct of_held){w, h};
    return of;
}

/* Unpacks a callback's argument; true when the call succeeded.  What failed is tried again by the
 * tick: a lost connection, a full Redis and their like end by themselves. */
static bool
answered(void *arg, const struct err *err, struct worker **w, struct held **h)
{
    struct of_held *of = arg;
    *w = of->worker;
    *h = of->held;
    free(of);
    (*h)->busy = false;
    if (err && err->code != ERR_GONE) {
        log_event(err->code == ERR_AGAIN ? LOG_WARNING : LOG_ERROR, "chunk.refused",
                  "broadcast=%s chunk=%u why=%s", (*h)->id, (*h)->chunk,
                  log_value(str_of(err->text)));
    }
    return err == NULL;
}

static void
held_free(struct worker *w, struct held *h)
{
    if (h->broadcast) {
        broadcasts_give(w->broadcasts, h->broadcast);
    }
    free(h->entry_owned);
    free(h->names_text);
    memset(h, 0, sizeof *h);
    while (w->held_n > 0 && w->held[w->held_n - 1].state == HELD_FREE) {
        w->held_n--;
    }
}

static void
on_finished(void *arg, const struct err *err)
{
    struct worker *w;
    struct held *h;
    if (answered(arg, err, &w, &h)) {
        held_free(w, h);
        dispatch(w);
    }
}

static void
finish(struct worker *w, struct held *h)
{
    struct work_end end = {h->entry, h->id, h->priority, h->chunk, h->successor, h->due_ms};
    work_finish(w->queue, w->route->name, &end, on_finished, of_held(w, h));
}

static void
held_to(struct worker *w, struct held *h, enum held_state state)
{
    h->state = state;
    held_step(w, h);
}

bool
held_closed(struct held *h, const struct done_answer *answer)
{
    if (!answer->stale && !answer->closed) { /* something became free to send meanwhile */
        h->more = true;
        h->state = HELD_OPEN;
        return false;
    }
    h->successor = answer->stale ? -1 : answer->successor;
    h->due_ms = answer->stale ? 0 : answer->due_ms;
    h->state = HELD_FINISH;
    return true;
}

static void
on_closed(void *arg, const struct done_answer *answer, const struct err *err)
{
    struct worker *w;
    struct held *h;
    if (!answered(arg, err, &w, &h)) {
        return;
    }
    if (held_closed(h, answer)) {
        held_step(w, h);
    } else {
        dispatch(w);
    }
}

static void
close_chunk(struct worker *w, struct held *h)
{
    static const struct done_batch nothing = {.close = true};
    static const struct done_batch rest = {.close = true, .give_up = true};
    struct chunk_name name = held_name(w, h);
    chunk_done(w->queue, &name, h->epoch, w->draining ? &rest : &nothing, on_closed, of_held(w, h));
}

static void
on_consent_recorded(void *arg, const struct done_answer *answer, const struct err *err)
{
    struct worker *w;
    struct held *h;
    if (answered(arg, err, &w, &h)) {
        h->stale = answer->stale;
        h->state = HELD_OPEN;
        h->more = true;
        dispatch(w);
        held_step(w, h);
    }
}

/* Who opted out since the chunk was planned is skipped before anything is begun. */
static void
on_opted_out(void *arg, const uint8_t *bits, size_t n, const struct err *err)
{
    struct worker *w;
    struct held *h;
    if (!answered(arg, err, &w, &h)) {
        return;
    }
    struct done_batch *batch = xcalloc(1, sizeof *batch);
    struct ledger skipped = {.channel = w->route->channel, .link = -1};
    (void)snprintf(skipped.reason, sizeof skipped.reason, "%s", reason_code(REASON_OPTED_OUT));
    for (size_t i = 0; i < n && i < h->members_n; i++) {
        if (bits[i]) {
            batch->places[batch->n] = (uint8_t)i;
            batch->events[batch->n] = EVENT_SKIPPED;
            ledger_pack(&skipped, batch->ledger[batch->n++]);
        }
    }
    if (batch->n == 0) {
        h->state = HELD_OPEN;
        h->more = true;
        dispatch(w);
    } else {
        struct chunk_name name = held_name(w, h);
        h->busy = true;
        chunk_done(w->queue, &name, h->epoch, batch, on_consent_recorded, of_held(w, h));
    }
    free(batch);
}

/* As they go into the text: cleaned once, not for each part. */
static void
on_names(void *arg, const struct str *names, size_t n, const struct err *err)
{
    struct worker *w;
    struct held *h;
    if (!answered(arg, err, &w, &h)) {
        return;
    }
    struct arena *arena = arena_new();
    struct buf text;
    buf_init(&text, UINT16_MAX);
    for (size_t i = 0; i < n && i < h->members_n; i++) {
        struct str name = wording_name(arena, names[i]);
        name = name.n > 0 ? name : str_of(h->broadcast->nameless);
        struct str plain = wording_plain_name(arena, name);
        h->name_at[i] = (uint16_t)text.n;
        h->name_n[i] = (uint16_t)name.n;
        h->plain_n[i] = (uint8_t)plain.n;
        buf_add_str(&text, name);
        buf_add_str(&text, plain);
    }
    free(h->names_text);
    h->names_text = xstrndup(text.p ? text.p : "", text.n);
    buf_deinit(&text);
    arena_free(&arena);
    held_to(w, h, HELD_CONSENT);
}

/* Cuts "84…,,84…" into the members' addresses; what is no address of ours counts as none. */
static void
take_addresses(struct held *h, struct str joined)
{
    struct str rest = joined;
    size_t used = 0;
    for (uint32_t place = 0; place < h->members_n; place++) {
        struct str one = rest.p ? str_cut(&rest, ',') : (struct str){NULL, 0};
        h->address_at[place] = (uint16_t)used;
        h->address_n[place] = 0;
        if (one.n > 0 && one.n < LINK_ADDRESS_SIZE) {
            memcpy(h->addresses + used, one.p, one.n);
            h->address_n[place] = (uint16_t)one.n;
            used += one.n;
        }
    }
}

/* Who was told already and has to be told by another channel is; on with the others. */
static void
on_overdue(struct worker *w, struct held *h, const struct err *err)
{
    h->busy = false;
    if (!err) { /* else the tick claims it again */
        held_to(w, h, h->broadcast->named ? HELD_NAMES : HELD_CONSENT);
    }
}

static void
take_entry(struct held *h, const struct claim_answer *answer)
{
    free(h->entry_owned);
    h->epoch = answer->epoch;
    h->entry_owned = xstrndup(answer->entry.p, answer->entry.n);
    h->entry_text = (struct str){h->entry_owned, answer->entry.n};
    h->numbers = (struct str){h->entry_owned, answer->numbers.n}; /* it begins with them */
}

static void
on_claimed(void *arg, const struct claim_answer *answer, const struct err *err)
{
    struct worker *w;
    struct held *h;
    if (!answered(arg, err, &w, &h)) {
        return;
    }
    h->successor = -1;
    if (answer->verdict == CLAIM_TAKEN || answer->verdict == CLAIM_NOTHING) {
        h->members_n = answer->members_n < CHUNK_MEMBERS ? answer->members_n : CHUNK_MEMBERS;
        take_addresses(h, answer->addresses);
        doubt_claimed(w, h, answer);
    }
    switch (answer->verdict) {
    case CLAIM_TAKEN:
        take_entry(h, answer);
        h->busy = true;
        if (!fallback_overdue(w, h, answer, on_overdue)) {
            on_overdue(w, h, NULL);
        }
        break;
    case CLAIM_NOTHING:
        h->epoch = answer->epoch;
        held_to(w, h, HELD_CLOSE);
        break;
    case CLAIM_HELD:
    case CLAIM_GONE:
        held_to(w, h, HELD_FINISH);
        break;
    }
}

static void
claim(struct worker *w, struct held *h)
{
    struct chunk_name name = held_name(w, h);
    held_lease_renewed(w, h, clock_monotonic_us());
    chunk_claim(w->queue, &name, on_claimed, of_held(w, h));
}

static void
on_broadcast(void *arg, struct broadcast *broadcast, const struct err *err)
{
    struct worker *w;
    struct held *h;
    bool known = answered(arg, err, &w, &h);
    if (known) {
        h->broadcast = broadcast;
        broadcast->touched = true;
        held_to(w, h, HELD_CLAIM);
    } else if (err->code == ERR_INPUT) { /* nothing that can be sent: logged above, let it go */
        h->successor = -1;
        held_to(w, h, HELD_FINISH);
    }
}

bool
held_is_still(const struct held *h)
{
    return h->in_flight == 0 && !h->begin_under_way && !h->begin_again && !h->renewing;
}

static bool
is_over(const struct worker *w, const struct held *h)
{
    return held_is_still(h) && record_is_empty(h) && (h->stale || !h->more || w->draining);
}

void
held_step(struct worker *w, struct held *h)
{
    if (h->busy || !queue_is_up(w->queue)) {
        return;
    }
    if (h->state == HELD_OPEN && is_over(w, h)) {
        h->successor = -1;
        h->state = h->stale ? HELD_FINISH : HELD_CLOSE;
    }
    h->busy = h->state != HELD_FREE && h->state != HELD_OPEN;
    switch (h->state) {
    case HELD_FREE:
    case HELD_OPEN:
        break;
    case HELD_INFO:
        broadcasts_take(w->broadcasts, h->id, on_broadcast, of_held(w, h));
        break;
    case HELD_CLAIM:
        claim(w, h);
        break;
    case HELD_NAMES:
        members_names(w->queue, h->numbers, on_names, of_held(w, h));
        break;
    case HELD_CONSENT:
        members_opted_out(w->queue, w->route->conf->name, h->numbers, on_opted_out, of_held(w, h));
        break;
    case HELD_CLOSE:
        close_chunk(w, h);
        break;
    case HELD_FINISH:
        finish(w, h);
        break;
    }
}

static void
on_renewed(void *arg, const struct done_answer *answer, const struct err *err)
{
    struct of_held *of = arg;
    struct held *h = of->held;
    struct worker *w = of->worker;
    h->renewing = false;
    if (!err && answer->stale) {
        h->stale = true;
    } else if (!err) {
        held_lease_renewed(w, h, h->renew_asked_us);
    }
    free(of);
}

static void
renew(struct worker *w, struct held *h, int64_t now_us)
{
    if (h->state != HELD_OPEN || h->renewing || h->stale || record_is_closing(h) ||
        now_us - h->leased_us < RENEW_US) {
        return;
    }
    struct chunk_name name = held_name(w, h);
    h->renewing = true;
    h->renew_asked_us = now_us;
    chunk_renew(w->queue, &name, h->epoch, on_renewed, of_held(w, h));
}

void
worker_resume(struct worker *w)
{
    if (!queue_is_up(w->queue)) {
        return;
    }
    int64_t now_us = clock_monotonic_us();
    record_retry(w); /* before anything is begun: see held.h, window */
    for (size_t i = 0; i < w->held_n; i++) {
        renew(w, &w->held[i], now_us);
        held_step(w, &w->held[i]);
    }
    dispatch(w);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct worker *w = arg;
    broadcasts_tidy(w->broadcasts);
    dispatch_watch(w);
    keep_quiet(w);
    worker_resume(w);
}

/* A chunk may stand in a stream twice.  Claiming again what we hold would take it from ourselves:
 * what is with a link would be uncertain. */
static bool
is_held(const struct worker *w, const struct work_item *item)
{
    for (size_t i = 0; i < w->held_n; i++) {
        const struct held *h = &w->held[i];
        bool works = h->state >= HELD_INFO && h->state <= HELD_OPEN;
        if (works && !h->stale && h->chunk == item->chunk && strcmp(h->id, item->id) == 0) {
            return true;
        }
    }
    return false;
}

static void
on_work(void *arg, const struct work_item *item)
{
    struct worker *w = arg;
    enum held_state first = is_held(w, item) ? HELD_FINISH : HELD_INFO;
    for (size_t i = 0; i < HELD_N; i++) {
        struct held *h = &w->held[i];
        if (h->state != HELD_FREE) {
            continue;
        }
        memcpy(h->entry, item->entry, strnlen(item->entry, sizeof h->entry - 1));
        memcpy(h->id, item->id, strnlen(item->id, sizeof h->id - 1));
        h->priority = item->priority;
        h->chunk = item->chunk;
        h->successor = -1;
        w->held_n = i >= w->held_n ? i + 1 : w->held_n;
        held_to(w, h, first);
        return;
    }
    log_event(LOG_ERROR, "chunk.dropped", "broadcast=%s chunk=%u why=%s", item->id, item->chunk,
              "\"more work than was asked for\"");
}

struct broadcasts *
worker_broadcasts(struct worker *w)
{
    return w->broadcasts;
}

struct worker *
worker_new(struct event_base *base, const struct conf *conf, struct queue *queue,
           const struct route *route, uint32_t number)
{
    struct worker *w = xcalloc(1, sizeof *w);
    w->conf = conf;
    w->queue = queue;
    w->route = route;
    w->number = number;
    for (size_t i = 0; i < route->carriers_n; i++) {
        w->balanced[i].order = route->order[i];
        w->balanced[i].weight = link_conf(route->carriers[i]->link)->weight;
    }
    w->broadcasts = broadcasts_new(queue, conf, route);
    w->arena = arena_new();
    w->batch = xcalloc(1, sizeof *w->batch);
    w->ids = xcalloc((size_t)DONE_MAX * SEGMENT_MAX, sizeof *w->ids);
    w->id_text = xmalloc((size_t)DONE_MAX * SEGMENT_MAX * LINK_ID_SIZE);
    w->kept_text = xmalloc((size_t)DONE_MAX * KEPT_SIZE);
    w->tick = event_new(base, -1, EV_PERSIST, on_tick, w);
    worker_set_quiet(w, conf->quiet_from_min, conf->quiet_to_min);
    return w;
}

void
worker_free(struct worker **worker)
{
    struct worker *w = *worker;
    if (!w) {
        return;
    }
    event_free(w->tick);
    for (size_t i = 0; i < w->held_n; i++) {
        struct held *h = &w->held[i];
        held_free(w, h);
    }
    broadcasts_free(&w->broadcasts);
    free(w->batch);
    free(w->ids);
    free(w->id_text);
    free(w->kept_text);
    arena_free(&w->arena);
    free(w);
    *worker = NULL;
}

void
worker_start(struct worker *w)
{
    struct timeval each = clock_timeval(TICK_MS);
    (void)event_add(w->tick, &each);
    work_read(w->queue, w->route->name, HELD_PER_PRIORITY, on_work, w);
}

void
worker_drain(struct worker *w)
{
    w->draining = true;
    work_read_stop(w->queue, w->route->name);
}

bool
worker_is_idle(const struct worker *w)
{
    for (size_t i = 0; i < w->held_n; i++) {
        const struct held *h = &w->held[i];
        if (h->state != HELD_FREE && !h->begin_again) { /* whom that took is found when it ends */
            return false;
        }
    }
    return true;
}

uint32_t
worker_of_message(const struct link_message *message)
{
    return message->owner >> OWNER_SHIFT;
}

void
worker_on_outcome(struct worker *w, const struct link *link, struct link_message *message)
{
    record_outcome(w, route_place(w->route, link), message);
}

void
worker_on_turn(struct worker *w, const struct link *link)
{
    size_t place = route_place(w->route, link);
    if (place < w->route->carriers_n) {
        record_flush(w, place);
        dispatch(w);
    }
}

/* What became of messages, on its way to Redis: the message ids first, then the outcomes.  While
 * one batch of a chunk is under way the next one gathers, so that batches grow with the load. */
// SPDX-License-Identifier: MIT
#include "gateway/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "gateway/core/outcome.h"
#include "gateway/core/reason.h"
#include "gateway/core/retry.h"
#include "gateway/doubt.h"
#include "gateway/fallback.h"
#include "gateway/kept.h"
#include "gateway/refusal.h"
#include "queue/receipt.h"
#include "queue/unheard.h"

static struct flush *
flush_take(struct worker *w, struct held *h, size_t link)
{
    struct flush *f = w->free_flushes;
    if (f) {
        w->free_flushes = f->next;
    } else {
        f = arena_alloc(w->arena, sizeof *f);
    }
    f->next = NULL;
    f->worker = w;
    f->held = h;
    f->link = link;
    f->under_way = f->doubt_done = f->ids_done = false;
    f->counted_free = f->closes = false;
    f->n = f->parts = f->early = 0;
    f->number = f->throttled = 0;
    memset(f->next_routes, 0, sizeof f->next_routes);
    return f;
}

static void
flush_give(struct worker *w, struct flush *f)
{
    for (int i = 0; i < f->n; i++) {
        message_give(w, f->messages[i]);
    }
    f->next = w->free_flushes;
    w->free_flushes = f;
}

bool
record_is_empty(const struct held *h)
{
    for (size_t l = 0; l < ROUTE_LINKS; l++) {
        if (h->open[l] || h->sending[l]) {
            return false;
        }
    }
    return true;
}

bool
record_is_closing(const struct held *h)
{
    for (size_t l = 0; l < ROUTE_LINKS; l++) {
        if (h->sending[l] && h->sending[l]->closes) {
            return true;
        }
    }
    return false;
}

/* Whether these outcomes are the last that can come of the chunk now: then one call records them
 * and closes it. */
static bool
is_last(const struct worker *w, const struct flush *f)
{
    const struct held *h = f->held;
    bool alone = true;
    for (size_t l = 0; l < ROUTE_LINKS; l++) {
        alone = alone && !h->open[l] && (!h->sending[l] || h->sending[l] == f);
    }
    return alone && h->state == HELD_OPEN && !h->busy && !h->stale && !h->more && !w->draining &&
           held_is_still(h);
}

void
record_outcome(struct worker *w, size_t link, struct link_message *m)
{
    struct held *h = &w->held[m->owner & ((1U << OWNER_SHIFT) - 1)];
    if (!h->open[link]) {
        h->open[link] = flush_take(w, h, link);
    }
    struct flush *f = h->open[link];
    int parts = m->parts_n;
    f->messages[f->n++] = m; /* a chunk's members are with a link once at most: never over 256 */
    f->parts += parts;
    h->in_flight--;
    carrier_of(w, link)->in_flight -= parts;
    carrier_of(w, link)->unrecorded += parts;
}

/* ---- From a message to its row in the batch. */

/* Uncertain once more, and all tries are used up: sent again for ever it would be told for ever.  A
 * receipt still makes it delivered. */
static bool
was_tried_enough(const struct worker *w, const struct flush *f, const struct link_message *m)
{
    const struct conf_link *link = link_conf(carrier_of(w, f->link)->link);
    return link->on_uncertain == UNCERTAIN_RESEND &&
           f->held->attempts[m->place] >= w->conf->retry.attempts;
}

/* Another sender of the route could take it at once. */
static bool
another_is_bound(const struct worker *w, size_t link)
{
    for (size_t i = 0; i < w->route->carriers_n; i++) {
        if (i != link && link_state(carrier_of(w, i)->link) == LINK_BOUND) {
            return true;
        }
    }
    return false;
}

/* The link took others in between: it is this message that is refused, again and again. */
static bool
is_refused_alone(const struct worker *w, const struct flush *f, const struct link_message *m)
{
    return m->refused_alone && f->held->attempts[m->place] >= w->conf->retry.attempts;
}

/* A link that refuses everything uses up nobody's tries: they go elsewhere, or wait for it. */
static int64_t
elsewhere_at(const struct worker *w, size_t link, const struct link_message *m)
{
    enum { SOON_MS = 1000 };
    int64_t wait_ms = another_is_bound(w, link) || m->retry_ms < SOON_MS ? SOON_MS : m->retry_ms;
    return clock_unix_ms() + wait_ms;
}

static int64_t
later_at(const struct worker *w, const struct held *h, const struct link_message *m)
{
    const struct retry_rules rules = {w->conf->retry.attempts, w->conf->retry.first_ms,
                                      w->conf->retry.max_ms, m->retry_ms};
    return retry_at(&rules, h->attempts[m->place], clock_unix_ms(), h->broadcast->expires_s * 1000,
                    randombytes_random());
}

/* As if there were no other channel. */
static char
event_here(const struct worker *w, const struct flush *f, const struct link_message *m,
           int64_t *due_ms)
{
    switch (m->result) {
    case LINK_ACCEPTED:
        return EVENT_ACCEPTED;
    case LINK_PERMANENT:
        return EVENT_PERMANENT;
    case LINK_UNCERTAIN:
        return was_tried_enough(w, f, m) ? EVENT_PERMANENT : EVENT_LOST;
    case LINK_NOT_WRITTEN:
        return EVENT_RELEASED;
    case LINK_REFUSED:
        if (is_refused_alone(w, f, m)) {
            return EVENT_PERMANENT;
        }
        *due_ms = elsewhere_at(w, f->link, m);
        return EVENT_THROTTLED;
    case LINK_ELSEWHERE:
        *due_ms = m->retry_ms > 0 ? later_at(w, f->held, m) : 0;
        return *due_ms ? EVENT_TEMPORARY : EVENT_PERMANENT;
    case LINK_TEMPORARY:
        *due_ms = later_at(w, f->held, m);
        return *due_ms ? EVENT_TEMPORARY : EVENT_PERMANENT;
    }
    return EVENT_LOST;
}

/* Nobody has failed whom another channel may still reach. */
static char
event_of(const struct worker *w, const struct flush *f, const struct link_message *m,
         int64_t *due_ms)
{
    char event = event_here(w, f, m, due_ms);
    bool over = event == EVENT_PERMANENT || m->result == LINK_ELSEWHERE;
    if (over && fallback_letter(w, f->held, m->place)) {
        *due_ms = 0;
        return EVENT_ELSEWHERE;
    }
    return event;
}

static void
put_reason(struct ledger *ledger, const struct link_message *m)
{
    if (m->reason[0] && m->result != LINK_ACCEPTED) {
        memcpy(ledger->reason, m->reason, sizeof m->reason);
    } else if (m->result == LINK_UNCERTAIN) {
        (void)snprintf(ledger->reason, sizeof ledger->reason, "%s", reason_code(REASON_RESPONSE));
    } else if (m->status != 0) {
        reason_of_status(m->status, ledger->reason);
    }
}

/* The ids of the parts joined by ';'; what the ledger has no room for goes into the details. */
static void
put_ids(struct worker *w, struct ledger *ledger, const struct link_message *m)
{
    char *joined = w->id_text + w->id_text_n;
    size_t n = 0;
    for (int part = 0; part < m->parts_n; part++) {
        size_t one = strnlen(m->ids[part], LINK_ID_SIZE - 1);
        memcpy(joined + n, m->ids[part], one);
        n += one;
        joined[n++] = ';';
    }
    n--;
    if (n + 1 == m->parts_n) {
        return; /* nothing but separators: no part was given an id */
    }
    if (n <= LEDGER_ID) {
        memcpy(ledger->id, joined, n);
        ledger->id[n] = '\0';
        return;
    }
    memcpy(ledger->id, "*", 2);
    w->id_text_n += n;
    int at = w->batch->details_n++;
    w->batch->details[at].place = (uint8_t)m->place;
    memcpy(w->batch->details[at].field, "id", sizeof "id");
    w->batch->details[at].value = (struct str){joined, n};
}

/* What was accepted need not go again: the next try finds it in the details. */
static void
put_kept(struct worker *w, const struct flush *f, const struct link_message *m)
{
    const struct held *h = f->held;
    char *text = w->kept_text + w->kept_text_n;
    size_t n = kept_put(m, h->attempts[m->place], h->broadcast->codes[f->link], text);
    w->kept_text_n += n;
    int at = w->batch->details_n++;
    w->batch->details[at].place = (uint8_t)m->place;
    memcpy(w->batch->details[at].field, "kept", sizeof "kept");
    w->batch->details[at].value = (struct str){text, n};
}

/* Which route's turn it is now. */
static void
put_next_route(struct worker *w, struct flush *f, const struct link_message *m)
{
    struct done_batch *batch = w->batch;
    char *letter = w->id_text + w->id_text_n++;
    *letter = fallback_letter(w, f->held, m->place);
    int at = batch->details_n++;
    batch->details[at].place = (uint8_t)m->place;
    memcpy(batch->details[at].field, "route", sizeof "route");
    batch->details[at].value = (struct str){letter, 1};
    if (!strchr(f->next_routes, *letter) && strlen(f->next_routes) + 1 < sizeof f->next_routes) {
        f->next_routes[strlen(f->next_routes)] = *letter;
    }
}

static void
put_row(struct worker *w, struct flush *f, const struct link_message *m)
{
    struct done_batch *batch = w->batch;
    const struct held *h = f->held;
    int row = batch->n++;
    batch->places[row] = (uint8_t)m->place;
    batch->due_ms[row] = 0;
    batch->events[row] = event_of(w, f, m, &batch->due_ms[row]);
    f->events[row] = batch->events[row];
    batch->parts[row] = m->parts_written;
    bool final = batch->events[row] == EVENT_PERMANENT ||
                 (m->result == LINK_ACCEPTED &&
                  link_conf(carrier_of(w, f->link)->link)->receipts == RECEIPTS_NONE);
    struct ledger ledger = {
        .channel = w->route->channel,
        .link = h->broadcast->codes[f->link],
        .attempts = h->attempts[m->place],
        .parts = m->parts_n,
        .submitted_s = m->submitted_s,
        .final_s = final ? clock_unix_ms() / 1000 : 0,
    };
    put_reason(&ledger, m);
    if (batch->due_ms[row] > 0 && kept_is_worth(m)) {
        put_kept(w, f, m); /* with the ids: one detail a member */
    } else if (m->result != LINK_NOT_WRITTEN) {
        put_ids(w, &ledger, m);
    }
    ledger_pack(&ledger, batch->ledger[row]);
    if (batch->events[row] == EVENT_ELSEWHERE) {
        put_next_route(w, f, m);
    }
}

/* ---- The two calls. */

static void
count_flush(struct worker *w, const struct flush *f)
{
    struct link_tally *tally = &carrier_of(w, f->link)->tally;
    for (int i = 0; i < f->n; i++) {
        const struct link_message *m = f->messages[i];
        tally->parts_submitted += m->parts_written;
        tally->accepted += m->result == LINK_ACCEPTED;
        tally->uncertain += m->result == LINK_UNCERTAIN;
        tally->failed += f->events[i] == EVENT_PERMANENT;
        tally->retried += f->events[i] == EVENT_TEMPORARY || f->events[i] == EVENT_THROTTLED;
    }
}

static void
on_done(void *arg, const struct done_answer *answer, const struct err *err)
{
    struct flush *f = arg;
    struct worker *w = f->worker;
    struct held *h = f->held;
    f->under_way = false;
    if (err) {
        if (err->code == ERR_INPUT) {
            log_event(LOG_ERROR, "outcomes.refused", "broadcast=%s chunk=%u why=%s", h->id,
                      h->chunk, log_value(str_of(err->text)));
        }
        return; /* idempotent: the tick sends it again */
    }
    h->sending[f->link] = NULL;
    if (answer->stale) {
        h->stale = true;
        h->more = false;
    } else {
        held_lease_renewed(w, h, f->asked_us);
        for (int i = 0; i < f->n && !h->more; i++) {
            h->more = f->messages[i]->result == LINK_NOT_WRITTEN;
        }
    }
    h->broadcast->touched = true;
    count_flush(w, f);
    refusal_record(w, f);
    fallback_wake(w, h, f->next_routes);
    if (f->closes && !answer->stale) {
        (void)held_closed(h, answer);
    }
    size_t link = f->link;
    if (f->early > 0) {
        receipt_sweep(w->queue, link_conf(carrier_of(w, link)->link)->name, queue_ignore, NULL);
    }
    flush_give(w, f);
    if (h->open[link]) {
        record_flush(w, link);
    }
    held_step(w, h);
    dispatch(w);
}

static uint32_t
throttled_since(struct worker *w, size_t link)
{
    struct link_stats stats;
    link_stats(carrier_of(w, link)->link, &stats);
    uint32_t more = (uint32_t)stats.throttled - carrier_of(w, link)->throttled_seen;
    carrier_of(w, link)->throttled_seen = (uint32_t)stats.throttled;
    return more;
}

static void
send_done(struct flush *f)
{
    struct worker *w = f->worker;
    struct held *h = f->held;
    struct done_batch *batch = w->batch;
    batch->n = batch->details_n = 0;
    if (f->number == 0) { /* sent again it keeps both, so that they count once */
        f->number = ++h->done_number;
        f->throttled = throttled_since(w, f->link);
    }
    batch->number = f->number;
    batch->throttled = f->throttled;
    w->id_text_n = w->kept_text_n = 0;
    for (int i = 0; i < f->n; i++) {
        put_row(w, f, f->messages[i]);
    }
    batch->close = f->closes = is_last(w, f);
    struct chunk_name name = held_name(w, h);
    f->under_way = true;
    f->asked_us = clock_monotonic_us();
    chunk_done(w->queue, &name, h->epoch, batch, on_done, f);
    if (!f->counted_free) { /* the begin that follows on this connection comes after this done */
        f->counted_free = true;
        carrier_of(w, f->link)->unrecorded -= f->parts;
    }
}

/* The room that it leaves is taken again in the same call. */
static void
send_done_and_begin(struct flush *f)
{
    struct worker *w = f->worker;
    chunk_together(w->queue);
    send_done(f);
    dispatch(w);
    chunk_apart(w->queue);
}

static void
on_ids(void *arg, const struct ids_answer *answer, const struct err *err)
{
    struct flush *f = arg;
    f->under_way = false;
    if (err) {
        return; /* the tick sends it again */
    }
    f->ids_done = true;
    f->early += answer->early;
    send_done_and_begin(f);
}

/* The id as receipts will be looked up by it; in `w->id_text` where that is another text. */
static const char *
id_of_part(struct worker *w, const struct flush *f, const struct link_message *m, int part)
{
    enum message_id_form form = link_conf(carrier_of(w, f->link)->link)->receipt_ids;
    if (form == ID_SAME) {
        return m->ids[part];
    }
    char *out = w->id_text + w->id_text_n;
    message_id_common(str_of(m->ids[part]), form, false, out);
    w->id_text_n += MESSAGE_ID_ROOM;
    return out;
}

/* The ids of one message's parts; returns how many. */
static int
put_entries(struct worker *w, const struct flush *f, const struct link_message *m,
            struct id_entry *entries)
{
    const struct held *h = f->held;
    /* A provider's id is that of the whole message, in however many parts it goes. */
    bool one_id = link_conf(carrier_of(w, f->link)->link)->kind != LINK_SMPP;
    int n = 0;
    for (int part = 0; part < m->parts_n && m->result != LINK_NOT_WRITTEN; part++) {
        if (m->ids[part][0]) {
            entries[n++] = (struct id_entry){
                .message_id = id_of_part(w, f, m, part),
                .id = h->id,
                .index = h->chunk * CHUNK_MEMBERS + m->place,
                .attempt = h->attempts[m->place],
                .part = (uint8_t)(part + 1),
                .parts = one_id ? 1 : m->parts_n,
            };
        }
    }
    return n;
}

/* Half of what the next channel waits, if that is sooner: who was told needs no other message. */
static int64_t
ask_after_ms(const struct flush *f, const struct link *link)
{
    int64_t after_ms = link_conf(link)->ask_after_ms;
    int64_t next_ms = f->worker->route->conf->fallback_after_ms;
    return next_ms > 0 && next_ms / 2 < after_ms ? next_ms / 2 : after_ms;
}

/* Whoever has no receipt in a while is to be asked about. */
static void
expect_receipts(const struct flush *f, const struct id_entry *entries, int n)
{
    const struct link *link = carrier_of(f->worker, f->link)->link;
    const char *ids[UNHEARD_MOST];
    for (int at = 0; link_can_ask(link) && at < n;) {
        int some = 0;
        while (some < UNHEARD_MOST && at < n) {
            ids[some++] = entries[at++].message_id;
        }
        unheard_expect(f->worker->queue, link_conf(link)->name, ids, some, ask_after_ms(f, link));
    }
}

/* The ids of what was accepted; none: the outcomes can go at once. */
static int
collect_ids(const struct flush *f, struct id_entry *entries)
{
    int n = 0;
    f->worker->id_text_n = 0;
    for (int i = 0; i < f->n; i++) {
        n += put_entries(f->worker, f, f->messages[i], entries + n);
    }
    return n;
}

static void flush_send(struct flush *f);

static void
on_doubt(struct flush *f, const struct err *err)
{
    f->under_way = false;
    if (!err) { /* else the tick sends it again */
        flush_send(f);
    }
}

static void
flush_send(struct flush *f)
{
    struct worker *w = f->worker;
    const struct conf_link *link = link_conf(carrier_of(w, f->link)->link);
    int n = 0;
    if (!f->doubt_done && doubt_record(f, on_doubt)) {
        f->under_way = true;
        return;
    }
    f->doubt_done = true;
    if (!f->ids_done && link->receipts != RECEIPTS_NONE) {
        n = collect_ids(f, w->ids);
        if (n > 0) {
            f->under_way = true;
            expect_receipts(f, w->ids, n);
            receipt_ids(w->queue, link->name, w->ids, n, on_ids, f);
        }
    }
    if (n == 0) {
        f->ids_done = true;
        send_done(f);
    }
}

/* What was gathered of one chunk.  After a large one, the room that it leaves is taken again before
 * Redis does the others. */
static void
flush_open(struct worker *w, struct held *h, size_t link)
{
    int n = h->open[link]->n;
    h->sending[link] = h->open[link];
    h->open[link] = NULL;
    if (n < CHUNK_MEMBERS / 2) {
        flush_send(h->sending[link]);
        return;
    }
    chunk_together(w->queue);
    flush_send(h->sending[link]);
    dispatch(w);
    chunk_apart(w->queue);
    queue_flush(w->queue);
}

void
record_flush(struct worker *w, size_t link)
{
    if (!queue_is_up(w->queue)) {
        return;
    }
    for (size_t i = 0; i < w->held_n; i++) {
        struct held *h = &w->held[i];
        if (h->open[link] && !h->sending[link]) {
            flush_open(w, h, link);
        }
    }
}

static void
flush_again(struct flush *f)
{
    if (f && !f->under_way) {
        flush_send(f);
    }
}

void
record_retry(struct worker *w)
{
    for (size_t link = 0; link < w->route->carriers_n; link++) {
        for (size_t i = 0; i < w->held_n; i++) {
            flush_again(w->held[i].sending[link]);
        }
        record_flush(w, link);
    }
}

/* Links over HTTP: messages out, pauses, and what becomes of each message.
 *
 * A message stands in the waiting list until its request is handed to libcurl.  What the platform
 * certainly did not take comes back as LINK_NOT_WRITTEN and costs no attempt; what it may have
 * taken is LINK_UNCERTAIN and is never sent again from here. */
// SPDX-License-Identifier: MIT
#include "gateway/links/http/http_link.h"

#include <event2/event.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "gateway/core/rate.h"
#include "gateway/core/reason.h"
#include "gateway/core/time.h"
#include "gateway/links/http/ask.h"
#include "gateway/links/http/chats.h"
#include "gateway/links/http/outcome.h"
#include "gateway/links/http/pace.h"
#include "gateway/links/http/quota.h"
#include "gateway/links/http/text.h"

enum { PUMP_LEAST_US = 200, PUMP_MOST_US = 1000000 };

/* ---- State. */

void
http_set_state(struct http_link *l, enum link_state state, const char *why)
{
    if (state == l->state) {
        return;
    }
    if (state == LINK_BOUND) { /* what it says of itself is of now */
        l->last_error[0] = '\0';
    }
    l->state = state;
    l->since_s = clock_unix_ms() / 1000;
    l->events.on_state(l->events.ctx, &l->link, state, why);
}

void
http_note_error(struct http_link *l, const char *what)
{
    (void)snprintf(l->last_error, sizeof l->last_error, "%s", what);
}

void
http_link_stop(struct http_link *l, const char *why)
{
    http_note_error(l, why);
    if (l->state != LINK_STOPPED) {
        log_event(LOG_ERROR, "link.stopped", "link=%s why=%s", l->link.conf->name,
                  log_value(str_of(why)));
    }
    http_set_state(l, LINK_STOPPED, why);
    event_active(l->pump, EV_TIMEOUT, 0);
}

void
http_pause_until(struct http_link *l, int64_t until_us, enum link_state state, const char *why)
{
    if (until_us > l->paused_until_us) {
        l->paused_until_us = until_us;
    }
    http_note_error(l, why);
    if (l->state == LINK_BOUND) {
        log_event(LOG_WARNING, "link.paused", "link=%s for_ms=%lld why=%s", l->link.conf->name,
                  (long long)(l->paused_until_us - clock_monotonic_us()) / 1000,
                  log_value(str_of(why)));
        http_set_state(l, state, why);
    }
    event_active(l->pump, EV_TIMEOUT, 0);
}

/* ---- The waiting list. */

void
http_tell(struct http_link *l, struct link_message *m, enum link_result result)
{
    m->result = result;
    event_active(l->turn, EV_TIMEOUT, 0);
    l->events.on_outcome(l->events.ctx, &l->link, m);
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
    struct http_link *l = arg;
    (void)fd, (void)what;
    l->events.on_turn(l->events.ctx, &l->link);
}

void
http_put_back(struct http_link *l, struct link_message *m)
{
    m->next = l->first;
    if (!l->first) {
        l->last = &m->next;
    }
    l->first = m;
    l->waiting_n++;
    m->parts_written = 0;
    m->turn = (struct chat_turn){CHAT_NONE, 0};
}

/* ---- Messages out. */

void
draft_header(struct http_draft *draft, const char *name, struct str value)
{
    if (draft->headers_n + 1 < HTTP_HEADERS) {
        struct buf *b = &draft->headers[draft->headers_n++];
        buf_init(b, HTTP_HEADER_MOST);
        buf_add_z(b, name);
        buf_add_z(b, ": ");
        buf_add_str(b, value);
    }
}

void
http_draft_init(struct http_draft *draft, enum provider_method method)
{
    draft->method = method;
    draft->headers_n = 0;
    draft->fresh = false;
    buf_init(&draft->url, HTTP_URL_MOST);
    buf_init(&draft->body, HTTP_BODY_MOST);
}

void
http_draft_free(struct http_draft *draft)
{
    buf_deinit(&draft->url);
    buf_deinit(&draft->body);
    for (size_t i = 0; i < draft->headers_n; i++) {
        sodium_memzero(draft->headers[i].p, draft->headers[i].n);
        buf_deinit(&draft->headers[i]);
    }
}

static void
call_free(struct http_call *call)
{
    *call->self = call->next;
    if (call->next) {
        call->next->self = call->self;
    }
    free(call);
}

static void
on_answer(void *arg, const struct answer_reply *reply)
{
    struct http_call *call = arg;
    struct http_link *l = call->l;
    l->in_flight--;
    http_outcome(call, reply);
    call_free(call);
    event_active(l->pump, EV_TIMEOUT, 0);
}

static void
start_call(struct http_link *l, struct link_message *m, const struct http_draft *draft)
{
    struct http_call *call = xcalloc(1, sizeof *call);
    *call = (struct http_call){l->calls, &l->calls, l, m, l->token_number, {0}};
    call->quota = http_quota_take(l, m, clock_monotonic_us());
    if (call->next) {
        call->next->self = &call->next;
    }
    l->calls = call;
    l->in_flight++;
    l->submitted += m->parts_n;
    m->submitted_s = clock_unix_ms() / 1000;
    m->parts_written = m->parts_n;
    if (l->kind->leaves) {
        l->kind->leaves(l, m, clock_monotonic_us());
    }
    http_link_send(l, draft, l->link.conf->response_ms, on_answer, call);
}

static void
send_one(struct http_link *l, struct link_message *m)
{
    struct http_draft draft;
    struct err err = {0};
    http_draft_init(&draft, METHOD_POST);
    int rc = l->kind->fill(l, m, &draft, &err);
    if (rc == 0 && (draft.url.overflow || draft.body.overflow || draft.url.n == 0)) {
        rc = err_set(&err, ERR_LIMIT, "the request is too long");
    }
    draft.fresh = draft.body.n == 0; /* on a kept one libcurl would repeat it by itself */
    if (rc == 0) {
        start_call(l, m, &draft);
    } else {
        log_event(LOG_WARNING, "message.refused", "link=%s why=%s", l->link.conf->name,
                  log_value(str_of(err.text)));
        http_tell(l, m, LINK_PERMANENT);
    }
    http_draft_free(&draft);
}

static struct link_message *
take(struct http_link *l, struct link_message **at)
{
    struct link_message *m = *at;
    *at = m->next;
    if (!*at) {
        l->last = at;
    }
    m->next = NULL;
    l->waiting_n--;
    return m;
}

static bool
quota_is_gone(struct http_link *l)
{
    if (l->quota_until_ms && clock_unix_ms() >= l->quota_until_ms) {
        l->quota_until_ms = 0;
    }
    return l->quota_until_ms != 0;
}

/* What waits and cannot be sent by this link now goes back. */
static void
return_waiting(struct http_link *l)
{
    while (l->first) {
        struct link_message *m = take(l, &l->first);
        if (l->quota_until_ms && l->state != LINK_STOPPED) {
            http_quota_turn_away(l, m, l->quota_until_ms);
        } else {
            http_tell(l, m, LINK_NOT_WRITTEN);
        }
    }
}

/* It may not go before that time of the day.  What is urgent goes by another channel, if it can. */
static void
tell_later(struct http_link *l, struct link_message *m, int64_t later_ms)
{
    m->retry_ms = later_ms - clock_unix_ms();
    (void)snprintf(m->reason, sizeof m->reason, "%s", reason_code(REASON_NIGHT));
    http_tell(l, m, http_text_is_emergency(m) ? LINK_ELSEWHERE : LINK_TEMPORARY);
}

static bool
has_room(const struct http_link *l)
{
    return l->in_flight < l->link.conf->concurrency;
}

/* The quota lets it go another way only: none is left, or it is too urgent to wait for what other
 * gateways may give back. */
static bool
is_turned_away(enum quota_verdict quota, const struct link_message *m)
{
    return quota == QUOTA_GONE || (quota == QUOTA_HELD && http_text_is_emergency(m));
}

/* Sends what may go now; sets `wake_us` to when the first of the others may. */
static void
send_waiting(struct http_link *l, int64_t now_us)
{
    l->wake_us = INT64_MAX;
    l->turns_n = 0;
    for (struct link_message **at = &l->first; *at && has_room(l);) {
        struct link_message *m = *at;
        int64_t later_ms = 0, from_us = 0;
        if (l->kind->not_before) {
            from_us = l->kind->not_before(l, m, now_us, &later_ms);
        }
        enum quota_verdict quota = http_quota_may(l, m, now_us);
        if (m->write_before_us && now_us >= *m->write_before_us) {
            http_tell(l, take(l, at), LINK_NOT_WRITTEN);
        } else if (later_ms > 0) {
            tell_later(l, take(l, at), later_ms);
        } else if (from_us > now_us) {
            l->wake_us = from_us < l->wake_us ? from_us : l->wake_us;
            at = &m->next;
        } else if (is_turned_away(quota, m)) {
            http_quota_turn_away(l, take(l, at), 0);
        } else if (quota != QUOTA_GOES || !http_chats_may(l, m, now_us)) {
            at = &m->next;
        } else if (!http_pace_takes(l, now_us)) {
            l->wake_us = 0;
            return;
        } else {
            send_one(l, take(l, at));
        }
    }
}

/* When it could go on sending; INT64_MAX: that is not a matter of time. */
static int64_t
sends_at(struct http_link *l, int64_t now_us)
{
    bool asks = http_ask_may(l), waits = (l->first && has_room(l)) || asks;
    if (!waits || l->in_flight >= l->link.conf->concurrency) {
        return INT64_MAX;
    }
    int64_t at_us = http_pace_next_us(l, now_us);
    bool held = l->first && !asks && l->wake_us > at_us;
    return held ? l->wake_us : at_us;
}

static void
pump_again(struct http_link *l, int64_t now_us)
{
    int64_t at_us = l->paused_until_us;
    if (l->state == LINK_BOUND) {
        at_us = sends_at(l, now_us);
    }
    if (l->draining && l->drain_until_us < at_us) {
        at_us = l->drain_until_us;
    }
    int64_t wait_us = at_us - now_us;
    wait_us = wait_us < PUMP_LEAST_US ? PUMP_LEAST_US : wait_us;
    struct timeval wait = {wait_us < PUMP_MOST_US ? 0 : 1, wait_us % PUMP_MOST_US};
    (void)event_add(l->pump, &wait);
    http_quota_step(l);
    http_chats_step(l);
    if (http_link_wants(&l->link) > 0 && l->events.on_want) {
        l->events.on_want(l->events.ctx, &l->link);
    }
}

static void
drain_step(struct http_link *l, int64_t now_us)
{
    return_waiting(l);
    if (l->in_flight == 0 || now_us >= l->drain_until_us) {
        http_set_state(l, LINK_STOPPED, "drained");
    }
}

static void
on_pump(evutil_socket_t fd, short what, void *arg)
{
    struct http_link *l = arg;
    int64_t now_us = clock_monotonic_us();
    (void)fd, (void)what;
    bool paused = now_us < l->paused_until_us;
    bool waits = (l->needs_token && !l->token) || l->token_asked;
    if (!paused && !waits && !l->draining &&
        (l->state == LINK_THROTTLED || l->state == LINK_CONNECTING) &&
        (!l->kind->ready || l->kind->ready(l))) {
        http_set_state(l, LINK_BOUND, "ready");
        event_active(l->turn, EV_TIMEOUT, 0); /* there is room again */
    }
    if (l->draining) {
        drain_step(l, now_us);
    } else if (l->state == LINK_BOUND && !quota_is_gone(l)) {
        http_ask_waiting(l, now_us);
        send_waiting(l, now_us);
    } else if (!l->token_asked ||
               l->state == LINK_STOPPED) { /* a token comes soon, or is refused */
        return_waiting(l);
    }
    if (l->state != LINK_STOPPED || l->first) {
        pump_again(l, now_us);
    }
}

void
http_link_submit(struct link *link, struct link_message *m)
{
    struct http_link *l = (struct http_link *)link;
    m->next = NULL;
    m->status = 0;
    m->reason[0] = '\0';
    m->retry_ms = 0;
    m->token_tries = 0;
    m->turn = (struct chat_turn){CHAT_NONE, 0};
    m->parts_n = (uint8_t)http_text_parts(l, m);
    m->parts_written = m->parts_answered = 0;
    m->submitted_s = 0;
    for (int i = 0; i < m->parts_n; i++) {
        m->ids[i][0] = '\0';
    }
    *l->last = m;
    l->last = &m->next;
    l->waiting_n++;
    event_active(l->pump, EV_TIMEOUT, 0);
}

/* ---- Tokens. */

static void
wipe_token(struct http_link *l)
{
    if (l->token) {
        sodium_memzero(l->token, strlen(l->token));
        free(l->token);
        l->token = NULL;
    }
}

void
http_link_set_token(struct link *link, const char *token, const char *why)
{
    struct http_link *l = (struct http_link *)link;
    wipe_token(l);
    l->token_asked = false;
    if (token) {
        l->token = xstrdup(token);
        l->token_number++;
        if (l->token_lost) {
            l->token_lost = false;
            http_set_state(l, LINK_CONNECTING, "there is a token again");
        }
    } else {
        l->token_lost = l->token_lost || l->state != LINK_STOPPED;
        http_link_stop(l, why);
    }
    event_active(l->pump, EV_TIMEOUT, 0);
}

/* ---- Begin and end. */

void
http_link_start(struct link *link)
{
    struct http_link *l = (struct http_link *)link;
    l->draining = false;
    l->paused_until_us = 0;
    http_set_state(l, LINK_CONNECTING, "starts");
    if (l->needs_token && !l->token && !l->token_asked) {
        l->token_asked = true;
        l->kind->want_token(l);
    }
    event_active(l->pump, EV_TIMEOUT, 0);
}

void
http_link_drain(struct link *link, int64_t wait_ms)
{
    struct http_link *l = (struct http_link *)link;
    l->draining = true;
    l->drain_until_us = clock_monotonic_us() + wait_ms * 1000;
    event_active(l->pump, EV_TIMEOUT, 0);
}

struct link *
http_link_new(const struct http_kind *kind, struct event_base *base, const struct conf_link *conf,
              const struct link_events *events, struct err *err)
{
    struct http_link *l = xcalloc(1, kind->size);
    const struct http_options options = {conf->concurrency + 1, conf->ca_file, conf->pinned_key,
                                         conf->proxy};
    l->link = (struct link){kind->ops, conf};
    l->kind = kind;
    l->events = *events;
    l->last = &l->first;
    l->state = LINK_STOPPED;
    quota_init(&l->quota);
    l->quota.ask = kind->ask_quota != NULL;
    l->pump = evtimer_new(base, on_pump, l);
    l->turn = evtimer_new(base, on_turn, l);
    http_link_set_rate(&l->link, conf->rate);
    l->client = http_client_new(base, &options, err);
    if (!l->client || (kind->begin && kind->begin(l, err) != 0)) {
        http_link_free(&l->link);
        return NULL;
    }
    return &l->link;
}

void
http_link_free(struct link *link)
{
    struct http_link *l = (struct http_link *)link;
    if (l->kind->end) {
        l->kind->end(l);
    }
    http_client_free(&l->client);
    http_ask_end(l);
    for (struct http_call *at = l->calls, *next; at; at = next) {
        next = at->next;
        call_free(at);
    }
    event_free(l->pump);
    event_free(l->turn);
    rate_free(&l->rate);
    wipe_token(l);
    free(l);
}

/* ---- What it says of itself. */

enum link_state
http_link_state(const struct link *link)
{
    return ((const struct http_link *)link)->state;
}

void
http_link_stats(const struct link *link, struct link_stats *out)
{
    const struct http_link *l = (const struct http_link *)link;
    *out = (struct link_stats){.parts_submitted = l->submitted,
                               .throttled = l->throttled,
                               .unknown_answers = l->unknown,
                               .in_flight = l->in_flight,
                               .rate_now = http_link_rate(link),
                               .quota_day = l->quota.daily,
                               .quota_left = l->quota.left,
                               .since_s = l->since_s};
    memcpy(out->last_error, l->last_error, sizeof out->last_error);
}

int
http_link_room(const struct link *link, int parts)
{
    const struct http_link *l = (const struct http_link *)link;
    int64_t now_us = clock_monotonic_us();
    if (l->state != LINK_BOUND || l->draining || now_us < l->paused_until_us) {
        return 0;
    }
    int room = l->link.conf->concurrency - l->in_flight - l->waiting_n;
    int lets = http_pace_room(l, now_us);
    room = lets < room ? lets : room;
    return room > 0 ? room * parts : 0;
}

void
http_link_answer(struct link *link, uint64_t token, bool stored)
{
    (void)link, (void)token, (void)stored; /* receipts come by webhook, never over the link */
}

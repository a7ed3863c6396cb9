/* The life of one bind of an SMPP link: connect, bind, watch, unbind, and again with backoff. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <event2/util.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/backoff.h"
#include "gateway/core/mem.h"
#include "gateway/core/status.h"
#include "gateway/links/smpp/trace.h"

enum { CONNECT_US = 10000000, LEAVE_US = 1000000, STEADY_US = 10000000 };
enum { RETRY_FIRST_MS = 250, RETRY_MAX_MS = 15000 };

static void
enter(struct session *s, enum phase phase)
{
    s->phase = phase;
    s->phase_us = clock_monotonic_us();
}

bool
session_takes(const struct session *s)
{
    return s->phase == PHASE_BOUND && s->mode != BIND_RECEIVER && !s->doubtful;
}

void
session_put_plain(struct session *s, uint32_t id, uint32_t status, uint32_t sequence)
{
    uint8_t *out = conn_reserve(s->conn, PDU_HEADER);
    conn_commit(s->conn, pdu_put_plain(id, status, sequence, out));
}

static void
arm_retry(struct session *s)
{
    if (s->passive) {
        return;
    }
    uint32_t random = 0;
    evutil_secure_rng_get_bytes(&random, sizeof random);
    int64_t wait_ms =
        s->renewing ? 0 : backoff_ms(RETRY_FIRST_MS, RETRY_MAX_MS, s->failures, random);
    if (!s->renewing && s->failures < 32) {
        s->failures++;
    }
    struct timeval tv = clock_timeval(wait_ms);
    (void)event_add(s->retry, &tv);
}

/* Of the connection, with its messages. */
static void
drop(struct session *s, enum phase next)
{
    enter(s, next);
    submit_lose(s);
    conn_close(s->conn);
    (void)event_del(s->retry);
    s->tokens = 0;
}

void
session_stop(struct session *s)
{
    if (s->phase != PHASE_STOPPED) {
        drop(s, PHASE_STOPPED);
    }
}

static void
on_gone(void *ctx, const char *why)
{
    struct session *s = ctx;
    struct smpp *l = s->smpp;
    if (l->draining || s->barred) {
        session_stop(s);
        smpp_stopped(l, why);
        return;
    }
    if (s->phase == PHASE_BOUND && clock_monotonic_us() - s->phase_us > STEADY_US) {
        s->failures = 0;
    }
    if (!s->renewing) {
        smpp_error(l, "%s", why);
    }
    drop(s, PHASE_WAITING);
    arm_retry(s);
    smpp_tell(l, why, false);
    smpp_pump(l); /* what it held of the window is free */
    smpp_turn(l);
}

static uint32_t
bind_id(enum bind_mode mode)
{
    switch (mode) {
    case BIND_TRANSMITTER:
        return PDU_BIND_TRANSMITTER;
    case BIND_RECEIVER:
        return PDU_BIND_RECEIVER;
    case BIND_TRANSCEIVER:
    case BIND_PAIR:
        break;
    }
    return PDU_BIND_TRANSCEIVER;
}

static void
put_text(char *to, size_t room, const char *from)
{
    (void)snprintf(to, room, "%s", from ? from : ""); /* lengths were checked by open */
}

void
session_bind(struct session *s)
{
    static const uint8_t versions[] = {
        [INTERFACE_33] = 0x33, [INTERFACE_34] = 0x34, [INTERFACE_50] = 0x50};
    const struct conf_link *conf = s->smpp->link.conf;
    struct pdu bind = {.id = bind_id(s->mode),
                       .interface_version = versions[conf->interface_version],
                       .addr_ton = (uint8_t)conf->address_ton,
                       .addr_npi = (uint8_t)conf->address_npi};
    put_text(bind.system_id, sizeof bind.system_id, conf->system_id);
    put_text(bind.password, sizeof bind.password, conf->password);
    put_text(bind.system_type, sizeof bind.system_type, conf->system_type);
    put_text(bind.address_range, sizeof bind.address_range, conf->address_range);
    bind.sequence = s->bind_sequence = window_sequence(&s->window);
    uint8_t *out = conn_reserve(s->conn, 256);
    size_t n = 0;
    if (pdu_encode(&bind, out, 256, &n) != PDU_OK) {
        conn_fail(s->conn, "the bind cannot be packed");
        return;
    }
    conn_commit(s->conn, n);
    explicit_bzero(bind.password, sizeof bind.password);
    enter(s, PHASE_BINDING);
    conn_flush(s->conn);
}

static void
on_open(void *ctx)
{
    session_bind(ctx);
}

void
session_bound(struct session *s)
{
    struct smpp *l = s->smpp;
    int64_t took_ms = (clock_monotonic_us() - s->phase_us) / 1000;
    enter(s, PHASE_BOUND);
    s->busy_us = s->phase_us;
    s->enquired_us = 0;
    s->renewing = false;
    log_event(LOG_INFO, "link.bound", "link=%s bind=%d window=%d took_ms=%d", l->link.conf->name,
              s->number, l->window, (int)took_ms);
    smpp_bound(l);
}

void
session_refused(struct session *s, uint32_t status)
{
    const char *name = status_words(status, false);
    char why[120];
    s->barred = status_is_credentials(status);
    (void)snprintf(why, sizeof why, "the SMSC refused the bind: %s (0x%08x)%s",
                   name ? name : "a status of its own", status,
                   s->barred ? "; stopped until it is started again" : "");
    conn_fail(s->conn, why);
}

void
session_left(struct session *s)
{
    smpp_error(s->smpp, "the SMSC unbound");
    enter(s, PHASE_LEAVING); /* it may still answer; closed when it closes, or in a second */
}

static void
unbind(struct session *s)
{
    session_put_plain(s, PDU_UNBIND, 0, window_sequence(&s->window));
    enter(s, PHASE_UNBINDING);
    conn_flush(s->conn);
}

static bool
is_idle(const struct session *s)
{
    return s->window.taken == 0 && !s->first && s->held_n == 0;
}

void
session_drain(struct session *s, int64_t now_us)
{
    switch (s->phase) {
    case PHASE_STOPPED:
    case PHASE_WAITING:
    case PHASE_CONNECTING:
    case PHASE_BINDING:
        session_stop(s);
        break;
    case PHASE_BOUND:
        if (is_idle(s) || now_us >= s->smpp->drain_until_us) {
            unbind(s);
        }
        break;
    case PHASE_LEAVING:
    case PHASE_UNBINDING:
        break;
    }
}

static void
on_conn_turn(void *ctx)
{
    struct session *s = ctx;
    if (s->heard) {
        s->assured_us = s->doubtful ? s->now_us : s->assured_us;
        s->heard = s->doubtful = false;
        s->heard_us = s->now_us;
    }
    smpp_pump(s->smpp);
    smpp_turn(s->smpp);
}

/* The process may have been stopped while octets waited for the socket: what stands there of an
 * ended lease can be kept back only with the connection. */
static void
on_writable(void *ctx)
{
    struct session *s = ctx;
    if (submit_is_stale(s, clock_monotonic_us())) {
        conn_fail(s->conn, "too late to write what waited for the socket");
        return;
    }
    on_conn_turn(s);
}

static void
on_pdu(void *ctx, const uint8_t *b, size_t n)
{
    struct session *s = ctx;
    if (!s->heard) {
        s->heard = true;
        s->now_us = clock_monotonic_us();
    }
    struct pdu_head head = pdu_head(b);
    if (head.id == (PDU_SUBMIT_SM | PDU_RESP)) {
        s->faults -= s->faults > 0;
        submit_answered(s, head.sequence, head.status, pdu_answer_id(b, n));
    } else {
        incoming_pdu(s, b, n);
    }
}

/* While nothing is bound one session tries for all: what refuses it would refuse the others. */
static bool
is_first_to_try(const struct session *s)
{
    for (const struct session *other = s->smpp->sessions; other != s; other++) {
        if (other->phase != PHASE_STOPPED) {
            return false;
        }
    }
    return true;
}

static void
begin(struct session *s)
{
    enter(s, PHASE_CONNECTING);
    s->generation = ++s->smpp->generations;
    s->heard_us = s->phase_us;
    s->enquired_us = 0;
    s->doubtful = false;
    s->faults = 0;
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct session *s = arg;
    struct smpp *l = s->smpp;
    if (!smpp_has_bound(l) && !is_first_to_try(s)) {
        return; /* session_follow() */
    }
    begin(s);
    smpp_tell(l, "connecting", false);
    conn_open(s->conn, &l->to);
}

bool
session_adopt(struct session *s, int fd)
{
    if (s->phase != PHASE_WAITING) {
        return false;
    }
    begin(s);
    conn_adopt(s->conn, fd, &s->smpp->to);
    return true;
}

void
session_follow(struct session *s)
{
    static const struct timeval at_once = {0, 0};
    if (s->phase == PHASE_WAITING && !s->passive && !event_pending(s->retry, EV_TIMEOUT, NULL)) {
        (void)event_add(s->retry, &at_once);
    }
}

void
session_start(struct session *s)
{
    if (s->phase == PHASE_STOPPED) {
        s->failures = 0;
        s->barred = s->renewing = false;
        enter(s, PHASE_WAITING);
        session_follow(s);
    }
}

/* Long without a message: some SMSCs, and the firewalls before them, forget such a bind. */
static bool
is_inactive(const struct session *s, int64_t now_us)
{
    int64_t most_ms = s->smpp->link.conf->inactivity_ms;
    return most_ms > 0 && now_us - s->busy_us >= most_ms * 1000 && is_idle(s) && s->tokens == 0;
}

/* An idle connection is asked; one that then stays silent is dead. */
static void
watch_bound(struct session *s, int64_t now_us)
{
    const struct smpp *l = s->smpp;
    submit_time_out(s, now_us);
    if (!s->doubtful && now_us - s->assured_us >= l->response_us) {
        late_forgive(&s->late);
    }
    if (s->enquired_us > 0 && s->heard_us >= s->enquired_us) {
        s->enquired_us = 0;
    }
    if (s->enquired_us > 0) {
        if (now_us - s->enquired_us >= l->response_us) {
            conn_fail(s->conn, "the SMSC does not answer enquire_link");
        }
    } else if (is_inactive(s, now_us)) {
        s->renewing = true;
        unbind(s);
    } else if ((s->doubtful || now_us - s->heard_us >= l->enquire_us) && !conn_is_full(s->conn)) {
        s->enquired_us = now_us;
        session_put_plain(s, PDU_ENQUIRE_LINK, 0, window_sequence(&s->window));
        conn_flush(s->conn);
    }
}

void
session_watch(struct session *s, int64_t now_us)
{
    int64_t in_phase_us = now_us - s->phase_us;
    switch (s->phase) {
    case PHASE_CONNECTING:
        if (in_phase_us >= CONNECT_US) {
            conn_fail(s->conn, s->passive ? "no outbind came in 10 s" : "cannot connect in 10 s");
        }
        break;
    case PHASE_BINDING:
        if (in_phase_us >= s->smpp->response_us) {
            conn_fail(s->conn, "the SMSC does not answer the bind");
        }
        break;
    case PHASE_BOUND:
        watch_bound(s, now_us);
        break;
    case PHASE_LEAVING:
    case PHASE_UNBINDING:
        if (in_phase_us >= LEAVE_US) {
            conn_fail(s->conn, "the connection was not closed after unbind");
        }
        break;
    case PHASE_STOPPED:
    case PHASE_WAITING:
        break;
    }
}

static void
on_trace(void *ctx, bool out, const uint8_t *pdu, size_t n)
{
    struct session *s = ctx;
    smpp_trace_pdu(s->smpp, s->number, out, (struct str){(const char *)pdu, n});
}

void
session_init(struct session *s, struct smpp *l, int number, enum bind_mode mode)
{
    const struct conn_events wires = {
        s, on_open, on_pdu, on_conn_turn, on_writable, on_gone, on_trace,
    };
    *s = (struct session){.smpp = l, .number = number, .mode = mode};
    window_init(&s->window, l->window);
    late_init(&s->late, l->window);
    s->held = xcalloc((size_t)l->window, sizeof *s->held);
    s->last = &s->first;
    s->conn = conn_new(l->base, &wires);
    s->retry = event_new(l->base, -1, 0, on_retry, s);
}

void
session_deinit(struct session *s)
{
    event_free(s->retry);
    conn_free(&s->conn);
    window_deinit(&s->window);
    late_deinit(&s->late);
    free(s->held);
}

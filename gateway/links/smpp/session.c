/* The life of an SMPP link: connect, bind, watch, unbind, and again with backoff. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <event2/util.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/backoff.h"
#include "gateway/core/mem.h"
#include "gateway/links/smpp/address.h"
#include "gateway/links/smpp/status.h"

enum { CONNECT_US = 10000000, LEAVE_US = 1000000, STEADY_US = 10000000 };
enum { ENQUIRE_DEFAULT_MS = 30000, RESPONSE_DEFAULT_MS = 30000, WINDOW_DEFAULT = 10 };
enum { RETRY_FIRST_MS = 250, RETRY_MAX_MS = 15000, CREDENTIALS_MS = 20000 };
enum { TICK_LEAST_US = 5000, TICK_MOST_US = 500000 };

static struct session *
of(struct link *link)
{
    return (struct session *)link;
}

static enum link_state
state_of(const struct session *s)
{
    switch (s->phase) {
    case PHASE_STOPPED:
        return LINK_STOPPED;
    case PHASE_WAITING:
        return LINK_DOWN;
    case PHASE_CONNECTING:
    case PHASE_BINDING:
        return LINK_CONNECTING;
    case PHASE_BOUND:
    case PHASE_LEAVING:
    case PHASE_UNBINDING:
        break;
    }
    return s->throttle.slowed ? LINK_THROTTLED : LINK_BOUND;
}

void
session_tell(struct session *s, const char *why, bool always)
{
    enum link_state state = state_of(s);
    if (state == s->told && !always) {
        return;
    }
    s->told = state;
    s->stats.since_s = clock_unix_ms() / 1000;
    s->events.on_state(s->events.ctx, &s->link, state, why);
}

void
session_error(struct session *s, const char *format, ...)
{
    char text[sizeof s->stats.last_error];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (strcmp(text, s->stats.last_error) != 0) { /* the same again is not news */
        memcpy(s->stats.last_error, text, sizeof text);
        log_event(LOG_WARNING, "link.failed", "link=%s why=%s", s->link.conf->name,
                  log_value(str_of(text)));
    }
}

static void
enter(struct session *s, enum phase phase)
{
    s->phase = phase;
    s->phase_us = clock_monotonic_us();
}

void
session_put_plain(struct session *s, uint32_t id, uint32_t status, uint32_t sequence)
{
    uint8_t *out = conn_reserve(s->conn, PDU_HEADER);
    conn_commit(s->conn, pdu_put_plain(id, status, sequence, out));
}

static void
turn(struct session *s)
{
    s->outcomes = false;
    s->events.on_turn(s->events.ctx, &s->link);
}

static void
arm_retry(struct session *s)
{
    uint32_t random = 0;
    evutil_secure_rng_get_bytes(&random, sizeof random);
    int64_t wait_ms = s->credentials_bad ? CREDENTIALS_MS : 0;
    wait_ms += backoff_ms(RETRY_FIRST_MS, s->credentials_bad ? CREDENTIALS_MS * 4 : RETRY_MAX_MS,
                          s->failures, random);
    if (s->failures < 32) {
        s->failures++;
    }
    struct timeval tv = clock_timeval(wait_ms);
    (void)event_add(s->retry, &tv);
}

static void
stop(struct session *s)
{
    enter(s, PHASE_STOPPED);
    submit_lose(s);
    conn_close(s->conn);
    (void)event_del(s->retry);
    (void)event_del(s->tick);
    (void)event_del(s->wake);
    s->draining = false;
    s->tokens = 0;
    session_tell(s, "stopped", true);
    turn(s);
}

static void
on_gone(void *ctx, const char *why)
{
    struct session *s = ctx;
    if (s->draining) {
        stop(s);
        return;
    }
    if (s->phase == PHASE_BOUND && clock_monotonic_us() - s->phase_us > STEADY_US) {
        s->failures = 0;
    }
    session_error(s, "%s", why);
    enter(s, PHASE_WAITING);
    submit_lose(s);
    conn_close(s->conn);
    s->tokens = 0;
    arm_retry(s);
    session_tell(s, why, false);
    turn(s);
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

static void
on_open(void *ctx)
{
    struct session *s = ctx;
    const struct conf_link *conf = s->link.conf;
    struct pdu bind = {.id = bind_id(conf->bind), .interface_version = PDU_VERSION};
    put_text(bind.system_id, sizeof bind.system_id, conf->system_id);
    put_text(bind.password, sizeof bind.password, conf->password);
    put_text(bind.system_type, sizeof bind.system_type, conf->system_type);
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

void
session_bound(struct session *s)
{
    int64_t took_ms = (clock_monotonic_us() - s->phase_us) / 1000;
    enter(s, PHASE_BOUND);
    s->credentials_bad = false;
    s->enquired_us = 0;
    s->stats.last_error[0] = '\0';
    log_event(LOG_INFO, "link.bound", "link=%s window=%d took_ms=%d", s->link.conf->name,
              s->window.size, (int)took_ms);
    session_tell(s, "bound", false);
}

void
session_refused(struct session *s, uint32_t status)
{
    const char *name = status_name(status);
    char why[100];
    s->credentials_bad = status_is_credentials(status);
    (void)snprintf(why, sizeof why, "the SMSC refused the bind: %s (0x%08x)%s",
                   name ? name : "a status of its own", status,
                   s->credentials_bad ? "; trying again is slow" : "");
    conn_fail(s->conn, why);
}

void
session_left(struct session *s)
{
    session_error(s, "the SMSC unbound");
    enter(s, PHASE_LEAVING); /* it may still answer; closed when it closes, or in a second */
}

static void
unbind(struct session *s)
{
    session_put_plain(s, PDU_UNBIND, 0, window_sequence(&s->window));
    enter(s, PHASE_UNBINDING);
    conn_flush(s->conn);
}

/* Draining goes on with what has begun, and ends with an unbind. */
static void
drain_on(struct session *s, int64_t now_us)
{
    if (s->phase != PHASE_BOUND && s->phase != PHASE_LEAVING && s->phase != PHASE_UNBINDING) {
        stop(s);
    } else if (s->phase == PHASE_BOUND &&
               ((s->window.taken == 0 && !s->first) || now_us >= s->drain_until_us)) {
        unbind(s);
    }
}

static void
pump(struct session *s)
{
    int64_t now_us = clock_monotonic_us();
    submit_pump(s, now_us);
    if (s->draining) {
        drain_on(s, now_us);
    }
}

static void
on_pump(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct session *s = arg;
    pump(s);
    if (s->outcomes) {
        turn(s);
    }
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct session *s = arg;
    pump(s);
    turn(s);
}

static void
on_conn_turn(void *ctx)
{
    struct session *s = ctx;
    if (s->heard) {
        s->heard = false;
        s->heard_us = s->now_us;
    }
    pump(s);
    turn(s);
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
        submit_answered(s, head.sequence, head.status, pdu_answer_id(b, n));
    } else {
        incoming_pdu(s, b, n);
    }
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct session *s = arg;
    enter(s, PHASE_CONNECTING);
    s->generation++;
    s->heard_us = s->phase_us;
    s->enquired_us = 0;
    session_tell(s, "connecting", false);
    conn_open(s->conn, s->link.conf->host, s->link.conf->port);
}

/* An idle connection is asked; one that then stays silent is dead. */
static void
watch_bound(struct session *s, int64_t now_us)
{
    submit_time_out(s, now_us);
    submit_watch_pace(s, now_us);
    if (s->enquired_us > 0 && s->heard_us >= s->enquired_us) {
        s->enquired_us = 0;
    }
    if (s->enquired_us > 0) {
        if (now_us - s->enquired_us >= s->response_us) {
            conn_fail(s->conn, "the SMSC does not answer enquire_link");
        }
    } else if (now_us - s->heard_us >= s->enquire_us && !conn_is_full(s->conn)) {
        s->enquired_us = now_us;
        session_put_plain(s, PDU_ENQUIRE_LINK, 0, window_sequence(&s->window));
        conn_flush(s->conn);
    }
}

static void
watch(struct session *s, int64_t now_us)
{
    int64_t in_phase_us = now_us - s->phase_us;
    switch (s->phase) {
    case PHASE_CONNECTING:
        if (in_phase_us >= CONNECT_US) {
            conn_fail(s->conn, "cannot connect in 10 s");
        }
        break;
    case PHASE_BINDING:
        if (in_phase_us >= s->response_us) {
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
on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct session *s = arg;
    int64_t now_us = clock_monotonic_us();
    watch(s, now_us);
    if (s->draining) {
        drain_on(s, now_us);
    }
    if (s->outcomes) {
        submit_pump(s, now_us);
        turn(s);
    }
}

static int
check_conf(const struct conf_link *conf, struct err *err)
{
    static const char longer[] = "link %s: %s has at most %d characters";
    if (conf->tls) {
        return err_set(err, ERR_CONFIG, "link %s: tls comes with a later release", conf->name);
    }
    if (!conf->host || !*conf->host) {
        return err_set(err, ERR_CONFIG, "link %s: host is missing", conf->name);
    }
    if (str_of(conf->system_id).n > 15) {
        return err_set(err, ERR_CONFIG, longer, conf->name, "system_id", 15);
    }
    if (str_of(conf->password).n > 8) {
        return err_set(err, ERR_CONFIG, longer, conf->name, "password", 8);
    }
    if (str_of(conf->system_type).n > 12) {
        return err_set(err, ERR_CONFIG, longer, conf->name, "system_type", 12);
    }
    return address_check_source(conf->source, err) == 0 ? 0
                                                        : err_prefix(err, "link %s: ", conf->name);
}

static int64_t
or_default_us(int64_t ms, int64_t else_ms)
{
    return (ms > 0 ? ms : else_ms) * 1000;
}

static struct link *
smpp_open(struct event_base *base, const struct conf_link *conf, const struct link_events *events,
          struct err *err)
{
    if (check_conf(conf, err) != 0) {
        return NULL;
    }
    struct session *s = xcalloc(1, sizeof *s);
    s->link = (struct link){&smpp_ops, conf};
    s->events = *events;
    s->base = base;
    s->enquire_us = or_default_us(conf->enquire_ms, ENQUIRE_DEFAULT_MS);
    s->response_us = or_default_us(conf->response_ms, RESPONSE_DEFAULT_MS);
    window_init(&s->window, conf->window > 0 ? conf->window : WINDOW_DEFAULT);
    s->held = xcalloc((size_t)s->window.size, sizeof *s->held);
    s->last = &s->first;
    s->rate = conf->rate > 0 ? rate_new(conf->rate) : NULL;
    s->told = LINK_STOPPED;
    s->stats.since_s = clock_unix_ms() / 1000;
    const struct conn_events wires = {s, on_open, on_pdu, on_conn_turn, on_writable, on_gone};
    s->conn = conn_new(base, &wires);
    s->tick = event_new(base, -1, EV_PERSIST, on_tick, s);
    s->pump = event_new(base, -1, 0, on_pump, s);
    s->wake = event_new(base, -1, 0, on_wake, s);
    s->retry = event_new(base, -1, 0, on_retry, s);
    return &s->link;
}

static void
smpp_free(struct link *link)
{
    struct session *s = of(link);
    event_free(s->tick);
    event_free(s->pump);
    event_free(s->wake);
    event_free(s->retry);
    conn_free(&s->conn);
    window_deinit(&s->window);
    rate_free(&s->rate);
    rate_free(&s->pace);
    free(s->held);
    free(s);
}

static void
smpp_set_rate(struct link *link, int rate)
{
    struct session *s = of(link);
    if (rate == 0) {
        rate_free(&s->rate);
    } else if (!s->rate || rate_limit(s->rate) != rate) {
        s->rate = rate_change(s->rate, rate);
    }
    submit_pace_changed(s);
    event_active(s->pump, EV_TIMEOUT, 0);
}

static void
smpp_start(struct link *link)
{
    struct session *s = of(link);
    s->draining = false;
    if (s->phase != PHASE_STOPPED) {
        return;
    }
    s->failures = 0;
    s->credentials_bad = false;
    enter(s, PHASE_WAITING);
    int64_t least_us = s->response_us < s->enquire_us ? s->response_us : s->enquire_us;
    int64_t tick_us = least_us / 8;
    tick_us = tick_us < TICK_LEAST_US ? TICK_LEAST_US : tick_us;
    tick_us = tick_us > TICK_MOST_US ? TICK_MOST_US : tick_us;
    const struct timeval tick = {0, tick_us}, at_once = {0, 0};
    (void)event_add(s->tick, &tick);
    (void)event_add(s->retry, &at_once);
}

static void
smpp_drain(struct link *link, int64_t wait_ms)
{
    struct session *s = of(link);
    s->draining = true;
    s->drain_until_us = clock_monotonic_us() + wait_ms * 1000;
    (void)event_del(s->retry);
    event_active(s->pump, EV_TIMEOUT, 0);
}

static enum link_state
smpp_state(const struct link *link)
{
    return state_of((const struct session *)link);
}

static void
smpp_stats(const struct link *link, struct link_stats *out)
{
    const struct session *s = (const struct session *)link;
    *out = s->stats;
    out->parts_submitted = submit_count(s);
    out->in_flight = s->window.taken + s->held_n;
    out->rate_now = submit_rate(s);
}

static int
smpp_room(const struct link *link, int parts)
{
    return submit_room((const struct session *)link, parts);
}

static int
smpp_rate(const struct link *link)
{
    return submit_rate((const struct session *)link);
}

static void
smpp_submit(struct link *link, struct link_message *message)
{
    submit_take(of(link), message);
}

static void
smpp_answer(struct link *link, uint64_t token, bool stored)
{
    incoming_answer(of(link), token, stored);
}

const struct link_kind_ops smpp_ops = {
    .open = smpp_open,
    .free = smpp_free,
    .start = smpp_start,
    .drain = smpp_drain,
    .state = smpp_state,
    .stats = smpp_stats,
    .set_rate = smpp_set_rate,
    .room = smpp_room,
    .rate = smpp_rate,
    .text_new = text_new,
    .text_free = text_free,
    .submit = smpp_submit,
    .answer = smpp_answer,
};

/* An SMPP link: its sessions behind the calls of link.h, and what they tell together. */
// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "gateway/links/smpp/address.h"
#include "gateway/links/smpp/outbind.h"
#include "gateway/links/smpp/pace.h"
#include "gateway/links/smpp/session.h"
#include "gateway/links/smpp/text.h"
#include "gateway/links/smpp/tls.h"
#include "gateway/links/smpp/trace.h"

enum { ENQUIRE_DEFAULT_MS = 30000, RESPONSE_DEFAULT_MS = 30000, WINDOW_DEFAULT = 10 };
enum { TICK_LEAST_US = 5000, TICK_MOST_US = 500000 };

static struct smpp *
of(struct link *link)
{
    return (struct smpp *)link;
}

static bool
is_up(const struct session *s)
{
    return s->phase == PHASE_BOUND || s->phase == PHASE_LEAVING || s->phase == PHASE_UNBINDING;
}

/* A pair is up when it can send; what can be done without its receiver is done. */
static bool
counts(const struct smpp *l, const struct session *s)
{
    return s->mode != BIND_RECEIVER || l->link.conf->bind == BIND_RECEIVER;
}

static enum link_state
state_of(const struct smpp *l)
{
    int up = 0, trying = 0, stopped = 0;
    for (int i = 0; i < l->sessions_n; i++) {
        const struct session *s = &l->sessions[i];
        up += is_up(s) && counts(l, s);
        trying += s->phase == PHASE_CONNECTING || s->phase == PHASE_BINDING;
        stopped += s->phase == PHASE_STOPPED;
    }
    if (up > 0) {
        return l->throttle.slowed || pause_probes(&l->pause) ? LINK_THROTTLED : LINK_BOUND;
    }
    if (stopped == l->sessions_n) {
        return LINK_STOPPED;
    }
    return trying > 0 ? LINK_CONNECTING : LINK_DOWN;
}

bool
smpp_has_bound(const struct smpp *l)
{
    for (int i = 0; i < l->sessions_n; i++) {
        if (l->sessions[i].phase == PHASE_BOUND) {
            return true;
        }
    }
    return false;
}

int
smpp_taken(const struct smpp *l)
{
    int n = 0;
    for (int i = 0; i < l->sessions_n; i++) {
        n += l->sessions[i].window.taken + l->sessions[i].late.counted;
    }
    return n;
}

int
smpp_used(const struct smpp *l)
{
    int n = smpp_taken(l);
    for (int i = 0; i < l->sessions_n; i++) {
        n += l->sessions[i].held_n;
    }
    return n;
}

int
smpp_waiting_parts(const struct smpp *l)
{
    int n = 0;
    for (int i = 0; i < l->sessions_n; i++) {
        n += l->sessions[i].waiting_parts;
    }
    return n;
}

void
smpp_tell(struct smpp *l, const char *why, bool always)
{
    enum link_state state = state_of(l);
    if (state == l->told && !always) {
        return;
    }
    l->told = state;
    l->stats.since_s = clock_unix_ms() / 1000;
    l->events.on_state(l->events.ctx, &l->link, state, why);
}

void
smpp_error(struct smpp *l, const char *format, ...)
{
    char text[sizeof l->stats.last_error];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (strcmp(text, l->stats.last_error) != 0) { /* the same again is not news */
        memcpy(l->stats.last_error, text, sizeof text);
        log_event(LOG_WARNING, "link.failed", "link=%s why=%s", l->link.conf->name,
                  log_value(str_of(text)));
    }
}

void
smpp_turn(struct smpp *l)
{
    l->outcomes = false;
    l->events.on_turn(l->events.ctx, &l->link);
}

void
smpp_bound(struct smpp *l)
{
    int bound = 0;
    for (int i = 0; i < l->sessions_n; i++) {
        session_follow(&l->sessions[i]);
        bound += l->sessions[i].phase == PHASE_BOUND || l->sessions[i].passive;
    }
    if (bound == l->sessions_n) {
        l->stats.last_error[0] = '\0';
    }
    smpp_tell(l, "bound", false);
}

/* All sessions are: the link has stopped. */
static void
stopped(struct smpp *l, const char *why)
{
    (void)event_del(l->tick);
    (void)event_del(l->wake);
    outbind_enable(l->outbind, false);
    l->draining = false;
    smpp_tell(l, why, true);
}

/* A session was refused for good, or is drained.  Refused for good while nothing is bound, the
 * others would be refused as well. */
void
smpp_stopped(struct smpp *l, const char *why)
{
    bool refused = !l->draining;
    if (refused) {
        smpp_error(l, "%s", why);
    }
    for (int i = 0; refused && !smpp_has_bound(l) && i < l->sessions_n; i++) {
        session_stop(&l->sessions[i]);
    }
    if (state_of(l) == LINK_STOPPED) {
        stopped(l, refused ? why : "stopped");
    } else {
        smpp_tell(l, why, false);
    }
    smpp_turn(l);
}

static void
drain_on(struct smpp *l, int64_t now_us)
{
    for (int i = 0; i < l->sessions_n; i++) {
        session_drain(&l->sessions[i], now_us);
    }
    if (state_of(l) == LINK_STOPPED) {
        stopped(l, "stopped");
        smpp_turn(l);
    }
}

/* Calls `send` for every session that is bound, each time beginning with another. */
static void
each_bound(struct smpp *l, int64_t now_us, void (*send)(struct session *s, int64_t now_us))
{
    for (int i = 0; i < l->sessions_n; i++) {
        struct session *s = &l->sessions[(l->turn + i) % l->sessions_n];
        if (s->phase == PHASE_BOUND) {
            send(s, now_us);
        }
    }
}

/* What was throttled goes before what was not begun, but for what stands on a blocked socket. */
static bool
is_held(const struct smpp *l)
{
    for (int i = 0; i < l->sessions_n; i++) {
        if (l->sessions[i].held_n > 0 && !conn_is_full(l->sessions[i].conn)) {
            return true;
        }
    }
    return false;
}

void
smpp_pump(struct smpp *l)
{
    int64_t now_us = clock_monotonic_us();
    bool paused = pause_holds(&l->pause, now_us);
    for (int i = 0; i < l->sessions_n; i++) {
        if (l->sessions[i].phase != PHASE_BOUND || l->draining || paused) {
            submit_give_back(&l->sessions[i]);
        }
    }
    if (l->throttle.until_us <= now_us && !paused) {
        each_bound(l, now_us, submit_held);
        if (!is_held(l)) {
            each_bound(l, now_us, submit_waiting);
        }
    }
    for (int i = 0; i < l->sessions_n; i++) {
        conn_flush(l->sessions[i].conn);
    }
    if (smpp_has_bound(l)) {
        pace_arm_wake(l, now_us);
    }
    if (l->draining) {
        drain_on(l, now_us);
    }
}

static void
on_pump(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct smpp *l = arg;
    smpp_pump(l);
    if (l->outcomes) {
        smpp_turn(l);
    }
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct smpp *l = arg;
    smpp_pump(l);
    smpp_turn(l);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct smpp *l = arg;
    int64_t now_us = clock_monotonic_us();
    for (int i = 0; i < l->sessions_n; i++) {
        session_watch(&l->sessions[i], now_us);
    }
    if (smpp_has_bound(l)) {
        pace_watch(l, now_us);
    }
    if (l->draining) {
        drain_on(l, now_us);
    }
    if (l->outcomes) {
        smpp_pump(l);
        smpp_turn(l);
    }
}

static int
check_conf(const struct conf_link *conf, struct err *err)
{
    const struct {
        const char *key, *value;
        size_t most;
    } texts[] = {
        {"system_id", conf->system_id, 15},
        {"password", conf->password, 8},
        {"system_type", conf->system_type, 12},
        {"address_range", conf->address_range, 40},
    };
    if (!conf->host || !*conf->host) {
        return err_set(err, ERR_CONFIG, "link %s: host is missing", conf->name);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (str_of(texts[i].value).n > texts[i].most) {
            return err_set(err, ERR_CONFIG, "link %s: %s has at most %zu characters", conf->name,
                           texts[i].key, texts[i].most);
        }
    }
    return address_check_source(conf->source, err) == 0 ? 0
                                                        : err_prefix(err, "link %s: ", conf->name);
}

static int64_t
or_default_us(int64_t ms, int64_t else_ms)
{
    return (ms > 0 ? ms : else_ms) * 1000;
}

/* A pair's transmitters and receivers by turns: the first session is one that sends.  Then the
 * receiver that an outbind asks for. */
static void
make_sessions(struct smpp *l, const struct conf_link *conf)
{
    bool pair = conf->bind == BIND_PAIR;
    int binds = conf->binds > 0 ? conf->binds : 1;
    int own = pair ? 2 * binds : binds;
    l->sessions_n = own + (conf->outbind_listen != NULL);
    l->sessions = xcalloc((size_t)l->sessions_n, sizeof *l->sessions);
    for (int i = 0; i < own; i++) {
        enum bind_mode half = i % 2 == 0 ? BIND_TRANSMITTER : BIND_RECEIVER;
        session_init(&l->sessions[i], l, i + 1, pair ? half : conf->bind);
    }
    if (own < l->sessions_n) {
        session_init(&l->sessions[own], l, own + 1, BIND_RECEIVER);
        l->sessions[own].passive = true;
    }
}

static void smpp_free(struct link *link);

static struct link *
smpp_open(struct event_base *base, const struct conf_link *conf, const struct link_events *events,
          struct err *err)
{
    struct tls *tls = NULL;
    if (check_conf(conf, err) != 0 || (conf->tls && !(tls = tls_new(conf, err)))) {
        return NULL;
    }
    struct smpp *l = xcalloc(1, sizeof *l);
    l->link = (struct link){&smpp_ops, conf};
    l->events = *events;
    l->base = base;
    l->to = (struct conn_to){conf->host, conf->port, conf->bind_address, conf->keepalive_ms, tls};
    l->enquire_us = or_default_us(conf->enquire_ms, ENQUIRE_DEFAULT_MS);
    l->response_us = or_default_us(conf->response_ms, RESPONSE_DEFAULT_MS);
    l->window = conf->window > 0 ? conf->window : WINDOW_DEFAULT;
    l->rate = conf->rate > 0 ? rate_new(conf->rate) : NULL;
    l->told = LINK_STOPPED;
    l->references = conf->user_message_reference;
    l->stats.since_s = clock_unix_ms() / 1000;
    l->tick = event_new(base, -1, EV_PERSIST, on_tick, l);
    l->pump = event_new(base, -1, 0, on_pump, l);
    l->wake = event_new(base, -1, 0, on_wake, l);
    make_sessions(l, conf);
    if (conf->outbind_listen) {
        l->outbind = outbind_new(l, &l->sessions[l->sessions_n - 1], err);
    }
    if (conf->outbind_listen && !l->outbind) {
        smpp_free(&l->link);
        return NULL;
    }
    return &l->link;
}

static void
smpp_free(struct link *link)
{
    struct smpp *l = of(link);
    outbind_free(&l->outbind);
    event_free(l->tick);
    event_free(l->pump);
    event_free(l->wake);
    for (int i = 0; i < l->sessions_n; i++) {
        session_deinit(&l->sessions[i]);
    }
    free(l->sessions);
    tls_free(&l->to.tls);
    rate_free(&l->rate);
    rate_free(&l->pace);
    free(l);
}

static void
smpp_set_rate(struct link *link, double rate)
{
    struct smpp *l = of(link);
    if (rate == 0) {
        rate_free(&l->rate);
    } else if (!l->rate || rate_limit(l->rate) != rate) {
        l->rate = rate_change(l->rate, rate);
    }
    pace_changed(l);
    event_active(l->pump, EV_TIMEOUT, 0);
}

static int
smpp_reread(struct link *link, struct err *err)
{
    struct smpp *l = of(link);
    return l->to.tls ? tls_reread(l->to.tls, link->conf, err) : 0;
}

static void
smpp_share(struct link *link)
{
    of(link)->shared = true;
}

static int
smpp_wants(const struct link *link)
{
    return pace_wants((const struct smpp *)link);
}

static void
smpp_grant(struct link *link, const struct lease *lease)
{
    pace_grant(of(link), lease);
}

static void
smpp_set_limit(struct link *link, int limit, int others)
{
    pace_set_limit(of(link), limit, others);
}

static void
smpp_start(struct link *link)
{
    struct smpp *l = of(link);
    l->draining = false;
    int64_t least_us = l->response_us < l->enquire_us ? l->response_us : l->enquire_us;
    int64_t tick_us = least_us / 8;
    tick_us = tick_us < TICK_LEAST_US ? TICK_LEAST_US : tick_us;
    tick_us = tick_us > TICK_MOST_US ? TICK_MOST_US : tick_us;
    const struct timeval tick = {0, tick_us};
    (void)event_add(l->tick, &tick);
    for (int i = 0; i < l->sessions_n; i++) {
        session_start(&l->sessions[i]);
    }
    outbind_enable(l->outbind, true);
}

static void
smpp_drain(struct link *link, int64_t wait_ms)
{
    struct smpp *l = of(link);
    l->draining = true;
    l->drain_until_us = clock_monotonic_us() + wait_ms * 1000;
    event_active(l->pump, EV_TIMEOUT, 0);
}

static enum link_state
smpp_state(const struct link *link)
{
    return state_of((const struct smpp *)link);
}

static void
smpp_stats(const struct link *link, struct link_stats *out)
{
    const struct smpp *l = (const struct smpp *)link;
    *out = l->stats;
    for (int i = 0; i < l->sessions_n; i++) {
        out->parts_submitted += submit_count(&l->sessions[i]);
    }
    out->in_flight = smpp_used(l);
    out->rate_now = pace_rate(l);
    out->quota_day = out->quota_left = -1;
}

static int
smpp_room(const struct link *link, int parts)
{
    return pace_room((const struct smpp *)link, parts);
}

static double
smpp_rate(const struct link *link)
{
    return pace_rate((const struct smpp *)link);
}

/* What stands with it already; a session that takes nothing now comes last. */
static int64_t
load(const struct session *s)
{
    int64_t n = s->window.taken + s->held_n + s->waiting_parts;
    return n + (!session_takes(s)       ? INT64_C(1) << 40
                : conn_is_full(s->conn) ? INT64_C(1) << 32
                                        : 0);
}

/* The session with the least takes it, and by turns when they are equal.  Where none is bound the
 * message comes back. */
static void
smpp_submit(struct link *link, struct link_message *message)
{
    struct smpp *l = of(link);
    int best = l->turn % l->sessions_n;
    for (int i = 1; i < l->sessions_n; i++) {
        int at = (l->turn + i) % l->sessions_n;
        best = load(&l->sessions[at]) < load(&l->sessions[best]) ? at : best;
    }
    l->turn = (best + 1) % l->sessions_n;
    submit_take(&l->sessions[best], message);
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
    .reread = smpp_reread,
    .room = smpp_room,
    .rate = smpp_rate,
    .share = smpp_share,
    .wants = smpp_wants,
    .grant = smpp_grant,
    .set_limit = smpp_set_limit,
    .trace = smpp_trace,
    .text_new = text_new,
    .text_free = text_free,
    .submit = smpp_submit,
    .answer = smpp_answer,
};

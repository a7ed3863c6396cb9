/* The daemon: who hands what to whom. */
// SPDX-License-Identifier: MIT
#include "gateway/daemon.h"

#include <event2/event.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/accept.h"
#include "gateway/base/clock.h"
#include "gateway/base/instance.h"
#include "gateway/base/log.h"
#include "gateway/base/templates.h"
#include "gateway/chats.h"
#include "gateway/core/mem.h"
#include "gateway/feedback.h"
#include "gateway/letters.h"
#include "gateway/monitor.h"
#include "gateway/quotas.h"
#include "gateway/rates.h"
#include "gateway/tokens.h"
#include "gateway/unheard.h"
#include "gateway/web.h"
#include "gateway/worker.h"
#include "queue/invite.h"

enum { DRAIN_MS = 10000, LEAVE_MS = 1000, DRAIN_STEP_MS = 20 };

struct daemon {
    const struct conf *conf;
    struct event_base *base;
    struct event *sigterm, *sigint, *sighup, *drain;
    struct instance instance;
    struct queue *queue;
    struct link_events link_events;
    struct routes routes;
    struct worker *worker[ROUTES_MAX]; /* one a route */
    struct planner *planner;
    struct template_set *templates;
    struct accept *accept;
    struct feedback *feedback;
    struct letters *letters;
    struct tokens *tokens;
    struct rates *rates;
    struct quotas *quotas;
    struct chats *chats;
    struct unheard *unheard;
    struct monitor *monitor;
    struct web *web;
    bool started, draining, leaving, failed;
    int64_t give_up_us;
};

/* ---- From the links. */

static void
on_outcome(void *ctx, struct link *link, struct link_message *message)
{
    struct daemon *d = ctx;
    if (message->owner == LETTERS_OWNER) {
        letters_on_outcome(d->letters, message);
    } else {
        worker_on_outcome(d->worker[worker_of_message(message)], link, message);
    }
}

static void
on_receipt(void *ctx, struct link *link, const struct link_receipt *receipt, uint64_t token)
{
    struct daemon *d = ctx;
    feedback_on_receipt(d->feedback, link, receipt, token);
}

static void
on_late(void *ctx, struct link *link, const struct link_late *late)
{
    struct daemon *d = ctx;
    feedback_on_late(d->feedback, link, late);
}

static void
on_reply(void *ctx, struct link *link, const struct link_reply *reply, uint64_t token)
{
    struct daemon *d = ctx;
    feedback_on_reply(d->feedback, link, reply, token);
}

/* The link itself logs why it fails and that it is bound; the states stand in loa:stats:link. */
static void
on_link_state(void *ctx, struct link *link, enum link_state state, const char *why)
{
    struct daemon *d = ctx;
    monitor_link_changed(d->monitor);
    log_event(LOG_DEBUG, "link.changed", "link=%s state=%s why=%s", link_conf(link)->name,
              link_state_name(state), log_value(str_of(why)));
}

static void
on_token_wanted(void *ctx, struct link *link)
{
    struct daemon *d = ctx;
    tokens_wanted(d->tokens, link);
}

static void
on_turn(void *ctx, struct link *link)
{
    struct daemon *d = ctx;
    for (size_t i = 0; i < d->routes.n; i++) {
        worker_on_turn(d->worker[i], link);
    }
    feedback_on_turn(d->feedback, link);
}

static void
on_want(void *ctx, struct link *link)
{
    struct daemon *d = ctx;
    rates_on_want(d->rates, link);
}

static void
on_quota(void *ctx, struct link *link)
{
    struct daemon *d = ctx;
    quotas_wanted(d->quotas, link);
}

static void
on_chats(void *ctx, struct link *link)
{
    struct daemon *d = ctx;
    chats_wanted(d->chats, link);
}

static void
on_limit(void *ctx, struct link *link, int limit)
{
    struct daemon *d = ctx;
    rates_on_limit(d->rates, link, limit);
}

static void
on_moved(void *ctx, struct link *link, const char *from, const char *to)
{
    struct daemon *d = ctx;
    log_event(LOG_INFO, "chat.moved", "link=%s", link_conf(link)->name);
    invite_moved(d->queue, from, to, queue_ignore, NULL);
}

static void
on_trace(void *ctx, struct link *link, const struct link_pdu *pdu)
{
    struct daemon *d = ctx;
    rates_on_trace(d->rates, link, pdu);
}

/* What an earlier configuration left on a way that there is no more goes the way there is. */
static void
on_stray_route(void *ctx, const char *name)
{
    struct daemon *d = ctx;
    const struct route *route =
        d->draining || routes_named(&d->routes, name) ? NULL : routes_adopt(&d->routes, name);
    if (route) {
        size_t i = d->routes.n - 1;
        d->worker[i] = worker_new(d->base, d->conf, d->queue, route, (uint32_t)i);
        worker_start(d->worker[i]);
        log_event(LOG_INFO, "route.adopted", "route=%s link=%s", name,
                  link_conf(route->carriers[0]->link)->name);
    } else if (!d->draining) {
        log_event(LOG_WARNING, "route.stranded", "route=%s why=%s", name,
                  "\"messages wait for a way that no configuration has any more\"");
    }
}

/* ---- From Redis. */

static void
on_queue_up(void *ctx, struct queue *queue)
{
    (void)queue;
    struct daemon *d = ctx;
    log_event(LOG_INFO, "redis.connected", "worker=%s", d->instance.name);
    for (size_t i = 0; i < d->routes.n; i++) {
        worker_resume(d->worker[i]);
        if (!d->started) {
            worker_start(d->worker[i]);
        }
    }
    if (!d->started) {
        d->started = true;
        accept_start(d->accept);
        letters_start(d->letters);
    }
    if (!d->draining) {
        monitor_start(d->monitor);
    }
}

static void
on_queue_down(void *ctx, struct queue *queue, const char *why)
{
    (void)queue;
    struct daemon *d = ctx;
    log_event(LOG_WARNING, "redis.lost", "why=%s", log_value(str_of(why)));
    rates_down(d->rates);
}

static void
on_queue_refused(void *ctx, struct queue *queue, const char *why)
{
    (void)queue;
    struct daemon *d = ctx;
    log_event(LOG_ERROR, "redis.refused", "why=%s", log_value(str_of(why)));
    d->failed = true;
    (void)event_base_loopbreak(d->base);
}

static void
on_recorded(void *arg)
{
    struct daemon *d = arg;
    monitor_touch(d->monitor);
}

/* For /readyz: Redis is there, and a link that sends. */
static bool
is_ready(void *arg, struct err *why)
{
    const struct daemon *d = arg;
    if (d->draining) {
        (void)err_set(why, ERR_GONE, "this gateway is being stopped");
        return false;
    }
    if (!queue_is_up(d->queue)) {
        (void)err_set(why, ERR_GONE, "%s", queue_why(d->queue));
        return false;
    }
    for (size_t i = 0; i < d->routes.senders_n; i++) {
        enum link_state state = link_state(d->routes.carrier[i].link);
        if (state == LINK_BOUND || state == LINK_THROTTLED) {
            return true;
        }
    }
    (void)err_set(why, ERR_GONE, "no link is bound: nothing can be sent");
    return false;
}

/* ---- The end. */

static void
on_left(void *arg, const struct err *err)
{
    struct daemon *d = arg;
    (void)err;
    (void)event_base_loopbreak(d->base);
}

static bool
links_have_stopped(const struct daemon *d)
{
    for (size_t i = 0; i < d->routes.carriers_n; i++) {
        if (link_state(d->routes.carrier[i].link) != LINK_STOPPED) {
            return false;
        }
    }
    return true;
}

static bool
workers_are_idle(const struct daemon *d)
{
    for (size_t i = 0; i < d->routes.n; i++) {
        if (!worker_is_idle(d->worker[i])) {
            return false;
        }
    }
    return true;
}

/* Answers awaited, outcomes recorded: then the last stats, and out. */
static void
on_drain_step(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct daemon *d = arg;
    bool late = clock_monotonic_us() > d->give_up_us;
    bool idle = links_have_stopped(d) && workers_are_idle(d) && feedback_is_idle(d->feedback) &&
                letters_is_idle(d->letters) && tokens_are_idle(d->tokens) &&
                planner_is_idle(d->planner);
    if (late || (d->leaving && !queue_is_up(d->queue))) {
        (void)event_base_loopbreak(d->base);
    } else if (idle && !d->leaving && queue_is_up(d->queue)) {
        d->leaving = true;
        d->give_up_us = clock_monotonic_us() + (int64_t)LEAVE_MS * 1000;
        monitor_leave(d->monitor, on_left, d);
    }
}

static void
on_stop_signal(evutil_socket_t signal, short what, void *arg)
{
    (void)what;
    struct daemon *d = arg;
    if (d->draining) {
        return;
    }
    d->draining = true;
    d->give_up_us = clock_monotonic_us() + (int64_t)(DRAIN_MS + LEAVE_MS) * 1000;
    log_event(LOG_INFO, "gateway.draining", "signal=%d", (int)signal);
    if (d->started) {
        accept_stop(d->accept);
        letters_drain(d->letters);
        planner_drain(d->planner);
    }
    tokens_drain(d->tokens);
    rates_drain(d->rates);
    for (size_t i = 0; d->started && i < d->routes.n; i++) {
        worker_drain(d->worker[i]);
    }
    for (size_t i = 0; i < d->routes.carriers_n; i++) {
        link_drain(d->routes.carrier[i].link, DRAIN_MS);
    }
    if (!d->started) { /* Redis was never there: there is nothing to await */
        d->give_up_us = clock_monotonic_us() + (int64_t)LEAVE_MS * 1000;
    }
    struct timeval each = clock_timeval(DRAIN_STEP_MS);
    (void)event_add(d->drain, &each);
}

static void
on_mistake(void *arg, const char *line)
{
    (void)arg;
    log_event(LOG_ERROR, "configuration.mistaken", "why=%s", log_value(str_of(line)));
}

/* New templates for what comes from now on; with a mistake in them the old ones stay. */
static bool
reread_templates(struct daemon *d, const struct conf *conf)
{
    struct template_set *again = templates_load(conf->templates, on_mistake, NULL);
    if (!again) {
        return false;
    }
    accept_use_templates(d->accept, again);
    template_set_free(&d->templates);
    d->templates = again;
    return true;
}

static void
reread_certificates(struct link *link)
{
    struct err err = {0};
    if (link_reread(link, &err) != 0) {
        on_mistake(NULL, err.text);
    }
}

/* Rates, quiet hours, templates and certificates are what may change while it runs; a file with
 * mistakes changes nothing. */
static void
on_sighup(evutil_socket_t signal, short what, void *arg)
{
    (void)signal, (void)what;
    struct daemon *d = arg;
    struct conf *again = conf_load(d->conf->file, on_mistake, NULL);
    for (size_t i = 0; again && i < d->routes.carriers_n; i++) {
        struct link *link = d->routes.carrier[i].link;
        const struct conf_link *conf = conf_link(again, link_conf(link)->name);
        if (conf) {
            d->routes.carrier[i].rate = conf->rate;
            link_set_rate(link, conf->rate);
            reread_certificates(link);
        }
    }
    for (size_t i = 0; again && i < d->routes.n; i++) {
        worker_set_quiet(d->worker[i], again->quiet_from_min, again->quiet_to_min);
    }
    bool templates = again && reread_templates(d, again);
    log_event(templates ? LOG_INFO : LOG_WARNING, "configuration.reread", "changed=%s",
              templates ? "rates,quiet_hours,certificates,templates"
              : again   ? "rates,quiet_hours,certificates"
                        : "nothing");
    conf_free(&again);
}

/* ---- The beginning. */

/* What processes of one host must share to be told apart by number: the address of their Redis. */
static int
take_name(struct daemon *d, struct err *err)
{
    struct buf place;
    buf_init(&place, 4096);
    buf_add_format(&place, "%s %s %d %d", d->conf->redis.path ? d->conf->redis.path : "",
                   d->conf->redis.host ? d->conf->redis.host : "", d->conf->redis.port,
                   d->conf->redis.db);
    int rc = instance_take(buf_str(&place), &d->instance, err);
    buf_deinit(&place);
    return rc;
}

/* Blocks or lets through what ends the gateway or has it reread its configuration. */
static void
mask_signals(int how)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)sigprocmask(how, &set, NULL);
}

void
daemon_hold_signals(void)
{
    mask_signals(SIG_BLOCK);
}

static struct event *
on_signal(struct daemon *d, int signal, event_callback_fn fn)
{
    struct event *event = evsignal_new(d->base, signal, fn, d);
    (void)event_add(event, NULL);
    return event;
}

static struct plan_ask
plan_rules(const struct daemon *d)
{
    struct plan_ask ask = {.routing = &d->routes.routing};
    for (size_t i = 0; i < d->routes.carriers_n; i++) {
        ask.phones_by_zalo =
            ask.phones_by_zalo || link_conf(d->routes.carrier[i].link)->kind == LINK_ZALO_TEMPLATE;
    }
    return ask;
}

static int
daemon_open(struct daemon *d, struct err *err)
{
    (void)setenv("TZ", d->conf->timezone, 1);
    tzset();
    if (sodium_init() < 0) {
        return err_set(err, ERR_CONFIG, "libsodium does not start");
    }
    d->base = event_base_new();
    d->templates = templates_load(d->conf->templates, on_mistake, NULL);
    if (!d->templates) {
        return err_set(err, ERR_CONFIG, "templates: they have mistakes");
    }
    d->sigterm = on_signal(d, SIGTERM, on_stop_signal);
    d->sigint = on_signal(d, SIGINT, on_stop_signal);
    d->sighup = on_signal(d, SIGHUP, on_sighup);
    mask_signals(SIG_UNBLOCK); /* one that came before runs with the loop */
    d->drain = event_new(d->base, -1, EV_PERSIST, on_drain_step, d);
    (void)signal(SIGPIPE, SIG_IGN);
    d->link_events = (struct link_events){
        .ctx = d,
        .on_outcome = on_outcome,
        .on_receipt = on_receipt,
        .on_reply = on_reply,
        .on_late = on_late,
        .on_state = on_link_state,
        .on_turn = on_turn,
        .on_token_wanted = on_token_wanted,
        .on_want = on_want,
        .on_quota = on_quota,
        .on_chats = on_chats,
        .on_limit = on_limit,
        .on_moved = on_moved,
        .on_trace = on_trace,
    };
    if (take_name(d, err) != 0 ||
        routes_open(&d->routes, d->base, d->conf, &d->link_events, err) != 0) {
        return -1;
    }
    const struct queue_events events = {d, on_queue_up, on_queue_down, on_queue_refused};
    d->queue = queue_open(d->base, d->conf, d->instance.name, &events);
    for (size_t i = 0; i < d->routes.n; i++) {
        d->worker[i] = worker_new(d->base, d->conf, d->queue, &d->routes.route[i], (uint32_t)i);
    }
    d->tokens = tokens_new(d->base, d->conf, d->queue);
    d->rates = rates_new(d->base, d->conf, d->queue, &d->routes);
    d->quotas = quotas_new(d->base, d->conf, d->queue, &d->routes);
    d->chats = chats_new(d->queue, &d->routes);
    d->unheard = unheard_new(d->base, d->queue, &d->routes);
    d->planner = planner_new(d->base, d->queue, plan_rules(d));
    d->accept = accept_new(d->base, d->conf, d->queue, &d->routes, d->planner);
    accept_use_templates(d->accept, d->templates);
    d->feedback = feedback_new(d->queue, &d->routes, on_recorded, d);
    d->letters = letters_new(d->base, d->conf, d->queue, &d->routes);
    d->monitor = monitor_new(d->base, d->queue, &d->routes, d->worker, d->planner, d->rates);
    monitor_on_stray(d->monitor, on_stray_route, d);
    d->web = web_new(d->base, d->conf, d->queue, &(struct health){is_ready, d});
    return 0;
}

/* The queue first: closing it answers every call under way, and those answers still find their
 * parts.  Then the links, which let go of the worker's messages. */
static void
daemon_close(struct daemon *d)
{
    queue_close(&d->queue);
    web_free(&d->web);
    unheard_free(&d->unheard);
    tokens_free(&d->tokens);
    routes_close(&d->routes);
    rates_free(&d->rates);
    quotas_free(&d->quotas);
    chats_free(&d->chats);
    monitor_free(&d->monitor);
    accept_free(&d->accept);
    template_set_free(&d->templates);
    planner_free(&d->planner);
    feedback_free(&d->feedback);
    letters_free(&d->letters);
    for (size_t i = 0; i < d->routes.n; i++) {
        worker_free(&d->worker[i]);
    }
    struct event *events[] = {d->sigterm, d->sigint, d->sighup, d->drain};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        if (events[i]) {
            event_free(events[i]);
        }
    }
    if (d->base) {
        event_base_free(d->base);
    }
    instance_give(&d->instance);
}

int
daemon_run(const struct conf *conf)
{
    struct daemon *d = xcalloc(1, sizeof *d);
    struct err err = {0};
    d->conf = conf;
    d->instance.fd = -1;
    if (daemon_open(d, &err) != 0) {
        log_event(LOG_ERROR, "gateway.refused", "why=%s", log_value(str_of(err.text)));
        d->failed = true;
    } else {
        log_event(LOG_INFO, "gateway.started", "worker=%s links=%zu", d->instance.name,
                  d->routes.carriers_n);
        (void)event_base_dispatch(d->base);
        log_event(LOG_INFO, "gateway.stopped", "worker=%s", d->instance.name);
    }
    int rc = d->failed ? -1 : 0;
    daemon_close(d);
    free(d);
    return rc;
}

/* Shared rates, and the red switch. */
// SPDX-License-Identifier: MIT
#include "gateway/rates.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/time.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "gateway/links/share.h"
#include "queue/rate.h"
#include "queue/trace.h"

enum { ASKED_MAX = 8, AGAIN_US = 20000, STOP_MS = 500 };

/* What this process knows of one link's rate. */
struct shared {
    struct rates *rates;
    struct carrier *carrier;
    struct event *again;
    int asked, asked_parts; /* leases under way */
    int64_t version;        /* of the limit */
    bool watching;
    bool stopped;
};

struct rates {
    const struct conf *conf;
    struct queue *queue;
    struct routes *routes;
    bool draining;
    struct shared shared[CARRIERS_MAX];
};

/* One call under way. */
struct asking {
    struct shared *shared;
    int64_t asked_us;
    int parts;
};

static struct shared *
shared_of(struct rates *rates, const struct link *link)
{
    return &rates->shared[routes_carrier(rates->routes, link) - rates->routes->carrier];
}

static const struct conf_link *
conf_of(const struct shared *s)
{
    return link_conf(s->carrier->link);
}

static void ask(struct shared *s);

static void
ask_later(struct shared *s, int64_t wait_us)
{
    struct timeval tv = {wait_us / 1000000, wait_us % 1000000};
    (void)event_add(s->again, &tv);
}

/* What another gateway found counts here too; an answer that is older than what is known here
 * does not. */
static void
take_limit(struct shared *s, const struct rate_limit *limit, int others)
{
    bool newer = limit->version > s->version;
    s->version = newer ? limit->version : s->version;
    link_set_limit(s->carrier->link, newer ? limit->parts_s : LINK_LIMIT_KEPT, others);
}

static void
on_lease(void *arg, const struct rate_answer *answer, const struct err *err)
{
    struct asking *asking = arg;
    struct shared *s = asking->shared;
    s->asked--;
    s->asked_parts -= asking->parts;
    if (err) {
        ask_later(s, AGAIN_US);
    } else if (answer->parts > 0) {
        const struct lease lease = {asking->asked_us + answer->delay_us, answer->step_us,
                                    answer->parts};
        link_grant(s->carrier->link, &lease);
        ask(s);
    } else if (answer->again_us > 0) {
        ask_later(s, answer->again_us);
    }
    free(asking);
}

/* As many slices as cover what wants to leave soon. */
static void
ask(struct shared *s)
{
    struct rates *r = s->rates;
    struct link *link = s->carrier->link;
    int slice = (int)(link_rate(link) / 100);
    int wants = link_wants(link) - s->asked_parts;
    slice = slice > 1 ? slice : 1;
    while (wants > 0 && s->asked < ASKED_MAX && queue_is_up(r->queue)) {
        struct asking *asking = xmalloc(sizeof *asking);
        *asking = (struct asking){s, clock_monotonic_us(), wants < slice ? wants : slice};
        s->asked++;
        s->asked_parts += asking->parts;
        wants -= asking->parts;
        rate_lease(r->queue, conf_grant(r->conf, conf_of(s))->name, s->carrier->rate, asking->parts,
                   on_lease, asking);
    }
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    ask(arg);
}

void
rates_on_want(struct rates *rates, struct link *link)
{
    struct shared *s = shared_of(rates, link);
    if (!event_pending(s->again, EV_TIMEOUT, NULL)) {
        ask(s);
    }
}

static void
on_found(void *arg, const struct rate_limit *now, const struct err *err)
{
    struct shared *s = arg;
    if (!err) {
        s->version = now->version;
        link_set_limit(s->carrier->link, now->parts_s, LINK_LIMIT_KEPT);
    }
}

void
rates_on_limit(struct rates *rates, struct link *link, int limit)
{
    struct shared *s = shared_of(rates, link);
    const struct rate_limit found = {limit, s->version};
    rate_found(rates->queue, conf_of(s)->name, &found, on_found, s);
}

/* ---- The switch. */

static void
follow_switch(struct shared *s, bool stopped)
{
    bool first = !s->carrier->switched, changed = first || stopped != s->stopped;
    s->carrier->switched = true;
    s->stopped = stopped;
    if (!changed || s->rates->draining) {
        return;
    }
    if (stopped) {
        link_drain(s->carrier->link, STOP_MS);
    } else {
        link_start(s->carrier->link);
    }
    if (stopped || !first) {
        log_event(LOG_INFO, stopped ? "link.switched_off" : "link.switched_on", "link=%s",
                  conf_of(s)->name);
    }
}

static void
on_watched(void *arg, const struct link_watch *watch, const struct err *err)
{
    struct shared *s = arg;
    s->watching = false;
    if (!err) {
        take_limit(s, &watch->limit, watch->others);
        follow_switch(s, watch->stopped);
        link_trace(s->carrier->link, !watch->traced       ? LINK_TRACE_OFF
                                     : watch->traced_full ? LINK_TRACE_FULL
                                                          : LINK_TRACE_MASKED);
    }
}

void
rates_on_trace(struct rates *rates, struct link *link, const struct link_pdu *pdu)
{
    struct timeval now;
    (void)gettimeofday(&now, NULL);
    const struct trace_pdu told = {
        .at_us = (int64_t)now.tv_sec * 1000000 + now.tv_usec,
        .out = pdu->out,
        .bind = pdu->bind,
        .octets = pdu->octets,
        .whole = (int64_t)pdu->whole,
    };
    if (queue_is_up(rates->queue)) {
        trace_put(rates->queue, link_conf(link)->name, &told);
    }
}

void
rates_watch(struct rates *r)
{
    for (size_t i = 0; i < r->routes->carriers_n; i++) {
        struct shared *s = &r->shared[i];
        struct link_stats stats;
        if (s->watching) {
            continue;
        }
        s->watching = true;
        link_stats(s->carrier->link, &stats);
        link_watch(r->queue, conf_of(s)->name, stats.taken, on_watched, s);
    }
}

void
rates_down(struct rates *r)
{
    for (size_t i = 0; i < r->routes->carriers_n; i++) {
        link_grant_none(r->shared[i].carrier->link);
    }
}

void
rates_drain(struct rates *r)
{
    r->draining = true;
}

struct rates *
rates_new(struct event_base *base, const struct conf *conf, struct queue *queue,
          struct routes *routes)
{
    struct rates *r = xcalloc(1, sizeof *r);
    r->conf = conf;
    r->queue = queue;
    r->routes = routes;
    for (size_t i = 0; i < routes->carriers_n; i++) {
        struct shared *s = &r->shared[i];
        *s = (struct shared){.rates = r, .carrier = &routes->carrier[i]};
        s->again = event_new(base, -1, 0, on_again, s);
        link_share(s->carrier->link);
    }
    return r;
}

void
rates_free(struct rates **rates)
{
    struct rates *r = *rates;
    if (!r) {
        return;
    }
    for (size_t i = 0; i < CARRIERS_MAX; i++) {
        if (r->shared[i].again) {
            event_free(r->shared[i].again);
        }
    }
    free(r);
    *rates = NULL;
}

/* Shared quotas: one report at a time for each link that has one. */
// SPDX-License-Identifier: MIT
#include "gateway/quotas.h"

#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "gateway/links/share.h"
#include "queue/quota.h"

enum { TICK_MS = 100 };

/* One link's quota. */
struct shared {
    struct quotas *quotas;
    struct link *link;
    bool busy;
    struct quota_report report; /* under way */
    int64_t told_us;
};

struct quotas {
    const struct conf *conf;
    struct queue *queue;
    struct routes *routes;
    struct event *tick;
    uint64_t run;
    struct shared shared[CARRIERS_MAX];
};

static void
on_shared(void *arg, const struct quota_answer *answer, const struct err *err)
{
    struct shared *s = arg;
    s->busy = false;
    if (!err) {
        link_quota_answer(s->link, &s->report, answer, s->told_us);
    }
}

static void
step(struct shared *s)
{
    struct quotas *q = s->quotas;
    if (s->busy || !queue_is_up(q->queue) || !link_quota_report(s->link, &s->report)) {
        return;
    }
    const struct conf_link *conf = link_conf(s->link);
    const struct quota_holder holder = {conf_grant(q->conf, conf)->name, conf->name, q->run};
    s->busy = true;
    s->told_us = clock_monotonic_us();
    quota_share(q->queue, &holder, &s->report, on_shared, s);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct quotas *q = arg;
    (void)fd, (void)what;
    for (size_t i = 0; i < q->routes->carriers_n; i++) {
        step(&q->shared[i]);
    }
}

void
quotas_wanted(struct quotas *quotas, struct link *link)
{
    step(&quotas->shared[routes_carrier(quotas->routes, link) - quotas->routes->carrier]);
}

struct quotas *
quotas_new(struct event_base *base, const struct conf *conf, struct queue *queue,
           struct routes *routes)
{
    struct quotas *q = xcalloc(1, sizeof *q);
    struct timeval each = clock_timeval(TICK_MS);
    q->conf = conf;
    q->queue = queue;
    q->routes = routes;
    randombytes_buf(&q->run, sizeof q->run);
    for (size_t i = 0; i < routes->carriers_n; i++) {
        q->shared[i] = (struct shared){.quotas = q, .link = routes->carrier[i].link};
    }
    q->tick = event_new(base, -1, EV_PERSIST, on_tick, q);
    (void)event_add(q->tick, &each);
    return q;
}

void
quotas_free(struct quotas **quotas)
{
    if (*quotas) {
        event_free((*quotas)->tick);
        free(*quotas);
        *quotas = NULL;
    }
}

/* The gateway's clockwork. */
// SPDX-License-Identifier: MIT
#include "gateway/monitor.h"

#include <event2/event.h>
#include <stdlib.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "queue/archive.h"
#include "queue/audit.h"
#include "queue/control.h"
#include "queue/plan.h"
#include "queue/receipt.h"
#include "queue/replies.h"
#include "queue/served.h"
#include "queue/stats.h"
#include "queue/work.h"

enum { BEAT_MS = 100, POSTED_AT_ONCE = 64, AUDIT_PAUSE_MS = 200 };
/* In beats. */
enum { EVERY_CONTROL = 2, EVERY_DUE = 5, EVERY_SECOND = 10, EVERY_SWEEP = 50, EVERY_MINUTE = 600 };

struct monitor {
    struct queue *queue;
    const struct routes *routes;
    struct worker *const *workers;
    struct planner *planner;
    struct rates *rates;
    struct event *beat;
    unsigned beats;
    int pumping; /* routes whose due times are being looked at */
    bool link_changed, touched, posting, sweeping, watching, archiving, asking;
    struct audit *audit; /* under way, or NULL */
    void (*stray)(void *ctx, const char *route);
    void *stray_ctx;
};

static void
on_posted(void *arg, const struct err *err)
{
    struct monitor *m = arg;
    m->posting = false;
    m->touched = m->touched || err != NULL;
}

static void
post(struct monitor *m)
{
    const char *ids[POSTED_AT_ONCE];
    if (m->posting) {
        return;
    }
    int n = 0;
    for (size_t i = 0; i < m->routes->n; i++) {
        n += broadcasts_touched(worker_broadcasts(m->workers[i]), m->touched, ids + n,
                                POSTED_AT_ONCE - n);
    }
    if (n > 0 || m->touched) {
        m->touched = false;
        m->posting = true;
        stats_post(m->queue, ids, n, on_posted, m);
    }
}

static void
post_links(struct monitor *m)
{
    for (size_t i = 0; i < m->routes->carriers_n; i++) {
        const struct link *link = m->routes->carrier[i].link;
        struct link_stats stats;
        if (!m->routes->carrier[i].switched) { /* not begun yet: no state of its own */
            continue;
        }
        link_stats(link, &stats);
        struct link_tally tally = m->routes->carrier[i].tally;
        const struct stats_counter counters[] = {
            {"parts_submitted", tally.parts_submitted}, {"messages_accepted", tally.accepted},
            {"messages_failed", tally.failed},          {"messages_retried", tally.retried},
            {"messages_uncertain", tally.uncertain},    {"throttled", stats.throttled},
        };
        struct stats_link row = {
            .counters = counters,
            .counters_n = sizeof counters / sizeof *counters,
            .name = link_conf(link)->name,
            .state = link_state_name(link_state(link)),
            .last_error = stats.last_error,
            .rate_now = stats.rate_now,
            .in_flight = stats.in_flight,
            .since_s = stats.since_s,
            .quota_day = stats.quota_day,
            .quota_left = stats.quota_left,
            .limits = link_limits(link),
        };
        stats_link_post(m->queue, &row, queue_ignore, NULL);
        receipt_sweep(m->queue, row.name, queue_ignore, NULL);
    }
}

static void
on_pumped(void *arg, const struct err *err)
{
    struct monitor *m = arg;
    (void)err;
    m->pumping--;
}

static void
on_watched(void *arg, const struct err *err)
{
    struct monitor *m = arg;
    (void)err;
    m->watching = false;
}

static void
on_unplanned(void *arg, const char *id)
{
    struct monitor *m = arg;
    planner_add(m->planner, id, PRIORITY_NORMAL);
}

static void
on_unserved(void *arg, const char *route)
{
    struct monitor *m = arg;
    m->stray(m->stray_ctx, route);
}

static void
on_unclaimed(void *arg, const char *route)
{
    struct monitor *m = arg;
    if (m->stray && !routes_named(m->routes, route)) {
        served_ask(m->queue, route, on_unserved, m);
    }
}

static void
tell_served(struct monitor *m)
{
    for (size_t i = 0; i < m->routes->n; i++) {
        served_tell(m->queue, m->routes->route[i].name);
    }
}

static void
on_swept(void *arg, const struct err *err)
{
    struct monitor *m = arg;
    m->sweeping = false;
    if (err && err->code != ERR_GONE) {
        log_event(LOG_WARNING, "sweep.refused", "why=%s", log_value(str_of(err->text)));
    }
}

static void
on_archived(void *arg, const struct err *err)
{
    struct monitor *m = arg;
    m->archiving = false;
    if (err && err->code != ERR_GONE) {
        log_event(LOG_WARNING, "archive.refused", "why=%s", log_value(str_of(err->text)));
    }
}

/* ---- The self-audit */

static void
on_found(void *arg, bool repaired, const char *what)
{
    (void)arg;
    log_event(LOG_WARNING, "audit.found", "repaired=%s what=%s", repaired ? "yes" : "no",
              log_value(str_of(what)));
}

static void
on_audited(void *arg, const struct err *err)
{
    struct monitor *m = arg;
    m->audit = NULL;
    log_event(LOG_DEBUG, "audit.ended", "why=%s", err ? log_value(str_of(err->text)) : "-");
}

static void
on_turn(void *arg, bool ours)
{
    static const struct audit_way slowly = {.repair = true, .pause_ms = AUDIT_PAUSE_MS};
    struct monitor *m = arg;
    m->asking = false;
    if (ours && !m->audit) {
        m->audit = audit_run(m->queue, &slowly, on_found, on_audited, m);
    }
}

static void
round_of(struct monitor *m, unsigned beats)
{
    post(m);
    for (size_t i = 0; beats % EVERY_DUE == 0 && m->pumping < (int)m->routes->n && i < m->routes->n;
         i++) {
        m->pumping++;
        work_pump_due(m->queue, m->routes->route[i].name, on_pumped, m);
    }
    if (beats % EVERY_SECOND == 0) {
        stats_heartbeat(m->queue, queue_ignore, NULL);
    }
    if (beats % EVERY_SECOND == 0 || m->link_changed) {
        m->link_changed = false;
        post_links(m);
        reply_sweep(m->queue, queue_ignore, NULL);
    }
    if (beats % EVERY_SWEEP == 0) {
        tell_served(m);
    }
    if (beats % EVERY_CONTROL == 0) {
        rates_watch(m->rates);
    }
    if (beats % EVERY_CONTROL == 0 && !m->watching) {
        m->watching = true;
        control_watch(m->queue, on_watched, m);
    }
    if (beats % EVERY_MINUTE == EVERY_SWEEP / 2 && !m->archiving) {
        m->archiving = true;
        archive_round(m->queue, on_archived, m);
    }
    if (beats % EVERY_MINUTE == EVERY_MINUTE / 2 && !m->asking && !m->audit) {
        m->asking = true;
        audit_turn(m->queue, on_turn, m);
    }
    if (!m->sweeping && (beats % EVERY_SWEEP == 0 || broadcast_sweep_is_due(m->queue))) {
        m->sweeping = true;
        m->touched = true;
        broadcast_sweep(m->queue, on_unplanned, on_unclaimed, on_swept, m);
    }
}

static void
on_beat(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct monitor *m = arg;
    if (queue_is_up(m->queue)) {
        round_of(m, ++m->beats);
    }
}

struct monitor *
monitor_new(struct event_base *base, struct queue *queue, const struct routes *routes,
            struct worker *const *workers, struct planner *planner, struct rates *rates)
{
    struct monitor *m = xcalloc(1, sizeof *m);
    m->queue = queue;
    m->routes = routes;
    m->workers = workers;
    m->planner = planner;
    m->rates = rates;
    m->beat = event_new(base, -1, EV_PERSIST, on_beat, m);
    return m;
}

void
monitor_on_stray(struct monitor *m, void (*stray)(void *ctx, const char *route), void *ctx)
{
    m->stray = stray;
    m->stray_ctx = ctx;
}

void
monitor_free(struct monitor **monitor)
{
    if (*monitor) {
        event_free((*monitor)->beat);
        audit_stop(&(*monitor)->audit);
        free(*monitor);
        *monitor = NULL;
    }
}

void
monitor_start(struct monitor *m)
{
    struct timeval each = clock_timeval(BEAT_MS);
    (void)event_add(m->beat, &each);
    m->beats = 0;
    m->sweeping = m->posting = m->watching = m->archiving = m->asking = false;
    round_of(m, 0);
}

void
monitor_link_changed(struct monitor *m)
{
    m->link_changed = true;
}

void
monitor_touch(struct monitor *m)
{
    m->touched = true;
}

void
monitor_leave(struct monitor *m, queue_done *fn, void *arg)
{
    (void)event_del(m->beat);
    m->touched = true;
    m->posting = false;
    post(m);
    post_links(m);
    stats_leave(m->queue, fn, arg);
}

/* Counters of loa:stats and of the links, states, work ahead and workers as Prometheus reads them.
 *
 * A family's lines must stand together, so the groups that the queue tells are kept until all have
 * come; then each family walks over them. */
// SPDX-License-Identifier: MIT
#include "gateway/serve/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "gateway/core/version.h"
#include "queue/stats_read.h"

enum { KEPT_MS = 1000, WAITING_MAX = 64, TEXT_MAX = 4 << 20, WORKER_STALE_S = 10 };

/* The counters of DESIGN §4, the first column their name in loa:stats. */
static const struct {
    const char *name, *help;
} counters[] = {
    {"announcements_accepted", "Announcements taken in"},
    {"announcements_rejected", "Announcements refused, with a reason"},
    {"announcements_repeated", "Announcements known already and ignored"},
    {"messages_queued", "Messages that became queued"},
    {"parts_submitted", "Message parts written to a link, again and again ones too"},
    {"messages_accepted", "Messages that became accepted"},
    {"messages_delivered", "Messages that became delivered"},
    {"messages_undelivered", "Messages that became undelivered"},
    {"messages_failed", "Messages that became failed"},
    {"messages_skipped", "Messages that became skipped"},
    {"messages_expired", "Messages that became expired"},
    {"messages_retried", "Messages put off after a temporary error"},
    {"messages_uncertain", "Messages that may have gone out without an answer"},
    {"throttled", "Answers that asked for a lower rate"},
    {"receipts", "Final delivery reports"},
    {"receipts_unmatched", "Delivery reports of no message that is known"},
    {"receipts_duplicate", "Delivery reports that changed nothing"},
    {"replies", "Messages that members sent in"},
    {"outbox_accepted", "Confirmations and answers to members that were accepted"},
    {"outbox_failed", "Confirmations and answers that failed"},
    {"outbox_uncertain", "Confirmations and answers that may have gone out without an answer"},
    {"webhooks_refused", "Webhook requests that were not genuine"},
    {"audit_findings", "What the self-audit found wrong"},
    {"audit_repaired", "What the self-audit repaired"},
};
enum { COUNTERS_N = sizeof counters / sizeof *counters };

/* What a link's hash has besides counters, and can be shown as a number. */
static const struct {
    const char *field, *family, *help;
} gauges[] = {
    {"rate_now", "loa_link_rate_now", "Parts a second that the link may send now, 0: no limit"},
    {"in_flight", "loa_link_in_flight", "Parts without an answer"},
    {"since", "loa_link_since_seconds", "Unix time since when the link is in its state"},
    {"heartbeat", "loa_link_heartbeat_seconds", "Unix time of a gateway's last report of the link"},
    {"quota_left", "loa_link_quota_left", "Messages that the platform still takes this day"},
    {"quota_day", "loa_link_quota_day", "Messages that the platform takes a day"},
};
static const char *const states[] = {"down", "connecting", "bound", "throttled", "stopped"};

/* A group as stats_read() told it. */
struct group {
    struct group *next;
    int kind;
    char *name;
    size_t n;
    struct pair {
        char *name, *value;
    } pairs[];
};

struct metrics {
    struct queue *queue;
    struct group *groups, **last;
    struct buf text;
    int64_t read_ms; /* when `text` was made; 0: never */
    bool reading;
    struct http_request *waiting[WAITING_MAX];
    size_t waiting_n;
};

/* ---- The groups ---- */

static void
on_group(void *arg, const struct stats_group *told)
{
    struct metrics *m = arg;
    struct group *group = xcalloc(1, sizeof *group + told->n * sizeof *group->pairs);
    group->kind = (int)told->kind;
    group->name = xstrndup(told->name.p ? told->name.p : "", told->name.n);
    group->n = told->n;
    for (size_t i = 0; i < told->n; i++) {
        group->pairs[i].name = xstrndup(told->pairs[i].name.p, told->pairs[i].name.n);
        group->pairs[i].value = xstrndup(told->pairs[i].value.p, told->pairs[i].value.n);
    }
    *m->last = group;
    m->last = &group->next;
}

static void
forget_groups(struct metrics *m)
{
    while (m->groups) {
        struct group *group = m->groups;
        m->groups = group->next;
        for (size_t i = 0; i < group->n; i++) {
            free(group->pairs[i].name);
            free(group->pairs[i].value);
        }
        free(group->name);
        free(group);
    }
    m->last = &m->groups;
}

static const char *
value_of(const struct group *group, const char *name)
{
    for (size_t i = 0; i < group->n; i++) {
        if (strcmp(group->pairs[i].name, name) == 0) {
            return group->pairs[i].value;
        }
    }
    return NULL;
}

/* A field that is no number would make Prometheus refuse the whole page. */
static const char *
number_of(const struct group *group, const char *name)
{
    uint64_t n;
    const char *value = value_of(group, name);
    return value && str_to_u64(str_of(value), UINT64_MAX, &n) ? value : "0";
}

/* ---- The text ---- */

static void
family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* {label="value"}: a backslash, a quote and a newline are escaped. */
static void
label(struct buf *out, const char *name, const char *value)
{
    buf_add_format(out, "{%s=\"", name);
    for (const char *c = value; *c; c++) {
        if (*c == '\n') {
            buf_add_z(out, "\\n");
            continue;
        }
        if (*c == '\\' || *c == '"') {
            buf_add_char(out, '\\');
        }
        buf_add_char(out, *c);
    }
    buf_add_z(out, "\"}");
}

/* `all`: of a link without the field 0; else nothing of it. */
static void
link_family(const struct metrics *m, struct buf *out, const char *name, const char *field, bool all)
{
    for (const struct group *group = m->groups; group; group = group->next) {
        if (group->kind == STATS_LINK && (all || value_of(group, field))) {
            buf_add_z(out, name);
            label(out, "link", group->name);
            buf_add_format(out, " %s\n", number_of(group, field));
        }
    }
}

static void
add_totals(const struct metrics *m, struct buf *out)
{
    const struct group *group = m->groups;
    while (group && group->kind != STATS_TOTALS) {
        group = group->next;
    }
    for (size_t i = 0; group && i < COUNTERS_N; i++) {
        char name[80];
        (void)snprintf(name, sizeof name, "loa_%s_total", counters[i].name);
        family(out, name, "counter", counters[i].help);
        buf_add_format(out, "%s %s\n", name, number_of(group, counters[i].name));
    }
}

/* Announcements and the audit are of no link. */
static bool
is_of_a_link(const char *counter)
{
    return strncmp(counter, "announcements_", 14) != 0 && strncmp(counter, "audit_", 6) != 0 &&
           strcmp(counter, "messages_queued") != 0 && strcmp(counter, "messages_skipped") != 0 &&
           strcmp(counter, "messages_expired") != 0;
}

static void
add_links(const struct metrics *m, struct buf *out)
{
    char name[80];
    for (size_t i = 0; i < COUNTERS_N; i++) {
        if (is_of_a_link(counters[i].name)) {
            (void)snprintf(name, sizeof name, "loa_link_%s_total", counters[i].name);
            family(out, name, "counter", counters[i].help);
            link_family(m, out, name, counters[i].name, true);
        }
    }
    for (size_t i = 0; i < sizeof gauges / sizeof *gauges; i++) {
        family(out, gauges[i].family, "gauge", gauges[i].help);
        link_family(m, out, gauges[i].family, gauges[i].field, false);
    }
    family(out, "loa_link_state", "gauge", "1 for the state that the link is in");
    for (const struct group *group = m->groups; group; group = group->next) {
        const char *state = group->kind == STATS_LINK ? value_of(group, "state") : NULL;
        for (size_t i = 0; group->kind == STATS_LINK && i < sizeof states / sizeof *states; i++) {
            buf_add_z(out, "loa_link_state");
            label(out, "link", group->name);
            out->n--; /* the brace: another label follows */
            buf_add_format(out, ",state=\"%s\"} %d\n", states[i],
                           strcmp(state ? state : "down", states[i]) == 0);
        }
    }
}

/* "sms:normal" has `entries`, "sms:retries" has `due`. */
static void
add_work(const struct metrics *m, struct buf *out)
{
    family(out, "loa_work", "gauge", "Chunks that stand ahead of the links, by route and kind");
    for (const struct group *group = m->groups; group; group = group->next) {
        if (group->kind == STATS_QUEUE) {
            buf_add_z(out, "loa_work");
            label(out, "queue", group->name);
            const char *field = value_of(group, "due") ? "due" : "entries";
            buf_add_format(out, " %s\n", number_of(group, field));
        }
    }
}

static void
add_workers(const struct metrics *m, struct buf *out)
{
    int alive = 0;
    int64_t now_s = clock_unix_ms() / 1000;
    for (const struct group *group = m->groups; group; group = group->next) {
        uint64_t beat = 0;
        if (group->kind == STATS_WORKER &&
            str_to_u64(str_of(number_of(group, "heartbeat")), INT64_MAX, &beat)) {
            alive += now_s - (int64_t)beat < WORKER_STALE_S;
        }
    }
    family(out, "loa_workers", "gauge", "Gateways whose heartbeat is younger than 10 s");
    buf_add_format(out, "loa_workers %d\n", alive);
}

static void
add_process(struct buf *out, bool redis_up)
{
    struct rusage used;
    family(out, "loa_redis_up", "gauge", "1 when this gateway has read this from Redis just now");
    buf_add_format(out, "loa_redis_up %d\n", redis_up);
    family(out, "loa_build_info", "gauge", "The version of this gateway");
    buf_add_format(out, "loa_build_info{version=\"%s\"} 1\n", LOA_VERSION);
    if (getrusage(RUSAGE_SELF, &used) == 0) {
        double seconds = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
        family(out, "process_cpu_seconds_total", "counter", "CPU time of this gateway");
        buf_add_format(out, "process_cpu_seconds_total %.2f\n", seconds);
        family(out, "loa_process_max_resident_bytes", "gauge",
               "Memory of this gateway at its most");
        buf_add_format(out, "loa_process_max_resident_bytes %lld\n",
                       (long long)used.ru_maxrss * 1024);
    }
}

static void
render(struct metrics *m, bool redis_up)
{
    buf_clear(&m->text);
    add_process(&m->text, redis_up);
    if (redis_up) {
        add_totals(m, &m->text);
        add_links(m, &m->text);
        add_work(m, &m->text);
        add_workers(m, &m->text);
    }
}

/* ---- Requests ---- */

static void
answer(struct metrics *m, struct http_request *request)
{
    http_set_header(request, "Cache-Control", "no-store");
    http_answer(request, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(&m->text));
}

static void
on_read(void *arg, const struct err *err)
{
    struct metrics *m = arg;
    m->reading = false;
    render(m, err == NULL);
    m->read_ms = err ? 0 : clock_monotonic_us() / 1000;
    forget_groups(m);
    for (size_t i = 0; i < m->waiting_n; i++) {
        answer(m, m->waiting[i]);
    }
    m->waiting_n = 0;
}

static void
on_metrics(void *arg, struct http_request *request)
{
    struct metrics *m = arg;
    if (!m->reading && m->read_ms && clock_monotonic_us() / 1000 - m->read_ms < KEPT_MS) {
        answer(m, request);
        return;
    }
    if (m->waiting_n == WAITING_MAX) {
        http_say(request, 503, "too many wait for the same figures");
        return;
    }
    m->waiting[m->waiting_n++] = request;
    if (!m->reading) {
        m->reading = true;
        stats_read(m->queue, on_group, on_read, m);
    }
}

struct metrics *
metrics_new(struct http *http, struct queue *queue)
{
    struct metrics *m = xcalloc(1, sizeof *m);
    m->queue = queue;
    m->last = &m->groups;
    buf_init(&m->text, TEXT_MAX);
    http_add(http, &(struct http_row){
                       .methods = HTTP_GET, .path = "/metrics", .fn = on_metrics, .arg = m});
    return m;
}

void
metrics_free(struct metrics **metrics)
{
    struct metrics *m = *metrics;
    if (m) {
        *metrics = NULL;
        forget_groups(m);
        buf_deinit(&m->text);
        free(m);
    }
}

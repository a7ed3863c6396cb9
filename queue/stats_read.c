/* What `loa stats` shows, read in one go. */
// SPDX-License-Identifier: MIT
#include "queue/stats_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "gateway/base/conf_routing.h"
#include "gateway/core/mem.h"
#include "queue/handle.h"
#include "queue/join.h"

enum { PAIRS_MAX = 128 };

struct reading {
    struct queue *queue;
    stats_each_fn *each;
    queue_done *fn;
    void *arg;
    struct join *join;
};
/* What an answer is about. */
struct about {
    struct reading *reading;
    char name[80];
};

static struct about *
about_new(struct reading *r, const char *name)
{
    struct about *about = xcalloc(1, sizeof *about);
    about->reading = r;
    (void)snprintf(about->name, sizeof about->name, "%s", name);
    join_add(r->join);
    return about;
}

static void
about_end(struct about *about, const struct err *err)
{
    join_answer(about->reading->join, err);
    free(about);
}

static void
on_all_read(void *arg, const struct err *err)
{
    struct reading *r = arg;
    r->fn(r->arg, err);
    free(r);
}

/* A hash as a group. */
static void
tell_hash(struct about *about, const struct redisReply *reply, int kind)
{
    struct stats_pair pairs[PAIRS_MAX];
    size_t n = 0;
    for (size_t i = 0; i + 1 < reply_count(reply) && n < PAIRS_MAX; i += 2) {
        pairs[n++] = (struct stats_pair){reply_str_at(reply, i), reply_str_at(reply, i + 1)};
    }
    struct stats_group group = {.name = str_of(about->name), .pairs = pairs, .n = n};
    group.kind = kind;
    about->reading->each(about->reading->arg, &group);
}

static void
on_totals(void *arg, const struct redisReply *reply, const struct err *err)
{
    if (!err) {
        tell_hash(arg, reply, STATS_TOTALS);
    }
    about_end(arg, err);
}

static void
on_link(void *arg, const struct redisReply *reply, const struct err *err)
{
    if (!err) {
        tell_hash(arg, reply, STATS_LINK);
    }
    about_end(arg, err);
}

static void
tell_number(struct about *about, const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    struct stats_pair pair = {str_of(name), str_of(text)};
    struct stats_group group = {
        .kind = STATS_QUEUE, .name = str_of(about->name), .pairs = &pair, .n = 1};
    about->reading->each(about->reading->arg, &group);
}

static void
on_entries(void *arg, const struct redisReply *reply, const struct err *err)
{
    if (!err) {
        tell_number(arg, "entries", reply_int(reply, 0));
    }
    about_end(arg, err);
}

static void
on_due(void *arg, const struct redisReply *reply, const struct err *err)
{
    if (!err) {
        tell_number(arg, "due", reply_int(reply, 0));
    }
    about_end(arg, err);
}

/* {"heartbeat":1700000000,"version":"0.1.0","pid":4711} */
static void
tell_worker(struct reading *r, struct str name, struct str json)
{
    static const char *const known[] = {"heartbeat", "version", "pid"};
    struct stats_pair pairs[3];
    char texts[3][64];
    size_t n = 0;
    json_t *object = json_loadb(json.p, json.n, 0, NULL);
    for (size_t i = 0; i < 3; i++) {
        const json_t *value = json_object_get(object, known[i]);
        if (json_is_integer(value)) {
            (void)snprintf(texts[n], sizeof texts[n], "%lld", (long long)json_integer_value(value));
        } else if (json_is_string(value)) {
            (void)snprintf(texts[n], sizeof texts[n], "%s", json_string_value(value));
        } else {
            continue;
        }
        pairs[n] = (struct stats_pair){str_of(known[i]), str_of(texts[n])};
        n++;
    }
    struct stats_group group = {.kind = STATS_WORKER, .name = name, .pairs = pairs, .n = n};
    r->each(r->arg, &group);
    json_decref(object);
}

static void
on_workers(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct about *about = arg;
    for (size_t i = 0; i + 1 < reply_count(reply); i += 2) {
        tell_worker(about->reading, reply_str_at(reply, i), reply_str_at(reply, i + 1));
    }
    about_end(about, err);
}

static void
ask_streams(struct reading *r, const char *route)
{
    struct args a;
    char name[ROUTE_NAME_SIZE + 16];
    for (int p = 0; p < PRIORITY_N; p++) {
        const char *priority = priority_name((enum priority)p);
        (void)snprintf(name, sizeof name, "%s:%s", route, priority);
        args_init(&a, "XLEN");
        args_format(&a, "loa:work:{%s}:%s", route, priority);
        queue_send(r->queue, &a, on_entries, about_new(r, name));
    }
    (void)snprintf(name, sizeof name, "%s:retries", route);
    args_init(&a, "ZCARD");
    args_format(&a, "loa:due:{%s}", route);
    queue_send(r->queue, &a, on_due, about_new(r, name));
}

void
stats_read(struct queue *queue, stats_each_fn *each, queue_done *fn, void *arg)
{
    const struct conf *conf = queue_conf(queue);
    struct reading *r = xcalloc(1, sizeof *r);
    struct args a;
    r->queue = queue;
    r->each = each;
    r->fn = fn;
    r->arg = arg;
    r->join = join_new(on_all_read, r);
    args_init(&a, "HGETALL");
    args_z(&a, "loa:stats");
    queue_send(queue, &a, on_totals, about_new(r, ""));
    for (size_t i = 0; i < conf->links_n; i++) {
        args_init(&a, "HGETALL");
        args_format(&a, "loa:stats:link:%s", conf->links[i].name);
        queue_send(queue, &a, on_link, about_new(r, conf->links[i].name));
    }
    struct routing routing;
    (void)conf_routing(conf, &routing);
    for (size_t i = 0; i < routing.n; i++) {
        ask_streams(r, routing.route[i].name);
    }
    args_init(&a, "HGETALL");
    args_z(&a, "loa:workers");
    queue_send(queue, &a, on_workers, about_new(r, ""));
    join_end(r->join);
}

/* ---- A template's limits. */

struct limits_asked {
    limits_fn *fn;
    void *arg;
};

static void
on_limits(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct limits_asked *asked = arg;
    asked->fn(asked->arg, reply_str(reply), err);
    free(asked);
}

void
stats_limits(struct queue *queue, const char *link, limits_fn *fn, void *arg)
{
    struct limits_asked *asked = xmalloc(sizeof *asked);
    struct args a;
    *asked = (struct limits_asked){fn, arg};
    args_init(&a, "HGET");
    args_format(&a, "loa:stats:link:%s", link);
    args_z(&a, "template");
    queue_send(queue, &a, on_limits, asked);
}

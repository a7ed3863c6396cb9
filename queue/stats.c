/* Counters, link states and heartbeats: the calls of queue/stats.lua. */
// SPDX-License-Identifier: MIT
#include "queue/stats.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "gateway/core/time.h"
#include "queue/handle.h"
#include "queue/join.h"
#include "queue/retell.h"
#include "queue/touched.h"

enum { SOURCES_MAX = 256 };

/* The counters of a broadcast's hash, there under "stat:NAME". */
static const char *const counters[] = {
    "announcements_accepted",
    "announcements_repeated",
    "messages_queued",
    "parts_submitted",
    "messages_accepted",
    "messages_delivered",
    "messages_undelivered",
    "messages_failed",
    "messages_skipped",
    "messages_expired",
    "messages_retried",
    "messages_uncertain",
    "throttled",
    "receipts_duplicate",
};
enum { COUNTERS_N = sizeof counters / sizeof *counters };

/* ---- Posting ---- */

struct post;
struct source {
    struct post *post;
    struct buf name, values; /* "link:viettel", "receipts=3 …" */
};
struct post {
    struct queue *queue;
    queue_done *fn;
    void *arg;
    struct join *join;
    int n;
    struct source sources[SOURCES_MAX];
};

static void
post_end(struct post *p, const struct err *err)
{
    p->fn(p->arg, err);
    for (int i = 0; i < p->n; i++) {
        buf_deinit(&p->sources[i].name);
        buf_deinit(&p->sources[i].values);
    }
    free(p);
}

bool
stats_minute(struct args *a, const struct redisReply *posted)
{
    struct str minute = reply_str_at(posted, 0);
    args_fcall(a, "loa_stats_minute", "loa:stats:minute:%.*s", (int)minute.n, minute.p);
    for (size_t i = 1; i + 1 < reply_count(posted); i += 2) {
        args_str(a, reply_str_at(posted, i));
        args_int(a, reply_int_at(posted, i + 1, 0));
    }
    return reply_count(posted) >= 3;
}

static void
on_minute(void *arg, const struct err *err)
{
    (void)err; /* may miss a second */
    post_end(arg, NULL);
}

static void
on_posted(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct post *p = arg;
    struct args a;
    if (err || !stats_minute(&a, reply)) {
        post_end(p, err);
    } else {
        queue_send_plain(p->queue, &a, on_minute, p);
    }
}

/* All counters were read. */
static void
on_gathered(void *arg, const struct err *err)
{
    struct post *p = arg;
    if (err) {
        post_end(p, err);
        return;
    }
    struct args a;
    args_fcall2(&a, "loa_stats_post", "loa:stats", "loa:posted:{loa:stats}");
    for (int i = 0; i < p->n; i++) {
        if (p->sources[i].values.n) {
            args_str(&a, buf_str(&p->sources[i].name));
            args_str(&a, buf_str(&p->sources[i].values));
        }
    }
    queue_send(p->queue, &a, on_posted, p);
}

static void
on_broadcast(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct source *s = arg;
    for (size_t i = 0; i < COUNTERS_N && !err; i++) {
        int64_t value = reply_int_at(reply, i, 0);
        if (value > 0) {
            buf_add_format(&s->values, "%s=%lld ", counters[i], (long long)value);
        }
    }
    join_answer(s->post->join, err);
}

/* A link's totals: "stat:receipts" 3 … */
static void
on_totals(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct source *s = arg;
    for (size_t i = 0; i + 1 < reply_count(reply) && !err; i += 2) {
        struct str field = reply_str_at(reply, i);
        int64_t value = reply_int_at(reply, i + 1, 0);
        if (str_starts(field, STR("stat:")) && value > 0) {
            buf_add_format(&s->values, "%.*s=%lld ", (int)field.n - 5, field.p + 5,
                           (long long)value);
        }
    }
    join_answer(s->post->join, err);
}

/* Link → replies; loa:stats has their sum. */
static void
on_replies(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct source *s = arg;
    int64_t sum = 0;
    for (size_t i = 0; i + 1 < reply_count(reply) && !err; i += 2) {
        sum += reply_int_at(reply, i + 1, 0);
    }
    if (sum > 0) {
        buf_add_format(&s->values, "replies=%lld", (long long)sum);
    }
    join_answer(s->post->join, err);
}

/* One source more; its counters come by `args`. */
static void
gather(struct post *p, const char *prefix, const char *name, const struct args *args, redis_fn *fn)
{
    struct source *s = &p->sources[p->n++];
    s->post = p;
    buf_init(&s->name, 256);
    buf_init(&s->values, 4096);
    buf_add_format(&s->name, "%s%s", prefix, name);
    join_add(p->join);
    queue_send(p->queue, args, fn, s);
}

static void
gather_broadcast(struct post *p, const char *id)
{
    struct args a;
    args_init(&a, "HMGET");
    args_format(&a, "loa:broadcast:{%s}", id);
    for (size_t i = 0; i < COUNTERS_N; i++) {
        args_format(&a, "stat:%s", counters[i]);
    }
    gather(p, "broadcast:", id, &a, on_broadcast);
}

static void
gather_links(struct post *p)
{
    const struct conf *conf = queue_conf(p->queue);
    struct args a;
    for (size_t i = 0; i < conf->links_n && p->n < SOURCES_MAX - 2; i++) {
        args_init(&a, "HGETALL");
        args_format(&a, "loa:link:{%s}:totals", conf->links[i].name);
        gather(p, "link:", conf->links[i].name, &a, on_totals);
    }
    args_init(&a, "HGETALL");
    args_z(&a, "loa:totals:{loa:replies}");
    gather(p, "", "replies", &a, on_replies);
    args_init(&a, "HGETALL");
    args_z(&a, "loa:totals:{out}");
    gather(p, "", "outbox", &a, on_totals);
}

static struct post *
post_new(struct queue *queue, struct join *all)
{
    struct post *p = xcalloc(1, sizeof *p);
    p->queue = queue;
    p->fn = join_answer;
    p->arg = all;
    p->join = join_new(on_gathered, p);
    join_add(all);
    return p;
}

/* What stats_post() was asked for; those that receipts touched are remembered again if it fails. */
struct posting {
    struct queue *queue;
    queue_done *fn;
    void *arg;
    int touched_n;
    char *touched[TOUCHED_MAX];
};

static void
on_all_posted(void *arg, const struct err *err)
{
    struct posting *posting = arg;
    for (int i = 0; i < posting->touched_n; i++) {
        if (err) {
            touched_add(posting->queue, str_of(posting->touched[i]));
        }
        free(posting->touched[i]);
    }
    posting->fn(posting->arg, err);
    free(posting);
}

/* Adds broadcasts to the post `*p`, or to another one behind it when that is full. */
static void
gather_broadcasts(struct post **p, struct join *all, const char *const *ids, int n)
{
    for (int i = 0; i < n; i++) {
        if ((*p)->n == SOURCES_MAX) {
            join_end((*p)->join);
            *p = post_new((*p)->queue, all);
        }
        gather_broadcast(*p, ids[i]);
    }
}

void
stats_post(struct queue *queue, const char *const *ids, int n, queue_done *fn, void *arg)
{
    struct posting *posting = xcalloc(1, sizeof *posting);
    posting->queue = queue;
    posting->fn = fn;
    posting->arg = arg;
    posting->touched_n = touched_take(queue, posting->touched);
    struct join *all = join_new(on_all_posted, posting);
    struct post *p = post_new(queue, all);
    gather_links(p);
    gather_broadcasts(&p, all, ids, n);
    gather_broadcasts(&p, all, (const char *const *)posting->touched, posting->touched_n);
    join_end(p->join);
    join_end(all);
}

/* ---- Links ---- */

/* What this process has posted of its own counters. */
struct posted {
    char *link;
    const char *counter;
    uint64_t value;
};
struct posted_part {
    struct queue_part part;
    struct posted *all;
    size_t n;
};

static void
posted_free(struct queue_part *part)
{
    struct posted_part *posted = (struct posted_part *)part;
    for (size_t i = 0; i < posted->n; i++) {
        free(posted->all[i].link);
    }
    free(posted->all);
    free(posted);
}

static struct posted_part *
posted_part(struct queue *queue)
{
    static const struct queue_part kind = {.free = posted_free};
    return (struct posted_part *)queue_part_of(queue, &kind, sizeof(struct posted_part));
}

/* What a counter gained since the last time; from now on that is posted. */
static uint64_t
take_gain(struct posted_part *posted, const char *link, const struct stats_counter *counter)
{
    size_t i = 0;
    while (i < posted->n && (strcmp(posted->all[i].link, link) != 0 ||
                             strcmp(posted->all[i].counter, counter->name) != 0)) {
        i++;
    }
    if (i == posted->n) {
        posted->all = xrealloc(posted->all, ++posted->n * sizeof *posted->all);
        posted->all[i] = (struct posted){xstrdup(link), counter->name, 0};
    }
    uint64_t before = posted->all[i].value;
    posted->all[i].value = counter->value;
    return counter->value > before ? counter->value - before : 0;
}

/* What the link counts in Redis goes into its public hash as it is. */
struct copy {
    struct queue *queue;
    char *link;
    struct join *join;
};

/* Writes what was found (`a`; NULL: nothing), and is over. */
static void
copy_end(struct copy *c, const struct args *a, const struct err *err)
{
    if (!err && a) {
        join_add(c->join);
        queue_send(c->queue, a, join_reply, c->join);
    }
    join_answer(c->join, err);
    free(c->link);
    free(c);
}

static void
on_copied_totals(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct copy *c = arg;
    struct args a;
    args_init(&a, "HSET");
    args_format(&a, "loa:stats:link:%s", c->link);
    for (size_t i = 0; i + 1 < reply_count(reply) && i < 64; i += 2) {
        struct str field = reply_str_at(reply, i);
        if (str_starts(field, STR("stat:")) || str_starts(field, STR("link:"))) {
            args_bytes(&a, field.p + 5, field.n - 5);
            args_str(&a, reply_str_at(reply, i + 1));
        }
    }
    copy_end(c, a.n > 2 ? &a : NULL, err);
}

static void
on_copied_replies(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct copy *c = arg;
    int64_t replies = reply_int(reply, 0);
    struct args a;
    args_init(&a, "HSET");
    args_format(&a, "loa:stats:link:%s", c->link);
    args_z(&a, "replies");
    args_int(&a, replies);
    copy_end(c, replies > 0 ? &a : NULL, err);
}

static void
copy(struct queue *queue, const char *link, struct join *join, const struct args *args,
     redis_fn *fn)
{
    struct copy *c = xmalloc(sizeof *c);
    *c = (struct copy){queue, xstrdup(link), join};
    join_add(join);
    queue_send(queue, args, fn, c);
}

static void
add_time(struct args *a, int64_t unix_s)
{
    char text[TIME_ROOM] = "";
    if (unix_s > 0) {
        time_format(unix_s, 0, text);
    }
    args_format(a, "%s", text);
}

static void
post_state(struct queue *queue, const struct stats_link *link, struct join *join)
{
    struct args a;
    args_init(&a, "HSET");
    args_format(&a, "loa:stats:link:%s", link->name);
    args_z(&a, "state");
    args_z(&a, link->state);
    args_z(&a, "rate_now");
    args_format(&a, "%.10g", link->rate_now);
    args_z(&a, "in_flight");
    args_int(&a, link->in_flight);
    args_z(&a, "last_error");
    args_z(&a, link->last_error ? link->last_error : "");
    args_z(&a, "since");
    add_time(&a, link->since_s);
    args_z(&a, "heartbeat");
    args_int(&a, clock_unix_ms() / 1000);
    if (link->quota_left >= 0) {
        args_z(&a, "quota_day");
        args_int(&a, link->quota_day);
        args_z(&a, "quota_left");
        args_int(&a, link->quota_left);
    }
    if (link->limits.n > 0) {
        args_z(&a, "template");
        args_str(&a, link->limits);
    }
    join_add(join);
    queue_send(queue, &a, join_reply, join);
}

void
stats_link_post(struct queue *queue, const struct stats_link *link, queue_done *fn, void *arg)
{
    struct join *join = join_new(fn, arg);
    struct args a;
    post_state(queue, link, join);
    for (int i = 0; i < link->counters_n; i++) {
        uint64_t gain = take_gain(posted_part(queue), link->name, &link->counters[i]);
        if (gain > 0) {
            args_init(&a, "HINCRBY");
            args_format(&a, "loa:stats:link:%s", link->name);
            args_z(&a, link->counters[i].name);
            args_int(&a, (int64_t)gain);
            join_add(join);
            queue_send(queue, &a, join_reply, join);
        }
    }
    args_init(&a, "HGETALL");
    args_format(&a, "loa:link:{%s}:totals", link->name);
    copy(queue, link->name, join, &a, on_copied_totals);
    args_init(&a, "HGET");
    args_z(&a, "loa:totals:{loa:replies}");
    args_z(&a, link->name);
    copy(queue, link->name, join, &a, on_copied_replies);
    join_end(join);
}

/* ---- Workers ---- */

void
stats_heartbeat(struct queue *queue, queue_done *fn, void *arg)
{
    struct args a;
    retell_heartbeat(queue, &a);
    queue_send_plain(queue, &a, fn, arg);
}

void
stats_leave(struct queue *queue, queue_done *fn, void *arg)
{
    struct args a;
    args_init(&a, "HDEL");
    args_z(&a, "loa:workers");
    args_z(&a, queue_worker(queue));
    queue_send_plain(queue, &a, fn, arg);
}

/* One question to one of several servers, every second. */
// SPDX-License-Identifier: MIT
#include "queue/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"

enum { EACH_MS = 1000, NEXT_MS = 100 };

struct scout {
    struct queue *queue;
    struct scout_ask ask;
    struct redis_place place;
    struct redis *redis;
    size_t node;
    struct event *timer;
    bool asking, give_up; /* give up: the next one's turn, from the timer */
};

static void
wake_in(struct scout *s, int64_t ms)
{
    struct timeval tv = clock_timeval(ms);
    (void)event_add(s->timer, &tv);
}

static void
next_one(struct scout *s, const char *why)
{
    s->give_up = true;
    s->ask.on_silence(s->ask.arg, why);
    wake_in(s, NEXT_MS);
}

static void
on_answer(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct scout *s = arg;
    s->asking = false;
    if (!s->redis || (err && err->code == ERR_GONE)) {
        return; /* closing, or on_down goes on */
    }
    if (err) {
        next_one(s, err->text);
    } else if (!s->ask.on_answer(s->ask.arg, reply, &s->place)) {
        s->give_up = true;
        wake_in(s, NEXT_MS);
    } else {
        wake_in(s, EACH_MS);
    }
}

static void
ask(struct scout *s)
{
    struct args a;
    if (!s->asking && redis_is_up(s->redis)) {
        s->asking = true;
        s->ask.question(s->ask.arg, &a);
        redis_send(s->redis, &a, 0, on_answer, s);
    }
}

static void
on_up(void *ctx, struct redis *redis)
{
    struct scout *s = ctx;
    (void)redis;
    s->asking = false;
    wake_in(s, 0);
}

static void
on_down(void *ctx, struct redis *redis, const char *why)
{
    struct scout *s = ctx;
    (void)redis;
    s->asking = false;
    next_one(s, why);
}

static void
on_refused(void *ctx, struct redis *redis, const char *why)
{
    (void)redis;
    next_one(ctx, why);
}

/* "host:port" or "[::1]:port", as the configuration's check let it through. */
static void
read_place(const char *text, struct redis_place *out)
{
    const char *colon = strrchr(text, ':');
    struct str host = {text, (size_t)(colon - text)};
    if (host.n > 2 && host.p[0] == '[') {
        host = (struct str){host.p + 1, host.n - 2};
    }
    memset(out, 0, sizeof *out);
    (void)snprintf(out->host, sizeof out->host, "%.*s", (int)host.n, host.p);
    out->port = (int)strtol(colon + 1, NULL, 10);
}

static void
open_node(struct scout *s)
{
    const struct conf *conf = queue_conf(s->queue);
    struct redis_target target = s->ask.target;
    size_t named = conf->redis.nodes_n;
    if (s->node >= named &&
        !(s->ask.another && s->ask.another(s->ask.arg, s->node - named, &s->place))) {
        s->node = 0;
    }
    if (s->node < named) {
        read_place(conf->redis.nodes[s->node], &s->place);
    }
    target.place = &s->place;
    s->give_up = false;
    s->redis = redis_open(s->queue, "loa-scout", &target,
                          &(struct redis_events){s, on_up, on_down, on_refused});
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct scout *s = arg;
    if (!s->give_up) {
        ask(s);
        return;
    }
    redis_close(&s->redis);
    s->node++;
    open_node(s);
}

void
scout_hurry(struct scout *s)
{
    if (!s->give_up && !s->asking) {
        wake_in(s, 0);
    }
}

struct scout *
scout_open(struct queue *queue, const struct scout_ask *ask)
{
    struct scout *s = xcalloc(1, sizeof *s);
    s->queue = queue;
    s->ask = *ask;
    s->timer = event_new(queue_base(queue), -1, 0, on_timer, s);
    if (!s->timer) {
        abort();
    }
    open_node(s);
    return s;
}

void
scout_close(struct scout **scout)
{
    struct scout *s = *scout;
    if (s) {
        redis_close(&s->redis);
        event_free(s->timer);
        free(s);
        *scout = NULL;
    }
}

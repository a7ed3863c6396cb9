/* The rate of a link, shared by all gateways, and its switch: the calls of queue/rate.lua. */
// SPDX-License-Identifier: MIT
#include "queue/rate.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "queue/redis.h"

struct call {
    union {
        rate_fn *lease;
        rate_found_fn *found;
        link_watch_fn *watch;
        link_switch_fn *toggle;
    } fn;
    void *arg;
};

static struct call *
call_new(void *arg)
{
    struct call *call = xcalloc(1, sizeof *call);
    call->arg = arg;
    return call;
}

static struct rate_limit
limit_at(const struct redisReply *reply, size_t i)
{
    return (struct rate_limit){(int)reply_int_at(reply, i, 0), reply_int_at(reply, i + 1, 0)};
}

static void
on_lease(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct call *call = arg;
    struct str step = reply_str_at(reply, 2); /* NUL-terminated by hiredis */
    struct rate_answer answer = {
        .parts = (int)reply_int_at(reply, 0, 0),
        .delay_us = reply_int_at(reply, 1, 0),
        .step_us = step.n ? strtod(step.p, NULL) : 0,
        .again_us = reply_int_at(reply, 3, 0),
        .limit = limit_at(reply, 4),
    };
    call->fn.lease(call->arg, err ? NULL : &answer, err);
    free(call);
}

void
rate_lease(struct queue *queue, const char *link, double parts_s, int wanted, rate_fn *fn,
           void *arg)
{
    struct args a;
    args_fcall(&a, "loa_rate_lease", "loa:link:{%s}:rate", link);
    args_format(&a, "%.3f", parts_s);
    args_int(&a, wanted);
    struct call *call = call_new(arg);
    call->fn.lease = fn;
    queue_send(queue, &a, on_lease, call);
}

static void
on_found(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct call *call = arg;
    struct rate_limit now = limit_at(reply, 0);
    call->fn.found(call->arg, err ? NULL : &now, err);
    free(call);
}

void
rate_found(struct queue *queue, const char *link, const struct rate_limit *limit, rate_found_fn *fn,
           void *arg)
{
    struct args a;
    args_fcall(&a, "loa_rate_found", "loa:link:{%s}:rate", link);
    args_int(&a, limit->version);
    args_int(&a, limit->parts_s);
    struct call *call = call_new(arg);
    call->fn.found = fn;
    queue_send(queue, &a, on_found, call);
}

static void
on_watch(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct call *call = arg;
    struct link_watch watch = {
        .stopped = reply_int_at(reply, 0, 0) != 0,
        .limit = limit_at(reply, 1),
        .others = (int)reply_int_at(reply, 3, 0),
        .traced = reply_str_at(reply, 4).n > 0,
        .traced_full = str_equal_z(reply_str_at(reply, 4), "full"),
    };
    call->fn.watch(call->arg, err ? NULL : &watch, err);
    free(call);
}

void
link_watch(struct queue *queue, const char *link, int taken, link_watch_fn *fn, void *arg)
{
    char rate[96], stopped[96];
    struct args a;
    (void)snprintf(rate, sizeof rate, "loa:link:{%s}:rate", link);
    (void)snprintf(stopped, sizeof stopped, "loa:link:{%s}:stopped", link);
    args_fcall2(&a, "loa_link_watch", rate, stopped);
    args_z(&a, queue_worker(queue));
    args_int(&a, taken);
    struct call *call = call_new(arg);
    call->fn.watch = fn;
    queue_send(queue, &a, on_watch, call);
}

static void
on_switched(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct call *call = arg;
    call->fn.toggle(call->arg, reply_int(reply, 0) != 0, err);
    free(call);
}

void
link_switch(struct queue *queue, const char *link, bool off, link_switch_fn *fn, void *arg)
{
    struct args a;
    args_fcall(&a, "loa_link_switch", "loa:link:{%s}:stopped", link);
    args_int(&a, off ? 1 : 0);
    args_z(&a, queue_worker(queue));
    args_int(&a, clock_unix_ms() / 1000);
    struct call *call = call_new(arg);
    call->fn.toggle = fn;
    queue_send(queue, &a, on_switched, call);
}

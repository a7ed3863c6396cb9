/* Pause, resume, cancel, retry and the end of a broadcast: the calls of queue/control.lua.
 *
 * A step that goes through members is called again and again, a budget of chunks each time, until
 * it is through.  After it loa:control is raised: gateways look at that and sweep at once. */
// SPDX-License-Identifier: MIT
#include "queue/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "queue/redis.h"
#include "queue/sweep.h"

enum { BUDGET = 32 }; /* chunks a call: 8,192 members, a millisecond or two of Redis */

struct control {
    struct queue *queue;
    char id[80], state[24];
    const char *function, *ending; /* ending: its argument, NULL: none */
    bool pieces, retry, quiet;     /* quiet: gateways need not be told */
    int64_t from;
    struct control_answer answer;
    control_fn *fn;
    void *arg;
};

static void step(struct control *c);

static void
control_over(struct control *c, const struct err *err)
{
    c->answer.state = c->state;
    c->fn(c->arg, err ? NULL : &c->answer, err);
    free(c);
}

/* What was done is done: without this it takes as long as until the next sweep. */
static void
on_told(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply, (void)err;
    control_over(arg, NULL);
}

static void
tell_gateways(struct control *c)
{
    if (c->quiet) {
        control_over(c, NULL);
        return;
    }
    struct args a;
    args_init(&a, "INCR");
    args_z(&a, "loa:control");
    queue_send(c->queue, &a, on_told, c);
}

/* A broadcast that was done is swept again.  Before the first step, so that a crash leaves nobody
 * queued and unseen, and after the last one: a sweep may just have been taking it out. */
static void
enter(struct control *c, redis_fn *then)
{
    struct args a;
    args_init(&a, "SADD");
    args_z(&a, "loa:active");
    args_z(&a, c->id);
    queue_send(c->queue, &a, then, c);
}

static void
on_entered(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply;
    if (err) {
        control_over(arg, err);
    } else {
        step(arg);
    }
}

static void
on_entered_again(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply;
    if (err) {
        control_over(arg, err);
    } else {
        tell_gateways(arg);
    }
}

static void
stepped(struct control *c, bool asked_only)
{
    if (c->answer.verdict != CONTROL_OK) {
        control_over(c, NULL);
    } else if (asked_only) {
        enter(c, on_entered);
    } else if (c->from > 0) {
        step(c);
    } else if (c->retry) {
        enter(c, on_entered_again);
    } else {
        tell_gateways(c);
    }
}

/* verdict, state, the chunk to go on at, members moved */
static void
on_step(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct control *c = arg;
    if (err) {
        control_over(c, err);
        return;
    }
    struct str verdict = reply_str_at(reply, 0);
    struct str state = reply_str_at(reply, 1);
    bool asked_only = c->from < 0;
    c->answer.verdict = str_equal_z(verdict, "OK")     ? CONTROL_OK
                        : str_equal_z(verdict, "GONE") ? CONTROL_GONE
                                                       : CONTROL_REFUSED;
    (void)snprintf(c->state, sizeof c->state, "%.*s", (int)(state.n > 20 ? 20 : state.n), state.p);
    c->from = reply_int_at(reply, 2, -1);
    c->answer.moved += (uint64_t)reply_int_at(reply, 3, 0);
    stepped(c, asked_only);
}

static void
step(struct control *c)
{
    struct args a;
    args_fcall(&a, c->function, "loa:broadcast:{%s}", c->id);
    if (c->ending) {
        args_z(&a, c->ending);
    }
    if (c->pieces) {
        args_int(&a, c->from);
        args_int(&a, BUDGET);
    }
    queue_send(c->queue, &a, on_step, c);
}

static struct control *
control_new(struct queue *queue, const char *id, control_fn *fn, void *arg)
{
    struct control *c = xcalloc(1, sizeof *c);
    c->queue = queue;
    (void)snprintf(c->id, sizeof c->id, "%s", id);
    c->fn = fn;
    c->arg = arg;
    return c;
}

void
control_pause(struct queue *queue, const char *id, control_fn *fn, void *arg)
{
    struct control *c = control_new(queue, id, fn, arg);
    c->function = "loa_pause";
    step(c);
}

void
control_resume(struct queue *queue, const char *id, control_fn *fn, void *arg)
{
    struct control *c = control_new(queue, id, fn, arg);
    c->function = "loa_resume";
    step(c);
}

void
control_cancel(struct queue *queue, const char *id, control_fn *fn, void *arg)
{
    struct control *c = control_new(queue, id, fn, arg);
    c->function = "loa_end";
    c->ending = "cancelled";
    c->pieces = true;
    step(c);
}

void
control_end(struct queue *queue, const char *id, const char *ending, control_fn *fn, void *arg)
{
    struct control *c = control_new(queue, id, fn, arg);
    c->function = "loa_end";
    c->ending = strcmp(ending, "expired") == 0 ? "expired" : "cancelled";
    c->pieces = true;
    c->quiet = true;
    step(c);
}

void
control_retry(struct queue *queue, const char *id, control_fn *fn, void *arg)
{
    struct control *c = control_new(queue, id, fn, arg);
    c->function = "loa_retry";
    c->pieces = true;
    c->retry = true;
    c->from = -1; /* first only asks whether it may be */
    step(c);
}

void
control_later(struct queue *queue, bool waits, queue_done *fn, void *arg)
{
    struct args a;
    args_init(&a, waits ? "SET" : "DEL");
    args_z(&a, CONTROL_ALL);
    if (waits) {
        args_z(&a, "1");
    }
    queue_send_plain(queue, &a, fn, arg);
}

/* ---- The gateway's side ---- */

struct watch {
    struct queue_part part;
    struct queue *queue;
    bool known;
    int64_t seen; /* of loa:control */
};

static struct watch *
watch_of(struct queue *queue)
{
    static const struct queue_part kind = {.free = queue_part_free};
    struct watch *watch = (struct watch *)(void *)queue_part_of(queue, &kind, sizeof(struct watch));
    watch->queue = queue;
    return watch;
}

struct look {
    struct watch *watch;
    queue_done *fn;
    void *arg;
};

static void
on_look(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct look *look = arg;
    struct watch *watch = look->watch;
    int64_t now = reply_int(reply, 0);
    if (!err) {
        if (watch->known && now != watch->seen) {
            sweep_wake(watch->queue, clock_unix_ms());
            sweep_wake(watch->queue, clock_unix_ms() + 1000);
        }
        watch->known = true;
        watch->seen = now;
    }
    look->fn(look->arg, err);
    free(look);
}

void
control_watch(struct queue *queue, queue_done *fn, void *arg)
{
    struct look *look = xmalloc(sizeof *look);
    struct args a;
    *look = (struct look){watch_of(queue), fn, arg};
    args_init(&a, "GET");
    args_z(&a, "loa:control");
    queue_send(queue, &a, on_look, look);
}

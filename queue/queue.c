/* The handle: the command connection, the Function library and its version, the parts. */
// SPDX-License-Identifier: MIT
#include "queue/queue.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "queue/place.h"
#include "queue/retell.h"

/* An answer that waits for the loop. */
struct later {
    struct later *next;
    struct err err;
    redis_fn *fn;
    void *arg;
};

struct queue {
    struct event_base *base;
    const struct conf *conf;
    char *worker;
    bool is_gateway;
    struct queue_events events;
    struct places *places;
    struct queue_part *parts;
    struct later *later, **later_last;
    struct event *later_event;
    uint64_t random;
    bool up, refused;
    bool returning; /* all masters are there: what they may have forgotten is being told */
    unsigned round; /* of returning */
    struct err why; /* why it is down or refused */
};

struct event_base *
queue_base(const struct queue *q)
{
    return q->base;
}

const struct conf *
queue_conf(const struct queue *q)
{
    return q->conf;
}

bool
queue_is_up(const struct queue *q)
{
    return q->up;
}

const char *
queue_why(const struct queue *q)
{
    const char *missing = q->places ? places_why(q->places) : "";
    return *q->why.text ? q->why.text : *missing ? missing : "no connection to Redis";
}

const char *
queue_worker(const struct queue *q)
{
    return q->worker;
}

#define TEXT_OF(x) #x
#define VERSION_OF(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const char *
queue_library_version(void)
{
    return VERSION_OF(HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
}

struct places *
queue_places(const struct queue *q)
{
    return q->places;
}

bool
queue_is_gateway(const struct queue *q)
{
    return q->is_gateway;
}

uint64_t
queue_random(struct queue *q)
{
    q->random ^= q->random << 13;
    q->random ^= q->random >> 7;
    q->random ^= q->random << 17;
    return q->random;
}

/* ---- Answers from the loop ---- */

static void
on_later(evutil_socket_t fd, short what, void *arg)
{
    struct queue *q = arg;
    (void)fd;
    (void)what;
    struct later *list = q->later;
    q->later = NULL;
    q->later_last = &q->later;
    while (list) {
        struct later *one = list;
        list = one->next;
        one->fn(one->arg, NULL, &one->err);
        free(one);
    }
}

void
queue_fail(struct queue *q, const struct err *err, redis_fn *fn, void *arg)
{
    struct later *one = xcalloc(1, sizeof *one);
    one->err = *err;
    one->fn = fn;
    one->arg = arg;
    *q->later_last = one;
    q->later_last = &one->next;
    event_active(q->later_event, EV_TIMEOUT, 0);
}

void
queue_send(struct queue *q, const struct args *args, redis_fn *fn, void *arg)
{
    if (!q->up) {
        struct err err;
        (void)err_set(&err, ERR_GONE, "%s", queue_why(q));
        queue_fail(q, &err, fn, arg);
        return;
    }
    struct redis *redis = place_for(q, args);
    if (!redis) {
        struct err err;
        (void)err_set(&err, ERR_AGAIN, "no master of the cluster is known for this key");
        queue_fail(q, &err, fn, arg);
        return;
    }
    redis_send(redis, args, 0, fn, arg);
}

void
queue_flush(struct queue *q)
{
    struct master *one;
    for (size_t i = 0; (one = places_each(q->places, i)); i++) {
        redis_flush(master_redis(one));
    }
}

struct plain {
    queue_done *fn;
    void *arg;
};

static void
on_plain(void *arg, const redisReply *reply, const struct err *err)
{
    struct plain *plain = arg;
    (void)reply;
    plain->fn(plain->arg, err);
    free(plain);
}

void
queue_send_plain(struct queue *q, const struct args *args, queue_done *fn, void *arg)
{
    struct plain *plain = xmalloc(sizeof *plain);
    *plain = (struct plain){fn, arg};
    queue_send(q, args, on_plain, plain);
}

void
queue_ignore(void *arg, const struct err *err)
{
    (void)arg, (void)err;
}

void
queue_ignore_reply(void *arg, const redisReply *reply, const struct err *err)
{
    (void)arg, (void)reply, (void)err;
}

/* ---- Parts ---- */

void
queue_part_add(struct queue *q, struct queue_part *part)
{
    part->next = q->parts;
    q->parts = part;
}

struct queue_part *
queue_part_find(struct queue *q, const void *tag)
{
    struct queue_part *part = q->parts;
    while (part && part->tag != tag) {
        part = part->next;
    }
    return part;
}

struct queue_part *
queue_part_of(struct queue *q, const struct queue_part *kind, size_t size)
{
    struct queue_part *part = queue_part_find(q, kind);
    if (!part) {
        part = xcalloc(1, size);
        *part = *kind;
        part->tag = kind;
        queue_part_add(q, part);
    }
    return part;
}

void
queue_part_free(struct queue_part *part)
{
    free(part);
}

/* ---- Up and down ---- */

static void
go_up(struct queue *q)
{
    q->up = true;
    q->why.text[0] = '\0';
    for (struct queue_part *part = q->parts; part; part = part->next) {
        if (part->on_up) {
            part->on_up(part);
        }
    }
    if (q->events.on_up) {
        q->events.on_up(q->events.ctx, q);
    }
}

void
queue_look(struct queue *q)
{
    if (q->up || q->returning || q->refused || !q->places || !places_are_ready(q->places)) {
        return;
    }
    if (q->is_gateway) {
        q->returning = true;
        retell_return(q, ++q->round);
    } else {
        go_up(q);
    }
}

void
queue_returned(struct queue *q, unsigned round)
{
    if (q->returning && q->round == round) {
        q->returning = false;
        go_up(q);
    }
}

void
queue_refuse(struct queue *q, const char *why)
{
    if (q->refused) {
        return;
    }
    q->refused = true;
    (void)err_set(&q->why, ERR_CONFIG, "%s", why);
    if (q->events.on_refused) {
        q->events.on_refused(q->events.ctx, q, q->why.text);
    }
}

void
queue_lose(struct queue *q, const char *why)
{
    bool told = !q->up && *q->why.text;
    q->up = q->returning = false;
    (void)err_set(&q->why, ERR_GONE, "%s", why);
    if (told) {
        return;
    }
    for (struct queue_part *part = q->parts; part; part = part->next) {
        if (part->on_down) {
            part->on_down(part);
        }
    }
    if (q->events.on_down) {
        q->events.on_down(q->events.ctx, q, why);
    }
}

/* ---- Life ---- */

struct queue *
queue_open(struct event_base *base, const struct conf *conf, const char *worker,
           const struct queue_events *events)
{
    struct queue *q = xcalloc(1, sizeof *q);
    (void)signal(SIGPIPE, SIG_IGN); /* hiredis writes without MSG_NOSIGNAL */
    q->base = base;
    q->conf = conf;
    q->worker = xstrdup(worker ? worker : "cli");
    q->is_gateway = worker != NULL;
    q->events = *events;
    q->later_last = &q->later;
    q->random = (uint64_t)clock_unix_ms() * 2654435761U ^ (uint64_t)(uintptr_t)q;
    q->random |= 1;
    q->later_event = event_new(base, -1, 0, on_later, q);
    if (!q->later_event) {
        abort();
    }
    q->places = places_open(q);
    return q;
}

void
queue_close(struct queue **queue)
{
    struct queue *q = *queue;
    if (!q) {
        return;
    }
    *queue = NULL;
    q->up = q->returning = false;
    q->events = (struct queue_events){0};
    (void)err_set(&q->why, ERR_GONE, "the connection to Redis was closed");
    places_close(&q->places);
    for (struct queue_part *part = q->parts; part; part = part->next) {
        if (part->close) {
            part->close(part);
        }
    }
    while (q->later) {
        on_later(-1, 0, q);
    }
    while (q->parts) {
        struct queue_part *part = q->parts;
        q->parts = part->next;
        part->free(part);
    }
    event_free(q->later_event);
    free(q->worker);
    free(q);
}

/* ---- For the command line ---- */

static void
on_wait_over(evutil_socket_t fd, short what, void *arg)
{
    bool *over = arg;
    (void)fd;
    (void)what;
    *over = true;
}

/* Runs the loop until `*stop` or `q->refused` or the time is over; false: the time is over. */
static bool
run_until(struct queue *q, const bool *stop, int64_t wait_ms)
{
    bool over = false;
    struct timeval tv = clock_timeval(wait_ms);
    struct event *timer = event_new(q->base, -1, 0, on_wait_over, &over);
    if (!timer) {
        abort();
    }
    (void)event_add(timer, &tv);
    while (!*stop && !over && !q->refused && event_base_loop(q->base, EVLOOP_ONCE) == 0) {
    }
    event_free(timer);
    return *stop;
}

struct queue *
queue_open_wait(struct event_base *base, const struct conf *conf, int64_t wait_ms, struct err *err)
{
    struct queue_events none = {0};
    struct queue *q = queue_open(base, conf, NULL, &none);
    if (run_until(q, &q->up, wait_ms)) {
        return q;
    }
    if (q->why.text[0]) {
        (void)err_set(err, q->why.code, "%s", q->why.text);
    } else {
        (void)err_set(err, ERR_GONE, "Redis is not ready within %lld ms", (long long)wait_ms);
    }
    queue_close(&q);
    return NULL;
}

int
queue_wait(struct queue *q, const bool *answered, int64_t wait_ms, struct err *err)
{
    if (run_until(q, answered, wait_ms)) {
        return 0;
    }
    return err_set(err, ERR_GONE, "%s",
                   q->why.text[0] ? q->why.text : "Redis did not answer in time");
}

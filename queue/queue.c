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
#include "queue/handle.h"

enum { LIBRARY_RETRY_MS = 200 };

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
    struct redis *redis;
    struct queue_part *parts;
    struct later *later, **later_last;
    struct event *later_event, *library_timer;
    uint64_t random;
    bool up, refused, loading;
    int64_t version;    /* of the library found, 0: none */
    size_t functions_n; /* that it has */
    char old[64];       /* name of an older library to be deleted, "" none */
    struct err why;     /* why it is down or refused */
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
    return *q->why.text ? q->why.text : "no connection to Redis";
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
    redis_send(q->redis, args, 0, fn, arg);
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

/* ---- The Function library ---- */

static void
go_up(struct queue *q)
{
    if (q->up) {
        return;
    }
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

static void
refuse(struct queue *q, const char *why)
{
    q->refused = true;
    (void)err_set(&q->why, ERR_CONFIG, "%s", why);
    if (q->events.on_refused) {
        q->events.on_refused(q->events.ctx, q, q->why.text);
    }
}

/* Redis is loading its data or the like: looks again soon. */
static void
again_soon(struct queue *q)
{
    struct timeval tv = clock_timeval(LIBRARY_RETRY_MS);
    (void)event_add(q->library_timer, &tv);
}

static void
on_loaded(void *arg, const redisReply *reply, const struct err *err)
{
    struct queue *q = arg;
    (void)reply;
    q->loading = false;
    if (!err || (q->version == QUEUE_SCHEMA && err->code == ERR_AGAIN)) {
        go_up(q); /* at maxmemory the same version that stands there serves as well */
    } else if (err->code == ERR_AGAIN) {
        again_soon(q);
    } else if (err->code != ERR_GONE) {
        struct err why = *err;
        (void)err_prefix(&why, "the Function library cannot be loaded: ");
        refuse(q, why.text);
    }
}

static void
load(struct queue *q)
{
    struct args a;
    q->loading = true;
    if (q->old[0]) {
        args_init(&a, "FUNCTION");
        args_z(&a, "DELETE");
        args_z(&a, q->old);
        redis_send(q->redis, &a, 0, queue_ignore_reply, NULL);
    }
    args_init(&a, "FUNCTION");
    args_z(&a, "LOAD");
    args_z(&a, "REPLACE");
    args_z(&a, queue_library);
    redis_send(q->redis, &a, 0, on_loaded, q);
}

void
queue_on_library_missing(struct queue *q)
{
    if (q->up && !q->loading && redis_is_up(q->redis)) {
        q->old[0] = '\0';
        load(q);
    }
}

/* How many our own has. */
static size_t
own_functions(void)
{
    static const char word[] = "redis.register_function";
    size_t n = 0;
    for (const char *p = queue_library; (p = strstr(p, word)) != NULL; p += sizeof word - 1) {
        n++;
    }
    return n;
}

/* The newest "loa_N" of FUNCTION LIST; remembers an older one's name. */
static void
read_names(struct queue *q, const redisReply *reply)
{
    q->old[0] = '\0';
    for (size_t i = 0; i < reply_count(reply); i++) {
        struct str name = reply_field(reply_at(reply, i), "library_name");
        uint64_t n;
        if (!str_starts(name, STR("loa_")) || !str_to_u64(str_from(name, 4), 1000000, &n)) {
            continue;
        }
        if ((int64_t)n > q->version) {
            q->version = (int64_t)n;
        }
        q->functions_n = reply_count(reply_value(reply_at(reply, i), "functions"));
        if (n < QUEUE_SCHEMA) {
            (void)snprintf(q->old, sizeof q->old, "%.*s", (int)name.n, name.p);
        }
    }
}

static void
on_names(void *arg, const redisReply *reply, const struct err *err)
{
    struct queue *q = arg;
    if (!err) {
        read_names(q, reply);
    } else if (err->code == ERR_INPUT) {
        char why[200];
        (void)snprintf(why, sizeof why, "Redis 7 or newer is needed (%.100s)", err->text);
        refuse(q, why);
    }
}

static void
on_version(void *arg, const redisReply *reply, const struct err *err)
{
    struct queue *q = arg;
    int64_t said = reply_int(reply, 0);
    if (q->refused || (err && err->code == ERR_GONE)) {
        return;
    }
    if (err && err->code == ERR_AGAIN && !strstr(err->text, "Function not found")) {
        again_soon(q);
        return;
    }
    if (said > q->version) {
        q->version = said;
    }
    if (q->version > QUEUE_SCHEMA) {
        char why[200];
        (void)snprintf(why, sizeof why,
                       "the schema in Redis is version %lld and this loa knows version %d only: "
                       "run the newer loa on this host too",
                       (long long)q->version, QUEUE_SCHEMA);
        refuse(q, why);
        return;
    }
    if (said == QUEUE_SCHEMA && !q->is_gateway && q->functions_n >= own_functions()) {
        go_up(q);
        return;
    }
    load(q); /* missing, older, or the same from another build: a gateway brings its own, the
              * command line only more Functions */
}

static void
check_library(struct queue *q)
{
    struct args a;
    q->version = 0;
    args_init(&a, "FUNCTION");
    args_z(&a, "LIST");
    args_z(&a, "LIBRARYNAME");
    args_z(&a, "loa_*");
    redis_send(q->redis, &a, 0, on_names, q);
    args_init(&a, "FCALL");
    args_z(&a, "loa_version");
    args_z(&a, "0");
    redis_send(q->redis, &a, 0, on_version, q);
}

static void
on_library_timer(evutil_socket_t fd, short what, void *arg)
{
    struct queue *q = arg;
    (void)fd;
    (void)what;
    if (redis_is_up(q->redis) && !q->up) {
        check_library(q);
    }
}

/* ---- The command connection ---- */

static void
on_redis_up(void *ctx, struct redis *redis)
{
    (void)redis;
    check_library(ctx);
}

static void
on_redis_down(void *ctx, struct redis *redis, const char *why)
{
    struct queue *q = ctx;
    (void)redis;
    q->up = false;
    q->loading = false;
    (void)err_set(&q->why, ERR_GONE, "%s", why);
    for (struct queue_part *part = q->parts; part; part = part->next) {
        if (part->on_down) {
            part->on_down(part);
        }
    }
    if (q->events.on_down) {
        q->events.on_down(q->events.ctx, q, why);
    }
}

static void
on_redis_refused(void *ctx, struct redis *redis, const char *why)
{
    (void)redis;
    refuse(ctx, why);
}

/* ---- Life ---- */

struct queue *
queue_open(struct event_base *base, const struct conf *conf, const char *worker,
           const struct queue_events *events)
{
    struct queue *q = xcalloc(1, sizeof *q);
    char name[100];
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
    q->library_timer = event_new(base, -1, 0, on_library_timer, q);
    if (!q->later_event || !q->library_timer) {
        abort();
    }
    (void)snprintf(name, sizeof name, "loa-%.90s", q->worker);
    q->redis = redis_open(q, name,
                          &(struct redis_events){q, on_redis_up, on_redis_down, on_redis_refused});
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
    q->up = false;
    q->events = (struct queue_events){0};
    (void)err_set(&q->why, ERR_GONE, "the connection to Redis was closed");
    redis_close(&q->redis);
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
    event_free(q->library_timer);
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

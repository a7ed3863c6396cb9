/* A connection to a master and the Function library on it: looked at after each connect, loaded
 * when it is missing, older, or another build's. */
// SPDX-License-Identifier: MIT
#include "queue/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"

enum { LIBRARY_RETRY_MS = 200 };

struct master {
    struct queue *queue;
    struct redis *redis;
    struct event *again;
    bool ready, checking, refused;
    bool looked;        /* the loading under way is told by what was seen, below */
    int64_t version;    /* of the library found, 0: none */
    size_t functions_n; /* that it has */
    char old[64];       /* name of an older library to be deleted, "" none */
};

static void
become_ready(struct master *m)
{
    m->checking = false;
    m->ready = true;
    queue_look(m->queue);
}

static void
refuse(struct master *m, const char *why)
{
    m->checking = false;
    m->refused = true;
    queue_refuse(m->queue, why);
}

/* Redis is loading its data or the like: says so, looks again soon.  What our user may not do does
 * not pass by itself. */
static void
again_soon(struct master *m, const struct err *err)
{
    struct timeval tv = clock_timeval(LIBRARY_RETRY_MS);
    m->checking = false;
    if (strstr(err->text, "NOPERM")) {
        refuse(m, err->text);
        return;
    }
    queue_lose(m->queue, err->text);
    (void)event_add(m->again, &tv);
}

static void
on_loaded(void *arg, const redisReply *reply, const struct err *err)
{
    struct master *m = arg;
    (void)reply;
    if (!err || (m->version == QUEUE_SCHEMA && err->code == ERR_AGAIN)) {
        become_ready(m); /* at maxmemory the same version that stands there serves as well */
    } else if (err->code == ERR_AGAIN) {
        again_soon(m, err);
    } else if (err->code != ERR_GONE && !m->looked) { /* a newer one may have these Functions */
        m->checking = false;
        master_check(m);
    } else if (err->code != ERR_GONE) {
        struct err why = *err;
        (void)err_prefix(&why, "the Function library cannot be loaded: ");
        refuse(m, why.text);
    }
}

static void
load(struct master *m)
{
    struct args a;
    if (m->old[0]) {
        args_init(&a, "FUNCTION");
        args_z(&a, "DELETE");
        args_z(&a, m->old);
        redis_send(m->redis, &a, 0, queue_ignore_reply, NULL);
    }
    args_init(&a, "FUNCTION");
    args_z(&a, "LOAD");
    args_z(&a, "REPLACE");
    args_z(&a, queue_library);
    redis_send(m->redis, &a, 0, on_loaded, m);
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
read_names(struct master *m, const redisReply *reply)
{
    m->old[0] = '\0';
    for (size_t i = 0; i < reply_count(reply); i++) {
        struct str name = reply_field(reply_at(reply, i), "library_name");
        uint64_t n;
        if (!str_starts(name, STR("loa_")) || !str_to_u64(str_from(name, 4), 1000000, &n)) {
            continue;
        }
        if ((int64_t)n > m->version) {
            m->version = (int64_t)n;
        }
        m->functions_n = reply_count(reply_value(reply_at(reply, i), "functions"));
        if (n < QUEUE_SCHEMA) {
            (void)snprintf(m->old, sizeof m->old, "%.*s", (int)name.n, name.p);
        }
    }
}

static void
on_names(void *arg, const redisReply *reply, const struct err *err)
{
    struct master *m = arg;
    if (!err) {
        read_names(m, reply);
    } else if (err->code == ERR_INPUT) {
        char why[200];
        (void)snprintf(why, sizeof why, "Redis 7 or newer is needed (%.100s)", err->text);
        refuse(m, why);
    }
}

static void
on_version(void *arg, const redisReply *reply, const struct err *err)
{
    struct master *m = arg;
    int64_t said = reply_int(reply, 0);
    if (m->refused || (err && err->code == ERR_GONE)) {
        return;
    }
    if (err && err->code == ERR_AGAIN && !strstr(err->text, "Function not found")) {
        again_soon(m, err);
        return;
    }
    if (said > m->version) {
        m->version = said;
    }
    if (m->version > QUEUE_SCHEMA) {
        char why[200];
        (void)snprintf(why, sizeof why,
                       "the schema in Redis is version %lld and this loa knows version %d only: "
                       "run the newer loa on this host too",
                       (long long)m->version, QUEUE_SCHEMA);
        refuse(m, why);
        return;
    }
    if (said == QUEUE_SCHEMA && !queue_is_gateway(m->queue) && m->functions_n >= own_functions()) {
        become_ready(m);
        return;
    }
    load(m); /* missing, older, or the same from another build: a gateway brings its own, the
              * command line only more Functions */
}

void
master_check(struct master *m)
{
    struct args a;
    if (m->checking || m->refused || !redis_is_up(m->redis)) {
        return;
    }
    m->checking = m->looked = true;
    m->version = 0;
    m->functions_n = 0;
    args_init(&a, "FUNCTION");
    args_z(&a, "LIST");
    args_z(&a, "LIBRARYNAME");
    args_z(&a, "loa_*");
    redis_send(m->redis, &a, 0, on_names, m);
    args_init(&a, "FCALL");
    args_z(&a, "loa_version");
    args_z(&a, "0");
    redis_send(m->redis, &a, 0, on_version, m);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    master_check(arg);
}

static void
on_up(void *ctx, struct redis *redis)
{
    struct master *m = ctx;
    (void)redis;
    m->checking = false;
    master_check(m);
}

static void
on_down(void *ctx, struct redis *redis, const char *why)
{
    struct master *m = ctx;
    (void)redis;
    m->ready = m->checking = false;
    queue_lose(m->queue, why);
}

static void
on_refused(void *ctx, struct redis *redis, const char *why)
{
    struct master *m = ctx;
    (void)redis;
    refuse(m, why);
}

struct master *
master_open(struct queue *queue, const struct redis_target *target)
{
    struct master *m = xcalloc(1, sizeof *m);
    char name[100];
    m->queue = queue;
    m->again = event_new(queue_base(queue), -1, 0, on_again, m);
    if (!m->again) {
        abort();
    }
    (void)snprintf(name, sizeof name, "loa-%.90s", queue_worker(queue));
    m->redis =
        redis_open(queue, name, target, &(struct redis_events){m, on_up, on_down, on_refused});
    return m;
}

void
master_close(struct master **master)
{
    struct master *m = *master;
    if (m) {
        *master = NULL;
        redis_close(&m->redis);
        event_free(m->again);
        free(m);
    }
}

bool
master_is_ready(const struct master *m)
{
    return m->ready;
}

struct redis *
master_redis(const struct master *m)
{
    return m->redis;
}

void
queue_on_library_missing(struct queue *queue, struct redis *redis)
{
    struct master *m;
    for (size_t i = 0; (m = places_each(queue_places(queue), i)) != NULL; i++) {
        if (m->redis == redis && m->ready && !m->checking) {
            m->checking = true; /* at once: the next call goes behind it */
            m->looked = false;
            m->version = 0;
            m->old[0] = '\0';
            load(m);
        }
    }
}

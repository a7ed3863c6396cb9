/* The begins, dones, ids, receipts, wishes and replies of the last seconds, to be told again.
 *
 * A call is kept as its arguments in one piece of memory.  What is told again is kept anew: the
 * next Redis may forget it once more.  While Redis is away nothing is added, so nothing ages. */
// SPDX-License-Identifier: MIT
#include "queue/retell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <jansson.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/hash.h"
#include "gateway/core/mem.h"
#include "gateway/core/outcome.h"
#include "gateway/core/version.h"
#include "queue/place.h"

enum { KEPT_MS = 3000, KEPT_BYTES = 8 << 20, WAIT_MS = 5000, LOOK_MS = 200, ALIVE_S = 5 };
/* Of loa_retell's arguments. */
enum { AT_KEY = 3, AT_CHUNK, AT_ROUTE, AT_WORKER, AT_EPOCH, AT_LEASE, AT_PLACES, AT_ATTEMPTS };

struct kept {
    struct kept *next;
    int64_t at_ms;
    size_t bytes_n;
    int n;
    bool is_begin;
    size_t *len; /* n of them, then the arguments themselves */
};

struct retell {
    struct queue_part part;
    struct queue *queue;
    struct kept *first, **last;
    size_t bytes_n;
    char run[9]; /* of all masters, that has been told everything; "" none yet */
    char next_run[9];
    unsigned round;
    int under_way;
    int64_t began_ms;
    struct event *look;
};

static void on_look(evutil_socket_t fd, short what, void *arg);

static void
drop_first(struct retell *r)
{
    struct kept *kept = r->first;
    r->first = kept->next;
    if (!r->first) {
        r->last = &r->first;
    }
    r->bytes_n -= kept->bytes_n;
    free(kept->len);
    free(kept);
}

static void
retell_free(struct queue_part *part)
{
    struct retell *r = (struct retell *)part;
    while (r->first) {
        drop_first(r);
    }
    if (r->look) {
        event_free(r->look);
    }
    free(r);
}

static struct retell *
retell_of(struct queue *queue)
{
    static const struct queue_part kind = {.free = retell_free};
    struct retell *r = (struct retell *)queue_part_of(queue, &kind, sizeof *r);
    if (!r->queue) {
        r->queue = queue;
        r->last = &r->first;
        r->look = event_new(queue_base(queue), -1, 0, on_look, r);
        if (!r->look) {
            abort();
        }
    }
    return r;
}

/* ---- What is kept ---- */

static struct kept *
keep(struct queue *queue, const struct args *a)
{
    struct retell *r = retell_of(queue);
    struct kept *kept = xcalloc(1, sizeof *kept);
    size_t lens = (size_t)a->n * sizeof *kept->len, bytes = 0;
    for (int i = 0; i < a->n; i++) {
        bytes += a->len[i];
    }
    kept->n = a->n;
    kept->at_ms = queue_now_ms();
    kept->bytes_n = sizeof *kept + lens + bytes;
    kept->len = xmalloc(lens + bytes + 1);
    memcpy(kept->len, a->len, lens);
    char *at = (char *)kept->len + lens;
    for (int i = 0; i < a->n; i++) {
        memcpy(at, a->v[i], a->len[i]);
        at += a->len[i];
    }
    *r->last = kept;
    r->last = &kept->next;
    r->bytes_n += kept->bytes_n;
    while (r->first->at_ms < kept->at_ms - KEPT_MS || r->bytes_n > KEPT_BYTES) {
        drop_first(r);
    }
    return kept;
}

static char *
argument(const struct kept *kept, int i)
{
    char *at = (char *)kept->len + (size_t)kept->n * sizeof *kept->len;
    for (int before = 0; before < i; before++) {
        at += kept->len[before];
    }
    return at;
}

static bool
argument_is(const struct kept *kept, const struct args *a, int i)
{
    return kept->len[i] == a->len[i] && memcmp(argument(kept, i), a->v[i], a->len[i]) == 0;
}

void
retell_keep(struct queue *queue, const struct args *args)
{
    if (queue_is_gateway(queue) && !args->overflow) {
        (void)keep(queue, args);
    }
}

void
retell_keep_as(struct queue *queue, struct args *args, const char *function)
{
    const char *own = args->v[1];
    args_function(args, function);
    retell_keep(queue, args);
    args_function(args, own);
}

/* The head of loa_retell's call. */
static void
begin_args(struct queue *queue, struct args *a, const struct chunk_name *name, uint64_t epoch)
{
    args_fcall(a, "loa_retell", "loa:broadcast:{%s}", name->id);
    args_int(a, name->chunk);
    args_z(a, name->route);
    args_z(a, queue_worker(queue));
    args_int(a, (int64_t)epoch);
}

void
retell_keep_begin(struct queue *queue, const struct chunk_name *name, uint64_t epoch,
                  const struct begin_answer *answer)
{
    struct args a;
    if (!queue_is_gateway(queue) || answer->places.n == 0) {
        return;
    }
    begin_args(queue, &a, name, epoch);
    args_int(&a, LEASE_MS);
    args_str(&a, answer->places);
    args_str(&a, answer->attempts);
    keep(queue, &a)->is_begin = true;
}

/* Attempt 0 is one that never was. */
static void
forget_place(struct kept *kept, uint8_t place)
{
    char *places = argument(kept, AT_PLACES), *attempts = argument(kept, AT_ATTEMPTS);
    for (size_t i = 0; i < kept->len[AT_PLACES] && i < kept->len[AT_ATTEMPTS]; i++) {
        if ((uint8_t)places[i] == place) {
            attempts[i] = '\0';
        }
    }
}

/* Whether `kept` is a begin of the chunk, worker and epoch that `a` names. */
static bool
is_begin_of(const struct kept *kept, const struct args *a)
{
    bool same = kept->is_begin;
    for (int i = AT_KEY; same && i <= AT_EPOCH; i++) {
        same = argument_is(kept, a, i);
    }
    return same;
}

static void
forget_released(struct kept *kept, const struct done_batch *batch)
{
    for (int i = 0; i < batch->n; i++) {
        if (batch->events[i] == EVENT_RELEASED) {
            forget_place(kept, batch->places[i]);
        }
    }
}

void
retell_forget_released(struct queue *queue, const struct chunk_name *name, uint64_t epoch,
                       const struct done_batch *batch)
{
    struct args a;
    if (!queue_is_gateway(queue) || !memchr(batch->events, EVENT_RELEASED, (size_t)batch->n)) {
        return;
    }
    begin_args(queue, &a, name, epoch);
    for (struct kept *kept = retell_of(queue)->first; kept; kept = kept->next) {
        if (is_begin_of(kept, &a)) {
            forget_released(kept, batch);
        }
    }
}

/* ---- Telling it again ---- */

static void await_others(struct retell *r);

static void
on_told(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct retell *r = arg;
    (void)reply, (void)err; /* lost again: a new round begins; refused: done all the same */
    if (--r->under_way == 0) {
        await_others(r);
    }
}

static void
tell_one(struct retell *r, const struct args *a)
{
    struct redis *redis = place_for(r->queue, a);
    r->under_way++;
    if (redis) {
        redis_send(redis, a, 0, on_told, r);
    } else {
        struct err err;
        (void)err_set(&err, ERR_AGAIN, "no master is known for this key");
        queue_fail(r->queue, &err, on_told, r);
    }
}

static void
tell(struct retell *r)
{
    int n = 0;
    int64_t now_ms = queue_now_ms();
    for (struct kept *kept = r->first; kept; kept = kept->next, n++) {
        struct args a = {.n = 0};
        char *at = argument(kept, 0);
        for (int i = 0; i < kept->n; at += kept->len[i], i++) {
            args_bytes(&a, at, kept->len[i]);
        }
        kept->at_ms = now_ms;
        tell_one(r, &a);
    }
    log_event(LOG_INFO, "redis.retold", "calls=%d run=%s", n, r->next_run);
}

/* ---- Waiting for the others ---- */

static void
on_beaten(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)arg, (void)reply, (void)err;
}

/* {"heartbeat":1700000000,…,"redis":"0a1b2c3d"}: alive, and has not told this run yet. */
static bool
keeps_us_waiting(const struct retell *r, struct str json)
{
    json_t *object = json_loadb(json.p, json.n, 0, NULL);
    const char *run = json_string_value(json_object_get(object, "redis"));
    int64_t beat_s = (int64_t)json_integer_value(json_object_get(object, "heartbeat"));
    bool waits = clock_unix_ms() / 1000 - beat_s < ALIVE_S && run && strcmp(run, r->run) != 0;
    json_decref(object);
    return waits;
}

static void
on_workers(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct retell *r = arg;
    bool waits = err != NULL;
    for (size_t i = 0; i + 1 < reply_count(reply); i += 2) {
        bool own = str_equal_z(reply_str_at(reply, i), queue_worker(r->queue));
        waits = waits || (!own && keeps_us_waiting(r, reply_str_at(reply, i + 1)));
    }
    if (waits && queue_now_ms() - r->began_ms < WAIT_MS) {
        struct timeval tv = clock_timeval(LOOK_MS);
        (void)event_add(r->look, &tv);
        return;
    }
    queue_returned(r->queue, r->round);
}

static void
await_others(struct retell *r)
{
    struct args a;
    memcpy(r->run, r->next_run, sizeof r->run);
    retell_heartbeat(r->queue, &a);
    struct redis *redis = place_for(r->queue, &a);
    if (!redis || !redis_is_up(redis)) {
        return; /* lost meanwhile: a new round begins when it is back */
    }
    redis_send(redis, &a, 0, on_beaten, r);
    args_init(&a, "HGETALL");
    args_z(&a, "loa:workers");
    redis_send(redis, &a, 0, on_workers, r);
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    await_others(arg);
}

void
retell_heartbeat(struct queue *queue, struct args *a)
{
    args_init(a, "HSET");
    args_z(a, "loa:workers");
    args_z(a, queue_worker(queue));
    args_format(a, "{\"heartbeat\":%lld,\"version\":\"%s\",\"pid\":%d,\"redis\":\"%s\"}",
                (long long)(clock_unix_ms() / 1000), LOA_VERSION, (int)getpid(),
                retell_of(queue)->run);
}

void
retell_return(struct queue *queue, unsigned round)
{
    struct retell *r = retell_of(queue);
    struct buf runs;
    buf_init(&runs, 16384);
    places_runs(queue_places(queue), &runs);
    (void)snprintf(r->next_run, sizeof r->next_run, "%08x", hash_fnv32(buf_str(&runs)));
    buf_deinit(&runs);
    r->round = round;
    r->began_ms = queue_now_ms();
    (void)event_del(r->look);
    r->under_way++;
    if (r->run[0] && strcmp(r->run, r->next_run) != 0) {
        tell(r);
    }
    on_told(r, NULL, NULL);
}

/* Reading the work streams of a route on a connection of its own.
 *
 *   connect → groups → read: of each stream with room, what is pending for us from `cursor` on
 *             (history), then new entries; blocking when no history is left → deliver → read …
 *
 * A blocked read that leaves out a full stream is woken by CLIENT UNBLOCK when there is room.  Each
 * half lease XAUTOCLAIM makes entries ours that others left idle; the history is then read anew.
 */
// SPDX-License-Identifier: MIT
#include "queue/reader.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"

enum { BLOCK_MS = 1000, AGAIN_MS = 200, IDLE_MS = 2 * LEASE_MS };

struct held {
    char entry[QUEUE_ENTRY_SIZE];
    enum priority priority;
};

struct stream {
    char *key;
    char cursor[QUEUE_ENTRY_SIZE]; /* history is read from here on */
    bool history;                  /* some may be left */
    bool asked_history;            /* the read under way asked for it */
    int held_n;
};

struct reader {
    struct queue_part part;
    struct reader *next;
    struct queue *queue;
    char *route;
    int held_max;
    work_fn *fn;
    void *arg;
    struct redis *redis;
    struct event *turn_event, *takeover_timer;
    struct stream streams[PRIORITY_N];
    struct held *held;
    size_t held_n, held_room;
    int64_t client, up_ms;
    bool reading, partial, woken, grouped, stopped;
};
static const char reader_tag = 'r';

static void take_turn(struct reader *r);

/* ---- What is held ---- */

static struct held *
held_find(struct reader *r, const char *entry)
{
    for (size_t i = 0; i < r->held_n; i++) {
        if (strcmp(r->held[i].entry, entry) == 0) {
            return &r->held[i];
        }
    }
    return NULL;
}

static void
held_add(struct reader *r, const char *entry, size_t n, enum priority priority)
{
    if (r->held_n == r->held_room) {
        r->held_room = r->held_room ? r->held_room * 2 : 32;
        r->held = xrealloc(r->held, r->held_room * sizeof *r->held);
    }
    struct held *held = &r->held[r->held_n++];
    memcpy(held->entry, entry, n + 1);
    held->priority = priority;
    r->streams[priority].held_n++;
}

static int
room(const struct reader *r, enum priority priority)
{
    return r->held_max - r->streams[priority].held_n;
}

/* ---- Turns: everything that goes on from a fresh call stack ---- */

static void
turn_soon(struct reader *r, int64_t wait_ms)
{
    struct timeval tv = clock_timeval(wait_ms);
    (void)event_add(r->turn_event, &tv);
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    take_turn(arg);
}

/* From a callback of the own connection, which must not be closed there. */
static void
go_on(struct reader *r)
{
    if (r->stopped) {
        turn_soon(r, 0);
    } else {
        take_turn(r);
    }
}

static void wake(struct reader *r);

/* 0: nobody was blocked.  The read was still on its way to Redis (another connection): once more,
 * else it would sleep its second there. */
static void
on_woken(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct reader *r = arg;
    if (!err && reply_int(reply, 1) == 0 && r->woken) {
        r->woken = false;
        wake(r);
    }
}

/* A blocked read that does not see all streams with room comes back at once. */
static void
wake(struct reader *r)
{
    if (!r->reading || r->woken || !r->client) {
        return;
    }
    r->woken = true;
    struct args a;
    args_init(&a, "CLIENT");
    args_z(&a, "UNBLOCK");
    args_int(&a, r->client);
    a.near = r->streams[0].key; /* its master has the blocked connection */
    queue_send(r->queue, &a, on_woken, r);
}

/* ---- Delivering ---- */

/* An entry that is none of ours, or was deleted under a consumer: away with it. */
static void
discard(struct reader *r, const char *key, struct str entry)
{
    struct args a;
    args_init(&a, "XACK");
    args_z(&a, key);
    args_z(&a, "gateway");
    args_str(&a, entry);
    queue_send(r->queue, &a, queue_ignore_reply, NULL);
    args_init(&a, "XDEL");
    args_z(&a, key);
    args_str(&a, entry);
    queue_send(r->queue, &a, queue_ignore_reply, NULL);
}

static void
deliver(struct reader *r, enum priority priority, const struct redisReply *entry)
{
    struct stream *stream = &r->streams[priority];
    struct str name = reply_str_at(entry, 0);
    const struct redisReply *fields = reply_at(entry, 1);
    struct str id = reply_field(fields, "id");
    uint64_t chunk;
    if (name.n == 0 || name.n >= QUEUE_ENTRY_SIZE) {
        return;
    }
    if (stream->asked_history) {
        memcpy(stream->cursor, name.p, name.n + 1);
    }
    if (held_find(r, name.p) || r->stopped) {
        return;
    }
    if (id.n == 0 || !str_to_u64(reply_field(fields, "chunk"), UINT32_MAX, &chunk)) {
        log_event(LOG_WARNING, "work.discarded", "stream=%s entry=%s", stream->key, name.p);
        discard(r, stream->key, name);
        return;
    }
    held_add(r, name.p, name.n, priority);
    struct work_item item = {
        .entry = name.p, .id = id.p, .priority = priority, .chunk = (uint32_t)chunk};
    r->fn(r->arg, &item);
}

static void
deliver_stream(struct reader *r, const struct redisReply *got)
{
    struct str key = reply_str_at(got, 0);
    const struct redisReply *entries = reply_at(got, 1);
    for (int p = 0; p < PRIORITY_N; p++) {
        if (!str_equal_z(key, r->streams[p].key)) {
            continue;
        }
        for (size_t i = 0; i < reply_count(entries); i++) {
            deliver(r, (enum priority)p, reply_at(entries, i));
        }
        if (reply_count(entries) == 0 && r->streams[p].asked_history) {
            r->streams[p].history = false;
        }
    }
}

/* ---- Reading ---- */

static void
on_read(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct reader *r = arg;
    r->reading = false;
    r->woken = false;
    if (err && err->code == ERR_GONE) {
        return; /* on_up goes on */
    }
    if (err) {
        r->grouped = false; /* NOGROUP: someone emptied Redis */
        turn_soon(r, AGAIN_MS);
        return;
    }
    for (size_t i = 0; i < reply_count(reply); i++) {
        deliver_stream(r, reply_at(reply, i));
    }
    go_on(r);
}

/* The read's streams, the highest priority first; returns how many. */
static int
choose(const struct reader *r, enum priority chosen[PRIORITY_N], int *count, bool *history)
{
    int n = 0;
    for (int p = PRIORITY_N - 1; p >= 0; p--) {
        int free_n = room(r, (enum priority)p);
        if (free_n > 0) {
            chosen[n++] = (enum priority)p;
            *count = n == 1 || free_n < *count ? free_n : *count;
            *history = *history || r->streams[p].history;
        }
    }
    return n;
}

static void
read_more(struct reader *r)
{
    enum priority chosen[PRIORITY_N];
    int count = 0;
    bool history = false;
    int n = choose(r, chosen, &count, &history);
    if (n == 0) {
        return; /* reader_released() goes on */
    }
    struct args a;
    args_init(&a, "XREADGROUP");
    args_z(&a, "GROUP");
    args_z(&a, "gateway");
    args_z(&a, queue_worker(r->queue));
    args_z(&a, "COUNT");
    args_int(&a, count);
    if (!history) {
        args_z(&a, "BLOCK");
        args_int(&a, BLOCK_MS);
    }
    args_z(&a, "STREAMS");
    for (int i = 0; i < n; i++) {
        args_z(&a, r->streams[chosen[i]].key);
    }
    for (int i = 0; i < n; i++) {
        struct stream *stream = &r->streams[chosen[i]];
        stream->asked_history = stream->history;
        args_z(&a, stream->history ? stream->cursor : ">");
    }
    r->reading = true;
    r->partial = n < PRIORITY_N;
    redis_send(r->redis, &a, history ? 0 : BLOCK_MS, on_read, r);
}

static void
on_grouped(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct reader *r = arg;
    (void)reply;
    r->reading = false;
    if (err && err->code == ERR_GONE) {
        return;
    }
    if (err && !strstr(err->text, "BUSYGROUP")) {
        log_event(LOG_WARNING, "stream.refused", "stream=%s why=%s", r->streams[PRIORITY_N - 1].key,
                  log_value(str_of(err->text)));
        turn_soon(r, AGAIN_MS);
        return;
    }
    r->grouped = true;
    go_on(r);
}

static void
make_groups(struct reader *r)
{
    r->reading = true;
    for (int p = 0; p < PRIORITY_N; p++) {
        struct args a;
        args_init(&a, "XGROUP");
        args_z(&a, "CREATE");
        args_z(&a, r->streams[p].key);
        args_z(&a, "gateway");
        args_z(&a, "0");
        args_z(&a, "MKSTREAM");
        redis_send(r->redis, &a, 0, p == PRIORITY_N - 1 ? on_grouped : queue_ignore_reply, r);
    }
}

static void
take_turn(struct reader *r)
{
    if (r->stopped) {
        if (!r->reading || !redis_is_up(r->redis)) {
            redis_close(&r->redis);
        }
        return;
    }
    if (r->reading || !redis_is_up(r->redis)) {
        return;
    }
    if (r->grouped) {
        read_more(r);
    } else {
        make_groups(r);
    }
}

void
reader_released(struct queue *queue, const char *route, const char *entry)
{
    struct reader *r = (struct reader *)queue_part_find(queue, &reader_tag);
    while (r && strcmp(r->route, route) != 0) {
        r = r->next;
    }
    struct held *held = r ? held_find(r, entry) : NULL;
    if (!held) {
        return;
    }
    bool was_full = room(r, held->priority) <= 0;
    r->streams[held->priority].held_n--;
    *held = r->held[--r->held_n];
    if (r->stopped || !was_full) {
        return;
    }
    if (r->reading && r->partial) {
        wake(r);
    } else {
        turn_soon(r, 0);
    }
}

/* ---- Taking over ---- */

static void
on_taken_over(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct stream *stream = arg;
    if (!err && reply_count(reply_at(reply, 1)) > 0) {
        stream->history = true;
        stream->asked_history = false; /* a read under way goes by the old cursor */
        memcpy(stream->cursor, "0", 2);
    }
}

static void
on_taken_over_last(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct reader *r = arg;
    if (err) {
        return; /* the reader may be gone with its queue */
    }
    on_taken_over(&r->streams[0], reply, err);
    for (int p = 0; p < PRIORITY_N; p++) {
        if (r->streams[p].history && !r->stopped) {
            wake(r);
            turn_soon(r, 0);
            return;
        }
    }
}

static void
on_takeover_timer(evutil_socket_t fd, short what, void *arg)
{
    struct reader *r = arg;
    (void)fd;
    (void)what;
    if (r->stopped || !r->grouped || !redis_is_up(r->redis) ||
        queue_now_ms() - r->up_ms < LEASE_MS) {
        return;
    }
    for (int p = PRIORITY_N - 1; p >= 0; p--) {
        struct args a;
        args_init(&a, "XAUTOCLAIM");
        args_z(&a, r->streams[p].key);
        args_z(&a, "gateway");
        args_z(&a, queue_worker(r->queue));
        args_int(&a, IDLE_MS);
        args_z(&a, "0-0");
        args_z(&a, "COUNT");
        args_int(&a, r->held_max);
        args_z(&a, "JUSTID");
        if (p > 0) {
            queue_send(r->queue, &a, on_taken_over, &r->streams[p]);
        } else {
            queue_send(r->queue, &a, on_taken_over_last, r);
        }
    }
}

/* ---- Life ---- */

static void
on_client(void *arg, const struct redisReply *reply, const struct err *err)
{
    ((struct reader *)arg)->client = err ? 0 : reply_int(reply, 0);
}

static void
on_up(void *ctx, struct redis *redis)
{
    struct reader *r = ctx;
    struct args a;
    r->up_ms = queue_now_ms();
    r->grouped = r->reading = r->woken = false;
    r->client = 0;
    for (int p = 0; p < PRIORITY_N; p++) {
        r->streams[p].history = true;
        memcpy(r->streams[p].cursor, "0", 2);
    }
    args_init(&a, "CLIENT");
    args_z(&a, "ID");
    redis_send(redis, &a, 0, on_client, r);
    turn_soon(r, 0);
}

static void
on_down(void *ctx, struct redis *redis, const char *why)
{
    (void)ctx; /* the command connection says it; the read was answered ERR_GONE */
    (void)redis;
    (void)why;
}

static void
reader_close(struct queue_part *part)
{
    struct reader *r = (struct reader *)part;
    r->stopped = true;
    redis_close(&r->redis);
}

static void
reader_free(struct queue_part *part)
{
    struct reader *r = (struct reader *)part;
    event_free(r->turn_event);
    event_free(r->takeover_timer);
    for (int p = 0; p < PRIORITY_N; p++) {
        free(r->streams[p].key);
    }
    free(r->held);
    free(r->route);
    free(r);
}

static struct reader *
reader_new(struct queue *queue, const char *route)
{
    struct reader *r = xcalloc(1, sizeof *r);
    struct event_base *base = queue_base(queue);
    r->queue = queue;
    r->route = xstrdup(route);
    r->turn_event = event_new(base, -1, 0, on_turn, r);
    r->takeover_timer = event_new(base, -1, EV_PERSIST, on_takeover_timer, r);
    if (!r->turn_event || !r->takeover_timer) {
        abort();
    }
    for (int p = 0; p < PRIORITY_N; p++) {
        struct buf key;
        buf_init(&key, 256);
        buf_add_format(&key, "loa:work:{%s}:%s", route, priority_name((enum priority)p));
        r->streams[p].key = xstrndup(key.p, key.n);
        buf_deinit(&key);
    }
    r->part = (struct queue_part){.tag = &reader_tag, .close = reader_close, .free = reader_free};
    r->next = (struct reader *)queue_part_find(queue, &reader_tag);
    queue_part_add(queue, &r->part);
    return r;
}

void
work_read(struct queue *queue, const char *route, int held_max, work_fn *fn, void *arg)
{
    struct reader *r = reader_new(queue, route);
    struct redis_events events = {.ctx = r, .on_up = on_up, .on_down = on_down};
    struct timeval half_lease = clock_timeval(LEASE_MS / 2);
    r->held_max = held_max > 0 ? held_max : 1;
    r->fn = fn;
    r->arg = arg;
    (void)event_add(r->takeover_timer, &half_lease);
    r->redis = redis_open(queue, queue_worker(queue),
                          &(struct redis_target){.key = r->streams[0].key}, &events);
}

void
work_read_stop(struct queue *queue, const char *route)
{
    struct reader *r = (struct reader *)queue_part_find(queue, &reader_tag);
    for (; r; r = r->next) {
        if (strcmp(r->route, route) == 0 && !r->stopped) {
            r->stopped = true;
            (void)event_del(r->takeover_timer);
            wake(r);
            turn_soon(r, 0);
        }
    }
}

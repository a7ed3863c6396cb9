/* The announcements' stream: a reader on its own connection, and the two ends of an entry.
 *
 * The reader goes round: its own pending entries (after a restart), others' that have been idle for
 * two leases, then new ones, blocking.  An entry stays "in hand" from its callback until
 * intake_ack() or intake_reject() succeeded, so that none is handed out twice by one process. */
// SPDX-License-Identifier: MIT
#include "queue/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "queue/handle.h"
#include "queue/search.h"

#define POSTED "loa:posted:{loa:stats}"
#define MARKS "loa:marks:{loa:announcements:rejected}"

enum { BLOCK_MS = 1000, TAKE_OVER_MS = LEASE_MS, RETRY_MS = 500, FIELDS_MAX = 400 };

enum step { STEP_GROUP, STEP_OWN, STEP_TAKE_OVER, STEP_NEW };

struct in_hand {
    struct in_hand *next;
    char entry[QUEUE_ENTRY_SIZE];
};

struct reader {
    struct queue_part part;
    struct queue *queue;
    struct redis *redis;
    intake_fn *fn;
    void *arg;
    int most, in_hand_n;
    struct in_hand *in_hand;
    enum step step;
    char own_from[QUEUE_ENTRY_SIZE]; /* own pending entries are read behind this one */
    int64_t taken_over_ms;           /* when others' entries were looked at last */
    bool busy, stopped;
    struct event *timer;
};

static const char tag[] = "intake";

static void turn(struct reader *r);

static struct reader *
reader_of(struct queue *queue)
{
    return (struct reader *)(void *)queue_part_find(queue, tag);
}

/* ---- Entries in hand ---- */

static bool
holds(const struct reader *r, struct str entry)
{
    for (const struct in_hand *h = r->in_hand; h; h = h->next) {
        if (str_equal_z(entry, h->entry)) {
            return true;
        }
    }
    return false;
}

static void
put_down(struct queue *queue, const char *entry)
{
    struct reader *r = reader_of(queue);
    if (!r) {
        return;
    }
    for (struct in_hand **at = &r->in_hand; *at; at = &(*at)->next) {
        if (strcmp((*at)->entry, entry) == 0) {
            struct in_hand *gone = *at;
            *at = gone->next;
            free(gone);
            r->in_hand_n--;
            turn(r);
            return;
        }
    }
}

/* `entry` is [id, [field, value, …]]; the fields are nil when it was deleted meanwhile. */
static void
take(struct reader *r, const struct redisReply *entry)
{
    struct str id = reply_str_at(entry, 0);
    const struct redisReply *fields = reply_at(entry, 1);
    struct announcement a = {0};
    char unknown[64] = "";
    char name[QUEUE_ENTRY_SIZE];
    if (id.n == 0 || id.n >= sizeof name || holds(r, id)) {
        return;
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)id.n, id.p);
    if (reply_count(fields) == 0) {
        intake_ack(r->queue, name, queue_ignore, NULL);
        return;
    }
    for (size_t i = 0; i + 1 < reply_count(fields); i += 2) {
        struct str field = reply_str_at(fields, i);
        int f = 0;
        while (f < FIELD_N && !str_equal_z(field, announcement_field_names[f])) {
            f++;
        }
        if (f < FIELD_N) {
            a.field[f] = reply_str_at(fields, i + 1);
        } else if (!unknown[0]) {
            (void)snprintf(unknown, sizeof unknown, "%.*s", (int)(field.n > 60 ? 60 : field.n),
                           field.p);
        }
    }
    struct in_hand *h = xcalloc(1, sizeof *h);
    memcpy(h->entry, name, sizeof name);
    h->next = r->in_hand;
    r->in_hand = h;
    r->in_hand_n++;
    r->fn(r->arg, &(struct intake_entry){name, &a, unknown[0] ? unknown : NULL});
}

/* ---- The round ---- */

static void
wait_a_little(struct reader *r)
{
    struct timeval tv = clock_timeval(RETRY_MS);
    (void)event_add(r->timer, &tv);
}

/* NOGROUP after a FLUSHALL, LOADING…: begins anew with the group. */
static bool
failed(struct reader *r, const struct err *err)
{
    r->busy = false;
    if (!err) {
        return false;
    }
    if (r->step == STEP_GROUP && err->code != ERR_GONE) {
        log_event(LOG_WARNING, "stream.refused", "stream=%s why=%s", STREAM_ANNOUNCED,
                  log_value(str_of(err->text)));
    }
    r->step = STEP_GROUP;
    if (err->code != ERR_GONE) {
        wait_a_little(r);
    }
    return true;
}

static void
on_group(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct reader *r = arg;
    (void)reply;
    bool exists = err && strstr(err->text, "BUSYGROUP");
    if (failed(r, exists ? NULL : err)) {
        return;
    }
    r->step = STEP_OWN;
    (void)snprintf(r->own_from, sizeof r->own_from, "0");
    r->taken_over_ms = 0;
    turn(r);
}

/* The entries of XREADGROUP's answer for our one stream: [[stream, [entry, …]]] or nil. */
static const struct redisReply *
entries_of(const struct redisReply *reply)
{
    return reply_at(reply_at(reply, 0), 1);
}

static void
on_own(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct reader *r = arg;
    if (failed(r, err)) {
        return;
    }
    const struct redisReply *entries = entries_of(reply);
    size_t n = reply_count(entries);
    for (size_t i = 0; i < n; i++) {
        take(r, reply_at(entries, i));
    }
    if (n == 0) {
        r->step = STEP_TAKE_OVER;
    } else {
        struct str last = reply_str_at(reply_at(entries, n - 1), 0);
        (void)snprintf(r->own_from, sizeof r->own_from, "%.*s", (int)last.n, last.p);
    }
    turn(r);
}

static void
on_taken_over(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct reader *r = arg;
    if (failed(r, err)) {
        return;
    }
    const struct redisReply *entries = reply_at(reply, 1);
    for (size_t i = 0; i < reply_count(entries); i++) {
        take(r, reply_at(entries, i));
    }
    r->taken_over_ms = queue_now_ms();
    r->step = STEP_NEW;
    turn(r);
}

static void
on_new(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct reader *r = arg;
    if (failed(r, err)) {
        return;
    }
    const struct redisReply *entries = entries_of(reply);
    for (size_t i = 0; i < reply_count(entries); i++) {
        take(r, reply_at(entries, i));
    }
    if (queue_now_ms() - r->taken_over_ms >= TAKE_OVER_MS) {
        r->step = STEP_TAKE_OVER;
    }
    turn(r);
}

static void
read_group(struct reader *r, const char *from, int64_t block_ms, redis_fn *fn)
{
    struct args a;
    args_init(&a, "XREADGROUP");
    args_z(&a, "GROUP");
    args_z(&a, "gateway");
    args_z(&a, queue_worker(r->queue));
    args_z(&a, "COUNT");
    args_int(&a, r->most - r->in_hand_n);
    if (block_ms > 0) {
        args_z(&a, "BLOCK");
        args_int(&a, block_ms);
    }
    args_z(&a, "STREAMS");
    args_z(&a, STREAM_ANNOUNCED);
    args_z(&a, from);
    redis_send(r->redis, &a, block_ms, fn, r);
}

static void
take_over(struct reader *r)
{
    struct args a;
    args_init(&a, "XAUTOCLAIM");
    args_z(&a, STREAM_ANNOUNCED);
    args_z(&a, "gateway");
    args_z(&a, queue_worker(r->queue));
    args_int(&a, (int64_t)2 * LEASE_MS);
    args_z(&a, "0-0");
    args_z(&a, "COUNT");
    args_int(&a, r->most);
    redis_send(r->redis, &a, 0, on_taken_over, r);
}

static void
make_group(struct reader *r)
{
    struct args a;
    args_init(&a, "XGROUP");
    args_z(&a, "CREATE");
    args_z(&a, STREAM_ANNOUNCED);
    args_z(&a, "gateway");
    args_z(&a, "0");
    args_z(&a, "MKSTREAM");
    redis_send(r->redis, &a, 0, on_group, r);
}

/* The next step, unless one is under way, the hands are full, or there is no connection. */
static void
turn(struct reader *r)
{
    if (r->busy || r->stopped || !redis_is_up(r->redis) || r->in_hand_n >= r->most) {
        return;
    }
    r->busy = true;
    switch (r->step) {
    case STEP_GROUP:
        make_group(r);
        break;
    case STEP_OWN:
        read_group(r, r->own_from, 0, on_own);
        break;
    case STEP_TAKE_OVER:
        take_over(r);
        break;
    case STEP_NEW:
        read_group(r, ">", BLOCK_MS, on_new);
        break;
    }
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    turn(arg);
}

static void
on_redis_up(void *ctx, struct redis *redis)
{
    struct reader *r = ctx;
    (void)redis;
    r->step = STEP_GROUP;
    r->busy = false;
    turn(r);
}

static void
on_redis_down(void *ctx, struct redis *redis, const char *why)
{
    (void)ctx;
    (void)redis;
    (void)why; /* the command connection tells it */
}

/* ---- Life ---- */

static void
reader_close(struct queue_part *part)
{
    struct reader *r = (struct reader *)(void *)part;
    r->stopped = true;
    redis_close(&r->redis);
}

static void
reader_free(struct queue_part *part)
{
    struct reader *r = (struct reader *)(void *)part;
    while (r->in_hand) {
        struct in_hand *next = r->in_hand->next;
        free(r->in_hand);
        r->in_hand = next;
    }
    event_free(r->timer);
    free(r);
}

void
intake_read(struct queue *queue, int most, intake_fn *fn, void *arg)
{
    struct reader *r = reader_of(queue);
    if (r) {
        r->stopped = false;
        turn(r);
        return;
    }
    char name[120];
    r = xcalloc(1, sizeof *r);
    r->part = (struct queue_part){.tag = tag, .close = reader_close, .free = reader_free};
    r->queue = queue;
    r->fn = fn;
    r->arg = arg;
    r->most = most;
    r->timer = event_new(queue_base(queue), -1, 0, on_timer, r);
    if (!r->timer) {
        abort();
    }
    queue_part_add(queue, &r->part);
    (void)snprintf(name, sizeof name, "loa-%.90s-intake", queue_worker(queue));
    r->redis = redis_open(queue, name, &(struct redis_target){.key = "loa:announcements"},
                          &(struct redis_events){r, on_redis_up, on_redis_down, NULL});
}

void
intake_stop(struct queue *queue)
{
    struct reader *r = reader_of(queue);
    if (r) {
        r->stopped = true;
    }
}

/* ---- The ends of an entry ---- */

struct ending {
    struct queue *queue;
    char entry[QUEUE_ENTRY_SIZE];
    char error[240];
    queue_done *fn;
    void *arg;
};

static struct ending *
ending_new(struct queue *queue, const char *entry, const char *error, queue_done *fn, void *arg)
{
    struct ending *e = xcalloc(1, sizeof *e);
    e->queue = queue;
    e->fn = fn;
    e->arg = arg;
    (void)snprintf(e->entry, sizeof e->entry, "%s", entry);
    (void)snprintf(e->error, sizeof e->error, "%s", error);
    return e;
}

static void
ending_end(struct ending *e, const struct err *err)
{
    if (!err) {
        put_down(e->queue, e->entry);
    }
    e->fn(e->arg, err);
    free(e);
}

static void
on_acked(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply;
    ending_end(arg, err);
}

static void
send_ack(struct ending *e, redis_fn *fn)
{
    struct args a;
    args_fcall(&a, "loa_ack", STREAM_ANNOUNCED);
    args_z(&a, e->entry);
    queue_send(e->queue, &a, fn, e);
}

void
intake_ack(struct queue *queue, const char *entry, queue_done *fn, void *arg)
{
    send_ack(ending_new(queue, entry, "", fn, arg), on_acked);
}

/* Rejected, counted and acknowledged: the marks that made each step happen once may go. */
static void
on_reject_acked(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct ending *e = arg;
    struct args a;
    (void)reply;
    if (!err) {
        args_init(&a, "HDEL");
        args_z(&a, MARKS);
        args_z(&a, e->entry);
        queue_send_plain(e->queue, &a, queue_ignore, NULL);
        args_init(&a, "HDEL");
        args_z(&a, POSTED);
        args_format(&a, "rejected:%s", e->entry);
        queue_send_plain(e->queue, &a, queue_ignore, NULL);
    }
    ending_end(e, err);
}

static void
on_counted(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct ending *e = arg;
    if (err) {
        ending_end(e, err);
        return;
    }
    struct args a;
    if (stats_minute(&a, reply)) {
        queue_send_plain(e->queue, &a, queue_ignore, NULL);
    }
    send_ack(e, on_reject_acked);
}

static void
on_rejected(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct ending *e = arg;
    struct args a;
    (void)reply;
    if (err) {
        ending_end(e, err);
        return;
    }
    args_fcall2(&a, "loa_stats_post", "loa:stats", POSTED);
    args_format(&a, "rejected:%s", e->entry);
    args_z(&a, "announcements_rejected=1");
    queue_send(e->queue, &a, on_counted, e);
}

/* The entry as it stands in the stream: [[id, [field, value, …]]]; gone: it was rejected before. */
static void
on_entry(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct ending *e = arg;
    struct args a;
    const struct redisReply *fields = reply_at(reply_at(reply, 0), 1);
    if (err) {
        ending_end(e, err);
        return;
    }
    if (reply_count(reply) == 0) {
        send_ack(e, on_reject_acked);
        return;
    }
    args_fcall(&a, "loa_reject", STREAM_REJECTED);
    args_z(&a, MARKS);
    args_z(&a, e->entry);
    args_z(&a, e->error);
    size_t n = reply_count(fields) / 2 * 2;
    for (size_t i = 0; i < n && i < FIELDS_MAX; i++) {
        args_str(&a, reply_str_at(fields, i));
    }
    queue_send(e->queue, &a, on_rejected, e);
}

void
intake_reject(struct queue *queue, const char *entry, const char *error, queue_done *fn, void *arg)
{
    struct args a;
    args_init(&a, "XRANGE");
    args_z(&a, STREAM_ANNOUNCED);
    args_z(&a, entry);
    args_z(&a, entry);
    queue_send(queue, &a, on_entry, ending_new(queue, entry, error, fn, arg));
}

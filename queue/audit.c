/* The self-audit: a SCAN over all keys, one look at each by what it is.
 *
 * Broadcasts are looked at in pieces; when a letter moved in between, from the beginning, and after
 * some tries not at all: what moves is being looked after.  A chunk that nobody has is a finding
 * only when it is still so after a lease, by which time the sweep has fed what was on its way. */
// SPDX-License-Identifier: MIT
#include "queue/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "gateway/core/outcome.h"
#include "queue/handle.h"
#include "queue/work.h"

enum {
    SCAN_COUNT = 100,
    PIECE = 64, /* chunks */
    TRIES = 3,
    SUSPECTS = 64,
    SETTLED_S = 10, /* after its creation all its keys are there */
    AGAIN_MS = LEASE_MS + 1000,
    KEY_ROOM = 200
};
/* In loa_audit's and loa_sweep's answers. */
enum { FOUND_AT = 8, ROUTE_AT = 8, ROUTES_AT = 9, FED_AT = 11 };

/* A chunk that nobody had when it was looked at. */
struct suspect {
    char id[80], route[40];
    enum priority priority;
    uint32_t chunk;
};

struct audit {
    struct queue *queue;
    struct audit_way way;
    audit_found_fn *found;
    queue_done *fn;
    void *arg;
    struct event *timer;
    uint64_t found_n, repaired_n;
    /* The scan, and the keys of its latest answer. */
    char cursor[24];
    bool scanned;
    char **keys;
    size_t keys_n, at;
    /* The broadcast under way. */
    char id[80];
    int tries;
    int64_t from, route;
    char *token;
    int64_t letters[OUTCOME_N];
    /* Second looks. */
    struct suspect suspects[SUSPECTS];
    size_t suspects_n, second;
};

static void next_key(struct audit *a);
static void look_at_piece(struct audit *a);
static void second_look(struct audit *a);

static void report(struct audit *a, bool repaired, const char *format, ...) PRINTF_LIKE(3, 4);
static void
report(struct audit *a, bool repaired, const char *format, ...)
{
    char what[400];
    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(what, sizeof what, format, ap);
    va_end(ap);
    a->found_n++;
    a->repaired_n += repaired;
    a->found(a->arg, repaired, what);
}

/* ---- The end ---- */

static void
audit_free(struct audit *a)
{
    for (size_t i = 0; i < a->keys_n; i++) {
        free(a->keys[i]);
    }
    free((void *)a->keys);
    free(a->token);
    event_free(a->timer);
    free(a);
}

static void
on_counted(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    (void)reply;
    a->fn(a->arg, err);
    audit_free(a);
}

static void
audit_over(struct audit *a, const struct err *err)
{
    struct args args;
    if (err) {
        on_counted(a, NULL, err);
        return;
    }
    args_init(&args, "HINCRBY");
    args_z(&args, "loa:stats");
    args_z(&args, "audit_repaired");
    args_int(&args, (int64_t)a->repaired_n);
    queue_send(a->queue, &args, queue_ignore_reply, NULL);
    args.n = 0;
    args_init(&args, "HINCRBY");
    args_z(&args, "loa:stats");
    args_z(&args, "audit_findings");
    args_int(&args, (int64_t)a->found_n);
    queue_send(a->queue, &args, on_counted, a);
}

/* ---- One broadcast: its work ---- */

/* Those of loa_sweep's chunks that are neither due nor in a stream. */
static void
on_missing(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    struct suspect *one = &a->suspects[a->suspects_n];
    struct suspect like = *one;
    for (size_t i = 0; i < reply_count(reply) && a->suspects_n < SUSPECTS && !err; i++) {
        a->suspects[a->suspects_n] = like;
        a->suspects[a->suspects_n++].chunk = (uint32_t)reply_int_at(reply, i, 0);
    }
    next_key(a);
}

static void
on_swept(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    size_t n = reply_count(reply);
    if (err || n <= FED_AT || a->suspects_n == SUSPECTS) {
        next_key(a);
        return;
    }
    struct suspect *one = &a->suspects[a->suspects_n];
    struct str route = reply_str_at(reply, ROUTE_AT);
    struct args args;
    *one = (struct suspect){.priority = queue_priority(reply_str_at(reply, 3))};
    (void)snprintf(one->id, sizeof one->id, "%s", a->id);
    (void)snprintf(one->route, sizeof one->route, "%.*s", (int)route.n, route.p);
    args_fcall(&args, "loa_work_missing", "loa:queued:{%s}", one->route);
    args_z(&args, priority_name(one->priority));
    args_z(&args, one->id);
    for (size_t i = FED_AT; i < n && i < FED_AT + SUSPECTS; i++) {
        args_int(&args, reply_int_at(reply, i, 0));
    }
    queue_send(a->queue, &args, on_missing, a);
}

/* The first route's: where there are more, the sweep takes care of the others alike. */
static void
look_at_work(struct audit *a)
{
    struct args args;
    args_fcall(&args, "loa_sweep", "loa:broadcast:{%s}", a->id);
    args_int(&args, 0);
    args_int(&args, 0);
    args_int(&args, SUSPECTS);
    queue_send(a->queue, &args, on_swept, a);
}

/* ---- One broadcast: its places in the indexes ---- */

/* What is asked of an index about the broadcast under way. */
struct asked {
    struct audit *audit;
    const char *index;
    bool sending;
};

static void
enter(struct audit *a, const char *command, const char *index, int64_t score)
{
    struct args args;
    if (!a->way.repair) {
        return;
    }
    args_init(&args, command);
    args_z(&args, index);
    if (score > 0) {
        args_int(&args, score);
    }
    args_z(&args, a->id);
    queue_send(a->queue, &args, queue_ignore_reply, NULL);
}

/* Of an open one: whether it is swept. */
static void
on_active(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct asked *asked = arg;
    struct audit *a = asked->audit;
    if (!err && reply_int(reply, 1) == 0) {
        enter(a, "SADD", "loa:active", 0);
        report(a, a->way.repair, "broadcast %s is open and nobody sweeps it", a->id);
    }
    bool sending = asked->sending;
    free(asked);
    if (sending) {
        look_at_work(a);
    } else {
        next_key(a);
    }
}

static void
look_at_indexes(struct audit *a, struct str state, int64_t created_s)
{
    bool sending = str_equal_z(state, "sending");
    bool open = sending || str_equal_z(state, "paused") || str_equal_z(state, "scheduled");
    if (!open || clock_unix_ms() / 1000 - created_s < SETTLED_S) {
        next_key(a);
        return;
    }
    struct asked *asked = xmalloc(sizeof *asked);
    *asked = (struct asked){.audit = a, .sending = sending};
    struct args args;
    enter(a, "ZADD", "loa:broadcasts", created_s); /* idempotent: a crash may have come before it */
    args_init(&args, "SISMEMBER");
    args_z(&args, "loa:active");
    args_z(&args, a->id);
    queue_send(a->queue, &args, on_active, asked);
}

/* ---- One broadcast: its letters ---- */

static bool
counts_agree(const struct audit *a, const struct redisReply *reply)
{
    for (size_t i = 0; i < OUTCOME_N; i++) {
        if (a->letters[i] != reply_int_at(reply, FOUND_AT + 2 * i + 1, -1)) {
            return false;
        }
    }
    return true;
}

static void
on_fixed(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    report(a, !err && reply_int(reply, 0) == 1,
           "broadcast %s: the counts were not what its letters say", a->id);
    next_key(a);
}

static void
mend_counts(struct audit *a, const char *token)
{
    struct args args;
    if (!a->way.repair) {
        on_fixed(a, NULL, NULL);
        return;
    }
    args_fcall(&args, "loa_audit_fix", "loa:broadcast:{%s}", a->id);
    args_z(&args, token);
    for (size_t i = 0; i < OUTCOME_N; i++) {
        args_int(&args, a->letters[i]);
    }
    queue_send(a->queue, &args, on_fixed, a);
}

/* All its letters were seen in one state of it. */
static void
whole(struct audit *a, const struct redisReply *reply)
{
    int64_t odd = reply_int_at(reply, 5, 0);
    int64_t unknown = reply_int_at(reply, 6, 0);
    if (odd != 0 || unknown != 0) {
        report(a, false, "broadcast %s: %lld letters too many or few, %lld that are none", a->id,
               (long long)odd, (long long)unknown);
    }
    if (odd == 0 && unknown == 0 && !counts_agree(a, reply)) {
        mend_counts(a, a->token);
    } else {
        look_at_indexes(a, reply_str_at(reply, 3), reply_int_at(reply, 4, 0));
    }
}

static void
restart(struct audit *a)
{
    a->from = 0;
    free(a->token);
    a->token = NULL;
    memset(a->letters, 0, sizeof a->letters);
}

static void
on_piece(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    struct str token = reply_str_at(reply, 2);
    if (err || !str_equal_z(reply_str_at(reply, 0), "OK")) {
        next_key(a); /* gone, archived, or not to be had now */
        return;
    }
    if (a->token && !str_equal_z(token, a->token)) {
        restart(a);
        if (++a->tries < TRIES) {
            look_at_piece(a);
        } else {
            look_at_indexes(a, reply_str_at(reply, 3), reply_int_at(reply, 4, 0));
        }
        return;
    }
    if (!a->token) {
        a->token = xstrndup(token.p, token.n);
    }
    for (size_t i = 0; i < OUTCOME_N; i++) {
        a->letters[i] += reply_int_at(reply, FOUND_AT + 2 * i, 0);
    }
    int64_t orphans = reply_int_at(reply, 7, 0);
    if (orphans > 0) {
        report(a, a->way.repair, "broadcast %s: %lld due times of members who wait for nothing",
               a->id, (long long)orphans);
    }
    a->from = reply_int_at(reply, 1, -1);
    if (a->from > 0) {
        look_at_piece(a);
    } else {
        whole(a, reply);
    }
}

static void
look_at_piece(struct audit *a)
{
    struct args args;
    args_fcall(&args, "loa_audit", "loa:broadcast:{%s}", a->id);
    args_int(&args, a->from);
    args_int(&args, PIECE);
    args_int(&args, a->way.repair ? 1 : 0);
    queue_send(a->queue, &args, on_piece, a);
}

/* ---- Other keys ---- */

static void
on_hash_exists(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    if (!err && reply_int(reply, 1) == 0) {
        report(a, false, "%s belongs to no broadcast; 'redis-cli UNLINK' takes it away",
               a->keys[a->at - 1]);
    }
    next_key(a);
}

static void
on_ttl(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    const char *key = a->keys[a->at - 1];
    if (!err && reply_int(reply, 0) == -1) {
        int64_t wait_s = queue_conf(a->queue)->receipts_wait_ms / 1000;
        int64_t keep_s = strstr(key, ":ids:") ? wait_s + 86400 : 172800;
        struct args args;
        args_init(&args, "EXPIRE");
        args_z(&args, key);
        args_int(&args, keep_s);
        if (a->way.repair) {
            queue_send(a->queue, &args, queue_ignore_reply, NULL);
        }
        report(a, a->way.repair, "%s would never have ended", key);
    }
    next_key(a);
}

static void
on_work(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    int64_t left = reply_int_at(reply, 0, 0);
    int64_t dangling = reply_int_at(reply, 1, 0);
    if (!err && left > 0) {
        report(a, a->way.repair, "%s: %lld acknowledged entries were left in the streams",
               a->keys[a->at - 1], (long long)left);
    }
    if (!err && dangling > 0) {
        report(a, a->way.repair, "%s: %lld marks of entries that are not there", a->keys[a->at - 1],
               (long long)dangling);
    }
    next_key(a);
}

static void
look_at(struct audit *a, const char *key)
{
    static const char broadcast[] = "loa:broadcast:{";
    struct args args;
    const char *brace = strchr(key, '}');
    if (strncmp(key, broadcast, sizeof broadcast - 1) == 0 && brace) {
        (void)snprintf(a->id, sizeof a->id, "%.*s", (int)(brace - key - (sizeof broadcast - 1)),
                       key + sizeof broadcast - 1);
        if (brace[1] == '\0') {
            restart(a);
            a->tries = 0;
            look_at_piece(a);
            return;
        }
        args_init(&args, "EXISTS");
        args_format(&args, "loa:broadcast:{%s}", a->id);
        queue_send(a->queue, &args, on_hash_exists, a);
    } else if (strncmp(key, "loa:stats:minute:", 17) == 0 || strstr(key, ":ids:") ||
               strncmp(key, "loa:content:", 12) == 0) {
        args_init(&args, "TTL");
        args_z(&args, key);
        queue_send(a->queue, &args, on_ttl, a);
    } else if (strncmp(key, "loa:queued:{", 12) == 0) {
        args_fcall(&args, "loa_work_audit", "%s", key);
        args_int(&args, a->way.repair ? 1 : 0);
        queue_send(a->queue, &args, on_work, a);
    } else {
        next_key(a);
    }
}

/* ---- The scan ---- */

static void
on_scanned(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    const struct redisReply *keys = reply_at(reply, 1);
    struct str cursor = reply_str_at(reply, 0);
    if (err) {
        audit_over(a, err);
        return;
    }
    for (size_t i = 0; i < a->keys_n; i++) {
        free(a->keys[i]);
    }
    a->keys_n = reply_count(keys);
    a->at = 0;
    a->keys = xrealloc((void *)a->keys, (a->keys_n + 1) * sizeof *a->keys);
    for (size_t i = 0; i < a->keys_n; i++) {
        struct str key = reply_str_at(keys, i);
        a->keys[i] = xstrndup(key.p, key.n < KEY_ROOM ? key.n : KEY_ROOM);
    }
    (void)snprintf(a->cursor, sizeof a->cursor, "%.*s", (int)cursor.n, cursor.p);
    a->scanned = str_equal_z(cursor, "0");
    next_key(a);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct audit *a = arg;
    if (a->scanned) {
        second_look(a);
        return;
    }
    struct args args;
    args_init(&args, "SCAN");
    args_z(&args, a->cursor);
    args_z(&args, "MATCH");
    args_z(&args, "loa:*");
    args_z(&args, "COUNT");
    args_int(&args, SCAN_COUNT);
    queue_send(a->queue, &args, on_scanned, a);
}

static void
later(struct audit *a, int64_t ms)
{
    struct timeval tv = clock_timeval(ms);
    (void)event_add(a->timer, &tv);
}

static void
next_key(struct audit *a)
{
    if (!queue_is_up(a->queue)) {
        struct err gone;
        (void)err_set(&gone, ERR_GONE, "Redis went away while it was being audited");
        audit_over(a, &gone);
    } else if (a->at < a->keys_n) {
        look_at(a, a->keys[a->at++]);
    } else if (!a->scanned) {
        later(a, a->way.pause_ms);
    } else if (a->suspects_n > 0) {
        later(a, AGAIN_MS);
    } else {
        audit_over(a, NULL);
    }
}

/* ---- The second look at chunks that nobody had ---- */

static void
on_still_missing(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    const struct suspect *one = &a->suspects[a->second++];
    if (!err && reply_count(reply) > 0) {
        struct work_chunks feed = {one->id, one->priority, &one->chunk, 1};
        if (a->way.repair) {
            work_feed(a->queue, one->route, &feed, queue_ignore, NULL);
        }
        report(a, a->way.repair, "broadcast %s: nobody has chunk %u, and it is not due", one->id,
               one->chunk);
    }
    second_look(a);
}

static void
on_swept_again(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    const struct suspect *one = &a->suspects[a->second];
    struct args args;
    bool open = !err && reply_count(reply) > FED_AT &&
                reply_int_at(reply, FED_AT, -1) == (int64_t)one->chunk;
    if (!open) {
        a->second++;
        second_look(a);
        return;
    }
    args_fcall(&args, "loa_work_missing", "loa:queued:{%s}", one->route);
    args_z(&args, priority_name(one->priority));
    args_z(&args, one->id);
    args_int(&args, one->chunk);
    queue_send(a->queue, &args, on_still_missing, a);
}

static void
second_look(struct audit *a)
{
    struct args args;
    if (a->second == a->suspects_n) {
        audit_over(a, NULL);
        return;
    }
    const struct suspect *one = &a->suspects[a->second];
    args_fcall(&args, "loa_sweep", "loa:broadcast:{%s}", one->id);
    args_int(&args, 0);
    args_int(&args, one->chunk);
    args_int(&args, 1);
    queue_send(a->queue, &args, on_swept_again, a);
}

struct audit *
audit_run(struct queue *queue, const struct audit_way *way, audit_found_fn *found, queue_done *fn,
          void *arg)
{
    struct audit *a = xcalloc(1, sizeof *a);
    a->queue = queue;
    a->way = *way;
    a->found = found;
    a->fn = fn;
    a->arg = arg;
    memcpy(a->cursor, "0", 2);
    a->timer = event_new(queue_base(queue), -1, 0, on_timer, a);
    later(a, 0);
    return a;
}

void
audit_stop(struct audit **audit)
{
    if (*audit) {
        audit_free(*audit);
        *audit = NULL;
    }
}

/* The self-audit of one broadcast: its counts, its places in the indexes, its work.
 *
 * A broadcast that takes more than one look is counted in a copy of its letters, made in the same
 * call in which its counts are read: it may go on moving.  A chunk that nobody has is a finding
 * only when it is still so after a lease, by which time the sweep has fed what was on its way. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "queue/audit_parts.h"
#include "queue/handle.h"

enum {
    PIECE = 64,    /* chunks */
    SETTLED_S = 10 /* after its creation all its keys are there */
};
/* In loa_audit's and loa_sweep's answers. */
enum { FOUND_AT = 7, ROUTE_AT = 8, ROUTES_AT = 9, FED_AT = 11 };

static void look_at_piece(struct audit *a);
static void next_route(struct audit *a);

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
    next_route(a);
}

static void
on_swept(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    size_t n = reply_count(reply);
    a->routes = err ? 0 : (int)reply_int_at(reply, ROUTES_AT, 0);
    if (err || n <= FED_AT || a->suspects_n == SUSPECTS) {
        next_route(a);
        return;
    }
    struct suspect *one = &a->suspects[a->suspects_n];
    struct str route = reply_str_at(reply, ROUTE_AT);
    struct args args;
    *one =
        (struct suspect){.route_at = a->route, .priority = queue_priority(reply_str_at(reply, 3))};
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

static void
look_at_work(struct audit *a)
{
    struct args args;
    args_fcall(&args, "loa_sweep", "loa:broadcast:{%s}", a->id);
    args_int(&args, a->route);
    args_int(&args, 0);
    args_int(&args, SUSPECTS);
    queue_send(a->queue, &args, on_swept, a);
}

static void
next_route(struct audit *a)
{
    if (++a->route < a->routes) {
        look_at_work(a);
    } else {
        audit_next_key(a);
    }
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
        audit_report(a, a->way.repair, "broadcast %s is open and nobody sweeps it", a->id);
    }
    bool sending = asked->sending;
    free(asked);
    if (sending) {
        a->route = 0;
        look_at_work(a);
    } else {
        audit_next_key(a);
    }
}

static void
look_at_indexes(struct audit *a, struct str state, int64_t created_s)
{
    bool sending = str_equal_z(state, "sending");
    bool open = sending || str_equal_z(state, "paused") || str_equal_z(state, "scheduled");
    if (!open || clock_unix_ms() / 1000 - created_s < SETTLED_S) {
        audit_next_key(a);
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

static void
on_fixed(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    audit_report(a, !err && reply_int(reply, 0) == 1,
                 "broadcast %s: the counts were not what its letters say", a->id);
    audit_next_key(a);
}

static void
mend_counts(struct audit *a)
{
    struct args args;
    if (!a->way.repair) {
        on_fixed(a, NULL, NULL);
        return;
    }
    args_fcall(&args, "loa_audit_fix", "loa:broadcast:{%s}", a->id);
    for (size_t i = 0; i < OUTCOME_N; i++) {
        args_int(&args, a->letters[i] - a->counted[i]);
    }
    queue_send(a->queue, &args, on_fixed, a);
}

static void
restart(struct audit *a, bool frozen)
{
    a->from = 0;
    a->frozen = frozen;
    memset(a->letters, 0, sizeof a->letters);
}

/* All its letters were seen as they were at one moment, and the counts of that moment. */
static void
whole(struct audit *a, const struct redisReply *reply)
{
    int64_t odd = reply_int_at(reply, 4, 0);
    int64_t unknown = reply_int_at(reply, 5, 0);
    if (odd != 0 || unknown != 0) {
        audit_report(a, false, "broadcast %s: %lld letters too many or few, %lld that are none",
                     a->id, (long long)odd, (long long)unknown);
    }
    bool agree = memcmp(a->letters, a->counted, sizeof a->letters) == 0;
    if (odd != 0 || unknown != 0 || agree) {
        look_at_indexes(a, reply_str_at(reply, 2), reply_int_at(reply, 3, 0));
    } else if (a->frozen) {
        mend_counts(a);
    } else {
        restart(a, true);
        look_at_piece(a);
    }
}

static void
add_piece(struct audit *a, const struct redisReply *reply)
{
    for (size_t i = 0; i < OUTCOME_N; i++) {
        a->letters[i] += reply_int_at(reply, FOUND_AT + 2 * i, 0);
        if (a->from == 0) {
            a->counted[i] = reply_int_at(reply, FOUND_AT + 2 * i + 1, -1);
        }
    }
    int64_t orphans = reply_int_at(reply, 6, 0);
    if (orphans > 0) {
        audit_report(a, a->way.repair,
                     "broadcast %s: %lld due times of members who wait for nothing", a->id,
                     (long long)orphans);
    }
}

/* One that is looked at in one call need not stand still for that. */
static void
on_piece(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    if (err || !str_equal_z(reply_str_at(reply, 0), "OK")) {
        audit_next_key(a); /* gone, archived, or not to be had now */
        return;
    }
    int64_t next = reply_int_at(reply, 1, -1);
    if (next > 0 && !a->frozen) {
        restart(a, true);
        look_at_piece(a);
        return;
    }
    add_piece(a, reply);
    a->from = next;
    if (next > 0) {
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
    args_int(&args, a->frozen ? 1 : 0);
    queue_send(a->queue, &args, on_piece, a);
}

void
audit_broadcast(struct audit *a)
{
    restart(a, false);
    look_at_piece(a);
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
        audit_report(a, a->way.repair, "broadcast %s: nobody has chunk %u, and it is not due",
                     one->id, one->chunk);
    }
    audit_second_look(a);
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
        audit_second_look(a);
        return;
    }
    args_fcall(&args, "loa_work_missing", "loa:queued:{%s}", one->route);
    args_z(&args, priority_name(one->priority));
    args_z(&args, one->id);
    args_int(&args, one->chunk);
    queue_send(a->queue, &args, on_still_missing, a);
}

void
audit_second_look(struct audit *a)
{
    struct args args;
    if (a->second == a->suspects_n) {
        audit_over(a, NULL);
        return;
    }
    const struct suspect *one = &a->suspects[a->second];
    args_fcall(&args, "loa_sweep", "loa:broadcast:{%s}", one->id);
    args_int(&args, one->route_at);
    args_int(&args, one->chunk);
    args_int(&args, 1);
    queue_send(a->queue, &args, on_swept_again, a);
}

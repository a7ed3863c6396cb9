/* The look through all active broadcasts: whatever a crash or a lost entry left behind goes on.
 *
 * A finished broadcast moves from loa:active to loa:settling once its counters were posted; there
 * its counters are posted further, as receipts may still come, until `receipts.wait` is over.
 * Between sweeps the next moments are kept at which the clock alone changes something. */
// SPDX-License-Identifier: MIT
#include "queue/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "queue/control.h"
#include "queue/handle.h"
#include "queue/join.h"
#include "queue/plan.h"
#include "queue/stats.h"
#include "queue/work.h"

enum {
    WAKES = 8,
    FEED_MAX = 256,
    SETTLING_MAX = 1000,
    SETTLING_MS = 60000,
    IDS_MAX = 10000,
    FED_FROM = 11, /* in loa_sweep's answer: the chunks to be fed */
    CLOCK_STEP_MS = 200,
    LEASE_SOON_MS = LEASE_MS * 2 / 3, /* of one that is still renewed more is left */
};

/* One round. */
struct sweep {
    struct queue *queue;
    unplanned_fn *unplanned;
    unclaimed_fn *unclaimed;
    queue_done *fn;
    void *arg;
    struct arena *arena;
    const char **active;
    size_t active_n;     /* ids */
    const char **posted; /* the same; those of `active` that go on stand at its front: */
    size_t open_n, at;   /* so many, and the one under way */
    const char **ended;  /* of the active: to be moved to loa:settling */
    size_t ended_n;
    const char **settling;
    size_t settling_n;
    int64_t from; /* chunk of the broadcast under way to go on at */
    size_t route; /* of its routes, the one under way */
    bool passed;  /* its members were gone through: it is ending */
    struct join *states, *moves;
};

/* When the settling ones were looked at last, and when to sweep before the turn (0: free). */
struct sweep_state {
    struct queue_part part;
    int64_t settled_ms;
    int64_t wake_ms[WAKES];
};

static struct sweep_state *
state_of(struct queue *queue)
{
    static const struct queue_part kind = {.free = queue_part_free};
    return (struct sweep_state *)queue_part_of(queue, &kind, sizeof(struct sweep_state));
}

/* The latest one gives way: what it was for comes with the sweep after it. */
void
sweep_wake(struct queue *queue, int64_t at_ms)
{
    struct sweep_state *state = state_of(queue);
    int64_t *slot = &state->wake_ms[0];
    for (size_t i = 0; i < WAKES; i++) {
        if (state->wake_ms[i] == at_ms) {
            return;
        }
        if (*slot != 0 && (state->wake_ms[i] == 0 || state->wake_ms[i] > *slot)) {
            slot = &state->wake_ms[i];
        }
    }
    if (*slot == 0 || at_ms < *slot) {
        *slot = at_ms;
    }
}

bool
broadcast_sweep_is_due(struct queue *queue)
{
    struct sweep_state *state = state_of(queue);
    int64_t now_ms = clock_unix_ms();
    bool due = false;
    for (size_t i = 0; i < WAKES; i++) {
        if (state->wake_ms[i] != 0 && state->wake_ms[i] <= now_ms) {
            state->wake_ms[i] = 0;
            due = true;
        }
    }
    return due;
}

static void
sweep_end(struct sweep *s, const struct err *err)
{
    s->fn(s->arg, err);
    arena_free(&s->arena);
    free(s);
}

/* The strings of an array, copied. */
static const char **
copy_ids(struct sweep *s, const struct redisReply *reply, size_t *n)
{
    size_t count = reply_count(reply);
    *n = count > IDS_MAX ? IDS_MAX : count;
    const char **ids = arena_alloc(s->arena, (*n + 1) * sizeof *ids);
    for (size_t i = 0; i < *n; i++) {
        struct str id = reply_str_at(reply, i);
        ids[i] = arena_strndup(s->arena, id.p, id.n);
    }
    return ids;
}

/* One of those that have ended. */
struct ended {
    struct sweep *sweep;
    const char *id;
};

/* ---- At last: what has ended moves to loa:settling, what has settled leaves it ---- */

static void
on_all_moved(void *arg, const struct err *err)
{
    sweep_end(arg, err);
}

static void
move(struct sweep *s, const struct args *args)
{
    join_add(s->moves);
    queue_send(s->queue, args, join_reply, s->moves);
}

/* Somebody made it go on while it was being taken out (`loa retry`): in again.  A command that
 * comes after this look puts it in by itself. */
static void
on_state_again(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct ended *one = arg;
    struct sweep *s = one->sweep;
    struct str state = reply_str(reply);
    if (!err && state.n > 0 && !queue_has_ended(state)) {
        struct args a;
        args_init(&a, "SADD");
        args_z(&a, "loa:active");
        args_z(&a, one->id);
        move(s, &a);
    }
    join_answer(s->moves, err);
}

/* SREM only behind the ZADD on the same connection: an ID is never in neither. */
static void
move_ended(struct sweep *s)
{
    struct args a;
    int64_t now_s = clock_unix_ms() / 1000;
    s->moves = join_new(on_all_moved, s);
    for (size_t i = 0; i < s->ended_n; i++) {
        struct ended *one = arena_alloc(s->arena, sizeof *one);
        *one = (struct ended){s, s->ended[i]};
        args_init(&a, "ZADD");
        args_z(&a, "loa:settling");
        args_z(&a, "NX");
        args_int(&a, now_s);
        args_z(&a, s->ended[i]);
        move(s, &a);
        args_init(&a, "ZADD"); /* for archive.c */
        args_z(&a, "loa:finished");
        args_int(&a, now_s);
        args_z(&a, s->ended[i]);
        move(s, &a);
        args_init(&a, "SREM");
        args_z(&a, "loa:active");
        args_z(&a, s->ended[i]);
        move(s, &a);
        args_init(&a, "HGET");
        args_format(&a, "loa:broadcast:{%s}", s->ended[i]);
        args_z(&a, "state");
        join_add(s->moves);
        queue_send(s->queue, &a, on_state_again, one);
    }
    args_init(&a, "ZREMRANGEBYSCORE");
    args_z(&a, "loa:settling");
    args_z(&a, "-inf");
    args_int(&a, now_s - queue_conf(s->queue)->receipts_wait_ms / 1000 - 2 * SETTLING_MS / 1000);
    move(s, &a);
    join_end(s->moves);
}

static void
on_posted(void *arg, const struct err *err)
{
    struct sweep *s = arg;
    if (err) {
        sweep_end(s, err);
        return;
    }
    move_ended(s);
}

static void
post_all(struct sweep *s)
{
    size_t n = s->active_n + s->settling_n;
    const char **ids = arena_alloc(s->arena, (n + 1) * sizeof *ids);
    for (size_t i = 0; i < n; i++) {
        ids[i] = i < s->active_n ? s->posted[i] : s->settling[i - s->active_n];
    }
    stats_post(s->queue, ids, (int)n, on_posted, s);
}

static void
on_settling(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct sweep *s = arg;
    if (err) {
        sweep_end(s, err);
        return;
    }
    s->settling = copy_ids(s, reply, &s->settling_n);
    post_all(s);
}

static void
look_at_settling(struct sweep *s)
{
    struct sweep_state *state = state_of(s->queue);
    int64_t now_ms = queue_now_ms();
    if (state->settled_ms && now_ms - state->settled_ms < SETTLING_MS) {
        post_all(s);
        return;
    }
    struct args a;
    state->settled_ms = now_ms;
    args_init(&a, "ZRANGE");
    args_z(&a, "loa:settling");
    args_z(&a, "0");
    args_int(&a, SETTLING_MAX - 1);
    queue_send(s->queue, &a, on_settling, s);
}

/* ---- One broadcast after the other ---- */

static void look_at_next(struct sweep *s);

static void
on_fed(void *arg, const struct err *err)
{
    if (err) {
        sweep_end(arg, err);
    } else {
        look_at_next(arg);
    }
}

/* Its members were gone through: it is looked at again. */
static void
on_ended(void *arg, const struct control_answer *answer, const struct err *err)
{
    struct sweep *s = arg;
    (void)answer;
    if (err) {
        sweep_end(s, err);
        return;
    }
    s->passed = true;
    look_at_next(s);
}

/* What the clock does with it, now (true: the broadcast is being gone through) or later. */
static bool
read_clock(struct sweep *s, const char *id, const struct redisReply *reply)
{
    struct str ending = reply_str_at(reply, 6);
    int64_t next_s = reply_int_at(reply, 7, 0);
    int64_t lease_ms = reply_int_at(reply, 10, 0);
    if (lease_ms > 0 && lease_ms < LEASE_SOON_MS) { /* its owner may be dead */
        sweep_wake(s->queue, clock_unix_ms() + lease_ms + 1);
    }
    if (next_s > 0) {
        int64_t now_ms = clock_unix_ms();
        sweep_wake(s->queue, next_s * 1000 > now_ms ? next_s * 1000 : now_ms + CLOCK_STEP_MS);
    }
    if (ending.n == 0) {
        return false;
    }
    control_end(s->queue, id, str_equal_z(ending, "expired") ? "expired" : "cancelled", on_ended,
                s);
    return true;
}

/* state, planned, chunks, priority, where to go on, finished_s, ending, next moment, route, how
 * many routes, ms to the first lease's end, chunks to be fed … */
static void
on_looked(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct sweep *s = arg;
    uint32_t feed[FEED_MAX];
    int n = 0;
    if (err) {
        sweep_end(s, err);
        return;
    }
    const char *id = s->active[s->at];
    struct str state = reply_str_at(reply, 0);
    if (!s->passed && read_clock(s, id, reply)) {
        return; /* looked at again behind it */
    }
    s->passed = false;
    bool ended = queue_has_ended(state);
    if (ended) {
        s->ended[s->ended_n++] = id;
    } else if (str_equal_z(state, "sending") && s->from == 0 && s->route == 0 &&
               reply_int_at(reply, 1, 0) < reply_int_at(reply, 2, 0)) {
        s->unplanned(s->arg, id);
    }
    for (size_t i = FED_FROM; i < reply_count(reply) && n < FEED_MAX; i++) {
        int64_t chunk = reply_int_at(reply, i, 0);
        feed[n++] = chunk < 0 ? (uint32_t)(-1 - chunk) : (uint32_t)chunk | WORK_NOW;
    }
    s->from = reply_int_at(reply, 4, -1);
    if (s->from <= 0) { /* the next route, or the next broadcast */
        s->from = 0;
        s->route = !ended && (int64_t)s->route + 1 < reply_int_at(reply, 9, 0) ? s->route + 1 : 0;
        s->at += s->route == 0;
    }
    struct str route = reply_str_at(reply, 8);
    char name[ROUTE_NAME_SIZE];
    (void)snprintf(name, sizeof name, "%.*s", (int)route.n, route.p);
    if (n > 0) {
        s->unclaimed(s->arg, name);
        struct work_chunks chunks = {id, queue_priority(reply_str_at(reply, 3)), feed, n};
        work_feed(s->queue, name, &chunks, on_fed, s);
    } else {
        look_at_next(s);
    }
}

static void
look_at_next(struct sweep *s)
{
    struct args a;
    if (s->at == s->open_n) {
        look_at_settling(s);
        return;
    }
    args_fcall(&a, "loa_sweep", "loa:broadcast:{%s}", s->active[s->at]);
    args_int(&a, (int64_t)s->route);
    args_int(&a, s->from);
    args_int(&a, FEED_MAX);
    queue_send(s->queue, &a, on_looked, s);
}

/* Its state of a moment ago: what has ended need not be looked through. */
static void
on_state(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct ended *one = arg;
    struct sweep *s = one->sweep;
    struct str state = reply_is_nil(reply) ? STR("gone") : reply_str(reply);
    if (!err && queue_has_ended(state)) {
        s->ended[s->ended_n++] = one->id;
    } else {
        s->active[s->open_n++] = one->id; /* the answers come in the order of the list */
    }
    join_answer(s->states, err);
}

static void
on_states(void *arg, const struct err *err)
{
    if (err) {
        sweep_end(arg, err);
    } else {
        look_at_next(arg);
    }
}

static void
ask_states(struct sweep *s)
{
    s->states = join_new(on_states, s);
    for (size_t i = 0; i < s->active_n; i++) {
        struct ended *one = arena_alloc(s->arena, sizeof *one);
        struct args a;
        *one = (struct ended){s, s->active[i]};
        args_init(&a, "HGET");
        args_format(&a, "loa:broadcast:{%s}", one->id);
        args_z(&a, "state");
        join_add(s->states);
        queue_send(s->queue, &a, on_state, one);
    }
    join_end(s->states);
}

static void
on_active(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct sweep *s = arg;
    if (err) {
        sweep_end(s, err);
        return;
    }
    s->active = copy_ids(s, reply, &s->active_n);
    s->ended = arena_alloc(s->arena, (s->active_n + 1) * sizeof *s->ended);
    s->posted = arena_alloc(s->arena, (s->active_n + 1) * sizeof *s->posted);
    memcpy(s->posted, s->active, s->active_n * sizeof *s->posted);
    ask_states(s);
}

void
broadcast_sweep(struct queue *queue, unplanned_fn *unplanned, unclaimed_fn *unclaimed,
                queue_done *fn, void *arg)
{
    struct sweep *s = xcalloc(1, sizeof *s);
    struct args a;
    s->queue = queue;
    s->unplanned = unplanned;
    s->unclaimed = unclaimed;
    s->fn = fn;
    s->arg = arg;
    s->arena = arena_new();
    args_init(&a, "SMEMBERS");
    args_z(&a, "loa:active");
    queue_send(queue, &a, on_active, s);
}

/* One chunk of a broadcast on one route: the calls of queue/chunk.lua and chunk_done.lua. */
// SPDX-License-Identifier: MIT
#include "queue/chunk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "gateway/core/recipients.h"
#include "queue/redis.h"
#include "queue/retell.h"

/* Remembers when Redis came back: until a lease after that, everybody's claims look expired. */
struct calm {
    struct queue_part part;
    bool was_down;
    int64_t up_ms;
};

struct call {
    union {
        claim_fn *claim;
        begin_fn *begin;
        done_fn *done;
    } fn;
    void *arg;
    size_t channel;
    /* A begin: what it was about, to tell it again. */
    struct queue *queue;
    char id[65];
    const char *route;
    uint32_t chunk;
    uint64_t epoch;
};

static void
calm_on_down(struct queue_part *part)
{
    ((struct calm *)part)->was_down = true;
}

static void
calm_on_up(struct queue_part *part)
{
    ((struct calm *)part)->up_ms = queue_now_ms();
}

/* Whether other workers' expired leases are left alone as yet. */
static bool
calm_is_on(struct queue *queue)
{
    static const struct queue_part kind = {
        .on_up = calm_on_up, .on_down = calm_on_down, .free = queue_part_free};
    const struct calm *calm = (struct calm *)queue_part_of(queue, &kind, sizeof *calm);
    return calm->was_down && queue_now_ms() - calm->up_ms < LEASE_MS;
}

static struct call *
call_new(void *arg)
{
    struct call *call = xcalloc(1, sizeof *call);
    call->arg = arg;
    return call;
}

/* A done that waits for the begins behind it: one for the rest of a chunk, one for the next. */
enum { BEGINS_MAX = 4 };
struct together {
    struct queue_part part;
    bool on;
    struct call *done; /* owned; NULL: none waits */
    struct call *begins[BEGINS_MAX];
    int n;
    struct args args; /* of the done, and of the begins behind it */
    char id[65];      /* of its broadcast */
    const char *route;
    int64_t apart_until_ms; /* Redis refused a call of both: it may take the done alone */
};

static struct together *
together_of(struct queue *queue)
{
    static const struct queue_part kind = {.free = queue_part_free};
    return (struct together *)queue_part_of(queue, &kind, sizeof(struct together));
}

/* FCALL of a chunk's Function; what follows are its own arguments. */
static void
begin_args(struct args *a, struct queue *queue, const char *function, const struct chunk_name *name)
{
    args_fcall(a, function, "loa:broadcast:{%s}", name->id);
    args_int(a, name->chunk);
    args_z(a, name->route);
    args_z(a, queue_worker(queue));
}

/* ---- claim ---- */

/* `entry` is what planning froze: "RUNS;address,address,…", the addresses for each channel. */
static void
read_entry(struct str entry, size_t channel, struct claim_answer *answer)
{
    answer->entry = entry;
    answer->addresses = chunk_addresses(entry, channel);
    answer->numbers = str_cut(&entry, ';');
}

static void
on_claim(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct call *call = arg;
    struct claim_answer answer = {.verdict = CLAIM_GONE};
    struct str verdict = reply_str_at(reply, 0);
    if (str_equal_z(verdict, "HELD")) {
        answer.verdict = CLAIM_HELD;
    } else if (!str_equal_z(verdict, "GONE") && !err) {
        answer.verdict = str_equal_z(verdict, "TAKEN") ? CLAIM_TAKEN : CLAIM_NOTHING;
        answer.epoch = (uint64_t)reply_int_at(reply, 1, 0);
        answer.letters = reply_str_at(reply, 2);
        answer.members_n = (uint32_t)answer.letters.n;
        read_entry(reply_str_at(reply, 3), call->channel, &answer);
        answer.uncertain = reply_str_at(reply, 4);
        answer.overdue = reply_str_at(reply, 5);
        answer.now_ms = reply_int_at(reply, 6, 0);
    }
    call->fn.claim(call->arg, err ? NULL : &answer, err);
    free(call);
}

void
chunk_claim(struct queue *queue, const struct chunk_name *name, claim_fn *fn, void *arg)
{
    struct args a;
    begin_args(&a, queue, "loa_claim", name);
    args_int(&a, LEASE_MS);
    args_int(&a, calm_is_on(queue) ? 1 : 0);
    struct call *call = call_new(arg);
    call->fn.claim = fn;
    call->channel = name->channel;
    queue_send(queue, &a, on_claim, call);
}

/* ---- begin ---- */

static void
on_begin(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct call *call = arg;
    struct begin_answer answer = {.verdict = BEGIN_STALE};
    struct str verdict = reply_str_at(reply, 0);
    if (str_equal_z(verdict, "STOPPED")) {
        answer.verdict = BEGIN_STOPPED;
    } else if (str_equal_z(verdict, "OK")) {
        answer.verdict = BEGIN_OK;
        answer.places = reply_str_at(reply, 1);
        answer.attempts = reply_str_at(reply, 2);
        answer.more = reply_int_at(reply, 3, 0) != 0;
        answer.due_ms = reply_int_at(reply, 4, 0);
        answer.kept = reply_at(reply, 5);
    }
    if (answer.verdict == BEGIN_OK) {
        struct chunk_name name = {call->id, call->route, call->chunk, 0};
        retell_keep_begin(call->queue, &name, call->epoch, &answer);
    }
    call->fn.begin(call->arg, err ? NULL : &answer, err);
    free(call);
}

struct str
begin_kept(const struct begin_answer *answer, uint8_t place)
{
    for (size_t i = 0; i + 1 < reply_count(answer->kept); i += 2) {
        if (reply_int_at(answer->kept, i, -1) == place) {
            return reply_str_at(answer->kept, i + 1);
        }
    }
    return STR("");
}

static struct call *
begin_call(struct queue *queue, const struct chunk_name *name, const struct begin_ask *ask,
           begin_fn *fn, void *arg)
{
    struct call *call = call_new(arg);
    call->fn.begin = fn;
    call->queue = queue;
    (void)snprintf(call->id, sizeof call->id, "%s", name->id);
    call->route = name->route;
    call->chunk = name->chunk;
    call->epoch = ask->epoch;
    return call;
}

static void
begin_alone(struct queue *queue, const struct chunk_name *name, const struct begin_ask *ask,
            struct call *call)
{
    struct args a;
    begin_args(&a, queue, "loa_begin", name);
    args_int(&a, (int64_t)ask->epoch);
    args_int(&a, LEASE_MS);
    args_int(&a, ask->number);
    args_int(&a, ask->most);
    queue_send(queue, &a, on_begin, call);
}

/* ---- done ---- */

static void
on_done(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct call *call = arg;
    struct done_answer answer = {
        .stale = reply_int_at(reply, 0, 1) != 0,
        .closed = reply_int_at(reply, 1, 0) != 0,
        .successor = reply_int_at(reply, 2, -1),
        .due_ms = reply_int_at(reply, 3, 0),
    };
    call->fn.done(call->arg, err ? NULL : &answer, err);
    free(call);
}

/* One due time a member when there is any, else nothing. */
static void
add_dues(struct args *a, const struct done_batch *batch)
{
    bool any = false;
    for (int i = 0; i < batch->n && !any; i++) {
        any = batch->due_ms[i] != 0;
    }
    struct buf text;
    buf_init(&text, 8192);
    for (int i = 0; i < batch->n && any; i++) {
        buf_add_format(&text, "%lld ", (long long)batch->due_ms[i]);
    }
    args_format(a, "%.*s", (int)text.n, text.n ? text.p : "");
    buf_deinit(&text);
}

static void
add_details(struct args *a, const struct done_batch *batch)
{
    for (int i = 0; i < batch->details_n; i++) {
        args_int(a, batch->details[i].place);
        args_bytes(a, batch->details[i].field,
                   strnlen(batch->details[i].field, sizeof batch->details[i].field));
        args_str(a, batch->details[i].value);
    }
}

/* ---- done with begins ---- */

struct group {
    struct queue *queue;
    struct call *done, *begins[BEGINS_MAX];
    int n;
};

static void
on_group(void *arg, const struct redisReply *reply, const struct err *err)
{
    enum { APART_MS = 1000 };
    struct group group = *(struct group *)arg;
    free(arg);
    if (err) {
        together_of(group.queue)->apart_until_ms = queue_now_ms() + APART_MS;
    }
    on_done(group.done, reply_at(reply, 0), err);
    for (int i = 0; i < group.n; i++) {
        on_begin(group.begins[i], reply_at(reply, (size_t)i + 1), err);
    }
}

/* What waits, if anything does. */
static void
together_send(struct queue *queue, struct together *t)
{
    struct call *done = t->done;
    if (!done) {
        return;
    }
    t->done = NULL;
    if (t->n == 0) {
        queue_send(queue, &t->args, on_done, done);
        return;
    }
    struct group *group = xmalloc(sizeof *group);
    group->queue = queue;
    group->done = done;
    group->n = t->n;
    memcpy(group->begins, t->begins, sizeof t->begins);
    t->n = 0;
    args_function(&t->args, "loa_done_begin");
    args_int(&t->args, group->n);
    queue_send(queue, &t->args, on_group, group);
}

static void
done_args(struct args *a, struct queue *queue, const struct chunk_name *name, uint64_t epoch,
          const struct done_batch *batch)
{
    size_t n = (size_t)batch->n;
    begin_args(a, queue, "loa_done", name);
    args_int(a, (int64_t)epoch);
    args_int(a, LEASE_MS);
    args_int(a, !batch->close ? 0 : batch->give_up ? 2 : 1);
    args_int(a, batch->number);
    args_int(a, batch->throttled);
    args_bytes(a, batch->events, n);
    args_bytes(a, batch->places, n);
    args_bytes(a, batch->parts, n);
    args_bytes(a, batch->ledger, n * LEDGER_SIZE);
    add_dues(a, batch);
    add_details(a, batch);
    if (batch->n > 0) {
        retell_forget_released(queue, name, epoch, batch);
        retell_keep(queue, a);
    }
}

void
chunk_done(struct queue *queue, const struct chunk_name *name, uint64_t epoch,
           const struct done_batch *batch, done_fn *fn, void *arg)
{
    struct together *t = together_of(queue);
    struct call *call = call_new(arg);
    call->fn.done = fn;
    together_send(queue, t);
    done_args(&t->args, queue, name, epoch, batch);
    t->done = call;
    (void)snprintf(t->id, sizeof t->id, "%s", name->id);
    t->route = name->route;
    if (!t->on || queue_now_ms() < t->apart_until_ms) {
        together_send(queue, t);
    }
}

void
chunk_begin(struct queue *queue, const struct chunk_name *name, const struct begin_ask *ask,
            begin_fn *fn, void *arg)
{
    struct together *t = together_of(queue);
    struct call *call = begin_call(queue, name, ask, fn, arg);
    if (!t->done || strcmp(t->id, name->id) != 0 || strcmp(t->route, name->route) != 0) {
        together_send(queue, t);
        begin_alone(queue, name, ask, call);
        return;
    }
    args_int(&t->args, name->chunk);
    args_int(&t->args, (int64_t)ask->epoch);
    args_int(&t->args, ask->number);
    args_int(&t->args, ask->most);
    t->begins[t->n++] = call;
    if (t->n == BEGINS_MAX) {
        together_send(queue, t);
    }
}

void
chunk_together(struct queue *queue)
{
    together_of(queue)->on = true;
}

void
chunk_apart(struct queue *queue)
{
    struct together *t = together_of(queue);
    together_send(queue, t);
    t->on = false;
}

/* ---- renew ---- */

void
chunk_renew(struct queue *queue, const struct chunk_name *name, uint64_t epoch, done_fn *fn,
            void *arg)
{
    struct args a;
    begin_args(&a, queue, "loa_renew", name);
    args_int(&a, (int64_t)epoch);
    args_int(&a, LEASE_MS);
    struct call *call = call_new(arg);
    call->fn.done = fn;
    queue_send(queue, &a, on_done, call);
}

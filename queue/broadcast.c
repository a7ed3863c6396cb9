/* What an admin asks of broadcasts: one, all; and announcing one. */
// SPDX-License-Identifier: MIT
#include "queue/broadcast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/announcement.h"
#include "gateway/core/hash.h"
#include "gateway/core/mem.h"
#include "gateway/core/time.h"
#include "queue/handle.h"
#include "queue/join.h"
#include "queue/search.h"
#include "queue/twins.h"

/* ---- The hash as a status ---- */

/* In the order of the fields asked for; the counts follow, in the order of OUTCOME_LETTERS. */
static const char *const fields[] = {
    "state",        "title", "audience", "channels", "priority", "created_at", "total",
    "parts",        "cost",  "chunks",   "planned",  "text:sms", "start_s",    "expires_s",
    "on_uncertain", "code",  "clicks",   "twins",    "twin_of"};
enum { FIELDS_N = sizeof fields / sizeof *fields };

static void
ask_hash(struct queue *queue, struct str id, redis_fn *fn, void *arg)
{
    struct args a;
    args_init(&a, "HMGET");
    args_format(&a, "loa:broadcast:{%.*s}", (int)id.n, id.p);
    for (size_t i = 0; i < FIELDS_N; i++) {
        args_z(&a, fields[i]);
    }
    for (size_t i = 0; i < OUTCOME_N; i++) {
        args_z(&a, outcome_name(OUTCOME_LETTERS[i]));
    }
    queue_send(queue, &a, fn, arg);
}

static uint64_t
number_at(const struct redisReply *reply, size_t i)
{
    int64_t n = reply_int_at(reply, i, 0);
    return n > 0 ? (uint64_t)n : 0;
}

/* False when there is no such hash.  The strings are NUL-terminated in the reply. */
static bool
read_hash(const char *id, const struct redisReply *reply, struct broadcast_status *out)
{
    if (reply_is_nil(reply_at(reply, 0))) {
        return false;
    }
    *out = (struct broadcast_status){
        .id = id,
        .state = reply_str_at(reply, 0).p,
        .title = reply_str_at(reply, 1).p,
        .audience = reply_str_at(reply, 2).p,
        .channels = reply_str_at(reply, 3).p,
        .priority = reply_str_at(reply, 4).p,
        .created_at = reply_str_at(reply, 5).p,
        .total = number_at(reply, 6),
        .parts = number_at(reply, 7),
        .cost = number_at(reply, 8),
        .chunks = (uint32_t)number_at(reply, 9),
        .planned = (uint32_t)number_at(reply, 10),
        .text = reply_str_at(reply, 11).p,
        .start_s = reply_int_at(reply, 12, 0),
        .expires_s = reply_int_at(reply, 13, 0),
        .on_uncertain = reply_str_at(reply, 14).p,
        .clicks = reply_str_at(reply, 15).n > 0 ? reply_int_at(reply, 16, 0) : -1,
        .twins = reply_str_at(reply, 17).p,
    };
    for (size_t i = 0; i < OUTCOME_N; i++) {
        out->count[i] = number_at(reply, FIELDS_N + i);
    }
    return true;
}

enum { TWIN_OF = 18 };

/* What it is together with its twins. */
static void
add_twins(struct broadcast_status *status, const struct twins_sum *sum)
{
    status->parts += sum->parts;
    status->cost += sum->cost;
    if (sum->counted) {
        memcpy(status->count, sum->count, sizeof status->count);
    }
    if (*sum->open_state && queue_has_ended(str_of(status->state))) {
        status->state = sum->open_state;
    }
}

/* ---- One ---- */

struct asking {
    struct queue *queue;
    char id[80];
    bool not_announced; /* nor was it in the hash when that was looked at first */
    bool summed;        /* its twins were looked at: the hash again, behind them */
    struct twins_sum sum;
    status_fn *fn;
    void *arg;
};

static void
asking_end(struct asking *q, const struct broadcast_status *status, const struct err *err)
{
    q->fn(q->arg, status, err);
    free(q);
}

/* An entry of one of the two streams as a status; `reply` is [entry id, fields]. */
static void
end_with_entry(struct asking *q, const struct redisReply *entry, const char *state)
{
    const struct redisReply *f = reply_at(entry, 1);
    char created[TIME_ROOM] = "";
    struct str ms = reply_str_at(entry, 0);
    struct str text = reply_field(f, "audience");
    struct str channels = reply_field(f, "channels");
    struct str priority = reply_field(f, "priority");
    struct str error = reply_field(f, "error");
    uint64_t at_ms;
    if (str_to_u64(str_cut(&ms, '-'), INT64_MAX, &at_ms)) {
        time_format((int64_t)(at_ms / 1000), 0, created);
    }
    struct broadcast_status status = {
        .id = q->id,
        .state = state,
        .title = reply_field(f, "title").p,
        .audience = text.n ? text.p : "all",
        .channels = channels.p,
        .priority = priority.n ? priority.p : "normal",
        .created_at = created,
        .text = "",
        .twins = "",
        .error = error.n ? error.p : NULL,
        .clicks = -1,
    };
    asking_end(q, &status, NULL);
}

static void
on_rejected(void *arg, const struct redisReply *entry, const struct err *err)
{
    struct asking *q = arg;
    if (err || !entry) {
        asking_end(q, NULL, err);
    } else {
        end_with_entry(q, entry, "rejected");
    }
}

static void on_hash(void *arg, const struct redisReply *reply, const struct err *err);

/* Taken in between the two looks: the hash again. */
static void
on_announced(void *arg, const struct redisReply *entry, const struct err *err)
{
    struct asking *q = arg;
    if (err) {
        asking_end(q, NULL, err);
    } else if (entry) {
        end_with_entry(q, entry, "announced");
    } else {
        q->not_announced = true;
        ask_hash(q->queue, str_of(q->id), on_hash, q);
    }
}

static void
on_summed(void *arg, const struct twins_sum *sum, const struct err *err)
{
    struct asking *q = arg;
    if (err) {
        asking_end(q, NULL, err);
        return;
    }
    q->sum = *sum;
    q->summed = true;
    ask_hash(q->queue, str_of(q->id), on_hash, q);
}

static void
on_hash(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct asking *q = arg;
    struct broadcast_status status;
    if (err) {
        asking_end(q, NULL, err);
    } else if (read_hash(q->id, reply, &status)) {
        if (*status.twins && !q->summed) {
            twins_sum(q->queue, q->id, str_of(status.twins), on_summed, q);
            return;
        }
        add_twins(&status, &q->sum);
        asking_end(q, &status, NULL);
    } else if (q->not_announced) {
        search_stream(q->queue, STREAM_REJECTED, q->id, on_rejected, q);
    } else {
        search_stream(q->queue, STREAM_ANNOUNCED, q->id, on_announced, q);
    }
}

void
broadcast_status(struct queue *queue, const char *id, status_fn *fn, void *arg)
{
    struct asking *q = xcalloc(1, sizeof *q);
    q->queue = queue;
    (void)snprintf(q->id, sizeof q->id, "%s", id);
    q->fn = fn;
    q->arg = arg;
    ask_hash(queue, str_of(q->id), on_hash, q);
}

/* ---- All ---- */

struct listing;
struct listed {
    struct listing *list;
    char id[80];
    bool summed;
    struct twins_sum sum;
};
struct listing {
    struct queue *queue;
    status_each_fn *each;
    queue_done *fn;
    void *arg;
    struct join *join;
    struct listed *listed;
};

static void
on_all_listed(void *arg, const struct err *err)
{
    struct listing *l = arg;
    l->fn(l->arg, err);
    free(l->listed);
    free(l);
}

static void on_listed(void *arg, const struct redisReply *reply, const struct err *err);

static void
on_listed_twins(void *arg, const struct twins_sum *sum, const struct err *err)
{
    struct listed *one = arg;
    if (err) {
        join_answer(one->list->join, err);
        return;
    }
    one->sum = *sum;
    one->summed = true;
    ask_hash(one->list->queue, str_of(one->id), on_listed, one);
}

static void
on_listed(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct listed *one = arg;
    struct listing *l = one->list;
    struct broadcast_status status;
    bool known = !err && read_hash(one->id, reply, &status);
    if (known && *status.twins && !one->summed) {
        twins_sum(l->queue, one->id, str_of(status.twins), on_listed_twins, one);
        return;
    }
    if (known && reply_str_at(reply, TWIN_OF).n == 0) {
        add_twins(&status, &one->sum);
        l->each(l->arg, &status);
    }
    join_answer(l->join, err);
}

static void
on_ids(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct listing *l = arg;
    struct join *join = l->join;
    size_t n = reply_count(reply);
    l->listed = xcalloc(n, sizeof *l->listed);
    for (size_t i = 0; i < n; i++) {
        struct str id = reply_str_at(reply, i);
        l->listed[i].list = l;
        (void)snprintf(l->listed[i].id, sizeof l->listed[i].id, "%.*s", (int)id.n, id.p);
        join_add(join);
        ask_hash(l->queue, str_of(l->listed[i].id), on_listed, &l->listed[i]);
    }
    join_answer(join, err); /* of the list itself */
}

void
broadcast_list(struct queue *queue, int most, status_each_fn *each, queue_done *fn, void *arg)
{
    struct listing *l = xcalloc(1, sizeof *l);
    struct args a;
    l->queue = queue;
    l->each = each;
    l->fn = fn;
    l->arg = arg;
    l->join = join_new(on_all_listed, l);
    args_init(&a, "ZREVRANGE");
    args_z(&a, "loa:broadcasts");
    args_z(&a, "0");
    args_int(&a, most > 0 ? most - 1 : 0);
    queue_send(queue, &a, on_ids, l);
}

/* ---- Announcing ---- */

struct announcing {
    struct queue *queue;
    struct arena *arena;
    struct str field[FIELD_N];
    char id[80], content[HASH_HEX]; /* as the gateway puts it down when it takes it in */
    announce_fn *fn;
    void *arg;
};

static void
announcing_end(struct announcing *n, enum announce_verdict verdict, const struct err *err)
{
    n->fn(n->arg, verdict, err);
    arena_free(&n->arena);
    free(n);
}

static void
on_added(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply;
    announcing_end(arg, ANNOUNCE_SENT, err);
}

static void
on_searched(void *arg, const struct redisReply *entry, const struct err *err)
{
    struct announcing *n = arg;
    struct args a;
    if (err || entry) {
        announcing_end(n, ANNOUNCE_KNOWN, err);
        return;
    }
    args_init(&a, "XADD");
    args_z(&a, STREAM_ANNOUNCED);
    args_z(&a, "*");
    for (int i = 0; i < FIELD_N; i++) {
        if (n->field[i].n > 0) {
            args_z(&a, announcement_field_names[i]);
            args_str(&a, n->field[i]);
        }
    }
    queue_send(n->queue, &a, on_added, n);
}

static void
on_exists(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct announcing *n = arg;
    bool known = !reply_is_nil(reply_at(reply, 0));
    struct str content = reply_str_at(reply, 1);
    if (err || known) {
        bool other = content.n > 0 && !str_equal_z(content, n->content);
        announcing_end(n, other ? ANNOUNCE_OTHER : ANNOUNCE_KNOWN, err);
    } else {
        search_stream(n->queue, STREAM_ANNOUNCED, n->id, on_searched, n);
    }
}

void
broadcast_announce(struct queue *queue, const struct announcement *a, announce_fn *fn, void *arg)
{
    struct announcing *n = xcalloc(1, sizeof *n);
    struct args args;
    n->queue = queue;
    n->arena = arena_new();
    n->fn = fn;
    n->arg = arg;
    for (int i = 0; i < FIELD_N; i++) {
        struct str s = a->field[i];
        n->field[i] = (struct str){arena_strndup(n->arena, s.p ? s.p : "", s.n), s.n};
    }
    (void)snprintf(n->id, sizeof n->id, "%.*s", (int)n->field[FIELD_ID].n, n->field[FIELD_ID].p);
    hash_announcement(a, n->content);
    args_init(&args, "HMGET");
    args_format(&args, "loa:broadcast:{%s}", n->id);
    args_z(&args, "state");
    args_z(&args, "content");
    queue_send(queue, &args, on_exists, n);
}

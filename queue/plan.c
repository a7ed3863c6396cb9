/* Cutting a frozen audience into chunks, some at a time.
 *
 *   take the plan's lease + read the audience (once, kept; known of one created here) → columns of
 * the directory → sharers of the addresses that are shared → loa_plan → feed the routes' streams
 *
 * loa_plan refuses all but the next chunk, so a planner that is killed anywhere repeats nothing,
 * and two planners do no harm.  What a killed planner did not feed, the sweep feeds. */
// SPDX-License-Identifier: MIT
#include "queue/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/hash.h"
#include "gateway/core/mem.h"
#include "gateway/core/recipients.h"
#include "queue/handle.h"
#include "queue/join.h"
#include "queue/planned.h"
#include "queue/work.h"

enum {
    AT_ONCE = 16,       /* chunks a turn at most: 4,096 members */
    GAP = 128,          /* unwanted numbers that are read along rather than asked around */
    SPANS_MAX = 1024,   /* columns asked for in one call */
    SKIP_SIZE = 6,      /* place and reason */
    FIRST_TURN = 1,     /* chunks of a broadcast's first turn: it leaves at once */
    SHARERS_MAX = 1024, /* addresses asked for in one call */
    TABLE = 4096,
    PREFER_AT = 1 + 2 * ADDRESS_KINDS, /* in what loa_columns answers, the last */
    COLUMNS_MAX = PREFER_AT + 1,
    FED_FROM = 7, /* in loa_plan's answer: the chunks to be fed */
};

/* One turn. */
struct turn {
    struct queue *queue;
    struct planned *plan;
    plan_fn *fn;
    void *arg;
    uint32_t budget;
    const struct routing *routing;
    bool phones_by_zalo;
    struct plan_answer answer;
    size_t n; /* members of this turn */
    uint32_t numbers[AT_ONCE * CHUNK_MEMBERS];
    struct recipient recipients[AT_ONCE * CHUNK_MEMBERS];
    size_t spans_n;
    struct span spans[AT_ONCE * CHUNK_MEMBERS];
    struct buf columns;       /* of the directory: copied, as recipients borrow from it */
    struct buf chunks, skips; /* what loa_plan is given */
    char letters[AT_ONCE * CHUNK_MEMBERS]; /* and the members' routes */
    /* A round of questions for sharers: the recipients from `round_from` to before `asked_from`. */
    size_t round_from, asked_from, asked_n;
    uint16_t asked[SHARERS_MAX];                /* question → the recipient it was asked for */
    uint16_t question[AT_ONCE * CHUNK_MEMBERS]; /* recipient → its question */
    uint16_t table[TABLE];                      /* hash of an address → question + 1 */
};

/* ---- The end of a turn ---- */

static void
turn_end(struct turn *t, const struct err *err)
{
    struct queue *queue = t->queue;
    struct planned *plan = t->plan;
    if (plan) {
        plan->busy = false;
        if (err || t->answer.complete || t->answer.held) {
            planned_forget(queue, plan);
        }
    }
    t->fn(t->arg, err ? NULL : &t->answer, err);
    buf_deinit(&t->columns);
    buf_deinit(&t->chunks);
    buf_deinit(&t->skips);
    free(t);
}

static void
on_failed(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply;
    turn_end(arg, err);
}

/* Ends the turn from the loop, as broadcast_plan() may be on the stack. */
static void
turn_fail(struct turn *t, const char *why)
{
    struct err err;
    (void)err_set(&err, ERR_AGAIN, "planning %s: %s", t->plan->id, why);
    queue_fail(t->queue, &err, on_failed, t);
}

/* ---- Step 4: record the chunks, feed them ---- */

static void
on_fed(void *arg, const struct err *err)
{
    turn_end(arg, err);
}

/* Unknown ones are passed over. */
static void
read_channels(struct turn *t)
{
    struct planned *p = t->plan;
    struct str channels = str_of(p->channels);
    p->channels_n = 0;
    while (channels.p && channels.n > 0 && p->channels_n < CHANNELS_MAX) {
        struct str one = str_cut(&channels, ',');
        char *name = p->channel[p->channels_n];
        struct recipient_channel *reach = &p->reach[p->channels_n];
        (void)snprintf(name, sizeof p->channel[0], "%.*s", (int)one.n, one.p);
        if (channel_address(name, &reach->kind)) {
            reach->or_phone = reach->kind == ADDRESS_ZALO && t->phones_by_zalo;
            p->channels_n++;
        }
    }
}

/* Reads loa_plan's verdict into the turn; false when the turn ended by it. */
static bool
read_verdict(struct turn *t, const struct redisReply *reply, const struct err *err)
{
    if (err) {
        turn_end(t, err);
        return false;
    }
    struct str verdict = reply_str_at(reply, 0);
    struct planned *p = t->plan;
    p->planned = (uint32_t)reply_int_at(reply, 1, 0);
    p->chunks = (uint32_t)reply_int_at(reply, 2, 0);
    t->answer.planned = p->planned;
    if (str_equal_z(verdict, "GONE")) {
        struct err gone;
        (void)err_set(&gone, ERR_INPUT, "there is no broadcast %s", p->id);
        turn_end(t, &gone);
        return false;
    }
    t->answer.held = str_equal_z(verdict, "HELD");
    t->answer.complete =
        str_equal_z(verdict, "OVER") || (!t->answer.held && p->planned == p->chunks);
    const struct plan_terms terms = {queue_priority(reply_str_at(reply, 4)), reply_str_at(reply, 5),
                                     reply_str_at(reply, 6)};
    planned_terms(p, &terms);
    read_channels(t);
    if (str_equal_z(verdict, "NEXT")) {
        p->placed = false; /* another planned meanwhile: go on behind it */
    }
    return true;
}

/* The chunks of one route, which stand in a row from element `i` on ("ROUTE n").  Returns where the
 * next route's begin. */
static size_t
feed_route(struct turn *t, struct join *join, const struct redisReply *reply, size_t i)
{
    uint32_t feed[AT_ONCE];
    int n = 0;
    struct str rest = reply_str_at(reply, i), route = str_cut(&rest, ' ');
    for (; i < reply_count(reply) && n < AT_ONCE; i++) {
        struct str text = reply_str_at(reply, i), name = str_cut(&text, ' ');
        uint64_t chunk;
        if (!str_equal(name, route) || !str_to_u64(text, UINT32_MAX, &chunk)) {
            break;
        }
        feed[n++] = (uint32_t)chunk;
    }
    if (n == 0) {
        return i + 1; /* nothing of ours */
    }
    char name[ROUTE_NAME_SIZE];
    struct work_chunks chunks = {t->plan->id, t->plan->priority, feed, n};
    (void)snprintf(name, sizeof name, "%.*s", (int)route.n, route.p);
    join_add(join);
    work_feed(t->queue, name, &chunks, join_answer, join);
    return i;
}

static void
on_recorded(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct turn *t = arg;
    if (!read_verdict(t, reply, err)) {
        return;
    }
    if (t->plan->placed) {
        t->plan->number = t->numbers[t->n - 1] + 1;
    }
    struct join *join = join_new(on_fed, t);
    for (size_t i = FED_FROM; i < reply_count(reply);) {
        i = feed_route(t, join, reply, i);
    }
    join_end(join);
}

/* The letter of a member's route in the broadcast. */
static char
route_of(const struct turn *t, const struct recipient *r)
{
    const struct planned *p = t->plan;
    const char *channel = p->channel[r->channel];
    const struct routing_route *route =
        t->routing ? routing_find(t->routing, channel, r->address[r->channel]) : NULL;
    char letter = route ? routing_letter(str_of(p->routes), route->name) : '\0';
    if (letter == '\0') {
        letter = routing_letter(str_of(p->routes), channel);
    }
    return letter ? letter : p->routes[0];
}

/* One chunk's text into `chunks`, its skips into `skips`. */
static void
write_chunk(struct turn *t, size_t from, size_t n)
{
    chunk_write(t->recipients + from, n, t->plan->channels_n, &t->chunks);
    for (size_t i = 0; i < n; i++) {
        t->letters[from + i] = route_of(t, &t->recipients[from + i]);
        enum recipient_skip skip = t->recipients[from + i].skip;
        if (skip != SKIP_NOT) {
            buf_add_char(&t->skips, (char)(unsigned char)i);
            buf_add_format(&t->skips, "%-*.*s", SKIP_SIZE - 1, SKIP_SIZE - 1,
                           recipient_reason(skip));
        }
    }
}

static void
record(struct turn *t)
{
    struct args a;
    size_t chunk_end[AT_ONCE], skip_end[AT_ONCE], n = 0;
    for (size_t from = 0; from < t->n; from += CHUNK_MEMBERS) {
        size_t left = t->n - from;
        write_chunk(t, from, left < CHUNK_MEMBERS ? left : CHUNK_MEMBERS);
        chunk_end[n] = t->chunks.n;
        skip_end[n++] = t->skips.n;
    }
    args_fcall(&a, "loa_plan", "loa:broadcast:{%s}", t->plan->id);
    args_z(&a, queue_worker(t->queue));
    args_int(&a, LEASE_MS);
    args_int(&a, t->plan->planned);
    for (size_t i = 0; i < n; i++) {
        size_t chunk = i ? chunk_end[i - 1] : 0, skip = i ? skip_end[i - 1] : 0;
        args_bytes(&a, t->chunks.p + chunk, chunk_end[i] - chunk);
        args_bytes(&a, t->skips.p ? t->skips.p + skip : "", skip_end[i] - skip);
        size_t from = i * CHUNK_MEMBERS, left = t->n - from;
        bool one = strchr(t->plan->routes, ',') == NULL;
        args_bytes(&a, t->letters + from, one ? 0 : left < CHUNK_MEMBERS ? left : CHUNK_MEMBERS);
    }
    queue_send(t->queue, &a, on_recorded, t);
}

/* ---- Step 3: who shares an address with whom ---- */

static void ask_sharers(struct turn *t);

static void
on_sharers(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct turn *t = arg;
    if (err) {
        turn_end(t, err);
        return;
    }
    for (size_t i = t->round_from; i < t->asked_from; i++) {
        struct recipient *r = &t->recipients[i];
        if (r->shares && recipient_is_duplicate(r->number, reply_str_at(reply, t->question[i]),
                                                &t->plan->audience)) {
            r->skip = SKIP_DUPLICATE;
        }
    }
    ask_sharers(t);
}

/* Which question of this round is about the identity of recipient `i`: one that many share is
 * asked for once.  False when it is a new one and the round is full. */
static bool
question_of(struct turn *t, size_t i, bool *is_new)
{
    const struct recipient *r = &t->recipients[i];
    size_t at = hash_fnv32(r->identity) % TABLE;
    while (t->table[at] != 0) {
        size_t asked = t->table[at] - 1U;
        const struct recipient *other = &t->recipients[t->asked[asked]];
        if (other->same_by == r->same_by && str_equal(other->identity, r->identity)) {
            t->question[i] = (uint16_t)asked;
            *is_new = false;
            return true;
        }
        at = (at + 1) % TABLE;
    }
    if (t->asked_n == SHARERS_MAX) {
        return false;
    }
    t->asked[t->asked_n] = (uint16_t)i;
    t->question[i] = (uint16_t)t->asked_n++;
    t->table[at] = (uint16_t)t->asked_n;
    *is_new = true;
    return true;
}

static void
ask_sharers(struct turn *t)
{
    struct args a;
    args_init(&a, "HMGET");
    args_z(&a, QUEUE_DIRECTORY "sharers");
    memset(t->table, 0, sizeof t->table);
    t->asked_n = 0;
    t->round_from = t->asked_from;
    for (; t->asked_from < t->n; t->asked_from++) {
        bool is_new = false;
        if (!t->recipients[t->asked_from].shares) {
            continue;
        }
        if (!question_of(t, t->asked_from, &is_new)) {
            break;
        }
        if (is_new) {
            static const char *const tags[ADDRESS_KINDS] = {"", "z:", "t:"};
            const struct recipient *r = &t->recipients[t->asked_from];
            args_format(&a, "%s%.*s", tags[r->same_by], (int)r->identity.n, r->identity.p);
        }
    }
    if (t->asked_n > 0) {
        queue_send(t->queue, &a, on_sharers, t);
    } else {
        record(t);
    }
}

/* ---- Step 2: the directory's columns ---- */

static void
on_columns(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct turn *t = arg;
    struct str column[COLUMNS_MAX] = {{NULL, 0}};
    if (err) {
        turn_end(t, err);
        return;
    }
    size_t n = reply_count(reply) < COLUMNS_MAX ? reply_count(reply) : COLUMNS_MAX;
    for (size_t i = 0; i < n; i++) {
        buf_add_str(&t->columns, reply_str_at(reply, i));
    }
    const char *p = t->columns.p;
    for (size_t i = 0; i < n; i++) {
        column[i] = (struct str){p, reply_str_at(reply, i).n};
        p += column[i].n;
    }
    struct columns columns = {
        .spans = t->spans,
        .spans_n = t->spans_n,
        .sharing = column[0],
        .prefer = column[PREFER_AT],
        .channels = t->plan->reach,
        .channels_n = t->plan->channels_n,
    };
    for (size_t kind = 0; kind < ADDRESS_KINDS; kind++) {
        columns.addresses[kind] = column[1 + 2 * kind];
        columns.opted_out[kind] = column[2 + 2 * kind];
    }
    if (!recipients_read(&columns, t->numbers, t->n, t->recipients)) {
        turn_fail(t, "the directory's columns came incomplete");
        return;
    }
    t->asked_from = 0;
    ask_sharers(t);
}

static void
ask_columns(struct turn *t)
{
    struct args a;
    struct buf spans;
    buf_init(&spans, (size_t)SPANS_MAX * 32);
    for (size_t i = 0; i < t->spans_n; i++) {
        buf_add_format(&spans, "%u-%u ", t->spans[i].low, t->spans[i].high);
    }
    args_fcall(&a, "loa_columns", QUEUE_DIRECTORY "phones");
    args_str(&a, buf_str(&spans));
    /* In the order of enum address_kind.  Who is reached by phone alone is known by it. */
    bool phones = t->plan->channels_n == 1 && t->plan->reach[0].kind == ADDRESS_PHONE;
    args_z(&a, "sms");
    if (!phones) {
        args_z(&a, "zalo");
        args_z(&a, "telegram");
    }
    if (t->plan->channels_n > 1 && t->plan->priority != PRIORITY_EMERGENCY) {
        args_z(&a, "prefer");
    }
    queue_send(t->queue, &a, on_columns, t);
    buf_deinit(&spans);
}

/* Chooses the next members: whole chunks within the budget, fewer when they lie far apart. */
static void
choose(struct turn *t)
{
    struct planned *p = t->plan;
    if (!p->placed) {
        p->placed = true;
        if (!bitmap_at(&p->audience, p->planned * CHUNK_MEMBERS, &p->number)) {
            turn_fail(t, "the frozen audience is shorter than its chunks");
            return;
        }
    }
    uint32_t budget = p->planned == 0 && t->budget > FIRST_TURN ? FIRST_TURN : t->budget;
    t->n = bitmap_select(&p->audience, p->number, t->numbers, (size_t)budget * CHUNK_MEMBERS);
    t->spans_n = spans_cover(t->numbers, t->n, GAP, t->spans);
    if (t->spans_n > SPANS_MAX && t->n > CHUNK_MEMBERS) {
        size_t chunks = t->n / CHUNK_MEMBERS * SPANS_MAX / t->spans_n;
        t->n = (chunks ? chunks : 1) * CHUNK_MEMBERS;
        t->spans_n = spans_cover(t->numbers, t->n, GAP, t->spans);
    }
    if (t->n == 0) {
        turn_fail(t, "the frozen audience is shorter than its chunks");
        return;
    }
    ask_columns(t);
}

/* ---- Step 1: the lease and the audience ---- */

static void
on_audience(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct turn *t = arg;
    struct str bytes = reply_str(reply);
    if (err || t->answer.held || t->answer.complete) {
        turn_end(t, err);
        return;
    }
    t->plan->audience = bitmap_copy(bytes.p, bytes.n);
    choose(t);
}

static void
on_lease(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct turn *t = arg;
    if (!read_verdict(t, reply, err)) {
        return;
    }
    if (t->answer.held || t->answer.complete) {
        turn_end(t, NULL);
        return;
    }
    struct args a;
    args_init(&a, "GET");
    args_format(&a, "loa:broadcast:{%s}:audience", t->plan->id);
    queue_send(t->queue, &a, on_audience, t);
}

static void
ask_lease(struct turn *t)
{
    struct args a;
    args_fcall(&a, "loa_plan", "loa:broadcast:{%s}", t->plan->id);
    args_z(&a, queue_worker(t->queue));
    args_int(&a, LEASE_MS);
    args_int(&a, -1);
    queue_send(t->queue, &a, on_lease, t);
}

static void
on_busy(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct turn *t = arg;
    (void)reply;
    (void)err;
    t->answer.held = true;
    turn_end(t, NULL);
}

void
broadcast_plan(struct queue *queue, const char *id, const struct plan_ask *ask, plan_fn *fn,
               void *arg)
{
    struct turn *t = xcalloc(1, sizeof *t);
    t->queue = queue;
    t->fn = fn;
    t->arg = arg;
    t->budget = ask->budget < 1 ? 1 : ask->budget > AT_ONCE ? AT_ONCE : (uint32_t)ask->budget;
    t->routing = ask->routing;
    t->phones_by_zalo = ask->phones_by_zalo;
    buf_init(&t->columns, (size_t)64 << 20);
    buf_init(&t->chunks, (size_t)AT_ONCE * CHUNK_MEMBERS * 96);
    buf_init(&t->skips, (size_t)AT_ONCE * CHUNK_MEMBERS * SKIP_SIZE);
    struct planned *plan = planned_of(queue, id);
    if (plan->busy) {
        struct err none = {0};
        queue_fail(queue, &none, on_busy, t);
        return;
    }
    t->plan = plan;
    plan->busy = true;
    if (plan->audience.bytes) {
        read_channels(t);
        choose(t);
    } else {
        ask_lease(t);
    }
}

/* ---- Giving it back ---- */

struct give_back {
    struct queue *queue;
    queue_done *fn;
    void *arg;
};

static void
on_known(void *arg, const struct err *err)
{
    struct give_back *g = arg;
    g->fn(g->arg, err);
    free(g);
}

/* The others sweep at once. */
static void
on_given_back(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct give_back *g = arg;
    struct args a;
    (void)reply;
    if (err) {
        on_known(g, err);
        return;
    }
    args_init(&a, "INCR");
    args_z(&a, "loa:control");
    queue_send_plain(g->queue, &a, on_known, g);
}

void
broadcast_plan_give_back(struct queue *queue, const char *id, queue_done *fn, void *arg)
{
    struct give_back *g = xmalloc(sizeof *g);
    struct args a;
    *g = (struct give_back){queue, fn, arg};
    args_fcall(&a, "loa_plan", "loa:broadcast:{%s}", id);
    args_z(&a, queue_worker(queue));
    args_int(&a, 0);
    args_int(&a, -1);
    queue_send(queue, &a, on_given_back, g);
}

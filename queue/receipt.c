/* Message ids and receipts: the calls of queue/receipt.lua. */
// SPDX-License-Identifier: MIT
#include "queue/receipt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "gateway/core/message_id.h"
#include "queue/join.h"
#include "queue/retell.h"
#include "queue/touched.h"
#include "queue/untold.h"

enum { BATCH = 128, DAY_S = 86400 }; /* entries of one Function call; receipt.SWEEP */

/* A receipt with the place that its id led to; borrowed from a reply. */
struct settle {
    struct str id; /* broadcast; empty: nothing to settle */
    struct str reason, message_id;
    int64_t at_s;
    uint32_t index, order;
    uint8_t attempt, part, parts;
    char letter; /* D, U, A, or I: nothing but an id */
};

/* ---- ids ---- */

struct ids {
    int early;
    ids_fn *fn;
    void *arg;
    struct join *join;
};

static void
on_ids(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct ids *ids = arg;
    ids->early += (int)reply_int(reply, 0);
    join_answer(ids->join, err);
}

static void
on_ids_joined(void *arg, const struct err *err)
{
    struct ids *ids = arg;
    struct ids_answer answer = {.early = ids->early};
    ids->fn(ids->arg, err ? NULL : &answer, err);
    free(ids);
}

void
receipt_ids(struct queue *queue, const char *link, const struct id_entry *entries, int n,
            ids_fn *fn, void *arg)
{
    struct ids *ids = xcalloc(1, sizeof *ids);
    ids->fn = fn;
    ids->arg = arg;
    ids->join = join_new(on_ids_joined, ids);
    int at = 0;
    do {
        struct args a;
        args_fcall(&a, "loa_ids", "loa:link:{%s}", link);
        args_int(&a, queue_conf(queue)->receipts_wait_ms / 1000 + DAY_S);
        for (int i = 0; i < BATCH && at < n; i++, at++) {
            const struct id_entry *e = &entries[at];
            args_z(&a, e->message_id);
            const uint32_t place[] = {e->index, e->attempt, e->part, e->parts};
            args_joined(&a, str_of(e->id), place, 4);
        }
        join_add(ids->join);
        retell_keep(queue, &a);
        queue_send(queue, &a, on_ids, ids);
    } while (at < n);
    join_end(ids->join);
}

/* ---- Settling ---- */

static bool
number_before(struct str *rest, uint64_t max, uint64_t *value)
{
    return str_to_u64(str_cut(rest, ':'), max, value);
}

/* Reads "ID:index:attempt:part:parts" into `s`; an unreadable one stays without a broadcast. */
static void
read_place(struct str text, struct settle *s)
{
    uint64_t index = 0, attempt = 0, part = 0, parts = 0;
    struct str id = str_cut(&text, ':');
    if (number_before(&text, UINT32_MAX, &index) && number_before(&text, UINT8_MAX, &attempt) &&
        number_before(&text, UINT8_MAX, &part) && number_before(&text, UINT8_MAX, &parts)) {
        s->id = id;
        s->index = (uint32_t)index;
        s->attempt = (uint8_t)attempt;
        s->part = (uint8_t)part;
        s->parts = (uint8_t)parts;
    }
}

/* Whether `b` says of the next member what `a`, whose run has n members, says. */
static bool
continues(const struct settle *a, uint32_t n, const struct settle *b)
{
    return a->letter == 'D' && b->letter == 'D' && a->parts <= 1 && b->parts <= 1 &&
           b->index == a->index + n && a->attempt == b->attempt && a->at_s == b->at_s;
}

static void
add_settle(struct args *a, const struct settle *s, uint32_t n)
{
    args_int(a, s->index);
    args_int(a, n);
    struct str why = s->letter == 'A' ? s->message_id : s->reason;
    args_str(a, (struct str){&s->letter, 1});
    args_int(a, s->attempt);
    args_int(a, s->part);
    args_int(a, s->parts ? s->parts : 1);
    args_str(a, why.n ? why : STR("-"));
    args_int(a, s->at_s);
}

static int
compare_ids(struct str a, struct str b)
{
    if (a.n != b.n) {
        return a.n < b.n ? -1 : 1;
    }
    return a.n ? memcmp(a.p, b.p, a.n) : 0;
}

/* By broadcast, member, and then as they came. */
static int
compare(const void *left, const void *right)
{
    const struct settle *a = left, *b = right;
    int ids = compare_ids(a->id, b->id);
    if (ids != 0) {
        return ids;
    }
    if (a->index != b->index) {
        return a->index < b->index ? -1 : 1;
    }
    return a->order < b->order ? -1 : 1;
}

/* Where a batch of receipts comes from and goes to. */
struct settling {
    struct queue *queue;
    const char *link; /* owned by the copy that is under way */
    bool count;       /* duplicates count */
    struct join *join;
    char *id; /* owned by that copy: the broadcast */
};

/* The members that a link's receipts made (un)delivered are counted as its own, too. */
static void
count_for_link(const struct settling *s, const char *counter, int64_t gain)
{
    if (gain <= 0) {
        return;
    }
    struct args a;
    args_init(&a, "HINCRBY");
    args_format(&a, "loa:link:{%s}:totals", s->link);
    args_z(&a, counter);
    args_int(&a, gain);
    join_add(s->join);
    queue_send(s->queue, &a, join_reply, s->join);
}

static void
on_settled(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct settling *s = arg;
    if (!err) {
        count_for_link(s, "link:messages_delivered", reply_int_at(reply, 1, 0));
        count_for_link(s, "link:messages_undelivered", reply_int_at(reply, 2, 0));
        untold_feed(s->queue, s->id, reply, 3);
    }
    join_answer(s->join, err);
    free(s->id);
    free((void *)(uintptr_t)s->link);
    free(s);
}

/* Settles those at the front of `all` that are of one broadcast; returns how many.  Members in a
 * row of whom all is said alike go as one. */
static size_t
settle_broadcast(const struct settling *to, const struct settle *all, size_t n)
{
    struct args a;
    args_fcall(&a, "loa_settle", "loa:broadcast:{%.*s}", (int)all->id.n, all->id.p);
    args_int(&a, to->count ? 1 : 0);
    size_t at = 0;
    while (at < n && str_equal(all[at].id, all->id)) {
        uint32_t run_n = 1;
        while (at + run_n < n && str_equal(all[at + run_n].id, all->id) &&
               continues(&all[at], run_n, &all[at + run_n])) {
            run_n++;
        }
        add_settle(&a, &all[at], run_n);
        at += run_n;
    }
    touched_add(to->queue, all->id);
    struct settling *sent = xmalloc(sizeof *sent);
    *sent = *to;
    sent->link = xstrdup(to->link);
    sent->id = xstrndup(all->id.p, all->id.n);
    join_add(to->join);
    queue_send(to->queue, &a, on_settled, sent);
    return at;
}

/* One Function a broadcast. */
static void
settle_all(const struct settling *to, struct settle *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        all[i].order = (uint32_t)i;
    }
    qsort(all, n, sizeof *all, compare);
    size_t at = 0;
    while (at < n) {
        at += all[at].id.n ? settle_broadcast(to, all + at, n - at) : 1;
    }
}

/* ---- Receipts as they come ---- */

struct record {
    struct queue *queue;
    char *link;
    struct join *join;
    int n;
    struct {
        char letter;
        char reason[6];
        char id[MESSAGE_ID_ROOM]; /* of a late answer */
        int64_t at_s;
    } entries[BATCH];
};

static void
on_receipts(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct record *r = arg;
    struct settle all[BATCH];
    size_t n = 0;
    for (int i = 0; i < r->n && !err; i++) {
        struct str place = reply_str_at(reply, (size_t)i);
        if (place.n == 0) {
            continue; /* parked */
        }
        all[n] = (struct settle){.reason = str_of(r->entries[i].reason),
                                 .message_id = str_of(r->entries[i].id),
                                 .at_s = r->entries[i].at_s,
                                 .letter = r->entries[i].letter};
        if (all[n].letter != 'I') {
            read_place(place, &all[n++]);
        }
    }
    settle_all(&(struct settling){r->queue, r->link, true, r->join, NULL}, all, n);
    join_answer(r->join, err);
    free(r->link);
    free(r);
}

static char
letter_of(const struct receipt_entry *e)
{
    switch (e->late) {
    case RECEIPT_LATE_PART:
        return 'I';
    case RECEIPT_LATE_WHOLE:
        return 'A';
    case RECEIPT_NOT_LATE:
        break;
    }
    return e->delivered ? 'D' : 'U';
}

static void
record_batch(struct queue *queue, const char *link, const struct receipt_entry *entries, int n,
             struct join *join)
{
    struct record *r = xcalloc(1, sizeof *r);
    struct args a;
    r->queue = queue;
    r->link = xstrdup(link);
    r->join = join;
    r->n = n;
    args_fcall(&a, "loa_receipts", "loa:link:{%s}", link);
    args_int(&a, queue_conf(queue)->receipts_wait_ms / 1000 / DAY_S + 1);
    for (int i = 0; i < n; i++) {
        const struct receipt_entry *e = &entries[i];
        r->entries[i].letter = letter_of(e);
        if (e->late == RECEIPT_LATE_WHOLE && *e->message_id != RECEIPT_NO_ID) {
            (void)snprintf(r->entries[i].id, sizeof r->entries[i].id, "%s", e->message_id);
        }
        r->entries[i].at_s = e->at_s;
        memcpy(r->entries[i].reason, e->reason, sizeof e->reason);
        r->entries[i].reason[sizeof e->reason - 1] = '\0';
        args_z(&a, e->message_id);
        args_str(&a, (struct str){&r->entries[i].letter, 1});
        args_z(&a, e->reason[0] ? r->entries[i].reason : "-");
        args_int(&a, e->at_s);
        args_z(&a, e->reference && *e->reference ? e->reference : "-");
    }
    join_add(join);
    retell_keep_as(queue, &a, "loa_receipts_again");
    queue_send(queue, &a, on_receipts, r);
}

void
receipt_record(struct queue *queue, const char *link, const struct receipt_entry *entries, int n,
               queue_done *fn, void *arg)
{
    struct join *join = join_new(fn, arg);
    int at = 0;
    do {
        int take = n - at < BATCH ? n - at : BATCH;
        record_batch(queue, link, entries + at, take, join);
        at += take;
    } while (at < n);
    join_end(join);
}

/* ---- The sweep ---- */

struct sweep {
    struct queue *queue;
    char *link;
    queue_done *fn;
    void *arg;
    int n;
    char *ids[BATCH]; /* message ids that are being settled */
};

static void
sweep_end(struct sweep *s, const struct err *err)
{
    s->fn(s->arg, err);
    for (int i = 0; i < s->n; i++) {
        free(s->ids[i]);
    }
    free(s->link);
    free(s);
}

static void
on_forgotten(void *arg, const struct err *err)
{
    sweep_end(arg, err);
}

/* All are settled: they need not be kept any more. */
static void
on_swept(void *arg, const struct err *err)
{
    struct sweep *s = arg;
    if (err || s->n == 0) {
        sweep_end(s, err);
        return;
    }
    struct args a;
    args_fcall(&a, "loa_settled", "loa:link:{%s}", s->link);
    for (int i = 0; i < s->n; i++) {
        args_z(&a, s->ids[i]);
    }
    queue_send_plain(s->queue, &a, on_forgotten, s);
}

static void
on_ready(void *arg, const struct redisReply *reply, const struct err *err)
{
    enum { FIELDS = 5 };
    struct sweep *s = arg;
    struct settle all[BATCH];
    size_t n = reply_count(reply) / FIELDS;
    n = n > BATCH ? BATCH : n;
    struct join *join = join_new(on_swept, s);
    for (size_t i = 0; i < n; i++) {
        struct str id = reply_str_at(reply, i * FIELDS);
        struct str letter = reply_str_at(reply, i * FIELDS + 1);
        struct str reason = reply_str_at(reply, i * FIELDS + 2);
        all[i] = (struct settle){
            .letter = letter.n == 1 ? letter.p[0] : 'U',
            .message_id = id.n && id.p[0] != RECEIPT_NO_ID ? id : STR(""),
            .reason = str_equal_z(reason, "-") ? STR("") : reason,
            .at_s = reply_int_at(reply, i * FIELDS + 3, 0),
        };
        if (all[i].letter != 'I') {
            read_place(reply_str_at(reply, i * FIELDS + 4), &all[i]);
        }
        s->ids[s->n++] = xstrndup(id.p, id.n);
    }
    settle_all(&(struct settling){s->queue, s->link, false, join, NULL}, all, n);
    join_answer(join, err);
}

void
receipt_sweep(struct queue *queue, const char *link, queue_done *fn, void *arg)
{
    struct sweep *s = xcalloc(1, sizeof *s);
    s->queue = queue;
    s->link = xstrdup(link);
    s->fn = fn;
    s->arg = arg;
    struct args a;
    args_fcall(&a, "loa_sweep_early", "loa:link:{%s}", link);
    queue_send(queue, &a, on_ready, s);
}

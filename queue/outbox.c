/* Single messages beside the broadcasts: the calls of queue/outbox.lua. */
// SPDX-License-Identifier: MIT
#include "queue/outbox.h"

#include <stdlib.h>

#include "gateway/core/mem.h"
#include "queue/redis.h"

#define OUTBOX "loa:outbox:{out}"

void
outbox_add(struct queue *queue, const struct outbox_entry *entry, queue_done *fn, void *arg)
{
    struct args a;
    args_fcall(&a, "loa_outbox_add", OUTBOX);
    args_z(&a, entry->id);
    args_z(&a, entry->to);
    args_z(&a, entry->text);
    args_z(&a, entry->link);
    args_z(&a, entry->why);
    queue_send_plain(queue, &a, fn, arg);
}

struct taking {
    outbox_fn *fn;
    void *arg;
};

static void
on_taken(void *arg, const struct redisReply *reply, const struct err *err)
{
    enum { FIELDS = 5 };
    struct taking *t = arg;
    struct outbox_taken taken[OUTBOX_TAKE_MAX];
    size_t n = reply_count(reply) / FIELDS;
    n = n > OUTBOX_TAKE_MAX ? OUTBOX_TAKE_MAX : n;
    for (size_t i = 0; i < n; i++) {
        taken[i] = (struct outbox_taken){
            .id = reply_str_at(reply, i * FIELDS),
            .to = reply_str_at(reply, i * FIELDS + 1),
            .text = reply_str_at(reply, i * FIELDS + 2),
            .link = reply_str_at(reply, i * FIELDS + 3),
            .attempt = (uint32_t)reply_int_at(reply, i * FIELDS + 4, 1),
        };
    }
    t->fn(t->arg, taken, n, err);
    free(t);
}

void
outbox_take(struct queue *queue, int64_t lease_ms, int most, bool resend, outbox_fn *fn, void *arg)
{
    struct taking *t = xmalloc(sizeof *t);
    struct args a;
    *t = (struct taking){fn, arg};
    args_fcall(&a, "loa_outbox_take", OUTBOX);
    args_int(&a, lease_ms);
    args_int(&a, most < OUTBOX_TAKE_MAX ? most : OUTBOX_TAKE_MAX);
    args_z(&a, resend ? "resend" : "hold");
    queue_send(queue, &a, on_taken, t);
}

void
outbox_done(struct queue *queue, const struct outbox_outcome *outcome, queue_done *fn, void *arg)
{
    struct args a;
    args_fcall(&a, "loa_outbox_done", OUTBOX);
    args_z(&a, outcome->id);
    args_int(&a, outcome->attempt);
    args_bytes(&a, &outcome->state, 1);
    args_int(&a, outcome->due_ms);
    args_z(&a, outcome->message_id);
    args_z(&a, outcome->reason);
    args_int(&a, outcome->parts);
    queue_send_plain(queue, &a, fn, arg);
}

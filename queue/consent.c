/* Who wants no messages any more, or again: loa_consent in the directory's slot, then loa_leave_out
 * in every broadcast under way. */
// SPDX-License-Identifier: MIT
#include "queue/consent.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "queue/join.h"
#include "queue/retell.h"
#include "queue/touched.h"
#include "queue/untold.h"

enum { NUMBERS_A_CALL = 100 };

struct wish {
    struct queue *queue;
    char *channel;
    bool out;
    uint32_t *numbers;
    struct consent_answer answer;
    struct join *join;
    consent_fn *fn;
    void *arg;
};

static void
wish_end(void *arg, const struct err *err)
{
    struct wish *w = arg;
    w->fn(w->arg, err ? NULL : &w->answer, err);
    free(w->channel);
    free(w->numbers);
    free(w);
}

struct leaving {
    struct wish *wish;
    char *id; /* owned: the broadcast */
};

static void
on_left_out(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct leaving *leaving = arg;
    struct wish *w = leaving->wish;
    if (!err) {
        w->answer.skipped += (uint64_t)reply_int_at(reply, 0, 0);
        untold_feed(w->queue, leaving->id, reply, 1);
    }
    free(leaving->id);
    free(leaving);
    join_answer(w->join, err);
}

static void
leave_out_of(struct wish *w, struct str id)
{
    for (size_t at = 0; at < w->answer.members_n; at += NUMBERS_A_CALL) {
        struct args a;
        args_fcall(&a, "loa_leave_out", "loa:broadcast:{%.*s}", (int)id.n, id.p);
        args_z(&a, w->channel);
        for (size_t i = at; i < w->answer.members_n && i < at + NUMBERS_A_CALL; i++) {
            args_int(&a, w->numbers[i]);
        }
        join_add(w->join);
        retell_keep(w->queue, &a);
        struct leaving *leaving = xmalloc(sizeof *leaving);
        *leaving = (struct leaving){w, xstrndup(id.p, id.n)};
        queue_send(w->queue, &a, on_left_out, leaving);
    }
    touched_add(w->queue, id);
}

static void
on_active(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct wish *w = arg;
    if (err) {
        wish_end(w, err);
        return;
    }
    w->join = join_new(wish_end, w);
    for (size_t i = 0; i < reply_count(reply); i++) {
        leave_out_of(w, reply_str_at(reply, i));
    }
    join_end(w->join);
}

static void
on_kept(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct wish *w = arg;
    size_t n = reply_count(reply);
    if (err || n < 2) {
        wish_end(w, err);
        return;
    }
    w->answer.since_s = reply_int_at(reply, 0, 0);
    w->answer.now_s = reply_int_at(reply, 1, 0);
    w->answer.members_n = n - 2;
    w->numbers = xcalloc(n - 1, sizeof *w->numbers);
    for (size_t i = 2; i < n; i++) {
        w->numbers[i - 2] = (uint32_t)reply_int_at(reply, i, 0);
    }
    if (!w->out || n == 2) {
        wish_end(w, NULL);
        return;
    }
    struct args a;
    args_init(&a, "SMEMBERS");
    args_z(&a, "loa:active");
    queue_send(w->queue, &a, on_active, w);
}

void
consent_set(struct queue *queue, const struct consent_wish *wish, consent_fn *fn, void *arg)
{
    struct wish *w = xcalloc(1, sizeof *w);
    struct args a;
    w->queue = queue;
    w->channel = xstrdup(wish->channel);
    w->out = wish->out;
    w->fn = fn;
    w->arg = arg;
    args_fcall(&a, "loa_consent", QUEUE_DIRECTORY "optout:%s", wish->channel);
    args_z(&a, wish->channel);
    args_z(&a, wish->out ? "out" : "in");
    args_z(&a, wish->who);
    retell_keep(queue, &a);
    queue_send(queue, &a, on_kept, w);
}

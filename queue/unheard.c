/* Accepted messages that no receipt has told of: the calls of queue/unheard.lua. */
// SPDX-License-Identifier: MIT
#include "queue/unheard.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "queue/join.h"
#include "queue/redis.h"

void
unheard_expect(struct queue *queue, const char *link, const char *const *message_ids, int n,
               int64_t wait_ms)
{
    struct args a;
    args_fcall(&a, "loa_unheard_expect", "loa:link:{%s}", link);
    args_int(&a, wait_ms);
    for (int i = 0; i < n && i < UNHEARD_MOST; i++) {
        args_z(&a, message_ids[i]);
    }
    queue_send(queue, &a, queue_ignore_reply, NULL);
}

/* ---- Taking. */

struct taking {
    struct queue *queue;
    char *link;
    int most;
    bool full;
    unheard_fn *each;
    unheard_done *fn;
    void *arg;
    struct join *join;
};

/* One of them: is its member still only accepted? */
struct looking {
    struct taking *taking;
    char *row, *message_id;
};

static void
forget(const struct looking *l)
{
    struct args a;
    args_init(&a, "ZREM");
    args_format(&a, "loa:link:{%s}:unheard", l->taking->link);
    args_z(&a, l->row);
    queue_send(l->taking->queue, &a, queue_ignore_reply, NULL);
}

static void
on_letter(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct looking *l = arg;
    struct taking *t = l->taking;
    if (!err && str_equal_z(reply_str(reply), "a")) {
        t->each(t->arg, l->message_id);
    } else if (!err) {
        forget(l);
    }
    free(l->row);
    free(l->message_id);
    free(l);
    join_answer(t->join, err);
}

static void
look(struct taking *t, struct str row, struct str message_id, struct str place)
{
    struct args a;
    uint64_t index = 0;
    struct str id = str_cut(&place, ':');
    if (id.n == 0 || !str_to_u64(str_cut(&place, ':'), UINT32_MAX, &index)) {
        return;
    }
    struct looking *l = xmalloc(sizeof *l);
    *l = (struct looking){t, xstrndup(row.p, row.n), xstrndup(message_id.p, message_id.n)};
    args_init(&a, "GETRANGE");
    args_format(&a, "loa:broadcast:{%.*s}:states", (int)id.n, id.p);
    args_int(&a, (int64_t)index);
    args_int(&a, (int64_t)index);
    join_add(t->join);
    queue_send(t->queue, &a, on_letter, l);
}

static void
on_taken(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct taking *t = arg;
    for (size_t i = 0; !err && i + 2 < reply_count(reply); i += 3) {
        look(t, reply_str_at(reply, i), reply_str_at(reply, i + 1), reply_str_at(reply, i + 2));
    }
    t->full = !err && reply_count(reply) >= (size_t)t->most * 3;
    join_answer(t->join, err);
}

static void
on_ended(void *arg, const struct err *err)
{
    struct taking *t = arg;
    t->fn(t->arg, t->full, err);
    free(t->link);
    free(t);
}

void
unheard_take(struct queue *queue, const char *link, int most, unheard_fn *each, unheard_done *fn,
             void *arg)
{
    struct taking *t = xmalloc(sizeof *t);
    struct args a;
    *t = (struct taking){queue, xstrdup(link), most, false, each, fn, arg, NULL};
    t->join = join_new(on_ended, t);
    args_fcall(&a, "loa_unheard_take", "loa:link:{%s}", link);
    args_int(&a, most);
    join_add(t->join);
    queue_send(queue, &a, on_taken, t);
    join_end(t->join);
}

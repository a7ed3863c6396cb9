/* Members' names, for messages that are made by name. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "gateway/core/member.h"
#include "gateway/core/recipients.h"
#include "queue/members.h"
#include "queue/redis.h"

enum { ASKED_MAX = 1000 };

struct asked {
    names_fn *fn;
    void *arg;
    size_t n;
};

static void
on_records(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct asked *asked = arg;
    struct arena *arena = arena_new();
    struct str *names = arena_alloc(arena, (asked->n + 1) * sizeof *names);
    for (size_t i = 0; !err && i < asked->n; i++) {
        names[i] = member_json_name(reply_str_at(reply, i), arena);
    }
    asked->fn(asked->arg, err ? NULL : names, err ? 0 : asked->n, err);
    arena_free(&arena);
    free(asked);
}

void
members_names(struct queue *queue, struct str runs, names_fn *fn, void *arg)
{
    struct asked *asked = xmalloc(sizeof *asked);
    struct args a;
    uint32_t numbers[ASKED_MAX];
    *asked = (struct asked){fn, arg, 0};
    if (!runs_read(runs, numbers, ASKED_MAX, &asked->n) || asked->n == 0) {
        struct err err;
        (void)err_set(&err, ERR_INPUT, "not a list of members: '%.*s'",
                      (int)(runs.n > 100 ? 100 : runs.n), runs.p);
        queue_fail(queue, &err, on_records, asked);
        return;
    }
    args_init(&a, "HMGET");
    args_z(&a, QUEUE_DIRECTORY "records");
    for (size_t i = 0; i < asked->n; i++) {
        args_int(&a, numbers[i]);
    }
    queue_send(queue, &a, on_records, asked);
}

/* Which routes somebody serves. */
// SPDX-License-Identifier: MIT
#include "queue/served.h"

#include <stdlib.h>

#include "gateway/core/mem.h"
#include "queue/redis.h"

void
served_tell(struct queue *queue, const char *route)
{
    struct args a;
    args_init(&a, "SET");
    args_format(&a, "loa:served:{%s}", route);
    args_z(&a, queue_worker(queue));
    args_z(&a, "EX");
    args_int(&a, SERVED_S);
    queue_send_plain(queue, &a, queue_ignore, NULL);
}

struct asking {
    unserved_fn *unserved;
    void *arg;
    char *route;
};

static void
on_exists(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct asking *q = arg;
    if (!err && reply_int(reply, 1) == 0) {
        q->unserved(q->arg, q->route);
    }
    free(q->route);
    free(q);
}

void
served_ask(struct queue *queue, const char *route, unserved_fn *unserved, void *arg)
{
    struct asking *q = xmalloc(sizeof *q);
    struct args a;
    *q = (struct asking){unserved, arg, xstrdup(route)};
    args_init(&a, "EXISTS");
    args_format(&a, "loa:served:{%s}", route);
    queue_send(queue, &a, on_exists, q);
}

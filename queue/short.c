/* Follows short links. */
// SPDX-License-Identifier: MIT
#include "queue/short.h"

#include <stdlib.h>

#include "gateway/core/mem.h"
#include "queue/redis.h"

struct following {
    struct queue *queue;
    short_fn *fn;
    void *arg;
};

/* Counted behind the answer: a phone does not wait for it. */
static void
count_click(struct queue *queue, struct str id)
{
    struct args a;
    args_fcall(&a, "loa_click", "loa:broadcast:{%.*s}", (int)(id.n > 64 ? 64 : id.n), id.p);
    queue_send(queue, &a, queue_ignore_reply, NULL);
}

static void
on_found(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct following *f = arg;
    struct str url = reply_str(reply);
    struct str id = str_cut(&url, ' ');
    f->fn(f->arg, url.p ? url : (struct str){"", 0}, err);
    if (!err && url.p && url.n > 0) {
        count_click(f->queue, id);
    }
    free(f);
}

void
short_follow(struct queue *queue, const char *code, short_fn *fn, void *arg)
{
    struct following *f = xmalloc(sizeof *f);
    struct args a;
    *f = (struct following){queue, fn, arg};
    args_init(&a, "GET");
    args_format(&a, "loa:short:%s", code);
    queue_send(queue, &a, on_found, f);
}

/* Turns of a platform's chats: the call of queue/chat.lua. */
// SPDX-License-Identifier: MIT
#include "queue/chat.h"

#include <inttypes.h>
#include <stdlib.h>

#include "gateway/core/mem.h"
#include "queue/redis.h"

struct call {
    struct chat_asks asks;
    chat_fn *fn;
    void *arg;
};

static void
on_turns(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct call *call = arg;
    for (size_t i = 0; i < call->asks.n && !err; i++) {
        call->asks.ask[i].wait_ms = (int)reply_int_at(reply, i, CHAT_MINE);
    }
    call->fn(call->arg, &call->asks, err);
    free(call);
}

void
chat_turns(struct queue *queue, const char *link, const struct chat_asks *asks, chat_fn *fn,
           void *arg)
{
    struct call *call = xcalloc(1, sizeof *call);
    struct args a;
    *call = (struct call){*asks, fn, arg};
    args_fcall(&a, "loa_chat", "loa:link:{%s}:chat", link);
    for (size_t i = 0; i < asks->n; i++) {
        args_format(&a, "%016" PRIx64, asks->ask[i].chat);
        args_int(&a, asks->ask[i].turn_ms);
    }
    queue_send(queue, &a, on_turns, call);
}

/* Whose turn it is to audit: of all gateways one an hour. */
// SPDX-License-Identifier: MIT
#include "queue/audit.h"

#include <stdlib.h>

#include "gateway/core/mem.h"
#include "queue/redis.h"

enum { TURN_S = 3600 };

struct turn {
    audit_turn_fn *fn;
    void *arg;
};

static void
on_turn(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct turn *turn = arg;
    turn->fn(turn->arg, !err && str_equal_z(reply_str(reply), "OK"));
    free(turn);
}

void
audit_turn(struct queue *queue, audit_turn_fn *fn, void *arg)
{
    struct turn *turn = xmalloc(sizeof *turn);
    struct args args;
    *turn = (struct turn){fn, arg};
    args_init(&args, "SET");
    args_z(&args, "loa:audited");
    args_z(&args, queue_worker(queue));
    args_z(&args, "NX");
    args_z(&args, "EX");
    args_int(&args, TURN_S);
    queue_send(queue, &args, on_turn, turn);
}

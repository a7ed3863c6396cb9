/* The quota that a platform gives for a day: the call of queue/quota.lua. */
// SPDX-License-Identifier: MIT
#include "queue/quota.h"

#include <inttypes.h>
#include <stdlib.h>

#include "gateway/core/mem.h"
#include "queue/redis.h"

struct call {
    quota_fn *fn;
    void *arg;
};

static void
on_shared(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct call *call = arg;
    const struct quota_answer answer = {
        .era = reply_int_at(reply, 0, 0),
        .used = reply_int_at(reply, 1, 0),
        .base = reply_int_at(reply, 2, -1),
        .daily = reply_int_at(reply, 3, -1),
        .granted = (int)reply_int_at(reply, 4, 0),
        .others = (int)reply_int_at(reply, 5, 0),
    };
    call->fn(call->arg, err ? NULL : &answer, err);
    free(call);
}

void
quota_share(struct queue *queue, const struct quota_holder *holder,
            const struct quota_report *report, quota_fn *fn, void *arg)
{
    const int64_t figures[] = {report->era,   report->spent, report->hand, report->want,
                               report->least, report->most,  report->daily};
    struct call *call = xcalloc(1, sizeof *call);
    struct args a;
    *call = (struct call){fn, arg};
    args_fcall(&a, "loa_quota", "loa:link:{%s}:quota", holder->grant);
    args_format(&a, "%s:%s", queue_worker(queue), holder->link);
    args_format(&a, "%016" PRIx64, holder->run);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        args_int(&a, figures[i]);
    }
    queue_send(queue, &a, on_shared, call);
}

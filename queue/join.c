/* Many calls under way, one answer. */
// SPDX-License-Identifier: MIT
#include "queue/join.h"

#include <stdlib.h>

#include "gateway/core/mem.h"

struct join {
    int left; /* parts without an answer, and one for join_end() */
    struct err err;
    queue_done *fn;
    void *arg;
};

struct join *
join_new(queue_done *fn, void *arg)
{
    struct join *join = xcalloc(1, sizeof *join);
    join->left = 1;
    join->fn = fn;
    join->arg = arg;
    return join;
}

void
join_add(struct join *join)
{
    join->left++;
}

void
join_answer(void *arg, const struct err *err)
{
    struct join *join = arg;
    if (err && join->err.code == ERR_NONE) {
        join->err = *err;
    }
    if (--join->left == 0) {
        join->fn(join->arg, join->err.code == ERR_NONE ? NULL : &join->err);
        free(join);
    }
}

void
join_reply(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply;
    join_answer(arg, err);
}

void
join_end(struct join *join)
{
    join_answer(join, NULL);
}

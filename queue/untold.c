/* Whom a channel did not tell: wakes the worker that looks for another one. */
// SPDX-License-Identifier: MIT
#include "queue/untold.h"

#include <stdio.h>

#include "gateway/core/routing.h"
#include "queue/handle.h"
#include "queue/work.h"

static void
feed_one(struct queue *queue, const char *id, enum priority priority, struct str named)
{
    char route[ROUTE_NAME_SIZE];
    uint64_t n = 0;
    struct str name = str_cut(&named, ' ');
    if (name.n >= sizeof route || !str_to_u64(named, INT32_MAX, &n)) {
        return;
    }
    (void)snprintf(route, sizeof route, "%.*s", (int)name.n, name.p);
    const uint32_t chunk = (uint32_t)n | WORK_NOW;
    const struct work_chunks feed = {id, priority, &chunk, 1};
    work_feed(queue, route, &feed, queue_ignore, NULL);
}

void
untold_feed(struct queue *queue, const char *broadcast, const struct redisReply *reply, size_t from)
{
    for (size_t i = from + 1; i < reply_count(reply); i++) {
        feed_one(queue, broadcast, queue_priority(reply_str_at(reply, from)),
                 reply_str_at(reply, i));
    }
}

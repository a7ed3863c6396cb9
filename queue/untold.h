/* Internal to queue/: whom a channel did not tell wakes the worker that looks for another one.
 * queue/SCHEMA.md, "Whom a channel did not tell". */
#ifndef LOA_QUEUE_UNTOLD_H
#define LOA_QUEUE_UNTOLD_H
// SPDX-License-Identifier: MIT

#include "queue/redis.h"

/* Feeds the chunks that a Function's answer names from its element `from` on: the priority, then
 * "ROUTE n" each; none stand there as a rule.  What gets lost the sweep feeds. */
void untold_feed(struct queue *queue, const char *broadcast, const struct redisReply *reply,
                 size_t from);

#endif

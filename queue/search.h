/* Internal to queue/: finds an announcement in a stream by its ID. */
#ifndef LOA_QUEUE_SEARCH_H
#define LOA_QUEUE_SEARCH_H
// SPDX-License-Identifier: MIT

#include "queue/redis.h"

#define STREAM_ANNOUNCED "loa:announcements"
#define STREAM_REJECTED "loa:announcements:rejected"

/* `entry` is [entry id, [field, value, …]], borrowed; NULL without `err`: it is not there. */
typedef void search_fn(void *arg, const struct redisReply *entry, const struct err *err);
/* The latest entry (of the last 10,000) whose `id` field or entry id is `id`, or, in the rejected
 * stream, whose `source_id` is. */
void search_stream(struct queue *queue, const char *stream, const char *id, search_fn *fn,
                   void *arg);

#endif

/* Internal to queue/: who reads the work streams of a route, and what is held of them. */
#ifndef LOA_QUEUE_READER_H
#define LOA_QUEUE_READER_H
// SPDX-License-Identifier: MIT

#include "queue/redis.h"
#include "queue/work.h"

/* An item was finished: there is room for another.  Nothing when nobody reads this route. */
void reader_released(struct queue *queue, const char *route, const char *entry);

#endif

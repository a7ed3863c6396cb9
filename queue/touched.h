/* Internal to queue/: broadcasts whose counters receipts have moved here, until they are posted. */
#ifndef LOA_QUEUE_TOUCHED_H
#define LOA_QUEUE_TOUCHED_H
// SPDX-License-Identifier: MIT

#include "queue/redis.h"

/* Beyond this many none is remembered: the sweep posts them, a minute later. */
enum { TOUCHED_MAX = 256 };

void touched_add(struct queue *queue, struct str id);
/* Gives each of them once (free()), at most TOUCHED_MAX; returns how many. */
int touched_take(struct queue *queue, char *ids[TOUCHED_MAX]);

#endif

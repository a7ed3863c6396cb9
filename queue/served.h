/* Which routes somebody serves: queue/SCHEMA.md, `loa:served:{ROUTE}`. */
#ifndef LOA_QUEUE_SERVED_H
#define LOA_QUEUE_SERVED_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* This process serves the route; to be said again within SERVED_S. */
enum { SERVED_S = 20 };
void served_tell(struct queue *queue, const char *route);

/* Calls `unserved` unless some process said so within SERVED_S. */
typedef void unserved_fn(void *arg, const char *route);
void served_ask(struct queue *queue, const char *route, unserved_fn *unserved, void *arg);

#endif

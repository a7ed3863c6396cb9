/* What `loa check` wants to know of the Redis server itself. */
#ifndef LOA_QUEUE_SERVER_H
#define LOA_QUEUE_SERVER_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* The server's version and how it keeps its data. */
struct queue_server {
    char version[24]; /* "7.0.15" */
    char fsync[16];   /* appendfsync; "?" when it may not be asked */
    char policy[24];  /* maxmemory-policy; "" when no limit is set */
    bool aof;
};
typedef void server_fn(void *arg, const struct queue_server *server, const struct err *err);
void queue_server_ask(struct queue *queue, server_fn *fn, void *arg);

#endif

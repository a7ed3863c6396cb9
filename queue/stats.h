/* Counters, link states and heartbeats in Redis.  queue/SCHEMA.md, "Stats". */
#ifndef LOA_QUEUE_STATS_H
#define LOA_QUEUE_STATS_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* Posts to loa:stats what the broadcasts' and links' cumulative counters gained since they were
 * last posted: exact after any crash, as it takes the difference to what was posted.  Called at
 * most every 100 ms with the broadcasts touched since; those whose receipts came here are added.
 * The sweep posts for everybody. */
void stats_post(struct queue *queue, const char *const *ids, int n, queue_done *fn, void *arg);

/* A counter of this process that only rises, by its name in loa:stats ("parts_submitted"). */
struct stats_counter {
    const char *name; /* a literal */
    uint64_t value;
};
/* A link's state and counters, as loa:stats:link:NAME has them. */
struct stats_link {
    const char *name, *state, *last_error;
    double rate_now;
    int in_flight;
    int64_t since_s;
    int64_t quota_day, quota_left; /* -1: its platform told none */
    struct str limits;             /* what its template's parameters take; empty: not told */
    /* What they gained since the last post is added to loa:stats:link:NAME.  Receipts and replies
     * need not be named: those come from Redis. */
    const struct stats_counter *counters;
    int counters_n;
};
void stats_link_post(struct queue *queue, const struct stats_link *link, queue_done *fn, void *arg);
/* Heartbeat of this worker in loa:workers, with its version. */
void stats_heartbeat(struct queue *queue, queue_done *fn, void *arg);
/* The heartbeat leaves with its worker. */
void stats_leave(struct queue *queue, queue_done *fn, void *arg);

#endif

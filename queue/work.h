/* The work streams of a route: what wakes workers, and the retries by due time.  Each call is one
 * Function in the route's slot, so that XADD, ZADD, XACK and XDEL of one step are atomic. */
#ifndef LOA_QUEUE_WORK_H
#define LOA_QUEUE_WORK_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"
#include "queue/queue.h"

/* A piece of work from a stream; borrowed during the callback. */
struct work_item {
    const char *entry; /* stream entry id, for work_finish() */
    const char *id;    /* broadcast */
    enum priority priority;
    uint32_t chunk;
};
typedef void work_fn(void *arg, const struct work_item *item);

/* Reads from now on: own pending entries first (a restarted worker's), then new ones, blocking on
 * a connection of its own, highest priority first, at most `held_max` unfinished items a priority
 * (an emergency is read though a normal quota is full).  Also takes over entries that another
 * consumer has left idle for two leases, yet not within a lease of having (re)connected.  Goes on
 * by itself when the connection is back; an item that is held is not told twice.  An item counts
 * as held until its work_finish() was answered without error: on an error call that again. */
void work_read(struct queue *queue, const char *route, int held_max, work_fn *fn, void *arg);
void work_read_stop(struct queue *queue, const char *route); /* drain: no new items */

/* Puts chunks of one broadcast into the stream; those already there or due later are left alone,
 * but for a number with WORK_NOW: some member of that chunk is not to wait until it is due. */
#define WORK_NOW (UINT32_C(1) << 31)
struct work_chunks {
    const char *id;
    enum priority priority;
    const uint32_t *chunks;
    int n;
};
void work_feed(struct queue *queue, const char *route, const struct work_chunks *feed,
               queue_done *fn, void *arg);

/* Ends an item: feeds `successor` (-1: none), puts the chunk under its due time (`due_ms`, 0: not),
 * then XACK and XDEL: one atomic Function. */
struct work_end {
    const char *entry, *id;
    enum priority priority;
    uint32_t chunk;
    int64_t successor, due_ms;
};
void work_finish(struct queue *queue, const char *route, const struct work_end *end, queue_done *fn,
                 void *arg);

/* Moves what is due into the streams; call it twice a second. */
void work_pump_due(struct queue *queue, const char *route, queue_done *fn, void *arg);

#endif

/* Internal to queue/: what a Redis may have forgotten that was restarted or gave way to a replica,
 * told again before anything is begun.  queue/SCHEMA.md, "What Redis itself may forget". */
#ifndef LOA_QUEUE_RETELL_H
#define LOA_QUEUE_RETELL_H
// SPDX-License-Identifier: MIT

#include "queue/chunk.h"
#include "queue/redis.h"

/* Keeps a copy of a call for 3 s: a done, or message ids.  Of a gateway only. */
void retell_keep(struct queue *queue, const struct args *args);
/* The same of a Function's call which another Function is told again by. */
void retell_keep_as(struct queue *queue, struct args *args, const char *function);
/* The same of what a begin took. */
void retell_keep_begin(struct queue *queue, const struct chunk_name *name, uint64_t epoch,
                       const struct begin_answer *answer);
/* These places were released: their begin does not count any more. */
void retell_forget_released(struct queue *queue, const struct chunk_name *name, uint64_t epoch,
                            const struct done_batch *batch);

/* All masters are there: if one of them is another run than before, tells again what is kept; then
 * waits until every live worker said that it did, at most 5 s.  Answers by queue_returned(), or not
 * at all when a master is lost meanwhile or `round` was called for anew. */
void retell_return(struct queue *queue, unsigned round);
void queue_returned(struct queue *queue, unsigned round); /* queue.c */

/* This worker's entry in loa:workers: alive, and which run of Redis it has told all. */
void retell_heartbeat(struct queue *queue, struct args *a);

#endif

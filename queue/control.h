/* What an admin does with a broadcast on its way, and how gateways hear of it at once. */
#ifndef LOA_QUEUE_CONTROL_H
#define LOA_QUEUE_CONTROL_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* Stands while everything waits, also what comes later. */
#define CONTROL_ALL "loa:paused"

/* What became of a command. */
struct control_answer {
    /* REFUSED: not in the state that it is in; GONE: no such broadcast was taken in. */
    enum control_verdict { CONTROL_OK, CONTROL_REFUSED, CONTROL_GONE } verdict;
    const char *state; /* that it has now, or that it is ending as; borrowed */
    uint64_t moved;    /* members; of pause and resume: 1 when that was not so before */
};
typedef void control_fn(void *arg, const struct control_answer *answer, const struct err *err);

/* Nothing more is begun, whoever holds the chunks; what is with a link is finished. */
void control_pause(struct queue *queue, const char *id, control_fn *fn, void *arg);
/* It goes on where it was, or waits again for its time. */
void control_resume(struct queue *queue, const char *id, control_fn *fn, void *arg);
/* Who is queued or retrying is skipped, in pieces.  Interrupted, the sweep goes on with it. */
void control_cancel(struct queue *queue, const char *id, control_fn *fn, void *arg);
/* The failed are queued again, in pieces; under `hold` the uncertain, too. */
void control_retry(struct queue *queue, const char *id, control_fn *fn, void *arg);

/* What comes later waits from the beginning, or does so no more.  Before those that are there. */
void control_later(struct queue *queue, bool waits, queue_done *fn, void *arg);

/* For the sweep: goes through the members of a broadcast that is to end as `ending` ("cancelled",
 * "expired"), in pieces. */
void control_end(struct queue *queue, const char *id, const char *ending, control_fn *fn,
                 void *arg);

/* For a gateway, some times a second: when an admin has changed something since, the sweep is due
 * now (and once more a second later, for the chunks that were just being closed). */
void control_watch(struct queue *queue, queue_done *fn, void *arg);

#endif

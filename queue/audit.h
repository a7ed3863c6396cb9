/* The self-audit: looks for broken promises in what Redis has, repairs what is safe to repair, and
 * says what it found.  queue/SCHEMA.md, "Self-audit". */
#ifndef LOA_QUEUE_AUDIT_H
#define LOA_QUEUE_AUDIT_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* How it goes about it. */
struct audit_way {
    bool repair;
    int64_t pause_ms; /* between two looks at some keys; 0: as fast as it goes */
};
/* One finding; `what` is a sentence, borrowed. */
typedef void audit_found_fn(void *arg, bool repaired, const char *what);
struct audit;
/* Through all keys once; findings and repairs are added to loa:stats before `fn`, with which the
 * audit is over and freed. */
struct audit *audit_run(struct queue *queue, const struct audit_way *way, audit_found_fn *found,
                        queue_done *fn, void *arg);
/* Frees one that is not over, behind queue_close(). */
void audit_stop(struct audit **audit);

/* For a gateway: whether it is this one's turn to audit.  Of all gateways one an hour. */
typedef void audit_turn_fn(void *arg, bool ours);
void audit_turn(struct queue *queue, audit_turn_fn *fn, void *arg);

#endif

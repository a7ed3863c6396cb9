/* Internal to queue/: when the sweep is due before its turn. */
#ifndef LOA_QUEUE_SWEEP_H
#define LOA_QUEUE_SWEEP_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* The sweep is due at that Unix time, too; of several times the earliest ones are kept. */
void sweep_wake(struct queue *queue, int64_t at_ms);

#endif

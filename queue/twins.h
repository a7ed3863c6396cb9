/* Internal to queue/, but for twins_audience(): an emergency by all channels at once is a broadcast
 * and its twins (core/twin.h), each with letters of its own in the same order of the same members.
 * queue/SCHEMA.md, "By all channels at once". */
#ifndef LOA_QUEUE_TWINS_H
#define LOA_QUEUE_TWINS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/bitmap.h"
#include "gateway/core/outcome.h"
#include "queue/queue.h"

/* The frozen audience of a broadcast, for its twins; borrowed during the callback. */
typedef void twins_audience_fn(void *arg, const struct bitmap *audience, const struct err *err);
void twins_audience(struct queue *queue, const char *id, twins_audience_fn *fn, void *arg);

/* What they are together. */
struct twins_sum {
    bool counted;              /* false: the letters are archived */
    uint64_t count[OUTCOME_N]; /* members, each once, in the order of OUTCOME_LETTERS */
    uint64_t parts, cost;      /* of the twins alone */
    char open_state[24];       /* of a twin that has not ended; "": all have */
};
typedef void twins_sum_fn(void *arg, const struct twins_sum *sum, const struct err *err);
/* `twins`: "a~zalo,a~telegram", as the broadcast `id` has it. */
void twins_sum(struct queue *queue, const char *id, struct str twins, twins_sum_fn *fn, void *arg);

#endif

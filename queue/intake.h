/* The announcements' stream: reading by consumer group, acknowledging, rejecting. */
#ifndef LOA_QUEUE_INTAKE_H
#define LOA_QUEUE_INTAKE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"
#include "queue/queue.h"

/* An entry; `a` holds its known fields (unchecked); borrowed during the callback.  `unknown` names
 * the first field that is none of ours, NULL if all are. */
struct intake_entry {
    const char *entry;
    const struct announcement *a;
    const char *unknown;
};
typedef void intake_fn(void *arg, const struct intake_entry *entry);

/* Reads on a connection of its own, own pending entries first, others' after two leases idle; at
 * most `most` unanswered entries at once. */
void intake_read(struct queue *queue, int most, intake_fn *fn, void *arg);
void intake_stop(struct queue *queue);

/* XACK and XDEL: it was created (or ignored as a repetition). */
void intake_ack(struct queue *queue, const char *entry, queue_done *fn, void *arg);
/* Puts the fields as they came, `error` and `source_id` into the rejected stream (once, whatever
 * crashes between), counts it, then acknowledges. */
void intake_reject(struct queue *queue, const char *entry, const char *error, queue_done *fn,
                   void *arg);

#endif

/* Message ids and receipts.  queue/SCHEMA.md: `loa:link:{NAME}:ids:DAY`, `:early`. */
#ifndef LOA_QUEUE_RECEIPT_H
#define LOA_QUEUE_RECEIPT_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* Where a message id leads: part `part` (from 1) of `parts` of attempt `attempt` of member `index`.
 */
struct id_entry {
    const char *message_id; /* at most 64 characters */
    const char *id;         /* broadcast */
    uint32_t index;         /* in the audience's order */
    uint8_t attempt, part, parts;
};
/* What recording ids found. */
struct ids_answer {
    int early; /* receipts that were waiting for these ids: call receipt_sweep() after done */
};
typedef void ids_fn(void *arg, const struct ids_answer *answer, const struct err *err);
void receipt_ids(struct queue *queue, const char *link, const struct id_entry *entries, int n,
                 ids_fn *fn, void *arg);

/* A receipt to be recorded, or an answer that came after its message was told uncertain (`late`):
 * of a part, or of the last part that was missing. */
#define RECEIPT_NO_ID '?' /* a message_id that begins so is none, just unlike any other */
enum receipt_late { RECEIPT_NOT_LATE, RECEIPT_LATE_PART, RECEIPT_LATE_WHOLE };
struct receipt_entry {
    const char *message_id;
    bool delivered;
    char reason[6];        /* ledger reason, "" if delivered */
    int64_t at_s;          /* Unix seconds; of a late answer 0, unless it is final */
    const char *reference; /* uncertain_key() of its user_message_reference, "" if it has none */
    enum receipt_late late;
};
/* Finds the members and settles them (per broadcast, one Function each), or parks what it does not
 * know for 10 minutes.  Answers once everything is in Redis: then the receipts may be answered. */
void receipt_record(struct queue *queue, const char *link, const struct receipt_entry *entries,
                    int n, queue_done *fn, void *arg);

/* Settles parked receipts whose id has come since; counts and drops those older than 10 minutes.
 * Call it each second and when ids_answer.early > 0. */
void receipt_sweep(struct queue *queue, const char *link, queue_done *fn, void *arg);

#endif

/* References of messages that may have gone out (user_message_reference): by them a receipt whose
 * message id nobody was ever told still finds its member.  queue/SCHEMA.md,
 * `loa:link:{NAME}:uncertain`. */
#ifndef LOA_QUEUE_UNCERTAIN_H
#define LOA_QUEUE_UNCERTAIN_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

enum { UNCERTAIN_KEY_SIZE = 32 };

/* The reference of a part (from 0) of a member's message: the same whoever computes it. */
uint16_t uncertain_reference(const char *broadcast, uint32_t index, int part);
/* "REFERENCE:PHONE", under which the part is found. */
void uncertain_key(uint16_t reference, const char *phone, char out[UNCERTAIN_KEY_SIZE]);

/* One member's message, whose bytes may have been on the wire. */
struct uncertain_entry {
    const char *id; /* broadcast */
    uint32_t index;
    uint8_t attempt, parts;
    const char *phone; /* international digits */
};
/* Remembers them, and finds receipts that were waiting.  Answers how many of those there are: call
 * receipt_sweep() then. */
typedef void uncertain_fn(void *arg, int early, const struct err *err);
void uncertain_record(struct queue *queue, const char *link, const struct uncertain_entry *entries,
                      int n, uncertain_fn *fn, void *arg);

#endif

/* Single messages beside the broadcasts: confirmations, and answers to members.  Each is kept until
 * it was accepted or has failed, and is sent once an id. */
#ifndef LOA_QUEUE_OUTBOX_H
#define LOA_QUEUE_OUTBOX_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

enum { OUTBOX_ID_SIZE = 96, OUTBOX_TAKE_MAX = 16 };

/* A message to be sent; borrowed during the call. */
struct outbox_entry {
    const char *id;   /* the same id again changes nothing */
    const char *to;   /* international digits */
    const char *text; /* UTF-8 */
    const char *link; /* the one that should carry it, if it can */
    const char *why;  /* "stop", "start", "reply" */
};
void outbox_add(struct queue *queue, const struct outbox_entry *entry, queue_done *fn, void *arg);

/* One that is the caller's until the lease that it asked for ends; borrowed during the callback. */
struct outbox_taken {
    struct str id, to, text, link;
    uint32_t attempt;
};
typedef void outbox_fn(void *arg, const struct outbox_taken *taken, size_t n,
                       const struct err *err);
/* Takes at most `most` that are due.  Of one whose former sender let its lease run out nobody knows
 * whether it left: `resend` says whether it goes again. */
void outbox_take(struct queue *queue, int64_t lease_ms, int most, bool resend, outbox_fn *fn,
                 void *arg);

/* What became of one. */
struct outbox_outcome {
    const char *id;
    uint32_t attempt;
    char state;     /* 'a' accepted, 'f' failed, '?' uncertain for good, 'q' again at `due_ms` */
    int64_t due_ms; /* Unix ms */
    const char *message_id, *reason;
    int parts; /* written */
};
void outbox_done(struct queue *queue, const struct outbox_outcome *outcome, queue_done *fn,
                 void *arg);

#endif

/* What platforms post to us, on its way into Redis. */
#ifndef LOA_QUEUE_WEBHOOK_H
#define LOA_QUEUE_WEBHOOK_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* A receipt that names our own message (core/tracking.h), and, where it has one, the platform's. */
struct tracked_receipt {
    const char *broadcast;
    uint32_t index;
    unsigned attempt;
    const char *link; /* whose counters it belongs to */
    int64_t at_s;     /* Unix seconds */
};
/* Makes the member delivered.  Answers once that is in Redis. */
void webhook_delivered(struct queue *queue, const struct tracked_receipt *receipt, queue_done *fn,
                       void *arg);

/* A member's message, or that they came or left. */
enum { WEBHOOK_FROM = 64 }; /* room for `from` */
enum webhook_consent { CONSENT_SAME, CONSENT_OUT, CONSENT_IN };
struct webhook_reply {
    const char *id; /* the platform's name of the event: told again it is known */
    const char *channel, *link, *from;
    struct str text;
    const char *intent; /* "stop", "start", "report", "" */
    enum webhook_consent consent;
    const char *confirm_by; /* the link that tells them their wish was taken; NULL: nobody does */
};
/* Records the consent, what confirms it, then the reply in loa:replies, once.  Answers when all are
 * in Redis. */
void webhook_heard(struct queue *queue, const struct webhook_reply *reply, queue_done *fn,
                   void *arg);

/* Counts posts that were refused: loa:stats webhooks_refused. */
void webhook_refused(struct queue *queue, int n);

#endif

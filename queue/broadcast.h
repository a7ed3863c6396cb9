/* What an admin asks of broadcasts: one, all, and the announcement that is not taken in yet. */
#ifndef LOA_QUEUE_BROADCAST_H
#define LOA_QUEUE_BROADCAST_H
// SPDX-License-Identifier: MIT

#include "gateway/core/outcome.h"
#include "queue/queue.h"

/* `loa status ID` and `loa list`; strings borrowed during the callback. */
struct broadcast_status {
    const char *id, *title;
    const char *state; /* "announced" when it only stands in the stream */
    const char *audience, *channels, *priority, *created_at, *text;
    uint64_t total;
    uint64_t count[OUTCOME_N]; /* in the order of OUTCOME_LETTERS */
    uint64_t parts, cost;      /* submitted; VND */
    int64_t clicks;            /* on its short link; -1: it has none */
    uint32_t chunks, planned;
    int64_t start_s, expires_s; /* 0: none */
    const char *on_uncertain;   /* "resend", "hold", "": it depends on the route */
    /* By all channels at once: the IDs of its twins, "a~zalo", whose members, parts, cost and state
     * are in what stands above, each member once; "": none. */
    const char *twins;
    const char *error; /* state "rejected": the sentence; else NULL */
};

/* `status` is NULL without `err`: no such ID.  An ID that was refused (and not taken in otherwise)
 * comes as state "rejected" with its `error`. */
typedef void status_fn(void *arg, const struct broadcast_status *status, const struct err *err);
void broadcast_status(struct queue *queue, const char *id, status_fn *fn, void *arg);

/* Every broadcast, the latest first, at most `most`, none that is a twin; then `fn`. */
typedef void status_each_fn(void *arg, const struct broadcast_status *status);
void broadcast_list(struct queue *queue, int most, status_each_fn *each, queue_done *fn, void *arg);

/* XADD to loa:announcements of the announcement's fields as they stand (empty ones left out), once
 * for an id that is not known yet.  ANNOUNCE_KNOWN: it was announced or taken in before: nothing
 * was sent; ANNOUNCE_OTHER: taken in with other content.  `a` is borrowed during the call; its id
 * must be set. */
struct announcement;
enum announce_verdict { ANNOUNCE_SENT, ANNOUNCE_KNOWN, ANNOUNCE_OTHER };
typedef void announce_fn(void *arg, enum announce_verdict verdict, const struct err *err);
void broadcast_announce(struct queue *queue, const struct announcement *a, announce_fn *fn,
                        void *arg);

#endif

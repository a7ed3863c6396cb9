/* Accepted messages that no receipt has told of, for links whose platform can be asked.
 * queue/SCHEMA.md: `loa:link:{NAME}:unheard`. */
#ifndef LOA_QUEUE_UNHEARD_H
#define LOA_QUEUE_UNHEARD_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

enum { UNHEARD_MOST = 64 };

/* These message ids (at most UNHEARD_MOST a call) are to be asked about in `wait_ms`.  Call it just
 * before receipt_ids(): then it is known when that is. */
void unheard_expect(struct queue *queue, const char *link, const char *const *message_ids, int n,
                    int64_t wait_ms);

/* Calls `each` for at most `most` messages whose time has come and that are still only accepted.
 * They are the caller's until twice the time since their submission has passed: no other process
 * asks meanwhile. */
typedef void unheard_fn(void *arg, const char *message_id);
/* `more`: as many were due as it takes at a time. */
typedef void unheard_done(void *arg, bool more, const struct err *err);
void unheard_take(struct queue *queue, const char *link, int most, unheard_fn *each,
                  unheard_done *fn, void *arg);

#endif

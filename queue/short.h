/* Short links in Redis: from a code to the announcement's own link.  queue/SCHEMA.md, "Short
 * links". */
#ifndef LOA_QUEUE_SHORT_H
#define LOA_QUEUE_SHORT_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* What a code leads to, borrowed during the callback; empty without `err`: nothing. */
typedef void short_fn(void *arg, struct str url, const struct err *err);
/* Looks up `code` (core/short_link.h), and counts it as followed. */
void short_follow(struct queue *queue, const char *code, short_fn *fn, void *arg);

#endif

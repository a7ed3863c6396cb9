/* Asks platforms what became of messages that were accepted and that no receipt has told of. */
#ifndef LOA_GATEWAY_UNHEARD_H
#define LOA_GATEWAY_UNHEARD_H
// SPDX-License-Identifier: MIT

#include "gateway/route.h"
#include "queue/queue.h"

struct unheard;
/* `queue` and `routes` must outlive it. */
struct unheard *unheard_new(struct event_base *base, struct queue *queue, struct routes *routes);
/* Behind queue_close() and before routes_close(). */
void unheard_free(struct unheard **unheard);

#endif

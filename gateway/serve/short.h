/* /s/CODE: a short link, answered with a redirection to the announcement. */
#ifndef LOA_SERVE_SHORT_H
#define LOA_SERVE_SHORT_H
// SPDX-License-Identifier: MIT

#include "gateway/serve/http.h"
#include "queue/queue.h"

/* Adds GET /s/CODE: 302, 404 for what no broadcast has, 503 while Redis is away.  Clicks are
 * counted for the broadcast; nothing is kept of who came.  `queue` must be closed before `http` is
 * freed. */
void short_add(struct http *http, struct queue *queue);

#endif

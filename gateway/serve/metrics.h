/* /metrics: what `loa stats` shows, in Prometheus' text format. */
#ifndef LOA_SERVE_METRICS_H
#define LOA_SERVE_METRICS_H
// SPDX-License-Identifier: MIT

#include "gateway/serve/http.h"
#include "queue/queue.h"

struct metrics;

/* Adds GET /metrics.  Read from Redis when asked for, kept for a second; without Redis only
 * loa_redis_up 0 and the process's own.  The queue must be closed before metrics_free(). */
struct metrics *metrics_new(struct http *http, struct queue *queue);
void metrics_free(struct metrics **metrics);

#endif

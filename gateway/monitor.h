/* The gateway's clockwork: heartbeats, stats, due retries, sweeps.  Everything here is repeated, so
 * whatever fails is made up for by the next round. */
#ifndef LOA_GATEWAY_MONITOR_H
#define LOA_GATEWAY_MONITOR_H
// SPDX-License-Identifier: MIT

#include "gateway/planner.h"
#include "gateway/rates.h"
#include "gateway/worker.h"

struct monitor;

/* `workers` are those of the routes, in their order. */
struct monitor *monitor_new(struct event_base *base, struct queue *queue,
                            const struct routes *routes, struct worker *const *workers,
                            struct planner *planner, struct rates *rates);
void monitor_free(struct monitor **monitor);
/* `stray` is called when work waits on a route that is none of ours, and nobody serves it. */
void monitor_on_stray(struct monitor *monitor, void (*stray)(void *ctx, const char *route),
                      void *ctx);
void monitor_start(struct monitor *monitor);        /* also does every round at once */
void monitor_link_changed(struct monitor *monitor); /* a link's state: it is shown soon */
void monitor_touch(struct monitor *monitor); /* counters moved outside the worker: post them soon */
/* Posts what is left and takes this worker out of loa:workers. */
void monitor_leave(struct monitor *monitor, queue_done *fn, void *arg);

#endif

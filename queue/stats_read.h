/* What `loa stats` shows: counters, links, work ahead, workers. */
#ifndef LOA_QUEUE_STATS_READ_H
#define LOA_QUEUE_STATS_READ_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* A field of a hash; borrowed during the callback. */
struct stats_pair {
    struct str name, value;
};
/* What belongs together: the totals, a link, a stream, a worker. */
struct stats_group {
    enum { STATS_TOTALS, STATS_LINK, STATS_QUEUE, STATS_WORKER } kind;
    /* link; "sms:normal" (a work stream: `entries`), "sms:retries" (`due`); worker */
    struct str name;
    const struct stats_pair *pairs;
    size_t n;
};
/* `each` is called for STATS_TOTALS once, then for every link of the configuration, every work
 * stream, every worker; then `fn`.  A worker's pairs are `heartbeat` (Unix seconds), `version`,
 * `pid`. */
typedef void stats_each_fn(void *arg, const struct stats_group *group);
void stats_read(struct queue *queue, stats_each_fn *each, queue_done *fn, void *arg);

/* What the template of a link takes, as a gateway was told last (core/zalo_template.h's line);
 * empty: none was, or `err`.  Borrowed. */
typedef void limits_fn(void *arg, struct str limits, const struct err *err);
void stats_limits(struct queue *queue, const char *link, limits_fn *fn, void *arg);

#endif

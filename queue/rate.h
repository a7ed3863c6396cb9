/* The rate of a link, shared by all gateways, and the switch that stops it in all of them.
 * queue/SCHEMA.md, "Rates". */
#ifndef LOA_QUEUE_RATE_H
#define LOA_QUEUE_RATE_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* The limit that throttling answers have found: one value for all. */
struct rate_limit {
    int parts_s;     /* 0: none */
    int64_t version; /* rises with each change */
};

/* A slice of the rate. */
struct rate_answer {
    int parts;        /* 0: none as yet */
    int64_t delay_us; /* from when it was asked for to the first of them */
    double step_us;   /* between two */
    int64_t again_us; /* with 0 parts: how long to wait before the next try; 0: nothing to share */
    struct rate_limit limit;
};
typedef void rate_fn(void *arg, const struct rate_answer *answer, const struct err *err);
/* `parts_s`: the rate that is set, 0: none but the limit that was found. */
void rate_lease(struct queue *queue, const char *link, double parts_s, int wanted, rate_fn *fn,
                void *arg);

typedef void rate_found_fn(void *arg, const struct rate_limit *now, const struct err *err);
/* This gateway found `limit->parts_s` while it knew `limit->version`; the answer is what holds: of
 * two that found the same the first one counts. */
void rate_found(struct queue *queue, const char *link, const struct rate_limit *limit,
                rate_found_fn *fn, void *arg);

/* What every gateway must know of a link, asked several times a second. */
struct link_watch {
    bool stopped; /* switched off */
    struct rate_limit limit;
    int others;               /* parts that other gateways had accepted in the last second */
    bool traced, traced_full; /* its PDUs are asked for; with their texts */
};
typedef void link_watch_fn(void *arg, const struct link_watch *watch, const struct err *err);
void link_watch(struct queue *queue, const char *link, int taken, link_watch_fn *fn, void *arg);

/* The red switch: `off` stops the link in every gateway until it is switched on again.  `changed`:
 * it was the other way before. */
typedef void link_switch_fn(void *arg, bool changed, const struct err *err);
void link_switch(struct queue *queue, const char *link, bool off, link_switch_fn *fn, void *arg);

#endif

/* Which link of a route carries the next message: by order, by weight, by health.  Pure. */
#ifndef LOA_CORE_BALANCE_H
#define LOA_CORE_BALANCE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* FULL: it has its share.  LIMITED (throttled, or slow to answer): it carries what it can, yet
 * nobody waits for it, and dearer links help out.  OUT: down, or not up again for long: it carries
 * only when no other does. */
enum health_grade { HEALTH_FULL, HEALTH_LIMITED, HEALTH_OUT };

/* One link's health.  Zeroed: it was never up. */
struct health {
    enum health_grade grade;
    bool was_up, was_down; /* was_down: since it was up first */
    int64_t up_us;         /* up since then; 0: down */
    int64_t limited_us;    /* when it was last throttled or slow */
};

/* A link that comes back has its share again when it was up for 15 s on end, and one that was
 * throttled or slow when it was neither for 15 s: so one that flaps every few seconds moves its
 * share once.  Times are CLOCK_MONOTONIC in microseconds. */
enum health_grade health_watch(struct health *h, bool up, bool limited, int64_t now_us);

/* One of a route's links; `order`: the lowest goes first, the others only help. */
struct balanced {
    enum health_grade grade;
    bool up;
    int order;
    int weight;    /* 0: none, it takes what it can */
    double served; /* parts so far */
};

enum { BALANCE_AHEAD = 64 }; /* parts that one may be ahead of its share */

/* Whether link `i` may carry something now. */
bool balance_lets(const struct balanced *links, size_t n, size_t i);
/* Whether `a` is to be asked before `b`. */
bool balance_before(const struct balanced *a, const struct balanced *b);
/* `i` is FULL again: it begins where the others are, and makes nothing up. */
void balance_rejoin(struct balanced *links, size_t n, size_t i);

#endif

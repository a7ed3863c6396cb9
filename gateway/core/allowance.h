/* What a shared rate has granted: parts, each with the time at which it may leave.  Pure.
 *
 * Who shares a rate leases it in slices: some parts at equal steps from a moment on.  A part that
 * does not leave in its own time, or a little later, is lost: nothing is saved up. */
#ifndef LOA_CORE_ALLOWANCE_H
#define LOA_CORE_ALLOWANCE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

enum { ALLOWANCE_MAX = 128, ALLOWANCE_LATE_US = 20000, ALLOWANCE_LATEST_US = 500000 };

/* One slice: `parts` from `start_us` on, one each `step_us`. */
struct lease {
    int64_t start_us;
    double step_us;
    int parts;
};

/* Zeroed: nothing is granted.  Times are CLOCK_MONOTONIC in microseconds and never go back. */
struct allowance {
    struct lease leases[ALLOWANCE_MAX]; /* a ring, in the order of their times */
    int at, n, used;                    /* used: parts of the first one that are gone */
};

/* Takes a slice that begins behind the ones before it.  With no room the oldest one goes. */
void allowance_add(struct allowance *a, struct lease lease);
void allowance_clear(struct allowance *a);
/* A part leaves now.  False: it may not. */
bool allowance_take(struct allowance *a, int64_t now_us);
/* When the next part may leave (`now_us` or earlier: now); INT64_MAX: nothing is granted. */
int64_t allowance_next_us(struct allowance *a, int64_t now_us);
/* Parts that may leave from now on. */
int allowance_left(const struct allowance *a, int64_t now_us);

/* Of `waiting` parts those that want to be leased now, of a rate in parts a second: a tenth of a
 * second ahead, so that a slow lease costs nothing, and whole slices while there is time. */
int allowance_wants(const struct allowance *a, double rate, int waiting, int64_t now_us);
/* Parts that are worth getting ready, so that always enough of them wait. */
int allowance_ready(double rate);

#endif

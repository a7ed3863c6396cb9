/* Pacing: at most so many parts in any one second, evenly, and hardly fewer.  Pure. */
#ifndef LOA_CORE_RATE_H
#define LOA_CORE_RATE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

struct rate;

enum { RATE_MAX = 1000000, RATE_CATCH_UP_US = 20000 };

/* Gives a pacer for `limit` parts a second, at most RATE_MAX; below one a second too.  It remembers
 * the times of the last `limit` parts (8 bytes each): in no [t, t + 1 s) are more than `limit`
 * (rounded up) taken.  Within that the parts are spaced; a late caller catches up at most 20 ms.
 * Times are CLOCK_MONOTONIC in microseconds and never go back. */
struct rate *rate_new(double limit);
/* Gives a pacer for another limit that remembers what `rate` let out: the new limit holds from the
 * first second on.  Frees `rate` (which may be NULL: nothing is known of what left before). */
struct rate *rate_change(struct rate *rate, double limit);
void rate_free(struct rate **rate);
double rate_limit(const struct rate *rate);

/* One part leaves now.  False: it may not yet. */
bool rate_take(struct rate *rate, int64_t now_us);
/* When the next part may leave: `now_us` or earlier means now. */
int64_t rate_next_us(const struct rate *rate);
/* How many parts may leave from `now_us` to `until_us`. */
int rate_room(const struct rate *rate, int64_t now_us, int64_t until_us);

#endif

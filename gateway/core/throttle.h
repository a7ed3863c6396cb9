/* What an SMSC's throttling answers leave of the speed: a pause at once, then a rate that it took.
 * Pure. */
#ifndef LOA_CORE_THROTTLE_H
#define LOA_CORE_THROTTLE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

enum { THROTTLE_SLOTS = 20 };

/* Zeroed: nothing was throttled yet.  Times are CLOCK_MONOTONIC in microseconds. */
struct throttle {
    int limit;        /* parts a second that are taken, 0: none found */
    int64_t until_us; /* nothing is sent before */
    bool slowed;      /* throttled, and not five seconds of calm since */
    /* Its own: */
    int64_t delay_us, refused_us, raise_us, hold_us;
    int step;
    int64_t slot; /* now in twentieths of a second */
    uint32_t taken[THROTTLE_SLOTS];
};

/* A part that was written at `written_us` was accepted. */
void throttle_accepted(struct throttle *t, int64_t written_us, int64_t now_us);
/* … was throttled.  True: `limit` changed.  What was written before the last pause ended tells
 * nothing new.  The first refusal sets the limit to what was accepted in the last second, a little
 * less; refusals that follow one another make the pauses longer, up to 5 s. */
bool throttle_refused(struct throttle *t, int64_t written_us, int64_t now_us);
/* Once in a while.  True: `limit` or `slowed` changed.  The limit is raised after ten seconds in
 * which it was used and nothing was refused, in growing steps; each time that turns out too much,
 * the next wait is twice as long, up to five minutes. */
bool throttle_watch(struct throttle *t, int64_t now_us);

#endif

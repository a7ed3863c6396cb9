/* What an SMSC's throttling answers leave of the speed: a pause at once, then the rate at which it
 * took parts.  Pure.
 *
 *   free ──refused──▶ spell: pauses, one part after each to try ──taken──▶ limited, and raised
 *                       └── refused again: a longer pause                  little by little
 *
 * A spell ends with a limit: what was taken in the second around it, a little less.  A limit that
 * was measured over less than a second is a guess: it is doubled four times a second until the
 * next refusal.  A measured one holds for ten seconds, then it is raised in growing steps; each
 * time that turns out too much, the next wait is twice as long. */
#ifndef LOA_CORE_THROTTLE_H
#define LOA_CORE_THROTTLE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

enum { THROTTLE_SLOTS = 20 };

/* Zeroed: nothing was throttled yet.  Times are CLOCK_MONOTONIC in microseconds. */
struct throttle {
    int limit;        /* parts a second that are taken, of all processes; 0: none found */
    int others;       /* taken from other processes in the last second: the caller's to set */
    int64_t until_us; /* nothing is sent before */
    bool slowed;      /* throttled, and not five seconds of calm since */
    /* Its own: */
    bool spell, guessed;
    int64_t spell_us, ended_us, delay_us, tried_us, refused_us, raise_us, hold_us, busy_us, last_us;
    int step, taken_before, safe; /* safe: the limit before it was raised */
    int64_t slot;                 /* now in twentieths of a second */
    uint32_t taken[THROTTLE_SLOTS];
};

/* Whether a part may leave now, as far as this goes; false while a pause lasts, and while a part
 * that was let out to try has no answer (for a second at most).  A part that does leave is told. */
bool throttle_lets(const struct throttle *t, int64_t now_us);
void throttle_leaves(struct throttle *t, int64_t now_us);
/* A part that was written at `written_us` was accepted, or throttled.  True: `limit` changed.  What
 * was written before the last pause ended tells nothing new. */
bool throttle_accepted(struct throttle *t, int64_t written_us, int64_t now_us);
bool throttle_refused(struct throttle *t, int64_t written_us, int64_t now_us);
/* Ten times a second.  True: `limit` or `slowed` changed. */
bool throttle_watch(struct throttle *t, int64_t now_us);
/* Another process found that limit (0: none). */
void throttle_adopt(struct throttle *t, int limit, int64_t now_us);
/* The connection is another one: no pause, nothing to try; the limit stays. */
void throttle_restart(struct throttle *t);
/* Accepted in the last second (or a twentieth less) from this process. */
int throttle_taken(struct throttle *t, int64_t now_us);

#endif

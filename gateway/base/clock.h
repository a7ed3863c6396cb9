/* The two clocks.  Decisions in core/ are handed the time; only edges read it. */
#ifndef LOA_BASE_CLOCK_H
#define LOA_BASE_CLOCK_H
// SPDX-License-Identifier: MIT

#include <stdint.h>
#include <sys/time.h>

int64_t clock_monotonic_us(void); /* CLOCK_MONOTONIC, microseconds: waits and leases */
int64_t clock_unix_ms(void);      /* CLOCK_REALTIME, milliseconds: what is written down */

/* Minutes east of UTC that the process' time zone (TZ: the configuration's) has at `unix_s`. */
int clock_offset_min(int64_t unix_s);

struct timeval clock_timeval(int64_t ms); /* as libevent's timers want it */

#endif

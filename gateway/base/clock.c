/* The two clocks. */
// SPDX-License-Identifier: MIT
#include "gateway/base/clock.h"

#include <time.h>

static int64_t
read_clock(clockid_t clock, int64_t per_second)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * per_second + (int64_t)t.tv_nsec / (1000000000 / per_second);
}

int64_t
clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC, 1000000);
}

int64_t
clock_unix_ms(void)
{
    return read_clock(CLOCK_REALTIME, 1000);
}

int
clock_offset_min(int64_t unix_s)
{
    struct tm tm = {0};
    time_t t = (time_t)unix_s;
    return localtime_r(&t, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

struct timeval
clock_timeval(int64_t ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

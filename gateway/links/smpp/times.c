/* SMPP's time texts. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/times.h"

#include <string.h>
#include <time.h>

enum { DAY_S = 86400, LONGEST_S = 31 * DAY_S };

static char *
put_two(char *at, int value)
{
    at[0] = (char)('0' + value / 10 % 10);
    at[1] = (char)('0' + value % 10);
    return at + 2;
}

static void
put(char out[SMPP_TIME_SIZE], const int fields[6], const char *end)
{
    char *at = out;
    for (int i = 0; i < 6; i++) {
        at = put_two(at, fields[i]);
    }
    memcpy(at, end, 5); /* tenths, quarter hours from UTC, direction, NUL */
}

void
times_absolute(int64_t unix_s, char out[SMPP_TIME_SIZE])
{
    time_t t = (time_t)unix_s;
    struct tm tm = {0};
    (void)gmtime_r(&t, &tm);
    const int fields[] = {tm.tm_year % 100, tm.tm_mon + 1, tm.tm_mday,
                          tm.tm_hour,       tm.tm_min,     tm.tm_sec};
    put(out, fields, "000+");
}

void
times_relative(int64_t seconds, char out[SMPP_TIME_SIZE])
{
    int s = (int)(seconds < 1 ? 1 : seconds > LONGEST_S ? LONGEST_S : seconds);
    const int fields[] = {0, 0, s / DAY_S, s / 3600 % 24, s / 60 % 60, s % 60};
    put(out, fields, "000R");
}

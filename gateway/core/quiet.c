/* Quiet hours. */
// SPDX-License-Identifier: MIT
#include "gateway/core/quiet.h"

enum { DAY_MIN = 24 * 60, DAY_S = DAY_MIN * 60 };

struct quiet
quiet_span(int from_min, int to_min, int64_t unix_s, int offset_min)
{
    if (from_min == to_min) {
        return (struct quiet){INT64_MAX, INT64_MAX};
    }
    int64_t local_s = unix_s + (int64_t)offset_min * 60;
    int64_t length_s = (int64_t)((to_min - from_min + DAY_MIN) % DAY_MIN) * 60;
    /* The one that began yesterday may still go on. */
    int64_t begins_s = local_s - local_s % DAY_S - DAY_S + (int64_t)from_min * 60;
    while (begins_s + length_s <= local_s) {
        begins_s += DAY_S;
    }
    begins_s -= (int64_t)offset_min * 60;
    return (struct quiet){begins_s, begins_s + length_s};
}

/* Pacing: the ring of the last send times keeps the limit, spacing keeps it even. */
// SPDX-License-Identifier: MIT
#include "gateway/core/rate.h"

#include <stdlib.h>

#include "gateway/core/mem.h"

/* A part is written a moment after it was taken, and that moment varies: the second is a little
 * longer than a second.  The spacing is a hundredth closer than the limit, or what was late once
 * would be lost. */
enum { SECOND_US = 1000000 + 2000, SPACING_NS = 990000000 };

struct rate {
    double per_second;
    int64_t spacing_ns;
    int limit, at;  /* at: the oldest of times_us[], and the next to be replaced */
    int64_t due_ns; /* when the next part is due by the spacing */
    int64_t times_us[];
};

struct rate *
rate_new(double per_second)
{
    per_second = per_second < 0.001 ? 0.001 : per_second > RATE_MAX ? RATE_MAX : per_second;
    int limit = (int)per_second;
    bool whole = (double)limit == per_second; /* else the spacing alone keeps it */
    limit += !whole;
    struct rate *rate = xcalloc(1, sizeof *rate + (size_t)limit * sizeof rate->times_us[0]);
    rate->limit = limit;
    rate->per_second = per_second;
    rate->spacing_ns = (int64_t)((whole ? SPACING_NS : 1e9) / per_second);
    rate->due_ns = INT64_MIN / 2;
    for (int i = 0; i < limit; i++) {
        rate->times_us[i] = INT64_MIN / 2;
    }
    return rate;
}

struct rate *
rate_change(struct rate *rate, double limit)
{
    struct rate *changed = rate_new(limit);
    int kept = !rate ? 0 : rate->limit < changed->limit ? rate->limit : changed->limit;
    for (int i = 0; i < kept; i++) { /* the latest ones, the oldest of them first */
        int from = (rate->at + rate->limit - kept + i) % rate->limit;
        changed->times_us[changed->limit - kept + i] = rate->times_us[from];
    }
    if (rate) {
        changed->due_ns = rate->due_ns;
    }
    free(rate);
    return changed;
}

void
rate_free(struct rate **rate)
{
    free(*rate);
    *rate = NULL;
}

double
rate_limit(const struct rate *rate)
{
    return rate->per_second;
}

int64_t
rate_next_us(const struct rate *rate)
{
    int64_t spaced_us = (rate->due_ns + 999) / 1000;
    int64_t second_us = rate->times_us[rate->at] + SECOND_US;
    return spaced_us > second_us ? spaced_us : second_us;
}

/* When the next part counts as due: late by more than the catch-up, it is not made up for. */
static int64_t
due_from_ns(const struct rate *rate, int64_t now_us)
{
    int64_t least_ns = (now_us - RATE_CATCH_UP_US) * 1000;
    return rate->due_ns > least_ns ? rate->due_ns : least_ns;
}

bool
rate_take(struct rate *rate, int64_t now_us)
{
    if (rate_next_us(rate) > now_us) {
        return false;
    }
    rate->times_us[rate->at] = now_us;
    rate->at = rate->at + 1 == rate->limit ? 0 : rate->at + 1;
    rate->due_ns = due_from_ns(rate, now_us) + rate->spacing_ns;
    return true;
}

int
rate_room(const struct rate *rate, int64_t now_us, int64_t until_us)
{
    int64_t due_ns = due_from_ns(rate, now_us);
    if (due_ns > until_us * 1000) {
        return 0;
    }
    int64_t most = (until_us * 1000 - due_ns) / rate->spacing_ns + 1;
    int room = 0, at = rate->at;
    while (room < most && room < rate->limit && rate->times_us[at] + SECOND_US <= until_us) {
        room++;
        at = at + 1 == rate->limit ? 0 : at + 1;
    }
    return room;
}

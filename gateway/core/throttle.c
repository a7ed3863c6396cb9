/* What an SMSC's throttling answers leave of the speed. */
// SPDX-License-Identifier: MIT
#include "gateway/core/throttle.h"

#include <string.h>

enum { SLOT_US = 1000000 / THROTTLE_SLOTS, LIMIT_MAX = 100000 };
enum { PAUSE_FIRST_US = 50000, PAUSE_MAX_US = 5000000, CALM_US = 5000000, STEP_US = 2000000 };
static const int64_t hold_first_us = 10000000, hold_most_us = 300000000;

static void
move_slots(struct throttle *t, int64_t now_us)
{
    int64_t slot = now_us / SLOT_US;
    if (slot - t->slot >= THROTTLE_SLOTS) {
        memset(t->taken, 0, sizeof t->taken);
        t->slot = slot;
    }
    while (t->slot < slot) {
        t->slot++;
        t->taken[t->slot % THROTTLE_SLOTS] = 0;
    }
}

/* Accepted in the last second, or a slot less. */
static int
taken_lately(struct throttle *t, int64_t now_us)
{
    uint32_t sum = 0;
    move_slots(t, now_us);
    for (int i = 0; i < THROTTLE_SLOTS; i++) {
        sum += t->taken[i];
    }
    return sum < LIMIT_MAX ? (int)sum : LIMIT_MAX;
}

void
throttle_accepted(struct throttle *t, int64_t written_us, int64_t now_us)
{
    move_slots(t, now_us);
    t->taken[t->slot % THROTTLE_SLOTS]++;
    if (written_us >= t->until_us) {
        t->delay_us = 0;
    }
}

static int
lower(struct throttle *t, int64_t now_us)
{
    int taken = taken_lately(t, now_us), limit = taken - taken * 3 / 100;
    if (t->limit > 0) {
        int less = t->limit - t->limit * 3 / 100 - (t->limit < 34), half = t->limit / 2;
        limit = taken < half ? half : taken;
        limit = limit > less ? less : limit;
    }
    return limit > 0 ? limit : 1;
}

bool
throttle_refused(struct throttle *t, int64_t written_us, int64_t now_us)
{
    t->refused_us = now_us;
    t->slowed = true;
    if (written_us < t->until_us) {
        return false;
    }
    bool first = t->delay_us == 0;
    t->delay_us = first ? PAUSE_FIRST_US : t->delay_us * 2;
    t->delay_us = t->delay_us > PAUSE_MAX_US ? PAUSE_MAX_US : t->delay_us;
    t->until_us = now_us + t->delay_us;
    if (!first) {
        return false;
    }
    t->limit = lower(t, now_us);
    bool raised_too_far = t->step > 0 && t->hold_us > 0;
    t->hold_us = raised_too_far ? t->hold_us * 2 : hold_first_us;
    t->hold_us = t->hold_us > hold_most_us ? hold_most_us : t->hold_us;
    t->raise_us = now_us + t->hold_us;
    t->step = 0;
    return true;
}

bool
throttle_watch(struct throttle *t, int64_t now_us)
{
    bool calm = t->slowed && now_us - t->refused_us >= CALM_US;
    if (calm) {
        t->slowed = false;
    }
    if (t->limit == 0 || now_us < t->raise_us || taken_lately(t, now_us) < t->limit * 85 / 100) {
        return calm;
    }
    int step = t->limit / 100;
    t->step = t->step > 0 ? t->step * 2 : step > 0 ? step : 1;
    t->limit += t->step;
    t->raise_us = now_us + STEP_US;
    if (t->limit >= LIMIT_MAX) {
        t->limit = 0; /* as good as none */
        t->step = 0;
    }
    return true;
}

/* What a shared rate has granted. */
// SPDX-License-Identifier: MIT
#include "gateway/core/allowance.h"

/* Of a rate: what is leased ahead, and what is made ready ahead. */
static const double lease_ahead_s = 0.1, ready_ahead_s = 0.12;

void
allowance_add(struct allowance *a, struct lease lease)
{
    if (lease.parts <= 0) {
        return;
    }
    if (a->n == ALLOWANCE_MAX) {
        a->at = (a->at + 1) % ALLOWANCE_MAX;
        a->n--;
        a->used = 0;
    }
    a->leases[(a->at + a->n++) % ALLOWANCE_MAX] = lease;
}

void
allowance_clear(struct allowance *a)
{
    a->n = a->used = 0;
}

static int64_t
time_of(const struct lease *lease, int part)
{
    return lease->start_us + (int64_t)(lease->step_us * part);
}

/* How late a part may be.  Of a rate L at most L (1 + late) parts come in a second then: a fiftieth
 * and one more than L, whatever L is. */
static int64_t
late_us(const struct lease *lease)
{
    int64_t late = ALLOWANCE_LATE_US + (int64_t)lease->step_us;
    return late > ALLOWANCE_LATEST_US ? ALLOWANCE_LATEST_US : late;
}

static void
use_one(struct allowance *a)
{
    a->used++;
    if (a->used == a->leases[a->at].parts) {
        a->at = (a->at + 1) % ALLOWANCE_MAX;
        a->n--;
        a->used = 0;
    }
}

/* Passes over what was not used in time. */
static void
drop_late(struct allowance *a, int64_t now_us)
{
    while (a->n > 0) {
        const struct lease *first = &a->leases[a->at];
        if (time_of(first, a->used) + late_us(first) >= now_us) {
            return;
        }
        use_one(a);
    }
}

bool
allowance_take(struct allowance *a, int64_t now_us)
{
    drop_late(a, now_us);
    if (a->n == 0 || time_of(&a->leases[a->at], a->used) > now_us) {
        return false;
    }
    use_one(a);
    return true;
}

int64_t
allowance_next_us(struct allowance *a, int64_t now_us)
{
    drop_late(a, now_us);
    return a->n > 0 ? time_of(&a->leases[a->at], a->used) : INT64_MAX;
}

int
allowance_left(const struct allowance *a, int64_t now_us)
{
    int left = 0;
    for (int i = 0; i < a->n; i++) {
        const struct lease *lease = &a->leases[(a->at + i) % ALLOWANCE_MAX];
        int gone = i == 0 ? a->used : 0;
        while (gone < lease->parts && time_of(lease, gone) + late_us(lease) < now_us) {
            gone++;
        }
        left += lease->parts - gone;
    }
    return left;
}

int
allowance_wants(const struct allowance *a, double rate, int waiting, int64_t now_us)
{
    int slice = (int)(rate / 100), ahead = (int)(rate * lease_ahead_s) + 1;
    int left = allowance_left(a, now_us);
    int wants = (waiting < ahead ? waiting : ahead) - left;
    return wants >= slice || left <= slice ? wants : 0;
}

int
allowance_ready(double rate)
{
    return (int)(rate * ready_ahead_s) + 1;
}

/* What an SMSC's throttling answers leave of the speed. */
// SPDX-License-Identifier: MIT
#include "gateway/core/throttle.h"

#include <string.h>

enum { SECOND_US = 1000000, SLOT_US = SECOND_US / THROTTLE_SLOTS, LIMIT_MAX = 100000 };
enum { PAUSE_FIRST_US = 50000, PAUSE_SHORT_US = 250000, PAUSE_MAX_US = 5000000 };
enum { CALM_US = 5000000, STEP_US = 2000000, LONG_SPELL_US = 3000000, GUESS_US = 250000 };
enum { AFTER_US = 1200000, FEW = 25 };
enum { GUESS_SLOTS = GUESS_US / SLOT_US, GUESS_LEAST = 20 };
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

/* Accepted in the latest slots, the present one among them. */
static int
taken_in(struct throttle *t, int slots, int64_t now_us)
{
    int64_t sum = 0;
    move_slots(t, now_us);
    for (int i = 0; i < slots; i++) {
        sum += t->taken[(t->slot + THROTTLE_SLOTS - i) % THROTTLE_SLOTS];
    }
    return sum < LIMIT_MAX ? (int)sum : LIMIT_MAX;
}

int
throttle_taken(struct throttle *t, int64_t now_us)
{
    return taken_in(t, THROTTLE_SLOTS, now_us);
}

/* Answers come: since when without a break of a second. */
static void
note_busy(struct throttle *t, int64_t written_us, int64_t now_us)
{
    if (t->last_us == 0 || now_us - t->last_us > SECOND_US) {
        t->busy_us = written_us;
    }
    t->last_us = now_us;
}

bool
throttle_lets(const struct throttle *t, int64_t now_us)
{
    bool trying = t->tried_us >= t->until_us && now_us - t->tried_us < SECOND_US;
    return now_us >= t->until_us && !(t->spell && trying);
}

void
throttle_leaves(struct throttle *t, int64_t now_us)
{
    t->tried_us = t->spell ? now_us : t->tried_us;
}

static void
hold(struct throttle *t, int64_t now_us)
{
    bool raised_too_far = t->step > 0 && t->hold_us > 0;
    t->hold_us = raised_too_far ? t->hold_us * 2 : hold_first_us;
    t->hold_us = t->hold_us > hold_most_us ? hold_most_us : t->hold_us;
    t->raise_us = now_us + t->hold_us;
    t->step = 0;
}

/* A fiftieth less, rounded down; few are counted exactly. */
static int
less(int n)
{
    return n < FEW ? n : n - (n + 49) / 50;
}

/* What the spell that is over says of the rate. */
static int
measure(struct throttle *t, int64_t now_us)
{
    int64_t busy_us = now_us - t->busy_us;
    int taken = throttle_taken(t, now_us) + t->others;
    taken = taken > t->taken_before ? taken : t->taken_before;
    t->guessed = t->limit == 0 && busy_us < SECOND_US;
    if (t->guessed) {
        int64_t guess = taken * (int64_t)SECOND_US / (busy_us > SLOT_US ? busy_us : SLOT_US);
        taken = guess > LIMIT_MAX ? LIMIT_MAX : guess < GUESS_LEAST ? GUESS_LEAST : (int)guess;
    }
    if (t->limit == 0) {
        return less(taken) > 0 ? less(taken) : 1;
    }
    if (t->limit < FEW && t->spell_us - t->ended_us < AFTER_US) { /* the last spell's aftermath */
        return t->limit;
    }
    int lower = less(t->limit) < t->limit ? less(t->limit) : t->limit - 1;
    if (t->safe > 0 && t->safe < t->limit) { /* raised too far */
        lower = t->safe;
    }
    if (taken < t->limit - t->limit / 8 - 1) { /* not the old ceiling: it takes much less now */
        lower = taken > t->limit / 2 ? taken : t->limit / 2;
    }
    return lower > 0 ? lower : 1;
}

bool
throttle_accepted(struct throttle *t, int64_t written_us, int64_t now_us)
{
    note_busy(t, written_us, now_us);
    move_slots(t, now_us);
    t->taken[t->slot % THROTTLE_SLOTS]++;
    if (!t->spell || written_us < t->until_us) {
        return false;
    }
    t->limit = measure(t, now_us);
    t->spell = false;
    t->ended_us = now_us;
    t->delay_us = 0;
    t->safe = 0;
    hold(t, now_us);
    t->raise_us = t->guessed ? now_us + GUESS_US : t->raise_us;
    return true;
}

bool
throttle_refused(struct throttle *t, int64_t written_us, int64_t now_us)
{
    note_busy(t, written_us, now_us);
    t->refused_us = now_us;
    bool changed = !t->slowed;
    t->slowed = true;
    if (written_us < t->until_us) {
        return false;
    }
    if (!t->spell) {
        t->spell = true;
        t->spell_us = now_us;
        t->taken_before = throttle_taken(t, now_us) + t->others;
    }
    bool is_long = now_us - t->spell_us > LONG_SPELL_US;
    int64_t most_us = is_long ? PAUSE_MAX_US : PAUSE_SHORT_US;
    t->delay_us = t->delay_us == 0 ? PAUSE_FIRST_US : t->delay_us * 2;
    t->delay_us = t->delay_us > most_us ? most_us : t->delay_us;
    t->until_us = now_us + t->delay_us;
    return changed;
}

/* The limit is in use, as far as the last slots tell. */
static bool
is_used(struct throttle *t, int64_t now_us)
{
    int slots = t->guessed ? GUESS_SLOTS : THROTTLE_SLOTS;
    int64_t wanted = (int64_t)t->limit * slots / THROTTLE_SLOTS * 85 / 100;
    return taken_in(t, slots, now_us) + t->others * slots / THROTTLE_SLOTS >= wanted;
}

static void
raise_limit(struct throttle *t, int64_t now_us)
{
    int step = t->limit / 100;
    t->safe = t->limit;
    t->step = t->step > 0 ? t->step * 2 : step > 0 ? step : 1;
    t->limit += t->guessed ? t->limit : t->step;
    t->raise_us = now_us + (t->guessed ? GUESS_US : STEP_US);
    if (t->limit >= LIMIT_MAX) {
        t->limit = 0; /* as good as none */
        t->step = 0;
    }
}

bool
throttle_watch(struct throttle *t, int64_t now_us)
{
    bool calm = t->slowed && now_us - t->refused_us >= CALM_US;
    if (calm) {
        t->slowed = false;
    }
    if (t->limit == 0 || t->spell || now_us < t->raise_us || !is_used(t, now_us)) {
        return calm;
    }
    raise_limit(t, now_us);
    return true;
}

void
throttle_restart(struct throttle *t)
{
    t->spell = false;
    t->until_us = t->delay_us = 0;
}

void
throttle_adopt(struct throttle *t, int limit, int64_t now_us)
{
    if (limit == t->limit) {
        return;
    }
    if (limit > 0 && (t->limit == 0 || limit < t->limit)) { /* it was refused elsewhere */
        t->slowed = true;
        t->refused_us = now_us;
        hold(t, now_us);
    } else {
        t->raise_us = now_us + STEP_US;
    }
    t->guessed = false;
    t->limit = limit;
}

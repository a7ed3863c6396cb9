/* Pacing: every sliding second holds the limit, and 97 % of it is used, with a caller that is late
 * at random. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "gateway/core/rate.h"

static uint32_t seed;

static int64_t
late_us(int64_t most_us)
{
    seed = seed * 1664525u + 1013904223u;
    return most_us ? (int64_t)(seed >> 8) % (most_us + 1) : 0;
}

static const struct {
    const char *label;
    double limit;
    int64_t late_us; /* the caller wakes up to this much too late */
    int64_t idle_us; /* and once, after two seconds, sleeps so long */
} cases[] = {
    {"one in two seconds", 0.5, 1000, 0},
    {"one a second", 1, 1000, 0},
    {"one and a half", 1.5, 1000, 0},
    {"three a second", 3, 2000, 0},
    {"10/s", 10, 2000, 0},
    {"50/s, millisecond timers", 50, 1500, 0},
    {"200/s exact", 200, 0, 0},
    {"200/s, millisecond timers", 200, 1500, 0},
    {"200/s after a pause", 200, 1500, 3000000},
    {"1000/s, late by up to 4 ms", 1000, 4000, 0},
    {"1000/s stalled half a second", 1000, 1000, 500000},
    {"20000/s", 20000, 1500, 0},
};

/* Sends for 10 s whatever may leave at each waking.  Gives the times. */
static size_t
run(struct rate *rate, size_t row, int64_t *times, size_t room)
{
    int64_t now = 5000000, end = now + 10000000 + cases[row].idle_us;
    int64_t idle_at = cases[row].idle_us ? now + 2000000 : INT64_MAX;
    size_t n = 0;
    while (now < end) {
        while (n < room && rate_take(rate, now)) {
            times[n++] = now;
        }
        int64_t next = rate_next_us(rate);
        if (next <= now) {
            fail_msg("%s: refused at %ld though due at %ld", cases[row].label, (long)now,
                     (long)next);
        }
        now = next + late_us(cases[row].late_us);
        if (now >= idle_at) {
            now += cases[row].idle_us;
            idle_at = INT64_MAX;
        }
    }
    return n;
}

static void
check_every_second(size_t row, const int64_t *times, size_t n)
{
    size_t limit = (size_t)(cases[row].limit + 0.999); /* rounded up */
    for (size_t i = 0; i + limit < n; i++) {
        if (times[i + limit] - times[i] < 1000000) {
            fail_msg("%s: %zu parts in %ld us", cases[row].label, limit + 1,
                     (long)(times[i + limit] - times[i]));
        }
    }
}

static void
test_every_sliding_second(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof cases / sizeof *cases; row++) {
        size_t room = (size_t)cases[row].limit * 20 + 20;
        int64_t *times = malloc(room * sizeof *times);
        assert_non_null(times);
        struct rate *rate = rate_new(cases[row].limit);
        seed = (uint32_t)row + 1;
        size_t n = run(rate, row, times, room);
        check_every_second(row, times, n);
        if ((double)n < 9.7 * cases[row].limit || (double)n > 10 * cases[row].limit + 1) {
            fail_msg("%s: %zu of %.1f", cases[row].label, n, cases[row].limit * 10);
        }
        rate_free(&rate);
        assert_null(rate);
        free(times);
    }
}

/* In no 100 ms more than a tenth of the limit, the catch-up, and one. */
static void
test_parts_are_spread(void **state)
{
    (void)state;
    struct rate *rate = rate_new(1000);
    int64_t now = 1, times[4000];
    size_t n = 0;
    while (n < 4000) {
        if (rate_take(rate, now)) {
            times[n++] = now;
        } else {
            now = rate_next_us(rate) + late_us(3000);
        }
    }
    for (size_t i = 0; i + 122 < n; i++) {
        assert_true(times[i + 122] - times[i] >= 100000);
    }
    rate_free(&rate);
}

/* Over each change the limit of the new rate holds in every second that ends after it. */
static void
test_a_change_remembers_what_left(void **state)
{
    (void)state;
    static const int limits[][2] = {{200, 50}, {50, 200}, {100, 100}, {3, 1}, {1, 3}};
    for (size_t c = 0; c < sizeof limits / sizeof *limits; c++) {
        struct rate *rate = rate_new(limits[c][0]);
        int64_t now = 1, changed_us = 3000000, times[2000];
        int n = 0;
        bool done = false;
        for (; now < 6000000; now += 500) {
            if (now >= changed_us && !done) {
                rate = rate_change(rate, limits[c][1]);
                done = true;
            }
            if (rate_take(rate, now)) {
                times[n++] = now;
            }
        }
        assert_int_equal(rate_limit(rate), limits[c][1]);
        for (int i = 0; i + limits[c][1] < n; i++) {
            int64_t last = times[i + limits[c][1]];
            if (last >= changed_us && last - times[i] < 1000000) {
                fail_msg("%d to %d: too many from %lld on", limits[c][0], limits[c][1],
                         (long long)times[i]);
            }
        }
        rate_free(&rate);
    }
    struct rate *fresh = rate_change(NULL, 7);
    assert_int_equal(rate_limit(fresh), 7);
    rate_free(&fresh);
}

static void
test_room_is_what_may_leave(void **state)
{
    (void)state;
    struct rate *rate = rate_new(100);
    int64_t now = 1000000;
    while (rate_take(rate, now)) {
    }
    assert_int_equal(rate_room(rate, now, now), 0);
    assert_true(rate_room(rate, now, now + 20000) >= 1);
    for (int i = 0; i < 5000; i++) {
        int64_t until = now + late_us(40000);
        int room = rate_room(rate, now, until), taken = 0;
        for (; now < until; now += 100) {
            taken += rate_take(rate, now);
        }
        now = until;
        taken += rate_take(rate, now);
        if (taken > room || taken < room - 1) {
            fail_msg("room for %d, but %d left", room, taken);
        }
    }
    assert_int_equal(rate_limit(rate), 100);
    rate_free(&rate);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_sliding_second),
        cmocka_unit_test(test_parts_are_spread),
        cmocka_unit_test(test_a_change_remembers_what_left),
        cmocka_unit_test(test_room_is_what_may_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

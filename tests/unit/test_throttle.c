/* The rate found by throttling, against an SMSC that takes so many in any second. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/rate.h"
#include "gateway/core/throttle.h"

enum { CAP_MAX = 5000, FLIGHT_MAX = 1000, SECONDS = 40 };
static const int64_t MS = 1000;

static const struct {
    const char *label;
    int cap, later_cap; /* parts in any second; from second 20 on */
    int window, latency_ms;
    int configured; /* 0: none */
} cases[] = {
    {"200/s, answers at once", 200, 200, 100, 0, 0},
    {"200/s, twice of it configured", 200, 200, 100, 5, 400},
    {"200/s, wide window", 200, 200, 1000, 20, 0},
    {"200/s, far away", 200, 200, 100, 150, 0},
    {"30/s", 30, 30, 10, 20, 0},
    {"3/s", 3, 3, 10, 20, 0},
    {"2000/s", 2000, 2000, 1000, 20, 0},
    {"600/s, then 150/s", 600, 150, 100, 20, 0},
};

/* The other side: a ring of when it took the last parts, and what is on its way back. */
static struct {
    int64_t taken_us[CAP_MAX];
    int taken_n, taken_at;
    struct {
        int64_t written_us, due_us;
        bool ok;
    } flight[FLIGHT_MAX];
    int flight_at, flight_n;
    int ok[SECONDS], refused[SECONDS];
} smsc;

static bool
smsc_takes(int cap, int64_t now_us)
{
    int in_second = 0;
    for (int i = 0; i < CAP_MAX && i < smsc.taken_n; i++) {
        in_second += smsc.taken_us[i] > now_us - 1000000;
    }
    if (in_second >= cap) {
        return false;
    }
    smsc.taken_us[smsc.taken_at++ % CAP_MAX] = now_us;
    smsc.taken_n++;
    return true;
}

static void
submit(size_t row, int64_t now_us)
{
    int second = (int)(now_us / 1000000) - 1;
    int cap = second < 20 ? cases[row].cap : cases[row].later_cap;
    int at = (smsc.flight_at + smsc.flight_n++) % FLIGHT_MAX;
    smsc.flight[at].written_us = now_us;
    smsc.flight[at].due_us = now_us + cases[row].latency_ms * MS;
    smsc.flight[at].ok = smsc_takes(cap, now_us);
    smsc.ok[second] += smsc.flight[at].ok;
    smsc.refused[second] += !smsc.flight[at].ok;
}

static void
take_answers(struct throttle *t, struct rate **pace, int64_t now_us)
{
    bool changed = throttle_watch(t, now_us);
    while (smsc.flight_n > 0 && smsc.flight[smsc.flight_at].due_us <= now_us) {
        int64_t written_us = smsc.flight[smsc.flight_at].written_us;
        if (smsc.flight[smsc.flight_at].ok) {
            changed |= throttle_accepted(t, written_us, now_us);
        } else {
            changed |= throttle_refused(t, written_us, now_us);
        }
        smsc.flight_at = (smsc.flight_at + 1) % FLIGHT_MAX;
        smsc.flight_n--;
    }
    if (changed && (!*pace || rate_limit(*pace) != t->limit)) {
        rate_free(pace);
        *pace = t->limit > 0 ? rate_new(t->limit) : NULL;
    }
}

static void
run(size_t row)
{
    struct throttle t = {0};
    struct rate *pace = NULL;
    struct rate *set = cases[row].configured ? rate_new(cases[row].configured) : NULL;
    memset(&smsc, 0, sizeof smsc);
    for (int64_t now_us = 1000000; now_us < (SECONDS + 1) * INT64_C(1000000); now_us += MS) {
        take_answers(&t, &pace, now_us);
        while (throttle_lets(&t, now_us) && smsc.flight_n < cases[row].window &&
               (!set || rate_next_us(set) <= now_us) && (!pace || rate_take(pace, now_us)) &&
               (!set || rate_take(set, now_us))) {
            throttle_leaves(&t, now_us);
            submit(row, now_us);
        }
    }
    rate_free(&pace);
    rate_free(&set);
}

static void
check(size_t row, int from, int to, int cap)
{
    int ok = 0, refused = 0;
    for (int i = from; i < to; i++) {
        ok += smsc.ok[i];
        refused += smsc.refused[i];
    }
    if (ok < cap * (to - from) * 96 / 100 - 1 || refused > ok / 50 + 3) {
        fail_msg("%s: in seconds %d to %d %d taken of %d, %d refused", cases[row].label, from, to,
                 ok, cap * (to - from), refused);
    }
}

static void
test_finds_the_rate_and_holds_it(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof cases / sizeof *cases; row++) {
        run(row);
        check(row, 4, 20, cases[row].cap);
        check(row, 26, SECONDS, cases[row].later_cap);
    }
}

/* Short pauses at first, so that no second is silent; long ones when nothing is taken for long. */
static void
test_pauses_grow_until_something_is_taken(void **state)
{
    (void)state;
    struct throttle t = {0};
    int64_t now = 10000000, before = 0, began = now;
    for (int i = 0; i < 30; i++) {
        assert_true(throttle_lets(&t, now));
        throttle_leaves(&t, now);
        (void)throttle_refused(&t, now, now);
        assert_true(t.slowed);
        int64_t pause = t.until_us - now;
        assert_true(pause >= before);
        assert_true(pause <= 250000 || now - began > 3000000);
        (void)throttle_refused(&t, now - 1, now); /* written before: nothing new */
        assert_int_equal(t.until_us - now, pause);
        assert_false(throttle_lets(&t, t.until_us - 1));
        before = pause;
        now = t.until_us;
    }
    assert_int_equal(before, 5000000);
    assert_true(throttle_lets(&t, now));
    throttle_leaves(&t, now);
    assert_false(throttle_lets(&t, now + 1)); /* one part to try */
    assert_true(throttle_accepted(&t, now, now + 1));
    assert_true(throttle_lets(&t, now + 1));
    assert_true(throttle_watch(&t, now + 6000000));
    assert_false(t.slowed);
}

/* 660/s, then six refusals in a row: no reason to crawl. */
static void
test_a_short_spell_does_not_cripple(void **state)
{
    (void)state;
    struct throttle t = {0};
    int64_t now = 10000000;
    for (int i = 0; i < 39; i++, now += 1500) {
        (void)throttle_accepted(&t, now - 1000, now);
    }
    for (int i = 0; i < 6; i++) {
        (void)throttle_refused(&t, now - 1000 + i, now + i);
    }
    now = t.until_us;
    assert_true(throttle_accepted(&t, now, now + 1000));
    assert_true(t.limit >= 200);
    int64_t end = now + 2000000;
    for (int64_t next = now; now < end; now += 1000) {
        if (now >= next) { /* it uses what it is let */
            (void)throttle_accepted(&t, now - 1000, now);
            next += 1000000 / (t.limit < 660 && t.limit > 0 ? t.limit : 660);
        }
        (void)throttle_watch(&t, now);
    }
    assert_true(t.limit == 0 || t.limit >= 660);
}

static void
test_idle_forgets_nothing(void **state)
{
    (void)state;
    struct throttle t = {0};
    for (int i = 0; i < 400; i++) {
        (void)throttle_accepted(&t, 1000000 + i * 5000, 1000000 + i * 5000);
    }
    (void)throttle_refused(&t, 3000300, 3000300);
    assert_true(throttle_accepted(&t, t.until_us, t.until_us));
    int found = t.limit;
    assert_in_range(found, 185, 200);
    for (int64_t now = 3200000; now < INT64_C(3600000000); now += 500000) {
        (void)throttle_watch(&t, now);
    }
    assert_int_equal(t.limit, found);
}

/* What another process found counts at once, and what it takes counts as taken. */
static void
test_others_count(void **state)
{
    (void)state;
    struct throttle t = {.others = 100};
    for (int i = 0; i < 200; i++) {
        (void)throttle_accepted(&t, 1000000 + i * 10000, 1000000 + i * 10000);
    }
    (void)throttle_refused(&t, 3000300, 3000300);
    assert_true(throttle_accepted(&t, t.until_us, t.until_us));
    assert_in_range(t.limit, 185, 200);
    throttle_adopt(&t, 150, 4000000);
    assert_int_equal(t.limit, 150);
    assert_false(throttle_watch(&t, 4100000));
    throttle_adopt(&t, 0, 5000000);
    assert_int_equal(t.limit, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_the_rate_and_holds_it),
        cmocka_unit_test(test_pauses_grow_until_something_is_taken),
        cmocka_unit_test(test_a_short_spell_does_not_cripple),
        cmocka_unit_test(test_idle_forgets_nothing),
        cmocka_unit_test(test_others_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

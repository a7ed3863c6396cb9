/* Links of a route: health in simulated time, and who carries what. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/core/balance.h"

static const int64_t SECOND = 1000000;

/* What a link does for a minute, a sign a second: u up, d down, t throttled.  Then it is up. */
static const struct {
    const char *label, *minute;
    int moves; /* of its share, most of all, in that minute */
    enum health_grade at_end;
} minutes[] = {
    {"always up", "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu", 0, HEALTH_FULL},
    {"flaps every five seconds", "uuuuuddddduuuuuddddduuuuuddddduuuuuddddduuuuuddddduuuuuddddd", 1,
     HEALTH_OUT},
    {"flaps every two seconds", "uudduudduudduudduudduudduudduudduudduudduudduudduudduudduudd", 1,
     HEALTH_OUT},
    {"down once", "uuuuudddddddddduuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu", 2, HEALTH_FULL},
    {"throttled now and then", "uutuuuuutuuuuutuuuuutuuuuutuuuuutuuuuutuuuuutuuuuutuuuuutuu", 1,
     HEALTH_LIMITED},
    {"never up", "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd", 0, HEALTH_OUT},
    {"up late, for the first time", "ddddduuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu",
     1, HEALTH_FULL},
};

static void
test_a_share_moves_seldom_and_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++) {
        struct health h = {0};
        int64_t now = SECOND;
        enum health_grade grade = health_watch(&h, minutes[i].minute[0] != 'd', false, now), last;
        int moves = 0;
        for (int tenth = 1; tenth < 600; tenth++) {
            char sign = minutes[i].minute[tenth / 10];
            now += SECOND / 10;
            last = grade;
            grade = health_watch(&h, sign != 'd', sign == 't', now);
            moves += grade != last;
        }
        if (moves > minutes[i].moves || grade != minutes[i].at_end) {
            fail_msg("%s: %d moves, at the end %d", minutes[i].label, moves, (int)grade);
        }
        for (int tenth = 0; tenth < 600; tenth++) {
            now += SECOND / 10;
            grade = health_watch(&h, true, false, now);
        }
        assert_int_equal(grade, HEALTH_FULL);
    }
}

/* Link 0 and 1 (and 2): who may carry, as a sign each: y may, n may not. */
static const struct {
    const char *label, *may;
    struct balanced links[3];
} cases[] = {
    {"alike", "yyn", {{HEALTH_FULL, true, 0, 0, 900}, {HEALTH_FULL, true, 0, 0, 5}}},
    {"weights, even", "yyn", {{HEALTH_FULL, true, 0, 3, 300}, {HEALTH_FULL, true, 0, 1, 100}}},
    {"weights, one ahead", "nyn", {{HEALTH_FULL, true, 0, 3, 900}, {HEALTH_FULL, true, 0, 1, 100}}},
    {"ahead of one that is throttled",
     "yyn",
     {{HEALTH_FULL, true, 0, 3, 900}, {HEALTH_LIMITED, true, 0, 1, 100}}},
    {"ahead of one that is down",
     "ynn",
     {{HEALTH_FULL, true, 0, 3, 900}, {HEALTH_OUT, false, 0, 1, 100}}},
    {"one that has just come back waits",
     "ynn",
     {{HEALTH_FULL, true, 0, 0, 900}, {HEALTH_OUT, true, 0, 0, 100}}},
    {"unless nobody else is there",
     "nyn",
     {{HEALTH_OUT, false, 0, 0, 900}, {HEALTH_OUT, true, 0, 0, 100}}},
    {"the cheaper one first",
     "ynn",
     {{HEALTH_FULL, true, 0, 0, 900}, {HEALTH_FULL, true, 1, 0, 0}}},
    {"the dearer one helps out",
     "yyn",
     {{HEALTH_LIMITED, true, 0, 0, 900}, {HEALTH_FULL, true, 1, 0, 0}}},
    {"the dearest only when both cannot",
     "nny",
     {{HEALTH_OUT, false, 0, 0, 0}, {HEALTH_OUT, true, 1, 0, 0}, {HEALTH_FULL, true, 2, 0, 0}}},
    {"two dear ones behind a cheap one",
     "ynn",
     {{HEALTH_FULL, true, 0, 0, 0}, {HEALTH_FULL, true, 1, 2, 0}, {HEALTH_FULL, true, 1, 1, 0}}},
};

static void
test_who_may_carry(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t k = 0; k < 3; k++) {
            if (balance_lets(cases[i].links, 3, k) != (cases[i].may[k] == 'y')) {
                fail_msg("%s: link %zu", cases[i].label, k);
            }
        }
    }
}

/* 10,000 parts over 3 : 1, handed out in bunches, one of them away for a while. */
static void
test_weights_hold(void **state)
{
    (void)state;
    struct balanced links[] = {{HEALTH_FULL, true, 0, 3, 0}, {HEALTH_FULL, true, 0, 1, 0}};
    double before = 0;
    for (int i = 0; i < 1000; i++) {
        size_t next = balance_before(&links[1], &links[0]) ? 1 : 0;
        if (i == 500) {
            links[0].grade = HEALTH_OUT;
            links[0].up = false;
            before = links[0].served;
            assert_in_range((long)before, 3600, 3900);
        } else if (i == 600) {
            links[0].grade = HEALTH_FULL;
            links[0].up = true;
            balance_rejoin(links, 2, 0);
            before = links[0].served;
        }
        next = balance_lets(links, 2, next) ? next : 1 - next;
        assert_true(balance_lets(links, 2, next));
        links[next].served += 10;
    }
    assert_in_range((long)(links[0].served - before), 2900, 3100); /* 3/4 of the last 4,000 */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_share_moves_seldom_and_comes_back),
        cmocka_unit_test(test_who_may_carry),
        cmocka_unit_test(test_weights_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

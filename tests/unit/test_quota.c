/* A day's quota that several gateways share: units in hand, what comes back, what the platform
 * tells. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/core/quota.h"

enum { ERA = 7 };
static const int64_t SECOND = 1000000;

/* Reports at `now_us`, and is answered. */
static struct quota_report
report(struct quota *q, int waiting, int64_t now_us, struct quota_answer answer)
{
    struct quota_report told = {0};
    assert_true(quota_report(q, waiting, 4, now_us, &told));
    quota_take_answer(q, &told, &answer, now_us);
    return told;
}

/* A link that has `hand` of 100. */
static struct quota
begun(int hand)
{
    struct quota q;
    quota_init(&q);
    q.shared = true;
    (void)report(&q, 0, 0, (struct quota_answer){.era = ERA, .base = -1, .daily = -1});
    if (hand > 0) {
        struct quota_ticket ticket = quota_asks(&q);
        quota_told(&q, &ticket, 100, 100);
        quota_asked(&q, &ticket);
        (void)report(&q, 20, SECOND, (struct quota_answer){ERA, 0, 100, 100, hand, 0});
    }
    return q;
}

static void
test_only_what_is_in_hand_goes(void **state)
{
    (void)state;
    struct quota q = begun(2);
    assert_int_equal(quota_may(&q, SECOND), QUOTA_GOES);
    struct quota_ticket first = quota_take(&q, SECOND), second = quota_take(&q, SECOND);
    assert_int_equal(quota_may(&q, SECOND), QUOTA_SOON);
    quota_answered(&q, &first, false); /* refused: it is there again */
    assert_int_equal(quota_may(&q, SECOND), QUOTA_GOES);
    quota_answered(&q, &second, true);
    assert_int_equal(q.spent, 1);
    assert_int_equal(q.hand, 1);
    assert_int_equal(q.out, 0);
    struct quota_report told =
        report(&q, 9, 2 * SECOND, (struct quota_answer){ERA, 1, 100, 100, 0, 0});
    assert_int_equal(told.spent, 1);
    assert_int_equal(told.hand, 1);
    assert_int_equal(told.want, 9 + 4 - 1);
}

static void
test_without_a_figure_nothing_is_counted(void **state)
{
    (void)state;
    struct quota alone = {0};
    assert_int_equal(quota_may(&alone, 0), QUOTA_GOES);
    struct quota q = begun(0);
    assert_int_equal(quota_may(&q, 0), QUOTA_GOES);
    struct quota_ticket ticket = quota_asks(&q); /* it might come */
    assert_int_equal(quota_may(&q, 0), QUOTA_SOON);
    quota_asked(&q, &ticket);
    assert_int_equal(quota_may(&q, 0), QUOTA_GOES);
    ticket = quota_take(&q, 0);
    quota_answered(&q, &ticket, true);
    assert_int_equal(q.spent, 1);
    assert_int_equal(q.hand, 0);
}

static void
test_what_the_platform_told_is_handed_on_once(void **state)
{
    (void)state;
    struct quota q = begun(2);
    struct quota_ticket first = quota_take(&q, SECOND), second = quota_take(&q, SECOND);
    quota_answered(&q, &second, true);
    quota_told(&q, &second, 100, 98);
    quota_answered(&q, &first, true);
    quota_told(&q, &first, 100, 99);
    struct quota_report told =
        report(&q, 1, 2 * SECOND, (struct quota_answer){ERA, 2, 100, 100, 0, 0});
    assert_int_equal(told.least, 99);
    assert_int_equal(told.most, 98);
    assert_int_equal(q.left, 98);
    told = report(&q, 1, 3 * SECOND, (struct quota_answer){ERA, 2, 100, 100, 0, 0});
    assert_int_equal(told.least, -1);
    assert_int_equal(told.most, -1);
}

/* Nothing is granted: who may still have some is waited for; with nobody left the platform is
 * asked, once, and then it is gone. */
static void
test_the_end(void **state)
{
    (void)state;
    struct quota q = begun(1);
    struct quota_ticket ticket = quota_take(&q, SECOND);
    (void)report(&q, 5, 2 * SECOND, (struct quota_answer){ERA, 90, 100, 100, 0, 9});
    assert_int_equal(quota_may(&q, 2 * SECOND), QUOTA_HELD);
    (void)report(&q, 5, 3 * SECOND, (struct quota_answer){ERA, 99, 100, 100, 0, 0});
    assert_int_equal(quota_may(&q, 3 * SECOND), QUOTA_SOON); /* its own may come back */
    assert_false(q.ask);
    quota_answered(&q, &ticket, true);
    (void)report(&q, 5, 4 * SECOND, (struct quota_answer){ERA, 100, 100, 100, 0, 0});
    assert_true(q.ask);
    assert_int_equal(quota_may(&q, 4 * SECOND), QUOTA_SOON);
    ticket = quota_asks(&q);
    (void)report(&q, 5, 5 * SECOND, (struct quota_answer){ERA, 100, 100, 100, 0, 0});
    assert_int_equal(quota_may(&q, 5 * SECOND), QUOTA_SOON);
    quota_told(&q, &ticket, 100, 0);
    quota_asked(&q, &ticket);
    (void)report(&q, 5, 6 * SECOND, (struct quota_answer){ERA, 100, 100, 100, 0, 0});
    assert_int_equal(quota_may(&q, 6 * SECOND), QUOTA_GONE);
    (void)report(&q, 5, 7 * SECOND, (struct quota_answer){ERA, 100, 105, 105, 2, 0});
    assert_int_equal(quota_may(&q, 7 * SECOND), QUOTA_GOES); /* it was raised */
}

static void
test_what_is_not_used_goes_back(void **state)
{
    (void)state;
    struct quota q = begun(8);
    (void)quota_take(&q, SECOND);
    struct quota_report told;
    assert_false(quota_report(&q, 0, 4, SECOND + 1000, &told));
    assert_true(quota_report(&q, 0, 4, 2 * SECOND, &told));
    assert_int_equal(told.hand, 1); /* the one that is with the platform */
    assert_int_equal(told.want, 0);
    assert_int_equal(q.hand, 0);
}

static void
test_a_slice_ends(void **state)
{
    (void)state;
    struct quota q = begun(8);
    assert_int_equal(quota_may(&q, 5 * SECOND), QUOTA_GOES);
    assert_int_equal(quota_may(&q, 6 * SECOND), QUOTA_SOON);
    struct quota_report told;
    assert_true(quota_report(&q, 3, 4, 6 * SECOND, &told));
    assert_int_equal(told.hand, 0);
}

static void
test_another_day_begins_anew(void **state)
{
    (void)state;
    struct quota q = begun(3);
    struct quota_ticket old = quota_take(&q, SECOND);
    (void)report(&q, 9, 2 * SECOND, (struct quota_answer){.era = ERA + 1, .base = -1});
    assert_int_equal(q.hand, 0);
    assert_true(q.ask);
    assert_int_equal(quota_may(&q, 2 * SECOND), QUOTA_SOON);
    quota_answered(&q, &old, true); /* of yesterday */
    quota_told(&q, &old, 100, 0);
    assert_int_equal(q.spent, 0);
    assert_int_equal(q.most, -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_is_in_hand_goes),
        cmocka_unit_test(test_without_a_figure_nothing_is_counted),
        cmocka_unit_test(test_what_the_platform_told_is_handed_on_once),
        cmocka_unit_test(test_the_end),
        cmocka_unit_test(test_what_is_not_used_goes_back),
        cmocka_unit_test(test_a_slice_ends),
        cmocka_unit_test(test_another_day_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

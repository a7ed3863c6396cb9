/* What a shared rate has granted: every part in its own time, nothing saved up. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/core/allowance.h"

static void
test_parts_leave_in_their_time(void **state)
{
    (void)state;
    struct allowance a = {0};
    assert_true(allowance_next_us(&a, 0) == INT64_MAX);
    assert_false(allowance_take(&a, 0));
    allowance_add(&a, (struct lease){1000000, 5000, 2});
    allowance_add(&a, (struct lease){1010000, 5000, 2});
    assert_int_equal(allowance_left(&a, 0), 4);
    assert_false(allowance_take(&a, 999999));
    assert_int_equal(allowance_next_us(&a, 999999), 1000000);
    assert_true(allowance_take(&a, 1000000));
    assert_false(allowance_take(&a, 1004999));
    assert_true(allowance_take(&a, 1005000));
    assert_int_equal(allowance_left(&a, 1005000), 2);
    assert_true(allowance_take(&a, 1011000));
    assert_true(allowance_take(&a, 1015000));
    assert_false(allowance_take(&a, 2000000));
}

/* How late a part may be: 20 ms and a step; then it is lost. */
static void
test_what_is_not_used_is_lost(void **state)
{
    (void)state;
    static const struct {
        double step_us;
        int64_t late_us;
    } cases[] = {{50, 20050}, {5000, 25000}, {100000, 120000}, {2000000, 500000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct allowance a = {0};
        allowance_add(&a, (struct lease){1000000, cases[i].step_us, 1});
        assert_int_equal(allowance_left(&a, 1000000 + cases[i].late_us), 1);
        assert_int_equal(allowance_left(&a, 1000001 + cases[i].late_us), 0);
        assert_false(allowance_take(&a, 1000001 + cases[i].late_us));
        allowance_add(&a, (struct lease){3000000, cases[i].step_us, 1});
        assert_true(allowance_take(&a, 3000000 + cases[i].late_us));
    }
}

/* A second asleep with two hundred parts granted: no burst behind it. */
static void
test_no_burst_after_a_sleep(void **state)
{
    (void)state;
    struct allowance a = {0};
    for (int i = 0; i < 100; i++) {
        allowance_add(&a, (struct lease){1000000 + i * 10000, 5000, 2});
    }
    int n = 0;
    while (allowance_take(&a, 1500000)) {
        n++;
    }
    assert_in_range(n, 1, 6);
    allowance_clear(&a);
    assert_int_equal(allowance_left(&a, 0), 0);
}

/* More than there is room for: the latest ones count. */
static void
test_a_full_ring(void **state)
{
    (void)state;
    struct allowance a = {0};
    for (int i = 0; i < ALLOWANCE_MAX + 3; i++) {
        allowance_add(&a, (struct lease){1000000 + i * 1000, 1000, 1});
    }
    assert_int_equal(allowance_left(&a, 0), ALLOWANCE_MAX);
    assert_int_equal(allowance_next_us(&a, 0), 1003000);
    allowance_add(&a, (struct lease){9000000, 1000, 0});
    assert_int_equal(allowance_left(&a, 0), ALLOWANCE_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_leave_in_their_time),
        cmocka_unit_test(test_what_is_not_used_is_lost),
        cmocka_unit_test(test_no_burst_after_a_sleep),
        cmocka_unit_test(test_a_full_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* When a refused message is tried again. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/core/retry.h"

static const struct {
    const char *label;
    int attempt;
    int64_t expires_ms;
    uint32_t random;
    int64_t own_ms;
    int64_t due_ms; /* from now = 1,000,000 with 5 tries, first 1,000, max 3,000 */
} cases[] = {
    {"second try, least jitter", 1, 0, 0, 0, 1000000},
    {"second try, most jitter", 1, 0, 1000, 0, 1001000},
    {"jitter wraps", 1, 0, 1001, 0, 1000000},
    {"third try doubles", 2, 0, 2000, 0, 1002000},
    {"fourth is held to max", 3, 0, 3000, 0, 1003000},
    {"fifth too", 4, 0, 3001, 0, 1000000},
    {"tries used up", 5, 0, 0, 0, 0},
    {"more than used up", 6, 0, 0, 0, 0},
    {"still in time", 1, 1000501, 500, 0, 1000500},
    {"would come too late", 1, 1000500, 500, 0, 0},
    {"the provider's delay is longer", 1, 0, 0, 7000, 1007000},
    {"ours is longer", 1, 0, 1000, 700, 1001000},
    {"the provider's delay is longer than max", 4, 0, 0, 86400000, 87400000},
    {"the provider's delay ends too late", 1, 1007000, 0, 7000, 0},
    {"the provider's delay gives no more tries", 5, 0, 0, 7000, 0},
};

static void
test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct retry_rules rules = {5, 1000, 3000, cases[i].own_ms};
        int64_t due =
            retry_at(&rules, cases[i].attempt, 1000000, cases[i].expires_ms, cases[i].random);
        if (due != cases[i].due_ms) {
            fail_msg("%s: %lld, not %lld", cases[i].label, (long long)due,
                     (long long)cases[i].due_ms);
        }
    }
}

static void
test_a_long_way_does_not_overflow(void **state)
{
    (void)state;
    const struct retry_rules rules = {1000000, 1, INT64_C(86400000), 0};
    assert_int_equal(retry_at(&rules, 999999, 0, 0, 86400000), 86400000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_a_long_way_does_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

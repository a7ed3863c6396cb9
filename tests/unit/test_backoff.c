/* Backoff with full jitter. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/core/backoff.h"

static const struct {
    const char *label;
    unsigned failures;
    uint32_t random;
    int64_t wait_ms;
} cases[] = {
    {"first, least", 0, 0, 0},        {"first, most", 0, 250, 250},
    {"first wraps", 0, 251, 0},       {"second, most", 1, 500, 500},
    {"fourth, most", 3, 2000, 2000},  {"held to the most", 7, 10000, 10000},
    {"never beyond it", 7, 10001, 0}, {"many failures", 4000000000u, 10000, 10000},
};

static void
test_waits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = backoff_ms(250, 10000, cases[i].failures, cases[i].random);
        if (got != cases[i].wait_ms) {
            fail_msg("%s: got %ld", cases[i].label, (long)got);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_waits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

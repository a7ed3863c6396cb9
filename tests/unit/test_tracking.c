/* The names that messages have with a platform: they come back as they went. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/core/tracking.h"

static void
test_there_and_back(void **state)
{
    static const struct {
        const char *broadcast;
        uint32_t index;
        unsigned attempt;
        const char *name; /* NULL: of an ID that is too long, and comes back as its hash */
    } cases[] = {
        {"7K2M", 0, 1, "7K2M-0-1"},
        {"tb-118.2", 4711, 1, "tb-118_p2-3mv-1"},
        {"a_b", 35, 36, "a__b-z-10"},
        {"0f8fad5b-d9cb-469f-a165-70867728950e", UINT32_MAX, 255,
         "0f8fad5b-d9cb-469f-a165-70867728950e-1z141z3-73"},
        {"a-very-long-name-of-a-broadcast-that-nobody-types", 7, 1, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[TRACKING_ROOM], broadcast[TRACKING_BROADCAST];
        uint32_t index = 0;
        unsigned attempt = 0;
        tracking_make(cases[i].broadcast, cases[i].index, cases[i].attempt, name);
        assert_true(strlen(name) <= 48);
        assert_true(tracking_read(str_of(name), broadcast, &index, &attempt));
        char hash[TRACKING_HASH];
        bool hashed = tracking_hashed(cases[i].broadcast, hash);
        assert_int_equal(hashed, cases[i].name == NULL);
        if (cases[i].name) {
            assert_string_equal(name, cases[i].name);
        }
        assert_string_equal(broadcast, hashed ? hash : cases[i].broadcast);
        assert_int_equal(index, cases[i].index);
        assert_int_equal(attempt, cases[i].attempt);
    }
}

static void
test_what_is_none_of_ours(void **state)
{
    static const char *const names[] = {
        "",
        "-",
        "--",
        "a",
        "a-1",
        "-0-1",
        "a-0-",
        "a--1",
        "a-0-99",
        "a-1z141z4-1",
        "a-A-1",
        "a-zzzzzzzzzzzz-1",
        "a_x-0-1",
        "a_-0-1",
        "0123456789012345678901234567890123456789012345-0-1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char broadcast[TRACKING_BROADCAST];
        uint32_t index = 0;
        unsigned attempt = 0;
        if (tracking_read(str_of(names[i]), broadcast, &index, &attempt)) {
            fail_msg("'%s' was taken for one of ours", names[i]);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_is_none_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

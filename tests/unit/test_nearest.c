/* Which name was meant. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/nearest.h"

static void
test_distance(void **state)
{
    (void)state;
    static const struct {
        const char *label, *a, *b;
        size_t edits;
    } cases[] = {
        {"equal", "window", "window", 0},
        {"case is free", "Window", "wINDOW", 0},
        {"insert", "window", "windows", 1},
        {"delete", "window", "windw", 1},
        {"replace", "rate", "rale", 1},
        {"swap", "redis", "rdeis", 1},
        {"empty", "", "abc", 3},
        {"both empty", "", "", 0},
        {"two apart", "sms", "mms2", 2},
        {"a letter with marks is one", "tổ", "tô", 1},
        {"no UTF-8", "\xff", "a", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t got = nearest_distance(str_of(cases[i].a), str_of(cases[i].b));
        size_t back = nearest_distance(str_of(cases[i].b), str_of(cases[i].a));
        if (got != cases[i].edits || back != got) {
            fail_msg("%s: %zu and %zu, not %zu", cases[i].label, got, back, cases[i].edits);
        }
    }
    char longer[66];
    memset(longer, 'x', sizeof longer);
    assert_true(nearest_distance((struct str){longer, 65}, STR("x")) == SIZE_MAX);
    assert_int_equal(nearest_distance((struct str){longer, 64}, STR("x")), 63);
}

static void
test_find(void **state)
{
    (void)state;
    static const char *const names[] = {"redis", "timezone", "channels", "links", "rate", "rates"};
    static const struct {
        const char *label, *word, *found;
    } cases[] = {
        {"swapped", "rdeis", "redis"},
        {"missing letter", "chanels", "channels"},
        {"fewest edits win", "rats", "rate"},
        {"nothing near", "receipts", NULL},
        {"exact", "rates", "rates"},
        {"one letter", "x", NULL},
        {"empty", "", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = nearest_find(str_of(cases[i].word), names, 6);
        const char *want = cases[i].found;
        if ((got == NULL) != (want == NULL) || (got && strcmp(got, want) != 0)) {
            fail_msg("%s: %s", cases[i].label, got ? got : "none");
        }
    }
    assert_null(nearest_find(STR("a"), NULL, 0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

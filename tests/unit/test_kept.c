/* What was accepted of a message in parts, as text and back. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/kept.h"

static struct link_message
a_message(uint16_t taken)
{
    struct link_message m = {.parts_n = 3, .parts_taken = taken, .result = LINK_TEMPORARY};
    for (int i = 0; i < 3; i++) {
        (void)snprintf(m.ids[i], sizeof m.ids[i], "id%d", i);
    }
    return m;
}

static void
test_there_and_back(void **state)
{
    (void)state;
    struct link_message m = a_message(5), next = {.parts_n = 3};
    char text[KEPT_SIZE];
    size_t n = kept_put(&m, 2, 7, text);
    assert_string_equal(text, "2 3 1 7 5 id0;;id2;");
    kept_take((struct str){text, n}, 3, 7, &next);
    assert_int_equal(next.parts_taken, 5);
    assert_int_equal(next.chain, 2);
    assert_string_equal(next.ids[0], "id0");
    assert_string_equal(next.ids[1], "");
    assert_string_equal(next.ids[2], "id2");
    assert_int_equal(strlen(text), n);
    (void)kept_put(&next, 3, 7, text); /* refused again: still the message of try 2 */
    assert_string_equal(text, "2 4 1 7 5 id0;;id2;");
}

static void
test_what_is_worth_it(void **state)
{
    (void)state;
    struct link_message m = a_message(5);
    assert_true(kept_is_worth(&m));
    m.result = LINK_REFUSED;
    assert_true(kept_is_worth(&m));
    m.result = LINK_UNCERTAIN; /* the whole message goes again */
    assert_false(kept_is_worth(&m));
    m = a_message(0);
    assert_false(kept_is_worth(&m));
}

static void
test_what_is_another_try(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t attempt;
        int link;
    } others[] = {
        {"2 3 1 7 5 id0;;id2;", 4, 7}, {"2 3 1 7 5 id0;;id2;", 3, 6},
        {"2 3 0 7 7 a;b;c;", 3, 7},    {"2 3 1 7 9 a;;;d;", 3, 7},
        {"2 3 2 7 5 id0;;id2;", 3, 7}, {"2 3 1 7", 3, 7},
        {"x 3 1 7 5 id0;;id2;", 3, 7}, {"", 3, 7},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct link_message m = {.parts_n = 3};
        kept_take(str_of(others[i].text), others[i].attempt, others[i].link, &m);
        if (m.parts_taken != 0 || m.chain != 0) {
            fail_msg("'%s' is taken", others[i].text);
        }
    }
}

static void
test_the_longest(void **state)
{
    (void)state;
    struct link_message m = {.parts_n = SEGMENT_MAX, .parts_taken = 0x3ff};
    char text[KEPT_SIZE];
    for (int i = 0; i < SEGMENT_MAX; i++) {
        memset(m.ids[i], 'a', LINK_ID_SIZE - 1);
    }
    assert_in_range(kept_put(&m, 255, 1295, text), 650, KEPT_SIZE - 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_is_worth_it),
        cmocka_unit_test(test_what_is_another_try),
        cmocka_unit_test(test_the_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

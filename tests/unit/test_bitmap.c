/* Sets of members: Redis' bit order, and what an audience's expression needs. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/core/bitmap.h"

/* The members as "0 9 10 ". */
static const char *
text_of(const struct bitmap *b)
{
    static char text[400];
    uint32_t number;
    size_t n = 0;
    text[0] = '\0';
    for (uint32_t from = 0; bitmap_next(b, from, &number); from = number + 1) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%u ", number);
    }
    return text;
}

static void
test_looking(void **state)
{
    (void)state;
    struct bitmap b = bitmap_copy("\x80\x60\x00\x01", 4);
    uint32_t numbers[8], number = 99;
    assert_string_equal(text_of(&b), "0 9 10 31 ");
    assert_int_equal(bitmap_count(&b), 4);
    assert_true(bitmap_has(&b, 31));
    assert_false(bitmap_has(&b, 30));
    assert_false(bitmap_has(&b, 32)); /* behind its end */
    assert_false(bitmap_next(&b, 32, &number));
    assert_int_equal(bitmap_select(&b, 1, numbers, 2), 2);
    assert_int_equal(numbers[0], 9);
    assert_int_equal(numbers[1], 10);
    assert_int_equal(bitmap_select(&b, 11, numbers, 8), 1);
    static const uint32_t places[] = {0, 9, 10, 31};
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(bitmap_at(&b, i, &number));
        assert_int_equal(number, places[i]);
    }
    assert_false(bitmap_at(&b, 4, &number));
    bitmap_deinit(&b);
    struct bitmap none = {NULL, 0};
    assert_int_equal(bitmap_count(&none), 0);
    assert_false(bitmap_at(&none, 0, &number));
}

static const struct {
    const char *label, *a, *b, *result;
    size_t a_n, b_n;
    char op;
} cases[] = {
    {"and", "\xf0", "\x3c", "2 3 ", 1, 1, '&'},
    {"and with a shorter one", "\xff\xff", "\x80", "0 ", 2, 1, '&'},
    {"and with a longer one", "\x80", "\xff\xff", "0 ", 1, 2, '&'},
    {"or", "\x80", "\x01", "0 7 ", 1, 1, '|'},
    {"or with a longer one", "\x80", "\x00\x01", "0 15 ", 1, 2, '|'},
    {"or with a shorter one", "\x80\x01", "\x01", "0 7 15 ", 2, 1, '|'},
    {"without", "\x80", "\xe0", "1 2 ", 1, 1, '!'},
    {"without: a shorter one", "\x80", "\xc0\x80", "1 8 ", 1, 2, '!'},
    {"without: who is not in all never comes in", "\xff\xff", "\x80", "", 2, 1, '!'},
    {"without nobody", "", "\xc0", "0 1 ", 0, 1, '!'},
};

static void
test_operations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bitmap a = bitmap_copy(cases[i].a, cases[i].a_n);
        struct bitmap b = bitmap_copy(cases[i].b, cases[i].b_n);
        switch (cases[i].op) {
        case '&':
            bitmap_and(&a, &b);
            break;
        case '|':
            bitmap_or(&a, &b);
            break;
        default:
            bitmap_invert(&a, &b);
            break;
        }
        if (strcmp(text_of(&a), cases[i].result) != 0) {
            fail_msg("%s: got %s", cases[i].label, text_of(&a));
        }
        bitmap_deinit(&a);
        bitmap_deinit(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looking),
        cmocka_unit_test(test_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

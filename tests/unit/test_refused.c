/* Signs that operators refuse, and the codes of short links. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/refused.h"
#include "gateway/core/short_link.h"

#define LIST "&#%[]{}\\<@"

static void
test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *refused, *gives;
    } rows[] = {
        {"UBND & HDND", "", "UBND & HDND"},
        {"UBND & HDND", LIST, "UBND va HDND"},
        {"0,03%/ngay", LIST, "0,03 phan tram/ngay"},
        {"phong #5", LIST, "phong so 5"},
        {"phí 5% & quà #1", LIST, "phí 5 phần trăm và quà số 1"},
        {"[QC] a\\b", LIST, "(QC) a/b"},
        {"Kinh gui {name}: {x}", LIST, "Kinh gui {name}: (x)"},
        {"hai\ndong & ba", LIST, "hai\ndong va ba"},
        {"a_b", "_-", "ab"},
        {"a;b", ";", "a,b"},
        {"a:b", ":", "a b"},
        {"Ăn ả ọ “x”", "€", "Ăn ả ọ “x”"}, /* none of them is a part of another */
        {"5 € – Ăn “ả”", "€–“”", "5 - Ăn \"ả\""},
        {"Ăn ă", "Ă", "An ă"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct str got = refused_replace(arena, str_of(rows[i].text), str_of(rows[i].refused));
        if (!str_equal_z(got, rows[i].gives)) {
            fail_msg("'%s': '%.*s'", rows[i].text, (int)got.n, got.p);
        }
        arena_free(&arena);
    }
}

static void
test_links(void **state)
{
    (void)state;
    static const struct {
        const char *link, *refused, *gives;
    } rows[] = {
        {"https://a.vn/x?a=1&b=2#c", "", "https://a.vn/x?a=1&b=2#c"},
        {"https://a.vn/x?a=1&b=2", LIST, ""},
        {"https://a.vn/x#c", LIST, "https://a.vn/x"},
        {"https://a.vn/x#c", "%", "https://a.vn/x#c"},
        {"https://a.vn/%C3%A0", LIST, ""},
        {"", LIST, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str got = refused_link(str_of(rows[i].link), str_of(rows[i].refused));
        if (!str_equal_z(got, rows[i].gives)) {
            fail_msg("'%s': '%.*s'", rows[i].link, (int)got.n, got.p);
        }
    }
}

static void
test_codes(void **state)
{
    (void)state;
    char a[SHORT_CODE_ROOM], b[SHORT_CODE_ROOM];
    short_code(STR("tb-1"), STR("00ff"), STR("1-0"), a);
    short_code(STR("tb-1"), STR("00ff"), STR("1-0"), b);
    assert_string_equal(a, b);
    assert_int_equal(strspn(a, SHORT_CODE_ALPHABET), SHORT_CODE_N);
    short_code(STR("tb-1"), STR("00ff"), STR("1-1"), b);
    assert_string_not_equal(a, b);
    short_code(STR("tb-10"), STR("0ff"), STR("1-0"), b); /* not run together */
    assert_string_not_equal(a, b);
    assert_null(strpbrk(SHORT_CODE_ALPHABET, "01lo" LIST));
}

/* What a phone's user types in capitals is the same code. */
static void
test_reading(void **state)
{
    (void)state;
    char code[SHORT_CODE_ROOM];
    assert_true(short_code_read(STR("7KxM2abZ"), code));
    assert_string_equal(code, "7kxm2abz");
    static const char *const wrong[] = {"",         "7kxm2ab",  "7kxm2abzz",
                                        "7kxm2ab0", "7kxm2ab/", "7kxm2abl"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(short_code_read(str_of(wrong[i]), code));
    }
    assert_false(short_code_read((struct str){"7kxm\0abz", 8}, code));
}

static void
test_short_links(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_true(str_equal_z(short_link(arena, STR("https://a.vn/s/"), "7kxm2abz"),
                            "https://a.vn/s/7kxm2abz"));
    assert_true(str_equal_z(short_link(arena, STR("https://a.vn/s"), "7kxm2abz"),
                            "https://a.vn/s/7kxm2abz"));
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),       cmocka_unit_test(test_links),
        cmocka_unit_test(test_codes),       cmocka_unit_test(test_reading),
        cmocka_unit_test(test_short_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

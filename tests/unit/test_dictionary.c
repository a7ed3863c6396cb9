/* The abbreviations: the table that is built in, and what is no table. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/core/dictionary.h"

static struct str
brief_of(const struct dictionary *d, struct arena *arena, const char *text,
         enum dictionary_when when)
{
    struct plain p;
    size_t n = 0;
    plain_of(arena, str_of(text), &p);
    const struct dictionary_entry *e = dictionary_find(d, &p, 0, when, &n);
    return e ? e->brief : (struct str){"", 0};
}

static void
test_the_longest_stands_for_itself(void **state)
{
    static const struct {
        const char *text, *brief;
        enum dictionary_when when;
    } cases[] = {
        {"Ủy ban nhân dân phường", "UBND", DICTIONARY_ALWAYS},
        {"ỦY BAN NHÂN DÂN", "UBND", DICTIONARY_ALWAYS},
        {"Uy ban nhan dan phuong", "UBND", DICTIONARY_ALWAYS},
        {"Ủy ban Mặt trận Tổ quốc Việt Nam", "UBMTTQVN", DICTIONARY_ALWAYS},
        {"tổ dân phố số 7", "TDP", DICTIONARY_ALWAYS},
        {"chuyển đổi số", "", DICTIONARY_ALWAYS},
        {"chuyển đổi số", "CĐS", DICTIONARY_TIGHT},
        {"phường Tân Lập", "P.", DICTIONARY_TIGHT},
        {"phường thông báo", "", DICTIONARY_TIGHT},
        {"thông báo", "", DICTIONARY_TIGHT},
        {"nhà văn hóa", "NVH", DICTIONARY_ALWAYS},
        {"nhà văn", "", DICTIONARY_TIGHT},
    };
    struct arena *arena = arena_new();
    struct dictionary d;
    (void)state;
    dictionary_built_in(arena, &d);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str got = brief_of(&d, arena, cases[i].text, cases[i].when);
        if (!str_equal_z(got, cases[i].brief)) {
            fail_msg("%s: got %.*s", cases[i].text, (int)got.n, got.p);
        }
    }
    arena_free(&arena);
}

static void
test_a_bad_row_is_named(void **state)
{
    static const struct {
        const char *tsv, *says;
    } cases[] = {
        {"long\tshort\twhen\na b\tab\tnever\n", "2: 'never' is neither always nor tight"},
        {"# x\n\nab\n", "3: a row is"},
        {"a\t\talways\n", "1: a row is"},
        {"\xff\tx\talways\n", "no UTF-8 at byte 0"},
    };
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dictionary d;
        struct err err = {0};
        assert_int_equal(dictionary_read(str_of(cases[i].tsv), arena, &d, &err), -1);
        if (!strstr(err.text, cases[i].says)) {
            fail_msg("%zu: %s", i, err.text);
        }
    }
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_longest_stands_for_itself),
        cmocka_unit_test(test_a_bad_row_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

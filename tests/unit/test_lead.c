/* Sentences, and where they may be cut. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/lead.h"

static void
test_splitting(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pieces; /* parted by "|" */
    } cases[] = {
        {"", ""},
        {"Một. Hai! Ba? Bốn", "Một.|Hai!|Ba?|Bốn"},
        {"Một\nHai\n\nBa", "Một|Hai|Ba"},
        {"1. Thời gian: 19h30. Địa điểm", "1. Thời gian: 19h30.|Địa điểm"},
        {"TP. Hồ Chí Minh và P. Tân Lập. Hai", "TP. Hồ Chí Minh và P. Tân Lập.|Hai"},
        {"1.263.600 đồng. Hai", "1.263.600 đồng.|Hai"},
        {"gọi 024.1000.2137. Hai", "gọi 024.1000.2137.|Hai"},
        {"năm 2026. Hai", "năm 2026.|Hai"},
        {"“Một.” Hai (ba.) Bốn", "“Một.”|Hai (ba.)|Bốn"},
        {"Một... Hai", "Một...|Hai"},
        {"tệp .apk do ai", "tệp .apk do ai"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lead lead;
        struct buf out;
        buf_init(&out, 4096);
        lead_split(str_of(cases[i].text), &lead);
        for (size_t p = 0; p < lead.n; p++) {
            buf_add_z(&out, p > 0 ? "|" : "");
            buf_add_str(&out, lead.piece[p]);
        }
        if (!str_equal_z(buf_str(&out), cases[i].pieces)) {
            fail_msg("%s: %s", cases[i].text, buf_str(&out).p);
        }
        buf_deinit(&out);
    }
}

static void
test_bound(void **state)
{
    (void)state;
    struct lead lead;
    struct buf text;
    buf_init(&text, 4096);
    for (int i = 0; i < 200; i++) {
        buf_add_z(&text, "Một.\n");
    }
    lead_split(buf_str(&text), &lead);
    assert_int_equal(lead.n, LEAD_PIECES);
    buf_deinit(&text);
}

static void
test_cutting(void **state)
{
    (void)state;
    static const struct {
        const char *label, *piece, *cut;
        size_t most;
    } cases[] = {
        {"at a blank", "xin kinh moi ba con", "xin kinh moi", 15},
        {"not inside a word", "xin kinh moi ba con", "xin kinh", 11},
        {"not before a number", "hop luc vao 19 gio 30 phut", "hop", 22},
        {"not behind a negation", "nguoi dan khong bam vao", "nguoi dan", 18},
        {"not inside a name", "gap ong Nguyen Van An nhe", "gap ong", 20},
        {"behind a semicolon also before a number", "tai nha van hoa; 19h30 ngay",
         "tai nha van hoa", 18},
        {"punctuation goes", "xin moi, ba con den", "xin moi", 9},
        {"no blank", "khongcoblank", "", 12},
        {"nothing safe", "ngay 19 thang 12 nam 2026", "", 24},
        {"all", "xin moi", "xin", 100},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str got = lead_cut(str_of(cases[i].piece), cases[i].most, false);
        if (!str_equal_z(got, cases[i].cut)) {
            fail_msg("%s: '%.*s'", cases[i].label, (int)got.n, got.p);
        }
    }
    assert_true(str_equal_z(lead_cut(STR("ngay 19 thang 12"), 16, true), "ngay 19 thang"));
    static const char *const clauses[][2] = {
        {"mot hai ba bon nam, sau bay", "mot hai ba bon nam"},
        {"mot, hai ba bon nam sau bay", "mot, hai ba bon nam sau bay"},
        {"mot hai ba bon 4, 5 sau", "mot hai ba bon 4, 5 sau"},
        {"mot hai ba bon 4; 5 sau", "mot hai ba bon 4; 5 sau"},
        {"mot hai ba bon 4; nam sau", "mot hai ba bon 4"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++) {
        assert_true(str_equal_z(lead_clause(str_of(clauses[i][0])), clauses[i][1]));
    }
    assert_true(lead_ends(STR("a.")) && lead_ends(STR("a…")) && lead_ends(STR("a:")));
    assert_false(lead_ends(STR("a")) || lead_ends(STR("")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_splitting),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_cutting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

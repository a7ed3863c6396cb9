/* Phone numbers as they stand in lists. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/core/number.h"

static void
test_reading(void **state)
{
    (void)state;
    static const struct {
        const char *text, *number; /* NULL: invalid, "": none */
    } cases[] = {
        {"0900000567", "84900000567"},
        {"+84900000567", "84900000567"},
        {"84900000567", "84900000567"},
        {"0084900000567", "84900000567"},
        {"+84 (0)900 000 567", "84900000567"},
        {"(84)900-000-567", "84900000567"},
        {"0900.000.567", "84900000567"},
        {" 0900 000 567 ", "84900000567"},
        {"0900\xc2\xa0"
         "000\xe2\x80\x91"
         "567",
         "84900000567"},
        {"\xe2\x80\xaa"
         "0900000567\xe2\x80\xac",
         "84900000567"},
        {"0300000001", "84300000001"},
        {"0500000001", "84500000001"},
        {"0700000001", "84700000001"},
        {"0800000001", "84800000001"},
        {"01680000001", "84380000001"},
        {"+841680000001", "84380000001"},
        {"841200000001", "84700000001"},
        {"01990000001", "84590000001"},
        {"0840000001", "84840000001"},
        {"", ""},
        {"  ", ""},
        {"-", ""},
        {"01820000001", NULL},
        {"01300000001", NULL},
        {"0950000001", NULL},
        {"+84950000001", NULL},
        {"02430000001", NULL},
        {"0243000001", NULL},
        {"0600000001", NULL},
        {"090000056", NULL},
        {"09000005678", NULL},
        {"900000567", NULL},
        {"+1 202 555 0100", NULL},
        {"0900000567 / 0900000568", NULL},
        {"0900000567a", NULL},
        {"09+00000567", NULL},
        {"090000056\xff", NULL},
        {"000000000000000000000000000000000000", NULL},
        {"+", NULL},
        {"84", NULL},
        {"0084", NULL},
        {"1900000000", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[NUMBER_ROOM];
        enum number_verdict verdict = number_read(str_of(cases[i].text), out);
        const char *want = cases[i].number;
        enum number_verdict expected = !want ? NUMBER_INVALID : *want ? NUMBER_MOBILE : NUMBER_NONE;
        if (verdict != expected || strcmp(out, want ? want : "") != 0) {
            fail_msg("'%s': %d '%s'", cases[i].text, verdict, out);
        }
    }
}

static void
test_every_old_prefix(void **state)
{
    (void)state;
    static const char *const pairs[] = {
        "162 32", "163 33", "164 34", "165 35", "166 36", "167 37", "168 38",
        "169 39", "120 70", "121 79", "122 77", "126 76", "128 78", "123 83",
        "124 84", "125 85", "127 81", "129 82", "186 56", "188 58", "199 59",
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char old[16], now[16], out[NUMBER_ROOM];
        (void)snprintf(old, sizeof old, "0%.3s0000123", pairs[i]);
        (void)snprintf(now, sizeof now, "84%.2s0000123", pairs[i] + 4);
        assert_int_equal(number_read(str_of(old), out), NUMBER_MOBILE);
        assert_string_equal(out, now);
    }
}

static void
test_masking(void **state)
{
    (void)state;
    static const struct {
        const char *address, *masked;
    } cases[] = {
        {"84900000567", "8490****567"}, {"1234567", "****"}, {"", ""},
        {"12345678", "1234****678"},    {"x", "****"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[16];
        number_mask(str_of(cases[i].address), out, sizeof out);
        assert_string_equal(out, cases[i].masked);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_every_old_prefix),
        cmocka_unit_test(test_masking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Times both ways. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/time.h"

enum { NOW = 1794000000, BAD = -1 };

static void
test_rfc3339(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t unix_s;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-07T09:10:00+07:00", 1794017400},
        {"2026-11-07T02:10:00Z", 1794017400},
        {"2026-11-06T19:10:00-07:00", 1794017400},
        {"2026-11-07t02:10:00.987z", 1794017400},
        {"2026-11-07 02:10:00Z", 1794017400},
        {"2000-02-29T00:00:00Z", 951782400},
        {"2024-02-29T23:59:60Z", 1709251199},
        {"9999-12-31T23:59:59Z", 253402300799},
        {"2026-02-29T00:00:00Z", BAD},
        {"2100-02-29T00:00:00Z", BAD},
        {"2026-13-01T00:00:00Z", BAD},
        {"2026-00-01T00:00:00Z", BAD},
        {"2026-04-31T00:00:00Z", BAD},
        {"2026-11-07T24:00:00Z", BAD},
        {"2026-11-07T00:60:00Z", BAD},
        {"2026-11-07T00:00:61Z", BAD},
        {"2026-11-07T00:00:00", BAD},
        {"2026-11-07T00:00Z", BAD},
        {"2026-11-07", BAD},
        {"2026-11-07T00:00:00+24:00", BAD},
        {"2026-11-07T00:00:00+0700", BAD},
        {"2026-11-07T00:00:00.Z", BAD},
        {"2026-11-07T00:00:00Zx", BAD},
        {"1969-12-31T23:59:59Z", BAD},
        {"07/11/2026 09:10", BAD},
        {"", BAD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = BAD;
        struct err err = {0};
        int answer = time_parse_rfc3339(str_of(cases[i].text), &got, &err);
        if (got != cases[i].unix_s || (answer != 0) != (got == BAD)) {
            fail_msg("'%s': %lld %s", cases[i].text, (long long)got, err.text);
        }
    }
}

static void
test_what_people_type(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t unix_s;
    } cases[] = {
        {"2026-11-07 09:10", 1794017400},
        {"2026-11-07T09:10", 1794017400},
        {"2026-11-07T02:10:00Z", 1794017400},
        {"+2h", NOW + 7200},
        {"+30m", NOW + 1800},
        {"+1h30m", NOW + 5400},
        {"+1d", NOW + 86400},
        {"+45s", NOW + 45},
        {"+0s", NOW},
        {"+", BAD},
        {"+2", BAD},
        {"+h", BAD},
        {"+2w", BAD},
        {"2h", BAD},
        {"+9999999999h", BAD},
        {"2026-02-30 09:10", BAD},
        {"tomorrow", BAD},
        {"", BAD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = BAD;
        struct err err = {0};
        int answer = time_parse(str_of(cases[i].text), NOW, TIME_VIETNAM, &got, &err);
        if (got != cases[i].unix_s || (answer != 0) != (got == BAD) ||
            (answer != 0 && err.code != ERR_INPUT)) {
            fail_msg("'%s': %lld %s", cases[i].text, (long long)got, err.text);
        }
    }
}

static void
test_formatting(void **state)
{
    (void)state;
    static const struct {
        int64_t unix_s;
        int offset_min;
        const char *text, *brief;
    } cases[] = {
        {0, 0, "1970-01-01T00:00:00Z", "00:00 01/01/1970"},
        {1794017400, TIME_VIETNAM, "2026-11-07T09:10:00+07:00", "09:10 07/11/2026"},
        {1794017400, -210, "2026-11-06T22:40:00-03:30", "22:40 06/11/2026"},
        {951782399, 0, "2000-02-28T23:59:59Z", "23:59 28/02/2000"},
        {-1, 0, "1969-12-31T23:59:59Z", "23:59 31/12/1969"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[TIME_ROOM];
        time_format(cases[i].unix_s, cases[i].offset_min, text);
        assert_string_equal(text, cases[i].text);
        time_format_short(cases[i].unix_s, cases[i].offset_min, text);
        assert_string_equal(text, cases[i].brief);
    }
}

/* Every day of 130 years comes back as it went out. */
static void
test_every_day(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 47500; day++) {
        char text[TIME_ROOM];
        int64_t back = -1;
        time_format(day * 86400 + 43199, 0, text);
        assert_int_equal(time_parse_rfc3339(str_of(text), &back, NULL), 0);
        assert_int_equal(back, day * 86400 + 43199);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc3339),
        cmocka_unit_test(test_what_people_type),
        cmocka_unit_test(test_formatting),
        cmocka_unit_test(test_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

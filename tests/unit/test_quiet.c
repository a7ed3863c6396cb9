/* Quiet hours: the span that a moment is in, or the next one. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/core/quiet.h"
#include "gateway/core/time.h"

enum { H = 60 };

static int64_t
at(const char *rfc3339)
{
    int64_t unix_s = 0;
    struct err err;
    assert_int_equal(time_parse_rfc3339(str_of(rfc3339), &unix_s, &err), 0);
    return unix_s;
}

static const struct {
    const char *label;
    int from_min, to_min;
    const char *now, *begins, *ends;
} cases[] = {
    {"in the afternoon the night is next", 21 * H, 7 * H, "2026-11-07T15:00:00+07:00",
     "2026-11-07T21:00:00+07:00", "2026-11-08T07:00:00+07:00"},
    {"before midnight", 21 * H, 7 * H, "2026-11-07T23:00:00+07:00", "2026-11-07T21:00:00+07:00",
     "2026-11-08T07:00:00+07:00"},
    {"behind midnight it is yesterday's", 21 * H, 7 * H, "2026-11-08T03:00:00+07:00",
     "2026-11-07T21:00:00+07:00", "2026-11-08T07:00:00+07:00"},
    {"the first second is in it", 21 * H, 7 * H, "2026-11-07T21:00:00+07:00",
     "2026-11-07T21:00:00+07:00", "2026-11-08T07:00:00+07:00"},
    {"the last second is in it", 21 * H, 7 * H, "2026-11-08T06:59:59+07:00",
     "2026-11-07T21:00:00+07:00", "2026-11-08T07:00:00+07:00"},
    {"its end is not", 21 * H, 7 * H, "2026-11-08T07:00:00+07:00", "2026-11-08T21:00:00+07:00",
     "2026-11-09T07:00:00+07:00"},
    {"within one day", 12 * H, 13 * H + 30, "2026-11-07T12:10:00+07:00",
     "2026-11-07T12:00:00+07:00", "2026-11-07T13:30:00+07:00"},
    {"from midnight", 0, 5 * H, "2026-11-07T04:59:00+07:00", "2026-11-07T00:00:00+07:00",
     "2026-11-07T05:00:00+07:00"},
    {"until midnight", 20 * H, 0, "2026-11-07T23:59:59+07:00", "2026-11-07T20:00:00+07:00",
     "2026-11-08T00:00:00+07:00"},
};

static void
test_spans(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct quiet quiet =
            quiet_span(cases[i].from_min, cases[i].to_min, at(cases[i].now), TIME_VIETNAM);
        if (quiet.begins_s != at(cases[i].begins) || quiet.ends_s != at(cases[i].ends)) {
            fail_msg("%s: from %lld to %lld", cases[i].label, (long long)quiet.begins_s,
                     (long long)quiet.ends_s);
        }
    }
}

static void
test_the_zone_decides(void **state)
{
    (void)state;
    int64_t now = at("2026-11-07T15:30:00Z"); /* 22:30 in Hà Nội, 10:30 in New York */
    assert_true(quiet_span(21 * H, 7 * H, now, TIME_VIETNAM).begins_s <= now);
    assert_true(quiet_span(21 * H, 7 * H, now, -5 * H).begins_s > now);
}

static void
test_none(void **state)
{
    (void)state;
    assert_int_equal(quiet_span(21 * H, 21 * H, 0, 0).begins_s, INT64_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_the_zone_decides),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The dates and times that a fact names. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "gateway/core/stamp.h"

static void
told(struct str text, char *out, size_t room)
{
    struct arena *arena = arena_new();
    struct stamp stamp[STAMPS_MOST];
    struct plain p;
    size_t used = 0;
    plain_of(arena, text, &p);
    size_t n = stamp_read(&p, 0, p.n, stamp, STAMPS_MOST);
    out[0] = '\0';
    for (size_t i = 0; i < n && used < room; i++) {
        const struct stamp *s = &stamp[i];
        used += (size_t)(s->hour >= 0
                             ? snprintf(out + used, room - used, "%02d:%02d ", s->hour, s->minute)
                             : snprintf(out + used, room - used, "%d/%d/%d ", s->day, s->month,
                                        s->year));
    }
    arena_free(&arena);
}

static void
test_every_form(void **state)
{
    static const struct {
        const char *text, *stamps;
    } cases[] = {
        {"02/12/2026", "2/12/2026 "},
        {"7/7", "7/7/0 "},
        {"14-9-2023", "14/9/2023 "},
        {"25.11.2026", "25/11/2026 "},
        {"ngày 25 tháng 11 năm 2026", "25/11/2026 "},
        {"25 thang 11 nam 2026", "25/11/2026 "},
        {"03, 10, 17/12/2026", "3/12/2026 10/12/2026 17/12/2026 "},
        {"08, 09 và 10/12", "8/12/0 9/12/0 10/12/0 "},
        {"07-09/12", "7/12/0 9/12/0 "},
        {"08-20/12/2026", "8/12/2026 20/12/2026 "},
        {"27/11 đến hết ngày 11/12/2026", "27/11/2026 11/12/2026 "},
        {"tháng 12/2026", "0/12/2026 "},
        {"19h30", "19:30 "},
        {"19 giờ 30 phút", "19:30 "},
        {"8 giờ", "08:00 "},
        {"7h30 - 11h00", "07:30 11:00 "},
        {"7:45", "07:45 "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[256];
        told(str_of(cases[i].text), out, sizeof out);
        if (!str_equal_z(str_of(cases[i].stamps), out)) {
            fail_msg("%s: got %s", cases[i].text, out);
        }
    }
}

static void
test_a_year_left_out_fits_any(void **state)
{
    const struct stamp with = {2, 12, 2026, -1, 0}, without = {2, 12, 0, -1, 0};
    const struct stamp other = {2, 12, 2025, -1, 0}, time = {0, 0, 0, 2, 12};
    (void)state;
    assert_true(stamp_same(&with, &without));
    assert_false(stamp_same(&with, &other));
    assert_false(stamp_same(&without, &time));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form),
        cmocka_unit_test(test_a_year_left_out_fits_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

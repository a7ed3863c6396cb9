/* The table of letter × event, all pairs. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/outcome.h"

/* For each event: what each of the letters "qsr?adufkx" becomes for the current owner, and for a
 * stranger; '.' nothing. */
static const struct {
    char event;
    const char *current, *stranger;
} expected[] = {
    {'S', "s.ss......", ".........."}, {'A', "aaaa...aaa", "aaaa...aaa"},
    {'D', "ddddd.dddd", "ddddd.dddd"}, {'U', ".u.uu.....", ".........."},
    {'T', ".r........", ".........."}, {'H', ".r........", ".........."},
    {'P', ".f........", ".........."}, {'L', ".?........", ".........."},
    {'R', ".q........", ".........."}, {'K', "k.kk......", ".........."},
    {'X', "x.x.......", ".........."}, {'F', ".q.qq.q.q.", ".........."},
};

static void
check_row(size_t row, const char *wanted, bool current)
{
    for (size_t i = 0; i < OUTCOME_N; i++) {
        char next = '.';
        (void)outcome_next(OUTCOME_LETTERS[i], (enum outcome_event)expected[row].event, current,
                           &next);
        if (next != wanted[i]) {
            fail_msg("%c on %c (current %d): got %c, not %c", expected[row].event,
                     OUTCOME_LETTERS[i], current, next, wanted[i]);
        }
    }
}

static void
test_all_pairs(void **state)
{
    (void)state;
    assert_int_equal(sizeof expected / sizeof *expected, strlen(OUTCOME_EVENTS));
    for (size_t row = 0; row < sizeof expected / sizeof *expected; row++) {
        assert_int_equal(expected[row].event, OUTCOME_EVENTS[row]);
        check_row(row, expected[row].current, true);
        check_row(row, expected[row].stranger, false);
    }
}

static void
test_unknown_letters_move_nowhere(void **state)
{
    (void)state;
    char next = '.';
    assert_false(outcome_next('z', EVENT_DELIVERED, true, &next));
    assert_false(outcome_next('\0', EVENT_DELIVERED, true, &next));
    assert_int_equal(next, '.');
    assert_null(outcome_name('z'));
    assert_null(outcome_name('\0'));
}

static void
test_names_and_ends(void **state)
{
    (void)state;
    assert_string_equal(outcome_name('q'), "queued");
    assert_string_equal(outcome_name('?'), "uncertain");
    assert_string_equal(outcome_name('x'), "expired");
    for (size_t i = 0; i < OUTCOME_N; i++) {
        char c = OUTCOME_LETTERS[i];
        assert_int_equal(outcome_final(c), strchr("dufkx", c) != NULL);
        assert_int_equal(outcome_holds(c, true), strchr("qsr?", c) != NULL);
        assert_int_equal(outcome_holds(c, false), strchr("qsr", c) != NULL);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_pairs),
        cmocka_unit_test(test_unknown_letters_move_nowhere),
        cmocka_unit_test(test_names_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

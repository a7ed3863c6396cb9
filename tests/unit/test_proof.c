/* The checker passes what is true and catches what is not. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/gist.h"
#include "gateway/core/proof.h"
#include "tests/unit/samples.h"

enum { GOOD = 86, MORE_GOOD = 51, BAD = 126 };

typedef void (*visit)(struct arena *arena, struct str row, int *wrong);

static int
each_row(const char *file, visit see, int *rows)
{
    struct arena *all = arena_new();
    struct str table = sample_file(all, str_of(file));
    int wrong = 0;
    while (table.p && table.n > 0) {
        struct arena *arena = arena_new();
        struct str row = sample_row(&table);
        see(arena, row, &wrong);
        (*rows)++;
        arena_free(&arena);
    }
    arena_free(&all);
    return wrong;
}

/* Every table of announcements. */
static int
each_table(visit see, int *rows)
{
    return each_row("facts.tsv", see, rows) + each_row("facts_own.tsv", see, rows) +
           each_row("facts_shown.tsv", see, rows) + each_row("facts_unseen.tsv", see, rows);
}

static void
see_good(struct arena *arena, struct str row, int *wrong)
{
    struct err err = {0};
    struct str text = sample_column(row, SAMPLE_GIST);
    if (proof_check(sample_story(arena, row), text, arena, &err) != 0) {
        print_error("%.*s: %s: %.*s\n", 7, row.p, err.text, (int)text.n, text.p);
        (*wrong)++;
    }
}

static void
test_people_s_summaries_pass(void **state)
{
    int rows = 0;
    (void)state;
    assert_int_equal(each_table(see_good, &rows), 0);
    assert_int_equal(rows, GOOD);
}

static void
see_more_good(struct arena *arena, struct str row, int *wrong)
{
    struct err err = {0};
    struct str text = sample_column(row, 2);
    if (proof_check(sample_story(arena, row), text, arena, &err) != 0) {
        print_error("%.*s: %s: %.*s\n", 7, row.p, err.text, (int)text.n, text.p);
        (*wrong)++;
    }
}

static void
test_other_words_for_the_same_pass(void **state)
{
    int rows = 0;
    (void)state;
    assert_int_equal(each_row("good.tsv", see_more_good, &rows), 0);
    assert_true(rows >= MORE_GOOD);
}

static void
see_bad(struct arena *arena, struct str row, int *wrong)
{
    struct err err = {0};
    struct str what = sample_column(row, 1), text = sample_column(row, 2);
    if (proof_check(sample_story(arena, row), text, arena, &err) == 0) {
        print_error("%.*s: %.*s passed: %.*s\n", 7, row.p, (int)what.n, what.p, (int)text.n,
                    text.p);
        (*wrong)++;
    }
}

static void
test_corrupted_ones_are_caught(void **state)
{
    int rows = 0;
    (void)state;
    assert_int_equal(each_row("corrupted.tsv", see_bad, &rows), 0);
    assert_true(rows >= BAD);
}

static void
see_ours(struct arena *arena, struct str row, int *wrong)
{
    struct story *story = sample_story(arena, row);
    for (size_t room = 40; room < 500; room += 90) {
        struct gist gist;
        struct err err = {0};
        gist_make(story,
                  &(struct gist_room){.room = room, .unit = GIST_SEPTETS, .strip = room % 2 == 0},
                  arena, &gist);
        bool none = room < 100 && gist.text.n == 0; /* it may be too little for the least of it */
        if (!none && proof_check(story, gist.text, arena, &err) != 0) {
            print_error("%.*s at %zu: %s: %.*s\n", 7, row.p, room, err.text, (int)gist.text.n,
                        gist.text.p);
            (*wrong)++;
        }
    }
}

static void
test_our_own_pass(void **state)
{
    int rows = 0;
    (void)state;
    assert_int_equal(each_table(see_ours, &rows), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_people_s_summaries_pass),
        cmocka_unit_test(test_other_words_for_the_same_pass),
        cmocka_unit_test(test_corrupted_ones_are_caught),
        cmocka_unit_test(test_our_own_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* How much of the samples' facts the texts of 1, 2 and 3 SMS parts keep: a floor below which no
 * change may bring it, a little under what was seen.  `eval_summary` prints the same by the row. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/gist.h"
#include "tests/unit/samples.h"

/* The rules were made with `facts.tsv` and half of `facts_own.tsv` at hand.  `facts_shown.tsv` was
 * written by somebody who had not seen them, and was at hand when they were mended since; of
 * `facts_unseen.tsv` their makers knew hardly more than the means. */
static const struct {
    const char *file;
    int rows;
    double least[3]; /* % of must_keep in 1, 2 and 3 parts */
    int forbidden;   /* must_not phrases in all of them, at most */
} tables[] = {
    {"facts.tsv", 12, {89, 95, 97}, 0},
    {"facts_own.tsv", 50, {80, 95, 99}, 0},
    {"facts_shown.tsv", 12, {79, 96, 98}, 0},
    {"facts_unseen.tsv", 12, {69, 87, 93}, 10},
};
static const size_t rooms[3] = {160, 306, 459};
enum { LINK = 24 }; /* with the blank before it: a base of 17 characters and a code */

struct sums {
    double kept[3];
    int forbidden, rows;
};

static void
judge_row(struct str row, const struct phrases *phrases, struct sums *sums)
{
    struct arena *arena = arena_new();
    struct story *story = sample_story_by(arena, row, phrases);
    for (int i = 0; i < 3; i++) {
        struct gist gist;
        int held = 0;
        gist_make(story,
                  &(struct gist_room){.room = rooms[i] - LINK, .unit = GIST_SEPTETS, .strip = true},
                  arena, &gist);
        struct str folded = unicode_fold(arena, gist.text);
        sums->kept[i] += sample_share(arena, folded, sample_column(row, SAMPLE_MUST_KEEP), NULL);
        (void)sample_share(arena, folded, sample_column(row, SAMPLE_MUST_NOT), &held);
        sums->forbidden += held;
        if (gist.text.n > rooms[i] - LINK) {
            fail_msg("%.*s: %zu octets", 7, row.p, gist.text.n);
        }
    }
    sums->rows++;
    arena_free(&arena);
}

static void
test_facts_are_kept(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct phrases *phrases = phrases_built_in(arena);
    bool low = false;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        struct sums sums = {.rows = 0};
        struct str table = sample_file(arena, str_of(tables[t].file));
        while (table.n > 0) {
            judge_row(sample_row(&table), phrases, &sums);
        }
        assert_int_equal(sums.rows, tables[t].rows);
        print_message("%s: %.1f %.1f %.1f, %d\n", tables[t].file, sums.kept[0] / sums.rows,
                      sums.kept[1] / sums.rows, sums.kept[2] / sums.rows, sums.forbidden);
        for (int i = 0; i < 3; i++) {
            low = low || sums.kept[i] / sums.rows < tables[t].least[i];
        }
        low = low || sums.forbidden > tables[t].forbidden;
    }
    assert_false(low);
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

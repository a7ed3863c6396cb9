/* The table of courtesy. */
// SPDX-License-Identifier: MIT
#include "gateway/core/courtesy.h"

#include "gateway/core/dictionary.h"
#include "gateway/core/tsv.h"
#include "gateway/core/unicode.h"

/* templates/courtesy.tsv */
static const struct courtesy_phrase phrases[] = {
#include "gateway/core/courtesy.inc"
};
const struct courtesy_table courtesy_built_in = {sizeof phrases / sizeof *phrases, phrases};

static int
read_row(struct str row, struct arena *arena, struct courtesy_phrase *out, struct err *err)
{
    static const char *const names[] = {"sentence", "wish", "opening", "words", "address"};
    struct str words = str_trim(str_cut(&row, '\t'));
    struct str goes = str_trim(row.p ? row : (struct str){"", 0});
    if (words.n == 0 || goes.n == 0) {
        return err_set(err, ERR_CONFIG, "a row is: words, tab, what goes with them");
    }
    int which = tsv_choice(goes, names, sizeof names / sizeof *names, err);
    if (which < 0) {
        return -1;
    }
    out->words = dictionary_small(arena, words).p;
    out->goes = (enum courtesy)which;
    return 0;
}

int
courtesy_table_read(struct str tsv, struct arena *arena, struct courtesy_table *out,
                    struct err *err)
{
    struct courtesy_phrase *phrase = arena_alloc(arena, COURTESY_ROWS * sizeof *phrase);
    struct str row;
    *out = (struct courtesy_table){0, phrase};
    if (tsv_check(tsv, err) != 0) {
        return -1;
    }
    tsv = unicode_nfc(arena, tsv);
    for (int line = 0; tsv_next(&tsv, "words", &line, &row); out->n++) {
        if (out->n == COURTESY_ROWS) {
            return err_set(err, ERR_CONFIG, "%d: more than %d rows", line, COURTESY_ROWS);
        }
        if (read_row(row, arena, &phrase[out->n], err) != 0) {
            return err_prefix(err, "%d: ", line);
        }
    }
    return 0;
}

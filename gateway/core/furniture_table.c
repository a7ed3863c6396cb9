/* An office's own table of furniture. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/furniture.h"
#include "gateway/core/tsv.h"
#include "gateway/core/unicode.h"

static const char *const follow_names[] = {
    [FURNITURE_ANY] = "any",     [FURNITURE_END] = "end",     [FURNITURE_NUMBER] = "number",
    [FURNITURE_BRIEF] = "brief", [FURNITURE_NAMES] = "names",
};
static const char *const verdict_names[] = {"drop", "stop"};

static int
read_row(struct str row, struct arena *arena, struct furniture_phrase *out, struct err *err)
{
    struct str begins = unicode_fold(arena, str_trim(str_cut(&row, '\t')));
    struct str follows = str_trim(str_cut(&row, '\t'));
    struct str goes = str_trim(row.p ? row : (struct str){"", 0});
    if (begins.n == 0 || follows.n == 0 || goes.n == 0) {
        return err_set(err, ERR_CONFIG,
                       "a row is: how the line begins, tab, what follows, tab, drop or stop");
    }
    int follow = tsv_choice(follows, follow_names, sizeof follow_names / sizeof *follow_names, err);
    int verdict = follow < 0 ? -1 : tsv_choice(goes, verdict_names, 2, err);
    if (verdict < 0) {
        return -1;
    }
    *out = (struct furniture_phrase){
        .folded = arena_strndup(arena, begins.p, begins.n),
        .follow = (enum furniture_follow)follow,
        .verdict = verdict == 0 ? FURNITURE_DROP : FURNITURE_STOP,
    };
    return 0;
}

int
furniture_table_read(struct str tsv, struct arena *arena, struct furniture_table *out,
                     struct err *err)
{
    struct furniture_phrase *phrase = arena_alloc(arena, FURNITURE_ROWS * sizeof *phrase);
    struct str row;
    *out = (struct furniture_table){0, phrase};
    if (tsv_check(tsv, err) != 0) {
        return -1;
    }
    for (int line = 0; tsv_next(&tsv, "begins", &line, &row);) {
        if (out->n == FURNITURE_ROWS) {
            return err_set(err, ERR_CONFIG, "%d: more than %d rows of its own", line,
                           FURNITURE_ROWS);
        }
        if (read_row(row, arena, &phrase[out->n], err) != 0) {
            return err_prefix(err, "%d: ", line);
        }
        out->n += !furniture_is_built_in(&phrase[out->n]);
    }
    return 0;
}

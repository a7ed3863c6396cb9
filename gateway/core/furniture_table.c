/* An office's own table of furniture. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/furniture.h"
#include "gateway/core/nearest.h"
#include "gateway/core/unicode.h"

static const char *const follow_names[] = {
    [FURNITURE_ANY] = "any",
    [FURNITURE_END] = "end",
    [FURNITURE_NUMBER] = "number",
    [FURNITURE_BRIEF] = "brief",
};
static const char *const verdict_names[] = {"drop", "stop"};

/* Which of `names` the cell is; -1 with what would be right. */
static int
place_of(struct str cell, const char *const *names, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (str_equal_z(cell, names[i])) {
            return (int)i;
        }
    }
    const char *near = nearest_find(cell, names, n);
    return err_set(err, ERR_CONFIG, "'%.*s': %s would be right", cell.n > 40 ? 40 : (int)cell.n,
                   cell.p, near ? near : names[0]);
}

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
    int follow = place_of(follows, follow_names, sizeof follow_names / sizeof *follow_names, err);
    int verdict = follow < 0 ? -1 : place_of(goes, verdict_names, 2, err);
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
    size_t bad = 0;
    *out = (struct furniture_table){0, phrase};
    if (!utf8_valid(tsv, &bad)) {
        return err_set(err, ERR_CONFIG, "1: no UTF-8 at byte %zu", bad);
    }
    for (int line = 1; tsv.n > 0; line++) {
        struct str row = str_cut(&tsv, '\n');
        if (str_trim(row).n == 0 || row.p[0] == '#' || str_starts(row, STR("begins\t"))) {
            continue;
        }
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

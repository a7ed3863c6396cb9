/* A table with a column of what was and one of what is to be: "Giá cũ", "Giá mới". */
// SPDX-License-Identifier: MIT
#include "gateway/core/story_columns.h"

enum { CELLS_MOST = 8 };

/* The cells of a row, that a semicolon parts: tokens [from[k], from[k + 1]). */
struct cells {
    size_t n, from[CELLS_MOST + 1];
};

static struct cells
cells_of(const struct story_detail *d, size_t from, size_t to)
{
    struct cells cells = {.n = 1, .from = {from}};
    for (size_t i = from; i + 1 < to && cells.n < CELLS_MOST; i++) {
        if (d->plain.sign[d->token[i].to - 1] == ';') {
            cells.from[cells.n++] = i + 1;
        }
    }
    cells.from[cells.n] = to;
    return cells;
}

/* The only cell with one of `words`; CELLS_MOST: none, or several. */
static size_t
cell_with(const struct story_detail *d, const struct cells *cells, const char *const *words)
{
    size_t found = CELLS_MOST, times = 0;
    for (size_t k = 0; k < cells->n; k++) {
        bool has = false;
        for (size_t i = cells->from[k]; i < cells->from[k + 1]; i++) {
            has = has || story_one_of(d, i, words) > 0;
        }
        found = has ? k : found;
        times += has;
    }
    return times == 1 ? found : CELLS_MOST;
}

static bool
find_columns(const struct story_detail *d, const struct cells *cells, size_t *old, size_t *anew)
{
    static const char *const before[] = {"cũ",        "hiện hành", "hiện nay",
                                         "trước đây", "hiện tại",  NULL};
    static const char *const after[] = {"mới", "điều chỉnh", "sau điều chỉnh", "từ nay", NULL};
    *old = cell_with(d, cells, before);
    *anew = cell_with(d, cells, after);
    return cells->n >= 3 && *old < CELLS_MOST && *anew < CELLS_MOST && *old != *anew;
}

/* A row of such a table: its cells and the head's, and which of them are the old one and the new
 * one.  The head, of which no unit is made, stands before the first row. */
struct row {
    struct cells cells, head;
    size_t old, anew;
    bool first;
};

static bool
is_row(const struct story_detail *d, size_t unit, struct row *row)
{
    size_t first = unit;
    while (first > 1 && d->unit[first].kind == UNIT_ROW &&
           d->unit[first - 1].to == d->unit[first].from) {
        first--;
    }
    if (first == 0 || d->unit[unit].kind != UNIT_ROW || d->unit[first].kind != UNIT_ROW) {
        return false;
    }
    row->first = first == unit;
    row->head = cells_of(d, d->unit[first - 1].to, d->unit[first].from);
    row->cells = cells_of(d, d->unit[unit].from, d->unit[unit].to);
    return row->head.n == row->cells.n && find_columns(d, &row->head, &row->old, &row->anew);
}

void
story_columns(struct story *story)
{
    struct row row;
    for (size_t i = 1; i < story->detail->units_n; i++) {
        if (!is_row(story->detail, i, &row)) {
            continue;
        }
        if (row.first) {
            story_set_stale(story, row.head.from[row.old], row.head.from[row.old + 1]);
        }
        story_set_stale(story, row.cells.from[row.old], row.cells.from[row.old + 1]);
    }
}

size_t
story_new_cell(const struct story_detail *d, size_t unit, size_t *to)
{
    struct row row;
    if (!is_row(d, unit, &row)) {
        return *to = d->unit[unit].from;
    }
    *to = row.cells.from[row.anew + 1];
    return row.cells.from[row.anew];
}

/* Rows of the tables in templates/. */
// SPDX-License-Identifier: MIT
#include "gateway/core/tsv.h"

#include <string.h>

#include "gateway/core/nearest.h"
#include "gateway/core/unicode.h"

bool
tsv_next(struct str *tsv, const char *names, int *line, struct str *row)
{
    while (tsv->n > 0) {
        *row = str_cut(tsv, '\n');
        (*line)++;
        bool named = str_starts(*row, str_of(names)) && row->n > strlen(names) &&
                     row->p[strlen(names)] == '\t';
        if (str_trim(*row).n > 0 && row->p[0] != '#' && !named) {
            return true;
        }
    }
    return false;
}

int
tsv_choice(struct str cell, const char *const *names, size_t n, struct err *err)
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

int
tsv_check(struct str tsv, struct err *err)
{
    size_t bad = 0;
    return utf8_valid(tsv, &bad) ? 0 : err_set(err, ERR_CONFIG, "1: no UTF-8 at byte %zu", bad);
}

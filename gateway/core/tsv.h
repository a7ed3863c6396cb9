/* Rows of the tables in templates/: columns parted by tabs, `#` begins a comment, the first row may
 * name the columns.  Pure. */
#ifndef LOA_CORE_TSV_H
#define LOA_CORE_TSV_H
// SPDX-License-Identifier: MIT

#include "gateway/core/err.h"
#include "gateway/core/str.h"

/* Takes the next row that is no comment; false at the end.  `*line` counts from 0. */
bool tsv_next(struct str *tsv, const char *names, int *line, struct str *row);

/* Which of `names` the cell is; ERR_CONFIG with what would be right. */
int tsv_choice(struct str cell, const char *const *names, size_t n, struct err *err) MUST_CHECK;

/* ERR_CONFIG for what is no UTF-8. */
int tsv_check(struct str tsv, struct err *err) MUST_CHECK;

#endif

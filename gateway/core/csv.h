/* CSV in and out (RFC 4180): the directory comes in by it, reports go out by it.  Pure. */
#ifndef LOA_CORE_CSV_H
#define LOA_CORE_CSV_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* Reads rows out of one buffer.  Owns what csv_reader_deinit() frees. */
struct csv_reader {
    struct str rest; /* borrowed */
    size_t line;     /* of the row that was read last, counted from 1; a cell may span lines */
    size_t next_line;
    char sep;
    struct arena *cells; /* cells with a doubled quote, kept until the next row */
};

/* A leading BOM is skipped.  `sep` 0 takes `;` when the first line has one and no comma outside
 * quotes (what a Vietnamese Excel saves), else `,`. */
void csv_reader_init(struct csv_reader *r, struct str content, char sep);
void csv_reader_deinit(struct csv_reader *r);

/* The next row that is not blank: 1 with `*n` cells (borrowed until the next call), 0 at the end,
 * -1 ERR_INPUT with "line N: …" for a quote never closed, text after a closing quote, a NUL byte or
 * more than `max` cells.  A quote inside an unquoted cell stands for itself.  After an error the
 * reader is at its end. */
int csv_read(struct csv_reader *r, struct str *cells, size_t max, size_t *n,
             struct err *err) MUST_CHECK;

/* How rows are written. */
struct csv_style {
    char sep;
    bool excel; /* BOM, and an apostrophe before a cell that begins with = + - @ */
};
extern const struct csv_style csv_plain; /* comma, no BOM */
extern const struct csv_style csv_excel; /* semicolon, BOM, apostrophes */

/* Once, before the first row. */
void csv_begin(struct buf *out, const struct csv_style *style);
/* One row, ended by LF.  Cells are quoted where RFC 4180 asks for it. */
void csv_add_row(struct buf *out, const struct csv_style *style, const struct str *cells, size_t n);

#endif

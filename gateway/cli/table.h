/* What a terminal shows: tables that fit its width, colours, widths of Vietnamese text. */
#ifndef LOA_CLI_TABLE_H
#define LOA_CLI_TABLE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdio.h>

#include "gateway/core/str.h"

enum colour { COLOUR_NONE, COLOUR_GOOD, COLOUR_BAD, COLOUR_BUSY, COLOUR_FAINT, COLOUR_HEAD };

/* Only on a terminal, and not when NO_COLOR is set or TERM is dumb. */
bool colour_wanted(FILE *to);
/* The sequence that begins a colour, "" when colours are not wanted; COLOUR_NONE ends one. */
const char *colour_code(bool wanted, enum colour colour);

/* Cells of a terminal that `s` (UTF-8) takes: combining marks none, wide characters two. */
size_t text_width(struct str s);
/* Adds `s` to `out` with control characters as '?', at most `cells` wide: what is cut ends with
 * "…".  Returns the width that was added. */
size_t text_fit(struct buf *out, struct str s, size_t cells);
/* Columns of the terminal that `to` is, 0 when it is none. */
size_t terminal_width(FILE *to);

enum { TABLE_COLUMNS = 16 };
/* A column's head, and how its cells stand. */
struct table_column {
    const char *head;
    bool right;  /* numbers */
    bool shrink; /* gives way when the terminal is narrow */
};

/* Rows are added cell by cell; owns their texts. */
struct table;
struct table *table_new(const struct table_column *columns, size_t n);
void table_free(struct table **table);
void table_add(struct table *table, struct str cell, enum colour colour);
void table_add_z(struct table *table, const char *cell);
void table_add_number(struct table *table, uint64_t number);
/* Prints the head and all rows. */
void table_print(const struct table *table, FILE *to);

#endif

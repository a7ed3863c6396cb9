/* Tables that fit the terminal, with the display width of Vietnamese. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

#include "gateway/cli/text.h"
#include "gateway/core/mem.h"

enum { LINE_MAX_BYTES = 1 << 20, SHRINK_LEAST = 8, GAP = 2 };

struct cell {
    char *text;
    size_t n, width;
    enum colour colour;
};

struct table {
    struct table_column column[TABLE_COLUMNS];
    size_t columns_n, cells_n, room;
    struct cell *cells;
};

bool
colour_wanted(FILE *to)
{
    const char *term = getenv("TERM");
    const char *no = getenv("NO_COLOR");
    return isatty(fileno(to)) && (!no || !*no) && term && strcmp(term, "dumb") != 0;
}

const char *
colour_code(bool wanted, enum colour colour)
{
    static const char *const codes[] = {
        [COLOUR_NONE] = "\033[0m",  [COLOUR_GOOD] = "\033[32m", [COLOUR_BAD] = "\033[31m",
        [COLOUR_BUSY] = "\033[33m", [COLOUR_FAINT] = "\033[2m", [COLOUR_HEAD] = "\033[1m",
    };
    return wanted ? codes[colour] : "";
}

/* One character of `s`: its bytes and its width.  A bad byte is one character, one wide. */
static size_t
next_character(struct str s, size_t *width)
{
    utf8proc_int32_t c = 0;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &c);
    if (n <= 0 || c < ' ' || (c >= 127 && c < 160)) {
        *width = 1;
        return n > 0 ? (size_t)n : 1;
    }
    int w = utf8proc_charwidth(c);
    *width = w > 0 ? (size_t)w : 0;
    return (size_t)n;
}

size_t
text_width(struct str s)
{
    size_t total = 0;
    while (s.n > 0) {
        size_t width = 0;
        size_t n = next_character(s, &width);
        total += width;
        s = str_from(s, n);
    }
    return total;
}

static bool
is_plain(struct str s)
{
    utf8proc_int32_t c = 0;
    return utf8proc_iterate((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &c) > 0 &&
           c >= ' ' && (c < 127 || c >= 160);
}

size_t
text_fit(struct buf *out, struct str s, size_t cells)
{
    bool cut = text_width(s) > cells;
    size_t room = cut && cells > 0 ? cells - 1 : cells;
    size_t used = 0;
    while (s.n > 0) {
        size_t width = 0;
        size_t n = next_character(s, &width);
        if (used + width > room) {
            break;
        }
        if (is_plain(s)) {
            buf_add(out, s.p, n);
        } else {
            buf_add_char(out, '?');
        }
        used += width;
        s = str_from(s, n);
    }
    if (cut && cells > 0) {
        buf_add_z(out, "…");
        used++;
    }
    return used;
}

size_t
terminal_width(FILE *to)
{
    struct winsize size = {0};
    if (!isatty(fileno(to))) {
        return 0;
    }
    const char *columns = getenv("COLUMNS");
    uint64_t n = 0;
    if (columns && str_to_u64(str_of(columns), 1000, &n) && n > 0) {
        return (size_t)n;
    }
    return ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

struct table *
table_new(const struct table_column *columns, size_t n)
{
    struct table *table = xcalloc(1, sizeof *table);
    table->columns_n = n < TABLE_COLUMNS ? n : TABLE_COLUMNS;
    memcpy(table->column, columns, table->columns_n * sizeof *columns);
    return table;
}

void
table_free(struct table **table)
{
    if (!*table) {
        return;
    }
    for (size_t i = 0; i < (*table)->cells_n; i++) {
        free((*table)->cells[i].text);
    }
    free((*table)->cells);
    free(*table);
    *table = NULL;
}

void
table_add(struct table *table, struct str cell, enum colour colour)
{
    if (table->cells_n == table->room) {
        table->room = table->room ? table->room * 2 : 64;
        table->cells = xrealloc(table->cells, table->room * sizeof *table->cells);
    }
    table->cells[table->cells_n++] =
        (struct cell){xstrndup(cell.p ? cell.p : "", cell.n), cell.n, text_width(cell), colour};
}

void
table_add_z(struct table *table, const char *cell)
{
    table_add(table, str_of(cell), COLOUR_NONE);
}

void
table_add_number(struct table *table, uint64_t number)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    table_add(table, str_of(digits), COLOUR_NONE);
}

/* The widest of the columns that may shrink; TABLE_COLUMNS: none can any more. */
static size_t
find_widest(const struct table *table, const size_t *widths)
{
    size_t widest = TABLE_COLUMNS;
    for (size_t i = 0; i < table->columns_n; i++) {
        bool can = table->column[i].shrink && widths[i] > SHRINK_LEAST;
        if (can && (widest == TABLE_COLUMNS || widths[i] > widths[widest])) {
            widest = i;
        }
    }
    return widest;
}

/* The width of a column: of its widest cell, its head too. */
static size_t
measure_column(const struct table *table, size_t column)
{
    size_t width = text_width(str_of(text_of(table->column[column].head)));
    for (size_t k = column; k < table->cells_n; k += table->columns_n) {
        if (table->cells[k].width > width) {
            width = table->cells[k].width;
        }
    }
    return width;
}

/* Columns as wide as they are, or less where the terminal is narrow, the widest first. */
static void
measure(const struct table *table, size_t *widths, size_t terminal)
{
    size_t total = 0;
    for (size_t i = 0; i < table->columns_n; i++) {
        widths[i] = measure_column(table, i);
        total += widths[i] + (i > 0 ? GAP : 0);
    }
    for (; terminal > 0 && total > terminal; total--) {
        size_t widest = find_widest(table, widths);
        if (widest == TABLE_COLUMNS) {
            return;
        }
        widths[widest]--;
    }
}

/* One line that is being made. */
struct row {
    const struct table *table;
    const size_t *widths;
    bool colours;
    struct buf line;
};

static void
add_blanks(struct buf *line, size_t n)
{
    for (; n > 0; n--) {
        buf_add_char(line, ' ');
    }
}

static void
add_cell(struct row *row, size_t column, struct str text, enum colour colour)
{
    const struct table_column *c = &row->table->column[column];
    struct buf fitted;
    buf_init(&fitted, LINE_MAX_BYTES);
    size_t used = text_fit(&fitted, text, row->widths[column]);
    size_t pad = row->widths[column] > used ? row->widths[column] - used : 0;
    bool coloured = row->colours && colour != COLOUR_NONE;
    add_blanks(&row->line, column > 0 ? GAP : 0);
    add_blanks(&row->line, c->right ? pad : 0);
    buf_add_z(&row->line, colour_code(coloured, colour));
    buf_add_str(&row->line, buf_str(&fitted));
    buf_add_z(&row->line, colour_code(coloured, COLOUR_NONE));
    add_blanks(&row->line, c->right || column + 1 == row->table->columns_n ? 0 : pad);
    buf_deinit(&fitted);
}

static void
end_row(struct row *row, FILE *to)
{
    struct str line = buf_str(&row->line);
    while (line.n > 0 && line.p[line.n - 1] == ' ') {
        line.n--;
    }
    (void)fprintf(to, "%.*s\n", (int)line.n, line.n ? line.p : "");
    buf_clear(&row->line);
}

void
table_print(const struct table *table, FILE *to)
{
    size_t widths[TABLE_COLUMNS];
    struct row row = {.table = table, .widths = widths, .colours = colour_wanted(to)};
    buf_init(&row.line, LINE_MAX_BYTES);
    measure(table, widths, terminal_width(to));
    for (size_t i = 0; i < table->columns_n; i++) {
        add_cell(&row, i, str_of(text_of(table->column[i].head)), COLOUR_HEAD);
    }
    end_row(&row, to);
    size_t column = 0;
    for (size_t i = 0; i < table->cells_n; i++) {
        const struct cell *cell = &table->cells[i];
        add_cell(&row, column, (struct str){cell->text, cell->n}, cell->colour);
        if (++column == table->columns_n) {
            end_row(&row, to);
            column = 0;
        }
    }
    buf_deinit(&row.line);
}

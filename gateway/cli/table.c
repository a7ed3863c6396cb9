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
        s = (struct str){s.p + n, s.n - n};
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
        s = (struct str){s.p + n, s.n - n};
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

/* Takes `excess` cells from the columns that may shrink, the widest first. */
static void
shrink(const struct table *table, size_t *widths, size_t excess)
{
    while (excess > 0) {
        size_t widest = TABLE_COLUMNS;
        for (size_t i = 0; i < table->columns_n; i++) {
            if (table->column[i].shrink && widths[i] > SHRINK_LEAST &&
                (widest == TABLE_COLUMNS || widths[i] > widths[widest])) {
                widest = i;
            }
        }
        if (widest == TABLE_COLUMNS) {
            return;
        }
        widths[widest]--;
        excess--;
    }
}

static void
measure(const struct table *table, size_t *widths, size_t terminal)
{
    size_t total = 0;
    for (size_t i = 0; i < table->columns_n; i++) {
        widths[i] = text_width(str_of(text_of(table->column[i].head)));
        for (size_t k = i; k < table->cells_n; k += table->columns_n) {
            if (table->cells[k].width > widths[i]) {
                widths[i] = table->cells[k].width;
            }
        }
        total += widths[i] + (i > 0 ? GAP : 0);
    }
    if (terminal > 0 && total > terminal) {
        shrink(table, widths, total - terminal);
    }
}

static void
add_cell(struct buf *line, const struct table *table, size_t column, struct str text,
         const size_t *widths, const char *colour, const char *end)
{
    struct buf fitted;
    buf_init(&fitted, LINE_MAX_BYTES);
    size_t used = text_fit(&fitted, text, widths[column]);
    size_t pad = widths[column] > used ? widths[column] - used : 0;
    bool last = column + 1 == table->columns_n;
    if (column > 0) {
        buf_add_z(line, "  ");
    }
    for (size_t i = 0; table->column[column].right && i < pad; i++) {
        buf_add_char(line, ' ');
    }
    buf_add_z(line, colour);
    buf_add_str(line, buf_str(&fitted));
    buf_add_z(line, *colour ? end : "");
    for (size_t i = 0; !table->column[column].right && !last && i < pad; i++) {
        buf_add_char(line, ' ');
    }
    buf_deinit(&fitted);
}

void
table_print(const struct table *table, FILE *to)
{
    size_t widths[TABLE_COLUMNS];
    bool wanted = colour_wanted(to);
    const char *end = colour_code(wanted, COLOUR_NONE);
    measure(table, widths, terminal_width(to));
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    for (size_t i = 0; i < table->columns_n; i++) {
        add_cell(&line, table, i, str_of(text_of(table->column[i].head)), widths,
                 colour_code(wanted, COLOUR_HEAD), end);
    }
    (void)fprintf(to, "%.*s\n", (int)line.n, line.n ? line.p : "");
    for (size_t i = 0; i < table->cells_n; i++) {
        size_t column = i % table->columns_n;
        const struct cell *cell = &table->cells[i];
        if (column == 0) {
            buf_clear(&line);
        }
        const char *colour = cell->colour == COLOUR_NONE ? "" : colour_code(wanted, cell->colour);
        add_cell(&line, table, column, (struct str){cell->text, cell->n}, widths, colour, end);
        if (column + 1 == table->columns_n) {
            (void)fprintf(to, "%.*s\n", (int)line.n, line.n ? line.p : "");
        }
    }
    buf_deinit(&line);
}

/* CSV reader and writer. */
// SPDX-License-Identifier: MIT
#include "gateway/core/csv.h"

#include <string.h>

const struct csv_style csv_plain = {',', false};
const struct csv_style csv_excel = {';', true};

static const struct str bom = STR("\xef\xbb\xbf");

static char
sniff(struct str content)
{
    bool quoted = false, semicolon = false;
    for (size_t i = 0; i < content.n && (quoted || content.p[i] != '\n'); i++) {
        char c = content.p[i];
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            return ',';
        } else if (c == ';' && !quoted) {
            semicolon = true;
        }
    }
    return semicolon ? ';' : ',';
}

void
csv_reader_init(struct csv_reader *r, struct str content, char sep)
{
    if (str_starts(content, bom)) {
        content.p += bom.n;
        content.n -= bom.n;
    }
    *r = (struct csv_reader){.rest = content, .next_line = 1, .sep = sep ? sep : sniff(content)};
}

void
csv_reader_deinit(struct csv_reader *r)
{
    arena_free(&r->cells);
    r->rest = (struct str){NULL, 0};
}

static int
refuse(struct csv_reader *r, struct err *err, const char *what)
{
    r->rest.n = 0;
    return err_set(err, ERR_INPUT, "line %zu: %s", r->line, what);
}

static void
skip(struct csv_reader *r, size_t n)
{
    r->rest.p += n;
    r->rest.n -= n;
}

/* Length of the line end at the head of `s`: 0 none, 1 LF, 2 CRLF. */
static size_t
line_end(struct str s)
{
    if (s.n > 0 && s.p[0] == '\n') {
        return 1;
    }
    return s.n > 1 && s.p[0] == '\r' && s.p[1] == '\n' ? 2 : 0;
}

static struct str
undouble(struct csv_reader *r, struct str s)
{
    if (!r->cells) {
        r->cells = arena_new();
    }
    char *p = arena_alloc(r->cells, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        p[n++] = s.p[i];
        i += s.p[i] == '"';
    }
    return (struct str){p, n};
}

/* At an opening quote.  Leaves the reader behind the closing one. */
static int
read_quoted(struct csv_reader *r, struct str *cell, struct err *err)
{
    struct str s = {r->rest.p + 1, r->rest.n - 1};
    size_t i = 0;
    bool doubled = false;
    for (; i < s.n; i++) {
        if (s.p[i] == '\n') {
            r->next_line++;
        } else if (s.p[i] == '"' && i + 1 < s.n && s.p[i + 1] == '"') {
            doubled = true;
            i++;
        } else if (s.p[i] == '"') {
            break;
        }
    }
    if (i >= s.n) {
        return refuse(r, err, "a quote that begins here is never closed");
    }
    skip(r, i + 2);
    bool ends = r->rest.n == 0 || r->rest.p[0] == r->sep || line_end(r->rest) > 0;
    if (!ends) {
        return refuse(r, err, "text after a closing quote");
    }
    s.n = i;
    *cell = doubled ? undouble(r, s) : s;
    return 0;
}

static void
read_plain(struct csv_reader *r, struct str *cell)
{
    size_t i = 0;
    while (i < r->rest.n && r->rest.p[i] != r->sep && r->rest.p[i] != '\n') {
        i++;
    }
    *cell = (struct str){r->rest.p, i};
    bool at_line_end = i == r->rest.n || r->rest.p[i] == '\n';
    if (i > 0 && at_line_end && cell->p[i - 1] == '\r') {
        cell->n--;
    }
    skip(r, i);
}

/* Steps over what ends a cell.  True when the row goes on. */
static bool
step(struct csv_reader *r)
{
    if (r->rest.n > 0 && r->rest.p[0] == r->sep) {
        skip(r, 1);
        return true;
    }
    if (r->rest.n > 0) {
        skip(r, line_end(r->rest));
        r->next_line++;
    }
    return false;
}

static int
read_cell(struct csv_reader *r, struct str *cell, struct err *err)
{
    *cell = (struct str){0};
    if (r->rest.n > 0 && r->rest.p[0] == '"') {
        if (read_quoted(r, cell, err) != 0) {
            return -1;
        }
    } else {
        read_plain(r, cell);
    }
    if (cell->n > 0 && memchr(cell->p, '\0', cell->n)) {
        return refuse(r, err, "a NUL byte");
    }
    return 0;
}

static int
read_row(struct csv_reader *r, struct str *cells, size_t max, size_t *n, struct err *err)
{
    *n = 0;
    bool more = true;
    while (more) {
        struct str cell;
        if (read_cell(r, &cell, err) != 0) {
            return -1;
        }
        if (*n == max) {
            return refuse(r, err, "more cells than the header has");
        }
        cells[(*n)++] = cell;
        more = step(r);
    }
    return 1;
}

int
csv_read(struct csv_reader *r, struct str *cells, size_t max, size_t *n, struct err *err)
{
    arena_free(&r->cells);
    while (line_end(r->rest) > 0) {
        skip(r, line_end(r->rest));
        r->next_line++;
    }
    r->line = r->next_line;
    if (r->rest.n == 0) {
        *n = 0;
        return 0;
    }
    return read_row(r, cells, max, n, err);
}

void
csv_begin(struct buf *out, const struct csv_style *style)
{
    if (style->excel) {
        buf_add_str(out, bom);
    }
}

static bool
needs_quotes(struct str cell, char sep)
{
    for (size_t i = 0; i < cell.n; i++) {
        char c = cell.p[i];
        if (c == sep || c == '"' || c == '\r' || c == '\n') {
            return true;
        }
    }
    return str_starts(cell, bom) || (cell.n > 0 && (cell.p[0] == ' ' || cell.p[cell.n - 1] == ' '));
}

static void
add_cell(struct buf *out, const struct csv_style *style, struct str cell)
{
    bool guarded = style->excel && cell.n > 0 && memchr("=+-@", cell.p[0], 4);
    bool quoted = needs_quotes(cell, style->sep);
    if (quoted) {
        buf_add_char(out, '"');
    }
    if (guarded) {
        buf_add_char(out, '\'');
    }
    for (size_t i = 0; i < cell.n; i++) {
        if (cell.p[i] == '"') {
            buf_add_char(out, '"');
        }
        buf_add_char(out, cell.p[i]);
    }
    if (quoted) {
        buf_add_char(out, '"');
    }
}

void
csv_add_row(struct buf *out, const struct csv_style *style, const struct str *cells, size_t n)
{
    if (n == 1 && cells[0].n == 0) {
        buf_add_z(out, "\"\""); /* a blank line would be no row */
    }
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_add_char(out, style->sep);
        }
        add_cell(out, style, cells[i]);
    }
    buf_add_char(out, '\n');
}

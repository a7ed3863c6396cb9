/* Frames. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/box.h"

#include <string.h>

#include "gateway/cli/table.h"
#include "gateway/core/unicode.h"

static void
print_rule(FILE *to, const char *left, const char *right, size_t cells)
{
    (void)fputs(left, to);
    for (size_t i = 0; i < cells + 2; i++) {
        (void)fputs("─", to);
    }
    (void)fprintf(to, "%s\n", right);
}

static void
print_line(FILE *to, struct str line, size_t cells)
{
    struct buf out;
    buf_init(&out, line.n * 4 + 16);
    size_t width = text_fit(&out, line, cells);
    (void)fprintf(to, "│ %.*s", (int)out.n, out.p ? out.p : "");
    for (; width < cells; width++) {
        (void)fputc(' ', to);
    }
    (void)fputs(" │\n", to);
    buf_deinit(&out);
}

/* The longest head of `text` that is at most `cells` wide, up to a blank if there is one. */
static size_t
take_line(struct str text, size_t cells)
{
    struct str rest = text;
    size_t blank = 0;
    while (rest.n > 0) {
        size_t n = text.n - rest.n;
        if (rest.p[0] == ' ') {
            blank = n;
        }
        (void)utf8_next(&rest);
        if (text_width((struct str){text.p, text.n - rest.n}) > cells) {
            return blank > 0 ? blank : n;
        }
    }
    return text.n;
}

static void
print_paragraph(FILE *to, struct str text, size_t cells)
{
    do {
        size_t n = take_line(text, cells);
        print_line(to, (struct str){text.p, n}, cells);
        text = str_from(text, n);
        text = text.n > 0 && text.p[0] == ' ' ? str_from(text, 1) : text;
    } while (text.n > 0);
}

void
box_print(FILE *to, struct str head, struct str text, size_t cells)
{
    print_rule(to, "╭", "╮", cells);
    if (head.n > 0) {
        print_line(to, head, cells);
        print_rule(to, "├", "┤", cells);
    }
    while (text.p && text.n > 0) {
        print_paragraph(to, str_cut(&text, '\n'), cells);
    }
    print_rule(to, "╰", "╯", cells);
}

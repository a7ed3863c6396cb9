/* The text of a body. */
// SPDX-License-Identifier: MIT
#include "gateway/core/body.h"

#include <string.h>

#include <utf8proc.h>

#include "gateway/core/furniture.h"
#include "gateway/core/html.h"
#include "gateway/core/pasted.h"
#include "gateway/core/unicode.h"

/* Whether a line goes on in the next one: a scan's line ends where the paper did. */
static bool
is_wrapped(struct str line, struct str next)
{
    enum { LONG = 44 };
    static const char signs[] = ".;:!?)|";
    if (line.n < LONG || strchr(signs, line.p[line.n - 1]) || next.n < 2) {
        return false;
    }
    struct str rest = next;
    bool small = utf8proc_category(utf8_next(&rest)) == UTF8PROC_CATEGORY_LL;
    return small && rest.n > 0 && !strchr(".)/", rest.p[0]); /* "a)" begins an item */
}

/* A paragraph that was cut into lines, in one again. */
static struct str
unwrap(struct arena *arena, struct str text)
{
    struct buf out;
    buf_init(&out, text.n + 1);
    struct str last = {NULL, 0};
    for (struct str rest = text; rest.p && rest.n > 0;) {
        struct str line = str_cut(&rest, '\n');
        if (out.n > 0) {
            buf_add_char(&out, is_wrapped(last, line) ? ' ' : '\n');
        }
        buf_add_str(&out, line);
        last = line;
    }
    struct str whole = {arena_strndup(arena, out.p ? out.p : "", out.n), out.n};
    buf_deinit(&out);
    return whole;
}

int
body_text(struct str body, struct arena *arena, struct str *text, struct err *err)
{
    if (html_looks(body)) {
        struct html_page page;
        if (html_read(body, arena, &page, err) != 0) {
            return -1;
        }
        *text = unwrap(arena, page.text);
        return 0;
    }
    struct str copy = pasted_strip(arena, html_unescape(arena, body), false);
    struct str lines = furniture_split_columns(arena, copy);
    *text = unwrap(arena, furniture_remove(arena, unicode_tidy(arena, lines)));
    return 0;
}

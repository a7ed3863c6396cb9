/* The text of a body. */
// SPDX-License-Identifier: MIT
#include "gateway/core/body.h"

#include "gateway/core/furniture.h"
#include "gateway/core/html.h"
#include "gateway/core/unicode.h"

int
body_text(struct str body, struct arena *arena, struct str *text, struct err *err)
{
    if (html_looks(body)) {
        struct html_page page;
        if (html_read(body, arena, &page, err) != 0) {
            return -1;
        }
        *text = page.text;
        return 0;
    }
    struct str lines = furniture_split_columns(arena, html_unescape(arena, body));
    *text = furniture_remove(arena, unicode_tidy(arena, lines));
    return 0;
}

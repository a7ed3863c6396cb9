/* The text of a body. */
// SPDX-License-Identifier: MIT
#include "gateway/core/body.h"

#include "gateway/core/furniture.h"
#include "gateway/core/unicode.h"

int
body_text(struct str body, struct arena *arena, struct str *text, struct err *err)
{
    (void)err;
    *text = furniture_remove(arena, unicode_tidy(arena, body));
    return 0;
}

/* What a text that was copied out of a mail, a chat or a social network brings along: the mail's
 * header and footer, who wrote when, the others' answers, hashtags; a table's tabs.  Pure. */
#ifndef LOA_CORE_PASTED_H
#define LOA_CORE_PASTED_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* The text without these; its other lines as they came, a table's with "; " between cells.  A
 * mail's subject becomes the first line where it is to be the `title`, and goes with the header
 * where there is one already. */
struct str pasted_strip(struct arena *arena, struct str text, bool title);

#endif

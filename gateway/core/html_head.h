/* What a page says of itself: its title and its address.  Only for html*.c and their tests. */
#ifndef LOA_CORE_HTML_HEAD_H
#define LOA_CORE_HTML_HEAD_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

struct _xmlNode;
/* Call html_measure() before.  An absent one is empty. */
void html_find_head(const struct _xmlNode *root, struct arena *arena, struct str *title,
                    struct str *link);
/* Whether a title says nothing but whose site the page is of, and which section of it. */
bool html_title_is_empty(struct arena *arena, struct str title);

#endif

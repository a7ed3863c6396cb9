/* A table with a column of what was and one of what is to be.  Only for story_*.c. */
#ifndef LOA_CORE_STORY_COLUMNS_H
#define LOA_CORE_STORY_COLUMNS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/story_parts.h"

/* In the rows under "…; Giá cũ; Giá mới" the old cell is stale. */
void story_columns(struct story *story);
/* Of a row under such a head, where its new cell begins and (in `*to`) ends; both the unit's own
 * beginning when it is no such row. */
size_t story_new_cell(const struct story_detail *d, size_t unit, size_t *to);

#endif

/* Judging one line of furniture.  Only for furniture*.c. */
#ifndef LOA_CORE_FURNITURE_PARTS_H
#define LOA_CORE_FURNITURE_PARTS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/furniture.h"

enum { JUDGED_BYTES = 240 }; /* of a line */

/* Of a folded line: no word that a date or a clock would not have ("16:20 GMT+7", "thu hai"); the
 * same with a day and its year ("thu hai, 23/11/2026, 14:05"). */
bool furniture_says_when(struct str folded);
bool furniture_is_date(struct str folded);
/* "2 giờ ·", "3 ngày trước". */
bool furniture_is_ago(struct str folded);

/* "Các bản tin đã đưa:": a folded line that heads other news; one of nothing but "#…". */
bool furniture_is_more_news(struct str folded);
bool furniture_is_tags(struct str folded);

#endif

/* Judging one line of furniture.  Only for furniture*.c. */
#ifndef LOA_CORE_FURNITURE_PARTS_H
#define LOA_CORE_FURNITURE_PARTS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/furniture.h"

/* "Các bản tin đã đưa:": a folded line that heads other news; one of nothing but "#…". */
bool furniture_is_more_news(struct str folded);
bool furniture_is_tags(struct str folded);

#endif

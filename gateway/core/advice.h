/* What makes an SMS dear: the signs that force UCS-2, how much it is over a part's end, where its
 * parts end.  Pure. */
#ifndef LOA_CORE_ADVICE_H
#define LOA_CORE_ADVICE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/segment.h"

enum { ADVICE_SIGNS = 8 };

/* Signs of a text that GSM-7 has not. */
struct advice_signs {
    int distinct;                  /* different ones */
    int n;                         /* those kept below, by first appearance */
    struct str sign[ADVICE_SIGNS]; /* borrowed from the text */
    int times[ADVICE_SIGNS];
};
void advice_signs(struct str text, struct advice_signs *out);

/* How many units fewer would save a part; 0: it has only one. */
int advice_over(const struct segments *segments, struct segment_form form);

/* The text of one part, as a phone puts it together; in `arena`. */
struct str advice_part(const struct segments *segments, int part, struct arena *arena);

#endif

/* Cutting an audience into chunks: which columns of the directory to read, who is skipped and why,
 * and how a chunk is written.  Pure. */
#ifndef LOA_CORE_RECIPIENTS_H
#define LOA_CORE_RECIPIENTS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/bitmap.h"
#include "gateway/core/number.h"
#include "gateway/core/str.h"

/* Ascending numbers as runs, "0-199,201", as a chunk has them. */
void runs_write(const uint32_t *numbers, size_t n, struct buf *out);
/* False when it is no such list, is not ascending, or has more than `max` numbers. */
bool runs_read(struct str runs, uint32_t *numbers, size_t max, size_t *n);

/* Numbers from `low` to `high`, both in it. */
struct span {
    uint32_t low, high;
};
/* Spans that cover the ascending `numbers`, none with a gap of more than `gap` unwanted numbers;
 * `spans` has room for n.  Returns how many. */
size_t spans_cover(const uint32_t *numbers, size_t n, uint32_t gap, struct span *spans);

/* The directory's columns over some spans: for each span its phones (NUMBER_COLUMN bytes a
 * number), joined; likewise the bytes low/8 … high/8 of each bitmap. */
struct columns {
    const struct span *spans;
    size_t spans_n;
    struct str phones, opted_out, sharing;
};

enum recipient_skip { SKIP_NOT, SKIP_NO_ADDRESS, SKIP_INVALID, SKIP_OPTED_OUT, SKIP_DUPLICATE };
const char *recipient_reason(enum recipient_skip skip); /* core/reason.h; "" for NOT */

/* A member as a chunk takes them. */
struct recipient {
    uint32_t number;
    struct str address; /* borrowed from the columns; "" if there is none that can be used */
    bool shares;        /* its address with a lower number: ask who that is */
    enum recipient_skip skip;
};
/* Reads the recipients of `numbers` (ascending, covered by the spans) out of the columns.  False
 * when the columns are shorter than their spans. */
bool recipients_read(const struct columns *columns, const uint32_t *numbers, size_t n,
                     struct recipient *out);

/* The rule for those that share an address: of `sharers` ("3,17,90") the lowest that is in the
 * audience is told, the others are duplicates. */
bool recipient_is_duplicate(uint32_t number, struct str sharers, const struct bitmap *audience);

/* A chunk as `…:chunks` has it: "RUNS;address,address,…". */
void chunk_write(const struct recipient *recipients, size_t n, struct buf *out);

#endif

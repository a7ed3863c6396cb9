/* The dates and times of day that a fact names, as numbers.  Pure. */
#ifndef LOA_CORE_STAMP_H
#define LOA_CORE_STAMP_H
// SPDX-License-Identifier: MIT

#include "gateway/core/facts.h"
#include "gateway/core/plain.h"

enum { STAMPS_MOST = 40 };

/* A date (year 0: not said; day 0: a month) or a time of day (hour -1: a date). */
struct stamp {
    int day, month, year;
    int hour, minute;
};

/* The stamps of a FACT_DATE or FACT_TIME whose characters are [from, to) of `p`: "03, 10, 17/12"
 * are three, "7h30 - 11h00" two; a year that stands with the last of a list or range counts for all
 * of it.  Returns how many, at most `most`. */
size_t stamp_read(const struct plain *p, size_t from, size_t to, struct stamp *out, size_t most);

/* Whether both may be the same: a year that one of them leaves out fits any. */
bool stamp_same(const struct stamp *a, const struct stamp *b);

#endif

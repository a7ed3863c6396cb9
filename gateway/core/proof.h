/* Proves that a text says nothing that its announcement does not: the checker.  Pure. */
#ifndef LOA_CORE_PROOF_H
#define LOA_CORE_PROOF_H
// SPDX-License-Identifier: MIT

#include "gateway/core/story.h"

/* Compares without diacritics and case, abbreviations by their initials or the dictionary:
 *   - every number, date, time of day, phone and document number stands in the announcement, and
 *     not only where it says what was replaced;
 *   - every name (words with capitals) stands there in this order;
 *   - a date has its weekday and the words that it has there, a phone those that it has;
 *   - a time has the date that it has there, a range its order, "trước" and its like their date,
 * and two dates have not changed places;
 *   - what is negated there is negated, what is not is not, and a cancellation is told.
 * Links in the text are passed over.  `text` is UTF-8.  Returns -1, ERR_INPUT, with a sentence that
 * names the first thing that is wrong. */
int proof_check(const struct story *story, struct str text, struct arena *arena,
                struct err *err) MUST_CHECK;

#endif

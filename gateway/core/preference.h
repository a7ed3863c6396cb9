/* By which channels a member would rather be told.  Pure. */
#ifndef LOA_CORE_PREFERENCE_H
#define LOA_CORE_PREFERENCE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/err.h"
#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* Channels' letters in the directory's column, as in a ledger: "zs", and blanks up to its width. */
enum { PREFERENCE_WIDTH = 3 };

/* What a file says ("SMS; zalo") as it is kept: names parted by ',', each once, in `arena`.
 * -1 with ERR_INPUT: there is no such channel; the sentence names it and the nearest one. */
int preference_read(struct str given, struct arena *arena, struct str *out,
                    struct err *err) MUST_CHECK;

/* The letters of what is kept ("zalo,sms" → "zs").  Returns how many. */
size_t preference_letters(struct str kept, char out[PREFERENCE_WIDTH]);

/* The order in which somebody is told: places among a broadcast's channels (their letters, at most
 * PREFERENCE_WIDTH), first those that `prefer` names, then the others as they stand.  A letter that
 * is none of the channels counts for nothing.  False: they all stay as they stand. */
bool preference_order(struct str channels, struct str prefer, uint8_t order[PREFERENCE_WIDTH]);

#endif

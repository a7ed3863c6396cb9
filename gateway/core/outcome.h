/* The letters of a member's outcome, and the one table of letter × event.  Pure.
 * The same table stands in queue/SCHEMA.md, and the Lua Functions are tested against this one. */
#ifndef LOA_CORE_OUTCOME_H
#define LOA_CORE_OUTCOME_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>

#define OUTCOME_LETTERS "qsr?adufkx" /* in the order of `loa status --json` */
enum { OUTCOME_N = 10 };

/* What may happen to a member's message; the character is its letter on the wire to Redis. */
enum outcome_event {
    EVENT_BEGUN = 'S',
    EVENT_ACCEPTED = 'A',
    EVENT_DELIVERED = 'D',
    EVENT_UNDELIVERED = 'U',
    EVENT_TEMPORARY = 'T',
    EVENT_THROTTLED = 'H',
    EVENT_PERMANENT = 'P',
    EVENT_LOST = 'L',
    EVENT_RELEASED = 'R',
    EVENT_SKIPPED = 'K',
    EVENT_EXPIRED = 'X',
    EVENT_ELSEWHERE = 'F', /* not by this channel: the next one's turn */
};
#define OUTCOME_EVENTS "SADUTHPLRKXF"

/* The letter after `event` came to a member at `letter`.  `current`: the bearer holds the chunk's
 * present epoch (a receipt is always a fact: for it `current` says that no later attempt is under
 * way).  False: nothing changes, `*next` is left alone. */
bool outcome_next(char letter, enum outcome_event event, bool current, char *next);

bool outcome_final(char letter); /* d u f k x; `a` stays open to a receipt, yet holds nothing */
bool outcome_holds(char letter,
                   bool resend);       /* keeps its broadcast open: q s r, and ? under resend */
const char *outcome_name(char letter); /* "queued" … "expired", NULL for another character */

#endif

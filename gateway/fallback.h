/* Falling back: who is not reached by one channel is told by the broadcast's next one that has an
 * address of theirs; the order is the broadcast's, or what they prefer (core/preference.h). */
#ifndef LOA_GATEWAY_FALLBACK_H
#define LOA_GATEWAY_FALLBACK_H
// SPDX-License-Identifier: MIT

#include "gateway/held.h"

/* The letter (in …:routes) of the route by which the member at `place` is told next; '\0': there is
 * none. */
char fallback_letter(const struct worker *w, const struct held *h, uint32_t place);

/* Whom this channel did not confirm in time, as `answer` names them (borrowed): those whom a later
 * channel may tell, by their consent too, are recorded as its own.  Then `next`, with the error if
 * it failed: claimed again, they are found again.  False: there are none, and `next` is not called.
 */
typedef void fallback_next(struct worker *w, struct held *h, const struct err *err);
bool fallback_overdue(struct worker *w, struct held *h, const struct claim_answer *answer,
                      fallback_next *next);

/* The route's links are away, and were for as long as the chunk's members are to wait (a second at
 * least), and there is a later channel. */
bool fallback_is_due(const struct worker *w, const struct held *h);

/* Wakes the workers of the routes whose letters stand in `letters` for this chunk, whose members
 * were recorded as theirs.  If that is lost, the sweep does it. */
void fallback_wake(struct worker *w, const struct held *h, const char *letters);

#endif

/* Falling back: who is not reached by one channel is told by the broadcast's next one that has an
 * address of theirs. */
#ifndef LOA_GATEWAY_FALLBACK_H
#define LOA_GATEWAY_FALLBACK_H
// SPDX-License-Identifier: MIT

#include "gateway/held.h"

/* The letter (in …:routes) of the route by which the member at `place` is told next; '\0': there is
 * none. */
char fallback_letter(const struct worker *w, const struct held *h, uint32_t place);

/* Wakes the workers of the routes whose letters stand in `letters` for this chunk, whose members
 * were recorded as theirs.  If that is lost, the sweep does it. */
void fallback_wake(struct worker *w, const struct held *h, const char *letters);

#endif

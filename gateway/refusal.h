/* A platform's answer that a member wants nothing of this sender there is the member's wish. */
#ifndef LOA_GATEWAY_REFUSAL_H
#define LOA_GATEWAY_REFUSAL_H
// SPDX-License-Identifier: MIT

#include "gateway/held.h"

/* Keeps the consent of those whom these outcomes, which Redis has, tell to have opted out of the
 * channel; in loa:replies stands by which link, code and when.  What gets lost is told again by the
 * platform with the next message. */
void refusal_record(struct worker *w, const struct flush *f);

#endif

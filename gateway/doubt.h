/* Messages that may have gone out: their references, by which a receipt settles them by itself
 * (queue/uncertain.h).  The worker's own. */
#ifndef LOA_GATEWAY_DOUBT_H
#define LOA_GATEWAY_DOUBT_H
// SPDX-License-Identifier: MIT

#include "gateway/held.h"

/* Remembers those of `f` whose answer did not come, before their outcome is recorded.  False: there
 * are none.  Else `f->doubt_done` is set and `next` called when that was answered; without an
 * answer `next` is called too, and the tick sends the flush again. */
bool doubt_record(struct flush *f, void (*next)(struct flush *f, const struct err *err));

/* Remembers whom a former owner of the chunk left uncertain, whichever link it was. */
void doubt_claimed(struct worker *w, struct held *h, const struct claim_answer *answer);

#endif

/* What became of messages, on its way to Redis; of the worker's inside, as held.h. */
#ifndef LOA_GATEWAY_RECORD_H
#define LOA_GATEWAY_RECORD_H
// SPDX-License-Identifier: MIT

#include "gateway/held.h"

/* The link has done with `m`: it goes into its chunk's open batch. */
void record_outcome(struct worker *w, size_t link, struct link_message *m);
void record_flush(struct worker *w, size_t link); /* sends what was gathered on this link */
void record_retry(struct worker *w);              /* sends again what Redis did not take */
bool record_is_empty(const struct held *h);
bool record_is_closing(const struct held *h); /* the call that closes it is under way */

#endif

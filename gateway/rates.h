/* Shared rates: asks Redis for the slices that the links of this process use, tells all what one
 * found by throttling, and follows the red switch of each link and the wish to see its PDUs.
 *
 * Fails closed: while Redis is away nothing is granted, and a link that has a rate sends nothing.
 */
#ifndef LOA_GATEWAY_RATES_H
#define LOA_GATEWAY_RATES_H
// SPDX-License-Identifier: MIT

#include "gateway/route.h"

struct rates;

/* The links of `routes` are open, not started: each is when Redis says that it is not switched
 * off. */
struct rates *rates_new(struct event_base *base, const struct conf *conf, struct queue *queue,
                        struct routes *routes);
void rates_free(struct rates **rates);
void rates_drain(struct rates *rates); /* no link is started any more */

/* Five times a second: switches, limits. */
void rates_watch(struct rates *rates);
void rates_down(struct rates *rates); /* Redis is gone */

/* From the links (link.h). */
void rates_on_want(struct rates *rates, struct link *link);
void rates_on_limit(struct rates *rates, struct link *link, int limit);
void rates_on_trace(struct rates *rates, struct link *link, const struct link_pdu *pdu);

#endif

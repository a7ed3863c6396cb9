/* Shared quotas: tells Redis what the links of this process spent, and brings them slices of what
 * is left.  Fails closed: without Redis nothing is granted. */
#ifndef LOA_GATEWAY_QUOTAS_H
#define LOA_GATEWAY_QUOTAS_H
// SPDX-License-Identifier: MIT

#include "gateway/route.h"

struct quotas;
struct quotas *quotas_new(struct event_base *base, const struct conf *conf, struct queue *queue,
                          struct routes *routes);
/* After the queue was closed, before the links are freed. */
void quotas_free(struct quotas **quotas);
/* From link.h: units are wanted. */
void quotas_wanted(struct quotas *quotas, struct link *link);

#endif

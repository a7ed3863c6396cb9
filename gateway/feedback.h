/* What comes back from phones: receipts and members' messages.  A link's peer is answered only once
 * they are in Redis; what cannot be stored is refused for now, and the peer sends it again. */
#ifndef LOA_GATEWAY_FEEDBACK_H
#define LOA_GATEWAY_FEEDBACK_H
// SPDX-License-Identifier: MIT

#include "gateway/route.h"

struct feedback;

/* `on_recorded` is called when receipts moved counters (the stats want posting). */
struct feedback *feedback_new(struct queue *queue, struct routes *routes,
                              void (*on_recorded)(void *arg), void *arg);
void feedback_free(struct feedback **feedback);

void feedback_on_receipt(struct feedback *feedback, struct link *link,
                         const struct link_receipt *receipt, uint64_t token);
/* What Redis cannot take is lost: it then stays uncertain. */
void feedback_on_late(struct feedback *feedback, struct link *link, const struct link_late *late);
void feedback_on_reply(struct feedback *feedback, struct link *link, const struct link_reply *reply,
                       uint64_t token);
void feedback_on_turn(struct feedback *feedback, struct link *link); /* sends what was gathered */
bool feedback_is_idle(const struct feedback *feedback);

#endif

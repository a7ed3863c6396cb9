/* Single messages beside the broadcasts (queue/outbox.h): taken from Redis, sent by the link they
 * came in on if it can, else by another, and recorded. */
#ifndef LOA_GATEWAY_LETTERS_H
#define LOA_GATEWAY_LETTERS_H
// SPDX-License-Identifier: MIT

#include "gateway/route.h"

struct letters;

/* `link_message.owner` of those that are ours. */
#define LETTERS_OWNER UINT32_MAX

struct letters *letters_new(struct event_base *base, const struct conf *conf, struct queue *queue,
                            const struct routes *routes);
void letters_free(struct letters **letters);
void letters_start(struct letters *letters);
/* Takes no more; what is with a link is recorded. */
void letters_drain(struct letters *letters);
bool letters_is_idle(const struct letters *letters);
void letters_on_outcome(struct letters *letters, struct link_message *message);

#endif

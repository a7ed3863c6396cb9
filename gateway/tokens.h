/* Keeps the links' access tokens fresh: renewed ahead of time by one process of all, in Redis
 * before they are used, and a sentence for people when a grant is lost. */
#ifndef LOA_GATEWAY_TOKENS_H
#define LOA_GATEWAY_TOKENS_H
// SPDX-License-Identifier: MIT

#include "gateway/links/link.h"
#include "queue/queue.h"

struct tokens;
struct tokens *tokens_new(struct event_base *base, const struct conf *conf, struct queue *queue);
void
tokens_free(struct tokens **tokens); /* after the queue was closed, before the links are freed */
/* From link.h: the link has no token, or the one it had was refused. */
void tokens_wanted(struct tokens *tokens, struct link *link);
/* Nothing more is renewed; a renewal under way is still brought to its end. */
void tokens_drain(struct tokens *tokens);
bool tokens_are_idle(const struct tokens *tokens);

#endif

/* Accepts announcements: checks one that came in, forms its text, resolves its audience, begins its
 * broadcast, and only then acknowledges it; or refuses it with a sentence. */
#ifndef LOA_GATEWAY_ACCEPT_H
#define LOA_GATEWAY_ACCEPT_H
// SPDX-License-Identifier: MIT

#include "gateway/planner.h"
#include "gateway/route.h"

struct accept;

struct accept *accept_new(struct event_base *base, const struct conf *conf, struct queue *queue,
                          const struct routes *routes, struct planner *planner);
/* The templates of what comes from now on; borrowed until others are handed in.  Before the start.
 */
struct template_set;
void accept_use_templates(struct accept *accept, const struct template_set *templates);
void accept_free(struct accept **accept);
void accept_start(struct accept *accept);
void accept_stop(struct accept *accept); /* nothing new is read; what is under way goes on */

#endif

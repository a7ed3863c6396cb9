/* Plans broadcasts a few chunks at a time, the highest priority first, and takes turns among those
 * of the same priority: the first chunk leaves long before the last is cut. */
#ifndef LOA_GATEWAY_PLANNER_H
#define LOA_GATEWAY_PLANNER_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"
#include "gateway/core/routing.h"
#include "queue/plan.h"

struct planner;
/* `ask.routing` must outlive the planner; its budget is the planner's own. */
struct planner *planner_new(struct event_base *base, struct queue *queue, struct plan_ask ask);
void planner_free(struct planner **planner);
/* Plans no more, and gives back the plans that it had begun: another gateway goes on at once. */
void planner_drain(struct planner *planner);
bool planner_is_idle(const struct planner *planner);
/* Plans `id` until it is complete or another gateway plans it; known ones are left alone. */
void planner_add(struct planner *planner, const char *id, enum priority priority);

#endif

/* The broadcasts that are being planned here. */
// SPDX-License-Identifier: MIT
#include "queue/planned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "queue/handle.h"
#include "queue/plan.h"

enum { KEPT_MAX = 8 }; /* audiences */

struct planner {
    struct queue_part part;
    struct planned *kept; /* the one used last stands first */
};

static void
planned_free(struct planned *p)
{
    bitmap_deinit(&p->audience);
    free(p);
}

static void
planner_free(struct queue_part *part)
{
    struct planner *planner = (struct planner *)(void *)part;
    while (planner->kept) {
        struct planned *next = planner->kept->next;
        planned_free(planner->kept);
        planner->kept = next;
    }
    free(planner);
}

static struct planner *
planner_of(struct queue *queue)
{
    static const struct queue_part kind = {.free = planner_free};
    return (struct planner *)queue_part_of(queue, &kind, sizeof(struct planner));
}

void
planned_forget(struct queue *queue, struct planned *gone)
{
    struct planned **at = &planner_of(queue)->kept;
    while (*at && *at != gone) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = gone->next;
        planned_free(gone);
    }
}

/* The broadcast's entry, moved to the front; the one unused longest makes room. */
struct planned *
planned_of(struct queue *queue, const char *id)
{
    struct planner *planner = planner_of(queue);
    struct planned *idle = NULL, *found = NULL;
    int n = 0;
    for (struct planned **at = &planner->kept; *at && !found;) {
        struct planned *p = *at;
        if (strcmp(p->id, id) == 0) {
            *at = p->next;
            found = p;
            continue;
        }
        idle = p->busy ? idle : p;
        n++;
        at = &p->next;
    }
    if (!found) {
        if (n >= KEPT_MAX && idle) {
            planned_forget(queue, idle);
        }
        found = xcalloc(1, sizeof *found);
        (void)snprintf(found->id, sizeof found->id, "%s", id);
    }
    found->next = planner->kept;
    planner->kept = found;
    return found;
}

void
planned_terms(struct planned *p, const struct plan_terms *terms)
{
    struct str channels = terms->channels, routes = terms->routes;
    p->priority = terms->priority;
    (void)snprintf(p->channels, sizeof p->channels, "%.*s", (int)channels.n, channels.p);
    (void)snprintf(p->routes, sizeof p->routes, "%.*s", (int)routes.n, routes.p);
}

void
broadcast_plan_expect(struct queue *queue, const char *id, struct str audience,
                      const struct plan_terms *terms)
{
    struct planned *plan = planned_of(queue, id);
    if (!plan->busy && !plan->audience.bytes) {
        plan->audience = bitmap_copy(audience.p, audience.n);
        planned_terms(plan, terms);
    }
}

/* Plans broadcasts a few chunks at a time. */
// SPDX-License-Identifier: MIT
#include "gateway/planner.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/broadcasts.h"
#include "gateway/core/mem.h"
#include "queue/plan.h"

/* A turn's chunks: 2,048 members, a few milliseconds of Redis, so that an emergency waits no
 * longer. */
enum { CHUNKS_A_TURN = 8, RETRY_MS = 200 };

/* The first chunk is on its way to the link before the next are cut. */
enum { AFTER_FIRST_MS = 3 };

struct planned {
    struct planned *next;
    char id[BROADCAST_ID_SIZE];
    enum priority priority;
};

struct planner {
    struct queue *queue;
    struct plan_ask ask;
    struct event *retry;
    struct planned *list; /* whose turn comes first stands first among its priority */
    struct planned *under_way;
    bool draining;
    int giving_back;
};

static void planner_turn(struct planner *planner);

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    planner_turn(arg);
}

struct planner *
planner_new(struct event_base *base, struct queue *queue, struct plan_ask ask)
{
    struct planner *p = xcalloc(1, sizeof *p);
    p->queue = queue;
    p->ask = ask;
    p->ask.budget = CHUNKS_A_TURN;
    p->retry = event_new(base, -1, 0, on_retry, p);
    return p;
}

void
planner_free(struct planner **planner)
{
    struct planner *p = *planner;
    if (!p) {
        return;
    }
    event_free(p->retry);
    while (p->list) {
        struct planned *one = p->list;
        p->list = one->next;
        free(one);
    }
    free(p->under_way);
    free(p);
    *planner = NULL;
}

/* Behind the others of its priority: they take turns. */
static void
put_in_line(struct planner *p, struct planned *one)
{
    struct planned **at = &p->list;
    while (*at && (*at)->priority >= one->priority) {
        at = &(*at)->next;
    }
    one->next = *at;
    *at = one;
}

static void
on_given_back(void *arg, const struct err *err)
{
    struct planner *p = arg;
    (void)err; /* then its lease ends by itself */
    p->giving_back--;
}

static void
give_back(struct planner *p, struct planned *one)
{
    p->giving_back++;
    broadcast_plan_give_back(p->queue, one->id, on_given_back, p);
    free(one);
}

static void
on_planned(void *arg, const struct plan_answer *answer, const struct err *err)
{
    struct planner *p = arg;
    struct planned *one = p->under_way;
    p->under_way = NULL;
    bool again = err ? err->code != ERR_INPUT : !answer->complete && !answer->held;
    if (err && err->code != ERR_GONE) {
        log_event(again ? LOG_WARNING : LOG_ERROR, "plan.refused", "broadcast=%s why=%s", one->id,
                  log_value(str_of(err->text)));
    }
    if (again && p->draining) {
        give_back(p, one);
    } else if (again) {
        put_in_line(p, one);
    } else {
        free(one);
    }
    int wait_ms = err ? RETRY_MS : again && answer->planned == 1 ? AFTER_FIRST_MS : 0;
    if (wait_ms > 0) {
        struct timeval wait = clock_timeval(wait_ms);
        (void)event_add(p->retry, &wait);
    } else {
        planner_turn(p);
    }
}

static void
planner_turn(struct planner *p)
{
    if (p->under_way || !p->list || p->draining) {
        return;
    }
    if (!queue_is_up(p->queue)) {
        struct timeval wait = clock_timeval(RETRY_MS);
        (void)event_add(p->retry, &wait);
        return;
    }
    p->under_way = p->list;
    p->list = p->list->next;
    broadcast_plan(p->queue, p->under_way->id, &p->ask, on_planned, p);
}

void
planner_drain(struct planner *p)
{
    p->draining = true;
    while (p->list) {
        struct planned *one = p->list;
        p->list = one->next;
        give_back(p, one);
    }
}

bool
planner_is_idle(const struct planner *p)
{
    return !p->under_way && p->giving_back == 0;
}

void
planner_add(struct planner *p, const char *id, enum priority priority)
{
    bool known = p->under_way && strcmp(p->under_way->id, id) == 0;
    for (const struct planned *one = p->list; one && !known; one = one->next) {
        known = strcmp(one->id, id) == 0;
    }
    if (!known && !p->draining) {
        struct planned *one = xcalloc(1, sizeof *one);
        memcpy(one->id, id, strnlen(id, sizeof one->id - 1));
        one->priority = priority;
        put_in_line(p, one);
    }
    planner_turn(p);
}

/* Which link of a route carries the next message. */
// SPDX-License-Identifier: MIT
#include "gateway/core/balance.h"

static const int64_t back_us = 15000000;

enum health_grade
health_watch(struct health *h, bool up, bool limited, int64_t now_us)
{
    if (!up) {
        h->was_down = h->was_up;
        h->up_us = 0;
        h->grade = HEALTH_OUT;
        return h->grade;
    }
    if (h->up_us == 0) {
        h->up_us = now_us;
    }
    h->was_up = true;
    if (limited) {
        h->limited_us = now_us;
    }
    bool settled = !h->was_down || now_us - h->up_us >= back_us;
    bool calm = h->limited_us == 0 || (!limited && now_us - h->limited_us >= back_us);
    h->grade = !settled ? HEALTH_OUT : calm ? HEALTH_FULL : HEALTH_LIMITED;
    return h->grade;
}

static double
share(const struct balanced *link)
{
    return link->served / (link->weight > 0 ? link->weight : 1);
}

/* Whether `i` leaves it to `other`. */
static bool
gives_way(const struct balanced *link, const struct balanced *other)
{
    if (!other->up) {
        return false;
    }
    if (link->grade == HEALTH_OUT && other->grade != HEALTH_OUT) {
        return true;
    }
    if (other->grade != HEALTH_FULL) {
        return false;
    }
    if (other->order != link->order) {
        return other->order < link->order;
    }
    return link->weight > 0 && other->weight > 0 &&
           share(link) > share(other) + (double)BALANCE_AHEAD / other->weight;
}

bool
balance_lets(const struct balanced *links, size_t n, size_t i)
{
    for (size_t k = 0; k < n; k++) {
        if (k != i && gives_way(&links[i], &links[k])) {
            return false;
        }
    }
    return links[i].up;
}

bool
balance_before(const struct balanced *a, const struct balanced *b)
{
    if (a->order != b->order) {
        return a->order < b->order;
    }
    return share(a) < share(b);
}

void
balance_rejoin(struct balanced *links, size_t n, size_t i)
{
    double most = share(&links[i]);
    for (size_t k = 0; k < n; k++) {
        bool counts = k != i && links[k].grade == HEALTH_FULL && links[k].order == links[i].order;
        most = counts && share(&links[k]) > most ? share(&links[k]) : most;
    }
    links[i].served = most * (links[i].weight > 0 ? links[i].weight : 1);
}

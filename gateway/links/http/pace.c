/* The rate of a link over HTTP: its own pacer and, where other gateways share it, what was granted.
 * A request needs both. */
// SPDX-License-Identifier: MIT
#include "gateway/links/http/pace.h"

#include <event2/event.h>
#include <limits.h>

#include "gateway/base/clock.h"
#include "gateway/core/rate.h"
#include "gateway/links/http/quota.h"

enum { ROOM_US = 20000 };

static bool
is_shared(const struct http_link *l)
{
    return l->shared && l->rate;
}

bool
http_pace_takes(struct http_link *l, int64_t now_us)
{
    if (!l->rate) {
        return true;
    }
    if (rate_next_us(l->rate) > now_us ||
        (is_shared(l) && !allowance_take(&l->allowance, now_us))) {
        return false;
    }
    return rate_take(l->rate, now_us);
}

int64_t
http_pace_next_us(struct http_link *l, int64_t now_us)
{
    int64_t own_us = l->rate ? rate_next_us(l->rate) : now_us;
    int64_t granted_us = is_shared(l) ? allowance_next_us(&l->allowance, now_us) : INT64_MIN;
    return granted_us > own_us ? granted_us : own_us;
}

int
http_pace_room(const struct http_link *l, int64_t now_us)
{
    if (!l->rate) {
        return INT_MAX;
    }
    int soon = is_shared(l) ? allowance_ready(rate_limit(l->rate))
                            : rate_room(l->rate, now_us, now_us + ROOM_US);
    return soon > l->waiting_n ? soon - l->waiting_n : 0;
}

void
http_link_share(struct link *link)
{
    struct http_link *l = (struct http_link *)link;
    l->shared = true;
    l->quota.shared = l->kind->counts != NULL;
}

int
http_link_wants(const struct link *link)
{
    const struct http_link *l = (const struct http_link *)link;
    int64_t now_us = clock_monotonic_us();
    int waiting = http_quota_waiting(l, now_us) + l->questions_n;
    if (!is_shared(l) || waiting == 0 || l->state != LINK_BOUND || l->draining) {
        return 0;
    }
    int free = l->link.conf->concurrency - l->in_flight; /* what cannot leave needs no grant */
    int leaves = waiting < free ? waiting : free;
    return leaves > 0 ? allowance_wants(&l->allowance, rate_limit(l->rate), leaves, now_us) : 0;
}

void
http_link_grant(struct link *link, const struct lease *lease)
{
    struct http_link *l = (struct http_link *)link;
    if (lease) {
        allowance_add(&l->allowance, *lease);
        event_active(l->pump, EV_TIMEOUT, 0);
    } else {
        allowance_clear(&l->allowance);
    }
}

void
http_link_set_rate(struct link *link, double rate)
{
    struct http_link *l = (struct http_link *)link;
    if (rate == 0) {
        rate_free(&l->rate);
    } else if (!l->rate || rate_limit(l->rate) != rate) {
        l->rate = rate_change(l->rate, rate);
    }
}

double
http_link_rate(const struct link *link)
{
    const struct http_link *l = (const struct http_link *)link;
    return l->rate ? rate_limit(l->rate) : 0;
}

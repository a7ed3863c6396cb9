/* The rates of a link.  A part needs all that there are. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/pace.h"

#include <limits.h>

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/links/smpp/session.h"

enum { ROOM_US = 20000 };

/* Parts leave by grants. */
static bool
is_shared(const struct smpp *l)
{
    return l->shared && (l->rate || l->pace);
}

bool
pace_lets(struct smpp *l, int64_t now_us)
{
    if (!throttle_lets(&l->throttle, now_us) || (l->pace && rate_next_us(l->pace) > now_us) ||
        (l->rate && rate_next_us(l->rate) > now_us)) {
        return false;
    }
    if (is_shared(l) && !allowance_take(&l->allowance, now_us)) {
        return false;
    }
    throttle_leaves(&l->throttle, now_us);
    return (!l->rate || rate_take(l->rate, now_us)) && (!l->pace || rate_take(l->pace, now_us));
}

/* When all rates let the next part out; INT64_MAX: a grant is waited for. */
static int64_t
next_us(struct smpp *l, int64_t now_us)
{
    int64_t set_us = l->rate ? rate_next_us(l->rate) : INT64_MIN;
    int64_t found_us = l->pace ? rate_next_us(l->pace) : INT64_MIN;
    int64_t granted_us = is_shared(l) ? allowance_next_us(&l->allowance, now_us) : INT64_MIN;
    int64_t own_us = set_us > found_us ? set_us : found_us;
    return granted_us > own_us ? granted_us : own_us;
}

/* Some session's socket takes octets. */
static bool
is_writable(const struct smpp *l)
{
    for (int i = 0; i < l->sessions_n; i++) {
        const struct session *s = &l->sessions[i];
        if (session_takes(s) && !conn_is_full(s->conn)) {
            return true;
        }
    }
    return false;
}

/* When something could leave that cannot now; 0: that is not a matter of time. */
static int64_t
wake_at(struct smpp *l, int64_t now_us)
{
    if (pause_holds(&l->pause, now_us)) {
        return l->pause.until_us;
    }
    if (l->throttle.until_us > now_us) {
        return l->throttle.until_us;
    }
    if ((!l->rate && !l->pace) || smpp_taken(l) >= l->window || !is_writable(l)) {
        return 0;
    }
    int64_t at_us = next_us(l, now_us);
    bool idle = smpp_waiting_parts(l) == 0 && smpp_used(l) == smpp_taken(l);
    if (is_shared(l) && (idle || at_us == INT64_MAX)) {
        return 0; /* nothing to send, or a grant wakes it */
    }
    if (idle) {
        at_us -= ROOM_US; /* pace_room() is 0 until then */
    }
    return at_us > now_us ? at_us : 0; /* it could leave now: answers are what is waited for */
}

void
pace_arm_wake(struct smpp *l, int64_t now_us)
{
    int64_t at_us = wake_at(l, now_us);
    if (at_us > 0) {
        int64_t wait_us = at_us - now_us;
        struct timeval tv = {wait_us / 1000000, wait_us % 1000000};
        (void)event_add(l->wake, &tv);
    }
    if (pace_wants(l) > 0 && l->events.on_want) {
        l->events.on_want(l->events.ctx, &l->link);
    }
}

/* The pace follows the limit that was found, when that is below the rate that is set. */
void
pace_changed(struct smpp *l)
{
    double limit = l->throttle.limit;
    if (l->rate && limit >= rate_limit(l->rate)) {
        limit = 0;
    }
    if (limit != (l->pace ? rate_limit(l->pace) : 0)) {
        rate_free(&l->pace);
        l->pace = limit > 0 ? rate_new(limit) : NULL;
    }
}

/* This link found another limit: all who share its rate are told. */
static void
limit_found(struct smpp *l)
{
    pace_changed(l);
    log_event(LOG_INFO, "link.limited", "link=%s rate=%d", l->link.conf->name, l->throttle.limit);
    if (l->shared && l->events.on_limit) {
        l->events.on_limit(l->events.ctx, &l->link, l->throttle.limit);
    }
}

void
pace_refused(struct smpp *l, int64_t written_us, int64_t now_us)
{
    l->stats.throttled++;
    if (throttle_refused(&l->throttle, written_us, now_us)) {
        log_event(LOG_INFO, "link.throttled", "link=%s rate=%d", l->link.conf->name,
                  l->throttle.limit);
    }
    smpp_tell(l, "the SMSC asks to slow down", false);
}

void
pace_accepted(struct smpp *l, int64_t written_us, int64_t now_us)
{
    if (throttle_accepted(&l->throttle, written_us, now_us)) {
        limit_found(l);
    }
}

/* How long the oldest part without an answer has been waiting. */
static int64_t
waiting_us(struct smpp *l, int64_t now_us)
{
    int64_t most_us = 0;
    for (int i = 0; i < l->sessions_n; i++) {
        const struct slot *oldest = window_oldest(&l->sessions[i].window);
        if (oldest && now_us - oldest->written_us > most_us) {
            most_us = now_us - oldest->written_us;
        }
    }
    return most_us;
}

void
pace_watch(struct smpp *l, int64_t now_us)
{
    int before = l->throttle.limit;
    l->stats.taken = throttle_taken(&l->throttle, now_us);
    l->stats.waiting_ms = waiting_us(l, now_us) / 1000;
    if (throttle_watch(&l->throttle, now_us)) {
        smpp_tell(l, "the SMSC takes this rate", false);
    }
    if (l->throttle.limit != before) {
        limit_found(l);
    }
}

void
pace_set_limit(struct smpp *l, int limit, int others)
{
    if (others >= 0) {
        l->throttle.others = others;
    }
    if (limit >= 0 && limit != l->throttle.limit) {
        throttle_adopt(&l->throttle, limit, clock_monotonic_us());
        pace_changed(l);
        event_active(l->pump, EV_TIMEOUT, 0);
    }
}

void
pace_grant(struct smpp *l, const struct lease *lease)
{
    if (lease) {
        allowance_add(&l->allowance, *lease);
        event_active(l->pump, EV_TIMEOUT, 0);
    } else {
        allowance_clear(&l->allowance);
    }
}

int
pace_wants(const struct smpp *l)
{
    int64_t now_us = clock_monotonic_us();
    int waiting = smpp_waiting_parts(l) + smpp_used(l) - smpp_taken(l);
    if (!is_shared(l) || waiting == 0 || l->throttle.until_us > now_us) {
        return 0;
    }
    return allowance_wants(&l->allowance, pace_rate(l), waiting, now_us);
}

/* Parts that the rates let out soon. */
static int
soon(const struct smpp *l, int64_t now_us)
{
    if (is_shared(l)) {
        return allowance_ready(pace_rate(l));
    }
    int set = l->rate ? rate_room(l->rate, now_us, now_us + ROOM_US) : INT_MAX;
    int found = l->pace ? rate_room(l->pace, now_us, now_us + ROOM_US) : INT_MAX;
    return set < found ? set : found;
}

static bool
has_sender(const struct smpp *l)
{
    for (int i = 0; i < l->sessions_n; i++) {
        if (session_takes(&l->sessions[i])) {
            return true;
        }
    }
    return false;
}

int
pace_room(const struct smpp *l, int parts)
{
    int64_t now_us = clock_monotonic_us();
    if (l->draining || l->throttle.until_us > now_us || pause_holds(&l->pause, now_us) ||
        !has_sender(l)) {
        return 0;
    }
    int used = smpp_used(l), waiting = smpp_waiting_parts(l), most = INT_MAX;
    if (pause_probes(&l->pause)) {
        most = used + waiting == 0 ? parts : 0;
        return most < l->window ? most : l->window;
    }
    if (l->rate || l->pace) {
        most = soon(l, now_us) - waiting - (used - smpp_taken(l));
        most = most > 0 ? (most + parts - 1) / parts * parts : 0;
    }
    int room = l->window - used - waiting;
    if (parts > l->window) {
        return room == l->window && most > 0 ? room : 0;
    }
    room = most < room ? most : room;
    return room > 0 ? room : 0;
}

double
pace_rate(const struct smpp *l)
{
    const struct rate *rate = l->pace ? l->pace : l->rate; /* the pace is the lower one */
    return rate ? rate_limit(rate) : 0;
}

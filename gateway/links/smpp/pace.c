/* The rates of a link.  A part needs both. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/pace.h"

#include <limits.h>

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/links/smpp/session.h"

enum { ROOM_US = 20000 };

bool
pace_lets(struct smpp *l, int64_t now_us)
{
    if (l->pace && rate_next_us(l->pace) > now_us) {
        return false;
    }
    return (!l->rate || rate_take(l->rate, now_us)) && (!l->pace || rate_take(l->pace, now_us));
}

/* When both rates let the next part out. */
static int64_t
next_us(const struct smpp *l)
{
    int64_t set_us = l->rate ? rate_next_us(l->rate) : INT64_MIN;
    int64_t found_us = l->pace ? rate_next_us(l->pace) : INT64_MIN;
    return set_us > found_us ? set_us : found_us;
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
wake_at(const struct smpp *l, int64_t now_us)
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
    int64_t at_us = next_us(l);
    if (smpp_waiting_parts(l) == 0 && smpp_used(l) == smpp_taken(l)) {
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
}

/* The pace follows the limit that was found, when that is below the rate that is set. */
void
pace_changed(struct smpp *l)
{
    int limit = l->throttle.limit;
    if (l->rate && limit >= rate_limit(l->rate)) {
        limit = 0;
    }
    if (limit != (l->pace ? rate_limit(l->pace) : 0)) {
        rate_free(&l->pace);
        l->pace = limit > 0 ? rate_new(limit) : NULL;
    }
}

void
pace_refused(struct smpp *l, int64_t written_us, int64_t now_us)
{
    l->stats.throttled++;
    if (throttle_refused(&l->throttle, written_us, now_us)) {
        pace_changed(l);
        log_event(LOG_INFO, "link.throttled", "link=%s rate=%d", l->link.conf->name,
                  l->throttle.limit);
    }
    smpp_tell(l, "the SMSC asks to slow down", false);
}

void
pace_watch(struct smpp *l, int64_t now_us)
{
    if (throttle_watch(&l->throttle, now_us)) {
        pace_changed(l);
        smpp_tell(l, "the SMSC takes this rate", false);
    }
}

/* Parts that the rates let out soon. */
static int
soon(const struct smpp *l, int64_t now_us)
{
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

int
pace_rate(const struct smpp *l)
{
    const struct rate *rate = l->pace ? l->pace : l->rate; /* the pace is the lower one */
    return rate ? rate_limit(rate) : 0;
}

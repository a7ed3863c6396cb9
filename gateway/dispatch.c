/* Begins what the links' windows can take, and hands what was begun to the links. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf_form.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "gateway/core/reason.h"
#include "gateway/fallback.h"
#include "gateway/held.h"
#include "gateway/kept.h"
#include "gateway/record.h"
#include "queue/uncertain.h"

/* A begin for less than this share of the window waits for more room while answers are due: one
 * round trip then serves many messages. */
enum { LEAST_SHARE = 16, LEAST_MOST = 32 };
/* A link whose oldest part waits so long for its answer is slow. */
enum { SLOW_MS = 2000 };

/* Of so many parts of a higher priority one goes to a lower one that waits, so that none starves
 * altogether. */
enum { LOWER_SHARE = 20 };

static struct link_message *
message_take(struct worker *w)
{
    struct link_message *m = w->free_messages;
    if (m) {
        w->free_messages = m->next;
        m->next = NULL;
        m->reason[0] = '\0';
        m->retry_ms = 0;
        m->opted_out = false;
        return m;
    }
    return arena_alloc(w->arena, sizeof *m);
}

void
message_give(struct worker *w, struct link_message *m)
{
    m->next = w->free_messages;
    w->free_messages = m;
}

static void
submit(struct worker *w, struct held *h, size_t link, uint8_t place, struct str kept)
{
    struct link_message *m = message_take(w);
    memcpy(m->address, h->addresses + h->address_at[place], h->address_n[place]);
    m->address[h->address_n[place]] = '\0';
    m->text = h->broadcast->texts[link];
    m->owner = held_owner(w, h);
    m->place = place;
    m->index = h->chunk * CHUNK_MEMBERS + place;
    m->attempt = h->attempts[place];
    m->reference = uncertain_reference(h->id, m->index, 0);
    m->write_before_us = &h->write_before_us;
    m->parts_n = (uint8_t)h->broadcast->parts[link];
    m->parts_taken = m->chain = 0;
    kept_take(kept, h->attempts[place], h->broadcast->codes[link], m);
    if (h->names_text) {
        bool plain = conf_is_plain(w->route->conf, link_conf(carrier_of(w, link)->link));
        const char *name = h->names_text + h->name_at[place];
        m->name = plain ? (struct str){name + h->name_n[place], h->plain_n[place]}
                        : (struct str){name, h->name_n[place]};
    }
    h->in_flight++;
    link_submit(carrier_of(w, link)->link, m);
    carrier_of(w, link)->in_flight += m->parts_n; /* with this name: fewer, it may be */
}

/* Begun, yet not to be written: the lease has half run out since it was asked for. */
static void
release(struct worker *w, struct held *h, size_t link, uint8_t place)
{
    struct link_message *m = message_take(w);
    m->owner = held_owner(w, h);
    m->place = place;
    m->result = LINK_NOT_WRITTEN;
    m->parts_n = (uint8_t)h->broadcast->parts[link];
    m->parts_written = 0;
    m->parts_taken = 0;
    h->in_flight++;
    carrier_of(w, link)->in_flight += h->broadcast->parts[link];
    record_outcome(w, link, m);
}

/* The links are away: by another channel, or here once they are back.  It uses up no try. */
static void
pass_on(struct worker *w, struct held *h, size_t link, uint8_t place)
{
    enum { AGAIN_MS = 30000 };
    struct link_message *m = message_take(w);
    bool elsewhere = fallback_letter(w, h, place) != '\0';
    m->owner = held_owner(w, h);
    m->place = place;
    m->result = elsewhere ? LINK_ELSEWHERE : LINK_REFUSED;
    m->refused_alone = false;
    m->retry_ms = AGAIN_MS;
    m->status = 0;
    m->submitted_s = 0;
    (void)snprintf(m->reason, sizeof m->reason, "%s", reason_code(REASON_NO_WAY));
    m->parts_n = (uint8_t)h->broadcast->parts[link];
    m->parts_written = m->parts_taken = 0;
    memset(m->ids, 0, sizeof m->ids);
    h->attempts[place]--;
    h->in_flight++;
    carrier_of(w, link)->in_flight += h->broadcast->parts[link];
    record_outcome(w, link, m);
}

static void
take_begun(struct worker *w, struct held *h, const struct begin_answer *answer)
{
    size_t link = h->begin_link;
    bool in_time = clock_monotonic_us() < h->begin_asked_us + (int64_t)LEASE_MS * 1000 / 2;
    bool away = fallback_is_due(w, h);
    held_lease_renewed(w, h, h->begin_asked_us);
    h->more = answer->more;
    int parts = h->broadcast->parts[link];
    /* Not more than room is kept for: while the links were away none was, and a begin that is asked
     * again answers whom the first one took. */
    int room = h->begin_parts / parts;
    w->balanced[link].served += (double)answer->places.n * parts - h->begin_parts;
    for (size_t i = 0; i < answer->places.n; i++) {
        uint8_t place = (uint8_t)answer->places.p[i];
        if (place >= h->members_n) {
            continue;
        }
        h->attempts[place] = i < answer->attempts.n ? (uint8_t)answer->attempts.p[i] : 1;
        if (away) {
            pass_on(w, h, link, place);
        } else if (in_time && h->address_n[place] > 0 && room-- > 0) {
            submit(w, h, link, place, begin_kept(answer, place));
        } else {
            release(w, h, link, place);
        }
    }
    if (!in_time || away || room < 0) {
        record_flush(w, link);
    }
}

static void
on_begun(void *arg, const struct begin_answer *answer, const struct err *err)
{
    struct of_held *of = arg;
    struct worker *w = of->worker;
    struct held *h = of->held;
    free(of);
    h->begin_under_way = false;
    carrier_of(w, h->begin_link)->kept -= h->begin_parts;
    carrier_of(w, h->begin_link)->begins--;
    if (err) { /* done or not: asked again under the same number it answers the same members */
        h->begin_again = true;
        if (err->code != ERR_GONE) {
            log_event(LOG_WARNING, "begin.refused", "broadcast=%s chunk=%u why=%s", h->id, h->chunk,
                      log_value(str_of(err->text)));
        }
        return; /* the tick asks again */
    }
    h->begin_again = false;
    switch (answer->verdict) {
    case BEGIN_OK:
        take_begun(w, h, answer);
        break;
    case BEGIN_STALE:
        h->stale = true;
        h->more = false;
        break;
    case BEGIN_STOPPED:
        h->more = false;
        break;
    }
    held_step(w, h);
    dispatch(w);
}

/* `parts` of the link's window are kept free for it. */
static void
begin(struct worker *w, struct held *h, size_t link, int most, int parts)
{
    if (!h->begin_again) {
        h->begin_number++;
    }
    h->begin_under_way = true;
    h->begin_link = link;
    h->begin_parts = parts;
    h->begin_asked_us = clock_monotonic_us();
    h->begin_turn = h->broadcast->turn = ++w->turn;
    carrier_of(w, link)->kept += h->begin_parts;
    carrier_of(w, link)->begins++;
    struct chunk_name name = held_name(w, h);
    const struct begin_ask ask = {h->epoch, h->begin_number, most};
    chunk_begin(w->queue, &name, &ask, on_begun, of_held(w, h));
}

/* Something of it can leave by this link, as far as we know. */
static bool
has_work(const struct worker *w, const struct held *h, size_t link)
{
    return h->state == HELD_OPEN && !h->busy && !h->stale && h->broadcast->texts[link] &&
           (h->begin_under_way || h->begin_again || (h->more && !held_is_quiet(w, h)));
}

/* Broadcasts take turns, however many chunks one has; so do the chunks of one. */
static bool
waited_longer(const struct held *a, const struct held *b)
{
    if (a->broadcast != b->broadcast) {
        return a->broadcast->turn < b->broadcast->turn;
    }
    return a->begin_turn < b->begin_turn;
}

/* The chunk whose turn it is on a link: of the highest priority that has work who waited longest,
 * NULL while its begins are all under way.  In `lower` who waited longest of all lower priorities,
 * NULL: nobody. */
static struct held *
choose(struct worker *w, size_t link, struct held **lower)
{
    struct held *best[PRIORITY_N] = {NULL};
    int highest = 0;
    *lower = NULL;
    for (size_t i = 0; i < w->held_n; i++) {
        struct held *h = &w->held[i];
        int p = (int)h->priority;
        if (!has_work(w, h, link)) {
            continue;
        }
        highest = p > highest ? p : highest;
        if (!h->begin_under_way && (!best[p] || waited_longer(h, best[p]))) {
            best[p] = h;
        }
    }
    for (int p = 0; p < highest; p++) {
        if (best[p] && (!*lower || waited_longer(best[p], *lower))) {
            *lower = best[p];
        }
    }
    return best[highest];
}

/* How many members of `h` the link's window can take now; 0: wait. */
static int
room_for(const struct worker *w, size_t link, const struct held *h)
{
    const struct link *l = carrier_of(w, link)->link;
    int parts = h->broadcast->parts[link];
    int used = carrier_of(w, link)->in_flight + carrier_of(w, link)->kept +
               carrier_of(w, link)->unrecorded;
    int window = link_window(l);
    int room = link_room(l, parts) - carrier_of(w, link)->kept;
    if (room > window - used) {
        room = window - used;
    }
    if (parts > window) { /* goes alone, through an empty window */
        return used == 0 && room >= window ? 1 : 0;
    }
    int most = room / parts;
    int least = window / parts / LEAST_SHARE;
    if (least > LEAST_MOST) {
        least = LEAST_MOST;
    }
    bool full_rate = link_rate(l) == 0;
    if (most <= 0 || (full_rate && most < least && used > 0)) {
        return 0;
    }
    return most < CHUNK_MEMBERS ? most : CHUNK_MEMBERS;
}

/* ---- Which link. */

static void
watch_link(struct worker *w, size_t link, int64_t now_us)
{
    struct balanced *b = &w->balanced[link];
    enum health_grade before = b->grade;
    enum link_state state = link_state(carrier_of(w, link)->link);
    struct link_stats stats;
    link_stats(carrier_of(w, link)->link, &stats);
    b->up = state == LINK_BOUND || state == LINK_THROTTLED;
    bool limited = state == LINK_THROTTLED || stats.waiting_ms > SLOW_MS;
    b->grade = health_watch(&w->health[link], b->up, limited, now_us);
    if (b->grade == before) {
        return;
    }
    if (b->grade == HEALTH_FULL) {
        balance_rejoin(w->balanced, w->route->carriers_n, link);
    }
    log_event(LOG_INFO, "share.moved", "link=%s route=%s share=%s",
              link_conf(carrier_of(w, link)->link)->name, w->route->name,
              b->grade == HEALTH_FULL      ? "full"
              : b->grade == HEALTH_LIMITED ? "limited"
                                           : "none");
}

bool
dispatch_is_there(const struct worker *w)
{
    for (size_t link = 0; link < w->route->carriers_n; link++) {
        enum link_state state = link_state(carrier_of(w, link)->link);
        if (state == LINK_BOUND || state == LINK_THROTTLED) {
            return true;
        }
    }
    return false;
}

void
dispatch_watch(struct worker *w)
{
    int64_t now_us = clock_monotonic_us();
    for (size_t link = 0; w->route->carriers_n > 1 && link < w->route->carriers_n; link++) {
        watch_link(w, link, now_us);
    }
    bool there = dispatch_is_there(w);
    w->dead_since_us = there ? 0 : w->dead_since_us ? w->dead_since_us : now_us;
}

/* Whether the link may carry members of `h` now, beside those that can too.  An emergency takes
 * whatever can carry it, dearer ones at once. */
static bool
is_its_turn(const struct worker *w, size_t link, const struct held *h)
{
    struct balanced links[ROUTE_LINKS];
    size_t n = w->route->carriers_n;
    if (n == 1) {
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        enum link_state state = link_state(carrier_of(w, i)->link);
        links[i] = w->balanced[i];
        links[i].order = h->priority == PRIORITY_EMERGENCY ? 0 : links[i].order;
        links[i].up = h->broadcast->texts[i] && (state == LINK_BOUND || state == LINK_THROTTLED);
    }
    return balance_lets(links, n, link);
}

/* False: the link's window is taken, nothing is left for it, or others go first. */
static bool
begin_next(struct worker *w, size_t link)
{
    struct held *lower;
    struct held *h = choose(w, link, &lower);
    /* What the lower one may have by now. */
    int share = carrier_of(w, link)->passed_by / LOWER_SHARE;
    bool lower_turn = lower && share >= lower->broadcast->parts[link];
    if (lower_turn) {
        h = lower;
        share /= lower->broadcast->parts[link];
    }
    bool away = h && fallback_is_due(w, h);
    int most = away ? CHUNK_MEMBERS : h && is_its_turn(w, link, h) ? room_for(w, link, h) : 0;
    if (most <= 0) {
        return false;
    }
    if (lower_turn && most > share) {
        most = share;
    }
    int parts = h->broadcast->parts[link];
    if (w->balanced[link].weight > 0 && most > BALANCE_AHEAD / parts) {
        most = parts < BALANCE_AHEAD ? BALANCE_AHEAD / parts : 1;
    }
    int kept = away ? 0 : most * parts;
    w->balanced[link].served += kept;
    carrier_of(w, link)->passed_by =
        lower && !lower_turn ? carrier_of(w, link)->passed_by + kept : 0;
    begin(w, h, link, most, kept);
    return true;
}

/* The link that is to be asked next; carriers_n: none is left. */
static size_t
next_link(const struct worker *w, const bool *asked)
{
    size_t n = w->route->carriers_n, best = n;
    for (size_t i = 0; i < n; i++) {
        bool free = !asked[i] && carrier_of(w, i)->begins < BEGINS_PER_LINK;
        if (free && (best == n || balance_before(&w->balanced[i], &w->balanced[best]))) {
            best = i;
        }
    }
    return best;
}

void
dispatch(struct worker *w)
{
    bool asked[ROUTE_LINKS] = {false};
    if (w->draining || !queue_is_up(w->queue)) {
        return;
    }
    for (size_t link = next_link(w, asked); link < w->route->carriers_n;
         link = next_link(w, asked)) {
        asked[link] = !begin_next(w, link);
        if (!asked[link] && w->route->carriers_n > 1) {
            (void)memset(asked, 0, sizeof asked); /* who waited for this one may go on */
        }
    }
}

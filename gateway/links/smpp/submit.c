/* Messages out: the waiting list, the window, answers, and what becomes of each message.
 *
 * A message stands in the waiting list until its last part is written.  A part that is written
 * holds a slot of the window; one that was throttled stands in held[] and goes before all else.
 * `parts_open` counts both.  A message ends when none of its parts is open and none is to come. */
// SPDX-License-Identifier: MIT
#include <assert.h>
#include <string.h>

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/status.h"
#include "gateway/links/smpp/pace.h"
#include "gateway/links/smpp/session.h"
#include "gateway/links/smpp/text.h"

enum { THROTTLED_STATUS = 0x58, QUEUE_FULL_STATUS = 0x14, QUEUE_FULL_TRIES = 3 };
enum { BROKEN_TLVS = 0xC0, INVALID_TLV = 0xC4 };
/* A bind of which nothing is heard for so long while a part's time runs out may stand still. */
enum { SILENT_US = 1000000 };

/* Which result decides when parts of one message differ. */
static int
rank(enum link_result result)
{
    switch (result) {
    case LINK_ACCEPTED:
    case LINK_NOT_WRITTEN:
        return 0;
    case LINK_TEMPORARY:
        return 1;
    case LINK_REFUSED:
        return 2;
    case LINK_UNCERTAIN:
    case LINK_ELSEWHERE: /* of other kinds of links only */
        return 3;
    case LINK_PERMANENT:
        return 4;
    }
    return 0;
}

static void
note(struct link_message *m, enum link_result result, uint32_t status)
{
    if (rank(result) > rank(m->result)) {
        m->result = result;
        m->status = status;
    }
}

static void
tell(struct session *s, struct link_message *m)
{
    struct smpp *l = s->smpp;
    late_told(&s->late, m);
    l->outcomes = true;
    l->events.on_outcome(l->events.ctx, &l->link, m);
}

static void
leave_list(struct session *s)
{
    struct link_message *m = s->first;
    s->waiting_parts -= m->parts_due - m->parts_written;
    s->first = m->next;
    if (!s->first) {
        s->last = &s->first;
    }
    m->next = NULL;
}

/* One part of `m` is no longer open. */
static void
close_part(struct session *s, struct link_message *m)
{
    m->parts_open--;
    if (m->parts_open > 0) {
        return;
    }
    if (m->parts_written < m->parts_due) {
        if (m->result == LINK_ACCEPTED) {
            return; /* the next parts are still to come */
        }
        if (m == s->first) {
            leave_list(s);
        }
    }
    tell(s, m);
}

/* The first part from `part` on that is to go. */
static uint8_t
next_due(const struct link_message *m, unsigned part)
{
    while (part < m->parts_n && (m->parts_taken >> part & 1) != 0) {
        part++;
    }
    return (uint8_t)part;
}

void
submit_take(struct session *s, struct link_message *m)
{
    m->next = NULL;
    m->result = LINK_ACCEPTED;
    m->status = 0;
    m->parts_n = (uint8_t)text_parts(m);
    m->parts_written = m->parts_answered = m->parts_open = m->queue_full = 0;
    m->submitted_s = m->retry_ms = 0;
    m->refused_alone = false;
    m->parts_due = 0;
    for (int i = 0; i < m->parts_n; i++) {
        if ((m->parts_taken >> i & 1) == 0) {
            m->ids[i][0] = '\0';
            m->parts_due++;
        }
    }
    m->next_part = next_due(m, 0);
    *s->last = m;
    s->last = &m->next;
    s->waiting_parts += m->parts_due;
    event_active(s->smpp->pump, EV_TIMEOUT, 0);
}

static void
write_part(struct session *s, struct link_message *m, uint32_t part, int64_t now_us, bool again)
{
    struct slot *slot = window_take(&s->window);
    slot->message = m;
    slot->part = (uint8_t)part;
    slot->again = again;
    slot->written_us = s->busy_us = now_us;
    slot->position = conn_committed(s->conn);
    uint8_t *out = conn_reserve(s->conn, TEXT_PDU_MAX);
    slot->referenced = s->smpp->references;
    conn_commit(s->conn, text_emit(m, part, slot->sequence, slot->referenced, out));
    s->submitted++;
    if (conn_wants_flush(s->conn)) {
        conn_flush(s->conn);
    }
}

static bool
may_write(struct session *s, int64_t now_us)
{
    struct smpp *l = s->smpp;
    return session_takes(s) && !conn_is_full(s->conn) && smpp_taken(l) < l->window &&
           pace_lets(l, now_us);
}

static struct held_part
take_held(struct session *s)
{
    struct held_part h = s->held[s->held_at];
    s->held_at = s->held_at + 1 == s->window.size ? 0 : s->held_at + 1;
    s->held_n--;
    return h;
}

static void
hold(struct session *s, struct link_message *m, uint32_t part)
{
    assert(s->held_n < s->window.size);
    int at = s->held_at + s->held_n;
    s->held[at < s->window.size ? at : at - s->window.size] = (struct held_part){m, part};
    s->held_n++;
}

/* The lease is over: another may be sending it already. */
static bool
is_stale(const struct link_message *m, int64_t now_us)
{
    return m->write_before_us && now_us >= *m->write_before_us;
}

void
submit_held(struct session *s, int64_t now_us)
{
    while (s->held_n > 0) {
        struct link_message *m = s->held[s->held_at].message;
        if (is_stale(m, now_us)) {
            note(m, LINK_TEMPORARY, THROTTLED_STATUS);
        }
        if (m->result != LINK_ACCEPTED) { /* another part decided: this one is of no use */
            (void)take_held(s);
            close_part(s, m);
            continue;
        }
        if (!may_write(s, now_us)) {
            return;
        }
        struct held_part h = take_held(s);
        write_part(s, h.message, h.part, now_us, true);
    }
}

/* May the first message begin?  It does when its parts are free, or, having more parts than the
 * window, when nothing else is under way. */
static bool
may_begin(const struct session *s)
{
    const struct link_message *m = s->first;
    int used = smpp_used(s->smpp);
    return m->parts_written > 0 || used == 0 || m->parts_due <= s->smpp->window - used;
}

/* The parts of the first message that may leave now.  False: some stay. */
static bool
send_first(struct session *s, int64_t now_us, int64_t now_s)
{
    struct link_message *m = s->first;
    /* A held part of it needs its slot again. */
    while (m->parts_written < m->parts_due && smpp_used(s->smpp) < s->smpp->window &&
           may_write(s, now_us)) {
        m->submitted_s = m->parts_written == 0 ? now_s : m->submitted_s;
        write_part(s, m, m->next_part, now_us, false);
        m->next_part = next_due(m, m->next_part + 1U);
        m->parts_open++;
        m->parts_written++;
        s->waiting_parts--;
    }
    return m->parts_written == m->parts_due;
}

/* The first message's lease is over: what is not written of it stays so. */
static void
drop_first(struct session *s)
{
    struct link_message *m = s->first;
    leave_list(s);
    if (m->parts_written == 0) {
        m->result = LINK_NOT_WRITTEN;
    } else {
        note(m, LINK_UNCERTAIN, 0);
    }
    if (m->parts_open == 0) {
        tell(s, m);
    }
}

static void
drop_stale(struct session *s, int64_t now_us)
{
    while (s->first && is_stale(s->first, now_us)) {
        drop_first(s);
    }
}

void
submit_waiting(struct session *s, int64_t now_us)
{
    int64_t now_s = clock_unix_ms() / 1000;
    for (drop_stale(s, now_us); s->first && may_begin(s); drop_stale(s, now_us)) {
        /* Once a part is refused, the others need not go. */
        if (s->first->result == LINK_ACCEPTED && !send_first(s, now_us, now_s)) {
            return;
        }
        leave_list(s);
    }
}

static void
put_id(struct link_message *m, uint8_t part, struct str id)
{
    memcpy(m->ids[part], id.p, id.n);
    m->ids[part][id.n] = '\0';
    m->parts_taken |= (uint16_t)(1U << part);
    if (m->result == LINK_UNCERTAIN && m->parts_taken == (1U << m->parts_n) - 1) {
        m->result = LINK_ACCEPTED; /* what was late is there after all */
    }
}

static void
accept_part(struct session *s, const struct slot *slot, struct str id)
{
    put_id(slot->message, slot->part, id);
    pace_accepted(s->smpp, slot->written_us, s->now_us);
    pause_accepted(s->smpp);
}

/* The SMSC takes no optional parameters, or not this one: what went with it goes again without. */
static bool
refuses_reference(struct session *s, const struct slot *slot, uint32_t status)
{
    struct smpp *l = s->smpp;
    if (!slot->referenced || status < BROKEN_TLVS || status > INVALID_TLV) {
        return false;
    }
    if (l->references) {
        l->references = false;
        log_event(LOG_WARNING, "reference.refused", "link=%s status=0x%08x why=%s",
                  l->link.conf->name, status,
                  "\"user_message_reference is not sent any more: switch it off\"");
    }
    return true;
}

/* A class that ends the part. */
static void
refuse_part(struct session *s, const struct slot *slot, uint32_t status,
            const struct status_rule *rule)
{
    struct link_message *m = slot->message;
    if (refuses_reference(s, slot, status)) {
        note(m, LINK_REFUSED, status);
        return;
    }
    static const enum link_result results[] = {
        [STATUS_RETRY] = LINK_TEMPORARY,   [STATUS_THROTTLE] = LINK_TEMPORARY,
        [STATUS_NUMBER] = LINK_PERMANENT,  [STATUS_LINK] = LINK_REFUSED,
        [STATUS_MISTAKE] = LINK_PERMANENT,
    };
    if (rule->class == STATUS_MISTAKE) {
        const char *words = status_words(status, false);
        log_event(LOG_ERROR, "message.mistaken", "link=%s status=0x%08x why=%s",
                  s->smpp->link.conf->name, status, words ? words : "smpp-error");
    }
    int64_t wait_ms = rule->wait_ms;
    if (rule->class == STATUS_LINK) {
        m->refused_alone = !pause_probes(&s->smpp->pause);
        pause_refused(s->smpp, status, s->now_us);
        wait_ms = (s->smpp->pause.until_us - s->now_us) / 1000;
    }
    m->retry_ms = wait_ms > m->retry_ms ? wait_ms : m->retry_ms;
    note(m, results[rule->class], status);
}

/* A full queue may be this one number's: what meets it again and again waits its turn elsewhere
 * (attempts count), so that it does not hold a place in the window for ever. */
static bool
queue_stays_full(struct link_message *m, uint32_t status)
{
    return status == QUEUE_FULL_STATUS && ++m->queue_full >= QUEUE_FULL_TRIES;
}

/* A part whose time was over is accepted after all: a fact, whoever has its message now. */
static void
accept_late(struct session *s, const struct late_part *p, struct str id, bool whole)
{
    struct smpp *l = s->smpp;
    struct link_message *m = p->message;
    if (m) {
        put_id(m, p->part, id);
    } else if (l->events.on_late) {
        const struct link_late late = {id, p->address, p->owner, (uint16_t)(p->reference + p->part),
                                       whole};
        l->events.on_late(l->events.ctx, &l->link, &late);
    }
}

/* What is refused late may have been sent again by now: nothing follows from it. */
static void
answered_late(struct session *s, uint32_t sequence, uint32_t status, struct str id)
{
    struct late_part part;
    bool whole = false;
    if (!late_take(&s->late, sequence, status == 0, &part, &whole)) {
        s->smpp->stats.unknown_answers++;
    } else if (status == 0) {
        accept_late(s, &part, id, whole);
    }
}

void
submit_answered(struct session *s, uint32_t sequence, uint32_t status, struct str id)
{
    struct slot *slot = window_find(&s->window, sequence);
    if (!slot) {
        answered_late(s, sequence, status, id);
        return;
    }
    struct link_message *m = slot->message;
    const struct conf_link *conf = s->smpp->link.conf;
    const struct status_rule rule = status_rule_of(status, conf->statuses, conf->statuses_n);
    switch (rule.class) {
    case STATUS_OK:
        accept_part(s, slot, id);
        break;
    case STATUS_RETRY:
    case STATUS_NUMBER:
    case STATUS_LINK:
    case STATUS_MISTAKE:
        refuse_part(s, slot, status, &rule);
        break;
    case STATUS_THROTTLE:
        pace_refused(s->smpp, slot->written_us, s->now_us);
        if (s->smpp->draining || queue_stays_full(m, status)) {
            note(m, LINK_TEMPORARY, status);
            break;
        }
        hold(s, m, slot->part);
        window_release(&s->window, slot);
        return;
    }
    window_release(&s->window, slot);
    m->parts_answered++;
    close_part(s, m);
}

void
submit_time_out(struct session *s, int64_t now_us)
{
    const int64_t response_us = s->smpp->response_us;
    const int64_t silent_us = response_us / 4 < SILENT_US ? response_us / 4 : SILENT_US;
    struct slot *slot = NULL;
    int n = 0;
    while ((slot = window_oldest(&s->window)) && now_us - slot->written_us >= response_us) {
        struct link_message *m = slot->message;
        bool silent = s->heard_us < slot->written_us || now_us - s->heard_us >= silent_us;
        s->doubtful = s->doubtful || silent;
        late_add(&s->late, slot, silent);
        window_release(&s->window, slot);
        note(m, LINK_UNCERTAIN, 0);
        close_part(s, m);
        n++;
    }
    if (n > 0) {
        smpp_error(s->smpp, "%d parts without an answer in %d s", n, (int)(response_us / 1000000));
    }
}

bool
submit_is_stale(const struct session *s, int64_t now_us)
{
    uint64_t written = conn_written(s->conn);
    for (uint32_t i = 0; i <= s->window.mask; i++) {
        const struct slot *slot = &s->window.slots[i];
        if (slot->message && slot->position >= written && is_stale(slot->message, now_us)) {
            return true;
        }
    }
    return false;
}

/* What the loss of the connection makes of a message none of whose parts is open any more. */
static void
settle_lost(struct session *s, struct link_message *m)
{
    if (m->parts_written == 0) {
        m->result = LINK_NOT_WRITTEN;
        m->submitted_s = 0;
    } else if (m->parts_answered < m->parts_due && m->result == LINK_ACCEPTED) {
        m->result = LINK_UNCERTAIN;
    }
    tell(s, m);
}

static void
lose_part(struct session *s, struct link_message *m)
{
    m->parts_open--;
    if (m->parts_open == 0 && m != s->first) {
        settle_lost(s, m);
    }
}

/* Only what no octet of has reached the kernel was surely not sent. */
static void
lose_slot(struct session *s, struct slot *slot, uint64_t written)
{
    struct link_message *m = slot->message;
    bool unwritten = slot->position >= written;
    if (unwritten) {
        s->submitted--;
    }
    if (!unwritten) {
        note(m, LINK_UNCERTAIN, 0);
    } else if (slot->again) {
        note(m, LINK_TEMPORARY, THROTTLED_STATUS);
    } else {
        m->parts_written--;
    }
    window_release(&s->window, slot);
    lose_part(s, m);
}

/* All that wait, but for a first one that has begun, if that is to be kept. */
static void
give_back(struct session *s, bool keep_begun)
{
    struct link_message *m = s->first;
    struct link_message *keep = keep_begun && m && m->parts_written > 0 ? m : NULL;
    if (keep) {
        m = keep->next;
        keep->next = NULL;
    }
    s->first = keep;
    s->last = keep ? &keep->next : &s->first;
    s->waiting_parts = keep ? keep->parts_due - keep->parts_written : 0;
    while (m) {
        struct link_message *next = m->next;
        m->next = NULL;
        settle_lost(s, m);
        m = next;
    }
}

void
submit_give_back(struct session *s)
{
    give_back(s, true);
    while (s->smpp->draining && s->held_n > 0) {
        struct held_part h = take_held(s);
        note(h.message, LINK_TEMPORARY, THROTTLED_STATUS);
        h.message->parts_answered++;
        close_part(s, h.message);
    }
}

void
submit_lose(struct session *s)
{
    uint64_t written = conn_written(s->conn);
    struct slot *slot = NULL;
    while ((slot = window_oldest(&s->window))) {
        lose_slot(s, slot, written);
    }
    while (s->held_n > 0) {
        struct held_part h = take_held(s);
        note(h.message, LINK_TEMPORARY, THROTTLED_STATUS);
        lose_part(s, h.message);
    }
    give_back(s, false);
    late_clear(&s->late);
    if (!smpp_has_bound(s->smpp)) { /* the rate that was found stays */
        throttle_restart(&s->smpp->throttle);
    }
}

uint64_t
submit_count(const struct session *s)
{
    uint64_t written = conn_written(s->conn), unwritten = 0;
    if (written == conn_committed(s->conn)) {
        return s->submitted;
    }
    for (uint32_t i = 0; i <= s->window.mask; i++) {
        const struct slot *slot = &s->window.slots[i];
        unwritten += slot->message && slot->position >= written;
    }
    return s->submitted - unwritten;
}

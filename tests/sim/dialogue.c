/* What each PDU of an ESME does: bind, unbind, enquire_link, answers, and everything unknown. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include <event2/event.h>

#include "tests/sim/smsc.h"

static void
answer(struct session *s, const struct wire_header *h, uint32_t status)
{
    session_wrote(s,
                  wire_put_plain(session_room(s), h->command | WIRE_RESPONSE, status, h->sequence));
}

static void
on_enquire_time(evutil_socket_t fd, short what, void *arg)
{
    struct session *s = arg;
    (void)fd;
    (void)what;
    smsc_turn_begin(s->smsc);
    if (!s->closed && s->bound) {
        session_wrote(s,
                      wire_put_plain(session_room(s), WIRE_ENQUIRE, WIRE_OK, ++s->next_sequence));
    }
    smsc_turn_end(s->smsc);
}

static void
enquire_start(struct session *s)
{
    int64_t every = s->smsc->behaviour.enquire_us;
    if (every) {
        s->enquire_event = event_new(s->smsc->base, -1, EV_PERSIST, on_enquire_time, s);
        event_add(s->enquire_event, &(struct timeval){every / 1000000, every % 1000000});
    }
}

/* The bound session after the one that was killed last, round and round. */
static void
on_kill_time(evutil_socket_t fd, short what, void *arg)
{
    struct smsc *smsc = arg;
    struct session *next = NULL, *first = NULL;
    (void)fd;
    (void)what;
    smsc_turn_begin(smsc);
    for (struct session *s = smsc->sessions; s; s = s->next) {
        if (s->bound && !s->closed) {
            first = !first || s->id < first->id ? s : first;
            next = s->id > smsc->killed && (!next || s->id < next->id) ? s : next;
        }
    }
    next = next ? next : first;
    if (next) {
        smsc->killed = next->id;
        session_close(next, "killed by the case");
    }
    smsc_turn_end(smsc);
}

static void
killing_start(struct smsc *smsc)
{
    int64_t every = smsc->behaviour.kill_us;
    if (every && !smsc->killer) {
        smsc->killer = event_new(smsc->base, -1, EV_PERSIST, on_kill_time, smsc);
        event_add(smsc->killer, &(struct timeval){every / 1000000, every % 1000000});
    }
}

static uint32_t
bind_status(const struct smsc *smsc, const struct wire_bind *bind)
{
    const struct behaviour *b = &smsc->behaviour;
    if (b->bind == BIND_STATUS && (!b->bind_times || smsc->case_binds <= b->bind_times)) {
        return b->bind_status;
    }
    if (b->system_id[0] && strcmp(b->system_id, bind->system_id) != 0) {
        return WIRE_BAD_SYSTEM_ID;
    }
    if (b->password[0] && strcmp(b->password, bind->password) != 0) {
        return WIRE_BAD_PASSWORD;
    }
    return WIRE_OK;
}

static void
bound(struct session *s, const struct wire_header *h, const struct wire_bind *bind)
{
    struct smsc *smsc = s->smsc;
    size_t n = strnlen(bind->system_id, sizeof s->system_id - 1);
    memcpy(s->system_id, bind->system_id, n);
    s->bound = h->command;
    smsc->counts.binds++;
    session_wrote(
        s, wire_put_bound(session_room(s), h->command | WIRE_RESPONSE, h->sequence, "loa-smsc"));
    journal_event(&smsc->journal, "bind", s->id, "0x%02x\t%s", h->command, s->system_id);
    if (smsc->behaviour.close_after_bind && smsc->case_binds <= smsc->behaviour.close_after_bind) {
        session_close(s, "closed after the bind by the case");
        return;
    }
    enquire_start(s);
    killing_start(smsc);
}

/* Not answered, or as if another bind were. */
static bool
is_ignored(const struct smsc *smsc)
{
    const struct behaviour *b = &smsc->behaviour;
    bool now = !b->bind_times || smsc->case_binds <= b->bind_times;
    return now && (b->bind == BIND_NEVER || b->bind == BIND_ASTRAY);
}

static void
on_bind(struct session *s, const struct wire_header *h, const uint8_t *pdu)
{
    struct smsc *smsc = s->smsc;
    struct wire_bind bind;
    const char *wrong = NULL;
    uint32_t status = wire_read_bind(pdu, h->length, &bind, &wrong);
    smsc->case_binds++;
    submit_happen(s, true);
    if (status != WIRE_OK) {
        session_fault(s, "bind %u: %s", h->sequence, wrong);
    } else if (s->bound) {
        session_fault(s, "bind %u: bound already", h->sequence);
        status = WIRE_ALREADY_BOUND;
    } else if (is_ignored(smsc)) {
        journal_event(&smsc->journal, "bind_ignored", s->id, "%s", bind.system_id);
        if (smsc->behaviour.bind == BIND_ASTRAY) {
            session_wrote(s, wire_put_bound(session_room(s), h->command | WIRE_RESPONSE,
                                            h->sequence + 7, "loa-smsc"));
        }
        return;
    } else {
        status = bind_status(smsc, &bind);
    }
    if (status == WIRE_OK) {
        bound(s, h, &bind);
        return;
    }
    smsc->counts.binds_refused++;
    journal_event(&smsc->journal, "bind_refused", s->id, "0x%08x", status);
    answer(s, h, status);
}

static void
on_plain(struct session *s, const struct wire_header *h, const uint8_t *pdu)
{
    (void)pdu;
    if (h->length != WIRE_HEADER) {
        session_fault(s, "command 0x%08x has a body", h->command);
    }
    if (h->command == WIRE_ENQUIRE && s->smsc->case_enquiries++ < s->smsc->behaviour.enquire_mute) {
        return;
    }
    answer(s, h, WIRE_OK);
    if (h->command == WIRE_UNBIND) {
        s->smsc->counts.unbinds++;
        s->unbinding = true;
        journal_event(&s->smsc->journal, "unbind", s->id, "%lld", (long long)s->unanswered);
    } else {
        s->smsc->counts.enquiries++;
    }
}

static void
on_deliver_answer(struct session *s, const struct wire_header *h, const uint8_t *pdu)
{
    (void)pdu;
    deliver_answered(s, h);
}

static void
on_quiet_answer(struct session *s, const struct wire_header *h, const uint8_t *pdu)
{
    (void)pdu;
    if (h->command == (WIRE_UNBIND | WIRE_RESPONSE)) {
        session_close(s, "unbound");
    }
}

static void
on_nack(struct session *s, const struct wire_header *h, const uint8_t *pdu)
{
    (void)pdu;
    journal_event(&s->smsc->journal, "nack", s->id, "%u\t0x%08x", h->sequence, h->status);
}

static const struct {
    uint32_t command;
    void (*take)(struct session *s, const struct wire_header *h, const uint8_t *pdu);
} commands[] = {
    {WIRE_SUBMIT, submit_take},
    {WIRE_DELIVER | WIRE_RESPONSE, on_deliver_answer},
    {WIRE_BIND_TRANSCEIVER, on_bind},
    {WIRE_BIND_TRANSMITTER, on_bind},
    {WIRE_BIND_RECEIVER, on_bind},
    {WIRE_ENQUIRE, on_plain},
    {WIRE_UNBIND, on_plain},
    {WIRE_ENQUIRE | WIRE_RESPONSE, on_quiet_answer},
    {WIRE_UNBIND | WIRE_RESPONSE, on_quiet_answer},
    {WIRE_NACK, on_nack},
};

/* Each request's sequence number stands above the one before (the numbering may begin again). */
static void
check_sequence(struct session *s, const struct wire_header *h)
{
    bool again = h->sequence <= s->last_sequence && s->last_sequence < 0x70000000;
    if (h->sequence == 0 || h->sequence > 0x7fffffff || again) {
        session_fault(s, "sequence_number %u after %u", h->sequence, s->last_sequence);
    }
    s->last_sequence = h->sequence;
}

void
dialogue_take(struct session *s, const struct wire_header *h, const uint8_t *pdu)
{
    if (!(h->command & WIRE_RESPONSE)) {
        check_sequence(s, h);
        if (h->status != 0) {
            session_fault(s, "a request with command_status 0x%08x", h->status);
        }
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (commands[i].command == h->command) {
            commands[i].take(s, h, pdu);
            return;
        }
    }
    session_fault(s, "command 0x%08x is unknown", h->command);
    if (!(h->command & WIRE_RESPONSE)) {
        session_wrote(s, wire_put_plain(session_room(s), WIRE_NACK, WIRE_BAD_COMMAND, h->sequence));
    }
}

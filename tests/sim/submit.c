/* A submit_sm: accepted, refused, left without an answer, and what follows from it. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "tests/sim/smsc.h"
#include "tests/sim/text.h"

enum { REORDER_US = 10000 };

void
submit_answer_now(struct session *s, const struct later *answer)
{
    char id[40];
    uint8_t *out = session_room(s);
    s->unanswered--;
    uint32_t sequence = answer->sequence + (answer->astray ? 1000000 : 0);
    if (answer->status != WIRE_OK) {
        uint32_t command = answer->nack ? WIRE_NACK : WIRE_SUBMIT | WIRE_RESPONSE;
        session_wrote(s, wire_put_plain(out, command, answer->status, sequence));
        return;
    }
    if (s->smsc->behaviour.ids == IDS_NONE) {
        session_wrote(s, wire_put_plain(out, WIRE_SUBMIT | WIRE_RESPONSE, WIRE_OK, sequence));
        return;
    }
    smsc_id(s->smsc, answer->message, s->smsc->behaviour.ids, id);
    session_wrote(s, wire_put_string(out, WIRE_SUBMIT | WIRE_RESPONSE, sequence, id));
    if (s->smsc->behaviour.answer_twice) {
        out = session_room(s);
        session_wrote(s, wire_put_string(out, WIRE_SUBMIT | WIRE_RESPONSE, sequence, id));
    }
}

static void
answer(struct session *s, const struct later *l)
{
    struct smsc *smsc = s->smsc;
    const struct behaviour *b = &smsc->behaviour;
    if (!b->latency_most_us && !b->reorder) {
        submit_answer_now(s, l);
        return;
    }
    struct later delayed = *l;
    int64_t spread = b->latency_most_us - b->latency_us + (b->reorder ? REORDER_US : 0);
    delayed.due_us = smsc->now_us + b->latency_us;
    if (spread > 0) {
        delayed.due_us += (int64_t)(smsc_random(smsc) % (uint64_t)(spread + 1));
    }
    later_add(smsc, &delayed);
}

/* The rule holds for this number, not yet as often as it may. */
static bool
rule_holds(struct smsc *smsc, const struct rule *rule, const char *number)
{
    uint64_t key = text_hash(number, strlen(number), (uint64_t)(rule - smsc->behaviour.rules));
    return rule->times == 0 || tally_add(&smsc->refusals, key) <= rule->times;
}

static bool
is_refused_by_rule(struct smsc *smsc, const char *number, struct later *l)
{
    const struct rule *rule = behaviour_rule(&smsc->behaviour, RULE_ERROR, number);
    if (!rule) {
        return false;
    }
    bool refused = rule_holds(smsc, rule, number);
    l->status = refused ? rule->status : WIRE_OK;
    l->nack = refused && rule->nack;
    return refused;
}

static uint32_t
decide(struct session *s, const struct wire_submit *m, struct later *l)
{
    struct smsc *smsc = s->smsc;
    const struct behaviour *b = &smsc->behaviour;
    if (s->bound == 0 || s->bound == WIRE_BIND_RECEIVER || s->unbinding) {
        if (!s->unbound_here) {
            session_fault(s, "submit_sm in the wrong bind state");
        }
        return WIRE_BAD_BIND_STATE;
    }
    if (b->throttle && meter_now(&smsc->accepted, smsc->now_us) >= b->throttle) {
        smsc->counts.throttled++;
        return b->throttle_status;
    }
    if (b->rules_n && is_refused_by_rule(smsc, m->destination, l)) {
        return l->status;
    }
    return WIRE_OK;
}

/* The phone has it: whatever happens to the answer. */
static uint64_t
accept(struct session *s, const struct wire_submit *m)
{
    struct smsc *smsc = s->smsc;
    uint64_t number = text_hash(m->destination, strlen(m->destination), 0);
    uint64_t text = text_hash(m->octets, m->octets_n, number + (uint64_t)m->part);
    smsc->counts.accepted++;
    meter_add(&smsc->accepted, smsc->now_us);
    tally_add(&smsc->numbers, number);
    smsc->counts.duplicates += tally_add(&smsc->messages, text) > 1;
    journal_phone(&smsc->journal, m);
    return ++smsc->message;
}

static bool
is_silent(const struct smsc *smsc, const char *number)
{
    const struct behaviour *b = &smsc->behaviour;
    return (b->silent_after && smsc->case_submits > b->silent_after) ||
           (b->rules_n && behaviour_rule(b, RULE_SILENT, number));
}

void
submit_happen(struct session *s, bool before_bind)
{
    struct smsc *smsc = s->smsc;
    struct behaviour *b = &smsc->behaviour;
    for (int i = 0; i < b->happenings_n; i++) {
        struct happening *h = &b->happenings[i];
        if (h->done || h->before_bind != before_bind || smsc->case_submits < h->after) {
            continue;
        }
        h->done = true;
        if (h->raw_n) {
            s->injected = true;
            session_put(s, h->raw, (size_t)h->raw_n);
        } else {
            deliver_reply(s, h);
        }
    }
    if (!before_bind && b->unbind_after && smsc->case_submits == b->unbind_after) {
        s->unbinding = s->unbound_here = true;
        session_wrote(s, wire_put_plain(session_room(s), WIRE_UNBIND, WIRE_OK, ++s->next_sequence));
    }
}

static bool
is_dropped(const struct session *s)
{
    const struct behaviour *b = &s->smsc->behaviour;
    return (b->drop_after && s->smsc->case_submits == b->drop_after) ||
           (b->drop_every && s->submits % b->drop_every == 0);
}

static void
count(struct session *s)
{
    struct smsc *smsc = s->smsc;
    smsc->counts.submits++;
    smsc->case_submits++;
    s->submits++;
    s->unanswered++;
    if (s->unanswered > smsc->counts.most_unanswered) {
        smsc->counts.most_unanswered = s->unanswered;
    }
    if (smsc->behaviour.window && s->unanswered > smsc->behaviour.window) {
        session_fault(s, "window overflow: %lld submits without an answer",
                      (long long)s->unanswered);
    }
    smsc->counts.first_us = smsc->counts.first_us ? smsc->counts.first_us : smsc->now_us;
    smsc->counts.last_us = smsc->now_us;
    meter_add(&smsc->all, smsc->now_us);
}

/* What it said, and what the log keeps of it. */
static void
conclude(struct session *s, const struct wire_submit *m, const struct later *l)
{
    struct smsc *smsc = s->smsc;
    bool silent = is_silent(smsc, m->destination), dropped = is_dropped(s);
    char id[40] = "";
    if (!smsc->quiet && l->message) {
        smsc_id(smsc, l->message, smsc->behaviour.ids, id);
    }
    if (!smsc->quiet) {
        journal_submit(&smsc->journal, &(struct journal_submit){s->id, l->sequence, l->status, id,
                                                                !silent && !dropped, m});
    }
    if (silent || dropped) {
        smsc->counts.silent++;
        s->unanswered--;
    } else {
        answer(s, l);
    }
    submit_happen(s, false);
    if (smsc->behaviour.freeze_after && smsc->case_submits == smsc->behaviour.freeze_after) {
        session_freeze(s);
    }
    if (dropped) {
        session_flush(s);
        session_close(s, "dropped by the case");
    }
}

void
submit_take(struct session *s, const struct wire_header *h, const uint8_t *pdu)
{
    struct smsc *smsc = s->smsc;
    struct wire_submit m;
    const char *wrong = NULL;
    struct later l = {.session = s->id, .sequence = h->sequence};
    count(s);
    l.status = wire_read_submit(pdu, h->length, &m, &wrong);
    if (l.status != WIRE_OK) {
        session_fault(s, "submit_sm %u: %s", h->sequence, wrong);
        answer(s, &l);
        return;
    }
    wrong = wire_lint_submit(&m);
    if (wrong) {
        session_fault(s, "submit_sm %u to %s: %s", h->sequence, m.destination, wrong);
    }
    l.status = decide(s, &m, &l);
    if (l.status == WIRE_OK) {
        const struct rule *astray = behaviour_rule(&smsc->behaviour, RULE_ASTRAY, m.destination);
        l.astray = astray && rule_holds(smsc, astray, m.destination);
        l.message = accept(s, &m);
        deliver_schedule(s, &m, l.message);
    } else {
        smsc->counts.refused++;
    }
    conclude(s, &m, &l);
}

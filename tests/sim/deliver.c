/* deliver_sm: receipts and members' messages, sent again until they are answered. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/core/mem.h"
#include "tests/sim/smsc.h"

enum { STATE_DELIVERED = 2, AGAIN_US = 1000000, OUT_FULL = 4 << 20, ESM_RECEIPT = 0x04 };

static void
copy_address(char out[21], const char *address)
{
    size_t n = strnlen(address, 20);
    memcpy(out, address, n);
    out[n] = '\0';
}

static bool
wants_receipt(const struct wire_submit *m, int state)
{
    int asked = m->registered & 3;
    return asked == 1 || (asked == 2 && state != STATE_DELIVERED);
}

static void
schedule_one(struct session *s, const struct delivery *like)
{
    struct smsc *smsc = s->smsc;
    struct delivery *d = xmalloc(sizeof *d);
    *d = *like;
    if (smsc->behaviour.receipt_first || !smsc->behaviour.receipts_us) {
        deliver_ready(smsc, d);
        return;
    }
    later_add(smsc,
              &(struct later){.due_us = smsc->now_us + smsc->behaviour.receipts_us, .delivery = d});
}

void
deliver_schedule(struct session *s, const struct wire_submit *m, uint64_t message)
{
    const struct behaviour *b = &s->smsc->behaviour;
    if (!b->receipts) {
        return;
    }
    const struct rule *rule = behaviour_rule(b, RULE_STATE, m->destination);
    struct delivery d = {.message = message,
                         .session = s->id,
                         .state = rule ? rule->state : STATE_DELIVERED,
                         .reference = b->echo_reference ? m->reference : -1,
                         .accepted_s = journal_wall_us() / 1000000};
    if (!wants_receipt(m, d.state)) {
        return;
    }
    copy_address(d.from, m->destination);
    copy_address(d.to, m->source);
    for (int n = b->receipt_twice ? 2 : 1; n > 0; n--) {
        schedule_one(s, &d);
    }
    if (b->receipt_first) {
        deliver_pump(s->smsc);
    }
}

void
deliver_reply(struct session *s, const struct happening *h)
{
    struct delivery *d = xcalloc(1, sizeof *d);
    d->session = s->id;
    d->reference = -1;
    copy_address(d->from, h->from);
    copy_address(d->to, "1900");
    memcpy(d->text, h->text, sizeof d->text);
    deliver_ready(s->smsc, d);
}

void
deliver_ready(struct smsc *smsc, struct delivery *d)
{
    d->next = NULL;
    *smsc->ready_end = d;
    smsc->ready_end = &d->next;
}

void
deliver_again(struct smsc *smsc, struct delivery *d)
{
    if (!smsc->ready) {
        deliver_ready(smsc, d);
        return;
    }
    d->next = smsc->ready;
    smsc->ready = d;
}

static bool
can_take(const struct session *s)
{
    return !s->closed && !s->frozen && s->bound && s->bound != WIRE_BIND_TRANSMITTER &&
           !s->unbinding && s->waiting_n < s->smsc->behaviour.receipt_window &&
           s->out_n - s->out_sent < OUT_FULL && !s->waiting[(s->next_sequence + 1) % SESSION_SLOTS];
}

/* The session that the message came in by if it can, unless the case wants another. */
static struct session *
choose(struct smsc *smsc, const struct delivery *d)
{
    struct session *same = NULL, *other = NULL;
    for (struct session *s = smsc->sessions; s; s = s->next) {
        if (can_take(s)) {
            *(s->id == d->session ? &same : &other) = s;
        }
    }
    if (smsc->behaviour.receipt_elsewhere) {
        return other ? other : same;
    }
    return same ? same : other;
}

static void
stamp(char out[11], int64_t at_s)
{
    time_t at = (time_t)at_s;
    struct tm tm;
    char whole[64];
    gmtime_r(&at, &tm);
    int n = snprintf(whole, sizeof whole, "%02d%02d%02d%02d%02d", tm.tm_year % 100, tm.tm_mon + 1,
                     tm.tm_mday, tm.tm_hour, tm.tm_min);
    memcpy(out, whole, n == 10 ? 11 : 1);
}

static void
send_one(struct session *s, struct delivery *d)
{
    const struct behaviour *b = &s->smsc->behaviour;
    char id[40], text[256] = "", submitted[11], done[11];
    bool receipt = d->state != 0;
    smsc_id(s->smsc, d->message, b->receipt_ids == IDS_FORMS ? b->ids : b->receipt_ids, id);
    if (receipt && b->receipt_form != RECEIPT_TLV) {
        stamp(submitted, d->accepted_s);
        stamp(done, journal_wall_us() / 1000000);
        snprintf(text, sizeof text,
                 "id:%s sub:001 dlvrd:%03d submit date:%s done date:%s stat:%s err:%03d text:", id,
                 d->state == STATE_DELIVERED, submitted, done, behaviour_state_name(d->state),
                 d->state == STATE_DELIVERED ? 0 : d->state);
    }
    struct wire_deliver w = {
        .from = d->from,
        .to = d->to,
        .text = receipt ? text : d->text,
        .esm_class = receipt ? ESM_RECEIPT : 0,
        .receipted_id = receipt && b->receipt_form != RECEIPT_TEXT ? id : NULL,
        .state = (uint8_t)d->state,
        .reference = d->reference,
    };
    uint32_t sequence = ++s->next_sequence;
    session_wrote(s, wire_put_deliver(session_room(s), sequence, &w));
    s->waiting[sequence % SESSION_SLOTS] = d;
    s->waiting_n++;
    *(receipt ? &s->smsc->counts.receipts_sent : &s->smsc->counts.replies_sent) += 1;
    if (!s->smsc->quiet) {
        journal_event(&s->smsc->journal, receipt ? "receipt" : "reply", s->id, "%u\t%s\t%s\t%s",
                      sequence, d->from, receipt ? id : "",
                      receipt ? behaviour_state_name(d->state) : d->text);
    }
}

void
deliver_pump(struct smsc *smsc)
{
    while (smsc->ready) {
        struct delivery *d = smsc->ready;
        struct session *s = choose(smsc, d);
        if (!s) {
            return;
        }
        smsc->ready = d->next;
        if (!smsc->ready) {
            smsc->ready_end = &smsc->ready;
        }
        send_one(s, d);
    }
}

void
deliver_answered(struct session *s, const struct wire_header *h)
{
    struct smsc *smsc = s->smsc;
    struct delivery **slot = &s->waiting[h->sequence % SESSION_SLOTS];
    if (!*slot && s->injected) {
        journal_event(&smsc->journal, "deliver_resp", s->id, "%u\t0x%08x", h->sequence, h->status);
        return;
    }
    if (!*slot) {
        session_fault(s, "deliver_sm_resp %u answers nothing", h->sequence);
        return;
    }
    if (!smsc->quiet) {
        journal_event(&smsc->journal, "deliver_resp", s->id, "%u\t0x%08x", h->sequence, h->status);
    }
    if (h->status == WIRE_OK) {
        smsc->counts.receipts_answered += (*slot)->state != 0;
        free(*slot);
    } else {
        smsc->counts.receipts_refused++;
        later_add(smsc, &(struct later){.due_us = smsc->now_us + AGAIN_US, .delivery = *slot});
    }
    *slot = NULL;
    s->waiting_n--;
}

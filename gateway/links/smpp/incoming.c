/* PDUs in, but for submit_sm_resp: one function a kind, found in a table. */
// SPDX-License-Identifier: MIT
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/links/smpp/receipt.h"
#include "gateway/links/smpp/session.h"

/* Receipts and replies handed up whose answer is still out, at most; more are asked for again. */
enum { TOKENS_MAX = 10000 };
/* How many more PDUs that cannot be read than such that can, at most: then it is no SMSC that we
 * can talk to.  One now and then, of a vendor, does no harm in a connection of weeks. */
enum { FAULTS_MAX = 100 };
enum { STATUS_QUEUE_FULL = 0x14, STATUS_COME_AGAIN = 0x64 };

/* A token is the connection's generation, a bit for data_sm, and the sequence number. */
static uint64_t
token_of(const struct session *s, const struct pdu *pdu)
{
    uint64_t data = pdu->id == PDU_DATA_SM;
    return (uint64_t)s->generation << 33 | data << 32 | pdu->sequence;
}

static void
put_answer(struct session *s, uint32_t id, uint32_t status, uint32_t sequence)
{
    uint8_t *out = conn_reserve(s->conn, PDU_HEADER + 1);
    conn_commit(s->conn, pdu_put_answer(id | PDU_RESP, status, sequence, out));
}

/* The session whose connection asked; NULL: it is gone, it comes again on the next. */
static struct session *
asker(struct smpp *l, uint64_t token)
{
    for (int i = 0; i < l->sessions_n; i++) {
        struct session *s = &l->sessions[i];
        if (token >> 33 == s->generation && s->tokens > 0) {
            return s;
        }
    }
    return NULL;
}

void
incoming_answer(struct smpp *l, uint64_t token, bool stored)
{
    struct session *s = asker(l, token);
    if (!s) {
        return;
    }
    s->tokens--;
    uint32_t id = (token >> 32 & 1) != 0 ? PDU_DATA_SM : PDU_DELIVER_SM;
    put_answer(s, id, stored ? 0 : STATUS_COME_AGAIN, (uint32_t)token);
    event_active(l->pump, EV_TIMEOUT, 0); /* many answers, one write */
}

static void
copy_address(char to[LINK_ADDRESS_SIZE], const char *from)
{
    (void)snprintf(to, LINK_ADDRESS_SIZE, "%.*s", LINK_ADDRESS_SIZE - 1, from);
}

static void
take_receipt(struct session *s, const struct pdu *pdu)
{
    struct link_receipt receipt;
    receipt_read(pdu, &receipt);
    copy_address(receipt.from, pdu->source);
    copy_address(receipt.to, pdu->dest);
    if (receipt.id.n == 0) {
        log_event(LOG_WARNING, "receipt.dropped", "link=%s why=\"it names no message\"",
                  s->smpp->link.conf->name);
        put_answer(s, pdu->id, 0, pdu->sequence);
        return;
    }
    s->smpp->stats.receipts += receipt.state != RECEIPT_INTERMEDIATE;
    s->tokens++;
    s->smpp->events.on_receipt(s->smpp->events.ctx, &s->smpp->link, &receipt, token_of(s, pdu));
}

/* The part that SAR parameters name; all three or none. */
static void
read_sar(const struct pdu *pdu, struct link_reply *reply)
{
    uint32_t reference = 0, total = 0, number = 0;
    if (pdu_tlv_uint(pdu, TLV_SAR_REFERENCE, 2, &reference) &&
        pdu_tlv_uint(pdu, TLV_SAR_TOTAL, 1, &total) &&
        pdu_tlv_uint(pdu, TLV_SAR_SEQUENCE, 1, &number)) {
        reply->sar_reference = (uint16_t)reference;
        reply->sar_total = (uint8_t)total;
        reply->sar_number = (uint8_t)number;
    }
}

static void
take_reply(struct session *s, const struct pdu *pdu)
{
    struct link_reply reply = {.data_coding = pdu->data_coding, .esm_class = pdu->esm_class};
    copy_address(reply.from, pdu->source);
    copy_address(reply.to, pdu->dest);
    reply.octets = pdu_text(pdu);
    read_sar(pdu, &reply);
    s->smpp->stats.replies++;
    s->tokens++;
    s->smpp->events.on_reply(s->smpp->events.ctx, &s->smpp->link, &reply, token_of(s, pdu));
}

static void
on_deliver(struct session *s, const struct pdu *pdu)
{
    s->busy_us = s->now_us;
    if (s->tokens >= TOKENS_MAX) {
        put_answer(s, pdu->id, STATUS_QUEUE_FULL, pdu->sequence);
    } else if (receipt_is(pdu)) {
        take_receipt(s, pdu);
    } else {
        take_reply(s, pdu);
    }
}

static void
on_bind_resp(struct session *s, const struct pdu *pdu)
{
    if (s->phase != PHASE_BINDING || pdu->sequence != s->bind_sequence) {
        return;
    }
    if (pdu->status == 0) {
        session_bound(s);
    } else {
        session_refused(s, pdu->status);
    }
}

static void
on_enquire(struct session *s, const struct pdu *pdu)
{
    session_put_plain(s, PDU_ENQUIRE_LINK | PDU_RESP, 0, pdu->sequence);
}

static void
on_unbind(struct session *s, const struct pdu *pdu)
{
    session_put_plain(s, PDU_UNBIND | PDU_RESP, 0, pdu->sequence);
    if (s->phase == PHASE_BOUND) {
        session_left(s);
    }
}

static void
on_unbind_resp(struct session *s, const struct pdu *pdu)
{
    (void)pdu;
    if (s->phase == PHASE_UNBINDING) {
        conn_fail(s->conn, "unbound");
    }
}

/* The peer could not read something of ours: the part whose number it names is refused by it. */
static void
on_nack(struct session *s, const struct pdu *pdu)
{
    log_event(LOG_WARNING, "pdu.refused", "link=%s status=0x%08x sequence=%u",
              s->smpp->link.conf->name, pdu->status, pdu->sequence);
    if (s->phase == PHASE_BINDING && pdu->sequence == s->bind_sequence) {
        session_refused(s, pdu->status);
    } else if (window_find(&s->window, pdu->sequence)) {
        submit_answered(s, pdu->sequence, pdu->status ? pdu->status : 0xFF, (struct str){"", 0});
    }
}

static void
on_alert(struct session *s, const struct pdu *pdu)
{
    (void)s;
    (void)pdu; /* alert_notification, and answers that need no act of ours */
}

static bool
password_is_right(const char *wanted, const char *given)
{
    return !wanted || !*wanted || strcmp(wanted, given) == 0;
}

static void
on_outbind(struct session *s, const struct pdu *pdu)
{
    const struct conf_link *conf = s->smpp->link.conf;
    if (!s->passive || s->phase != PHASE_CONNECTING) {
        log_event(LOG_INFO, "link.outbind_ignored", "link=%s from=%s", conf->name,
                  log_value(str_of(pdu->system_id))); /* our bind is on its way */
    } else if (!password_is_right(conf->outbind_password, pdu->password)) {
        conn_fail(s->conn, "an outbind came with a wrong password");
    } else {
        log_event(LOG_INFO, "link.outbind_taken", "link=%s from=%s", conf->name,
                  log_value(str_of(pdu->system_id)));
        session_bind(s);
    }
}

static const struct {
    uint32_t id;
    void (*take)(struct session *s, const struct pdu *pdu);
} takers[] = {
    {PDU_DELIVER_SM, on_deliver},
    {PDU_DATA_SM, on_deliver},
    {PDU_ENQUIRE_LINK, on_enquire},
    {PDU_ENQUIRE_LINK | PDU_RESP, on_alert},
    {PDU_BIND_TRANSCEIVER | PDU_RESP, on_bind_resp},
    {PDU_BIND_TRANSMITTER | PDU_RESP, on_bind_resp},
    {PDU_BIND_RECEIVER | PDU_RESP, on_bind_resp},
    {PDU_UNBIND, on_unbind},
    {PDU_UNBIND | PDU_RESP, on_unbind_resp},
    {PDU_GENERIC_NACK, on_nack},
    {PDU_ALERT_NOTIFICATION, on_alert},
    {PDU_OUTBIND, on_outbind},
};

/* Answers what could not be decoded, or is no request to an ESME. */
static void
refuse(struct session *s, const struct pdu *pdu, enum pdu_fault fault)
{
    log_event(LOG_WARNING, "pdu.unreadable", "link=%s id=0x%08x sequence=%u why=%s",
              s->smpp->link.conf->name, pdu->id, pdu->sequence,
              log_value(str_of(pdu_fault_name(fault))));
    if (++s->faults > FAULTS_MAX) {
        conn_fail(s->conn, "too many PDUs came that cannot be read");
        return;
    }
    if ((pdu->id & PDU_RESP) != 0) {
        if (s->phase == PHASE_BINDING && pdu->sequence == s->bind_sequence) {
            conn_fail(s->conn, "the SMSC's answer to the bind cannot be read");
        }
    } else if (pdu->id == PDU_DELIVER_SM || pdu->id == PDU_DATA_SM) {
        put_answer(s, pdu->id, pdu_fault_status(fault), pdu->sequence);
    } else {
        session_put_plain(s, PDU_GENERIC_NACK, pdu_fault_status(fault), pdu->sequence);
    }
}

void
incoming_pdu(struct session *s, const uint8_t *b, size_t n)
{
    struct pdu pdu;
    enum pdu_fault fault = pdu_decode(&pdu, b, n);
    if (s->phase == PHASE_CONNECTING && pdu.id != PDU_OUTBIND) {
        conn_fail(s->conn, "the peer connected, but did not begin with an outbind");
        return;
    }
    if (fault != PDU_OK) {
        refuse(s, &pdu, fault);
        return;
    }
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++) {
        if (takers[i].id == pdu.id) {
            s->faults -= s->faults > 0;
            takers[i].take(s, &pdu);
            return;
        }
    }
    refuse(s, &pdu, PDU_UNKNOWN_ID);
}

/* What of SMPP PDUs needs no library: framing, headers, bodyless PDUs, the id of an answer, TLV
 * views, and templates (packed once through pdu_encode(), patched a recipient). */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/pdu.h"

#include <string.h>

#include "gateway/links/smpp/wire.h"

int
pdu_frame(const uint8_t *b, size_t have, uint32_t *total)
{
    if (have < 4) {
        return 0;
    }
    uint32_t length = wire_get32(b);
    if (length < PDU_HEADER || length > PDU_MAX) {
        return -1;
    }
    *total = length;
    return have >= length;
}

struct pdu_head
pdu_head(const uint8_t *b)
{
    return (struct pdu_head){wire_get32(b), wire_get32(b + 4), wire_get32(b + 8),
                             wire_get32(b + 12)};
}

static size_t
put_header(uint32_t length, uint32_t id, uint32_t status, uint32_t sequence, uint8_t *out)
{
    wire_put32(out, length);
    wire_put32(out + 4, id);
    wire_put32(out + 8, status);
    wire_put32(out + 12, sequence);
    return length;
}

size_t
pdu_put_plain(uint32_t id, uint32_t status, uint32_t sequence, uint8_t *out)
{
    return put_header(PDU_HEADER, id, status, sequence, out);
}

size_t
pdu_put_answer(uint32_t id, uint32_t status, uint32_t sequence, uint8_t *out)
{
    out[PDU_HEADER] = 0;
    return put_header(PDU_HEADER + 1, id, status, sequence, out);
}

struct str
pdu_answer_id(const uint8_t *b, size_t n)
{
    size_t left = n - PDU_HEADER;
    const char *id = (const char *)b + PDU_HEADER;
    const char *nul = left ? memchr(id, 0, left < 65 ? left : 65) : NULL;
    return (struct str){nul ? id : "", nul ? (size_t)(nul - id) : 0};
}

const struct pdu_tlv *
pdu_tlv(const struct pdu *pdu, enum pdu_tag tag)
{
    for (unsigned i = 0; i < pdu->tlvs_n; i++) {
        if (pdu->tlvs[i].tag == tag) {
            return &pdu->tlvs[i];
        }
    }
    return NULL;
}

bool
pdu_tlv_uint(const struct pdu *pdu, enum pdu_tag tag, unsigned width, uint32_t *value)
{
    const struct pdu_tlv *t = pdu_tlv(pdu, tag);
    if (!t || t->n != width) {
        return false;
    }
    uint32_t v = 0;
    for (unsigned i = 0; i < width; i++) {
        v = v << 8 | t->value[i];
    }
    *value = v;
    return true;
}

struct str
pdu_text(const struct pdu *pdu)
{
    const struct pdu_tlv *payload = pdu_tlv(pdu, TLV_MESSAGE_PAYLOAD);
    if (payload) {
        return (struct str){(const char *)payload->value, payload->n};
    }
    return (struct str){(const char *)pdu->message, pdu->message_n};
}

static const struct {
    uint32_t status;
    const char *name;
} faults[] = {
    [PDU_OK] = {0, "none"},
    [PDU_BAD_HEADER] = {0x02, "not one whole PDU"},
    [PDU_BAD_LENGTH] = {0x02, "octets missing or left over"},
    [PDU_UNKNOWN_ID] = {0x03, "unknown command"},
    [PDU_BAD_FIELD] = {0x08, "a text longer than its field"},
    [PDU_BAD_MESSAGE] = {0x01, "wrong sm_length"},
    [PDU_BAD_TLV] = {0xC0, "broken optional parameters"},
    [PDU_LIBRARY] = {0x08, "refused by libsmpp34"},
};

uint32_t
pdu_fault_status(enum pdu_fault fault)
{
    return faults[fault].status;
}

const char *
pdu_fault_name(enum pdu_fault fault)
{
    return faults[fault].name;
}

/* Does the template give what a fresh pack gives, for a number of `digits_n` digits? */
static bool
template_agrees(const struct pdu_template *t, struct pdu *pdu, size_t digits_n, uint32_t sequence)
{
    uint8_t fresh[PDU_TEMPLATE_MAX], patched[PDU_TEMPLATE_MAX];
    char digits[PDU_ADDRESS_MAX + 1] = {0};
    for (size_t i = 0; i < digits_n; i++) {
        digits[i] = (char)('0' + (i + 7) % 10);
    }
    memcpy(pdu->dest, digits, sizeof digits);
    pdu->sequence = sequence;
    size_t fresh_n = 0;
    if (pdu_encode(pdu, fresh, sizeof fresh, &fresh_n) != PDU_OK) {
        return false;
    }
    size_t n = pdu_template_emit(t, sequence, (struct str){digits, digits_n}, patched);
    return n == fresh_n && memcmp(fresh, patched, n) == 0;
}

int
pdu_template_init(struct pdu_template *t, const struct pdu *pdu, struct err *err)
{
    struct pdu p = *pdu;
    p.id = PDU_SUBMIT_SM;
    p.status = 0;
    memcpy(p.dest, "1", 2);
    uint8_t packed[PDU_TEMPLATE_MAX - PDU_ADDRESS_MAX];
    size_t n = 0;
    enum pdu_fault fault = pdu_encode(&p, packed, sizeof packed, &n);
    if (fault != PDU_OK) {
        return err_set(err, ERR_CONFIG, "cannot pack a submit_sm: %s", pdu_fault_name(fault));
    }
    size_t head_n = PDU_HEADER + strlen(p.service_type) + 1 + 2 + strlen(p.source) + 1 + 2;
    if (n - head_n - 1 > sizeof t->tail) {
        return err_set(err, ERR_CONFIG, "a submit_sm of %zu octets is too long", n);
    }
    memset(t, 0, sizeof *t);
    t->head_n = (uint16_t)head_n;
    t->tail_n = (uint16_t)(n - head_n - 1);
    memcpy(t->head, packed, head_n);
    memcpy(t->tail, packed + head_n + 1, t->tail_n);
    if (!template_agrees(t, &p, 11, 1) || !template_agrees(t, &p, 12, 0x01020304) ||
        !template_agrees(t, &p, PDU_ADDRESS_MAX, PDU_SEQUENCE_MAX)) {
        return err_set(err, ERR_CONFIG, "a patched submit_sm differs from a packed one");
    }
    return 0;
}

size_t
pdu_template_emit(const struct pdu_template *t, uint32_t sequence, struct str digits, uint8_t *out)
{
    size_t n = t->head_n + digits.n + t->tail_n;
    memcpy(out, t->head, sizeof t->head); /* of a fixed size: the rest is overwritten */
    wire_put32(out, (uint32_t)n);
    wire_put32(out + 12, sequence);
    memcpy(out + t->head_n, digits.p, digits.n);
    memcpy(out + t->head_n + digits.n, t->tail, t->tail_n);
    return n;
}

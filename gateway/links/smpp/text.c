/* A text made ready for an SMPP link: one packed submit_sm a part. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "gateway/links/smpp/session.h"

enum { TON_INTERNATIONAL = 1, TON_NETWORK = 3, TON_ALPHANUMERIC = 5, NPI_ISDN = 1 };
enum { ALPHANUMERIC_MAX = 11, SHORT_CODE_MAX = 8, UDH_SIZE = 6, ESM_UDHI = 0x40 };

struct smpp_text {
    struct link_text text;
    struct pdu_template parts[];
};

static bool
all_digits(const char *s)
{
    return *s != '\0' && strspn(s, "0123456789") == strlen(s);
}

int
text_check_source(const char *source, struct err *err)
{
    if (!source || !*source) {
        return 0; /* the SMSC puts its own */
    }
    const char *digits = *source == '+' ? source + 1 : source;
    if (all_digits(digits)) {
        return strlen(digits) <= 15
                   ? 0
                   : err_set(err, ERR_CONFIG, "source: a number has at most 15 digits, not '%s'",
                             source);
    }
    if (strlen(source) > ALPHANUMERIC_MAX) {
        return err_set(err, ERR_CONFIG, "source: a name has at most 11 characters, not '%s'",
                       source);
    }
    for (const char *c = source; *c; c++) {
        if (*c < ' ' || *c > '~') {
            return err_set(err, ERR_CONFIG, "source: a name is plain ASCII, not '%s'", source);
        }
    }
    return 0;
}

/* A name, a short code, or a number in international form. */
static void
set_source(struct pdu *pdu, const char *source)
{
    if (!source || !*source) {
        return;
    }
    const char *digits = *source == '+' ? source + 1 : source;
    if (!all_digits(digits)) {
        pdu->source_ton = TON_ALPHANUMERIC;
        digits = source;
    } else if (strlen(digits) <= SHORT_CODE_MAX) {
        pdu->source_ton = TON_NETWORK;
    } else {
        pdu->source_ton = TON_INTERNATIONAL;
        pdu->source_npi = NPI_ISDN;
    }
    memcpy(pdu->source, digits, strlen(digits) + 1);
}

static uint8_t
registered_delivery(enum receipts_mode mode)
{
    switch (mode) {
    case RECEIPTS_NONE:
        return 0;
    case RECEIPTS_FAILED:
        return 2;
    case RECEIPTS_FINAL:
        return 1;
    }
    return 1;
}

static struct pdu
common(const struct conf_link *conf, enum encoding encoding)
{
    struct pdu pdu = {.id = PDU_SUBMIT_SM, .dest_ton = TON_INTERNATIONAL, .dest_npi = NPI_ISDN};
    set_source(&pdu, conf->source);
    pdu.registered_delivery = registered_delivery(conf->receipts);
    pdu.data_coding = encoding == ENCODING_UCS2 ? 8 : 0;
    return pdu;
}

static void
add_octets(struct pdu *pdu, const struct segment *segment)
{
    memcpy(pdu->message + pdu->message_n, segment->octets, segment->n);
    pdu->message_n = (uint8_t)(pdu->message_n + segment->n);
}

/* Part i of several, with the 8-bit concatenation header (3GPP TS 23.040 §9.2.3.24.1). */
static void
set_udh(struct pdu *pdu, uint16_t reference, int parts, int i)
{
    const uint8_t udh[UDH_SIZE] = {5, 0, 3, (uint8_t)reference, (uint8_t)parts, (uint8_t)(i + 1)};
    memcpy(pdu->message, udh, UDH_SIZE);
    pdu->message_n = UDH_SIZE;
    pdu->esm_class = ESM_UDHI;
}

static int
pack_parts(struct smpp_text *t, const struct conf_link *conf, const struct segments *segments,
           uint16_t reference, struct err *err)
{
    for (int i = 0; i < segments->n; i++) {
        struct pdu pdu = common(conf, segments->encoding);
        const uint8_t ref[2] = {(uint8_t)(reference >> 8), (uint8_t)reference};
        const uint8_t total = (uint8_t)segments->n, number = (uint8_t)(i + 1);
        if (segments->n > 1 && conf->long_sms == LONG_SMS_SAR) {
            pdu.tlvs[pdu.tlvs_n++] = (struct pdu_tlv){TLV_SAR_REFERENCE, 2, ref};
            pdu.tlvs[pdu.tlvs_n++] = (struct pdu_tlv){TLV_SAR_TOTAL, 1, &total};
            pdu.tlvs[pdu.tlvs_n++] = (struct pdu_tlv){TLV_SAR_SEQUENCE, 1, &number};
        } else if (segments->n > 1) {
            set_udh(&pdu, reference, segments->n, i);
        }
        add_octets(&pdu, &segments->part[i]);
        if (pdu_template_init(&t->parts[i], &pdu, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* All parts as one message_payload, which the SMSC cuts. */
static int
pack_payload(struct smpp_text *t, const struct conf_link *conf, const struct segments *segments,
             struct err *err)
{
    struct pdu pdu = common(conf, segments->encoding);
    uint8_t whole[SEGMENT_MAX * SEGMENT_OCTETS];
    size_t n = 0;
    for (int i = 0; i < segments->n; i++) {
        memcpy(whole + n, segments->part[i].octets, segments->part[i].n);
        n += segments->part[i].n;
    }
    pdu.tlvs_n = 1;
    pdu.tlvs[0] = (struct pdu_tlv){TLV_MESSAGE_PAYLOAD, (uint16_t)n, whole};
    return pdu_template_init(&t->parts[0], &pdu, err);
}

struct link_text *
text_new(struct link *link, const struct segments *segments, uint16_t reference, struct err *err)
{
    const struct conf_link *conf = link->conf;
    if (segments->n < 1 || segments->n > SEGMENT_MAX) {
        (void)err_set(err, ERR_INPUT, "a text of %d parts cannot be sent", segments->n);
        return NULL;
    }
    bool payload = segments->n > 1 && conf->long_sms == LONG_SMS_PAYLOAD;
    size_t parts = payload ? 1 : (size_t)segments->n;
    struct smpp_text *t = xcalloc(1, sizeof *t + parts * sizeof t->parts[0]);
    t->text = (struct link_text){link->ops, (int)parts};
    int rc = payload ? pack_payload(t, conf, segments, err)
                     : pack_parts(t, conf, segments, reference, err);
    if (rc != 0) {
        free(t);
        return NULL;
    }
    return &t->text;
}

void
text_free(struct link_text *text)
{
    free(text);
}

size_t
text_emit(const struct link_message *m, uint32_t part, uint32_t sequence, uint8_t *out)
{
    const struct smpp_text *t = (const struct smpp_text *)m->text;
    return pdu_template_emit(&t->parts[part], sequence, str_of(m->address), out);
}

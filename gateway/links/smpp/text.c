/* A text made ready for an SMPP link: one packed submit_sm a part. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/text.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf_form.h"
#include "gateway/core/mem.h"
#include "gateway/core/segment.h"
#include "gateway/core/septets.h"
#include "gateway/links/smpp/address.h"
#include "gateway/links/smpp/named.h"
#include "gateway/links/smpp/pdu.h"
#include "gateway/links/smpp/times.h"
#include "gateway/links/smpp/wire.h"

enum { ESM_UDHI = 0x40 };
enum { DCS_DEFAULT = 0x00, DCS_LATIN1 = 0x03, DCS_UCS2 = 0x08, DCS_FLASH = 0x10 };

struct smpp_text {
    struct link_text text;
    int64_t expires_s; /* with `relative`: until when the rest counts */
    int64_t deliver_s; /* with `schedule`: until then the SMSC keeps it */
    enum schedule schedule;
    bool referenced;     /* each PDU ends with its user_message_reference */
    bool relative;       /* validity_period is written anew into each PDU */
    struct named *named; /* a text with names; NULL: the same for everybody */
    struct pdu_template parts[];
};

/* What all parts of a text have in common. */
struct packing {
    const struct conf_link *conf;
    const struct link_content *content;
    const struct segments *segments;
};

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

/* Flash is a class in the data coding; Latin-1's own coding has none (3GPP TS 23.038 §4). */
static uint8_t
data_coding(const struct packing *p)
{
    enum flash flash = p->conf->flash;
    bool shown = flash == FLASH_ALWAYS || (flash == FLASH_EMERGENCY && p->content->emergency);
    uint8_t class = shown ? DCS_FLASH : 0;
    switch (p->segments->encoding) {
    case ENCODING_UCS2:
        return DCS_UCS2 | class;
    case ENCODING_LATIN1:
        return DCS_LATIN1;
    case ENCODING_GSM7:
        break;
    }
    return DCS_DEFAULT | class;
}

static void
set_validity(struct pdu *pdu, const struct packing *p)
{
    if (p->content->expires_s <= 0) {
        return;
    }
    switch (p->conf->validity) {
    case VALIDITY_ABSOLUTE:
        times_absolute(p->content->expires_s, pdu->validity);
        break;
    case VALIDITY_RELATIVE: /* a place for what text_emit() writes */
        times_relative(1, pdu->validity);
        break;
    case VALIDITY_NONE:
        break;
    }
}

static struct pdu
common(const struct packing *p, bool alone)
{
    struct pdu pdu = {.id = PDU_SUBMIT_SM};
    address_set(&pdu, p->conf);
    if (!p->content->no_receipt) {
        pdu.registered_delivery = registered_delivery(p->conf->receipts);
    }
    pdu.data_coding = data_coding(p);
    /* A part would replace the one before it. */
    pdu.replace_if_present = alone && p->conf->replace_if_present;
    set_validity(&pdu, p);
    return pdu;
}

/* The text of a part behind what stands in the message already. */
static void
add_octets(struct pdu *pdu, const struct packing *p, const struct segment *segment)
{
    uint8_t packed[SEGMENT_OCTETS + 2];
    const uint8_t *from = segment->octets;
    size_t n = segment->n;
    if (n > 0 && p->conf->data_coding == CODING_GSM7_PACKED &&
        p->segments->encoding == ENCODING_GSM7) {
        n = septets_pack(segment->octets, segment->n, pdu->message_n, packed);
        from = packed;
    }
    memcpy(pdu->message + pdu->message_n, from, n);
    pdu->message_n = (uint8_t)(pdu->message_n + n);
}

/* Part i of several, with the concatenation header of an 8-bit or a 16-bit reference (3GPP TS
 * 23.040 §9.2.3.24.1 and .8). */
static void
set_udh(struct pdu *pdu, const struct packing *p, int i)
{
    const uint8_t high = (uint8_t)(p->content->reference >> 8),
                  low = (uint8_t)p->content->reference, total = (uint8_t)p->segments->n,
                  number = (uint8_t)(i + 1);
    const uint8_t narrow[] = {5, 0, 3, low, total, number};
    const uint8_t wide[] = {6, 8, 4, high, low, total, number};
    bool is_wide = p->conf->long_sms == LONG_SMS_UDH16;
    pdu->message_n = is_wide ? sizeof wide : sizeof narrow;
    memcpy(pdu->message, is_wide ? wide : narrow, pdu->message_n);
    pdu->esm_class = ESM_UDHI;
}

static void
add_tlv(struct pdu *pdu, enum pdu_tag tag, const void *value, size_t n)
{
    pdu->tlvs[pdu->tlvs_n++] = (struct pdu_tlv){tag, (uint16_t)n, value};
}

/* The last TLV, so that text_emit() finds it. */
static void
add_reference(struct pdu *pdu, const struct packing *p)
{
    static const uint8_t none[2];
    if (p->conf->user_message_reference) {
        add_tlv(pdu, TLV_USER_MESSAGE_REFERENCE, none, sizeof none);
    }
}

static int
pack_part(struct pdu_template *out, const struct packing *p, int i, struct err *err)
{
    bool alone = p->segments->n == 1;
    struct pdu pdu = common(p, alone);
    const uint8_t ref[2] = {(uint8_t)(p->content->reference >> 8), (uint8_t)p->content->reference};
    const uint8_t total = (uint8_t)p->segments->n, number = (uint8_t)(i + 1);
    if (!alone && p->conf->long_sms == LONG_SMS_SAR) {
        add_tlv(&pdu, TLV_SAR_REFERENCE, ref, sizeof ref);
        add_tlv(&pdu, TLV_SAR_TOTAL, &total, 1);
        add_tlv(&pdu, TLV_SAR_SEQUENCE, &number, 1);
    } else if (!alone) {
        set_udh(&pdu, p, i);
    }
    add_octets(&pdu, p, &p->segments->part[i]);
    add_reference(&pdu, p);
    return pdu_template_init(out, &pdu, err);
}

/* All parts as one message_payload, which the SMSC cuts. */
static int
pack_payload(struct pdu_template *out, const struct packing *p, struct err *err)
{
    struct pdu pdu = common(p, true);
    uint8_t whole[SEGMENT_MAX * SEGMENT_OCTETS], packed[sizeof whole + 2];
    const uint8_t *octets = whole;
    size_t n = 0;
    for (int i = 0; i < p->segments->n; i++) {
        memcpy(whole + n, p->segments->part[i].octets, p->segments->part[i].n);
        n += p->segments->part[i].n;
    }
    if (p->conf->data_coding == CODING_GSM7_PACKED && p->segments->encoding == ENCODING_GSM7) {
        n = septets_pack(whole, n, 0, packed);
        octets = packed;
    }
    add_tlv(&pdu, TLV_MESSAGE_PAYLOAD, octets, n);
    add_reference(&pdu, p);
    return pdu_template_init(out, &pdu, err);
}

static int
pack(struct smpp_text *t, const struct packing *p, struct err *err)
{
    if (p->segments->n > 1 && p->conf->long_sms == LONG_SMS_PAYLOAD) {
        return pack_payload(&t->parts[0], p, err);
    }
    for (int i = 0; i < p->segments->n; i++) {
        if (pack_part(&t->parts[i], p, i, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static struct smpp_text *
smpp_text_new(const struct link *link, const struct link_content *content, size_t parts)
{
    struct smpp_text *t = xcalloc(1, sizeof *t + parts * sizeof t->parts[0]);
    t->text = (struct link_text){link->ops, (int)parts};
    t->expires_s = content->expires_s;
    t->referenced = link->conf->user_message_reference;
    t->deliver_s = content->deliver_s;
    t->schedule = link->conf->schedule;
    t->relative = content->expires_s > 0 && link->conf->validity == VALIDITY_RELATIVE;
    return t;
}

int
text_shell(const struct conf_link *conf, const struct link_content *content, enum encoding encoding,
           bool alone, struct pdu_template *out, struct err *err)
{
    const struct segments empty = {.encoding = encoding, .n = alone ? 1 : 2};
    const struct packing p = {conf, content, &empty};
    if (!alone && conf->long_sms == LONG_SMS_PAYLOAD) {
        return pack_payload(out, &p, err);
    }
    return pack_part(out, &p, 0, err);
}

/* parts[0] is there for what all of its PDUs have in common. */
static struct link_text *
text_new_named(const struct link *link, const struct link_content *content, struct err *err)
{
    struct named *named = named_new(link->conf, content, conf_form(link->conf), err);
    if (!named) {
        return NULL;
    }
    struct smpp_text *t = smpp_text_new(link, content, 1);
    t->named = named;
    t->text.parts = named_most(named);
    if (text_shell(link->conf, content, ENCODING_UCS2, true, &t->parts[0], err) != 0) {
        text_free(&t->text);
        return NULL;
    }
    return &t->text;
}

struct link_text *
text_new(struct link *link, const struct link_content *content, struct err *err)
{
    struct segments segments;
    const struct packing p = {link->conf, content, &segments};
    if (content->names != NAMES_NONE) {
        return text_new_named(link, content, err);
    }
    if (segment_split_as(content->text, conf_form(link->conf), SEGMENT_MAX, &segments, err) != 0) {
        return NULL;
    }
    bool payload = segments.n > 1 && link->conf->long_sms == LONG_SMS_PAYLOAD;
    struct smpp_text *t = smpp_text_new(link, content, payload ? 1 : (size_t)segments.n);
    if (pack(t, &p, err) != 0) {
        free(t);
        return NULL;
    }
    return &t->text;
}

void
text_free(struct link_text *text)
{
    struct smpp_text *t = (struct smpp_text *)text;
    named_free(&t->named);
    free(t);
}

int
text_parts(const struct link_message *m)
{
    const struct smpp_text *t = (const struct smpp_text *)m->text;
    return t->named ? named_parts(t->named, m->name) : t->text.parts;
}

/* What is left until it expires: behind the destination stand its NUL, esm_class, protocol_id,
 * priority and an empty schedule_delivery_time. */
static void
put_validity(const struct smpp_text *t, uint8_t *behind_digits)
{
    char left[SMPP_TIME_SIZE];
    times_relative(t->expires_s - clock_unix_ms() / 1000, left);
    memcpy(behind_digits + 5, left, SMPP_TIME_SIZE);
}

/* The schedule_delivery_time of a PDU of `n` octets, in the place of its empty one; of one that is
 * to be delivered now it stays empty.  Returns the octets. */
static size_t
put_schedule(const struct smpp_text *t, uint8_t *out, uint8_t *behind_digits, size_t n)
{
    int64_t now_s = clock_unix_ms() / 1000;
    char when[SMPP_TIME_SIZE];
    if (t->schedule == SCHEDULE_NONE || t->deliver_s <= now_s) {
        return n;
    }
    if (t->schedule == SCHEDULE_ABSOLUTE) {
        times_absolute(t->deliver_s, when);
    } else {
        times_relative(t->deliver_s - now_s, when);
    }
    uint8_t *at = behind_digits + 4;
    memmove(at + SMPP_TIME_SIZE, at + 1, (size_t)(out + n - at) - 1);
    memcpy(at, when, SMPP_TIME_SIZE);
    wire_put32(out, (uint32_t)(n + SMPP_TIME_SIZE - 1));
    return n + SMPP_TIME_SIZE - 1;
}

enum { REFERENCE_OCTETS = 6 };

size_t
text_emit(const struct link_message *m, uint32_t part, uint32_t sequence, bool referenced,
          uint8_t *out)
{
    const struct smpp_text *t = (const struct smpp_text *)m->text;
    const struct pdu_template *template = &t->parts[t->named ? 0 : part];
    struct str digits = str_of(m->address);
    size_t n = t->named ? named_emit(t->named, m, part, sequence, out)
                        : pdu_template_emit(template, sequence, digits, out);
    if (t->referenced && referenced) {
        wire_put16(out + n - 2, (uint16_t)(m->reference + part));
    } else if (t->referenced) {
        n -= REFERENCE_OCTETS;
        wire_put32(out, (uint32_t)n);
    }
    if (t->relative) {
        put_validity(t, out + template->head_n + digits.n);
    }
    return put_schedule(t, out, out + template->head_n + digits.n, n);
}

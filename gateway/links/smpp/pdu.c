/* SMPP PDUs through libsmpp34, guarded: each PDU is walked by a table of its fields, checked, and
 * its mandatory part copied in a form that the library always takes; the library decodes that copy.
 * TLVs are views into the caller's octets.  So the library allocates nothing and its trace buffer
 * (2,048 octets, written without a bound) never fills. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/pdu.h"

#include <assert.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <smpp34.h>
#include <smpp34_structs.h>

#include <smpp34_params.h>

#include "gateway/links/smpp/wire.h"

#ifndef LIBSMPP34_VERSION
#define LIBSMPP34_VERSION "unknown version"
#endif

enum { SCRATCH = 1024, LIBRARY_MESSAGE_MAX = 253 };

union any {
    bind_transceiver_t bind;
    bind_transceiver_resp_t bind_resp;
    outbind_t outbind;
    submit_sm_t submit;
    submit_sm_resp_t submit_resp;
    deliver_sm_t deliver;
    deliver_sm_resp_t deliver_resp;
    data_sm_t data;
    data_sm_resp_t data_resp;
    query_sm_t query;
    query_sm_resp_t query_resp;
    cancel_sm_t cancel;
    replace_sm_t replace;
    alert_notification_t alert;
    enquire_link_t plain;
};

enum kind { OCTET, TON, NPI, VERSION, TEXT, MESSAGE };

/* One mandatory field: its width on the wire and in the library (a text that the library wants
 * empty has 1 there), its place in the library's struct and in ours. */
struct field {
    enum kind kind;
    uint8_t wire, width;
    uint16_t library, ours;
};

#define PLACES(type, theirs, mine) offsetof(type, theirs), offsetof(struct pdu, mine)
#define O(type, theirs, mine)                                                                      \
    {                                                                                              \
        OCTET, 1, 1, PLACES(type, theirs, mine)                                                    \
    }
#define A(type, which, mine)                                                                       \
    {TON, 1, 1, PLACES(type, which##_ton, mine##_ton)},                                            \
    {                                                                                              \
        NPI, 1, 1, PLACES(type, which##_npi, mine##_npi)                                           \
    }
#define T(type, theirs, mine, wide)                                                                \
    {                                                                                              \
        TEXT, wide, sizeof(((type *)0)->theirs), PLACES(type, theirs, mine)                        \
    }
#define M(type)                                                                                    \
    {                                                                                              \
        MESSAGE, 255, 254, PLACES(type, sm_length, message_n)                                      \
    }

/* bind_receiver_t and bind_transmitter_t are the same fields in the same places. */
static_assert(sizeof(bind_receiver_t) == sizeof(bind_transceiver_t) &&
                  sizeof(bind_transmitter_t) == sizeof(bind_transceiver_t) &&
                  offsetof(bind_receiver_t, address_range) ==
                      offsetof(bind_transceiver_t, address_range),
              "the binds differ");
static_assert(offsetof(submit_sm_t, short_message) == offsetof(submit_sm_t, sm_length) + 1 &&
                  offsetof(deliver_sm_t, short_message) == offsetof(deliver_sm_t, sm_length) + 1 &&
                  offsetof(replace_sm_t, short_message) == offsetof(replace_sm_t, sm_length) + 1 &&
                  offsetof(struct pdu, message) == offsetof(struct pdu, message_n) + 1,
              "a message follows its length");

static const struct field bind_fields[] = {
    T(bind_transceiver_t, system_id, system_id, 16),
    T(bind_transceiver_t, password, password, 9),
    T(bind_transceiver_t, system_type, system_type, 13),
    {VERSION, 1, 1, PLACES(bind_transceiver_t, interface_version, interface_version)},
    A(bind_transceiver_t, addr, addr),
    T(bind_transceiver_t, address_range, address_range, 41),
};
static const struct field bind_resp_fields[] = {
    T(bind_transceiver_resp_t, system_id, system_id, 16),
};
static const struct field outbind_fields[] = {
    T(outbind_t, system_id, system_id, 16),
    T(outbind_t, password, password, 9),
};
static const struct field submit_fields[] = {
    T(submit_sm_t, service_type, service_type, 6),
    A(submit_sm_t, source_addr, source),
    T(submit_sm_t, source_addr, source, 21),
    A(submit_sm_t, dest_addr, dest),
    T(submit_sm_t, destination_addr, dest, 21),
    O(submit_sm_t, esm_class, esm_class),
    O(submit_sm_t, protocol_id, protocol_id),
    O(submit_sm_t, priority_flag, priority_flag),
    T(submit_sm_t, schedule_delivery_time, schedule_time, 17),
    T(submit_sm_t, validity_period, validity, 17),
    O(submit_sm_t, registered_delivery, registered_delivery),
    O(submit_sm_t, replace_if_present_flag, replace_if_present),
    O(submit_sm_t, data_coding, data_coding),
    O(submit_sm_t, sm_default_msg_id, default_message),
    M(submit_sm_t),
};
static const struct field deliver_fields[] = {
    T(deliver_sm_t, service_type, service_type, 6),
    A(deliver_sm_t, source_addr, source),
    T(deliver_sm_t, source_addr, source, 21),
    A(deliver_sm_t, dest_addr, dest),
    T(deliver_sm_t, destination_addr, dest, 21),
    O(deliver_sm_t, esm_class, esm_class),
    O(deliver_sm_t, protocol_id, protocol_id),
    O(deliver_sm_t, priority_flag, priority_flag),
    T(deliver_sm_t, schedule_delivery_time, schedule_time, 17),
    T(deliver_sm_t, validity_period, validity, 17),
    O(deliver_sm_t, registered_delivery, registered_delivery),
    O(deliver_sm_t, replace_if_present_flag, replace_if_present),
    O(deliver_sm_t, data_coding, data_coding),
    O(deliver_sm_t, sm_default_msg_id, default_message),
    M(deliver_sm_t),
};
static const struct field submit_resp_fields[] = {
    T(submit_sm_resp_t, message_id, message_id, 65),
};
static const struct field deliver_resp_fields[] = {
    T(deliver_sm_resp_t, message_id, message_id, 65),
};
static const struct field data_fields[] = {
    T(data_sm_t, service_type, service_type, 6),
    A(data_sm_t, source_addr, source),
    T(data_sm_t, source_addr, source, 21),
    A(data_sm_t, dest_addr, dest),
    T(data_sm_t, destination_addr, dest, 65),
    O(data_sm_t, esm_class, esm_class),
    O(data_sm_t, registered_delivery, registered_delivery),
    O(data_sm_t, data_coding, data_coding),
};
static const struct field data_resp_fields[] = {
    T(data_sm_resp_t, message_id, message_id, 65),
};
static const struct field query_fields[] = {
    T(query_sm_t, message_id, message_id, 65),
    A(query_sm_t, source_addr, source),
    T(query_sm_t, source_addr, source, 21),
};
static const struct field query_resp_fields[] = {
    T(query_sm_resp_t, message_id, message_id, 65),
    T(query_sm_resp_t, final_date, final_date, 17),
    O(query_sm_resp_t, message_state, message_state),
    O(query_sm_resp_t, error_code, error_code),
};
static const struct field cancel_fields[] = {
    T(cancel_sm_t, service_type, service_type, 6),
    T(cancel_sm_t, message_id, message_id, 65),
    A(cancel_sm_t, source_addr, source),
    T(cancel_sm_t, source_addr, source, 21),
    A(cancel_sm_t, dest_addr, dest),
    T(cancel_sm_t, destination_addr, dest, 21),
};
static const struct field replace_fields[] = {
    T(replace_sm_t, message_id, message_id, 65),
    A(replace_sm_t, source_addr, source),
    T(replace_sm_t, source_addr, source, 21),
    T(replace_sm_t, schedule_delivery_time, schedule_time, 17),
    T(replace_sm_t, validity_period, validity, 17),
    O(replace_sm_t, registered_delivery, registered_delivery),
    O(replace_sm_t, sm_default_msg_id, default_message),
    M(replace_sm_t),
};
static const struct field alert_fields[] = {
    A(alert_notification_t, source_addr, source),
    T(alert_notification_t, source_addr, source, 65),
    A(alert_notification_t, esme_addr, dest),
    T(alert_notification_t, esme_addr, dest, 65),
};

struct layout {
    uint32_t id;
    const struct field *fields;
    size_t fields_n;
    bool tlvs, secret; /* may carry TLVs; has a password */
};

#define F(table) (table), sizeof(table) / sizeof *(table)
static const struct layout layouts[] = {
    {PDU_DELIVER_SM, F(deliver_fields), true, false},
    {PDU_SUBMIT_SM, F(submit_fields), true, false},
    {PDU_SUBMIT_SM | PDU_RESP, F(submit_resp_fields), true, false},
    {PDU_DELIVER_SM | PDU_RESP, F(deliver_resp_fields), true, false},
    {PDU_ENQUIRE_LINK, NULL, 0, false, false},
    {PDU_ENQUIRE_LINK | PDU_RESP, NULL, 0, false, false},
    {PDU_DATA_SM, F(data_fields), true, false},
    {PDU_DATA_SM | PDU_RESP, F(data_resp_fields), true, false},
    {PDU_GENERIC_NACK, NULL, 0, false, false},
    {PDU_BIND_RECEIVER, F(bind_fields), false, true},
    {PDU_BIND_TRANSMITTER, F(bind_fields), false, true},
    {PDU_BIND_TRANSCEIVER, F(bind_fields), false, true},
    {PDU_BIND_RECEIVER | PDU_RESP, F(bind_resp_fields), true, false},
    {PDU_BIND_TRANSMITTER | PDU_RESP, F(bind_resp_fields), true, false},
    {PDU_BIND_TRANSCEIVER | PDU_RESP, F(bind_resp_fields), true, false},
    {PDU_UNBIND, NULL, 0, false, false},
    {PDU_UNBIND | PDU_RESP, NULL, 0, false, false},
    {PDU_QUERY_SM, F(query_fields), false, false},
    {PDU_QUERY_SM | PDU_RESP, F(query_resp_fields), false, false},
    {PDU_CANCEL_SM, F(cancel_fields), false, false},
    {PDU_CANCEL_SM | PDU_RESP, NULL, 0, false, false},
    {PDU_REPLACE_SM, F(replace_fields), false, false},
    {PDU_REPLACE_SM | PDU_RESP, NULL, 0, false, false},
    {PDU_OUTBIND, F(outbind_fields), false, true},
    {PDU_ALERT_NOTIFICATION, F(alert_fields), true, false},
};

static const struct layout *
layout_of(uint32_t id)
{
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        if (layouts[i].id == id) {
            return &layouts[i];
        }
    }
    return NULL;
}

static void
wipe_trace(const struct layout *layout)
{
    if (layout->secret) {
        memset(smpp34_strerror, 0, sizeof smpp34_strerror);
    }
}

/* A PDU on its way to the library: what is left of the wire, and the copy that grows.  The longest
 * copy, a submit_sm with every text full, has 392 octets. */
struct walk {
    const uint8_t *p, *end;
    uint8_t copy[SCRATCH];
    size_t n;
    struct pdu *pdu;
    struct {
        uint16_t ours;
        uint8_t value;
    } odd[8]; /* octets that the library would refuse; put back afterwards */
    unsigned odd_n;
};

static bool
library_takes(enum kind kind, uint8_t value)
{
    switch (kind) {
    case TON:
        return value <= TON_Abbreviated;
    case NPI:
        return value <= 18 && (1u << value & 0x4475bu) != 0; /* 0 1 3 4 6 8 9 10 14 18 */
    case VERSION:
        return value == PDU_VERSION;
    case OCTET:
    case TEXT:
    case MESSAGE:
        break;
    }
    return true;
}

static enum pdu_fault
walk_octet(struct walk *w, const struct field *f)
{
    if (w->p == w->end) {
        return PDU_BAD_LENGTH;
    }
    uint8_t value = *w->p++;
    if (library_takes(f->kind, value)) {
        w->copy[w->n++] = value;
        return PDU_OK;
    }
    w->copy[w->n++] = f->kind == VERSION ? PDU_VERSION : 0;
    w->pdu->flags |= f->kind == VERSION ? PDU_ODD_VERSION : PDU_ODD_TON;
    w->odd[w->odd_n].ours = f->ours;
    w->odd[w->odd_n++].value = value;
    return PDU_OK;
}

static enum pdu_fault
walk_text(struct walk *w, const struct field *f)
{
    size_t left = (size_t)(w->end - w->p);
    const uint8_t *nul = left ? memchr(w->p, 0, left < f->wire ? left : f->wire) : NULL;
    if (!nul) {
        return PDU_BAD_FIELD;
    }
    size_t n = (size_t)(nul - w->p) + 1;
    if (f->width == 1) {
        if (n > 1) {
            w->pdu->flags |= f->wire == 17 ? PDU_TIMES : PDU_ID_DROPPED;
        }
        w->copy[w->n++] = 0;
    } else {
        memcpy(w->copy + w->n, w->p, n);
        w->n += n;
    }
    w->p += n;
    return PDU_OK;
}

static enum pdu_fault
walk_message(struct walk *w)
{
    if (w->p == w->end) {
        return PDU_BAD_LENGTH;
    }
    size_t n = *w->p;
    if (n > PDU_MESSAGE_MAX || n > (size_t)(w->end - w->p) - 1) {
        return PDU_BAD_MESSAGE;
    }
    memcpy(w->copy + w->n, w->p, n + 1);
    w->n += n + 1;
    w->p += n + 1;
    return PDU_OK;
}

static enum pdu_fault
walk_fields(struct walk *w, const struct layout *layout)
{
    if ((layout->id & PDU_RESP) != 0 && w->p == w->end && layout->fields_n > 0) {
        w->pdu->flags |= PDU_NO_BODY;
        memset(w->copy + w->n, 0, layout->fields_n);
        w->n += layout->fields_n;
        return PDU_OK;
    }
    for (size_t i = 0; i < layout->fields_n; i++) {
        const struct field *f = &layout->fields[i];
        enum pdu_fault fault = f->kind == TEXT      ? walk_text(w, f)
                               : f->kind == MESSAGE ? walk_message(w)
                                                    : walk_octet(w, f);
        if (fault != PDU_OK) {
            return fault;
        }
    }
    return PDU_OK;
}

static enum pdu_fault
walk_rest(struct walk *w, const struct layout *layout)
{
    if (!layout->tlvs && w->p != w->end) {
        w->pdu->flags |= PDU_TRAILING;
        return (layout->id & PDU_RESP) != 0 ? PDU_OK : PDU_BAD_LENGTH;
    }
    while (w->p != w->end) {
        size_t left = (size_t)(w->end - w->p);
        if (left < 4 || wire_get16(w->p + 2) > left - 4 || w->pdu->tlvs_n == PDU_TLV_MAX) {
            return PDU_BAD_TLV;
        }
        struct pdu_tlv *t = &w->pdu->tlvs[w->pdu->tlvs_n++];
        *t = (struct pdu_tlv){wire_get16(w->p), wire_get16(w->p + 2), w->p + 4};
        w->p += 4 + (size_t)t->n;
    }
    return PDU_OK;
}

static void
take_fields(struct pdu *pdu, const union any *any, const struct layout *layout)
{
    for (size_t i = 0; i < layout->fields_n; i++) {
        const struct field *f = &layout->fields[i];
        const uint8_t *from = (const uint8_t *)any + f->library;
        memcpy((uint8_t *)pdu + f->ours, from, f->kind == MESSAGE ? 1 + (size_t)*from : f->width);
    }
}

enum pdu_fault
pdu_decode(struct pdu *out, const uint8_t *b, size_t n)
{
    memset(out, 0, offsetof(struct pdu, tlvs));
    if (n < PDU_HEADER) {
        return PDU_BAD_HEADER;
    }
    struct pdu_head head = pdu_head(b);
    out->id = head.id;
    out->status = head.status;
    out->sequence = head.sequence;
    if (head.length != n || n > PDU_MAX) {
        return PDU_BAD_HEADER;
    }
    const struct layout *layout = layout_of(head.id);
    if (!layout) {
        return PDU_UNKNOWN_ID;
    }
    struct walk w = {.p = b + PDU_HEADER, .end = b + n, .n = PDU_HEADER, .pdu = out};
    wire_put32(w.copy + 4, head.id);
    wire_put32(w.copy + 8, 0);
    wire_put32(w.copy + 12, 1);
    enum pdu_fault fault = walk_fields(&w, layout);
    if (fault == PDU_OK) {
        fault = walk_rest(&w, layout);
    }
    if (fault != PDU_OK) {
        return fault;
    }
    wire_put32(w.copy, (uint32_t)w.n);
    union any any;
    memset(&any, 0, sizeof any);
    int rc = smpp34_unpack2(&any, w.copy, (int)w.n);
    wipe_trace(layout);
    if (rc != 0) {
        return PDU_LIBRARY;
    }
    take_fields(out, &any, layout);
    for (unsigned i = 0; i < w.odd_n; i++) {
        *((uint8_t *)out + w.odd[i].ours) = w.odd[i].value;
    }
    return PDU_OK;
}

/* What the library would cut short, send wrong or refuse. */
static enum pdu_fault
check_field(const struct field *f, const uint8_t *from)
{
    bool fits = false;
    switch (f->kind) {
    case MESSAGE:
        return *from <= LIBRARY_MESSAGE_MAX ? PDU_OK : PDU_BAD_MESSAGE;
    case TEXT:
        fits = memchr(from, 0, f->width) != NULL;
        break;
    case VERSION: /* set_version() */
        fits = true;
        break;
    case OCTET:
    case TON:
    case NPI:
        fits = library_takes(f->kind, *from);
        break;
    }
    return fits ? PDU_OK : PDU_BAD_FIELD;
}

static enum pdu_fault
give_fields(union any *any, const struct pdu *pdu, const struct layout *layout)
{
    for (size_t i = 0; i < layout->fields_n; i++) {
        const struct field *f = &layout->fields[i];
        const uint8_t *from = (const uint8_t *)pdu + f->ours;
        enum pdu_fault fault = check_field(f, from);
        if (fault != PDU_OK) {
            return fault;
        }
        memcpy((uint8_t *)any + f->library, from,
               f->kind == MESSAGE ? 1 + (size_t)*from : f->width);
        if (f->kind == VERSION) {
            *((uint8_t *)any + f->library) = PDU_VERSION; /* all that the library packs */
        }
    }
    return PDU_OK;
}

static bool
is_bind(uint32_t id)
{
    return id == PDU_BIND_TRANSCEIVER || id == PDU_BIND_TRANSMITTER || id == PDU_BIND_RECEIVER;
}

/* A bind's version stands behind its three texts. */
static void
set_version(const struct pdu *pdu, uint8_t *packed)
{
    size_t texts_n = strlen(pdu->system_id) + strlen(pdu->password) + strlen(pdu->system_type) + 3;
    packed[PDU_HEADER + texts_n] = pdu->interface_version;
}

static enum pdu_fault
put_tlvs(const struct pdu *pdu, uint8_t *out, size_t room, size_t *n)
{
    if (pdu->tlvs_n > PDU_TLV_MAX) {
        return PDU_BAD_TLV;
    }
    for (unsigned i = 0; i < pdu->tlvs_n; i++) {
        const struct pdu_tlv *t = &pdu->tlvs[i];
        if (room - *n < 4 + (size_t)t->n) {
            return PDU_BAD_LENGTH;
        }
        wire_put16(out + *n, t->tag);
        wire_put16(out + *n + 2, t->n);
        if (t->n > 0) {
            memcpy(out + *n + 4, t->value, t->n);
        }
        *n += 4 + (size_t)t->n;
    }
    return PDU_OK;
}

/* The mandatory part by the library, status and sequence still to be set. */
static enum pdu_fault
pack(const struct pdu *pdu, const struct layout *layout, uint8_t *out, size_t room, size_t *n)
{
    union any any;
    memset(&any, 0, sizeof any);
    enum pdu_fault fault = give_fields(&any, pdu, layout);
    if (fault != PDU_OK) {
        return fault;
    }
    any.plain.command_id = pdu->id;
    any.plain.sequence_number = 1;
    uint8_t scratch[SCRATCH];
    int len = 0;
    int rc = smpp34_pack2(scratch, sizeof scratch, &len, &any);
    wipe_trace(layout);
    if (rc != 0 || len < PDU_HEADER) {
        return PDU_LIBRARY;
    }
    if ((size_t)len > room) {
        return PDU_BAD_LENGTH;
    }
    memcpy(out, scratch, (size_t)len);
    *n = (size_t)len;
    if (is_bind(pdu->id)) {
        set_version(pdu, out);
    }
    return PDU_OK;
}

enum pdu_fault
pdu_encode(const struct pdu *pdu, uint8_t *out, size_t room, size_t *n)
{
    const struct layout *layout = layout_of(pdu->id);
    if (!layout) {
        return PDU_UNKNOWN_ID;
    }
    if (room > PDU_MAX) {
        room = PDU_MAX;
    }
    if (pdu->tlvs_n > 0 && !layout->tlvs) {
        return PDU_BAD_TLV;
    }
    bool refusal =
        (pdu->id & PDU_RESP) != 0 && pdu->status != 0 && pdu->id != (PDU_DELIVER_SM | PDU_RESP);
    if (refusal) {
        if (room < PDU_HEADER) {
            return PDU_BAD_LENGTH;
        }
        *n = pdu_put_plain(pdu->id, pdu->status, pdu->sequence, out);
        return PDU_OK;
    }
    enum pdu_fault fault = pack(pdu, layout, out, room, n);
    if (fault == PDU_OK) {
        fault = put_tlvs(pdu, out, room, n);
    }
    if (fault != PDU_OK) {
        return fault;
    }
    wire_put32(out, (uint32_t)*n);
    wire_put32(out + 8, pdu->status);
    wire_put32(out + 12, pdu->sequence);
    return PDU_OK;
}

void
pdu_library_version(char *out, size_t room)
{
    Dl_info info;
    char *file = NULL;
    if (dladdr((void *)smpp34_pack2, &info) != 0 && info.dli_fname) {
        file = realpath(info.dli_fname, NULL);
    }
    const char *slash = file ? strrchr(file, '/') : NULL;
    (void)snprintf(out, room, "%s, %s", LIBSMPP34_VERSION, slash ? slash + 1 : "linked statically");
    free(file);
}

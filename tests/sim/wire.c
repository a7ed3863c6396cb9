/* SMPP 3.4 decoder and encoder of the simulator. */
// SPDX-License-Identifier: MIT
#include "tests/sim/wire.h"

#include <string.h>

/* Reads fields one after another; after the first fault everything reads as empty. */
struct cursor {
    const uint8_t *at, *end;
    const char *wrong;
};

static uint32_t
be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint16_t
be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

void
wire_read_header(const uint8_t *p, struct wire_header *out)
{
    *out = (struct wire_header){be32(p), be32(p + 4), be32(p + 8), be32(p + 12)};
}

/* A C string of at most `width` octets with its NUL. */
static const char *
take_string(struct cursor *c, size_t width, const char *wrong)
{
    size_t left = (size_t)(c->end - c->at);
    const uint8_t *nul = memchr(c->at, 0, left < width ? left : width);
    if (!nul) {
        c->wrong = c->wrong ? c->wrong : wrong;
        c->at = c->end;
        return "";
    }
    const char *s = (const char *)c->at;
    c->at = nul + 1;
    return s;
}

static uint8_t
take_octet(struct cursor *c)
{
    if (c->at == c->end) {
        c->wrong = c->wrong ? c->wrong : "the PDU ends within its mandatory fields";
        return 0;
    }
    return *c->at++;
}

uint32_t
wire_read_bind(const uint8_t *p, size_t n, struct wire_bind *out, const char **wrong)
{
    struct cursor c = {p + WIRE_HEADER, p + n, NULL};
    out->system_id = take_string(&c, 16, "system_id is not 15 characters at most");
    out->password = take_string(&c, 9, "password is not 8 characters at most");
    out->system_type = take_string(&c, 13, "system_type is not 12 characters at most");
    out->version = take_octet(&c);
    take_octet(&c);
    take_octet(&c);
    take_string(&c, 41, "address_range is not 40 characters at most");
    if (!c.wrong && c.at != c.end) {
        c.wrong = "octets follow the bind's last field";
    }
    if (!c.wrong && out->version != 0x34) {
        c.wrong = "interface_version is not 0x34";
    }
    *wrong = c.wrong;
    return c.wrong ? WIRE_BAD_PDU_LENGTH : WIRE_OK;
}

/* A time field is empty or 16 characters. */
static void
take_time(struct cursor *c, const char *wrong)
{
    size_t n = strlen(take_string(c, 17, wrong));
    if (n != 0 && n != 16 && !c->wrong) {
        c->wrong = wrong;
    }
}

static void
take_tlv(struct cursor *c, struct wire_submit *s)
{
    if (c->end - c->at < 4 || c->end - c->at - 4 < be16(c->at + 2)) {
        c->wrong = "a TLV does not end within the PDU";
        return;
    }
    uint16_t tag = be16(c->at), n = be16(c->at + 2);
    const uint8_t *value = c->at + 4;
    c->at = value + n;
    if (tag == 0x020c && n == 2) {
        s->ref = be16(value);
    } else if (tag == 0x020e && n == 1) {
        s->total = value[0];
    } else if (tag == 0x020f && n == 1) {
        s->part = value[0];
    } else if (tag == 0x0204 && n == 2) {
        s->reference = be16(value);
    } else if (tag == 0x0424) {
        if (s->octets_n) {
            c->wrong = "both short_message and message_payload are there";
        }
        s->octets = value;
        s->octets_n = n;
        s->payload = true;
    }
}

/* The user data header: its concatenation element, and what follows it is the text. */
static const char *
read_udh(struct wire_submit *s)
{
    if (s->octets_n == 0 || s->octets[0] + 1U > s->octets_n) {
        return "the UDH is longer than the message";
    }
    const uint8_t *at = s->octets + 1, *end = at + s->octets[0];
    while (at < end) {
        if (end - at < 2 || at[1] > end - at - 2) {
            return "an element of the UDH does not end within it";
        }
        if (at[0] == 0x00 && at[1] == 3) {
            s->ref = at[2], s->total = at[3], s->part = at[4];
        } else if (at[0] == 0x08 && at[1] == 4) {
            s->ref = be16(at + 2), s->total = at[4], s->part = at[5];
        }
        at += 2 + at[1];
    }
    s->udh_n = (size_t)(end - s->octets);
    s->octets_n -= s->udh_n;
    s->octets = end;
    return NULL;
}

uint32_t
wire_read_submit(const uint8_t *p, size_t n, struct wire_submit *out, const char **wrong)
{
    struct cursor c = {p + WIRE_HEADER, p + n, NULL};
    *out = (struct wire_submit){.reference = -1};
    out->service_type = take_string(&c, 6, "service_type is not 5 characters at most");
    out->source_ton = take_octet(&c);
    out->source_npi = take_octet(&c);
    out->source = take_string(&c, 21, "source_addr is not 20 characters at most");
    out->destination_ton = take_octet(&c);
    out->destination_npi = take_octet(&c);
    out->destination = take_string(&c, 21, "destination_addr is not 20 characters at most");
    out->esm_class = take_octet(&c);
    take_octet(&c); /* protocol_id */
    take_octet(&c); /* priority_flag */
    take_time(&c, "schedule_delivery_time is not empty or 16 characters");
    take_time(&c, "validity_period is not empty or 16 characters");
    out->registered = take_octet(&c);
    take_octet(&c); /* replace_if_present_flag */
    out->data_coding = take_octet(&c);
    take_octet(&c); /* sm_default_msg_id */
    out->octets_n = take_octet(&c);
    out->octets = c.at;
    if (c.wrong) {
        *wrong = c.wrong;
        return WIRE_BAD_PDU_LENGTH;
    }
    if (out->octets_n > 254 || out->octets_n > (size_t)(c.end - c.at)) {
        *wrong = "sm_length is over 254 or over the PDU's end";
        return WIRE_BAD_LENGTH;
    }
    c.at += out->octets_n;
    while (!c.wrong && c.at < c.end) {
        take_tlv(&c, out);
    }
    if (!c.wrong && out->esm_class & 0x40) {
        c.wrong = read_udh(out);
    }
    *wrong = c.wrong;
    return c.wrong ? WIRE_BAD_TLV_STREAM : WIRE_OK;
}

static bool
all_digits(const char *s)
{
    size_t n = strspn(s, "0123456789");
    return n > 0 && s[n] == '\0';
}

const char *
wire_lint_submit(const struct wire_submit *s)
{
    size_t udh = s->udh_n || !s->total ? s->udh_n : 6; /* an SMSC makes a UDH of SAR's TLVs */
    if (s->destination_ton != 1 || s->destination_npi != 1 || !all_digits(s->destination)) {
        return "destination is not international digits with TON 1 and NPI 1";
    }
    if (s->source_ton == 5 && strlen(s->source) > 11) {
        return "an alphanumeric sender has more than 11 characters";
    }
    if (s->source_ton == 1 && !all_digits(s->source)) {
        return "a sender with TON 1 is not digits";
    }
    if (s->total && (s->part < 1 || s->part > s->total)) {
        return "the part's number is not between 1 and the total";
    }
    if (s->total == 1) {
        return "a concatenated message of a single part";
    }
    if (s->data_coding == 8 && s->octets_n % 2) {
        return "a UCS-2 text of an odd length";
    }
    if (s->data_coding != 0 && s->data_coding != 8) {
        return "data_coding is neither 0 nor 8";
    }
    if (s->octets_n == 0) {
        return "an empty text";
    }
    if (s->payload) {
        return NULL;
    }
    size_t room = udh < 140 ? 140 - udh : 0;
    size_t most = s->data_coding == 8 ? room : room * 8 / 7;
    return s->octets_n > most ? "the text does not fit into one part" : NULL;
}

static uint8_t *
put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
    return p + 4;
}

static uint8_t *
put_bytes(uint8_t *p, const void *bytes, size_t n)
{
    memcpy(p, bytes, n);
    return p + n;
}

static uint8_t *
put_string(uint8_t *p, const char *s, size_t most)
{
    size_t n = strnlen(s, most);
    p = put_bytes(p, s, n);
    *p++ = 0;
    return p;
}

static size_t
finish(uint8_t *out, const uint8_t *end)
{
    put32(out, (uint32_t)(end - out));
    return (size_t)(end - out);
}

size_t
wire_put_plain(uint8_t *out, uint32_t command, uint32_t status, uint32_t sequence)
{
    uint8_t *p = put32(put32(put32(out + 4, command), status), sequence);
    return finish(out, p);
}

size_t
wire_put_string(uint8_t *out, uint32_t command, uint32_t sequence, const char *body)
{
    wire_put_plain(out, command, WIRE_OK, sequence);
    return finish(out, put_string(out + WIRE_HEADER, body, 64));
}

size_t
wire_put_bound(uint8_t *out, uint32_t command, uint32_t sequence, const char *name)
{
    size_t n = wire_put_string(out, command, sequence, name);
    static const uint8_t version[] = {0x02, 0x10, 0x00, 0x01, 0x34};
    return finish(out, put_bytes(out + n, version, sizeof version));
}

size_t
wire_put_deliver(uint8_t *out, uint32_t sequence, const struct wire_deliver *d)
{
    wire_put_plain(out, WIRE_DELIVER, WIRE_OK, sequence);
    uint8_t *p = put_string(out + WIRE_HEADER, "", 5);
    bool word = !all_digits(d->to);
    p = put_bytes(p, "\x01\x01", 2);
    p = put_string(p, d->from, 20);
    p = put_bytes(p, word ? "\x05\x00" : "\x01\x01", 2);
    p = put_string(p, d->to, 20);
    *p++ = d->esm_class;
    p = put_bytes(p, "\0\0\0\0\0\0\0\0", 8); /* protocol … sm_default_msg_id */
    size_t n = strnlen(d->text, 250);
    *p++ = (uint8_t)n;
    p = put_bytes(p, d->text, n);
    if (d->receipted_id) {
        size_t id = strnlen(d->receipted_id, 64) + 1;
        p = put_bytes(p, "\x00\x1e\x00", 3);
        *p++ = (uint8_t)id;
        p = put_string(p, d->receipted_id, 64);
        p = put_bytes(p, "\x04\x27\x00\x01", 4);
        *p++ = d->state;
    }
    if (d->reference >= 0) {
        p = put_bytes(p, "\x02\x04\x00\x02", 4);
        *p++ = (uint8_t)(d->reference >> 8);
        *p++ = (uint8_t)d->reference;
    }
    return finish(out, p);
}

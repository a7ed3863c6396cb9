/* Takes texts and passwords out of an SMPP PDU (SMPP 3.4 §4). */
// SPDX-License-Identifier: MIT
#include "gateway/core/smpp_mask.h"

#include <stdbool.h>
#include <string.h>

enum { HEADER = 16, UDHI = 0x40, PAYLOAD = 0x0424 };
enum {
    BIND_RECEIVER = 1,
    BIND_TRANSMITTER = 2,
    SUBMIT = 4,
    DELIVER = 5,
    BIND_TRANSCEIVER = 9,
    OUTBIND = 0xb,
    SUBMIT_MULTI = 0x21,
    DATA = 0x103,
};

/* A walk through the body. */
struct walk {
    uint8_t *p;
    size_t n, at;
    bool lost; /* it ended before a field did */
};

static uint8_t
octet(struct walk *w)
{
    if (w->at >= w->n) {
        w->lost = true;
        return 0;
    }
    return w->p[w->at++];
}

static void
skip(struct walk *w, size_t n)
{
    w->lost = w->lost || n > w->n - w->at;
    w->at += w->lost ? 0 : n;
}

/* Up to and with its NUL; with `hide` its characters go. */
static void
text(struct walk *w, bool hide)
{
    const uint8_t *end = memchr(w->p + w->at, 0, w->n - w->at);
    if (!end) {
        w->lost = true;
        return;
    }
    size_t n = (size_t)(end - (w->p + w->at));
    if (hide) {
        memset(w->p + w->at, 'x', n);
    }
    w->at += n + 1;
}

/* Type of number, plan, address. */
static void
address(struct walk *w)
{
    skip(w, 2);
    text(w, false);
}

static void
parameters(struct walk *w)
{
    while (!w->lost && w->at < w->n) {
        unsigned tag = (unsigned)octet(w) << 8;
        tag |= octet(w);
        size_t length = (size_t)octet(w) << 8;
        length |= octet(w);
        if (!w->lost && length <= w->n - w->at && tag == PAYLOAD) {
            memset(w->p + w->at, 'x', length);
        }
        skip(w, length);
    }
}

/* sm_length and short_message, of which the header stays. */
static void
message(struct walk *w, bool header)
{
    size_t length = octet(w), from = 0;
    if (w->lost || length > w->n - w->at) {
        w->lost = true;
        return;
    }
    if (header && length > 0 && (size_t)w->p[w->at] + 1 <= length) {
        from = (size_t)w->p[w->at] + 1;
    }
    memset(w->p + w->at + from, 'x', length - from);
    w->at += length;
}

static void
destinations(struct walk *w)
{
    for (int n = octet(w); n > 0 && !w->lost; n--) {
        if (octet(w) == 1) {
            address(w);
        } else {
            text(w, false);
        }
    }
}

static void
mask_message(struct walk *w, uint32_t id)
{
    text(w, false); /* service_type */
    address(w);
    if (id == SUBMIT_MULTI) {
        destinations(w);
    } else {
        address(w);
    }
    bool header = octet(w) & UDHI;
    if (id == DATA) {
        skip(w, 2);
    } else {
        skip(w, 2); /* protocol_id, priority_flag */
        text(w, false);
        text(w, false); /* schedule_delivery_time, validity_period */
        skip(w, 4);
        if (!w->lost) {
            message(w, header);
        }
    }
    parameters(w);
}

void
smpp_mask(uint8_t *pdu, size_t n)
{
    if (n < HEADER) {
        memset(pdu, 'x', n);
        return;
    }
    uint32_t id = (uint32_t)pdu[4] << 24 | (uint32_t)pdu[5] << 16 | (uint32_t)pdu[6] << 8 | pdu[7];
    struct walk w = {pdu, n, HEADER, false};
    switch (id) {
    case BIND_RECEIVER:
    case BIND_TRANSMITTER:
    case BIND_TRANSCEIVER:
    case OUTBIND:
        text(&w, false); /* system_id */
        if (!w.lost) {
            text(&w, true);
        }
        break;
    case SUBMIT:
    case DELIVER:
    case SUBMIT_MULTI:
    case DATA:
        mask_message(&w, id);
        break;
    default:
        return;
    }
    if (w.lost) {
        memset(pdu + w.at, 'x', n - w.at);
    }
}

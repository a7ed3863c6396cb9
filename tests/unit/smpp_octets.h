/* PDUs to and from the SMSC of smpp_peer.h, as octets. */
#ifndef LOA_TESTS_SMPP_OCTETS_H
#define LOA_TESTS_SMPP_OCTETS_H
// SPDX-License-Identifier: MIT

#include "smpp_peer.h"

/* One PDU as it came: numbers of its header, and its octets (valid until the next). */
struct peer_pdu {
    uint32_t id, status, sequence;
    uint8_t b[1024];
    size_t n;
};

static inline uint32_t
be32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* The next PDU that the link sent; false when none comes in `wait_ms`, or it hung up. */
static inline bool
peer_next(struct peer *p, struct peer_pdu *out, int64_t wait_ms)
{
    int64_t deadline_us = clock_monotonic_us() + wait_ms * 1000;
    memset(out, 0, sizeof *out);
    while (p->in_n < 4 || p->in_n < be32(p->in)) {
        if (!peer_wait(p, p->fd, deadline_us)) {
            return false;
        }
        ssize_t n = recv(p->fd, p->in + p->in_n, sizeof p->in - p->in_n, MSG_DONTWAIT);
        if (n <= 0) {
            return false;
        }
        p->in_n += (size_t)n;
    }
    out->n = be32(p->in);
    assert_in_range(out->n, 16, sizeof out->b);
    memcpy(out->b, p->in, out->n);
    p->in_n -= out->n;
    memmove(p->in, p->in + out->n, p->in_n);
    out->id = be32(out->b + 4);
    out->status = be32(out->b + 8);
    out->sequence = be32(out->b + 12);
    return true;
}

/* As above, and it must be a PDU of this command. */
static inline void
peer_expect(struct peer *p, struct peer_pdu *out, uint32_t id)
{
    if (!peer_next(p, out, PEER_DEADLINE_MS)) {
        fail_msg("no PDU came, but 0x%08x was expected", id);
        return;
    }
    assert_int_equal(out->id, id);
}

/* Sends a PDU: its header from the numbers, its body as it is. */
static inline void
peer_send(struct peer *p, uint32_t id, uint32_t status, uint32_t sequence, const void *body,
          size_t n)
{
    uint8_t b[1024];
    uint32_t head[4] = {htonl((uint32_t)(16 + n)), htonl(id), htonl(status), htonl(sequence)};
    memcpy(b, head, sizeof head);
    if (n > 0) {
        memcpy(b + 16, body, n);
    }
    assert_int_equal(send(p->fd, b, 16 + n, MSG_NOSIGNAL), 16 + n);
}

#endif

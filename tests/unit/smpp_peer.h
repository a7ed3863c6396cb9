/* An SMSC for the link's tests: its octets are written by hand, so that both ends share no code.
 * One thread: waiting for the peer turns the link's event loop. */
#ifndef LOA_TESTS_SMPP_PEER_H
#define LOA_TESTS_SMPP_PEER_H
// SPDX-License-Identifier: MIT

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "gateway/base/clock.h"

enum { PEER_DEADLINE_MS = 4000 };

struct peer {
    struct event_base *base;
    int listener, port, fd;
    uint8_t in[1 << 20];
    size_t in_n;
};

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

static inline void
peer_open(struct peer *p, struct event_base *base)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    p->base = base;
    p->fd = -1;
    p->in_n = 0;
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(p->listener, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(p->listener, 8), 0);
    assert_int_equal(getsockname(p->listener, (struct sockaddr *)&a, &n), 0);
    p->port = ntohs(a.sin_port);
}

/* Turns the loop until `fd` is readable; false at the deadline. */
static inline bool
peer_wait(struct peer *p, int fd, int64_t deadline_us)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    while (clock_monotonic_us() < deadline_us) {
        (void)event_base_loop(p->base, EVLOOP_NONBLOCK);
        if (poll(&poll_fd, 1, 1) == 1) {
            return true;
        }
    }
    return false;
}

static inline int64_t
peer_deadline(void)
{
    return clock_monotonic_us() + PEER_DEADLINE_MS * INT64_C(1000);
}

static inline void
peer_accept(struct peer *p)
{
    assert_true(peer_wait(p, p->listener, peer_deadline()));
    p->fd = accept(p->listener, NULL, NULL);
    p->in_n = 0;
    assert_true(p->fd >= 0);
}

static inline void
peer_drop(struct peer *p)
{
    if (p->fd >= 0) {
        (void)close(p->fd);
    }
    p->fd = -1;
}

static inline void
peer_close(struct peer *p)
{
    peer_drop(p);
    (void)close(p->listener);
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

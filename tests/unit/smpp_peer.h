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

#endif

/* A link under test with the SMSC of smpp_peer.h, and what the link told. */
#ifndef LOA_TESTS_SMPP_FIXTURE_H
#define LOA_TESTS_SMPP_FIXTURE_H
// SPDX-License-Identifier: MIT

#include "smpp_octets.h"
#include "smpp_told.h"

/* A text of so many parts: "Hello", behind as many full parts of x as are wanted. */
static inline struct link_text *
text_of_parts(int parts)
{
    static char octets[SEGMENT_MAX * 160];
    size_t n = (size_t)(parts - 1) * 153;
    struct err err = {0};
    memset(octets, 'x', n);
    memcpy(octets + n, parts > 1 ? "Hello, Hello" : "Hello", parts > 1 ? 12 : 5);
    const struct link_content content = {.text = {octets, n + (parts > 1 ? 12 : 5)},
                                         .reference = 0x1234};
    return link_text_new(t.link, &content, &err);
}

static inline void
open_link(int parts)
{
    struct err err = {0};
    t.conf.port = peer.port;
    t.link = link_new(peer.base, &t.conf, &events, &err);
    assert_non_null(t.link);
    t.text = text_of_parts(parts);
    assert_non_null(t.text);
    assert_int_equal(link_text_parts(t.text), parts);
    assert_int_equal(link_state(t.link), LINK_STOPPED);
    link_start(t.link);
}

static inline void
expect_bind(uint32_t status)
{
    struct peer_pdu pdu;
    peer_accept(&peer);
    peer_expect(&peer, &pdu, BIND_TRX);
    peer_send(&peer, BIND_TRX | RESP, status, pdu.sequence, "smsc", status ? 0 : 5);
}

/* The short_message of a submit_sm from QUANBTL to one of submit()'s numbers. */
static inline const uint8_t *
message_of(const struct peer_pdu *pdu)
{
    enum { HEADER = 16, BEFORE_SOURCE = 3, DEST_TYPE = 2, BEHIND_DEST = 10 };
    return pdu->b + HEADER + BEFORE_SOURCE + sizeof "QUANBTL" + DEST_TYPE + sizeof "84900000000" +
           BEHIND_DEST;
}

#define UNTIL(condition)                                                                           \
    for (int64_t end_us = peer_deadline(); !(condition);) {                                        \
        if (clock_monotonic_us() > end_us) {                                                       \
            fail_msg("in vain: %s", #condition);                                                   \
        }                                                                                          \
        (void)event_base_loop(peer.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);                           \
        (void)poll(NULL, 0, 0);                                                                    \
    }

static inline void
bound_link(int window, int parts)
{
    t.conf.window = window;
    open_link(parts);
    expect_bind(0);
    UNTIL(link_state(t.link) == LINK_BOUND);
}

static inline struct link_message *
submit(void)
{
    struct link_message *m = &t.messages[t.submitted];
    m->text = t.text;
    (void)snprintf(m->address, sizeof m->address, "84%09d", 900000000 + t.submitted++);
    link_submit(t.link, m);
    return m;
}

static inline void
answer(uint32_t sequence, uint32_t status, const char *id)
{
    peer_send(&peer, (uint32_t)SUBMIT_RESP, status, sequence, id, id ? strlen(id) + 1 : 0);
}

static inline int
setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    t.conf = (struct conf_link){.name = "test",
                                .kind = LINK_SMPP,
                                .host = "127.0.0.1",
                                .system_id = "loa",
                                .password = "secret",
                                .source = "QUANBTL",
                                .bind = BIND_TRANSCEIVER,
                                .window = 10,
                                .receipts = RECEIPTS_FINAL};
    log_set_level(LOG_ERROR);
    peer_open(&peer, event_base_new());
    return 0;
}

static inline int
teardown(void **state)
{
    (void)state;
    link_text_free(&t.text);
    link_free(&t.link);
    peer_close(&peer);
    event_base_free(peer.base);
    return 0;
}

#endif

/* Several binds of one link: who binds first, who takes a message, what a lost one costs; what a
 * bind says; outbind; inactivity. */
// SPDX-License-Identifier: MIT
#include "smpp_fixture.h"

enum { BIND_RX = 1, BIND_TX = 2, UNBIND = 6 };

static struct peer others[3]; /* further connections to the peer's listener */

/* Accepts the next connection, which binds as `id`, and answers with `status`. */
static void
take_bind(struct peer *p, uint32_t id, uint32_t status)
{
    struct peer_pdu pdu;
    p->base = peer.base;
    p->listener = peer.listener;
    peer_accept(p);
    peer_expect(p, &pdu, id);
    peer_send(p, id | RESP, status, pdu.sequence, "smsc", status ? 0 : 5);
}

static bool
is_connecting(int wait_ms)
{
    return peer_wait(&peer, peer.listener, clock_monotonic_us() + wait_ms * INT64_C(1000));
}

/* A link of `n` binds, all bound: peer and others[0 … n-2]. */
static void
bound_binds(int n, int window, int parts)
{
    t.conf.binds = n;
    bound_link(window, parts);
    for (int i = 0; i < n - 1; i++) {
        take_bind(&others[i], BIND_TRX, 0);
    }
    (void)is_connecting(20); /* the last answer is read */
}

static void
drop_others(int n)
{
    for (int i = 0; i < n; i++) {
        peer_drop(&others[i]);
    }
}

static void
answer_on(struct peer *p, uint32_t sequence, const char *id)
{
    peer_send(p, (uint32_t)SUBMIT_RESP, 0, sequence, id, strlen(id) + 1);
}

static void
test_one_binds_then_the_others(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    t.conf.binds = 3;
    open_link(1);
    peer_accept(&peer);
    peer_expect(&peer, &pdu, BIND_TRX);
    assert_false(is_connecting(100)); /* not before the first is answered */
    peer_send(&peer, BIND_TRX | RESP, 0, pdu.sequence, "smsc", 5);
    take_bind(&others[0], BIND_TRX, 0);
    take_bind(&others[1], BIND_TRX, 0);
    assert_int_equal(link_state(t.link), LINK_BOUND);
    assert_false(is_connecting(50));
    drop_others(2);
}

static void
test_the_window_is_shared(void **state)
{
    (void)state;
    struct peer_pdu here, there, pdu;
    bound_binds(2, 2, 1);
    assert_int_equal(link_room(t.link, 1), 2);
    for (int i = 0; i < 3; i++) {
        (void)submit();
    }
    peer_expect(&peer, &here, SUBMIT);
    peer_expect(&others[0], &there, SUBMIT);
    assert_false(peer_next(&peer, &pdu, 30)); /* two are out: the window is full */
    assert_false(peer_next(&others[0], &pdu, 30));
    assert_int_equal(link_room(t.link, 1), 0);
    answer_on(&others[0], there.sequence, "b");
    bool here_again = peer_next(&peer, &pdu, 100) || peer_next(&others[0], &pdu, 100);
    assert_true(here_again);
    UNTIL(t.told_n == 1);
    struct link_stats stats;
    link_stats(t.link, &stats);
    assert_int_equal(stats.in_flight, 2);
    assert_int_equal(stats.parts_submitted, 3);
    drop_others(1);
}

/* Which part of its message it is: the last octet of the UDH. */
static int
part_of(const struct peer_pdu *pdu)
{
    const uint8_t *udh = memmem(pdu->b, pdu->n, "\x05\0\x03", 3);
    return udh ? udh[5] : 0;
}

static void
test_the_parts_of_a_message_stay_together(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_binds(2, 10, 3);
    (void)submit();
    (void)submit();
    for (int i = 0; i < 2; i++) {
        struct peer *p = i == 0 ? &peer : &others[0];
        char to[13] = "";
        for (int part = 1; part <= 3; part++) {
            peer_expect(p, &pdu, SUBMIT);
            assert_int_equal(part_of(&pdu), part);
            const char *digits = (const char *)pdu.b + 16 + 1 + 2 + 8 + 2;
            assert_true(part == 1 || strcmp(to, digits) == 0);
            (void)snprintf(to, sizeof to, "%.12s", digits);
            answer_on(p, pdu.sequence, "x");
        }
    }
    UNTIL(t.told_n == 2);
    assert_int_equal(t.messages[0].result, LINK_ACCEPTED);
    assert_int_equal(t.messages[1].result, LINK_ACCEPTED);
    drop_others(1);
}

static void
test_a_lost_bind_costs_only_its_own(void **state)
{
    (void)state;
    struct peer_pdu here, there;
    bound_binds(2, 10, 1);
    struct link_message *kept = submit(), *lost = submit();
    peer_expect(&peer, &here, SUBMIT);
    peer_expect(&others[0], &there, SUBMIT);
    if (strstr((const char *)here.b + 16 + 1 + 2 + 8 + 2, lost->address)) {
        struct link_message *swapped = kept;
        kept = lost;
        lost = swapped;
    }
    peer_drop(&others[0]);
    UNTIL(t.told_n == 1);
    assert_ptr_equal(t.told[0], lost);
    assert_int_equal(lost->result, LINK_UNCERTAIN);
    assert_int_equal(link_state(t.link), LINK_BOUND);
    assert_int_equal(t.downs, 0);
    assert_int_equal(link_room(t.link, 1), 9);
    answer_on(&peer, here.sequence, "a");
    UNTIL(t.told_n == 2);
    assert_int_equal(kept->result, LINK_ACCEPTED);
    take_bind(&others[0], BIND_TRX, 0); /* and it comes back */
    drop_others(1);
}

static const char receipt[] = "\0\x01\x01"
                              "84900000000\0\0\0QUANBTL\0\x04\0\0\0\0\0\0\0\0\x0b"
                              "id:a err:00";

static void
test_a_pair(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    t.conf.bind = BIND_PAIR;
    open_link(1);
    take_bind(&peer, BIND_TX, 0);
    take_bind(&others[0], BIND_RX, 0);
    UNTIL(link_state(t.link) == LINK_BOUND);
    for (int i = 0; i < 3; i++) {
        struct link_message *m = submit();
        peer_expect(&peer, &pdu, SUBMIT); /* never on the receiver */
        answer_on(&peer, pdu.sequence, "a");
        UNTIL(t.told_n == i + 1);
        assert_int_equal(m->result, LINK_ACCEPTED);
    }
    peer_send(&others[0], 5, 0, 77, receipt, sizeof receipt - 1);
    UNTIL(t.receipts == 1);
    link_answer(t.link, t.token, true);
    peer_expect(&others[0], &pdu, 5 | RESP); /* where it came from */
    assert_int_equal(pdu.sequence, 77);
    peer_drop(&peer); /* without its transmitter it cannot send */
    UNTIL(link_state(t.link) != LINK_BOUND);
    assert_int_equal(link_room(t.link, 1), 0);
    take_bind(&peer, BIND_TX, 0);
    UNTIL(link_state(t.link) == LINK_BOUND);
    drop_others(1);
}

static void
test_a_wrong_password_is_asked_once(void **state)
{
    (void)state;
    t.conf.binds = 4;
    open_link(1);
    take_bind(&peer, BIND_TRX, 0x0e);
    UNTIL(link_state(t.link) == LINK_STOPPED);
    peer_drop(&peer);
    assert_false(is_connecting(400));
}

static void
test_what_a_bind_says(void **state)
{
    (void)state;
    static const char bind[] = "\0\0\0\x23\0\0\0\x02\0\0\0\0\0\0\0\x01loa\0secret\0\0\x33\x01\x08"
                               "^84";
    struct sockaddr_in from = {0};
    socklen_t n = sizeof from;
    struct peer_pdu pdu;
    t.conf.bind = BIND_TRANSMITTER;
    t.conf.interface_version = INTERFACE_33;
    t.conf.address_ton = 1;
    t.conf.address_npi = 8;
    t.conf.address_range = "^84";
    t.conf.bind_address = "127.0.0.9";
    t.conf.keepalive_ms = 7000;
    open_link(1);
    peer_accept(&peer);
    peer_expect(&peer, &pdu, BIND_TX);
    assert_int_equal(pdu.n, sizeof bind);
    assert_memory_equal(pdu.b, bind, sizeof bind);
    assert_int_equal(getpeername(peer.fd, (struct sockaddr *)&from, &n), 0);
    assert_int_equal(ntohl(from.sin_addr.s_addr), 0x7f000009);
}

static void
test_an_address_that_is_not_ours(void **state)
{
    (void)state;
    t.conf.bind_address = "192.0.2.7";
    open_link(1);
    struct link_stats stats = {0};
    UNTIL((link_stats(t.link, &stats), stats.last_error[0] != '\0'));
    assert_string_equal(stats.last_error, "cannot connect: Cannot assign requested address");
}

static void
test_a_long_silence_is_bound_anew(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    t.conf.inactivity_ms = 200;
    bound_link(10, 1);
    peer_expect(&peer, &pdu, UNBIND);
    peer_send(&peer, UNBIND | RESP, 0, pdu.sequence, NULL, 0);
    peer_drop(&peer);
    expect_bind(0);
    UNTIL(link_state(t.link) == LINK_BOUND);
    struct link_message *m = submit(); /* a message keeps it */
    peer_expect(&peer, &pdu, SUBMIT);
    assert_false(peer_next(&peer, &pdu, 400)); /* no unbind while an answer is due */
    assert_int_equal(m->parts_open, 1);
    struct link_stats stats;
    link_stats(t.link, &stats);
    assert_string_equal(stats.last_error, "");
}

/* Connects to the link's own listener, as the SMSC. */
static void
connect_to(struct peer *p, int port, uint32_t from)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(from)};
    p->base = peer.base;
    p->in_n = 0;
    p->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(p->fd, (struct sockaddr *)&at, sizeof at), 0);
    at = (struct sockaddr_in){.sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(p->fd, (struct sockaddr *)&at, sizeof at), 0);
}

static void
test_outbind(void **state)
{
    (void)state;
    static char listen[32];
    struct peer_pdu pdu;
    static struct peer free_port;
    peer_open(&free_port, peer.base);
    peer_close(&free_port);
    (void)snprintf(listen, sizeof listen, "127.0.0.1:%d", free_port.port);
    t.conf.outbind_listen = listen;
    t.conf.outbind_password = "knock";
    bound_link(10, 1);
    connect_to(&others[0], free_port.port, 0x7f000005); /* from elsewhere: nothing is said */
    peer_send(&others[0], 0x0b, 0, 1, "smsc\0knock", 11);
    assert_false(peer_next(&others[0], &pdu, 300));
    peer_drop(&others[0]);
    connect_to(&others[0], free_port.port, INADDR_LOOPBACK);
    peer_send(&others[0], 0x0b, 0, 1, "smsc\0wrong", 11);
    assert_false(peer_next(&others[0], &pdu, 300));
    peer_drop(&others[0]);
    connect_to(&others[0], free_port.port, INADDR_LOOPBACK);
    peer_send(&others[0], 0x0b, 0, 1, "smsc\0knock", 11);
    peer_expect(&others[0], &pdu, BIND_RX);
    peer_send(&others[0], BIND_RX | RESP, 0, pdu.sequence, "smsc", 5);
    peer_send(&others[0], 5, 0, 9, receipt, sizeof receipt - 1);
    UNTIL(t.receipts == 1);
    link_answer(t.link, t.token, true);
    peer_expect(&others[0], &pdu, 5 | RESP);
    (void)submit();
    peer_expect(&peer, &pdu, SUBMIT); /* what is sent goes by our own bind */
    drop_others(1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_one_binds_then_the_others),
        TEST(test_the_window_is_shared),
        TEST(test_the_parts_of_a_message_stay_together),
        TEST(test_a_lost_bind_costs_only_its_own),
        TEST(test_a_pair),
        TEST(test_a_wrong_password_is_asked_once),
        TEST(test_what_a_bind_says),
        TEST(test_an_address_that_is_not_ours),
        TEST(test_a_long_silence_is_bound_anew),
        TEST(test_outbind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

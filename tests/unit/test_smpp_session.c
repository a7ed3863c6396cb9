/* The life of the SMPP link, and PDUs in, against an SMSC of hand-written octets. */
// SPDX-License-Identifier: MIT
#include "smpp_fixture.h"

static void
test_binds_with_these_octets(void **state)
{
    (void)state;
    static const char bind[] = "\0\0\0\x20\0\0\0\x09\0\0\0\0\0\0\0\x01loa\0secret\0\0\x34\0\0";
    struct peer_pdu pdu;
    open_link(1);
    peer_accept(&peer);
    assert_true(peer_next(&peer, &pdu, 1000));
    assert_int_equal(pdu.n, sizeof bind);
    assert_memory_equal(pdu.b, bind, sizeof bind);
    assert_int_equal(link_state(t.link), LINK_CONNECTING);
    assert_int_equal(link_room(t.link, 1), 0);
    peer_send(&peer, BIND_TRX | RESP, 0, 1, "smsc\0\x02\x10\0\x01\x34", 10);
    UNTIL(link_state(t.link) == LINK_BOUND);
    assert_int_equal(link_room(t.link, 1), 10);
    assert_int_equal(t.states_n, 2);
}

static const char receipt_body[] = "\0\x01\x01"
                                   "84900000000\0\0\0QUANBTL\0\x04\0\0\0\0\0\0\0\0\x35"
                                   "id:abc sub:001 dlvrd:001 stat:UNDELIV err:011 text:hi";

static void
test_receipts_are_answered_when_stored(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(10, 1);
    peer_send(&peer, 5, 0, 0x7001, receipt_body, sizeof receipt_body - 1);
    UNTIL(t.receipts == 1);
    assert_string_equal(t.id, "abc");
    assert_int_equal(t.receipt.state, RECEIPT_UNDELIVERED);
    assert_string_equal(t.receipt.reason, "UNDELIV");
    assert_int_equal(t.receipt.error, 11);
    assert_false(peer_next(&peer, &pdu, 20)); /* not before it is in Redis */
    link_answer(t.link, t.token, true);
    peer_expect(&peer, &pdu, 5 | RESP);
    assert_int_equal(pdu.sequence, 0x7001);
    assert_int_equal(pdu.status, 0);
    assert_int_equal(pdu.n, 17);
    peer_send(&peer, 5, 0, 0xfffffff0, receipt_body, sizeof receipt_body - 1);
    UNTIL(t.receipts == 2);
    link_answer(t.link, t.token, false);
    peer_expect(&peer, &pdu, 5 | RESP);
    assert_int_equal(pdu.sequence, 0xfffffff0);
    assert_int_equal(pdu.status, 0x64);
}

static void
test_an_answer_to_a_lost_connection_is_dropped(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(10, 1);
    peer_send(&peer, 5, 0, 1, receipt_body, sizeof receipt_body - 1);
    UNTIL(t.receipts == 1);
    peer_drop(&peer);
    UNTIL(t.downs == 1);
    expect_bind(0);
    UNTIL(link_state(t.link) == LINK_BOUND);
    link_answer(t.link, t.token, true);
    assert_false(peer_next(&peer, &pdu, 30));
}

static void
test_replies(void **state)
{
    (void)state;
    static const char body[] = "\0\x01\x01"
                               "84900000001\0\x01\x01"
                               "12345\0\0\0\0\0\0\0\0\0\0\x04STOP";
    static const char data[] = "\0\x01\x01"
                               "84900000002\0\x01\x01"
                               "12345\0\0\0\x08\x04\x24\0\x02\x1e\xa0";
    struct peer_pdu pdu;
    bound_link(10, 1);
    peer_send(&peer, 5, 0, 9, body, sizeof body - 1);
    UNTIL(t.replies == 1);
    assert_string_equal(t.reply.from, "84900000001");
    assert_string_equal(t.reply.to, "12345");
    assert_memory_equal(t.octets, "STOP", 4);
    link_answer(t.link, t.token, true);
    peer_expect(&peer, &pdu, 5 | RESP);
    peer_send(&peer, 0x103, 0, 10, data, sizeof data - 1);
    UNTIL(t.replies == 2);
    assert_int_equal(t.reply.data_coding, 8);
    assert_int_equal(t.reply.octets.n, 2);
    link_answer(t.link, t.token, true);
    peer_expect(&peer, &pdu, 0x103 | RESP);
    assert_int_equal(pdu.sequence, 10);
}

static void
test_strange_pdus_are_answered(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        uint32_t id;
        size_t body_n;
        uint32_t answer, status;
    } cases[] = {
        {"enquire_link", 0x15, 0, 0x80000015, 0},
        {"enquire_link with a body", 0x15, 1, 0x80000000, 2},
        {"broadcast_sm", 0x112, 0, 0x80000000, 3},
        {"a bind at us", 9, 0, 0x80000000, 8},
        {"deliver_sm without body", 5, 0, 0x80000005, 8},
        {"submit_multi", 0x21, 0, 0x80000000, 3},
    };
    struct peer_pdu pdu;
    bound_link(10, 1);
    peer_send(&peer, 0x102, 0, 7, "\0\0\0\0\0\0", 6); /* alert_notification: ignored */
    peer_send(&peer, 0x80000112, 0, 7, NULL, 0);      /* an unknown answer: ignored */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        peer_send(&peer, cases[i].id, 0, 100 + (uint32_t)i, "\0", cases[i].body_n);
        assert_true(peer_next(&peer, &pdu, 1000));
        if (pdu.id != cases[i].answer || pdu.status != cases[i].status || pdu.sequence != 100 + i) {
            fail_msg("%s: id %x status %u", cases[i].label, pdu.id, pdu.status);
        }
    }
}

/* One now and then does no harm; a connection of nothing else is given up. */
static void
test_too_many_strange_pdus_close(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(10, 1);
    for (uint32_t i = 0; i < 150; i++) {
        peer_send(&peer, 0x112, 0, i, NULL, 0);
        peer_send(&peer, ENQUIRE, 0, i, NULL, 0);
        peer_expect(&peer, &pdu, 0x80000000);
        peer_expect(&peer, &pdu, ENQUIRE | RESP);
    }
    assert_int_equal(t.downs, 0);
    for (uint32_t i = 0; i < 101; i++) {
        peer_send(&peer, 0x112, 0, i, NULL, 0);
    }
    UNTIL(t.downs == 1);
}

static void
test_an_impossible_length_closes(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(10, 1);
    assert_int_equal(send(peer.fd, "\x7f\xff\xff\xff\0\0\0\x15", 8, 0), 8);
    assert_false(peer_next(&peer, &pdu, 1000));
    UNTIL(t.downs == 1);
}

static void
test_a_wrong_password_stops_the_link(void **state)
{
    (void)state;
    open_link(1);
    expect_bind(0x0e);
    UNTIL(link_state(t.link) == LINK_STOPPED);
    struct link_stats stats;
    link_stats(t.link, &stats);
    assert_non_null(strstr(stats.last_error, "invalid-password"));
    peer_drop(&peer);
    assert_false(peer_wait(&peer, peer.listener, clock_monotonic_us() + 600000));
    link_start(t.link); /* the password was put right */
    expect_bind(0);
    UNTIL(link_state(t.link) == LINK_BOUND);
}

static void
test_a_refused_bind_is_tried_again(void **state)
{
    (void)state;
    open_link(1);
    expect_bind(0x0d);
    UNTIL(t.downs == 1);
    peer_drop(&peer);
    expect_bind(0);
    UNTIL(link_state(t.link) == LINK_BOUND);
}

static void
test_silence_is_asked_and_then_dead(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    t.conf.enquire_ms = 50;
    t.conf.response_ms = 80;
    bound_link(10, 1);
    peer_expect(&peer, &pdu, ENQUIRE);
    peer_send(&peer, ENQUIRE | RESP, 0, pdu.sequence, NULL, 0);
    peer_expect(&peer, &pdu, ENQUIRE); /* it lives; now it stays silent */
    UNTIL(t.downs == 1);
    peer_drop(&peer);
    expect_bind(0);
}

static void
test_an_unanswered_bind_is_given_up(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    t.conf.response_ms = 60;
    open_link(1);
    peer_accept(&peer);
    peer_expect(&peer, &pdu, BIND_TRX);
    UNTIL(t.downs == 1);
}

static void
test_the_peer_unbinds(void **state)
{
    (void)state;
    struct peer_pdu sent, pdu;
    bound_link(10, 1);
    struct link_message *m = submit();
    peer_expect(&peer, &sent, SUBMIT);
    peer_send(&peer, 6, 0, 77, NULL, 0);
    peer_expect(&peer, &pdu, 6 | RESP);
    assert_int_equal(pdu.sequence, 77);
    assert_int_equal(link_room(t.link, 1), 0);
    answer(sent.sequence, 0, "still answered");
    UNTIL(t.told_n == 1);
    assert_int_equal(m->result, LINK_ACCEPTED);
    struct link_message *late = submit();
    UNTIL(t.told_n == 2);
    assert_int_equal(late->result, LINK_NOT_WRITTEN);
    peer_drop(&peer);
    expect_bind(0);
    UNTIL(link_state(t.link) == LINK_BOUND);
}

static void
test_the_host_may_be_a_name(void **state)
{
    (void)state;
    t.conf.host = "localhost";
    open_link(1);
    expect_bind(0);
    UNTIL(link_state(t.link) == LINK_BOUND);
}

static void
test_a_host_that_is_not_there(void **state)
{
    (void)state;
    peer_close(&peer);
    open_link(1);
    struct link_stats stats = {0};
    UNTIL((link_stats(t.link, &stats), stats.last_error[0] != '\0'));
    assert_string_equal(stats.last_error, "cannot connect: Connection refused");
    peer_open(&peer, peer.base);
}

/* A burst of receipts whose answers are out: the ones beyond what is kept are asked for again. */
static void
test_receipts_are_bounded(void **state)
{
    (void)state;
    enum { KEPT = 10000, MORE = 5 };
    struct peer_pdu pdu;
    bound_link(10, 1);
    for (uint32_t i = 1; i <= KEPT + MORE; i++) {
        peer_send(&peer, 5, 0, i, receipt_body, sizeof receipt_body - 1);
        (void)event_base_loop(peer.base, EVLOOP_NONBLOCK);
    }
    for (uint32_t i = 1; i <= MORE; i++) {
        peer_expect(&peer, &pdu, 5 | RESP);
        assert_int_equal(pdu.sequence, KEPT + i);
        assert_int_equal(pdu.status, 0x14);
    }
    assert_int_equal(t.receipts, KEPT);
}

static const struct {
    const char *label, *says;
    struct conf_link conf;
} wrong[] = {
    {"tls", "ca_file", {.host = "h", .tls = true, .tls_ca_file = "/etc/hostname"}},
    {"outbind", "no numeric", {.host = "h", .outbind_listen = "here:1"}},
    {"range", "40", {.host = "h", .address_range = "12345678901234567890123456789012345678901"}},
    {"no host", "host", {.port = 2775}},
    {"long name", "source", {.host = "h", .source = "TWELVE CHARS"}},
    {"long number", "source", {.host = "h", .source = "1234567890123456"}},
    {"name with marks", "ASCII", {.host = "h", .source = "Ph\xc6\xb0\xe1\xbb\x9dng"}},
    {"system_id", "15", {.host = "h", .system_id = "1234567890123456"}},
    {"password", "8", {.host = "h", .password = "123456789"}},
};

static void
test_wrong_configurations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct conf_link conf = wrong[i].conf;
        struct err err = {0};
        conf.name = "vina";
        struct link *link = link_new(peer.base, &conf, &events, &err);
        if (link || err.code != ERR_CONFIG || !strstr(err.text, wrong[i].says) ||
            !strstr(err.text, "vina")) {
            fail_msg("%s: '%s'", wrong[i].label, err.text);
        }
    }
}

static void
test_drain(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(2, 1);
    for (int i = 0; i < 3; i++) {
        (void)submit();
    }
    peer_expect(&peer, &pdu, SUBMIT);
    uint32_t first = pdu.sequence;
    peer_expect(&peer, &pdu, SUBMIT);
    link_drain(t.link, 2000);
    UNTIL(t.told_n == 1);
    assert_int_equal(t.messages[2].result, LINK_NOT_WRITTEN);
    answer(first, 0, "a");
    answer(pdu.sequence, 0, "b");
    peer_expect(&peer, &pdu, 6);
    assert_int_equal(t.told_n, 3);
    assert_int_equal(t.messages[1].result, LINK_ACCEPTED);
    peer_send(&peer, 6 | RESP, 0, pdu.sequence, NULL, 0);
    UNTIL(link_state(t.link) == LINK_STOPPED);
    assert_int_equal(t.states[(t.states_n - 1) % 64], LINK_STOPPED);
    link_start(t.link); /* and it can be started again */
    peer_drop(&peer);
    expect_bind(0);
    UNTIL(link_state(t.link) == LINK_BOUND);
}

static void
test_drain_ends_without_answers(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(2, 1);
    struct link_message *m = submit();
    peer_expect(&peer, &pdu, SUBMIT);
    link_drain(t.link, 50);
    peer_expect(&peer, &pdu, 6);
    peer_drop(&peer);
    UNTIL(link_state(t.link) == LINK_STOPPED);
    assert_int_equal(t.told_n, 1);
    assert_int_equal(m->result, LINK_UNCERTAIN);
}

static void
test_drain_of_what_is_not_bound(void **state)
{
    (void)state;
    peer_drop(&peer);
    open_link(1);
    link_drain(t.link, 1000);
    UNTIL(t.states_n > 0 && t.states[(t.states_n - 1) % 64] == LINK_STOPPED);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_binds_with_these_octets),
        TEST(test_receipts_are_answered_when_stored),
        TEST(test_an_answer_to_a_lost_connection_is_dropped),
        TEST(test_replies),
        TEST(test_strange_pdus_are_answered),
        TEST(test_too_many_strange_pdus_close),
        TEST(test_an_impossible_length_closes),
        TEST(test_a_wrong_password_stops_the_link),
        TEST(test_a_refused_bind_is_tried_again),
        TEST(test_silence_is_asked_and_then_dead),
        TEST(test_an_unanswered_bind_is_given_up),
        TEST(test_the_peer_unbinds),
        TEST(test_the_host_may_be_a_name),
        TEST(test_a_host_that_is_not_there),
        TEST(test_receipts_are_bounded),
        TEST(test_wrong_configurations),
        TEST(test_drain),
        TEST(test_drain_ends_without_answers),
        TEST(test_drain_of_what_is_not_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

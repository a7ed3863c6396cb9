/* The SMPP link against an SMSC of hand-written octets. */
// SPDX-License-Identifier: MIT
#include "smpp_peer.h"

#include "gateway/base/log.h"
#include "gateway/links/link.h"

enum { BIND_TRX = 9, SUBMIT = 4, SUBMIT_RESP = (int)0x80000004, ENQUIRE = 0x15, MESSAGES = 20000 };
#define RESP 0x80000000u

static struct peer peer;
static struct {
    struct link *link;
    struct conf_link conf;
    struct link_text *text;
    struct link_message messages[MESSAGES], *told[MESSAGES];
    int submitted, told_n, turns, states_n;
    enum link_state states[64];
    struct link_receipt receipt;
    struct link_reply reply;
    char id[80], octets[64];
    uint64_t token;
    int receipts, replies;
} t;

static void
on_outcome(void *ctx, struct link *link, struct link_message *message)
{
    (void)ctx;
    (void)link;
    t.told[t.told_n++] = message;
}

static void
on_receipt(void *ctx, struct link *link, const struct link_receipt *r, uint64_t token)
{
    (void)ctx;
    (void)link;
    t.receipt = *r;
    memcpy(t.id, r->id.p, r->id.n);
    t.id[r->id.n] = '\0';
    t.token = token;
    t.receipts++;
}

static void
on_reply(void *ctx, struct link *link, const struct link_reply *r, uint64_t token)
{
    (void)ctx;
    (void)link;
    t.reply = *r;
    memcpy(t.octets, r->octets.p, r->octets.n);
    t.token = token;
    t.replies++;
}

static void
on_state(void *ctx, struct link *link, enum link_state state, const char *why)
{
    (void)ctx;
    (void)link;
    (void)why;
    t.states[t.states_n++ % 64] = state;
}

static void
on_turn(void *ctx, struct link *link)
{
    (void)ctx;
    (void)link;
    t.turns++;
}

static const struct link_events events = {NULL,     on_outcome, on_receipt,
                                          on_reply, on_state,   on_turn};

static struct segments
segments_of(int parts)
{
    struct segments s = {.encoding = ENCODING_GSM7, .n = parts};
    for (int i = 0; i < parts; i++) {
        s.part[i].n = 5;
        memcpy(s.part[i].octets, "Hello", 5);
    }
    return s;
}

static void
open_link(int parts)
{
    struct err err = {0};
    t.conf.port = peer.port;
    t.link = link_new(peer.base, &t.conf, &events, &err);
    assert_non_null(t.link);
    struct segments s = segments_of(parts);
    t.text = link_text_new(t.link, &s, 0x1234, &err);
    assert_non_null(t.text);
    assert_int_equal(link_text_parts(t.text), parts);
    assert_int_equal(link_state(t.link), LINK_STOPPED);
    link_start(t.link);
}

static void
expect_bind(uint32_t status)
{
    struct peer_pdu pdu;
    peer_accept(&peer);
    peer_expect(&peer, &pdu, BIND_TRX);
    peer_send(&peer, BIND_TRX | RESP, status, pdu.sequence, "smsc", status ? 0 : 5);
}

#define UNTIL(condition)                                                                           \
    for (int64_t end_us = peer_deadline(); !(condition);) {                                        \
        if (clock_monotonic_us() > end_us) {                                                       \
            fail_msg("in vain: %s", #condition);                                                   \
        }                                                                                          \
        (void)event_base_loop(peer.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);                           \
        (void)poll(NULL, 0, 0);                                                                    \
    }

static void
bound_link(int window, int parts)
{
    t.conf.window = window;
    open_link(parts);
    expect_bind(0);
    UNTIL(link_state(t.link) == LINK_BOUND);
}

static struct link_message *
submit(void)
{
    struct link_message *m = &t.messages[t.submitted];
    m->text = t.text;
    (void)snprintf(m->address, sizeof m->address, "84%09d", 900000000 + t.submitted++);
    link_submit(t.link, m);
    return m;
}

static void
answer(uint32_t sequence, uint32_t status, const char *id)
{
    peer_send(&peer, (uint32_t)SUBMIT_RESP, status, sequence, id, id ? strlen(id) + 1 : 0);
}

static int
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

static int
teardown(void **state)
{
    (void)state;
    link_text_free(&t.text);
    link_free(&t.link);
    peer_close(&peer);
    event_base_free(peer.base);
    return 0;
}

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
    assert_int_equal(link_room(t.link), 0);
    peer_send(&peer, BIND_TRX | RESP, 0, 1, "smsc\0\x02\x10\0\x01\x34", 10);
    UNTIL(link_state(t.link) == LINK_BOUND);
    assert_int_equal(link_room(t.link), 10);
    assert_int_equal(t.states_n, 2);
}

static void
test_a_message_is_these_octets(void **state)
{
    (void)state;
    static const char body[] = "\0\x05\0QUANBTL\0\x01\x01"
                               "84900000000\0\0\0\0\0\0\x01\0\0\0\x05Hello";
    struct peer_pdu pdu;
    bound_link(10, 1);
    struct link_message *m = submit();
    assert_int_equal(link_room(t.link), 9);
    peer_expect(&peer, &pdu, SUBMIT);
    assert_int_equal(pdu.n, 16 + sizeof body - 1);
    assert_memory_equal(pdu.b + 16, body, sizeof body - 1);
    answer(pdu.sequence, 0, "id-1");
    UNTIL(t.told_n == 1);
    assert_ptr_equal(t.told[0], m);
    assert_int_equal(m->result, LINK_ACCEPTED);
    assert_int_equal(m->status, 0);
    assert_string_equal(m->ids[0], "id-1");
    assert_int_equal(m->parts_written, 1);
    assert_true(m->submitted_s > 1700000000);
    assert_int_equal(link_room(t.link), 10);
}

static void
test_answers_out_of_order(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    uint32_t sequences[5];
    bound_link(5, 1);
    for (int i = 0; i < 5; i++) {
        (void)submit();
    }
    for (int i = 0; i < 5; i++) {
        peer_expect(&peer, &pdu, SUBMIT);
        sequences[i] = pdu.sequence;
    }
    answer(sequences[4] + 99, 0, "no such part");
    for (int i = 4; i >= 0; i--) {
        char id[8];
        (void)snprintf(id, sizeof id, "id-%d", i);
        answer(sequences[i], 0, id);
    }
    answer(sequences[2], 0, "again");
    struct link_stats stats = {0};
    UNTIL((link_stats(t.link, &stats), stats.unknown_answers == 2));
    assert_int_equal(t.told_n, 5);
    for (int i = 0; i < 5; i++) {
        char id[8];
        (void)snprintf(id, sizeof id, "id-%d", i);
        assert_string_equal(t.messages[i].ids[0], id);
        assert_ptr_equal(t.told[4 - i], &t.messages[i]);
    }
    assert_int_equal(stats.parts_submitted, 5);
    assert_int_equal(stats.in_flight, 0);
}

static const struct {
    const char *label;
    uint32_t id, status;
    enum link_result result;
} refusals[] = {
    {"invalid destination", (uint32_t)SUBMIT_RESP, 0x0b, LINK_PERMANENT},
    {"system error", (uint32_t)SUBMIT_RESP, 0x08, LINK_TEMPORARY},
    {"a vendor's own", (uint32_t)SUBMIT_RESP, 0x401, LINK_TEMPORARY},
    {"a nack", 0x80000000u, 0x03, LINK_PERMANENT},
    {"a nack without a status", 0x80000000u, 0, LINK_TEMPORARY},
};

static void
test_refusals(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(5, 1);
    for (int i = 0; i < (int)(sizeof refusals / sizeof *refusals); i++) {
        struct link_message *m = submit();
        peer_expect(&peer, &pdu, SUBMIT);
        peer_send(&peer, refusals[i].id, refusals[i].status, pdu.sequence, NULL, 0);
        UNTIL(t.told_n == i + 1);
        if (m->result != refusals[i].result ||
            (refusals[i].status && m->status != refusals[i].status)) {
            fail_msg("%s: result %d status %x", refusals[i].label, m->result, m->status);
        }
    }
}

static void
test_throttled_goes_again(void **state)
{
    (void)state;
    static const uint32_t statuses[] = {0x58, 0x14};
    struct peer_pdu first, again;
    bound_link(3, 1);
    struct link_message *m = submit();
    peer_expect(&peer, &first, SUBMIT);
    for (int i = 0; i < 2; i++) {
        answer(first.sequence, statuses[i], NULL);
        UNTIL(link_state(t.link) == LINK_THROTTLED && link_room(t.link) == 0);
        peer_expect(&peer, &again, SUBMIT);
        assert_true(again.sequence != first.sequence);
        assert_int_equal(again.n, first.n);
        assert_memory_equal(again.b + 16, first.b + 16, first.n - 16);
        first = again;
    }
    assert_int_equal(t.told_n, 0);
    answer(first.sequence, 0, "at last");
    UNTIL(t.told_n == 1);
    struct link_stats stats;
    link_stats(t.link, &stats);
    assert_int_equal(stats.throttled, 2);
    assert_int_equal(stats.parts_submitted, 3);
    assert_int_equal(m->result, LINK_ACCEPTED);
    assert_int_equal(m->parts_written, 1);
    assert_string_equal(m->ids[0], "at last");
}

static void
test_no_answer_is_uncertain(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    t.conf.response_ms = 100;
    bound_link(2, 1);
    struct link_message *m = submit();
    peer_expect(&peer, &pdu, SUBMIT);
    UNTIL(t.told_n == 1);
    assert_int_equal(m->result, LINK_UNCERTAIN);
    assert_int_equal(link_room(t.link), 2);
    answer(pdu.sequence, 0, "late");
    struct link_stats stats = {0};
    UNTIL((link_stats(t.link, &stats), stats.unknown_answers == 1));
    assert_int_equal(t.told_n, 1);
}

static void
test_lost_connection(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(2, 1);
    for (int i = 0; i < 4; i++) {
        (void)submit();
    }
    peer_expect(&peer, &pdu, SUBMIT);
    peer_expect(&peer, &pdu, SUBMIT);
    peer_drop(&peer);
    UNTIL(t.told_n == 4);
    assert_int_equal(t.messages[0].result, LINK_UNCERTAIN);
    assert_int_equal(t.messages[1].result, LINK_UNCERTAIN);
    assert_int_equal(t.messages[2].result, LINK_NOT_WRITTEN);
    assert_int_equal(t.messages[3].result, LINK_NOT_WRITTEN);
    assert_int_equal(t.messages[3].parts_written, 0);
    UNTIL(link_state(t.link) == LINK_DOWN);
    expect_bind(0); /* by itself */
    UNTIL(link_state(t.link) == LINK_BOUND);
    assert_int_equal(link_room(t.link), 2);
}

/* The socket takes part of the stream: exactly the messages of which an octet went are uncertain.
 */
static void
test_what_never_reached_the_socket(void **state)
{
    (void)state;
    int small = 4096, uncertain = 0;
    assert_int_equal(setsockopt(peer.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    bound_link(MESSAGES, 1);
    struct segments s = segments_of(1);
    struct err err;
    s.part[0].n = 160;
    memset(s.part[0].octets, 'x', 160);
    link_text_free(&t.text);
    t.text = link_text_new(t.link, &s, 1, &err);
    assert_non_null(t.text);
    for (int i = 0; i < MESSAGES; i++) {
        (void)submit();
    }
    struct link_stats stats = {0};
    uint64_t before = 0;
    UNTIL((link_stats(t.link, &stats), stats.parts_submitted > 0));
    for (int turns = 0; turns < 50; turns++) { /* until the kernel takes no more */
        (void)event_base_loop(peer.base, EVLOOP_NONBLOCK);
    }
    link_stats(t.link, &stats);
    before = stats.parts_submitted;
    peer_drop(&peer);
    UNTIL(t.told_n == MESSAGES);
    for (int i = 0; i < MESSAGES; i++) {
        uncertain += t.messages[i].result == LINK_UNCERTAIN;
        assert_true(t.messages[i].result == LINK_UNCERTAIN ||
                    t.messages[i].result == LINK_NOT_WRITTEN);
        assert_true(i == 0 || t.messages[i - 1].result == LINK_UNCERTAIN ||
                    t.messages[i].result == LINK_NOT_WRITTEN);
    }
    link_stats(t.link, &stats);
    assert_int_equal(stats.parts_submitted, uncertain);
    assert_in_range(stats.parts_submitted, before, MESSAGES - 1);
}

static void
test_three_parts_in_a_window_of_two(void **state)
{
    (void)state;
    enum { ROUNDS = 40 };
    struct peer_pdu pdu;
    bound_link(2, 3);
    assert_int_equal(link_room(t.link), 2);
    for (int i = 0; i < ROUNDS; i++) {
        (void)submit();
    }
    for (int i = 0; i < ROUNDS * 3; i++) {
        static const char udh[] = "\x05\0\x03\x34\x03";
        peer_expect(&peer, &pdu, SUBMIT);
        const uint8_t *message = pdu.b + pdu.n - 11;
        assert_memory_equal(message, udh, 5);
        assert_int_equal(message[5], i % 3 + 1); /* the parts leave in order */
        char id[16];
        (void)snprintf(id, sizeof id, "%d.%d", i / 3, i % 3);
        answer(pdu.sequence, 0, id);
    }
    UNTIL(t.told_n == ROUNDS);
    for (int i = 0; i < ROUNDS; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%d.2", i);
        assert_int_equal(t.messages[i].result, LINK_ACCEPTED);
        assert_string_equal(t.messages[i].ids[2], id);
        assert_int_equal(t.messages[i].parts_answered, 3);
    }
}

static void
test_the_window_is_kept(void **state)
{
    (void)state;
    struct peer_pdu pdu, more;
    bound_link(2, 3);
    (void)submit();
    peer_expect(&peer, &pdu, SUBMIT);
    peer_expect(&peer, &more, SUBMIT);
    assert_false(peer_next(&peer, &more, 30)); /* no third before an answer */
    answer(pdu.sequence, 0, "a");
    peer_expect(&peer, &more, SUBMIT);
}

static void
test_a_refused_part_decides(void **state)
{
    (void)state;
    struct peer_pdu pdu[3];
    bound_link(10, 3);
    struct link_message *m = submit();
    for (int i = 0; i < 3; i++) {
        peer_expect(&peer, &pdu[i], SUBMIT);
    }
    answer(pdu[2].sequence, 0, "c");
    answer(pdu[0].sequence, 0x08, NULL);
    answer(pdu[1].sequence, 0x0b, NULL);
    UNTIL(t.told_n == 1);
    assert_int_equal(m->result, LINK_PERMANENT);
    assert_int_equal(m->status, 0x0b);
    assert_string_equal(m->ids[2], "c");
}

static void
test_a_part_without_answer_makes_it_uncertain(void **state)
{
    (void)state;
    struct peer_pdu pdu[3];
    bound_link(10, 3);
    struct link_message *m = submit();
    for (int i = 0; i < 3; i++) {
        peer_expect(&peer, &pdu[i], SUBMIT);
    }
    answer(pdu[0].sequence, 0, "a");
    answer(pdu[1].sequence, 0x08, NULL);
    UNTIL(m->parts_answered == 2);
    peer_drop(&peer);
    UNTIL(t.told_n == 1);
    assert_int_equal(m->result, LINK_UNCERTAIN);
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
    UNTIL(link_state(t.link) == LINK_DOWN);
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

static void
test_an_impossible_length_closes(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(10, 1);
    assert_int_equal(send(peer.fd, "\x7f\xff\xff\xff\0\0\0\x15", 8, 0), 8);
    assert_false(peer_next(&peer, &pdu, 1000));
    UNTIL(link_state(t.link) == LINK_DOWN);
}

static void
test_a_wrong_password_is_tried_slowly(void **state)
{
    (void)state;
    open_link(1);
    expect_bind(0x0e);
    UNTIL(link_state(t.link) == LINK_DOWN);
    struct link_stats stats;
    link_stats(t.link, &stats);
    assert_non_null(strstr(stats.last_error, "invalid password"));
    peer_drop(&peer);
    assert_false(peer_wait(&peer, peer.listener, clock_monotonic_us() + 600000));
}

static void
test_a_refused_bind_is_tried_again(void **state)
{
    (void)state;
    open_link(1);
    expect_bind(0x0d);
    UNTIL(link_state(t.link) == LINK_DOWN);
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
    UNTIL(link_state(t.link) == LINK_DOWN);
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
    UNTIL(link_state(t.link) == LINK_DOWN);
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
    assert_int_equal(link_room(t.link), 0);
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

static void
test_rate(void **state)
{
    (void)state;
    enum { N = 100, RATE = 200 };
    struct peer_pdu pdu;
    int64_t times[N];
    t.conf.rate = RATE;
    bound_link(N, 1);
    assert_in_range(link_room(t.link), 1, 9); /* what may leave in 20 ms, and the catch-up */
    for (int i = 0; i < N; i++) {
        (void)submit();
    }
    for (int i = 0; i < N; i++) {
        peer_expect(&peer, &pdu, SUBMIT);
        times[i] = clock_monotonic_us();
    }
    int64_t took_us = times[N - 1] - times[0];
    assert_in_range(took_us, 440000, 800000); /* 99 parts of 200/s, 20 ms of them at once */
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_binds_with_these_octets),
        TEST(test_a_message_is_these_octets),
        TEST(test_answers_out_of_order),
        TEST(test_refusals),
        TEST(test_throttled_goes_again),
        TEST(test_no_answer_is_uncertain),
        TEST(test_lost_connection),
        TEST(test_what_never_reached_the_socket),
        TEST(test_three_parts_in_a_window_of_two),
        TEST(test_the_window_is_kept),
        TEST(test_a_refused_part_decides),
        TEST(test_a_part_without_answer_makes_it_uncertain),
        TEST(test_receipts_are_answered_when_stored),
        TEST(test_an_answer_to_a_lost_connection_is_dropped),
        TEST(test_replies),
        TEST(test_strange_pdus_are_answered),
        TEST(test_an_impossible_length_closes),
        TEST(test_a_wrong_password_is_tried_slowly),
        TEST(test_a_refused_bind_is_tried_again),
        TEST(test_silence_is_asked_and_then_dead),
        TEST(test_an_unanswered_bind_is_given_up),
        TEST(test_the_peer_unbinds),
        TEST(test_drain),
        TEST(test_drain_ends_without_answers),
        TEST(test_drain_of_what_is_not_bound),
        TEST(test_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

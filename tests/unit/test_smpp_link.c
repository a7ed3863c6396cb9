/* Messages over the SMPP link, against an SMSC of hand-written octets. */
// SPDX-License-Identifier: MIT
#include "smpp_fixture.h"

static void
test_a_message_is_these_octets(void **state)
{
    (void)state;
    static const char body[] = "\0\x05\0QUANBTL\0\x01\x01"
                               "84900000000\0\0\0\0\0\0\x01\0\0\0\x05Hello";
    struct peer_pdu pdu;
    bound_link(10, 1);
    struct link_message *m = submit();
    assert_int_equal(link_room(t.link, 1), 9);
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
    assert_int_equal(link_room(t.link, 1), 10);
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
        char id[16];
        (void)snprintf(id, sizeof id, "id-%d", i);
        answer(sequences[i], 0, id);
    }
    answer(sequences[2], 0, "again");
    struct link_stats stats = {0};
    UNTIL((link_stats(t.link, &stats), stats.unknown_answers == 2));
    assert_int_equal(t.told_n, 5);
    for (int i = 0; i < 5; i++) {
        char id[16];
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
        UNTIL(link_state(t.link) == LINK_THROTTLED);
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
    assert_int_equal(link_room(t.link, 1),
                     0); /* nothing more before the SMSC shows that it lives */
    answer(pdu.sequence, 0, "late");
    UNTIL(t.lates == 1);
    assert_string_equal(t.id, "late");
    assert_string_equal(t.late_address, m->address);
    assert_int_equal(t.late_reference, m->reference);
    assert_int_equal(t.wholes, 1);
    answer(pdu.sequence, 0, "later still");
    struct link_stats stats = {0};
    UNTIL((link_stats(t.link, &stats), stats.unknown_answers == 1));
    assert_int_equal(t.told_n, 1);
    assert_int_equal(t.lates, 1);
    assert_int_equal(link_room(t.link, 1), 2);
}

/* Half open: the SMSC is asked as soon as a part has no answer, and what waits is not risked. */
static void
test_after_no_answer_it_is_asked(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    t.conf.response_ms = 100;
    bound_link(2, 1);
    (void)submit();
    peer_expect(&peer, &pdu, SUBMIT);
    UNTIL(t.told_n == 1);
    struct link_message *waiting = submit();
    peer_expect(&peer, &pdu, ENQUIRE); /* and not the submit_sm */
    peer_send(&peer, ENQUIRE | RESP, 0, pdu.sequence, NULL, 0);
    peer_expect(&peer, &pdu, SUBMIT);
    answer(pdu.sequence, 0, "b");
    UNTIL(t.told_n == 2);
    assert_int_equal(waiting->result, LINK_ACCEPTED);
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
    UNTIL(t.downs == 1);
    expect_bind(0); /* by itself */
    UNTIL(link_state(t.link) == LINK_BOUND);
    assert_int_equal(link_room(t.link, 1), 2);
}

/* Parts that fill the socket's buffers. */
static void
long_text(int parts)
{
    static char octets[SEGMENT_MAX * 153];
    struct err err;
    memset(octets, 'x', sizeof octets);
    const struct link_content content = {.text = {octets, (size_t)parts * 153}};
    link_text_free(&t.text);
    t.text = link_text_new(t.link, &content, &err);
    assert_non_null(t.text);
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
    long_text(1);
    for (int i = 0; i < MESSAGES; i++) {
        (void)submit();
    }
    struct link_stats stats = {0};
    uint64_t before = 1;
    for (int same = 0; same < 20; same++) { /* until the kernel takes no more */
        (void)event_base_loop(peer.base, EVLOOP_NONBLOCK);
        (void)poll(NULL, 0, 1);
        link_stats(t.link, &stats);
        same = stats.parts_submitted == before ? same : 0;
        before = stats.parts_submitted;
    }
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
    assert_int_equal(before, uncertain);
    assert_in_range(uncertain, 1, MESSAGES - 1);
}

static void
test_three_parts_in_a_window_of_two(void **state)
{
    (void)state;
    enum { ROUNDS = 40 };
    struct peer_pdu pdu;
    bound_link(2, 3);
    assert_int_equal(link_room(t.link, 3), 2);
    for (int i = 0; i < ROUNDS; i++) {
        (void)submit();
    }
    for (int i = 0; i < ROUNDS * 3; i++) {
        static const char udh[] = "\x05\0\x03\x34\x03";
        peer_expect(&peer, &pdu, SUBMIT);
        const uint8_t *message = message_of(&pdu);
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
test_parts_that_were_taken_do_not_go_again(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(2, 3); /* two parts are due: they fit the window */
    struct link_message *m = &t.messages[0], *next = &t.messages[1];
    m->parts_taken = 2;
    (void)snprintf(m->ids[1], sizeof m->ids[1], "before");
    (void)submit();
    (void)submit();
    for (int part = 1; part <= 3; part += 2) {
        peer_expect(&peer, &pdu, SUBMIT);
        assert_int_equal(message_of(&pdu)[5], part);
        answer(pdu.sequence, part == 1 ? 0 : 0x45, "now");
    }
    UNTIL(t.told_n == 1);
    assert_int_equal(m->result, LINK_TEMPORARY);
    assert_int_equal(m->parts_taken, 3);
    assert_int_equal(m->parts_written, 2);
    assert_string_equal(m->ids[0], "now");
    assert_string_equal(m->ids[1], "before");
    assert_string_equal(m->ids[2], "");
    peer_expect(&peer, &pdu, SUBMIT); /* the next message begins with its first */
    assert_int_equal(message_of(&pdu)[5], 1);
    assert_int_equal(next->parts_taken, 0);
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

static int64_t lease_us; /* until when messages may be written */

static void
test_nothing_is_written_past_the_lease(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(10, 1);
    t.messages[0].write_before_us = t.messages[1].write_before_us = &lease_us;
    lease_us = clock_monotonic_us() - 1;
    struct link_message *late = submit();
    UNTIL(t.told_n == 1);
    assert_int_equal(late->result, LINK_NOT_WRITTEN);
    assert_false(peer_next(&peer, &pdu, 20));
    lease_us = INT64_MAX; /* renewed */
    (void)submit();
    peer_expect(&peer, &pdu, SUBMIT);
}

static void
test_a_lease_that_ends_between_parts(void **state)
{
    (void)state;
    struct peer_pdu first, second, third;
    bound_link(2, 3);
    t.messages[0].write_before_us = &lease_us;
    lease_us = INT64_MAX;
    struct link_message *m = submit(), *next = submit();
    peer_expect(&peer, &first, SUBMIT);
    peer_expect(&peer, &second, SUBMIT);
    lease_us = 1;
    answer(first.sequence, 0, "a");
    answer(second.sequence, 0, "b");
    peer_expect(&peer, &third, SUBMIT); /* of the next message */
    assert_int_equal(message_of(&third)[5], 1);
    assert_int_equal(t.told_n, 1);
    assert_int_equal(m->result, LINK_UNCERTAIN);
    assert_int_equal(m->parts_written, 2);
    assert_ptr_not_equal(t.told[0], next);
}

static void
test_a_lease_that_ends_in_a_pause(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    bound_link(2, 1);
    t.messages[0].write_before_us = &lease_us;
    lease_us = INT64_MAX;
    struct link_message *m = submit();
    peer_expect(&peer, &pdu, SUBMIT);
    lease_us = 1;
    answer(pdu.sequence, 0x58, NULL);
    UNTIL(t.told_n == 1);
    assert_int_equal(m->result, LINK_TEMPORARY);
    assert_int_equal(m->status, 0x58);
}

/* As when the process is stopped while the socket is full, and goes on too late. */
static void
test_a_lease_that_ends_in_the_buffer(void **state)
{
    (void)state;
    int small = 4096, uncertain = 0, unwritten = 0;
    assert_int_equal(setsockopt(peer.listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    bound_link(MESSAGES, 10);
    long_text(10);
    lease_us = INT64_MAX;
    for (int i = 0; i < MESSAGES / 10; i++) {
        t.messages[i].write_before_us = &lease_us;
        (void)submit();
    }
    UNTIL(link_room(t.link, 1) == 0 || t.messages[0].parts_written > 0);
    for (int i = 0; i < 20; i++) {
        (void)event_base_loop(peer.base, EVLOOP_NONBLOCK);
    }
    lease_us = 1;
    for (int64_t end_us = peer_deadline();
         t.downs == 0 &&
         clock_monotonic_us() < end_us;) { /* the peer reads: there is room in the socket again */
        (void)recv(peer.fd, peer.in, sizeof peer.in, MSG_DONTWAIT);
        (void)event_base_loop(peer.base, EVLOOP_NONBLOCK);
    }
    for (int i = 0; i < MESSAGES / 10; i++) {
        uncertain += t.messages[i].result == LINK_UNCERTAIN;
        unwritten += t.messages[i].result == LINK_NOT_WRITTEN;
    }
    assert_int_equal(uncertain + unwritten, MESSAGES / 10);
    assert_true(uncertain > 0 && unwritten > 0);
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
    assert_in_range(link_room(t.link, 1), 1, 9); /* what may leave in 20 ms, and the catch-up */
    assert_int_equal(link_room(t.link, 10), 10); /* a whole message always */
    assert_int_equal(link_rate(t.link), RATE);
    for (int i = 0; i < N; i++) {
        (void)submit();
    }
    for (int i = 0; i < N; i++) {
        peer_expect(&peer, &pdu, SUBMIT);
        times[i] = clock_monotonic_us();
    }
    int64_t took_us = times[N - 1] - times[0];
    assert_in_range(took_us, 440000, 2000000); /* 99 parts of 200/s, 20 ms of them at once */
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_message_is_these_octets),
        TEST(test_answers_out_of_order),
        TEST(test_refusals),
        TEST(test_throttled_goes_again),
        TEST(test_no_answer_is_uncertain),
        TEST(test_after_no_answer_it_is_asked),
        TEST(test_lost_connection),
        TEST(test_what_never_reached_the_socket),
        TEST(test_three_parts_in_a_window_of_two),
        TEST(test_the_window_is_kept),
        TEST(test_a_refused_part_decides),
        TEST(test_parts_that_were_taken_do_not_go_again),
        TEST(test_a_part_without_answer_makes_it_uncertain),
        TEST(test_nothing_is_written_past_the_lease),
        TEST(test_a_lease_that_ends_between_parts),
        TEST(test_a_lease_that_ends_in_a_pause),
        TEST(test_a_lease_that_ends_in_the_buffer),
        TEST(test_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

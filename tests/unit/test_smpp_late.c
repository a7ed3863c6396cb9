/* Answers after their time-out, on the SMPP link: whose they are, and what follows. */
// SPDX-License-Identifier: MIT
#include "smpp_fixture.h"

/* Of three parts two are late: the message was accepted only with the last of them; where one was
 * refused, never. */
static void
test_late_answers_of_parts(void **state)
{
    (void)state;
    struct peer_pdu part[2][3];
    t.conf.response_ms = 100;
    bound_link(6, 3);
    for (int i = 0; i < 2; i++) {
        submit()->reference = (uint16_t)(700 + 10 * i);
        for (int n = 0; n < 3; n++) {
            peer_expect(&peer, &part[i][n], SUBMIT);
        }
        answer(part[i][0].sequence, 0, "in time");
    }
    UNTIL(t.told_n == 2);
    assert_int_equal(t.told[0]->result, LINK_UNCERTAIN);
    answer(part[0][2].sequence, 0, "c");
    UNTIL(t.lates == 1);
    assert_int_equal(t.late_reference, 702);
    assert_int_equal(t.wholes, 0);
    answer(part[0][1].sequence, 0, "b");
    UNTIL(t.lates == 2);
    assert_int_equal(t.late_reference, 701);
    assert_int_equal(t.wholes, 1);
    answer(part[1][1].sequence, 0x08, NULL);
    answer(part[1][2].sequence, 0, "z");
    UNTIL(t.lates == 3);
    assert_int_equal(t.wholes, 1);
}

/* A part is late, yet its message is still with the link for another's sake: it is accepted. */
static void
test_late_answer_before_its_message_is_told(void **state)
{
    (void)state;
    struct peer_pdu first, second, again;
    t.conf.response_ms = 600;
    bound_link(2, 2);
    struct link_message *m = submit();
    peer_expect(&peer, &first, SUBMIT);
    peer_expect(&peer, &second, SUBMIT);
    int64_t written_us = clock_monotonic_us();
    UNTIL(clock_monotonic_us() > written_us + 300000);
    answer(second.sequence, 0x58, NULL);
    peer_expect(&peer, &again, SUBMIT); /* its time begins anew */
    UNTIL(clock_monotonic_us() > written_us + 700000);
    assert_int_equal(t.told_n, 0);
    answer(first.sequence, 0, "a");
    answer(again.sequence, 0, "b");
    UNTIL(t.told_n == 1);
    assert_int_equal(m->result, LINK_ACCEPTED);
    assert_string_equal(m->ids[0], "a");
    assert_string_equal(m->ids[1], "b");
    assert_int_equal(t.lates, 0);
}

/* Its number means nothing on the next connection. */
static void
test_late_answer_on_another_connection(void **state)
{
    (void)state;
    struct peer_pdu pdu;
    t.conf.response_ms = 100;
    bound_link(2, 1);
    (void)submit();
    peer_expect(&peer, &pdu, SUBMIT);
    UNTIL(t.told_n == 1);
    peer_drop(&peer);
    expect_bind(0);
    UNTIL(link_state(t.link) == LINK_BOUND);
    answer(pdu.sequence, 0, "of the one before");
    struct link_stats stats = {0};
    UNTIL((link_stats(t.link, &stats), stats.unknown_answers == 1));
    assert_int_equal(t.lates, 0);
}

/* An SMSC that stood still takes up its work with what it was given: until it is answered, or had
 * its time once more, nothing more goes than the window lets. */
static void
test_what_is_late_keeps_its_place_in_the_window(void **state)
{
    (void)state;
    struct peer_pdu part[2], pdu;
    t.conf.response_ms = 200;
    bound_link(2, 1);
    for (int i = 0; i < 2; i++) {
        (void)submit();
        peer_expect(&peer, &part[i], SUBMIT);
    }
    UNTIL(t.told_n == 2);
    peer_expect(&peer, &pdu, ENQUIRE);
    peer_send(&peer, ENQUIRE | RESP, 0, pdu.sequence, NULL, 0);
    struct link_stats stats = {0};
    UNTIL((link_stats(t.link, &stats), stats.in_flight == 2));
    assert_int_equal(link_room(t.link, 1), 0);
    answer(part[0].sequence, 0, "a");
    UNTIL(t.lates == 1);
    UNTIL(link_room(t.link, 1) == 1);
    (void)submit();
    peer_expect(&peer, &pdu, SUBMIT);
    answer(pdu.sequence, 0, "c");
    UNTIL(t.told_n == 3);
    UNTIL(link_room(t.link, 1) == 2); /* part[1] is never answered */
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_late_answers_of_parts),
        TEST(test_late_answer_before_its_message_is_told),
        TEST(test_late_answer_on_another_connection),
        TEST(test_what_is_late_keeps_its_place_in_the_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

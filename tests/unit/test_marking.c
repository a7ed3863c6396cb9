/* The calls of chunks, receipts, replies and stats on a real Redis: that what goes over the wire is
 * what the Functions mean.  The Functions themselves: tests/integration/test_lua_*.py. */
// SPDX-License-Identifier: MIT
#include "redis_fixture.h"

#include "queue/chunk.h"
#include "queue/receipt.h"
#include "queue/replies.h"
#include "queue/stats.h"

#define B "loa:broadcast:{A1}"

static const struct chunk_name chunk = {"A1", "sms", 0, 0};

static void
expect(struct fixture *f, const char *command, const char *text)
{
    const char *got = fixture_ask(f, command);
    if (strcmp(got, text) != 0) {
        fail_msg("%s: got '%s', not '%s'", command, got, text);
    }
}

/* ---- Answers, copied as their strings are borrowed ---- */

struct claimed {
    bool yes;
    struct claim_answer answer;
    char letters[257], addresses[256], numbers[64];
};
struct begun {
    bool yes;
    struct begin_answer answer;
    char places[256], attempts[256];
};
struct done {
    bool yes;
    struct done_answer answer;
};

static void
copy(char *to, size_t room, struct str from)
{
    assert_true(from.n < room);
    memcpy(to, from.n ? from.p : "", from.n);
    to[from.n] = '\0';
}

static void
on_claimed(void *arg, const struct claim_answer *answer, const struct err *err)
{
    struct claimed *c = arg;
    assert_null(err);
    c->answer = *answer;
    if (answer->verdict == CLAIM_TAKEN) {
        copy(c->letters, sizeof c->letters, answer->letters);
        copy(c->addresses, sizeof c->addresses, answer->addresses);
        copy(c->numbers, sizeof c->numbers, answer->numbers);
    }
    c->yes = true;
}

static void
on_begun(void *arg, const struct begin_answer *answer, const struct err *err)
{
    struct begun *b = arg;
    assert_null(err);
    b->answer = *answer;
    copy(b->places, sizeof b->places, answer->places);
    copy(b->attempts, sizeof b->attempts, answer->attempts);
    b->yes = true;
}

static void
on_done(void *arg, const struct done_answer *answer, const struct err *err)
{
    struct done *d = arg;
    assert_null(err);
    d->answer = *answer;
    d->yes = true;
}

/* ---- Calls that wait ---- */

static struct claimed
claim(struct fixture *f, const struct chunk_name *name)
{
    struct claimed c = {0};
    chunk_claim(f->queue, name, on_claimed, &c);
    fixture_wait(f, &c.yes);
    return c;
}

static struct begun
begin(struct fixture *f, uint64_t epoch, uint32_t number, int most)
{
    struct begun b = {0};
    struct begin_ask ask = {.epoch = epoch, .number = number, .most = most};
    chunk_begin(f->queue, &chunk, &ask, on_begun, &b);
    fixture_wait(f, &b.yes);
    return b;
}

static struct done_answer
done(struct fixture *f, uint64_t epoch, const struct done_batch *batch)
{
    struct done d = {0};
    chunk_done(f->queue, &chunk, epoch, batch, on_done, &d);
    fixture_wait(f, &d.yes);
    return d.answer;
}

static void
add(struct done_batch *batch, uint8_t place, char event, int64_t due_ms)
{
    int i = batch->n++;
    struct ledger ledger = {
        .channel = 's', .attempts = 1, .parts = 1, .submitted_s = 1700000000, .id = "m"};
    batch->places[i] = place;
    batch->events[i] = event;
    batch->parts[i] = 1;
    batch->due_ms[i] = due_ms;
    ledger_pack(&ledger, batch->ledger[i]);
}

static void
make_broadcast(struct fixture *f)
{
    (void)fixture_ask(f, "HSET " B
                         " state sending total 4 queued 4 sending 0 chunks 1 planned 1 ahead 4"
                         " routes s=sms on_uncertain resend uncertain_wait_ms 5000 parts_each 1"
                         " price 500 epoch 0 stat:messages_queued 4");
    (void)fixture_ask(f, "SET " B ":states qqqq");
    (void)fixture_ask(f, "SET " B ":routes ssss");
    (void)fixture_ask(f, "HSET " B ":chunks 0 7-9,12;84900000001,,84900000003,84900000004");
}

/* ---- Chunks ---- */

static void
test_a_chunk_from_claim_to_close(void **state)
{
    struct fixture *f = *state;
    make_broadcast(f);
    struct claimed c = claim(f, &chunk);
    assert_int_equal(c.answer.verdict, CLAIM_TAKEN);
    assert_int_equal(c.answer.members_n, 4);
    assert_string_equal(c.letters, "qqqq");
    assert_string_equal(c.numbers, "7-9,12");
    assert_string_equal(c.addresses, "84900000001,,84900000003,84900000004");

    struct begun b = begin(f, c.answer.epoch, 1, 3);
    assert_int_equal(b.answer.verdict, BEGIN_OK);
    assert_int_equal(b.answer.places.n, 3);
    assert_memory_equal(b.places, "\0\1\2", 3);
    assert_memory_equal(b.attempts, "\1\1\1", 3);
    assert_true(b.answer.more);

    static struct done_batch batch;
    int64_t due_ms = 4102444800000; /* 2100 */
    memset(&batch, 0, sizeof batch);
    add(&batch, 0, 'A', 0);
    add(&batch, 1, 'T', due_ms);
    add(&batch, 2, 'P', 0);
    batch.throttled = 2;
    batch.number = 1;
    batch.details_n = 2;
    batch.details[0].place = 0;
    memcpy(batch.details[0].field, "id", 3);
    batch.details[0].value = STR("long;id");
    batch.details[1].place = 2;
    memcpy(batch.details[1].field, "reason", 7);
    batch.details[1].value = STR("no such number");
    (void)done(f, c.answer.epoch, &batch);
    (void)done(f, c.answer.epoch, &batch); /* told again */
    expect(f, "GET " B ":states", "arfq");
    expect(f, "HMGET " B " parts cost stat:throttled accepted retrying", "3 1500 2 1 1");
    expect(f, "HMGET " B ":details due:1 id:0 reason:2", "4102444800000 long;id no such number");

    b = begin(f, c.answer.epoch, 2, 9);
    assert_int_equal(b.answer.places.n, 1);
    assert_int_equal(b.answer.due_ms, due_ms);
    memset(&batch, 0, sizeof batch);
    batch.close = true;
    assert_false(done(f, c.answer.epoch, &batch).closed); /* one is on the wire */
    add(&batch, 3, 'A', 0);
    struct done_answer answer = done(f, c.answer.epoch, &batch);
    assert_true(answer.closed);
    assert_int_equal(answer.successor, -1);
    assert_int_equal(answer.due_ms, due_ms);
}

static void
test_verdicts(void **state)
{
    struct fixture *f = *state;
    make_broadcast(f);
    static struct done_batch nothing;
    struct chunk_name none = {"A2", "sms", 0, 0};
    assert_int_equal(claim(f, &none).answer.verdict, CLAIM_GONE);
    struct claimed first = claim(f, &chunk), second = claim(f, &chunk);
    assert_true(second.answer.epoch > first.answer.epoch);
    assert_int_equal(begin(f, first.answer.epoch, 1, 1).answer.verdict, BEGIN_STALE);
    assert_true(done(f, first.answer.epoch, &nothing).stale);
    struct done d = {0};
    chunk_renew(f->queue, &chunk, second.answer.epoch, on_done, &d);
    fixture_wait(f, &d.yes);
    assert_false(d.answer.stale);
    (void)fixture_ask(f, "HSET " B " state paused");
    assert_int_equal(begin(f, second.answer.epoch, 1, 1).answer.verdict, BEGIN_STOPPED);
    fixture_become(f, "w2");
    assert_int_equal(claim(f, &chunk).answer.verdict, CLAIM_HELD);
    (void)fixture_ask(f, "SET " B ":states aaaa");
    fixture_become(f, "w1");
    struct claimed last = claim(f, &chunk);
    assert_int_equal(last.answer.verdict, CLAIM_NOTHING);
    nothing.close = true;
    assert_true(done(f, last.answer.epoch, &nothing).closed);
}

/* ---- Receipts ---- */

static void
on_ids(void *arg, const struct ids_answer *answer, const struct err *err)
{
    assert_null(err);
    *(int *)arg = answer->early;
}

static void
record(struct fixture *f, const char *message_id, bool delivered)
{
    struct receipt_entry entry = {
        .message_id = message_id, .delivered = delivered, .at_s = 1700000100};
    struct fixture_answer a = {0};
    if (!delivered) {
        memcpy(entry.reason, "expir", 6);
    }
    receipt_record(f->queue, "viettel", &entry, 1, fixture_on_answer, &a);
    fixture_wait(f, &a.yes);
    assert_false(a.failed);
}

static void
test_receipts_before_and_after_their_ids(void **state)
{
    struct fixture *f = *state;
    make_broadcast(f);
    (void)fixture_ask(f, "SET " B ":states sasa");
    (void)fixture_ask(f, "HSET " B " queued 0 sending 2 accepted 2");
    record(f, "early", false);
    record(f, "unknown", true);
    const struct id_entry ids[] = {{"early", "A1", 0, 1, 1, 1},
                                   {"m1", "A1", 1, 1, 1, 1},
                                   {"p1", "A1", 3, 1, 1, 2},
                                   {"p2", "A1", 3, 1, 2, 2}};
    int early = -1;
    receipt_ids(f->queue, "viettel", ids, 4, on_ids, &early);
    while (early < 0) {
        fixture_turn(f, 1);
    }
    assert_int_equal(early, 1);
    expect(f, "GET " B ":states", "sasa");
    struct fixture_answer a = {0};
    receipt_sweep(f->queue, "viettel", fixture_on_answer, &a);
    fixture_wait(f, &a.yes);
    assert_false(a.failed);
    expect(f, "GET " B ":states", "uasa");
    expect(f, "EXISTS loa:link:{viettel}:ready", "0");
    record(f, "m1", true);
    record(f, "p2", true);
    expect(f, "GET " B ":states", "udsa");
    record(f, "p1", true);
    record(f, "p1", true);
    expect(f, "GET " B ":states", "udsd");
    expect(f, "HGET loa:link:{viettel}:totals stat:receipts", "6");
    expect(f, "HGET " B " stat:receipts_duplicate", "1");
    expect(f, "HLEN loa:link:{viettel}:early", "1");
    struct fixture_answer posted = {0};
    stats_post(f->queue, NULL, 0, fixture_on_answer, &posted); /* nobody works on it here */
    fixture_wait(f, &posted.yes);
    expect(f, "HMGET loa:stats messages_delivered messages_undelivered receipts receipts_duplicate",
           "2 1 6 1");
}

static void
test_many_receipts_at_once(void **state)
{
    enum { N = 300 };
    static struct id_entry ids[N];
    static struct receipt_entry receipts[N];
    static char names[N][16];
    static char letters[N + 64];
    struct fixture *f = *state;
    memset(letters, 'a', N);
    for (uint32_t i = 0; i < N; i++) {
        (void)snprintf(names[i], sizeof names[i], "m%u", i);
        ids[i] = (struct id_entry){names[i], "A1", i, 1, 1, 1};
        receipts[i] = (struct receipt_entry){names[i], i % 7 != 0, "", 1700000100, "", 0};
    }
    char words[600];
    make_broadcast(f);
    (void)snprintf(words, sizeof words, "SET " B ":states %s", letters);
    (void)fixture_ask(f, words);
    (void)fixture_ask(f, "HSET " B " total 300 queued 0 accepted 300 chunks 2 planned 2");
    int early = -1;
    receipt_ids(f->queue, "viettel", ids, N, on_ids, &early);
    struct fixture_answer a = {0};
    receipt_record(f->queue, "viettel", receipts, N, fixture_on_answer, &a);
    fixture_wait(f, &a.yes);
    assert_int_equal(early, 0);
    expect(f, "HMGET " B " accepted delivered undelivered state", "0 257 43 done");
    for (uint32_t i = 0; i < N; i++) {
        letters[i] = i % 7 ? 'd' : 'u';
    }
    expect(f, "GET " B ":states", letters);
}

static void
test_replies_are_kept_with_their_member(void **state)
{
    struct fixture *f = *state;
    (void)fixture_ask(f, "HSET loa:members:{dir}:by-phone 84900000003 2");
    (void)fixture_ask(f, "HSET loa:members:{dir}:records 2 {\"id\":\"m-3\"}");
    const struct {
        const char *from;
        int coding, esm;
        struct str octets;
    } replies[] = {
        {"+84900000003", 0, 0, STR("STOP @\x1b\x65")},
        {"84900000009", 8, 0x40, STR("\x05\x00\x03\x07\x01\x01\x1e\xa0")},
        {"VIETTEL", 4, 0, STR("\xff\x01")},
    };
    for (size_t i = 0; i < 3; i++) {
        struct reply_entry reply = {.from = replies[i].from,
                                    .to = "8049",
                                    .link = "viettel",
                                    .channel = "sms",
                                    .data_coding = replies[i].coding,
                                    .esm_class = replies[i].esm,
                                    .octets = replies[i].octets};
        struct fixture_answer a = {0};
        reply_record(f->queue, &reply, fixture_on_answer, &a);
        fixture_wait(f, &a.yes);
        assert_false(a.failed);
    }
    const char *all = fixture_ask_deep(f, "XRANGE loa:replies - +");
    assert_non_null(
        strstr(all, "from +84900000003 member m-3 channel sms link viettel text STOP ¡€"));
    assert_non_null(strstr(all, "octets 53544f5020401b65 data_coding 0"));
    assert_non_null(strstr(all, "text Ạ"));
    assert_non_null(strstr(all, "from VIETTEL"));
    assert_non_null(strstr(all, "text ff01"));
    expect(f, "HGET loa:totals:{loa:replies} viettel", "3");
}

/* ---- Stats ---- */

static void
post(struct fixture *f)
{
    const char *const ids[] = {"A1", "A1", "none"};
    struct fixture_answer a = {0};
    stats_post(f->queue, ids, 3, fixture_on_answer, &a);
    fixture_wait(f, &a.yes);
    assert_false(a.failed);
}

static void
test_stats_posted_twice_count_once(void **state)
{
    struct fixture *f = *state;
    make_broadcast(f);
    (void)fixture_ask(f, "HSET " B " stat:messages_accepted 3 stat:parts_submitted 5");
    (void)fixture_ask(f, "HSET loa:link:{viettel}:totals stat:receipts 2");
    (void)fixture_ask(f, "HSET loa:totals:{loa:replies} viettel 1 vina 2");
    post(f);
    post(f);
    expect(f, "HMGET loa:stats messages_queued messages_accepted parts_submitted receipts replies",
           "4 3 5 2 3");
    (void)fixture_ask(f, "HSET " B " stat:messages_accepted 4");
    post(f);
    expect(f, "HGET loa:stats messages_accepted", "4");
    char key[128];
    /* The first of them: at the turn of a minute there are two. */
    (void)snprintf(key, sizeof key, "TTL %.29s", fixture_ask(f, "KEYS loa:stats:minute:*"));
    assert_true(strlen(key) == strlen("TTL loa:stats:minute:YYYYMMDDHHMM"));
    long left_s = strtol(fixture_ask(f, key), NULL, 10);
    assert_true(left_s > 172700 && left_s <= 172800);
}

static void
test_links_and_workers(void **state)
{
    struct fixture *f = *state;
    struct stats_counter counters[] = {{"parts_submitted", 5}, {"messages_accepted", 4}};
    struct stats_link link = {.name = "viettel",
                              .state = "bound",
                              .last_error = "",
                              .rate_now = 200,
                              .in_flight = 7,
                              .since_s = 1700000000,
                              .counters = counters,
                              .counters_n = 2};
    (void)fixture_ask(f, "HSET loa:link:{viettel}:totals stat:receipts 2");
    (void)fixture_ask(f, "HSET loa:totals:{loa:replies} viettel 1");
    for (int i = 0; i < 3; i++) {
        struct fixture_answer a = {0};
        counters[0].value += i == 1;
        stats_link_post(f->queue, &link, fixture_on_answer, &a);
        fixture_wait(f, &a.yes);
        assert_false(a.failed);
    }
    expect(f,
           "HMGET loa:stats:link:viettel state rate_now in_flight since parts_submitted "
           "messages_accepted receipts replies",
           "bound 200 7 2023-11-14T22:13:20Z 6 4 2 1");
    struct fixture_answer beat = {0}, leave = {0};
    stats_heartbeat(f->queue, fixture_on_answer, &beat);
    fixture_wait(f, &beat.yes);
    assert_non_null(strstr(fixture_ask(f, "HGET loa:workers w1"), "{\"heartbeat\":"));
    stats_leave(f->queue, fixture_on_answer, &leave);
    fixture_wait(f, &leave.yes);
    expect(f, "HLEN loa:workers", "0");
}

static int
setup(void **state)
{
    int failed = fixture_setup(state);
    fixture_become(*state, "w1");
    return failed;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_chunk_from_claim_to_close),
        TEST(test_verdicts),
        TEST(test_receipts_before_and_after_their_ids),
        TEST(test_many_receipts_at_once),
        TEST(test_replies_are_kept_with_their_member),
        TEST(test_stats_posted_twice_count_once),
        TEST(test_links_and_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Reading and ending work on a real Redis: room, priorities, restarts, lost groups, take-over. */
// SPDX-License-Identifier: MIT
#include "redis_fixture.h"

#include "queue/work.h"

enum { SEEN_MAX = 64, WAIT_MS = 20000 };

/* What work_read() has told, in its order. */
struct seen {
    struct fixture *f;
    int n;
    struct {
        char entry[48], id[16];
        enum priority priority;
        uint32_t chunk;
    } items[SEEN_MAX];
};

static void
on_item(void *arg, const struct work_item *item)
{
    struct seen *s = arg;
    assert_true(s->n < SEEN_MAX);
    (void)snprintf(s->items[s->n].entry, sizeof s->items[s->n].entry, "%s", item->entry);
    (void)snprintf(s->items[s->n].id, sizeof s->items[s->n].id, "%s", item->id);
    s->items[s->n].priority = item->priority;
    s->items[s->n++].chunk = item->chunk;
}

/* Waits until n items were told in all, and sees that no more come. */
static void
expect_seen(struct seen *s, int n, const char *what)
{
    int64_t end_ms = clock_monotonic_us() / 1000 + WAIT_MS;
    while (s->n < n && clock_monotonic_us() / 1000 < end_ms) {
        fixture_turn(s->f, 5);
    }
    fixture_turn(s->f, 30);
    if (s->n != n) {
        fail_msg("%s: %d items were told, not %d", what, s->n, n);
    }
}

static void
feed(struct fixture *f, enum priority priority, uint32_t from, uint32_t n)
{
    uint32_t chunks[SEEN_MAX];
    struct fixture_answer a = {0};
    for (uint32_t i = 0; i < n; i++) {
        chunks[i] = from + i;
    }
    struct work_chunks all = {"A1", priority, chunks, (int)n};
    work_feed(f->queue, "sms", &all, fixture_on_answer, &a);
    assert_false(a.yes); /* never from inside */
    fixture_wait(f, &a.yes);
    assert_false(a.failed);
}

static void
finish(struct seen *s, int i, int64_t successor, int64_t due_ms)
{
    struct fixture_answer a = {0};
    struct work_end end = {.entry = s->items[i].entry,
                           .id = s->items[i].id,
                           .priority = s->items[i].priority,
                           .chunk = s->items[i].chunk,
                           .successor = successor,
                           .due_ms = due_ms};
    work_finish(s->f->queue, "sms", &end, fixture_on_answer, &a);
    fixture_wait(s->f, &a.yes);
    assert_false(a.failed);
}

static void
test_room_and_priorities(void **state)
{
    struct fixture *f = *state;
    struct seen s = {.f = f};
    feed(f, PRIORITY_NORMAL, 0, 4);
    feed(f, PRIORITY_NORMAL, 0, 4); /* twice fed stands once */
    assert_string_equal(fixture_ask(f, "XLEN loa:work:{sms}:normal"), "4");
    work_read(f->queue, "sms", 2, on_item, &s);
    expect_seen(&s, 2, "normal ones that have room");
    feed(f, PRIORITY_EMERGENCY, 100, 1);
    expect_seen(&s, 3, "an emergency though normal is full");
    assert_int_equal(s.items[2].priority, PRIORITY_EMERGENCY);
    int64_t at_ms = clock_monotonic_us() / 1000;
    finish(&s, 0, 4, 0);
    expect_seen(&s, 4, "one more when there is room");
    assert_true(clock_monotonic_us() / 1000 - at_ms < 900); /* woken, not when the block was over */
    for (int i = 1; i < 6; i++) {
        finish(&s, i, -1, 0);
        expect_seen(&s, i < 3 ? i + 4 - (i == 2) : 6, "the rest");
    }
    assert_int_equal(s.items[5].chunk, 4);
    assert_string_equal(fixture_ask(f, "XLEN loa:work:{sms}:normal"), "0");
    assert_string_equal(fixture_ask(f, "EXISTS loa:queued:{sms}"), "0");
    assert_string_equal(fixture_ask(f, "XPENDING loa:work:{sms}:normal gateway"), "0 - - -");
}

static void
test_due_ones_come_back(void **state)
{
    struct fixture *f = *state;
    struct seen s = {.f = f};
    struct fixture_answer a = {0};
    work_read(f->queue, "sms", 8, on_item, &s);
    feed(f, PRIORITY_URGENT, 7, 1);
    expect_seen(&s, 1, "the chunk");
    finish(&s, 0, -1, 1);
    assert_string_equal(fixture_ask(f, "ZRANGE loa:due:{sms} 0 -1"), "A1 7 urgent");
    feed(f, PRIORITY_URGENT, 7, 1); /* due later: left alone */
    expect_seen(&s, 1, "nothing");
    work_pump_due(f->queue, "sms", fixture_on_answer, &a);
    fixture_wait(f, &a.yes);
    expect_seen(&s, 2, "the chunk again");
    assert_int_equal(s.items[1].priority, PRIORITY_URGENT);
    assert_string_equal(fixture_ask(f, "ZCARD loa:due:{sms}"), "0");
}

static void
test_a_restarted_worker_gets_its_own_first(void **state)
{
    struct fixture *f = *state;
    struct seen s = {.f = f}, again = {.f = f};
    feed(f, PRIORITY_NORMAL, 0, 3);
    work_read(f->queue, "sms", 2, on_item, &s);
    expect_seen(&s, 2, "two");
    fixture_become(f, "w1");
    work_read(f->queue, "sms", 3, on_item, &again);
    expect_seen(&again, 3, "the two, and the third");
    assert_int_equal(again.items[0].chunk, 0);
    assert_int_equal(again.items[1].chunk, 1);
    work_read_stop(f->queue, "sms");
    feed(f, PRIORITY_EMERGENCY, 9, 1);
    finish(&again, 0, -1, 0);
    expect_seen(&again, 3, "nothing after the stop");
}

static void
test_redis_restarts_and_forgets(void **state)
{
    struct fixture *f = *state;
    struct seen s = {.f = f};
    work_read(f->queue, "sms", 8, on_item, &s);
    feed(f, PRIORITY_NORMAL, 0, 2);
    expect_seen(&s, 2, "two");
    fixture_stop_redis(f);
    fixture_turn(f, 50);
    fixture_start_redis(f);
    int64_t end_ms = clock_monotonic_us() / 1000 + WAIT_MS;
    while (!queue_is_up(f->queue) && clock_monotonic_us() / 1000 < end_ms) {
        fixture_turn(f, 20);
    }
    feed(f, PRIORITY_NORMAL, 2, 1);
    expect_seen(&s, 3, "the new one; those held are not told twice");
    (void)fixture_ask(f, "FLUSHALL");
    (void)fixture_ask(f, "FUNCTION FLUSH");
    struct fixture_answer a = {0};
    const uint32_t chunk = 5;
    struct work_chunks one = {"A1", PRIORITY_NORMAL, &chunk, 1};
    work_feed(f->queue, "sms", &one, fixture_on_answer, &a);
    fixture_wait(f, &a.yes);
    assert_int_equal(a.code, ERR_AGAIN);
    feed(f, PRIORITY_NORMAL, 5, 1);
    expect_seen(&s, 4, "after all was emptied");
}

static void
test_what_others_left_is_taken_over(void **state)
{
    struct fixture *f = *state;
    struct seen s = {.f = f};
    work_read(f->queue, "sms", 2, on_item, &s);
    fixture_turn(f, 100);
    work_read_stop(f->queue, "sms");
    fixture_turn(f, 50);
    fixture_become(f, "w1");
    feed(f, PRIORITY_NORMAL, 0, 3);
    (void)fixture_ask(f, "XREADGROUP GROUP gateway w2 COUNT 3 STREAMS loa:work:{sms}:normal >");
    char first[1024];
    (void)snprintf(first, sizeof first, "%s", fixture_ask(f, "HVALS loa:queued:{sms}"));
    char *rest = first, *entry;
    while ((entry = strsep(&rest, " "))) {
        (void)fixture_ask(f, "XCLAIM loa:work:{sms}:normal gateway w2 0 %s IDLE 60000 JUSTID",
                          entry);
    }
    int64_t at_ms = clock_monotonic_us() / 1000;
    work_read(f->queue, "sms", 2, on_item, &s);
    expect_seen(&s, 2, "two of another's");
    assert_true(clock_monotonic_us() / 1000 - at_ms >=
                LEASE_MS); /* not at once: Redis may have been away */
    finish(&s, 0, -1, 0);
    finish(&s, 1, -1, 0);
    expect_seen(&s, 3, "the third");
}

static int
setup(void **state)
{
    int failed = fixture_setup(state);
    fixture_become(*state, "w1");
    return failed;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_room_and_priorities, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_due_ones_come_back, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_a_restarted_worker_gets_its_own_first, setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(test_redis_restarts_and_forgets, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_what_others_left_is_taken_over, setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

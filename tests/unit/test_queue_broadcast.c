/* A broadcast in a real Redis: create, plan (killed at every step), sweep, status, list, report. */
// SPDX-License-Identifier: MIT
#include "tests/unit/redis_fixture.h"

#include "gateway/core/audience.h"
#include "gateway/core/mem.h"
#include "queue/broadcast.h"
#include "queue/members.h"
#include "queue/plan.h"
#include "queue/report.h"

/* ---- A directory of 1,000: every 10th shares the phone of its predecessor, every 50th + 3 has no
 * valid phone, 4 no phone at all, 5 has opted out. ---- */

struct flag {
    bool answered;
    struct err err;
    int verdict;
    struct plan_answer plan;
    char text[4000];
};

static void
say_nothing(void *arg, const struct member_line *line)
{
    (void)arg;
    (void)line;
}

static void
on_imported(void *arg, const struct import_counts *counts, const struct err *err)
{
    struct flag *got = arg;
    (void)counts;
    assert_null(err);
    got->answered = true;
}

static void
import_members(struct fixture *f, int from, int n)
{
    struct buf csv;
    struct flag got = {0};
    buf_init(&csv, 1 << 24);
    buf_add_z(&csv, "id,name,phone,zalo_uid,telegram_chat,groups\n");
    for (int i = from; i < from + n; i++) {
        int shared = i % 10 == 9 ? i - 1 : i;
        buf_add_format(&csv, "m%d,,", i);
        if (i % 50 == 3) {
            buf_add_z(&csv, "12");
        } else if (i % 50 != 4) {
            buf_add_format(&csv, "09%08d", shared);
        }
        buf_add_z(&csv, ",,,g\n");
    }
    members_import(f->queue, buf_str(&csv), false, say_nothing, on_imported, &got);
    fixture_wait(f, &got.answered);
    for (int i = from; i < from + n; i++) {
        if (i % 50 == 5) {
            (void)fixture_ask(f, "SETBIT loa:members:{dir}:optout:sms %d 1", i);
        }
    }
    buf_deinit(&csv);
}

/* ---- Create ---- */

static void
on_created(void *arg, const struct create_answer *answer, const struct err *err)
{
    struct flag *got = arg;
    if (err) {
        got->err = *err;
    } else {
        got->verdict = (int)answer->verdict;
    }
    got->answered = true;
}

static void
on_resolved(void *arg, const struct bitmap *bitmap, const struct err *err)
{
    struct flag *got = arg;
    assert_null(err);
    memcpy(got->text, bitmap->bytes, bitmap->n);
    got->verdict = (int)bitmap->n;
    got->answered = true;
}

struct plan_of {
    const char *id, *source, *content;
    int ahead;
    int64_t start_s;
    bool id_given;
};

static int
create(struct fixture *f, struct plan_of of)
{
    struct announcement a = {.priority = PRIORITY_NORMAL};
    struct audience audience;
    struct err err;
    struct flag bits = {0}, got = {0};
    a.field[FIELD_TITLE] = STR("Họp chi bộ");
    assert_int_equal(audience_parse(STR("all"), &audience, &err), 0);
    audience_resolve(f->queue, &audience, on_resolved, &bits);
    fixture_wait(f, &bits.answered);
    struct bitmap bitmap = bitmap_copy(bits.text, (size_t)bits.verdict);
    const struct broadcast_text text = {"sms", NULL, STR("Hop chi bo")};
    const struct broadcast_route route = {.name = "sms",
                                          .letter = 's',
                                          .parts_each = 1,
                                          .price = 500,
                                          .ahead = of.ahead,
                                          .on_uncertain = "resend"};
    struct broadcast_new b = {.id = of.id,
                              .announcement = &a,
                              .source_id = of.source,
                              .content_hash = of.content,
                              .channels = "sms",
                              .texts = &text,
                              .texts_n = 1,
                              .routes = &route,
                              .routes_n = 1,
                              .links = "viettel,vina",
                              .prices = "500,450",
                              .created_s = 1700000000,
                              .start_s = of.start_s,
                              .audience = &bitmap,
                              .id_given = of.id_given};
    broadcast_create(f->queue, &b, on_created, &got);
    assert_false(got.answered);
    bitmap_deinit(&bitmap);
    fixture_wait(f, &got.answered);
    assert_string_equal(got.err.text, "");
    return got.verdict;
}

static void
test_create(void **state)
{
    struct fixture *f = *state;
    import_members(f, 0, 1000);
    assert_int_equal(create(f, (struct plan_of){"B1", "1-1", "aa", 1, 0, true}), CREATE_CREATED);
    assert_int_equal(create(f, (struct plan_of){"B1", "1-1", "aa", 1, 0, true}), CREATE_AGAIN);
    for (int i = 0; i < 2; i++) { /* the same entry twice counts once */
        assert_int_equal(create(f, (struct plan_of){"B1", "1-2", "aa", 1, 0, true}), CREATE_SAME);
    }
    assert_int_equal(create(f, (struct plan_of){"B1", "1-3", "bb", 1, 0, true}), CREATE_OTHER);
    assert_string_equal(
        fixture_ask(f, "HMGET loa:broadcast:{B1} state total chunks planned queued priority "
                       "stat:announcements_repeated stat:announcements_accepted created_at"),
        "sending 1000 4 0 1000 normal 1 1 2023-11-14T22:13:20Z");
    assert_string_equal(fixture_ask(f, "STRLEN loa:broadcast:{B1}:states"), "1000");
    assert_string_equal(fixture_ask(f, "ZSCORE loa:broadcasts B1"), "1700000000");
    assert_string_equal(fixture_ask(f, "SISMEMBER loa:active B1"), "1");
}

static void
test_create_without_id(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(create(f, (struct plan_of){"1-1", "1-1", "aa", 1, 0, false}), CREATE_CREATED);
    assert_int_equal(create(f, (struct plan_of){"1-1", "1-1", "aa", 1, 0, false}), CREATE_AGAIN);
    assert_int_equal(create(f, (struct plan_of){"1-2", "1-2", "aa", 1, 0, false}), CREATE_SAME);
    assert_int_equal(create(f, (struct plan_of){"1-3", "1-3", "bb", 1, 0, false}), CREATE_CREATED);
    assert_string_equal(fixture_ask(f, "EXISTS loa:broadcast:{1-2}"), "0");
    assert_string_equal(fixture_ask(f, "HMGET loa:broadcast:{1-1} stat:announcements_repeated"),
                        "1");
    /* An empty audience is done at once. */
    assert_string_equal(fixture_ask(f, "HMGET loa:broadcast:{1-1} state total"), "done 0");
}

/* ---- Plan ---- */

static void
on_planned(void *arg, const struct plan_answer *answer, const struct err *err)
{
    struct flag *got = arg;
    if (err) {
        got->err = *err;
    } else {
        got->plan = *answer;
    }
    got->answered = true;
}

static struct flag
plan(struct fixture *f, struct queue *queue, const char *id, int budget)
{
    struct flag got = {0};
    broadcast_plan(queue, id, &(struct plan_ask){.budget = budget}, on_planned, &got);
    assert_false(got.answered);
    fixture_wait(f, &got.answered);
    return got;
}

/* What must stand in Redis once B1 of the 1,000 is planned. */
static void
check_planned(struct fixture *f)
{
    assert_string_equal(fixture_ask(f, "HMGET loa:broadcast:{B1} planned queued skipped total "
                                       "stat:messages_skipped state"),
                        "4 840 160 1000 160 sending");
    assert_string_equal(fixture_ask(f, "GETRANGE loa:broadcast:{B1}:states 0 19"),
                        "qqqkkkqqqkqqqqqqqqqk");
    const char *records = fixture_ask(f, "GETRANGE loa:broadcast:{B1}:ledger 144 288");
    assert_memory_equal(records, "       inval", 12);
    assert_memory_equal(records + 48, "       noadr", 12);
    assert_memory_equal(records + 96, "       optou", 12);
    records = fixture_ask(f, "GETRANGE loa:broadcast:{B1}:ledger %d %d", 999 * 48, 1000 * 48);
    assert_memory_equal(records, "       dupli", 12);
    assert_memory_equal(fixture_ask(f, "HGET loa:broadcast:{B1}:chunks 0"),
                        "0-255;84900000000,84900000001,84900000002,,,84900000005,", 56);
    assert_memory_equal(fixture_ask(f, "HGET loa:broadcast:{B1}:chunks 3"), "768-999;84900000768,",
                        20);
    assert_string_equal(fixture_ask(f, "HLEN loa:broadcast:{B1}:chunks"), "4");
    assert_string_equal(fixture_ask(f, "XLEN loa:work:{sms}:normal"), "2"); /* as far as `ahead` */
}

static void
test_plan(void **state)
{
    struct fixture *f = *state;
    import_members(f, 0, 1000);
    (void)create(f, (struct plan_of){"B1", "1-1", "aa", 2, 0, true});
    struct flag got = plan(f, f->queue, "B1", 1);
    assert_int_equal(got.plan.planned, 1); /* the first may leave before the others are cut */
    assert_string_equal(fixture_ask(f, "XLEN loa:work:{sms}:normal"), "1");
    import_members(f, 1000, 300); /* who joins meanwhile is not told */
    got = plan(f, f->queue, "B1", 2);
    assert_int_equal(got.plan.planned, 3);
    assert_false(got.plan.complete);
    got = plan(f, f->queue, "B1", 9);
    assert_int_equal(got.plan.planned, 4);
    assert_true(got.plan.complete);
    check_planned(f);
    got = plan(f, f->queue, "B1", 9);
    assert_true(got.plan.complete);
    assert_string_equal(fixture_ask(f, "HEXISTS loa:broadcast:{B1}:claims plan"), "0");
    got = plan(f, f->queue, "nobody", 1);
    assert_int_equal(got.err.code, ERR_INPUT);
}

static void
test_second_planner(void **state)
{
    struct fixture *f = *state;
    struct queue_events none = {0};
    bool never = false;
    struct err err;
    import_members(f, 0, 1000);
    (void)create(f, (struct plan_of){"B1", "1-1", "aa", 2, 0, true});
    struct queue *other = queue_open(f->base, &f->conf, "other", &none);
    while (!queue_is_up(other)) {
        (void)!queue_wait(f->queue, &never, 10, &err);
    }
    assert_int_equal(plan(f, f->queue, "B1", 1).plan.planned, 1);
    struct flag got = plan(f, other, "B1", 1);
    assert_true(got.plan.held);
    assert_int_equal(got.plan.planned, 1);
    /* The lease ends; the other goes on; the first finds that it is behind, and goes on too. */
    (void)fixture_ask(f, "HDEL loa:broadcast:{B1}:claims plan");
    assert_int_equal(plan(f, other, "B1", 1).plan.planned, 2);
    (void)fixture_ask(f, "HDEL loa:broadcast:{B1}:claims plan");
    got = plan(f, f->queue, "B1", 1);
    assert_int_equal(got.plan.planned, 2);
    assert_false(got.plan.complete);
    assert_int_equal(plan(f, f->queue, "B1", 9).plan.planned, 4);
    check_planned(f);
    queue_close(&other);
}

static void
on_unplanned(void *arg, const char *id)
{
    struct flag *got = arg;
    size_t n = strlen(got->text);
    (void)snprintf(got->text + n, sizeof got->text - n, "%s ", id);
}

static void
on_unclaimed(void *arg, const char *route)
{
    (void)arg;
    assert_string_equal(route, "sms");
}

static void
on_swept(void *arg, const struct err *err)
{
    struct flag *got = arg;
    if (err) {
        got->err = *err;
    }
    got->answered = true;
}

static struct flag
sweep(struct fixture *f)
{
    struct flag got = {0};
    broadcast_sweep(f->queue, on_unplanned, on_unclaimed, on_swept, &got);
    fixture_wait(f, &got.answered);
    assert_string_equal(got.err.text, "");
    return got;
}

/* The planner is killed after 1, 2, 3 … turns of its loop, until it gets through. */
static void
test_killed_planner(void **state)
{
    const struct plan_ask one = {.budget = 1};
    struct fixture *f = *state;
    struct err err;
    import_members(f, 0, 1000);
    for (int turns = 1, through = 0; !through; turns++) {
        struct flag got[8] = {{0}};
        int n = 0;
        (void)fixture_ask(f, "DEL loa:work:{sms}:normal loa:queued:{sms} loa:active");
        (void)fixture_ask(f, "DEL loa:broadcast:{B1} loa:broadcast:{B1}:chunks "
                             "loa:broadcast:{B1}:states loa:broadcast:{B1}:ledger "
                             "loa:broadcast:{B1}:claims");
        (void)create(f, (struct plan_of){"B1", "1-1", "aa", 2, 0, true});
        broadcast_plan(f->queue, "B1", &one, on_planned, &got[0]);
        for (int i = 0; i < turns && !through; i++) {
            (void)event_base_loop(f->base, EVLOOP_ONCE);
            if (got[n].answered && !got[n].plan.complete) {
                broadcast_plan(f->queue, "B1", &one, on_planned, &got[++n]);
            }
            through = got[n].answered && got[n].plan.complete;
        }
        queue_close(&f->queue); /* what was asked for may be done or not */
        f->queue = queue_open_wait(f->base, &f->conf, 5000, &err);
        assert_non_null(f->queue);
        bool complete = false;
        for (int i = 0; i < 9 && !complete; i++) {
            complete = plan(f, f->queue, "B1", 9).plan.complete;
        }
        assert_true(complete);
        (void)sweep(f); /* feeds what was planned and not fed */
        check_planned(f);
        assert_true(turns < 200);
    }
}

/* ---- Sweep ---- */

static void
test_sweep(void **state)
{
    struct fixture *f = *state;
    import_members(f, 0, 1000);
    (void)create(f, (struct plan_of){"B1", "1-1", "aa", 2, 0, true});
    (void)create(f, (struct plan_of){"late", "1-2", "bb", 2, 4000000000, true});
    assert_string_equal(sweep(f).text, "B1 ");
    assert_true(plan(f, f->queue, "late", 1).plan.held); /* its time has not come */
    while (!plan(f, f->queue, "B1", 9).plan.complete) {
    }
    /* The streams are lost: as many chunks as may stand ahead come back, and once only. */
    (void)fixture_ask(f, "DEL loa:work:{sms}:normal loa:queued:{sms}");
    assert_string_equal(sweep(f).text, "");
    assert_string_equal(fixture_ask(f, "HKEYS loa:queued:{sms}"), "B1 0 B1 1");
    (void)sweep(f);
    assert_string_equal(fixture_ask(f, "XLEN loa:work:{sms}:normal"), "2");
    check_planned(f);
    /* Chunk 0 is claimed, chunk 1 finished but for a retry: 1, 2 and nothing further. */
    (void)fixture_ask(f, "DEL loa:work:{sms}:normal loa:queued:{sms}");
    (void)fixture_ask(f, "HSET loa:broadcast:{B1}:claims 0:sms %s", "w 1 9999999999999");
    char letters[257];
    memset(letters, 'a', 256);
    letters[256] = '\0';
    letters[77] = 'r';
    (void)fixture_ask(f, "SETRANGE loa:broadcast:{B1}:states 256 %s", letters);
    (void)sweep(f);
    assert_string_equal(fixture_ask(f, "HKEYS loa:queued:{sms}"), "B1 1 B1 2");
    /* Finished, posted, settling. */
    (void)fixture_ask(f, "HSET loa:broadcast:{B1} state done");
    (void)sweep(f);
    assert_string_equal(fixture_ask(f, "SMEMBERS loa:active"), "late");
    assert_string_equal(fixture_ask(f, "ZRANGE loa:settling 0 -1"), "B1");
    assert_string_equal(fixture_ask(f, "HMGET loa:stats messages_queued messages_skipped "
                                       "announcements_accepted"),
                        "2000 160 2");
    /* The other's time comes. */
    (void)fixture_ask(f, "HSET loa:broadcast:{late} start_s 1");
    assert_string_equal(sweep(f).text, "late ");
    assert_string_equal(fixture_ask(f, "HGET loa:broadcast:{late} state"), "sending");
}

/* ---- What an admin asks ---- */

static void
on_status(void *arg, const struct broadcast_status *s, const struct err *err)
{
    struct flag *got = arg;
    assert_null(err);
    if (s) {
        (void)snprintf(got->text, sizeof got->text, "%s|%s|%s|%s|%lu|q%lu k%lu|%s", s->id, s->title,
                       s->state, s->audience, s->total, s->count[0], s->count[8],
                       s->error ? s->error : "");
    }
    got->answered = true;
}

static const char *
status(struct fixture *f, const char *id)
{
    static struct flag got;
    memset(&got, 0, sizeof got);
    broadcast_status(f->queue, id, on_status, &got);
    fixture_wait(f, &got.answered);
    return got.text;
}

static void
on_each(void *arg, const struct broadcast_status *s)
{
    struct flag *got = arg;
    size_t n = strlen(got->text);
    (void)snprintf(got->text + n, sizeof got->text - n, "%s ", s->id);
}

static void
on_announced(void *arg, enum announce_verdict verdict, const struct err *err)
{
    struct flag *got = arg;
    assert_null(err);
    got->verdict = (int)verdict;
    got->answered = true;
}

static int
announce(struct fixture *f, const char *id)
{
    struct announcement a = {0};
    struct flag got = {.verdict = -1};
    a.field[FIELD_TITLE] = STR("T");
    a.field[FIELD_ID] = str_of(id);
    broadcast_announce(f->queue, &a, on_announced, &got);
    fixture_wait(f, &got.answered);
    return got.verdict;
}

static void
test_questions(void **state)
{
    struct fixture *f = *state;
    import_members(f, 0, 10);
    (void)create(f, (struct plan_of){"B1", "1-1", "aa", 2, 0, true});
    (void)create(f, (struct plan_of){"B2", "1-2", "bb", 2, 0, true});
    (void)fixture_ask(f, "ZADD loa:broadcasts 1700000001 B2");
    while (!plan(f, f->queue, "B1", 9).plan.complete) {
    }
    assert_string_equal(status(f, "B1"), "B1|Họp chi bộ|sending|all|10|q6 k4|");
    assert_string_equal(status(f, "B9"), "");
    assert_int_equal(announce(f, "B1"), ANNOUNCE_OTHER);
    assert_int_equal(announce(f, "B3"), ANNOUNCE_SENT);
    assert_int_equal(announce(f, "B3"), ANNOUNCE_KNOWN);
    assert_string_equal(fixture_ask(f, "XLEN loa:announcements"), "1");
    assert_string_equal(status(f, "B3"), "B3|T|announced|all|0|q0 k0|");
    for (int i = 0; i < 150; i++) {
        (void)fixture_ask(f, "XADD loa:announcements:rejected * title R id R%d error no", i);
    }
    assert_string_equal(status(f, "R3"), "R3|R|rejected|all|0|q0 k0|no");
    struct flag got = {0};
    broadcast_list(f->queue, 10, on_each, on_swept, &got);
    fixture_wait(f, &got.answered);
    assert_string_equal(got.text, "B2 B1 ");
}

/* ---- Report ---- */

struct reported {
    bool answered, known;
    uint32_t rows, stop_at;
    char text[2000]; /* of the rows 0 … 5 and the last */
};

static bool
on_row(void *arg, const struct report_row *r)
{
    struct reported *got = arg;
    assert_int_equal(r->index, got->rows++);
    if (r->index < 6 || r->index == 999) {
        size_t n = strlen(got->text);
        (void)snprintf(got->text + n, sizeof got->text - n, "%.*s,%.*s,%c,%.*s,%.*s,%.*s,%d\n",
                       (int)r->member.n, r->member.p, (int)r->address.n, r->address.p, r->letter,
                       (int)r->link.n, r->link.p, (int)r->reason.n, r->reason.p, (int)r->ids.n,
                       r->ids.p, r->ledger.attempts);
    }
    return got->rows != got->stop_at;
}

static void
on_reported(void *arg, bool known, const struct err *err)
{
    struct reported *got = arg;
    assert_null(err);
    got->known = known;
    got->answered = true;
}

static struct reported
report(struct fixture *f, const char *id, uint32_t stop_at)
{
    struct reported got = {.stop_at = stop_at};
    report_read(f->queue, id, on_row, on_reported, &got);
    fixture_wait(f, &got.answered);
    return got;
}

static void
test_report(void **state)
{
    struct fixture *f = *state;
    struct ledger ledger = {.channel = 's', .link = 1, .attempts = 2, .parts = 2, .id = "*"};
    char record[LEDGER_SIZE];
    import_members(f, 0, 1000);
    (void)create(f, (struct plan_of){"B1", "1-1", "aa", 2, 0, true});
    while (!plan(f, f->queue, "B1", 1).plan.complete) {
    }
    ledger_pack(&ledger, record);
    (void)fixture_ask(f, "SETRANGE loa:broadcast:{B1}:states 1 af");
    (void)fixture_ask(f, "SETRANGE loa:broadcast:{B1}:ledger 48 %b", record, sizeof record);
    (void)fixture_ask(f, "HSET loa:broadcast:{B1}:details id:1 x1;x2 reason:2 %s", "a long one");
    struct reported got = report(f, "B1", 0);
    assert_true(got.known);
    assert_int_equal(got.rows, 1000);
    assert_string_equal(got.text, "m0,84900000000,q,,,,0\n"
                                  "m1,84900000001,a,vina,,x1;x2,2\n"
                                  "m2,84900000002,f,,a long one,,0\n"
                                  "m3,,k,,inval,,0\n"
                                  "m4,,k,,noadr,,0\n"
                                  "m5,84900000005,k,,optou,,0\n"
                                  "m999,84900000998,k,,dupli,,0\n");
    got = report(f, "B1", 700);
    assert_int_equal(got.rows, 700);
    got = report(f, "nobody", 0);
    assert_false(got.known);
    (void)create(f, (struct plan_of){"B2", "1-2", "bb", 2, 0, true}); /* not planned yet */
    got = report(f, "B2", 0);
    assert_int_equal(got.rows, 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_create, fixture_flush),
        cmocka_unit_test_setup(test_create_without_id, fixture_flush),
        cmocka_unit_test_setup(test_plan, fixture_flush),
        cmocka_unit_test_setup(test_second_planner, fixture_flush),
        cmocka_unit_test_setup(test_killed_planner, fixture_flush),
        cmocka_unit_test_setup(test_sweep, fixture_flush),
        cmocka_unit_test_setup(test_questions, fixture_flush),
        cmocka_unit_test_setup(test_report, fixture_flush),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}

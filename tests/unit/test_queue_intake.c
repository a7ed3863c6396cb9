/* The announcements' stream in a real Redis: reading, restarts, taking over, acknowledging,
 * rejecting; and the client when Redis goes away. */
// SPDX-License-Identifier: MIT
#include "tests/unit/redis_fixture.h"

#include "queue/intake.h"
#include "queue/redis.h"

struct taken {
    int n;
    bool enough;
    int wanted;
    char text[2000]; /* "title/unknown " of each */
    char entry[16][48];
};

static void
on_entry(void *arg, const struct intake_entry *e)
{
    struct taken *got = arg;
    size_t n = strlen(got->text);
    struct str title = e->a->field[FIELD_TITLE];
    (void)snprintf(got->text + n, sizeof got->text - n, "%.*s%s%s ", (int)title.n, title.p,
                   e->unknown ? "/" : "", e->unknown ? e->unknown : "");
    (void)snprintf(got->entry[got->n % 16], sizeof got->entry[0], "%s", e->entry);
    got->enough = ++got->n >= got->wanted;
}

static struct queue *
open_worker(struct fixture *f, const char *name)
{
    struct queue_events none = {0};
    bool never = false;
    struct err err;
    struct queue *queue = queue_open(f->base, &f->conf, name, &none);
    while (!queue_is_up(queue)) {
        (void)!queue_wait(f->queue, &never, 5, &err);
    }
    return queue;
}

/* Runs the loop for a moment in which nothing more must come. */
static void
settle(struct fixture *f)
{
    bool never = false;
    struct err err;
    (void)!queue_wait(f->queue, &never, 50, &err);
}

static void
take(struct fixture *f, struct taken *got, int wanted)
{
    got->wanted = wanted;
    got->enough = got->n >= wanted;
    fixture_wait(f, &got->enough);
}

struct ended {
    bool answered;
    struct err err;
};

static void
on_ended(void *arg, const struct err *err)
{
    struct ended *got = arg;
    if (err) {
        got->err = *err;
    }
    got->answered = true;
}

static void
ack(struct fixture *f, struct queue *queue, const char *entry)
{
    struct ended got = {0};
    intake_ack(queue, entry, on_ended, &got);
    fixture_wait(f, &got.answered);
    assert_string_equal(got.err.text, "");
}

static void
reject(struct fixture *f, struct queue *queue, const char *entry)
{
    struct ended got = {0};
    intake_reject(queue, entry, "title: missing", on_ended, &got);
    fixture_wait(f, &got.answered);
    assert_string_equal(got.err.text, "");
}

static void
test_reading(void **state)
{
    struct fixture *f = *state;
    struct queue *queue = open_worker(f, "w1");
    struct taken got = {0};
    (void)fixture_ask(f, "XADD loa:announcements 1-1 title A body x");
    (void)fixture_ask(f, "XADD loa:announcements 1-2 title B colour red");
    (void)fixture_ask(f, "XADD loa:announcements 1-3 title C");
    intake_read(queue, 2, on_entry, &got);
    take(f, &got, 2);
    settle(f);
    assert_string_equal(got.text, "A B/colour "); /* two in hand: no third */
    ack(f, queue, "1-1");
    take(f, &got, 3);
    assert_string_equal(got.text, "A B/colour C ");
    ack(f, queue, "1-2");
    (void)fixture_ask(f, "XADD loa:announcements 1-4 title D");
    take(f, &got, 4); /* comes while it blocks */
    assert_string_equal(fixture_ask(f, "XLEN loa:announcements"), "2");

    /* Killed with two in hand, back under its name: they come again, one was deleted meanwhile. */
    queue_close(&queue);
    (void)fixture_ask(f, "XDEL loa:announcements 1-3");
    (void)fixture_ask(f, "XADD loa:announcements 1-5 title E");
    queue = open_worker(f, "w1");
    memset(&got, 0, sizeof got);
    intake_read(queue, 8, on_entry, &got);
    take(f, &got, 2);
    settle(f);
    assert_string_equal(got.text, "D E ");

    /* Another takes them over once they have been idle for two leases. */
    queue_close(&queue);
    (void)fixture_ask(f, "XCLAIM loa:announcements gateway w1 0 1-4 IDLE 20000 JUSTID");
    queue = open_worker(f, "w2");
    memset(&got, 0, sizeof got);
    intake_read(queue, 8, on_entry, &got);
    take(f, &got, 1);
    settle(f);
    assert_string_equal(got.text, "D ");
    intake_stop(queue);
    (void)fixture_ask(f, "XADD loa:announcements 1-6 title F");
    settle(f);
    queue_close(&queue);
}

static void
test_rejecting(void **state)
{
    struct fixture *f = *state;
    struct queue *queue = open_worker(f, "w1");
    struct taken got = {0};
    (void)fixture_ask(f, "XADD loa:announcements 1-1 body x colour red");
    intake_read(queue, 2, on_entry, &got);
    take(f, &got, 1);
    /* A crash came behind each of the first steps: it counts once all the same. */
    for (int i = 0; i < 3; i++) {
        reject(f, queue, "1-1");
        if (i < 2) {
            (void)fixture_ask(f, "XADD loa:announcements 2-%d body x colour red", i);
        }
    }
    assert_string_equal(fixture_ask(f, "XLEN loa:announcements:rejected"), "1");
    assert_string_equal(fixture_ask(f, "HGET loa:stats announcements_rejected"), "1");
    assert_string_equal(fixture_ask(f, "XPENDING loa:announcements gateway - + 9 w1"), "- -");
    assert_string_equal(fixture_ask(f, "EXISTS loa:marks:{loa:announcements:rejected}"), "0");
    assert_string_equal(fixture_ask(f, "HLEN loa:posted:{loa:stats}"), "0");
    redisReply *r = redisCommand(f->redis, "XRANGE loa:announcements:rejected - +");
    assert_string_equal(r->element[0]->element[1]->element[1]->str, "title: missing");
    assert_string_equal(r->element[0]->element[1]->element[3]->str, "1-1");
    assert_string_equal(r->element[0]->element[1]->element[7]->str, "red");
    freeReplyObject(r);
    queue_close(&queue);
}

/* The rejection crashed behind the XADD, and behind the count. */
static void
test_rejecting_again(void **state)
{
    struct fixture *f = *state;
    (void)fixture_ask(f, "XADD loa:announcements 1-1 title A");
    for (int i = 0; i < 3; i++) {
        (void)fixture_ask(f, "FCALL loa_reject 1 loa:announcements:rejected "
                             "loa:marks:{loa:announcements:rejected} 1-1 no title A");
        (void)fixture_ask(f, "FCALL loa_stats_post 2 loa:stats loa:posted:{loa:stats} "
                             "rejected:1-1 announcements_rejected=1");
    }
    reject(f, f->queue, "1-1");
    assert_string_equal(fixture_ask(f, "XLEN loa:announcements:rejected"), "1");
    assert_string_equal(fixture_ask(f, "HGET loa:stats announcements_rejected"), "1");
    assert_string_equal(fixture_ask(f, "XLEN loa:announcements"), "0");
}

/* ---- The client when Redis goes away ---- */

static void
count_down(void *ctx, struct queue *queue, const char *why)
{
    struct taken *got = ctx;
    (void)queue;
    (void)why;
    got->n++;
}

static void
test_redis_away(void **state)
{
    struct fixture *f = *state;
    struct taken downs = {0}, got = {0};
    struct queue_events events = {.ctx = &downs, .on_down = count_down};
    struct queue *queue = queue_open(f->base, &f->conf, "w1", &events);
    struct ended ended = {0};
    (void)fixture_ask(f, "XADD loa:announcements 1-1 title A");
    intake_read(queue, 4, on_entry, &got);
    take(f, &got, 1);
    fixture_stop_redis(f);
    intake_ack(queue, "1-1", on_ended, &ended);
    fixture_wait(f, &ended.answered);
    assert_int_equal(ended.err.code, ERR_GONE);
    ended = (struct ended){0};
    intake_ack(queue, "1-1", on_ended, &ended); /* refused at once, yet from the loop */
    assert_false(ended.answered);
    fixture_wait(f, &ended.answered);
    assert_int_equal(ended.err.code, ERR_GONE);
    assert_int_equal(downs.n, 1);
    fixture_start_redis(f);
    while (!queue_is_up(queue) || !queue_is_up(f->queue)) {
        settle(f);
    }
    (void)fixture_ask(f, "XADD loa:announcements * title B"); /* its AOF may have lost A */
    take(f, &got, 2);
    (void)fixture_ask(f, "FLUSHALL"); /* the group too: it is made again */
    (void)fixture_ask(f, "XADD loa:announcements 9999999999999-1 title C");
    take(f, &got, 3);
    settle(f);
    assert_string_equal(got.text, "A B C "); /* A, still in hand, was pending and came once */
    assert_int_equal(downs.n, 1);
    queue_close(&queue);
}

static void
on_reply(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct ended *got = arg;
    (void)reply;
    if (err) {
        got->err = *err;
    }
    got->answered = true;
}

static struct err
ask(struct fixture *f, const struct args *args)
{
    struct ended got = {0};
    queue_send(f->queue, args, on_reply, &got);
    fixture_wait(f, &got.answered);
    return got.err;
}

static void
test_errors(void **state)
{
    struct fixture *f = *state;
    struct args a;
    args_fcall(&a, "loa_version", "x");
    assert_int_equal(ask(f, &a).code, ERR_NONE);
    args_init(&a, "NOSUCH");
    assert_int_equal(ask(f, &a).code, ERR_INPUT);
    for (int i = 0; i < ARGS_MAX + 5; i++) {
        args_int(&a, i);
    }
    assert_int_equal(ask(f, &a).code, ERR_LIMIT);
    (void)fixture_ask(f, "FUNCTION FLUSH"); /* loaded again by itself */
    args_fcall(&a, "loa_version", "x");
    assert_int_equal(ask(f, &a).code, ERR_AGAIN);
    assert_int_equal(ask(f, &a).code, ERR_NONE);
    (void)fixture_ask(f, "CONFIG SET maxmemory 1");
    args_fcall(&a, "loa_create", "loa:broadcast:{x}");
    assert_int_equal(ask(f, &a).code, ERR_AGAIN);
    (void)fixture_ask(f, "CONFIG SET maxmemory 0");
}

static const struct {
    const char *label, *library, *refused;
} schemas[] = {
    {"a newer one is refused",
     "#!lua name=loa_2\nredis.register_function{function_name='loa_version',"
     "callback=function() return 2 end,flags={'no-writes'}}",
     "the schema in Redis is version 2 and this loa knows version 1 only: run the newer loa on "
     "this host too"},
    {"an older one is replaced",
     "#!lua name=loa_0\nredis.register_function{function_name='loa_version',"
     "callback=function() return 0 end,flags={'no-writes'}}",
     ""},
    {"fewer Functions: ours are loaded",
     "#!lua name=loa_1\nredis.register_function{function_name='loa_version',"
     "callback=function() return 1 end,flags={'no-writes'}}",
     ""},
};

static void
test_schemas(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        struct err err = {0};
        queue_close(&f->queue);
        (void)fixture_ask(f, "FUNCTION FLUSH");
        (void)fixture_ask(f, "FUNCTION LOAD %s", schemas[i].library);
        f->queue = queue_open_wait(f->base, &f->conf, 2000, &err);
        if (strcmp(err.text, schemas[i].refused) != 0 || !f->queue != !!err.text[0]) {
            fail_msg("%s: %s", schemas[i].label, err.text);
        }
        if (f->queue) {
            struct args a;
            args_fcall(&a, "loa_start", "loa:broadcast:{x}");
            assert_int_equal(ask(f, &a).code, ERR_NONE);
        }
    }
}

/* ---- Ways to connect ---- */

/* A queue of its own under the fixture's configuration, changed; what went wrong, "" if nothing. */
static const char *
connect_by(struct fixture *f, const char *host, int port, const char *password)
{
    static struct err err;
    struct conf conf = f->conf;
    if (host) {
        conf.redis.path = NULL;
        conf.redis.host = host;
        conf.redis.port = port;
    }
    conf.redis.password = password;
    conf.redis.db = 3;
    err.text[0] = '\0';
    struct queue *queue = queue_open_wait(f->base, &conf, 1000, &err);
    struct args a;
    struct ended got = {0};
    if (!queue) {
        return err.text;
    }
    args_init(&a, "SET");
    args_z(&a, "here");
    args_z(&a, "1");
    queue_send(queue, &a, on_reply, &got);
    fixture_wait(f, &got.answered);
    queue_close(&queue);
    return got.err.text[0] ? "the command failed" : "";
}

static void
test_connecting(void **state)
{
    struct fixture *f = *state;
    int port = 20000 + (int)(getpid() % 20000);
    while (strcmp(fixture_ask(f, "CONFIG SET port %d", port), "OK") != 0) {
        port++;
    }
    assert_string_equal(connect_by(f, NULL, 0, NULL), "");
    assert_string_equal(connect_by(f, "127.0.0.1", port, NULL), "");
    (void)fixture_ask(f, "SELECT 3");
    assert_string_equal(fixture_ask(f, "EXISTS here"), "1");
    (void)fixture_ask(f, "SELECT 0");
    assert_non_null(strstr(connect_by(f, "127.0.0.1", 1, NULL), "127.0.0.1:1: Connection refused"));
    (void)fixture_ask(f, "CONFIG SET requirepass secret");
    assert_string_equal(connect_by(f, NULL, 0, "secret"), "");
    assert_non_null(strstr(connect_by(f, NULL, 0, "wrong"), "WRONGPASS"));
    assert_non_null(strstr(connect_by(f, NULL, 0, NULL), "NOAUTH"));
    (void)fixture_ask(f, "CONFIG SET requirepass %s", "");
    (void)fixture_ask(f, "CONFIG SET port 0");
}

/* A command that Redis does not answer ends the connection; the next one finds another. */
static void
test_no_answer(void **state)
{
    struct fixture *f = *state;
    struct args a;
    struct ended first = {0}, second = {0};
    args_init(&a, "BLPOP");
    args_z(&a, "nothing");
    args_z(&a, "0");
    queue_send(f->queue, &a, on_reply, &first);
    args_init(&a, "PING");
    queue_send(f->queue, &a, on_reply, &second);
    fixture_wait(f, &second.answered);
    assert_true(first.answered);
    assert_int_equal(first.err.code, ERR_GONE);
    assert_int_equal(second.err.code, ERR_GONE);
    assert_non_null(strstr(second.err.text, "no answer within 5 s"));
    while (!queue_is_up(f->queue)) {
        settle(f);
    }
    assert_int_equal(ask(f, &a).code, ERR_NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reading, fixture_flush),
        cmocka_unit_test_setup(test_rejecting, fixture_flush),
        cmocka_unit_test_setup(test_rejecting_again, fixture_flush),
        cmocka_unit_test_setup(test_redis_away, fixture_flush),
        cmocka_unit_test_setup(test_errors, fixture_flush),
        cmocka_unit_test_setup(test_schemas, fixture_flush),
        cmocka_unit_test_setup(test_connecting, fixture_flush),
        cmocka_unit_test_setup(test_no_answer, fixture_flush),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}

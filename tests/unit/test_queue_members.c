/* The directory in a real Redis: import, look-up, lists, audiences, consent. */
// SPDX-License-Identifier: MIT
#include "tests/unit/redis_fixture.h"

#include "gateway/core/audience.h"
#include "queue/members.h"

/* ---- Import ---- */

struct imported {
    bool answered;
    struct import_counts counts;
    struct err err;
    char said[4000]; /* "2 new;3 invalid: no id;" */
};

static void
on_line(void *arg, const struct member_line *line)
{
    static const char *const words[] = {"new", "changed", "unchanged", "invalid"};
    struct imported *got = arg;
    size_t n = strlen(got->said);
    (void)snprintf(got->said + n, sizeof got->said - n, "%d %s%s%s;", line->line,
                   words[line->change], line->why ? ": " : "", line->why ? line->why : "");
}

static void
on_imported(void *arg, const struct import_counts *counts, const struct err *err)
{
    struct imported *got = arg;
    got->counts = *counts;
    if (err) {
        got->err = *err;
    }
    got->answered = true;
}

static struct imported
import(struct fixture *f, const char *csv, bool dry_run)
{
    struct imported got = {0};
    members_import(f->queue, str_of(csv), dry_run, on_line, on_imported, &got);
    assert_false(got.answered); /* never from inside the call */
    fixture_wait(f, &got.answered);
    return got;
}

#define HEAD "id,name,phone,zalo_uid,telegram_chat,groups\n"
#define SIX                                                                                        \
    HEAD "a,Ann,0900000001,,,x;y\n"                                                                \
         "b,Bo,0900 000 002,,,x\n"                                                                 \
         "c,Chi,12345,,,y\n"                                                                       \
         "d,Dao,,,,y;z\n"                                                                          \
         "e,Em,+84900000001,,,z\n"                                                                 \
         "f,Phuc,,zalo6,,z\n"

static void
test_import(void **state)
{
    struct fixture *f = *state;
    struct imported got = import(f, SIX, true);
    assert_int_equal(got.counts.added, 6);
    assert_string_equal(fixture_ask(f, "DBSIZE"), "0"); /* a dry run writes nothing */

    got = import(f, SIX, false);
    assert_string_equal(got.said, "2 new;3 new;4 new: the phone is no valid mobile number: no SMS;"
                                  "5 new: no phone and no other address: nothing can be sent;"
                                  "6 new;7 new;");
    assert_int_equal(got.counts.lines, 6);
    assert_int_equal(got.counts.added, 6);
    assert_int_equal(got.counts.unusable_phones, 3);
    assert_int_equal(got.counts.sharing, 1);
    assert_string_equal(fixture_ask(f, "GET loa:members:{dir}:phones"),
                        "84900000001 84900000002 !                       84900000001             ");
    assert_string_equal(fixture_ask(f, "HGET loa:members:{dir}:sharers 84900000001"), "0,4");
    assert_string_equal(fixture_ask(f, "BITPOS loa:members:{dir}:shared 1"), "4");
    assert_string_equal(fixture_ask(f, "HGET loa:members:{dir}:by-phone z:zalo6"), "5");

    got = import(f, SIX, false);
    assert_int_equal(got.counts.unchanged, 6);
    got =
        import(f, HEAD "e,Em,0900000005,,,z\na,Ann,0900000001,,,y\ng,Giang,0900000002,,,x\n", true);
    assert_int_equal(got.counts.changed, 2);
    assert_int_equal(got.counts.added, 1);
    assert_int_equal(got.counts.sharing, 2); /* what stands there, and g */
    got = import(f, HEAD "e,Em,0900000005,,,z\nb,Bo,0900000009,,,\na,Ann,0900000001,,,y\n", false);
    assert_int_equal(got.counts.changed, 3);
    assert_int_equal(got.counts.sharing, 0);
    assert_string_equal(fixture_ask(f, "HGET loa:members:{dir}:by-phone 84900000005"), "4");
    assert_string_equal(fixture_ask(f, "EXISTS loa:members:{dir}:sharers"), "0");
    assert_string_equal(fixture_ask(f, "EXISTS loa:members:{dir}:group:x"), "0"); /* left by all */
    assert_string_equal(fixture_ask(f, "SISMEMBER loa:members:{dir}:groups x"), "0");
}

/* The lowest of three that share leaves, and comes back. */
static void
test_sharers_change(void **state)
{
    struct fixture *f = *state;
    (void)import(f, HEAD "a,,0900000001,,,\nb,,0900000001,,,\nc,,0900000001,,,\n", false);
    assert_string_equal(fixture_ask(f, "HGET loa:members:{dir}:sharers 84900000001"), "0,1,2");
    (void)import(f, HEAD "a,,0900000007,,,\n", false);
    assert_string_equal(fixture_ask(f, "HGET loa:members:{dir}:sharers 84900000001"), "1,2");
    assert_string_equal(fixture_ask(f, "HGET loa:members:{dir}:by-phone 84900000001"), "1");
    assert_string_equal(fixture_ask(f, "GETBIT loa:members:{dir}:shared 1"), "0");
    assert_string_equal(fixture_ask(f, "GETBIT loa:members:{dir}:shared 2"), "1");
    struct imported got = import(f, HEAD "a,,0900000001,,,\n", false);
    assert_int_equal(got.counts.sharing, 2);
    assert_string_equal(fixture_ask(f, "HGET loa:members:{dir}:sharers 84900000001"), "0,1,2");
    assert_string_equal(fixture_ask(f, "GETBIT loa:members:{dir}:shared 0"), "0");
    /* All of them leave in one batch, one comes. */
    got = import(f, HEAD "a,,0900000002,,,\nb,,0900000003,,,\nc,,0900000004,,,\nd,,0900000001,,,\n",
                 false);
    assert_int_equal(got.counts.sharing, 0);
    assert_string_equal(fixture_ask(f, "EXISTS loa:members:{dir}:sharers"), "0");
    assert_string_equal(fixture_ask(f, "HGET loa:members:{dir}:by-phone 84900000001"), "3");
}

static const struct {
    const char *label, *csv, *said, *err;
} bad[] = {
    {"lines are told and left out",
     HEAD "a,,0900000001,,,\n,,0900000002,,,\na,,0900000003,,,\n"
          "b,,0900000004,,,a b\nc,x\nd,\xff,,,,\n",
     "2 new;3 invalid: no id;4 invalid: id 'a' stands in line 2 already;"
     "5 invalid: group 'a b': a name is up to 64 letters, digits, '-', '_', '.';"
     "6 invalid: 2 cells where the first line has 6;7 invalid: name: byte 1 is not UTF-8;",
     ""},
    {"empty file", "", "",
     "the file is empty: the first line must be id,name,phone,zalo_uid,telegram_chat,groups"},
    {"misspelt column", "id,name,phnoe\n", "", "line 1: column 'phnoe': did you mean 'phone'?"},
    {"no id", "name,phone\n", "",
     "line 1: no column 'id': the first line must be id,name,phone,zalo_uid,telegram_chat,groups"},
    {"a quote that never closes: nothing is taken", "id,phone\na,0900000001\nb,\"09\n", "", "line"},
};

static void
test_bad_files(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)fixture_flush(state);
        struct imported got = import(f, bad[i].csv, false);
        if (strcmp(got.said, bad[i].said) != 0 ||
            strncmp(got.err.text, bad[i].err, strlen(bad[i].err)) != 0 ||
            !got.err.text[0] != !bad[i].err[0]) {
            fail_msg("%s: got '%s' and '%s'", bad[i].label, got.said, got.err.text);
        }
        if (bad[i].err[0]) {
            assert_string_equal(fixture_ask(f, "DBSIZE"), "0");
        }
    }
}

/* ---- Looking ---- */

struct looked {
    bool answered;
    char text[2000];
    uint32_t next;
};

static void
add_member(struct looked *got, const struct member *m)
{
    size_t n = strlen(got->text);
    (void)snprintf(got->text + n, sizeof got->text - n, "%u:%.*s:%.*s:%.*s%s%s ", m->number,
                   (int)m->id.n, m->id.p, (int)m->address.n, m->address.p, (int)m->groups.n,
                   m->groups.p, m->opted_out ? ":out" : "", m->shares ? ":shares" : "");
}

static void
on_member(void *arg, const struct member *member, const struct err *err)
{
    struct looked *got = arg;
    assert_null(err);
    if (member) {
        add_member(got, member);
    }
    got->answered = true;
}

static void
on_each(void *arg, const struct member *member)
{
    add_member(arg, member);
}

static void
on_page(void *arg, uint32_t next, const struct err *err)
{
    struct looked *got = arg;
    assert_null(err);
    got->next = next;
    got->answered = true;
}

static void
on_group(void *arg, struct str group, uint64_t members_n)
{
    struct looked *got = arg;
    size_t n = strlen(got->text);
    (void)snprintf(got->text + n, sizeof got->text - n, "%.*s=%d ", (int)group.n, group.p,
                   (int)members_n);
}

static void
on_done(void *arg, const struct err *err)
{
    struct looked *got = arg;
    assert_null(err);
    got->answered = true;
}

static const char *
show(struct fixture *f, const char *sought)
{
    static struct looked got;
    memset(&got, 0, sizeof got);
    members_show(f->queue, sought, on_member, &got);
    fixture_wait(f, &got.answered);
    return got.text;
}

static void
test_look(void **state)
{
    struct fixture *f = *state;
    (void)import(f, SIX, false);
    (void)fixture_ask(f, "SETBIT loa:members:{dir}:optout:sms 1 1");
    assert_string_equal(show(f, "b"), "1:b:84900000002:x:out ");
    assert_string_equal(show(f, "090 0000 001"), "0:a:84900000001:x;y ");
    assert_string_equal(show(f, "e"), "4:e:84900000001:z:shares ");
    assert_string_equal(show(f, "nobody"), "");

    struct looked got = {0};
    members_list(f->queue, &(struct members_page){NULL, 0, 4}, on_each, on_page, &got);
    fixture_wait(f, &got.answered);
    assert_string_equal(got.text, "0:a:84900000001:x;y 1:b:84900000002:x:out 2:c::y 3:d::y;z ");
    assert_int_equal(got.next, 4);
    uint8_t bits[] = {0x0c};
    got = (struct looked){0};
    struct bitmap only = {bits, 1};
    members_list(f->queue, &(struct members_page){&only, 5, 10}, on_each, on_page, &got);
    fixture_wait(f, &got.answered);
    assert_string_equal(got.text, "5:f::z ");
    assert_int_equal(got.next, 0);
    got = (struct looked){0};
    members_groups(f->queue, on_group, on_done, &got);
    fixture_wait(f, &got.answered);
    assert_string_equal(got.text, "x=2 y=3 z=3 ");
}

/* ---- Audiences ---- */

static void
on_resolved(void *arg, const struct bitmap *bitmap, const struct err *err)
{
    struct looked *got = arg;
    if (err) {
        (void)snprintf(got->text, sizeof got->text, "%d %s", err->code, err->text);
    } else {
        uint32_t number = 0;
        for (uint32_t from = 0; bitmap_next(bitmap, from, &number); from = number + 1) {
            size_t n = strlen(got->text);
            (void)snprintf(got->text + n, sizeof got->text - n, "%u", number);
        }
    }
    got->answered = true;
}

static const struct {
    const char *expression, *numbers;
} audiences[] = {
    {"all", "012345"},
    {"x", "01"},
    {"x,z", "01345"},
    {"y&z", "3"},
    {"all&!z", "012"},
    {"!z", "012"},
    {"!(x,y)", "45"},
    {"x&!y,z&!y", "145"},
    {"!all", ""},
    {"!!x", "01"},
    {"chibo", "2 audience: nobody is in a group 'chibo'"},
    {"x,chi-3", "2 audience: nobody is in a group 'chi-3': did you mean 'chi-2'?"},
};

static void
test_audiences(void **state)
{
    struct fixture *f = *state;
    (void)import(f, SIX, false);
    (void)fixture_ask(f, "SADD loa:members:{dir}:groups chi-2");
    for (size_t i = 0; i < sizeof audiences / sizeof *audiences; i++) {
        struct audience audience;
        struct looked got = {0};
        struct err err;
        if (audience_parse(str_of(audiences[i].expression), &audience, &err) != 0) {
            fail_msg("%s: %s", audiences[i].expression, err.text);
        }
        audience_resolve(f->queue, &audience, on_resolved, &got);
        fixture_wait(f, &got.answered);
        if (strcmp(got.text, audiences[i].numbers) != 0) {
            fail_msg("%s: got %s", audiences[i].expression, got.text);
        }
    }
}

/* ---- Consent ---- */

static void
on_consent(void *arg, const uint8_t *bits, size_t n, const struct err *err)
{
    struct looked *got = arg;
    if (err) {
        (void)snprintf(got->text, sizeof got->text, "%s", err->text);
    }
    for (size_t i = 0; i < n; i++) {
        got->text[i] = bits[i] ? '1' : '0';
    }
    got->answered = true;
}

static void
test_consent(void **state)
{
    static const struct {
        const char *runs, *bits;
    } cases[] = {{"0-3", "0100"},
                 {"1,7-9,40000", "10011"},
                 {"100000", "0"},
                 {"", ""},
                 {"3-1", "not a list of members: '3-1'"}};
    struct fixture *f = *state;
    (void)fixture_ask(f, "SETBIT loa:members:{dir}:optout:sms 1 1");
    (void)fixture_ask(f, "SETBIT loa:members:{dir}:optout:sms 9 1");
    (void)fixture_ask(f, "SETBIT loa:members:{dir}:optout:sms 40000 1");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct looked got = {0};
        members_opted_out(f->queue, "sms", str_of(cases[i].runs), on_consent, &got);
        fixture_wait(f, &got.answered);
        assert_string_equal(got.text, cases[i].bits);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_import, fixture_flush),
        cmocka_unit_test_setup(test_sharers_change, fixture_flush),
        cmocka_unit_test_setup(test_bad_files, fixture_flush),
        cmocka_unit_test_setup(test_look, fixture_flush),
        cmocka_unit_test_setup(test_audiences, fixture_flush),
        cmocka_unit_test_setup(test_consent, fixture_flush),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}

/* What Zalo tells of a template, and what goes into it. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/core/err.h"
#include "gateway/core/zalo_template.h"

static const char info[] =
    "{\"error\":0,\"message\":\"Success\",\"data\":{\"templateId\":501443,\"status\":\"ENABLE\","
    "\"listParams\":["
    "{\"name\":\"title\",\"require\":true,\"type\":\"STRING\",\"maxLength\":12,\"minLength\":3,"
    "\"acceptNull\":false},"
    "{\"name\":\"note\",\"require\":false,\"type\":\"STRING\",\"maxLength\":90,\"minLength\":0,"
    "\"acceptNull\":true}]}}";

static void
read_info(struct zalo_template *t)
{
    const struct answer_reply reply = {
        .transport = TRANSPORT_ANSWERED, .status = 200, .body = str_of(info)};
    assert_true(zalo_template_read(&reply, t));
}

static void
test_read(void **state)
{
    struct zalo_template t;
    (void)state;
    read_info(&t);
    assert_int_equal(t.n, 2);
    const struct zalo_parameter *title = zalo_template_find(&t, "title");
    assert_non_null(title);
    assert_int_equal(title->most, 12);
    assert_int_equal(title->least, 3);
    assert_true(title->required && !title->may_be_empty);
    assert_null(zalo_template_find(&t, "Title"));
}

static void
test_limits_as_a_line(void **state)
{
    struct zalo_template t;
    char line[ZALO_LIMITS];
    (void)state;
    read_info(&t);
    zalo_limits_write(&t, "501443", line);
    assert_string_equal(line, "501443 title=12:3! note=90");
    static const struct {
        const char *line, *id, *name;
        int64_t most, least;
        bool required;
    } cases[] = {
        {"501443 title=12:3! note=90", "501443", "note", 90, 0, false},
        {"501443 title=12:3! note=90", "501443", "title", 12, 3, true},
        {"501443 title=12:3 note=90", "501443", "title", 12, 3, false},
        {"501443 title=12:0!", "501443", "title", 12, 0, true},
        {"501443 title=0:0!", "501443", "title", 0, 0, true},
        {"501443 title=12:x!", "501443", "title", 0, 0, false},
        {"501443 title=12 note=90", "501443", "not", 0, 0, false},
        {"501443 title=12 note=90", "50144", "note", 0, 0, false},
        {"501443 title=12 note=90", "501443", "12", 0, 0, false},
        {"501443", "501443", "title", 0, 0, false},
        {"", "", "", 0, 0, false},
        {"501443 title=x note= =3 note=99999999 note=7", "501443", "note", 7, 0, false},
        {"501443 title=x", "501443", "title", 0, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zalo_parameter got;
        bool found = zalo_limits_find(str_of(cases[i].line), cases[i].id, cases[i].name, &got);
        if (got.most != cases[i].most || got.least != cases[i].least ||
            got.required != cases[i].required || found != (got.most > 0 || got.required)) {
            fail_msg("'%s' %s: %d, %d to %d", cases[i].line, cases[i].name, found, (int)got.least,
                     (int)got.most);
        }
    }
    struct zalo_template many = {.n = ZALO_PARAMETERS};
    for (size_t i = 0; i < many.n; i++) { /* no name is too long, none breaks the line */
        memset(many.at[i].name, i == 3 ? ' ' : 'a', ZALO_PARAMETER_NAME - 1);
        many.at[i].most = 9999;
    }
    zalo_limits_write(&many, "501443", line);
    assert_true(strlen(line) < ZALO_LIMITS && !strstr(line, "  "));
}

static void
test_what_tells_nothing(void **state)
{
    static const char *const bodies[] = {
        "",
        "{",
        "[]",
        "{\"error\":-124,\"message\":\"Access token invalid\"}",
        "{\"error\":0}",
        "{\"error\":0,\"data\":{\"listParams\":{}}}",
    };
    struct zalo_template t;
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const struct answer_reply reply = {
            .transport = TRANSPORT_ANSWERED, .status = 200, .body = str_of(bodies[i])};
        assert_false(zalo_template_read(&reply, &t));
        assert_int_equal(t.n, 0);
    }
    const struct answer_reply lost = {
        .transport = TRANSPORT_LOST, .status = 0, .body = str_of(info)};
    assert_false(zalo_template_read(&lost, &t));
}

static void
test_check(void **state)
{
    static const struct {
        const char *names[3];
        size_t n;
        const char *says; /* "" : it is right */
    } cases[] = {
        {{"title"}, 1, ""},
        {{"title", "note"}, 2, ""},
        {{"note"}, 1, "requires 'title'"},
        {{"titel"}, 1, "no parameter 'titel'; did you mean 'title'?"},
        {{"title", "zzz"}, 2, "no parameter 'zzz'"},
    };
    struct zalo_template t;
    (void)state;
    read_info(&t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {0};
        int rc = zalo_template_check(&t, cases[i].names, cases[i].n, &err);
        assert_int_equal(rc, *cases[i].says ? -1 : 0);
        assert_true(!*cases[i].says || strstr(err.text, cases[i].says));
    }
}

static void
test_fit(void **state)
{
    static const struct {
        const char *name, *value, *fits; /* NULL: it cannot go */
    } cases[] = {
        {"title", "Họp tổ", "Họp tổ"},
        {"title", "Họp tổ dân phố", "Họp tổ dân"}, /* by characters, at a word */
        {"title", "Họp tổ dân x", "Họp tổ dân x"}, /* 12 exactly */
        {"title", "khôngcóchỗngắtnàocả", NULL},
        {"title", "ab", NULL},
        {"title", "", NULL},
        {"note", "", ""},
    };
    struct zalo_template t;
    (void)state;
    read_info(&t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str out = {"?", 1};
        struct err err = {0};
        const struct zalo_parameter *p = zalo_template_find(&t, cases[i].name);
        int rc = zalo_parameter_fit(p, str_of(cases[i].value), &out, &err);
        if ((rc == 0) != (cases[i].fits != NULL) || (rc == 0 && !str_equal_z(out, cases[i].fits))) {
            fail_msg("%s: %.*s %s", cases[i].value, (int)out.n, out.p, err.text);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_limits_as_a_line),
        cmocka_unit_test(test_what_tells_nothing),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Audience expressions, as the order in which they are worked. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/audience.h"

static void
render(const struct audience *a, struct buf *out)
{
    for (size_t i = 0; i < a->n; i++) {
        static const char *const ops[] = {"*", "", "!", "&", ","};
        buf_add_z(out, i > 0 ? " " : "");
        buf_add_z(out, a->token[i].op == AUDIENCE_GROUP ? a->token[i].name : ops[a->token[i].op]);
    }
}

static void
test_parsing(void **state)
{
    (void)state;
    static const struct {
        const char *text, *rpn; /* an error begins with "at " or "longer" */
    } cases[] = {
        {"all", "*"},
        {"a", "a"},
        {"a,b", "a b ,"},
        {"a&b", "a b &"},
        {"a&!b", "a b ! &"},
        {"!a", "a !"},
        {"!!a", "a"},
        {"a,b&c", "a b c & ,"},
        {"a&b,c", "a b & c ,"},
        {"(a,b)&c", "a b , c &"},
        {"!(a,b)", "a b , !"},
        {"a,b,c", "a b , c ,"},
        {"a&b&c", "a b & c &"},
        {" a , b & ! c ", "a b c ! & ,"},
        {"tổ-7,chi_bo.2", "tổ-7 chi_bo.2 ,"},
        {"all&!nhân-viên", "* nhân-viên ! &"},
        {"alliance", "alliance"},
        {"", "at character 1: a group's name is missing"},
        {"  ", "at character 3: a group's name is missing"},
        {"a,", "at character 3: a group's name is missing"},
        {",a", "at character 1: expected the name of a group"},
        {"a b", "at character 3: expected ',' or '&' or the end"},
        {"tổ,,b", "at character 4: expected the name of a group"},
        {"(a", "at character 3: expected ')'"},
        {"a)", "at character 2: a ')' too many"},
        {"()", "at character 2: expected the name of a group"},
        {"a|b", "at character 2: expected ',' or '&' or the end"},
        {"a&&b", "at character 3: expected the name of a group"},
        {"a\n", "a"},
        {"a\xff", "at character 2: expected ',' or '&' or the end"},
        {"((((((((((((((((a))))))))))))))))", "a"},
        {"(((((((((((((((((a)))))))))))))))))", "at character 17: parentheses nested too deeply"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct audience a;
        struct err err = {0};
        struct buf out;
        buf_init(&out, 4096);
        int got = audience_parse(str_of(cases[i].text), &a, &err);
        if (got == 0) {
            render(&a, &out);
        }
        const char *text = got == 0 ? buf_str(&out).p : err.text;
        if (strcmp(text, cases[i].rpn) != 0 || (got != 0 && err.code != ERR_INPUT)) {
            fail_msg("'%s': %s", cases[i].text, text);
        }
        buf_deinit(&out);
    }
}

static void
test_bounds(void **state)
{
    (void)state;
    struct audience a;
    struct err err = {0};
    char text[AUDIENCE_BYTES + 2];
    memset(text, 'x', sizeof text);
    assert_int_equal(audience_parse((struct str){text, sizeof text}, &a, &err), -1);
    assert_string_equal(err.text, "longer than 1000 bytes");
    assert_int_equal(audience_parse((struct str){text, 64}, &a, &err), 0);
    assert_int_equal(strlen(a.token[0].name), 64);
    assert_int_equal(audience_parse((struct str){text, 65}, &a, &err), -1);
    for (size_t i = 1; i < 66; i += 2) {
        text[i] = ',';
    }
    assert_int_equal(audience_parse((struct str){text, 63}, &a, &err), 0);
    assert_int_equal(a.n, 63);
    assert_int_equal(audience_parse((struct str){text, 65}, &a, &err), -1);
    assert_string_equal(err.text, "at character 66: too long an expression");
    assert_int_equal(audience_parse((struct str){"a\0", 2}, &a, &err), -1);
    memset(text, '!', 999);
    text[999] = 'a';
    assert_int_equal(audience_parse((struct str){text, 1000}, &a, &err), 0);
}

static void
test_names(void **state)
{
    (void)state;
    assert_true(audience_name_valid(STR("tổ-7")));
    assert_false(audience_name_valid(STR("")));
    assert_false(audience_name_valid(STR("tổ 7")));
    assert_false(audience_name_valid(STR("a;b")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parsing),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

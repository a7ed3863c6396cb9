/* CSV both ways. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/csv.h"

/* All rows as "cell|cell/cell|cell", an error as "!sentence". */
static void
render(struct str content, char sep, struct buf *out)
{
    struct csv_reader r;
    struct str cells[4];
    struct err err = {0};
    size_t n = 0;
    int got = 0;
    csv_reader_init(&r, content, sep);
    while ((got = csv_read(&r, cells, 4, &n, &err)) == 1) {
        for (size_t i = 0; i < n; i++) {
            buf_add_z(out, i > 0 ? "|" : "");
            buf_add_str(out, cells[i]);
        }
        buf_add_format(out, "@%zu/", r.line);
    }
    if (got < 0) {
        buf_add_format(out, "!%s", err.text);
        assert_int_equal(csv_read(&r, cells, 4, &n, &err), 0);
    }
    csv_reader_deinit(&r);
}

#define CASE(label, in, out)                                                                       \
    {                                                                                              \
        label, STR(in), out                                                                        \
    }

static void
test_reading(void **state)
{
    (void)state;
    const struct {
        const char *label;
        struct str in;
        const char *out;
    } cases[] = {
        CASE("nothing", "", ""),
        CASE("only a BOM", "\xef\xbb\xbf", ""),
        CASE("one row", "a,b\n", "a|b@1/"),
        CASE("no last line end", "a,b", "a|b@1/"),
        CASE("CRLF", "a,b\r\nc,d\r\n", "a|b@1/c|d@2/"),
        CASE("BOM",
             "\xef\xbb\xbf"
             "a\n",
             "a@1/"),
        CASE("empty cells", ",,\n", "||@1/"),
        CASE("an empty cell at the end of the file", "a,", "a|@1/"),
        CASE("blank lines are skipped", "\n\na\r\n\r\nb\n", "a@3/b@5/"),
        CASE("quoted", "\"a,b\",c\n", "a,b|c@1/"),
        CASE("doubled quotes", "\"a \"\"b\"\"\",\"\"\"\"\n", "a \"b\"|\"@1/"),
        CASE("empty quoted", "\"\",x\n", "|x@1/"),
        CASE("a quoted line end", "\"a\nb\",c\nd\n", "a\nb|c@1/d@3/"),
        CASE("a quote inside an unquoted cell", "a\"b,c\n", "a\"b|c@1/"),
        CASE("a lone CR is text", "a\rb\n", "a\rb@1/"),
        CASE("CR at the end of the file", "a\r", "a@1/"),
        CASE("quoted, CRLF", "\"a\"\r\nb", "a@1/b@2/"),
        CASE("semicolons sniffed", "a;b\n\"c;d\";e,f\n", "a|b@1/c;d|e,f@2/"),
        CASE("a comma wins", "a,b;c\n", "a|b;c@1/"),
        CASE("a comma in quotes is none", "\"a,b\";c\n", "a,b|c@1/"),
        CASE("never closed", "a\n\"b\nc", "a@1/!line 2: a quote that begins here is never closed"),
        CASE("a lone quote", "\"", "!line 1: a quote that begins here is never closed"),
        CASE("text after the quote", "\"a\"b\n", "!line 1: text after a closing quote"),
        CASE("too many cells", "a\n1,2,3,4,5\n", "a@1/!line 2: more cells than the header has"),
        CASE("NUL", "a\nb\0c\n", "a@1/!line 2: a NUL byte"),
        CASE("UTF-8", "Nguyễn Thị Ngọc,tổ-7\n", "Nguyễn Thị Ngọc|tổ-7@1/"),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        buf_init(&out, 4096);
        render(cases[i].in, 0, &out);
        if (!str_equal_z(buf_str(&out), cases[i].out)) {
            fail_msg("%s: %s", cases[i].label, buf_str(&out).p);
        }
        buf_deinit(&out);
    }
}

static void
test_writing(void **state)
{
    (void)state;
    const struct {
        const char *label;
        const struct csv_style *style;
        struct str cells[3];
        const char *out;
    } cases[] = {
        {"plain", &csv_plain, {STR("a"), STR(""), STR("ư")}, "a,,ư\n"},
        {"comma", &csv_plain, {STR("a,b"), STR("c;d"), STR("e")}, "\"a,b\",c;d,e\n"},
        {"quote", &csv_plain, {STR("a\"b"), STR("\""), STR("")}, "\"a\"\"b\",\"\"\"\",\n"},
        {"lines", &csv_plain, {STR("a\nb"), STR("a\rb"), STR("a")}, "\"a\nb\",\"a\rb\",a\n"},
        {"blanks", &csv_plain, {STR(" a"), STR("a "), STR("a b")}, "\" a\",\"a \",a b\n"},
        {"no guard", &csv_plain, {STR("=1"), STR("+84"), STR("-")}, "=1,+84,-\n"},
        {"semicolon", &csv_excel, {STR("a,b"), STR("c;d"), STR("e")}, "a,b;\"c;d\";e\n"},
        {"guard", &csv_excel, {STR("=1;2"), STR("@a"), STR("a=")}, "\"'=1;2\";'@a;a=\n"},
        {"more guard", &csv_excel, {STR("+8"), STR("-8"), STR("8")}, "'+8;'-8;8\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        buf_init(&out, 4096);
        csv_add_row(&out, cases[i].style, cases[i].cells, 3);
        if (!str_equal_z(buf_str(&out), cases[i].out)) {
            fail_msg("%s: %s", cases[i].label, buf_str(&out).p);
        }
        buf_deinit(&out);
    }
    struct buf out;
    buf_init(&out, 16);
    csv_add_row(&out, &csv_plain, (struct str[]){STR("")}, 1);
    csv_add_row(&out, &csv_plain,
                (struct str[]){STR("\xef\xbb\xbf"
                                   "a")},
                1);
    assert_true(str_equal_z(buf_str(&out), "\"\"\n\"\xef\xbb\xbf"
                                           "a\"\n"));
    buf_clear(&out);
    csv_begin(&out, &csv_plain);
    assert_int_equal(out.n, 0);
    csv_begin(&out, &csv_excel);
    assert_true(str_equal_z(buf_str(&out), "\xef\xbb\xbf"));
    buf_deinit(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

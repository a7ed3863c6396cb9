/* The two languages of the command line, and that no text of a table is without its Vietnamese. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "gateway/core/outcome.h"

/* The conversions of a format, one after another: "%s %5d" is "s5d". */
static void
conversions(const char *format, char *out, size_t room)
{
    size_t n = 0;
    for (; *format && n + 1 < room; format++) {
        if (*format != '%') {
            continue;
        }
        if (format[1] == '%') {
            format++;
            continue;
        }
        size_t length = strcspn(format + 1, "sduxzc") + 1;
        if (format[length] == 'z') {
            length++;
        }
        for (size_t i = 1; i <= length && n + 1 < room; i++) {
            out[n++] = format[i];
        }
        format += length;
    }
    out[n] = '\0';
}

static void
test_catalogue(void **state)
{
    (void)state;
    for (const struct text_pair *p = text_catalogue; p->english; p++) {
        char a[64];
        char b[64];
        conversions(p->english, a, sizeof a);
        conversions(p->vietnamese, b, sizeof b);
        if (strcmp(a, b) != 0) {
            fail_msg("'%s' has %s, its Vietnamese %s", p->english, a, b);
        }
        for (const struct text_pair *q = text_catalogue; q != p; q++) {
            if (strcmp(p->english, q->english) == 0) {
                fail_msg("'%s' stands there twice", p->english);
            }
        }
    }
}

static const struct {
    const char *all, *messages, *lang;
    bool vietnamese;
} locales[] = {
    {NULL, NULL, NULL, false},         {NULL, NULL, "vi_VN.UTF-8", true},
    {NULL, NULL, "vi", true},          {NULL, NULL, "vie", false},
    {"C", NULL, "vi_VN.UTF-8", false}, {NULL, "vi_VN", "en_US.UTF-8", true},
    {"vi_VN", "en_US", "en_US", true}, {"", "", "vi_VN", true},
};

static void
set(const char *name, const char *value)
{
    if (value) {
        assert_int_equal(setenv(name, value, 1), 0);
    } else {
        assert_int_equal(unsetenv(name), 0);
    }
}

static void
test_locales(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {
        set("LC_ALL", locales[i].all);
        set("LC_MESSAGES", locales[i].messages);
        set("LANG", locales[i].lang);
        if (text_is_vietnamese() != locales[i].vietnamese) {
            fail_msg("row %zu", i);
        }
    }
    set("LC_ALL", "vi_VN.UTF-8");
    assert_string_equal(text_of("Usage"), "Cách dùng");
    assert_string_equal(text_of("no such text"), "no such text");
    set("LC_ALL", "C");
    assert_string_equal(text_of("Usage"), "Usage");
}

static void
test_sentences_of_the_core(void **state)
{
    static const char *const rows[][2] = {
        {"tin.json: title: missing", "tin.json: title: thiếu tiêu đề"},
        {"'21h00' does not stand in the announcement", "'21h00' không có trong thông báo"},
        {"summary: with its link it needs more than 1 SMS part",
         "summary: kèm đường dẫn thì cần hơn 1 phần SMS"},
        {"templates/messages/a.txt:3: no such placeholder: {tilte} (did you mean {title}?)",
         "templates/messages/a.txt:3: không có ô điền này: {tilte} (có phải là {title}?)"},
        {"said by nobody", "said by nobody"},
    };
    char out[TEXT_ERROR];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set("LC_ALL", "vi_VN.UTF-8");
        assert_string_equal(text_error(rows[i][0], out), rows[i][1]);
        set("LC_ALL", "C");
        assert_string_equal(text_error(rows[i][0], out), rows[i][0]);
    }
}

static void
check_known(const char *english)
{
    if (strcmp(text_of(english), english) == 0) {
        fail_msg("'%s' has no Vietnamese", english);
    }
}

static void
test_tables_are_translated(void **state)
{
    (void)state;
    set("LC_ALL", "vi_VN.UTF-8");
    for (const struct cli_command *c = cli_commands; c->name; c++) {
        check_known(c->help);
        for (size_t i = 0; i < c->options_n; i++) {
            check_known(c->options[i].help);
        }
    }
    for (size_t i = 0; i < OUTCOME_N; i++) {
        check_known(outcome_name(OUTCOME_LETTERS[i]));
    }
    set("LC_ALL", "C");
}

static const struct {
    const char *label, *text;
    size_t width;
} widths[] = {
    {"nothing", "", 0},
    {"letters", "abc", 3},
    {"Vietnamese, composed", "Thông báo", 9},
    {"Vietnamese, combining marks", "Tho\xcc\x82ng", 5},
    {"wide", "漢字", 4},
    {"a bad byte",
     "a\xff"
     "b",
     3},
    {"a control character", "a\x1b[31m", 6},
};

static void
test_widths(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        if (text_width(str_of(widths[i].text)) != widths[i].width) {
            fail_msg("%s: %zu", widths[i].label, text_width(str_of(widths[i].text)));
        }
    }
}

static const struct {
    const char *text;
    size_t cells;
    const char *fitted;
} fits[] = {
    {"Thông báo", 9, "Thông báo"},
    {"Thông báo", 8, "Thông b…"},
    {"abc", 1, "…"},
    {"abc", 0, ""},
    {"漢字", 3, "漢…"},
    {"漢字", 2, "…"},
    {"a\x1b[31m", 9, "a?[31m"},
    {"a\xff", 9, "a?"},
};

static void
test_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
        struct buf out;
        buf_init(&out, 100);
        buf_add_z(&out, "");
        size_t used = text_fit(&out, str_of(fits[i].text), fits[i].cells);
        if (strcmp(out.p, fits[i].fitted) != 0 || used > fits[i].cells) {
            fail_msg("%s in %zu: '%s', %zu", fits[i].text, fits[i].cells, out.p, used);
        }
        buf_deinit(&out);
    }
}

static void
test_table(void **state)
{
    (void)state;
    static const struct table_column columns[] = {
        {"NAME_", false, false}, {"N", true, false}, {"REST", false, true}};
    struct table *table = table_new(columns, 3);
    table_add_z(table, "Đỗ Ân");
    table_add_number(table, 5);
    table_add_z(table, "x\ny");
    table_add_z(table, "B");
    table_add_number(table, 1000);
    table_add_z(table, "");
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    assert_non_null(f);
    table_print(table, f);
    (void)fclose(f);
    assert_string_equal(text, "NAME_     N  REST\n"
                              "Đỗ Ân     5  x?y\n"
                              "B      1000\n");
    free(text);
    table_free(&table);
    assert_null(table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_locales),
        cmocka_unit_test(test_sentences_of_the_core),
        cmocka_unit_test(test_tables_are_translated),
        cmocka_unit_test(test_widths),
        cmocka_unit_test(test_fit),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

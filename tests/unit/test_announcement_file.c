/* Announcements out of files. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/announcement.h"
#include "gateway/core/body.h"

static void
test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text, *title, *link, *body;
    } cases[] = {
        {"plain", "Họp tổ 7\n19h30 ngày 2/12.", "Họp tổ 7", "", "19h30 ngày 2/12."},
        {"one line", "Họp tổ 7", "Họp tổ 7", "", ""},
        {"nothing", "", "", "", ""},
        {"BOM and CRLF", "\xef\xbb\xbfHọp\r\nHai.\r\n", "Họp", "", "Hai."},
        {"furniture before the title",
         "Chính trị Chính trị\n\nHọp tổ\nNgày đăng 14/09/2026 | 15:13 | Lượt xem: 1\n\nHai.",
         "Họp tổ", "", "Hai."},
        {"letterhead", "UBND PHƯỜNG A\nSố: 1/TB-UBND\nTHÔNG BÁO\nVề việc cắt nước\n\nHai.",
         "THÔNG BÁO Về việc cắt nước", "", "UBND PHƯỜNG A\nSố: 1/TB-UBND\n\nHai."},
        {"a table by tabs", "Lịch phun\nNgày\tTổ\tGiờ\n4/12\t1, 2\t\t6h00\nHai\tcột\n", "Lịch phun",
         "", "Ngày; Tổ; Giờ\n4/12; 1, 2; 6h00\nHai cột"},
        {"only a letterhead", "UBND PHƯỜNG A", "UBND PHƯỜNG A", "", ""},
        {"the last link, and its label goes",
         "Họp\nXem https://a.vn/1 và đến dự.\nXem chi tiết: https://a.vn/2.\n", "Họp",
         "https://a.vn/2", "Xem https://a.vn/1 và đến dự."},
        {"a link inside a sentence", "Họp\nĐăng ký tại (https://a.vn/x) trước ngày 5/12.", "Họp",
         "https://a.vn/x", "Đăng ký tại () trước ngày 5/12."},
        {"a link with brackets", "Họp\nNguồn: <https://a.vn/x_(y)?a=1&b=2#c>", "Họp",
         "https://a.vn/x_(y)?a=1&b=2#c", ""},
        {"a link alone", "https://a.vn/x", "", "https://a.vn/x", ""},
        {"any case", "Họp\nHTTP://A.VN/x", "Họp", "HTTP://A.VN/x", ""},
        {"no address", "Họp\nhttps:// và http", "Họp", "", "https:// và http"},
        {"in quotes", "Họp\nTại “https://a.vn/x”", "Họp", "https://a.vn/x", "Tại “”"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct announcement a;
        assert_int_equal(announcement_read(&a, arena, "x.txt", str_of(cases[i].text), NULL), 0);
        if (!str_equal_z(a.field[FIELD_TITLE], cases[i].title) ||
            !str_equal_z(a.field[FIELD_URL], cases[i].link) ||
            !str_equal_z(a.field[FIELD_BODY], cases[i].body)) {
            fail_msg("%s: '%.*s' '%.*s' '%.*s'", cases[i].label, (int)a.field[FIELD_TITLE].n,
                     a.field[FIELD_TITLE].p, (int)a.field[FIELD_URL].n, a.field[FIELD_URL].p,
                     (int)a.field[FIELD_BODY].n, a.field[FIELD_BODY].p);
        }
        arena_free(&arena);
    }
}

static void
test_json(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text, *title; /* an error after "!" */
    } cases[] = {
        {"fields", "{\"title\":\"H\\u1ecdp\",\"body\":\"x\",\"priority\":\"urgent\"}", "Họp"},
        {"BOM", "\xef\xbb\xbf{\"title\":\"Họp\"}", "Họp"},
        {"no title", "{\"body\":\"x\"}", ""},
        {"misspelt", "{\"tilte\":\"x\"}",
         "!tilte: no field of an announcement (did you mean title?)"},
        {"unknown", "{\"colour\":\"x\"}", "!colour: no field of an announcement"},
        {"a number", "{\"title\":7}", "!title: must be a string"},
        {"an array", "[]", "!not a JSON object with the fields of an announcement"},
        {"twice", "{\"title\":\"a\",\"title\":\"b\"}",
         "!line 1: not JSON: duplicate object key near '\"title\"'"},
        {"cut off", "{\"title\":\n\"a\"", "!line 2: not JSON: '}' expected near end of file"},
        {"more behind", "{\"title\":\"a\"}x", "!line 1: not JSON: end of file expected near 'x'"},
        {"bad UTF-8", "{\"title\":\"\xff\"}",
         "!line 1: not JSON: unable to decode byte 0xff near '\"'"},
        {"empty", "", "!line 1: not JSON: '[' or '{' expected near end of file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct announcement a;
        struct err err = {.text = "!"};
        int answer = announcement_read(&a, arena, "X.JSON", str_of(cases[i].text), &err);
        struct str got = answer == 0 ? a.field[FIELD_TITLE] : str_of(err.text);
        if (!str_equal_z(got, cases[i].title + (answer != 0)) ||
            (answer != 0 && err.code != ERR_INPUT)) {
            fail_msg("%s: '%.*s'", cases[i].label, (int)got.n, got.p);
        }
        arena_free(&arena);
    }
}

static void
test_formats(void **state)
{
    (void)state;
    static const struct {
        const char *label, *name, *content, *title;
    } cases[] = {
        {"html by name", "a/b.HTML", "<h1>Họp</h1><p>x</p>", "Họp"},
        {"htm", "b.htm", "<h1>Họp</h1><p>x</p>", "Họp"},
        {"text by name", "b.txt", "{\"title\":\"x\"}", "{\"title\":\"x\"}"},
        {"text by default", "b", "Họp\nx", "Họp"},
        {"a page in a .txt", "b.txt", "<!doctype HTML><h1>Họp</h1>", "Họp"},
        {"sniffed json", "-", " {\"title\":\"Họp\"}", "Họp"},
        {"sniffed html", "-", "\n<h1>Họp</h1>", "Họp"},
        {"sniffed text", "-", "Họp <p>\nx", "Họp <p>"},
        {"a fragment without a title", "b.html", "<p>Họp tổ 7</p><p>19h30.</p>", "Họp tổ 7"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct announcement a;
        struct err err = {.text = ""};
        int answer = announcement_read(&a, arena, cases[i].name, str_of(cases[i].content), &err);
        if (answer != 0 || !str_equal_z(a.field[FIELD_TITLE], cases[i].title)) {
            fail_msg("%s: '%.*s' %s", cases[i].label, (int)a.field[FIELD_TITLE].n,
                     a.field[FIELD_TITLE].p, err.text);
        }
        arena_free(&arena);
    }
}

static void
test_refusals(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct announcement a;
    struct err err = {0};
    assert_int_equal(announcement_read(&a, arena, "a.txt", STR("ab\xff"), &err), -1);
    assert_string_equal(err.text, "no UTF-8 at byte 2");
    assert_int_equal(announcement_read(&a, arena, "a.html", STR("<p>\xff"), &err), -1);
    assert_string_equal(err.text, "no UTF-8 at byte 3");
    assert_int_equal(announcement_read(&a, arena, "a", (struct str){"", 1 << 25}, &err), -1);
    assert_string_equal(err.text, "33554432 bytes, at most 16777216 are read");
    arena_free(&arena);
}

static void
test_bodies(void **state)
{
    (void)state;
    static const struct {
        const char *body, *text;
    } cases[] = {
        {"Một.\r\n\r\n\r\nHai.", "Một.\n\nHai."},
        {"<p>Một.</p><p>Hai&nbsp;2.</p>", "Một.\nHai 2."},
        {"ph&#432;&#7901;ng\nHai", "phường\nHai"},
        {"1 < 2\n3 > 2", "1 < 2\n3 > 2"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct str text;
        assert_int_equal(body_text(str_of(cases[i].body), arena, &text, NULL), 0);
        if (!str_equal_z(text, cases[i].text)) {
            fail_msg("%s: '%.*s'", cases[i].body, (int)text.n, text.p);
        }
        arena_free(&arena);
    }
}

/* Another title than the file's loses no line of a text; a page and JSON keep their bodies. */
static void
test_another_title(void **state)
{
    (void)state;
    static const struct {
        const char *label, *name, *content, *body;
    } cases[] = {
        {"a text's line goes back", "a.txt", "One\nTwo\n", "One\nTwo"},
        {"a text of one line", "a.txt", "One\n", "One\n"},
        {"JSON's title goes", "a.json", "{\"title\":\"One\",\"body\":\"Two\"}", "Two"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct announcement a;
        struct err err;
        assert_int_equal(
            announcement_read(&a, arena, cases[i].name, str_of(cases[i].content), &err), 0);
        announcement_retitle(&a, arena, STR("New"));
        struct str body = a.field[FIELD_BODY];
        if (!str_equal_z(body, cases[i].body) || !str_equal_z(a.field[FIELD_TITLE], "New")) {
            fail_msg("%s: got '%.*s'", cases[i].label, (int)body.n, body.p);
        }
        arena_free(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),   cmocka_unit_test(test_json),
        cmocka_unit_test(test_formats), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_bodies),  cmocka_unit_test(test_another_title),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

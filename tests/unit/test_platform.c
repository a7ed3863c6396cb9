/* What the messaging platforms get. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/platform.h"
#include "gateway/core/time.h"
#include "gateway/core/unicode.h"

#define LINK "https://a.vn/b/c?d=1"

static void
test_pages(void **state)
{
    (void)state;
    static const struct {
        const char *label, *title, *body, *url, *summary, *telegram, *zalo;
    } cases[] = {
        {"all", "Họp <7> & 8", "<p>Một &amp; hai.</p><p>Ba.</p>", LINK, "",
         "<b>Họp &lt;7&gt; &amp; 8</b>\n\nMột &amp; hai.\nBa.\n\n" LINK,
         "Họp <7> & 8\n\nMột & hai.\nBa.\n\n" LINK},
        {"no link", "Họp", "Một.", "", "", "<b>Họp</b>\n\nMột.", "Họp\n\nMột."},
        {"no body", "Họp", "", LINK, "", "<b>Họp</b>\n\n" LINK, "Họp\n\n" LINK},
        {"a given summary", "Họp", "Thân bài.", "", "Một\nHai", "<b>Họp</b>\n\nMột\nHai",
         "Họp\n\nMột\nHai"},
        {"a link's ampersand", "Họp", "", "https://a.vn/?a=1&b=2", "",
         "<b>Họp</b>\n\nhttps://a.vn/?a=1&amp;b=2", "Họp\n\nhttps://a.vn/?a=1&b=2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct platform_text telegram, zalo;
        struct announcement a = {.field = {[FIELD_TITLE] = str_of(cases[i].title),
                                           [FIELD_BODY] = str_of(cases[i].body),
                                           [FIELD_URL] = str_of(cases[i].url),
                                           [FIELD_SUMMARY] = str_of(cases[i].summary)}};
        assert_int_equal(platform_telegram(&a, arena, &telegram, NULL), 0);
        assert_int_equal(platform_zalo_oa(&a, arena, &zalo, NULL), 0);
        if (!str_equal_z(telegram.text, cases[i].telegram) ||
            !str_equal_z(zalo.text, cases[i].zalo) || !str_equal_z(zalo.link, cases[i].url)) {
            fail_msg("%s: '%.*s' '%.*s'", cases[i].label, (int)telegram.text.n, telegram.text.p,
                     (int)zalo.text.n, zalo.text.p);
        }
        arena_free(&arena);
    }
}

static void
test_limits(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct buf body;
    struct platform_text out;
    struct err err = {0};
    buf_init(&body, 1 << 20);
    for (int i = 0; i < 3000; i++) {
        buf_add_format(&body, "Câu số %d dài. ", i);
    }
    struct announcement a = {
        .field = {
            [FIELD_TITLE] = STR("Họp"), [FIELD_BODY] = buf_str(&body), [FIELD_URL] = STR(LINK)}};
    assert_int_equal(platform_zalo_oa(&a, arena, &out, &err), 0);
    size_t n = utf8_count(out.text);
    struct str end = {out.text.p + out.text.n - strlen(LINK), strlen(LINK)};
    assert_true(n <= ZALO_OA_UNITS && n > ZALO_OA_UNITS / 2);
    assert_true(str_equal_z(end, LINK));
    assert_non_null(memmem(out.text.p, out.text.n, " dài.\n\nhttps", 13));
    assert_int_equal(platform_telegram(&a, arena, &out, &err), 0);
    a.field[FIELD_URL] = (struct str){body.p, 5000};
    assert_int_equal(platform_zalo_oa(&a, arena, &out, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    buf_deinit(&body);
    arena_free(&arena);
}

static void
test_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *value; /* an error after "!" */
    } cases[] = {
        {"{title}", "Họp tổ 7"},
        {"Mời: {title}, {kind}", "Mời: Họp tổ 7, giay-moi"},
        {"{published_at}", "09:10 07/11/2026"},
        {"{send_at}", "07:00 01/01/1970"},
        {"{expires_at}", ""},
        {"{link}", LINK},
        {"{link_path}", "b/c?d=1"},
        {"{summary}", "Một câu. Hai câu."},
        {"{issuer}{id}", ""},
        {"không có", "không có"},
        {"{", "{"},
        {"{titel}", "!parameters: p: no such placeholder: {titel} (did you mean {title}?)"},
        {"{}", "!parameters: p: no such placeholder: {}"},
    };
    struct announcement a = {.published_at = 1794017400,
                             .field = {[FIELD_TITLE] = STR("Họp tổ 7"),
                                       [FIELD_KIND] = STR("giay-moi"),
                                       [FIELD_BODY] = STR("Một câu. Hai\ncâu."),
                                       [FIELD_URL] = STR(LINK)}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct err err = {.text = "!"};
        struct platform_pair pattern = {STR("p"), str_of(cases[i].pattern)}, value;
        const struct platform_template template = {&pattern, 1, 1, TIME_VIETNAM};
        int answer = platform_zalo_template(&a, &template, arena, &value, &err);
        struct str got = answer == 0 ? value.value : str_of(err.text);
        if (!str_equal_z(got, cases[i].value + (answer != 0))) {
            fail_msg("%s: '%.*s'", cases[i].pattern, (int)got.n, got.p);
        }
        arena_free(&arena);
    }
}

static void
test_parameters_are_cut(void **state)
{
    (void)state;
    char words[1200];
    for (size_t i = 0; i < sizeof words; i += 6) {
        memcpy(words + i, "chữ ", 6);
    }
    struct arena *arena = arena_new();
    struct announcement a = {
        .field = {[FIELD_TITLE] = {words, 1200}, [FIELD_BODY] = {words, 1200}}};
    struct platform_pair patterns[] = {{STR("a"), STR("{title}")}, {STR("b"), STR("{summary}")}};
    struct platform_pair values[2];
    const struct platform_template template = {patterns, 2, 1, TIME_VIETNAM};
    assert_int_equal(platform_zalo_template(&a, &template, arena, values, NULL), 0);
    for (int i = 0; i < 2; i++) {
        size_t n = utf8_count(values[i].value);
        assert_true(n <= ZALO_PARAMETER && n > ZALO_PARAMETER - 10);
    }
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_parameters_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

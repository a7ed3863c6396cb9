/* The text of an SMS in the office's words: what stands around it, what an operator refuses, names,
 * and how many parts are worth their price. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/advice.h"
#include "gateway/core/fit.h"
#include "gateway/core/unicode.h"

#define LINK "https://a.vn/x?a=1&b=2"
#define BASE "https://loa.vn/s/"
#define SHORT BASE "7kxm2abz"
#define NAME30 "Cong Tang Ton Nu Phuong Nguyet"

static const struct segment_form usual = {ENCODING_GSM7, 6};

struct given {
    const char *label, *template;
    struct wording wording; /* its template is read from the text */
    enum diacritics marks;
    int max_parts;
    const char *title, *url, *summary;
    enum priority priority;
};

/* The text for a row, or "!" and the error. */
static struct str
text_for(const struct given *g, struct arena *arena, struct fit *fit)
{
    struct template template;
    struct template_mistake why;
    struct err err = {0};
    struct wording wording = g->wording;
    struct story *story = arena_alloc(arena, sizeof *story);
    struct announcement a = {.field = {[FIELD_TITLE] = str_of(g->title),
                                       [FIELD_URL] = str_of(g->url),
                                       [FIELD_SUMMARY] = str_of(g->summary)}};
    assert_int_equal(announcement_check(&a, arena, &err), 0);
    a.priority = g->priority;
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, &err), 0);
    assert_int_equal(template_parse(str_of(g->template), TEMPLATE_PLAIN, arena, &template, &why),
                     0);
    wording.template = &template;
    const struct wording_source source = {&a, story};
    const struct fit_rules rules = {g->marks, g->max_parts, usual};
    if (fit_sms(&source, &wording, &rules, arena, fit, &err) != 0) {
        struct buf said;
        buf_init(&said, 400);
        buf_add_format(&said, "!%s", err.text);
        struct str text = {arena_strndup(arena, said.p, said.n), said.n};
        buf_deinit(&said);
        return text;
    }
    return fit->text;
}

static const struct {
    struct given given;
    const char *text;
    int parts;
    enum encoding encoding;
} rows[] = {
    {{"a given summary and its link",
      "{summary} {link}",
      {0},
      DIACRITICS_STRIP,
      1,
      "Họp",
      LINK,
      "Họp tổ 19h30",
      PRIORITY_NORMAL},
     "Hop to 19h30 " LINK,
     1,
     ENCODING_GSM7},
    {{"the link stands in it already",
      "{summary} {link}",
      {0},
      DIACRITICS_STRIP,
      1,
      "Họp",
      LINK,
      "Xem " LINK " nhé",
      PRIORITY_NORMAL},
     "Xem " LINK " nhe",
     1,
     ENCODING_GSM7},
    {{"and becomes the short one",
      "{summary} {link}",
      {.short_base = {BASE, sizeof BASE - 1}, .code = "7kxm2abz"},
      DIACRITICS_STRIP,
      1,
      "Họp",
      LINK,
      "Xem " LINK " nhé",
      PRIORITY_NORMAL},
     "Xem " SHORT " nhe",
     1,
     ENCODING_GSM7},
    {{"the short link",
      "{summary} {link}",
      {.short_base = {BASE, sizeof BASE - 1}, .code = "7kxm2abz"},
      DIACRITICS_KEEP,
      1,
      "Họp",
      LINK,
      "Họp tổ",
      PRIORITY_NORMAL},
     "Họp tổ " SHORT,
     1,
     ENCODING_UCS2},
    {{"without a link",
      "{summary} {link}",
      {0},
      DIACRITICS_STRIP,
      1,
      "Họp",
      "",
      "Họp tổ",
      PRIORITY_NORMAL},
     "Hop to",
     1,
     ENCODING_GSM7},
    {{"prefix and suffix",
      "{summary} {link}",
      {.prefix = {"[UBND]", 6}, .suffix = {"TC gửi 8188", 13}},
      DIACRITICS_STRIP,
      1,
      "Họp",
      LINK,
      "Họp tổ",
      PRIORITY_NORMAL},
     "[UBND] Hop to " LINK " TC gui 8188",
     1,
     ENCODING_GSM7},
    {{"an emergency says so first",
      "{summary}",
      {.prefix = {"[UBND]", 6}},
      DIACRITICS_STRIP,
      1,
      "Bão",
      "",
      "Sơ tán ngay",
      PRIORITY_EMERGENCY},
     "[UBND] KHAN: So tan ngay",
     1,
     ENCODING_GSM7},
    {{"but once",
      "{summary}",
      {0},
      DIACRITICS_KEEP,
      1,
      "Bão",
      "",
      "Khẩn: sơ tán",
      PRIORITY_EMERGENCY},
     "Khẩn: sơ tán",
     1,
     ENCODING_UCS2},
    {{"and first",
      "{summary}",
      {0},
      DIACRITICS_STRIP,
      1,
      "Bão",
      "",
      "CẢNH BÁO KHẨN CẤP: sơ tán",
      PRIORITY_EMERGENCY},
     "KHAN: so tan",
     1,
     ENCODING_GSM7},
    {{"and first, whoever warns",
      "{summary}",
      {0},
      DIACRITICS_STRIP,
      1,
      "Bão",
      "",
      "P. Phú An: CẢNH BÁO KHẨN: sơ tán",
      PRIORITY_EMERGENCY},
     "KHAN: P. Phu An: so tan",
     1,
     ENCODING_GSM7},
    {{"what is said of an emergency stays",
      "{summary}",
      {0},
      DIACRITICS_STRIP,
      1,
      "Bão",
      "",
      "Phú An: sơ tán khẩn: ngay",
      PRIORITY_EMERGENCY},
     "KHAN: Phu An: so tan khan: ngay",
     1,
     ENCODING_GSM7},
    {{"not every khan",
      "{summary}",
      {0},
      DIACRITICS_STRIP,
      1,
      "Bão",
      "",
      "Khánh Hòa có bão",
      PRIORITY_EMERGENCY},
     "KHAN: Khanh Hoa co bao",
     1,
     ENCODING_GSM7},
    {{"in English",
      "{summary}",
      {.language = TEMPLATE_EN},
      DIACRITICS_STRIP,
      1,
      "Storm",
      "",
      "Leave now",
      PRIORITY_EMERGENCY},
     "URGENT: Leave now",
     1,
     ENCODING_GSM7},
    {{"refused signs in the text, and a link that has one",
      "{summary} {link}",
      {.refused = {"&%", 2}},
      DIACRITICS_STRIP,
      1,
      "Họp",
      LINK,
      "UBND & HĐND: 5%",
      PRIORITY_NORMAL},
     "UBND va HDND: 5 phan tram",
     1,
     ENCODING_GSM7},
    {{"refused signs and a short link",
      "{summary} {link}",
      {.refused = {"&%", 2}, .short_base = {BASE, sizeof BASE - 1}, .code = "7kxm2abz"},
      DIACRITICS_STRIP,
      1,
      "Họp",
      LINK,
      "A & B",
      PRIORITY_NORMAL},
     "A va B " SHORT,
     1,
     ENCODING_GSM7},
    {{"a template without a summary",
      "{title}: {link}",
      {0},
      DIACRITICS_STRIP,
      3,
      "Họp tổ",
      LINK,
      "",
      PRIORITY_NORMAL},
     "Hop to: " LINK,
     1,
     ENCODING_GSM7},
    {{"a name",
      "Kính mời {name}: {summary}",
      {0},
      DIACRITICS_STRIP,
      1,
      "Họp",
      "",
      "họp tổ",
      PRIORITY_NORMAL},
     "Kinh moi {name}: hop to",
     1,
     ENCODING_GSM7},
    {{"a name in a given summary",
      "{summary}",
      {.refused = {"{}", 2}},
      DIACRITICS_KEEP,
      1,
      "Họp",
      "",
      "Chào {name}",
      PRIORITY_NORMAL},
     "Chào {name}",
     1,
     ENCODING_UCS2},
    {{"auto: only quotes are dear",
      "{summary}",
      {0},
      DIACRITICS_AUTO,
      1,
      "Hop",
      "",
      "Hop “to 7” – moi",
      PRIORITY_NORMAL},
     "Hop \"to 7\" - moi",
     1,
     ENCODING_GSM7},
    {{"auto: letters would be lost",
      "{summary}",
      {0},
      DIACRITICS_AUTO,
      1,
      "Hop",
      "",
      "Họp “tổ” 7",
      PRIORITY_NORMAL},
     "Họp “tổ” 7",
     1,
     ENCODING_UCS2},
    {{"a given summary is not cut",
      "{summary} {link}",
      {0},
      DIACRITICS_KEEP,
      1,
      "Họp",
      LINK,
      "Họp tổ dân phố số 7 lúc 19h30 ngày 02/12/2026 tại nhà văn hóa, mời bà con đến đủ",
      PRIORITY_NORMAL},
     "!summary: with its link it needs more than 1 SMS part",
     0,
     ENCODING_GSM7},
    {{"no room",
      "{title} {link}",
      {0},
      DIACRITICS_STRIP,
      1,
      "Họp",
      LINK LINK LINK LINK LINK LINK LINK LINK LINK,
      "",
      PRIORITY_NORMAL},
     "!title and link do not fit into 1 SMS part",
     0,
     ENCODING_GSM7},
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct fit *fit = arena_alloc(arena, sizeof *fit);
        struct str got = text_for(&rows[i].given, arena, fit);
        if (!str_equal_z(got, rows[i].text)) {
            fail_msg("%s: '%.*s'", rows[i].given.label, (int)got.n, got.p);
        }
        if (rows[i].parts > 0 &&
            (fit->segments.n != rows[i].parts || fit->segments.encoding != rows[i].encoding ||
             fit->named != wording_is_named(fit->text))) {
            fail_msg("%s: %d parts, encoding %d", rows[i].given.label, fit->segments.n,
                     fit->segments.encoding);
        }
        arena_free(&arena);
    }
}

/* The parts are those of the widest name. */
static void
test_widest_name(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct fit *fit = arena_alloc(arena, sizeof *fit);
    char summary[200];
    memset(summary, 'a', sizeof summary);
    for (size_t n = 120; n < 140; n++) {
        summary[n] = '\0';
        const struct given g = {"",      "{name} {summary}", {0}, DIACRITICS_STRIP, 2, "x", "",
                                summary, PRIORITY_NORMAL};
        (void)text_for(&g, arena, fit);
        assert_int_equal(fit->segments.characters, (int)n + 1 + 30);
        assert_int_equal(fit->segments.n, n + 31 > 160 ? 2 : 1);
        summary[n] = 'a';
    }
    arena_free(&arena);
}

static void
test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *put;
    } cases[] = {
        {"Nguyễn Văn A", "Nguyễn Văn A"},
        {"  Nguyễn\n Văn  A ", "Nguyễn Văn A"},
        {"Nguyễn Thị Công Tằng Tôn Nữ Phương Nguyệt", "Công Tằng Tôn Nữ Phương Nguyệt"},
        {"Nguyễn (Hoa) {x}~", "Nguyễn Hoa x"},
        {"aaaaaaaaaabbbbbbbbbbccccccccccdddd", "aaaaaaaaaabbbbbbbbbbcccccccccc"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct str got = wording_name(arena, str_of(cases[i].name));
        if (!str_equal_z(got, cases[i].put)) {
            fail_msg("'%s': '%.*s'", cases[i].name, (int)got.n, got.p);
        }
        arena_free(&arena);
    }
    assert_int_equal(utf8_count(wording_widest_name(true)), WORDING_NAME_MAX);
    assert_int_equal(utf8_count(wording_widest_name(false)), WORDING_NAME_MAX);
}

/* Whatever room there is, the text fits it, with its whole link last. */
static void
test_every_room(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct story *story = arena_alloc(arena, sizeof *story);
    struct template template;
    struct template_mistake why;
    struct announcement a = {
        .field = {[FIELD_TITLE] = STR("Tạm ngừng cấp nước [khẩn] tại phường Tân Lập ~ Phú An"),
                  [FIELD_BODY] =
                      STR("Từ 22h00 ngày 28/11/2026 đến 05h00 ngày 29/11/2026, tạm ngừng cấp nước "
                          "tại tổ dân phố số 4, 5, 6 và 7 {khu A}. Đề nghị bà con trữ nước. Điện "
                          "thoại: 024.1000.4455. Không mở van khi chưa có nước."),
                  [FIELD_URL] = STR("https://a.vn/thong-bao/28-11")}};
    assert_int_equal(announcement_check(&a, arena, NULL), 0);
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
    assert_int_equal(
        template_parse(STR("{summary} {link}"), TEMPLATE_PLAIN, arena, &template, &why), 0);
    const struct wording_source source = {&a, story};
    double kept = 0;
    char prefix[61];
    memset(prefix, 'x', sizeof prefix);
    for (size_t n = 0; n <= 60; n += 4) {
        for (int parts = 1; parts <= 3; parts++) {
            struct fit *fit = arena_alloc(arena, sizeof *fit);
            const struct wording w = {.template = &template, .prefix = {prefix, n}};
            const struct fit_rules strip = {DIACRITICS_STRIP, parts, usual},
                                   keep = {DIACRITICS_KEEP, parts, usual};
            assert_int_equal(fit_sms(&source, &w, &strip, arena, fit, NULL), 0);
            assert_true(fit->segments.n <= parts && fit->gist.kept >= 0);
            assert_true(fit->text.n > 28 && memcmp(fit->text.p + fit->text.n - 28,
                                                   "https://a.vn/thong-bao/28-11", 28) == 0);
            if (n == 0) {
                assert_true(fit->gist.kept >= kept); /* more room keeps no less */
                kept = fit->gist.kept;
            }
            if (fit_sms(&source, &w, &keep, arena, fit, NULL) == 0) {
                assert_true(fit->segments.n <= parts);
                assert_int_equal(fit->segments.encoding, ENCODING_UCS2);
            }
        }
    }
    arena_free(&arena);
}

/* On every link, whatever its alphabet, the text fits the parts. */
static void
test_every_form(void **state)
{
    (void)state;
    static const struct segment_form forms[] = {
        {ENCODING_GSM7, 7}, {ENCODING_LATIN1, 6}, {ENCODING_UCS2, 6}};
    static const struct {
        int one, two;
    } most[] = {{160, 304}, {140, 268}, {70, 134}};
    struct arena *arena = arena_new();
    struct fit *fit = arena_alloc(arena, sizeof *fit);
    struct story *story = arena_alloc(arena, sizeof *story);
    struct template template;
    struct template_mistake why;
    struct announcement a = {.field = {[FIELD_TITLE] = STR("Cắt nước từ 22h00 ngày 28/11/2026"),
                                       [FIELD_BODY] = STR("Tại tổ dân phố số 4, 5, 6. Điện thoại: "
                                                          "024.1000.4455. Không mở van nước.")}};
    assert_int_equal(announcement_check(&a, arena, NULL), 0);
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
    assert_int_equal(template_parse(STR("{summary}"), TEMPLATE_PLAIN, arena, &template, &why), 0);
    const struct wording_source source = {&a, story};
    const struct wording w = {.template = &template};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        for (int parts = 1; parts <= 2; parts++) {
            const struct fit_rules rules = {DIACRITICS_STRIP, parts, forms[i]};
            assert_int_equal(fit_sms(&source, &w, &rules, arena, fit, NULL), 0);
            assert_int_equal(fit->segments.encoding, forms[i].narrow);
            assert_true(fit->segments.characters <= (parts == 1 ? most[i].one : most[i].two));
        }
        assert_int_equal(fit_capacity(forms[i], forms[i].narrow, 1), most[i].one);
        assert_int_equal(fit_capacity(forms[i], forms[i].narrow, 2), most[i].two);
    }
    arena_free(&arena);
}

static void
test_advice(void **state)
{
    (void)state;
    struct advice_signs signs;
    advice_signs(STR("Hop to 7"), &signs);
    assert_int_equal(signs.distinct, 0);
    advice_signs(STR("Hop “to” 7 “"), &signs);
    assert_int_equal(signs.distinct, 2);
    assert_int_equal(signs.times[0], 2);
    assert_true(str_equal_z(signs.sign[0], "“"));
    advice_signs(STR("ạảãắằẳẵặấầạảãắằẳẵặấầ"), &signs);
    assert_int_equal(signs.distinct, 10);
    assert_int_equal(signs.n, ADVICE_SIGNS);
    struct arena *arena = arena_new();
    struct segments *segments = arena_alloc(arena, sizeof *segments);
    char text[320];
    memset(text, 'a', sizeof text);
    assert_int_equal(segment_split((struct str){text, 160}, 3, segments, NULL), 0);
    assert_int_equal(advice_over(segments, usual), 0);
    assert_int_equal(segment_split((struct str){text, 163}, 3, segments, NULL), 0);
    assert_int_equal(advice_over(segments, usual), 3);
    assert_int_equal(segment_split((struct str){text, 310}, 3, segments, NULL), 0);
    assert_int_equal(advice_over(segments, usual), 4);
    assert_int_equal(advice_part(segments, 2, arena).n, 4);
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),   cmocka_unit_test(test_widest_name),
        cmocka_unit_test(test_names),  cmocka_unit_test(test_every_room),
        cmocka_unit_test(test_advice), cmocka_unit_test(test_every_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

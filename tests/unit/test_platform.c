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

/* An announcement with its story and a template, as the calls want them. */
struct ready {
    struct arena *arena;
    struct story *story;
    struct template template;
    struct wording_source source;
    struct wording wording;
};

static void
make_ready(struct ready *r, const struct announcement *a, const char *text, bool html)
{
    struct template_mistake why;
    r->arena = arena_new();
    r->story = arena_alloc(r->arena, sizeof *r->story);
    assert_int_equal(story_read(a, phrases_built_in(r->arena), r->arena, r->story, NULL), 0);
    assert_int_equal(template_parse(str_of(text), html ? TEMPLATE_HTML : TEMPLATE_PLAIN, r->arena,
                                    &r->template, &why),
                     0);
    r->source = (struct wording_source){a, r->story};
    r->wording = (struct wording){.template = &r->template, .now_s = 1, .offset_min = TIME_VIETNAM};
}

static struct platform_text
page_of(const struct announcement *a, bool html, struct ready *r)
{
    struct platform_text out;
    make_ready(r, a,
               html ? "<b>{title}</b>\n\n{summary}\n\n{link}" : "{title}\n\n{summary}\n\n{link}",
               html);
    assert_int_equal((html ? platform_telegram : platform_zalo_oa)(&r->source, &r->wording,
                                                                   r->arena, &out, NULL),
                     0);
    return out;
}

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
        struct announcement a = {.field = {[FIELD_TITLE] = str_of(cases[i].title),
                                           [FIELD_BODY] = str_of(cases[i].body),
                                           [FIELD_URL] = str_of(cases[i].url),
                                           [FIELD_SUMMARY] = str_of(cases[i].summary)}};
        struct ready r, q;
        struct platform_text telegram = page_of(&a, true, &r), zalo = page_of(&a, false, &q);
        if (!str_equal_z(telegram.text, cases[i].telegram) ||
            !str_equal_z(zalo.text, cases[i].zalo) || !str_equal_z(zalo.link, cases[i].url)) {
            fail_msg("%s: '%.*s' '%.*s'", cases[i].label, (int)telegram.text.n, telegram.text.p,
                     (int)zalo.text.n, zalo.text.p);
        }
        arena_free(&r.arena);
        arena_free(&q.arena);
    }
}

/* What the template itself says is HTML; what it is filled with is not. */
static void
test_conditions_and_emergency(void **state)
{
    (void)state;
    struct ready r;
    struct platform_text out;
    struct announcement a = {.priority = PRIORITY_EMERGENCY,
                             .field = {[FIELD_TITLE] = STR("Bão <14>"),
                                       [FIELD_ISSUER] = STR("A & B"),
                                       [FIELD_SUMMARY] = STR("Chào {name}")}};
    make_ready(&r, &a, "{if link}x{else}<i>{title}</i>{end} {summary}", true);
    assert_int_equal(platform_telegram(&r.source, &r.wording, r.arena, &out, NULL), 0);
    if (!str_equal_z(out.text, "<b>KHẨN:</b> <i>Bão &lt;14&gt;</i> Chào {name}")) {
        fail_msg("'%.*s'", (int)out.text.n, out.text.p);
    }
    arena_free(&r.arena);
}

static void
test_limits(void **state)
{
    (void)state;
    struct buf body;
    struct ready r;
    struct err err = {0};
    buf_init(&body, 1 << 20);
    for (int i = 0; i < 3000; i++) {
        buf_add_format(&body, "Câu số %d dài. ", i);
    }
    struct announcement a = {
        .field = {
            [FIELD_TITLE] = STR("Họp"), [FIELD_BODY] = buf_str(&body), [FIELD_URL] = STR(LINK)}};
    struct platform_text out = page_of(&a, false, &r);
    size_t n = utf8_count(out.text);
    struct str end = {out.text.p + out.text.n - strlen(LINK), strlen(LINK)};
    assert_true(n <= ZALO_OA_UNITS && n > ZALO_OA_UNITS / 2);
    assert_true(str_equal_z(end, LINK));
    assert_non_null(memmem(out.text.p, out.text.n, " dài.\n\nhttps", 13));
    arena_free(&r.arena);
    out = page_of(&a, true, &r);
    assert_true(utf8_count(out.text) <= TELEGRAM_UNITS + 7); /* the tags */
    arena_free(&r.arena);
    a.field[FIELD_URL] = (struct str){body.p, 5000};
    make_ready(&r, &a, "{title} {link}", false);
    assert_int_equal(platform_zalo_oa(&r.source, &r.wording, r.arena, &out, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    buf_deinit(&body);
    arena_free(&r.arena);
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
        {"{if id}x{else}y{end}", "y"},
        {"{name}", "{name}"},
        {"Cụ {name} (tổ 7)", "Cụ {name} (tổ 7)"},
        {"không có", "không có"},
        {"{{", "{"},
        {"{", "!parameters: p: '{' without '}'; a brace is written {{"},
        {"{titel}", "!parameters: p: no such placeholder: {titel} (did you mean {title}?)"},
        {"{}", "!parameters: p: no such placeholder: {}"},
    };
    struct announcement a = {.published_at = 1794017400,
                             .field = {[FIELD_TITLE] = STR("Họp tổ 7"),
                                       [FIELD_KIND] = STR("giay-moi"),
                                       [FIELD_SUMMARY] = STR("Một câu. Hai\ncâu."),
                                       [FIELD_URL] = STR(LINK)}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = {.text = "!"};
        struct platform_pair pattern = {STR("p"), str_of(cases[i].pattern), 0}, value;
        const struct platform_template template = {&pattern, 1};
        struct ready r;
        make_ready(&r, &a, "x", false);
        int answer =
            platform_zalo_template(&r.source, &r.wording, &template, r.arena, &value, &err);
        struct str got = answer == 0 ? value.value : str_of(err.text);
        if (!str_equal_z(got, cases[i].value + (answer != 0))) {
            fail_msg("%s: '%.*s'", cases[i].pattern, (int)got.n, got.p);
        }
        arena_free(&r.arena);
    }
}

/* Behind the base of short links, and each in the limit that it has. */
static void
test_parameters_limits(void **state)
{
    (void)state;
    char words[1200];
    for (size_t i = 0; i < sizeof words; i += 6) {
        memcpy(words + i, "chữ ", 6);
    }
    struct announcement a = {
        .field = {
            [FIELD_TITLE] = {words, 600}, [FIELD_BODY] = {words, 1200}, [FIELD_URL] = STR(LINK)}};
    struct platform_pair patterns[] = {
        {STR("a"), STR("{title}"), 0},        {STR("b"), STR("{title}"), 30},
        {STR("c"), STR("Tin: {summary}"), 0}, {STR("d"), STR("{link_path}"), 0},
        {STR("e"), STR(" {name} "), 0},       {STR("f"), STR("{published_at}"), 0}};
    struct platform_pair values[6];
    const struct platform_template template = {patterns, 6};
    static const size_t most[] = {ZALO_PARAMETER, 30, ZALO_PARAMETER};
    struct ready r;
    make_ready(&r, &a, "x", false);
    r.wording.short_base = STR("https://loa.vn/s/");
    r.wording.code = "7kxm2abz";
    assert_int_equal(
        platform_zalo_template(&r.source, &r.wording, &template, r.arena, values, NULL), 0);
    for (int i = 0; i < 3; i++) {
        size_t n = utf8_count(values[i].value);
        assert_true(n <= most[i] && n + 10 > (i < 2 ? most[i] : 0));
    }
    assert_true(str_equal_z(values[3].value, "7kxm2abz"));
    assert_int_equal(values[4].most, 30);
    assert_int_equal(values[5].most, 20);
    arena_free(&r.arena);
}

/* Several placeholders in one parameter: the widest type's limit, and the title gives way. */
static void
test_parameters_composed(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        size_t told, most;
        const char *value;
    } cases[] = {
        {"Cụ {name} ({area})", 0, ZALO_PARAMETER, "Cụ {name} (Tân Lập)"},
        {"Cụ {name}", 0, 30, "Cụ {name}"},
        {"{document} {published_at}", 0, 30, "12/TB-UBND 09:10 07/11/2026"},
        {"{title} ({document})", 0, ZALO_PARAMETER,
         "Lịch phun thuốc diệt muỗi phường Tân Lập (12/TB-UBND)"},
        {"{title} ({document})", 40, 40, "Lịch phun thuốc diệt muỗi (12/TB-UBND)"},
        {"{title} ({document})", 20, 20, "Lịch phun thuốc diệt"},
        {"{if document}{title} ({document}){else}{title}{end}", 40, 40,
         "Lịch phun thuốc diệt muỗi (12/TB-UBND)"},
        {"Kính mời", 0, ZALO_PARAMETER, "Kính mời"},
    };
    struct announcement a = {
        .published_at = 1794017400,
        .field = {[FIELD_TITLE] = STR("Lịch phun thuốc diệt muỗi phường Tân Lập"),
                  [FIELD_BODY] = STR("Số: 12/TB-UBND\nPhun lúc 8h00 ngày 5/12/2026.")}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct platform_pair pattern = {STR("p"), str_of(cases[i].pattern), cases[i].told}, value;
        const struct platform_template template = {&pattern, 1};
        struct ready r;
        make_ready(&r, &a, "x", false);
        assert_int_equal(
            platform_zalo_template(&r.source, &r.wording, &template, r.arena, &value, NULL), 0);
        if (value.most != cases[i].most || !str_equal_z(value.value, cases[i].value)) {
            fail_msg("%s: %zu '%.*s'", cases[i].pattern, value.most, (int)value.value.n,
                     value.value.p);
        }
        arena_free(&r.arena);
    }
}

/* What the other parameters tell, {summary} need not: there is room for the rest. */
static void
test_summary_beside_others(void **state)
{
    (void)state;
    static const char rest[] = "Mang theo giấy mời";
    struct announcement a = {
        .field = {[FIELD_TITLE] = STR("Họp tổ dân phố số 4"),
                  [FIELD_BODY] =
                      STR("Họp tổ dân phố số 4 lúc 19h30 ngày 03/12/2026. Mang theo giấy "
                          "mời. Gọi 0900 000 111."),
                  [FIELD_URL] = STR(LINK)}};
    struct platform_pair patterns[] = {{STR("a"), STR("{summary}"), 60},
                                       {STR("b"), STR("{title}"), 0},
                                       {STR("c"), STR("{when}"), 0}};
    struct platform_pair alone, all[3];
    const struct platform_template one = {patterns, 1}, three = {patterns, 3};
    struct ready r;
    make_ready(&r, &a, "x", false);
    assert_int_equal(platform_zalo_template(&r.source, &r.wording, &one, r.arena, &alone, NULL), 0);
    assert_int_equal(platform_zalo_template(&r.source, &r.wording, &three, r.arena, all, NULL), 0);
    assert_true(alone.value.n > 0 && !memmem(alone.value.p, alone.value.n, rest, sizeof rest - 1));
    assert_true(memmem(all[0].value.p, all[0].value.n, rest, sizeof rest - 1));
    arena_free(&r.arena);
}

/* {summary} and {more} are one text, parted at a sentence's end: what one room alone does not hold.
 */
static void
test_more(void **state)
{
    (void)state;
    static const char *const facts[] = {"19h30", "03/12", "0900 000 111", "05/12", "thẻ cử tri"};
    struct announcement a = {
        .field = {[FIELD_TITLE] = STR("Họp tổ dân phố số 4"),
                  [FIELD_BODY] =
                      STR("Tổ dân phố số 4 họp lúc 19h30 ngày 03/12/2026 tại nhà văn hóa. Mỗi hộ "
                          "mang theo thẻ cử tri và giấy mời. Hộ không đến được báo tổ trưởng qua "
                          "số 0900 000 111. Danh sách được nộp trước ngày 05/12/2026."),
                  [FIELD_URL] = STR(LINK)}};
    struct platform_pair patterns[] = {{STR("a"), STR("Tin: {summary}"), 90},
                                       {STR("b"), STR("{if more}{more}{else}-{end}"), 120},
                                       {STR("c"), STR("{title}"), 0}};
    const struct platform_template template = {patterns, 3};
    struct platform_pair values[3];
    struct ready r;
    make_ready(&r, &a, "x", false);
    for (size_t room = 30; room <= 200; room += 5) {
        patterns[0].most = room;
        assert_int_equal(
            platform_zalo_template(&r.source, &r.wording, &template, r.arena, values, NULL), 0);
        assert_true(utf8_count(values[0].value) <= room && utf8_count(values[1].value) <= 120);
        char last = values[0].value.p[values[0].value.n - 1];
        assert_true(room < 50 || last == '.');
        assert_true(room < 50 || room >= 175 || values[1].value.n > 1);
        for (size_t i = 0; i < sizeof facts / sizeof *facts && room >= 90; i++) {
            bool first = memmem(values[0].value.p, values[0].value.n, facts[i], strlen(facts[i]));
            bool more = memmem(values[1].value.p, values[1].value.n, facts[i], strlen(facts[i]));
            if (first == more) {
                fail_msg("%zu: %s: '%.*s' '%.*s'", room, facts[i], (int)values[0].value.n,
                         values[0].value.p, (int)values[1].value.n, values[1].value.p);
            }
        }
    }
    a.field[FIELD_SUMMARY] = STR("Một câu đầu tiên. Hai câu sau đó.");
    patterns[0].most = 24;
    assert_int_equal(
        platform_zalo_template(&r.source, &r.wording, &template, r.arena, values, NULL), 0);
    assert_true(str_equal(values[0].value, STR("Tin: Một câu đầu tiên.")));
    assert_true(str_equal(values[1].value, STR("Hai câu sau đó.")));
    a.field[FIELD_SUMMARY] = STR("Một câu.");
    assert_int_equal(
        platform_zalo_template(&r.source, &r.wording, &template, r.arena, values, NULL), 0);
    assert_true(str_equal(values[1].value, STR("-")));
    arena_free(&r.arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_parameters_limits),
        cmocka_unit_test(test_parameters_composed),
        cmocka_unit_test(test_summary_beside_others),
        cmocka_unit_test(test_more),
        cmocka_unit_test(test_conditions_and_emergency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

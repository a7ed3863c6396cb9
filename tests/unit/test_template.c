/* Message templates: what they say, what is wrong with them, which one is taken. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/template_set.h"

#define BIG "{if title}{if title}{if title}{if title}{if title}x{end}{end}{end}{end}{end}"

static const struct str values[WORDS] = {
    [WORD_TITLE] = {"Họp tổ", 10}, [WORD_WHERE] = {"NVH", 3}, [WORD_LINK] = {"https://a.vn/x", 14}};

static const struct {
    const char *text, *gives; /* a mistake after "!LINE " */
    enum template_form form;
} rows[] = {
    {"", "", TEMPLATE_PLAIN},
    {"Mời bà con.", "Mời bà con.", TEMPLATE_PLAIN},
    {"{title}: {when}, {where}", "Họp tổ: , NVH", TEMPLATE_PLAIN},
    {"{ title }|{link}", "Họp tổ|https://a.vn/x", TEMPLATE_PLAIN},
    {"a{if where} tại {where}{end}b", "a tại NVHb", TEMPLATE_PLAIN},
    {"a{if when} lúc {when}{end}b", "ab", TEMPLATE_PLAIN},
    {"{if when}1{else}2{end}", "2", TEMPLATE_PLAIN},
    {"{if where}1{else}2{end}", "1", TEMPLATE_PLAIN},
    {"{if not where}1{else}2{end}", "2", TEMPLATE_PLAIN},
    {"{if not when}1{end}3", "13", TEMPLATE_PLAIN},
    {"{if where}{if when}1{else}2{end}{else}3{end}4", "24", TEMPLATE_PLAIN},
    {"{if when}{if where}1{else}2{end}{else}3{end}4", "34", TEMPLATE_PLAIN},
    {"{if title}{if where}{if link}{if title}x{end}{end}{end}{end}", "x", TEMPLATE_PLAIN},
    {"{{title} } {{", "{title} } {", TEMPLATE_PLAIN},
    {"<b>{title}</b>", "<b>Họp tổ</b>", TEMPLATE_PLAIN},
    {"a < b", "a < b", TEMPLATE_PLAIN},
    {"<b>{title}</b> <i>x</i>", "<b>Họp tổ</b> <i>x</i>", TEMPLATE_HTML},
    {"{if when}<b>1</b>{end}<b>{if where}2{end}</b>", "<b>2</b>", TEMPLATE_HTML},
    {"{tilte}", "!1 no such placeholder: {tilte} (did you mean {title}?)", TEMPLATE_PLAIN},
    {"a\nb {zzzzzzzzzz}", "!2 no such placeholder: {zzzzzzzzzz}", TEMPLATE_PLAIN},
    {"a\n\n{if wherre}x{end}", "!3 no such placeholder: {wherre} (did you mean {where}?)",
     TEMPLATE_PLAIN},
    {"{title", "!1 '{' without '}'; a brace is written {{", TEMPLATE_PLAIN},
    {"{if where}x", "!1 {if …} without {end}", TEMPLATE_PLAIN},
    {"x{end}", "!1 {end} without {if …}", TEMPLATE_PLAIN},
    {"x\n{else}", "!2 {else} without {if …}", TEMPLATE_PLAIN},
    {"{if where}{else}{else}{end}", "!1 a second {else} for one {if …}", TEMPLATE_PLAIN},
    {"{summary}\n{summary}", "!2 {summary} stands twice", TEMPLATE_PLAIN},
    {"{more} {more}", "!1 {more} stands twice", TEMPLATE_PLAIN},
    {BIG, "!1 more than 4 conditions within one another", TEMPLATE_PLAIN},
    {"a\xff", "!1 no UTF-8", TEMPLATE_PLAIN},
    {"a < b", "!1 Telegram knows no tag < b>; <b> is one; a sign < is written &lt;", TEMPLATE_HTML},
    {"<strong>x</strong>",
     "!1 Telegram knows no tag <strong>; <b> is one; a sign < is written &lt;", TEMPLATE_HTML},
    {"<b>x", "!1 <b> is not closed", TEMPLATE_HTML},
    {"<b>x</i>", "!1 </i> closes nothing that was opened last and here", TEMPLATE_HTML},
    {"{if where}<b>{end}x</b>", "!1 <b> is not closed", TEMPLATE_HTML},
    {"<b>{if where}x</b>{end}", "!1 </b> closes nothing that was opened last and here",
     TEMPLATE_HTML},
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new();
        struct template t;
        struct template_mistake why = {0};
        struct buf out;
        buf_init(&out, 4096);
        if (template_parse(str_of(rows[i].text), rows[i].form, arena, &t, &why) != 0) {
            buf_add_format(&out, "!%d %s", why.line, why.err.text);
        } else {
            template_render(&t, values, &out);
        }
        if (!str_equal_z(buf_str(&out), rows[i].gives)) {
            fail_msg("'%s': '%s', not '%s'", rows[i].text, out.p, rows[i].gives);
        }
        buf_deinit(&out);
        arena_free(&arena);
    }
}

static void
test_uses(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct template t;
    struct template_mistake why;
    assert_int_equal(template_parse(STR("{if name}{title}{end}"), TEMPLATE_PLAIN, arena, &t, &why),
                     0);
    assert_true(template_uses(&t, WORD_TITLE));
    assert_false(template_uses(&t, WORD_NAME));
    arena_free(&arena);
}

/* ---- Files of templates. */

static void
gather(void *arg, const char *line)
{
    buf_add_z(arg, line);
    buf_add_char(arg, '\n');
}

static int
add(struct template_set *set, const char *name, const char *content, struct buf *said)
{
    struct template_source source = {str_of(name), "t.txt", str_of(content)};
    return template_set_add(set, &source, gather, said);
}

static const struct {
    const char *content, *says;
} broken[] = {
    {"[sms]\n\n[zalo]\nx\n", "t.txt:1: [sms]: there is no text below it\n"},
    {"# a\n[sms vi]\n\n\nx {tilte}\n",
     "t.txt:5: no such placeholder: {tilte} (did you mean {title}?)\n"},
    {"[sms vi]\nx\n# {tilte}\n{whre}\n",
     "t.txt:4: no such placeholder: {whre} (did you mean {where}?)\n"},
    {"[sms v]\nx\n", "t.txt:1: there is no language 'v'; vi would be right\n"},
    {"[sms v]\nx\n[sms]\n{x}\n", "t.txt:1: there is no language 'v'; vi would be right\n"
                                 "t.txt:4: no such placeholder: {x}\n"},
    {"[smss]\n", "t.txt:1: there is no channel 'smss'; sms would be right\n"},
    {"[fax]\n", "t.txt:1: there is no channel 'fax'; sms or zalo would be right\n"},
    {"[sms]\nx\n[sms]\ny\n", "t.txt:3: [sms] stands twice\n"},
    {"[sms]\n{summary} {more}\n", "t.txt:2: {more} is for the parameters of a Zalo template\n"},
    {"kind: x\n[telegram]\n<b>x\n",
     "t.txt:1: 'kind: x': kinds: a, b, or a line such as [sms vi], would be right\n"
     "t.txt:3: <b> is not closed\n"},
    {"\xff", "t.txt:1: is no UTF-8 text\n"},
};

static void
test_broken_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct template_set *set = template_set_new();
        struct buf said;
        buf_init(&said, 4096);
        assert_int_equal(add(set, "x", broken[i].content, &said), -1);
        if (!str_equal_z(buf_str(&said), broken[i].says)) {
            fail_msg("'%s' says '%s'", broken[i].content, said.p);
        }
        buf_deinit(&said);
        template_set_free(&set);
    }
}

#define DEFAULT "[sms]\nd {summary}\n[telegram en]\nde\n[telegram]\nd\n[zalo]\ndz\n"
#define MEETING "kinds: giay-moi, Họp\n[sms vi]\n[QC] x {title}\n\n[sms en]\nm\n"

static const struct {
    const char *named, *kind;
    enum template_channel channel;
    enum template_language language;
    const char *name, *gives;
} choices[] = {
    {"", "", TEMPLATE_SMS, TEMPLATE_VI, "default", "d "},
    {"", "khac", TEMPLATE_SMS, TEMPLATE_EN, "default", "d "},
    {"", "giay-moi", TEMPLATE_SMS, TEMPLATE_VI, "meeting", "[QC] x Họp tổ"},
    {"", "HOP", TEMPLATE_SMS, TEMPLATE_EN, "meeting", "m"},
    {"", "hop", TEMPLATE_ZALO, TEMPLATE_EN, "default", "dz"},
    {"", "hop", TEMPLATE_TELEGRAM, TEMPLATE_EN, "default", "de"},
    {"default", "hop", TEMPLATE_SMS, TEMPLATE_VI, "default", "d "},
    {"meeting", "", TEMPLATE_SMS, TEMPLATE_EN, "meeting", "m"},
    {"meetng", "", TEMPLATE_SMS, TEMPLATE_EN, NULL,
     "template: there is none named 'meetng'; did you mean 'meeting'?"},
};

static void
test_choice(void **state)
{
    (void)state;
    struct template_set *set = template_set_new();
    struct buf said, out;
    buf_init(&said, 4096);
    buf_init(&out, 4096);
    assert_int_equal(add(set, "default", "[sms]\nold\n", &said), 0);
    assert_int_equal(add(set, "meeting", MEETING, &said), 0);
    assert_int_equal(add(set, "default", DEFAULT, &said), 0);
    assert_int_equal(add(set, "default", "[sms]\n{x}\n", &said), -1); /* changes nothing */
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        struct template_choice choice = {str_of(choices[i].named), str_of(choices[i].kind),
                                         choices[i].channel, choices[i].language};
        struct str name = {NULL, 0};
        struct err err = {0};
        const struct template *t = template_set_choose(set, &choice, &name, &err);
        buf_clear(&out);
        if (t) {
            template_render(t, values, &out);
        } else {
            buf_add_z(&out, err.text);
        }
        assert_true(t != NULL || err.code == ERR_INPUT);
        if (!str_equal_z(buf_str(&out), choices[i].gives) ||
            (choices[i].name && !str_equal_z(name, choices[i].name))) {
            fail_msg("row %zu: '%s' of '%.*s'", i, out.p, (int)name.n, name.p);
        }
    }
    const char *names[TEMPLATE_FILES];
    assert_int_equal(template_set_names(set, names), 2);
    assert_string_equal(names[1], "meeting");
    buf_deinit(&said);
    buf_deinit(&out);
    template_set_free(&set);
}

static void
test_language(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum template_language language;
    } cases[] = {
        {"Họp tổ dân phố số 7", TEMPLATE_VI},
        {"Hop to dan pho so 7 luc 19h30", TEMPLATE_VI},
        {"Water will be cut from 22:00", TEMPLATE_EN},
        {"Meeting", TEMPLATE_VI},
        {"For all foreign residents of Mai Hòa ward", TEMPLATE_VI},
        {"", TEMPLATE_VI},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        if (template_language_of(arena, str_of(cases[i].text)) != cases[i].language) {
            fail_msg("'%s'", cases[i].text);
        }
        arena_free(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),     cmocka_unit_test(test_uses),
        cmocka_unit_test(test_choice),   cmocka_unit_test(test_broken_files),
        cmocka_unit_test(test_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

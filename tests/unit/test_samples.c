/* Every sample announcement, from its file to the parts of its SMS. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/fit.h"
#include "gateway/core/gsm7.h"
#include "gateway/core/unicode.h"

#define DATA "tests/data/announcements/"

/* The title as the rules find it; the link stands in facts.tsv. */
static const struct {
    const char *file, *title;
} titles[] = {
    {"01.html",
     "Đảng ủy phường Tân Lập ban hành Kế hoạch đẩy mạnh chuyển đổi số trong sinh hoạt chi bộ"},
    {"02.txt", "GIẤY MỜI Dự sinh hoạt chi bộ định kỳ tháng 12/2026"},
    {"03.html", "Tạm ngừng cấp nước để đấu nối đường ống tại phường Tân Lập, phường Phú An"},
    {"04.json", "CẢNH BÁO KHẨN: Sơ tán trước 17h00 hôm nay do bão số 14 và nguy cơ ngập lụt ven "
                "sông Nhuệ Giang"},
    {"05.html", "Lịch tiêm vắc xin cúm miễn phí cho người từ 65 tuổi tại phường Tân Lập"},
    {"06.html", "Lịch tiếp công dân tháng 12/2026 của lãnh đạo phường Đông Thịnh"},
    {"07.html", "Điều chỉnh giao thông tại nút Hoa Ban - Hồ Sen phục vụ thi công cầu vượt"},
    {"08.txt", "CẢNH BÁO THỦ ĐOẠN LỪA ĐẢO"},
    {"09.json", "Ngày hội hiến máu tình nguyện “Giọt hồng Đông Thịnh” năm 2026"},
    {"10.html", "Nhắc hạn nộp thuế đất phi nông nghiệp “kỳ cuối” năm 2026 tại phường Phú An"},
    {"11.txt", "THÔNG BÁO Về việc niêm yết danh sách cử tri bầu tổ trưởng tổ dân phố nhiệm kỳ "
               "2027 - 2029"},
    {"12.json", "Thư chúc mừng nhân Ngày Nhà giáo Việt Nam 20/11"},
};

static struct str
read_file(struct arena *arena, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, DATA "%s", name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        fail_msg("%s is not there: run the tests in the project's folder", path);
    }
    char *p = arena_alloc(arena, 65536);
    size_t n = fread(p, 1, 65536, f);
    (void)fclose(f);
    return (struct str){p, n};
}

/* The column `wanted` of the row of `file`. */
static struct str
fact(struct str facts, const char *file, int wanted)
{
    while (facts.p) {
        struct str line = str_cut(&facts, '\n');
        struct str cell = str_cut(&line, '\t');
        if (!str_equal_z(cell, file)) {
            continue;
        }
        for (int i = 0; i < wanted; i++) {
            cell = str_cut(&line, '\t');
        }
        return cell;
    }
    fail_msg("facts.tsv does not know %s", file);
    return STR("");
}
enum { FACT_MUST_NOT = 2, FACT_LINK = 6 };

static bool
holds(struct str text, struct str part)
{
    return part.n > 0 && memmem(text.p, text.n, part.p, part.n);
}

static void
check_parts(const char *file, const struct fit *s, int max_parts)
{
    size_t limit = s->segments.encoding == ENCODING_GSM7 ? (s->segments.n > 1 ? 153 : 160)
                                                         : (s->segments.n > 1 ? 134 : 140);
    if (s->segments.n > max_parts) {
        fail_msg("%s: %d parts", file, s->segments.n);
    }
    struct buf back;
    buf_init(&back, 65536);
    for (int i = 0; i < s->segments.n; i++) {
        const struct segment *part = &s->segments.part[i];
        if (part->n > limit) {
            fail_msg("%s: part %d has %d octets", file, i, part->n);
        }
        (s->segments.encoding == ENCODING_GSM7 ? gsm7_decode : ucs2_decode)(part->octets, part->n,
                                                                            &back);
    }
    assert_true(str_equal(buf_str(&back), s->text));
    buf_deinit(&back);
}

static void
check_link(const char *file, struct str text, struct str link)
{
    size_t from = text.n >= link.n ? text.n - link.n : 0;
    bool last = str_equal((struct str){text.p + from, text.n - from}, link);
    if (!last) {
        fail_msg("%s: the link is not whole and last: %.*s", file, (int)text.n, text.p);
    }
}

static void
check_must_not(struct arena *arena, const char *file, struct str text, struct str phrases)
{
    struct str folded = unicode_fold(arena, text);
    while (phrases.p && phrases.n > 0) {
        struct str phrase = unicode_fold(arena, str_trim(str_cut(&phrases, '|')));
        if (holds(folded, phrase)) {
            fail_msg("%s: '%.*s' stands in %.*s", file, (int)phrase.n, phrase.p, (int)text.n,
                     text.p);
        }
    }
}

/* An address may hold what the text may not. */
static struct str
without_link(struct str text, struct str link)
{
    return (struct str){text.p, text.n - link.n};
}

static void
check_sample(size_t i, enum diacritics marks, int max_parts)
{
    struct arena *arena = arena_new();
    struct announcement a = {0};
    struct template template;
    struct template_mistake why;
    struct wording wording = {.template = &template};
    struct story *story = arena_alloc(arena, sizeof *story);
    struct fit s = {.text = {"", 0}};
    struct err err = {.text = ""};
    const struct fit_rules rules = {marks, max_parts, {ENCODING_GSM7, 6}};
    const struct wording_source source = {&a, story};
    const char *file = titles[i].file;
    struct str facts = read_file(arena, "facts.tsv");
    assert_int_equal(
        template_parse(STR("{summary} {link}"), TEMPLATE_PLAIN, arena, &template, &why), 0);
    if (announcement_read(&a, arena, file, read_file(arena, file), &err) != 0 ||
        announcement_check(&a, arena, &err) != 0 ||
        story_read(&a, phrases_built_in(arena), arena, story, &err) != 0 ||
        fit_sms(&source, &wording, &rules, arena, &s, &err) != 0) {
        fail_msg("%s: %s", file, err.text);
    }
    struct str link = fact(facts, file, FACT_LINK);
    assert_true(str_equal_z(a.field[FIELD_TITLE], titles[i].title));
    assert_true(str_equal(a.field[FIELD_URL], link) && str_equal(s.link, link));
    check_link(file, s.text, link);
    check_parts(file, &s, max_parts);
    check_must_not(arena, file, without_link(s.text, link), fact(facts, file, FACT_MUST_NOT));
    assert_int_equal(s.segments.encoding,
                     marks == DIACRITICS_STRIP ? ENCODING_GSM7 : ENCODING_UCS2);
    arena_free(&arena);
}

static void
test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        check_sample(i, DIACRITICS_STRIP, 3);
        check_sample(i, DIACRITICS_STRIP, 2);
        check_sample(i, DIACRITICS_STRIP, 1);
        check_sample(i, DIACRITICS_KEEP, 3);
        check_sample(i, DIACRITICS_AUTO, 3);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

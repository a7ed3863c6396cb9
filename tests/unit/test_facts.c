/* What is a fact, and what only looks like one. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/facts.h"
#include "gateway/core/unicode.h"

static struct str
list_facts(struct arena *arena, struct str text)
{
    struct facts *facts = arena_alloc(arena, sizeof *facts);
    struct buf out;
    facts_find(arena, text, facts);
    buf_init(&out, 65536);
    for (size_t i = 0; i < facts->n; i++) {
        const struct fact *f = &facts->fact[i];
        buf_add_z(&out, i > 0 ? " | " : "");
        buf_add_z(&out, fact_kind_name(f->kind));
        buf_add_z(&out, " ");
        buf_add(&out, text.p + f->from, f->to - f->from);
    }
    struct str s = {arena_strndup(arena, out.n > 0 ? out.p : "", out.n), out.n};
    buf_deinit(&out);
    return s;
}

static void
check(const char *label, const char *text, const char *wanted)
{
    struct arena *arena = arena_new();
    struct str got = list_facts(arena, str_of(text));
    if (!str_equal_z(got, wanted)) {
        fail_msg("%s: '%s' gave '%.*s'", label, text, (int)got.n, got.p);
    }
    arena_free(&arena);
}

static void
test_document_numbers(void **state)
{
    (void)state;
    static const char *const numbers[] = {
        "141-KH/QU",        "54-KL/TW",
        "99-QĐ/TW",         "2200-QĐ/TU",
        "11-QĐi/TW",        "01-CTr/QU",
        "37-KH/ĐU",         "09-GM/CB",
        "36-HD/VPTW",       "367 - QĐ/TWĐTN-VP",
        "156–KH/TU",        "91/2020/NĐ-CP",
        "13/2023/NĐ-CP",    "91/2025/QH15",
        "24/2018/QH14",     "128/KH-UBND",
        "07/NQ-HĐND",       "1722/QĐ-TTg",
        "25/2015/TT-BTTTT", "33/TB-BCHPTDS",
        "1234/UBND-VX",     "25/2014/TTLT-BNV-BTC",
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct buf text, wanted;
        buf_init(&text, 256);
        buf_init(&wanted, 256);
        buf_add_format(&text, "Kế hoạch số %s, của Đảng ủy", numbers[i]);
        buf_add_format(&wanted, "document %s", numbers[i]);
        check("with marks", text.p, wanted.p);
        struct str bare = unicode_strip(arena, buf_str(&text));
        struct str bare_wanted = unicode_strip(arena, buf_str(&wanted));
        check("without marks", arena_strndup(arena, bare.p, bare.n),
              arena_strndup(arena, bare_wanted.p, bare_wanted.n));
        buf_deinit(&text);
        buf_deinit(&wanted);
    }
    arena_free(&arena);
}

static const struct {
    const char *label, *text, *facts;
} rows[] = {
    {"no document: date", "09/5/2023", "date 09/5/2023"},
    {"no document: short date", "7/7/2023", "date 7/7/2023"},
    {"round the clock", "trực 24/24h", ""},
    {"round the clock, in words", "trực 24/24 giờ", ""},
    {"all week", "trực 24/7", ""},
    {"no document: time", "19h30", "time 19h30"},
    {"years are no date", "giai đoạn 2026-2030", ""},
    {"years with blanks", "nhiệm kỳ 2027 - 2029", ""},
    {"no document: flow", "180 m3/s", "amount 180 m3"},
    {"no document: percent", "0,03%/ngày", "amount 0,03%"},
    {"no document: fee", "21.000 đồng/người/tháng", "amount 21.000 đồng"},
    {"days of a range", "từ ngày 18 đến hết ngày 20/02/2027",
     "date 18 đến hết ngày 20/02/2027 | deadline đến hết ngày 20/02/2027"},
    {"no month: ages before a time", "6 đến 60 tháng 7h30", "time 7h30"},
    {"a month before a colon", "lịch tháng 12/2026: họp", "date tháng 12/2026"},
    {"no document: speed", "20 km/h", "amount 20 km"},
    {"in a path", "x/128/KH-UBND", ""},
    {"goes on", "128/KH-UBND/x", ""},
    {"hour", "lúc 19h, họp", "time 19h"},
    {"hour in words", "19 giờ 30", "time 19 giờ 30"},
    {"minutes in words", "19 giờ 30 phút", "time 19 giờ 30 phút"},
    {"minutes at the end of a sentence", "từ 6 giờ 30. Cụ thể", "time 6 giờ 30"},
    {"minutes before a dash", "6 giờ 30-8 giờ", "time 6 giờ 30-8 giờ"},
    {"a day behind the hour", "8 giờ 05-12-2026", "time 8 giờ | date 05-12-2026"},
    {"a day behind the hour, short", "23h 13/01", "time 23h | date 13/01"},
    {"colon", "19:30", "time 19:30"},
    {"g", "7g30", "time 7g30"},
    {"capital", "19H30", "time 19H30"},
    {"time without marks", "7 gio 30", "time 7 gio 30"},
    {"a basket is no hour", "7 giỏ 30 quả", ""},
    {"no such hour", "25h30", ""},
    {"no such minute", "19:75", ""},
    {"households", "7 hộ", ""},
    {"time range", "7h30 - 11h00", "time 7h30 - 11h00"},
    {"time range in words", "từ 8 giờ đến 11 giờ", "time 8 giờ đến 11 giờ"},
    {"dashes", "14-9-2023", "date 14-9-2023"},
    {"dots", "25.11.2026", "date 25.11.2026"},
    {"no year", "sáng thứ Bảy (28/11)", "date 28/11"},
    {"spoken", "ngày 25 tháng 11 năm 2026", "date 25 tháng 11 năm 2026"},
    {"spoken without year", "ngày 13 tháng 12", "date 13 tháng 12"},
    {"day range", "ngày 02 - 04/12/2026", "date 02 - 04/12/2026"},
    {"narrow day range", "07-09/12", "date 07-09/12"},
    {"day list", "các ngày 03, 10, 17/12", "date 03, 10, 17/12"},
    {"date range", "27/11/2026 đến hết ngày 11/12/2026",
     "date 27/11/2026 đến hết ngày 11/12/2026 | deadline đến hết ngày 11/12/2026"},
    {"month", "tháng 12/2026", "date tháng 12/2026"},
    {"month in words", "Tháng 12 năm 2026", "date Tháng 12 năm 2026"},
    {"days of a spoken month", "ngày 08 và 09 tháng 12 năm 2026, khám",
     "date 08 và 09 tháng 12 năm 2026"},
    {"days of a spoken month, three", "các ngày 5, 6 và 7 tháng 12", "date 5, 6 và 7 tháng 12"},
    {"groups before a spoken day", "tổ 5, 6 ngày 7 tháng 12", "date 7 tháng 12"},
    {"no such month", "25/13/2026", ""},
    {"no such day", "32/12/2026", ""},
    {"few of many", "từ 3-5 đoàn viên", ""},
    {"from time and date to time and date", "từ 22h00 ngày 28/11 đến 05h00 ngày 29/11",
     "time 22h00 | date 28/11 | time 05h00 | date 29/11"},
    {"phone", "gọi 024.1000.2137 để", "phone 024.1000.2137"},
    {"phone with blanks", "0900 000 001", "phone 0900 000 001"},
    {"phone, whole", "0900000001", "phone 0900000001"},
    {"phone from abroad", "+84900000001", "phone +84900000001"},
    {"phone in brackets", "(84)900-000-001", "phone (84)900-000-001"},
    {"short phone", "gọi 112 ngay", "phone 112"},
    {"hotline", "tổng đài 1900 1234", "phone 1900 1234"},
    {"a house is no phone", "số nhà 112", ""},
    {"dates are no phone", "01.12.2026 15.12.2026", "date 01.12.2026 | date 15.12.2026"},
    {"money", "1.263.600 đồng", "amount 1.263.600 đồng"},
    {"millions", "385 triệu đồng", "amount 385 triệu đồng"},
    {"weight", "xe tải trên 2,5 tấn", "amount 2,5 tấn"},
    {"deadline", "sơ tán trước 17h00 ngày 07/11/2026 đến trường",
     "deadline trước 17h00 ngày 07/11/2026 | time 17h00 | date 07/11/2026"},
    {"latest", "chậm nhất ngày 31/12/2026", "deadline chậm nhất ngày 31/12/2026 | date 31/12/2026"},
    {"before without a date", "03 ngày trước buổi họp", ""},
    {"labelled place", "Địa điểm: Phòng họp tầng 2, Nhà văn hóa số 7 (cổng sau).",
     "place Phòng họp tầng 2, Nhà văn hóa số 7"},
    {"place", "họp tại nhà văn hóa từ 8h", "place nhà văn hóa | time 8h"},
    {"place before a comma", "tại Hội trường phường, mời", "place Hội trường phường"},
    {"an accident is no place", "Tai nạn giao thông là tai hoạ", ""},
    {"a citation is no place", "tại Quyết định số 12/QĐ-UBND", "document 12/QĐ-UBND"},
};

static void
test_facts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check(rows[i].label, rows[i].text, rows[i].facts);
    }
}

static void
test_many(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct facts *facts = arena_alloc(arena, sizeof *facts);
    struct buf text;
    buf_init(&text, 65536);
    for (int i = 0; i < 3 * FACTS_MAX; i++) {
        buf_add_z(&text, "19h30 ");
    }
    facts_find(arena, buf_str(&text), facts);
    assert_int_equal(facts->n, FACTS_MAX);
    facts_find(arena, STR(""), facts);
    assert_int_equal(facts->n, 0);
    buf_deinit(&text);
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_document_numbers),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

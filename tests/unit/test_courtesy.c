/* What is only said to be polite goes, and what is told with it stays. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/core/story.h"

/* `told`: the body of a text without limits. */
static const struct {
    const char *body, *told;
} cases[] = {
    /* Whom it speaks to. */
    {"Thân gửi các chi hội! Đại hội lúc 8h00 ngày 5/3/2027.", "Đại hội lúc 8h00 ngày 5/3/2027."},
    {"Kính gửi quý phụ huynh, nhà trường mời họp lúc 8h00 ngày 5/3/2027.",
     "Nhà trường mời họp lúc 8h00 ngày 5/3/2027."},
    {"Kính gửi các hộ dân tổ 5, xóm cắt điện từ 8h00 ngày 5/3/2027.",
     "Các hộ dân tổ 5, xóm cắt điện từ 8h00 ngày 5/3/2027."},
    {"Kính thưa toàn thể bà con!\nXã phun thuốc muỗi ngày 5/3/2027.",
     "Xã phun thuốc muỗi ngày 5/3/2027."},
    {"Xin chào cả nhà, mai 5/3/2027 xóm dọn mương.", "Mai 5/3/2027 xóm dọn mương."},
    /* Formulas. */
    {"Chi hội vô cùng thương tiếc báo tin: lễ viếng từ 7h30 ngày 5/3/2027.",
     "Chi hội báo tin: lễ viếng từ 7h30 ngày 5/3/2027."},
    {"Trường rất hân hạnh kính mời cụ dự lễ lúc 8h00 ngày 5/3/2027.",
     "Trường kính mời cụ dự lễ lúc 8h00 ngày 5/3/2027."},
    {"Xã trân trọng kính mời bà con dự họp lúc 8h00 ngày 5/3/2027.",
     "Xã kính mời bà con dự họp lúc 8h00 ngày 5/3/2027."},
    /* What is hoped for and wished. */
    {"Họp lúc 8h00 ngày 5/3/2027. Rất mong bà con thông cảm.", "Họp lúc 8h00 ngày 5/3/2027."},
    {"Họp tối nay. Rất mong bà con không mang theo trẻ nhỏ.",
     "Họp tối nay. Bà con không mang theo trẻ nhỏ."},
    {"Họp tối nay. Rất mong quý vị có mặt trước 7h45.", "Họp tối nay. Quý vị có mặt trước 7h45."},
    {"Khai mạc lúc 8h00. Chúc các đội thi đấu vui vẻ, đoàn kết <3", "Khai mạc lúc 8h00."},
    {"Khai mạc lúc 8h00. Kính chúc quý vị sức khỏe, hạnh phúc.", "Khai mạc lúc 8h00."},
    {"Chúc thọ các cụ tròn 80 tuổi lúc 8h00 ngày 5/3/2027.",
     "Chúc thọ các cụ tròn 80 tuổi lúc 8h00 ngày 5/3/2027."},
    {"Họp tối nay. Sự có mặt của quý vị là niềm vinh dự của chúng tôi.", "Họp tối nay."},
    {"Họp tối nay.\nTrân trọng cảm ơn!", "Họp tối nay."},
    {"Họp tối nay.\nTrân trọng./.", "Họp tối nay."},
    {"Họp tối nay.\nXin cảm ơn sự hợp tác của bà con.", "Họp tối nay."},
    {"Lễ viếng từ 7h30.\nXin gửi lời chia buồn sâu sắc tới gia quyến.\nXin kính báo!",
     "Lễ viếng từ 7h30."},
    {"Xin thông báo: họp lúc 8h00 ngày 5/3/2027.", "Họp lúc 8h00 ngày 5/3/2027."},
    {"Họp tối nay.\nTrân trọng thông báo.", "Họp tối nay."},
    /* On what ground. */
    {"Căn cứ Luật Đất đai ngày 18/01/2024;\nCăn cứ tình hình thực tế,\nXã lấy ý kiến về giá đất.",
     "Xã lấy ý kiến về giá đất."},
    {"Thực hiện Luật Đất đai ngày 18/01/2024 và Quyết định số 22/QĐ-UBND ngày 30/9/2026, xã niêm "
     "yết giá đất từ ngày 5/3/2027.",
     "Thực hiện Luật Đất đai và Quyết định số 22/QĐ-UBND, xã niêm yết giá đất từ ngày 5/3/2027."},
    {"Căn cứ Luật Tiếp công dân, xã tiếp dân lúc 8h00 ngày 5/3/2027 (theo Thông báo số 2/TB-UBND "
     "ngày 1/2/2027).",
     "Căn cứ Luật Tiếp công dân, xã tiếp dân lúc 8h00 ngày 5/3/2027 (theo Thông báo số "
     "2/TB-UBND)."},
    {"Họp lúc 8h00 ngày 5/3/2027.\nThông báo này thay cho Thông báo số 2/TB-UBND ngày 1/2/2027.",
     "Họp lúc 8h00 ngày 5/3/2027."},
    {"Thực hiện Công văn số 8/UBND-KT ngày 1/2/2027 của tỉnh,\nXã dọn mương ngày 5/3/2027.",
     "Xã dọn mương ngày 5/3/2027."},
    {"Các thôn:\n- Thực hiện vệ sinh đường làng,\n- Thực hiện Kế hoạch số 5/KH-UBND về cây xanh;",
     "Các thôn:\n- Thực hiện vệ sinh đường làng,\n- Thực hiện Kế hoạch số 5/KH-UBND về cây xanh;"},
    {"Theo Nghị quyết số 9-NQ/ĐU, ngày 30/9/2026 của Đảng ủy về giao thông, xóm làm đường.",
     "Theo Nghị quyết số 9-NQ/ĐU của Đảng ủy về giao thông, xóm làm đường."},
    {"Thực hiện Kế hoạch số 12/KH-UBND, ngày 05/12/2026, xã ra quân dọn đường làng.",
     "Thực hiện Kế hoạch số 12/KH-UBND, ngày 05/12/2026, xã ra quân dọn đường làng."},
    {"Căn cứ thời tiết, xã hoãn họp đến 8h00 ngày 5/3/2027.",
     "Căn cứ thời tiết, xã hoãn họp đến 8h00 ngày 5/3/2027."},
    /* Who signs. */
    {"Họp tối nay.\nTrân trọng!\nBAN TỔ CHỨC", "Họp tối nay."},
    {"Họp tối nay.\nTM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH", "Họp tối nay."},
    {"Họp tối nay.\nT/M BAN CÔNG TÁC MẶT TRẬN\nTRƯỞNG BAN\nTrần Văn Mẫu", "Họp tối nay."},
};

static struct str
told_of(struct arena *arena, const char *body)
{
    struct announcement a = {
        .field = {[FIELD_TITLE] = STR("Tin của xóm Hạ"), [FIELD_BODY] = str_of(body)}};
    struct story *story = arena_alloc(arena, sizeof *story);
    struct err err = {.text = ""};
    if (story_read(&a, phrases_built_in(arena), arena, story, &err) != 0) {
        fail_msg("%s: %s", body, err.text);
    }
    return story_body(story, arena);
}

static void
test_what_stays(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct str told = told_of(arena, cases[i].body);
        if (!str_equal_z(told, cases[i].told)) {
            print_error("%s\n  tells: %.*s\n", cases[i].body, (int)told.n, told.p);
            wrong++;
        }
        arena_free(&arena);
    }
    assert_int_equal(wrong, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

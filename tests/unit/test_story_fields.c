/* What templates ask for: when and where, whole or not at all. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/core/story.h"

static const struct {
    const char *body, *when, *where, *action;
} cases[] = {
    {"Thời gian: 19h30, thứ Tư, ngày 02/12/2026. Địa điểm: Nhà văn hóa tổ 7.",
     "19h30, thứ Tư, ngày 02/12/2026", "Nhà văn hóa tổ 7", ""},
    {"Cắt nước từ 22h00 ngày 28/11/2026 đến 05h00 ngày 29/11/2026.",
     "22h00 ngày 28/11/2026 đến 05h00 ngày 29/11/2026", "", ""},
    {"Khám lúc 7h00 ngày 09/12 và 10/12/2026.", "7h00 ngày 09/12 và 10/12/2026", "", ""},
    {"Bắt đầu 21h00 ngày 17/12/2026, kết thúc lúc 5h00 ngày 18/12/2026.",
     "21h00 ngày 17/12/2026, kết thúc lúc 5h00 ngày 18/12/2026", "", ""},
    {"Họp lúc 8h00 ngày 5/12/2026; gửi ý kiến trước ngày 1/12/2026.", "8h00 ngày 5/12/2026", "",
     "gửi ý kiến trước ngày 1/12/2026"},
    {"Họp lúc 8h00 ngày 5/12/2026, trước ngày 1/12/2026 gửi ý kiến.", "8h00 ngày 5/12/2026", "",
     "gửi ý kiến"},
    {"Cấp thẻ ngày 14/12/2026 tại nhà.", "14/12/2026", "", ""},
    {"Kẻ gian dọa cắt điện trong 2 giờ.", "", "", ""},
    {"Thu hồi sữa, hạn dùng 30/9/2028.", "", "", ""},
    {"Phát quà ngày 3/12/2026 tại các điểm trường.", "3/12/2026", "các điểm trường", ""},
    {"Sơ tán trước 17h00 ngày 07/11 đến Trường Phú An A (tầng 2, tầng 3). Gọi 112.", "",
     "Trường Phú An A", "Sơ tán trước 17h00 ngày 07/11 đến Trường Phú An A"},
    {"Người dân rời khỏi nhà ngay, tập trung ở sân đình.", "", "", "rời khỏi nhà ngay"},
    {"Họp lúc 8h00 ngày 5/12/2026 tại Trường Tiểu học Bến Lội.\nNay chuyển địa điểm họp sang Hội "
     "trường khu 3.",
     "8h00 ngày 5/12/2026", "Hội trường khu 3", ""},
    {"Lịch tiêm:\n- Thôn Vàng: 7h00 ngày 05/6/2027;\n- Thôn Bạc: 14h00 ngày 06/6/2027.",
     "7h00 ngày 05/6/2027; 14h00 ngày 06/6/2027", "", ""},
    {"Ngày; Giờ; Thôn\n05/6/2027; 7h00; Vàng\n06/6/2027; 7h00; Bạc\n07/6/2027; 14h00; Đồng",
     "05/6/2027; 06/6/2027; 07/6/2027", "", ""},
    {"Ngày; Giờ; Thôn\n05/6/2027; 7h00; Vàng\n05/6/2027; 14h00; Bạc\n07/6/2027; 14h00; Đồng\n"
     "17/6/2027; 7h00; Hạ\n7/6/2027; 7h00; Hạ",
     "05/6/2027; 07/6/2027; 17/6/2027; 7/6/2027", "", ""},
    {"Sửa đường tại cầu Đá phục vụ thi công mương.", "", "cầu Đá", ""},
    {"1. Thời gian: 8h00 ngày 05/6/2027.\n2. Kết quả công bố ngày 20/6/2027.",
     "8h00 ngày 05/6/2027", "", ""},
    {"Cảnh giác với tin do người lạ gửi.", "", "", ""},
    /* When a paper was made is not when something happens. */
    {"Ngày ban hành: 12/11/2026.\nCác hộ giữ vệ sinh chung.", "", "", ""},
    {"Ngày ký: 12/11/2026. Các hộ giữ vệ sinh chung.", "", "", ""},
    {"Thông báo này ký ngày 12/11/2026 và có hiệu lực ngay.", "", "", ""},
    {"Thực hiện Kế hoạch số 12/KH-UBND ngày 05/11/2026 của UBND xã, các thôn dọn đường làng.", "",
     "", ""},
    {"Căn cứ Luật Đất đai ngày 18/01/2024 và Quyết định số 22/QĐ-UBND ngày 30/9/2026, xã lấy ý "
     "kiến về giá đất.",
     "", "", ""},
    {"Theo Công văn số 7/UBND-KT ngày 03/11/2026, xã họp dân lúc 8h00 ngày 5/12/2026.",
     "8h00 ngày 5/12/2026", "", ""},
};

static void
test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct story *story = arena_alloc(arena, sizeof *story);
        const struct announcement a = {
            .field = {[FIELD_TITLE] = STR("Thông báo"), [FIELD_BODY] = str_of(cases[i].body)}};
        assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
        if (!str_equal_z(story->when, cases[i].when) ||
            !str_equal_z(story->where, cases[i].where) ||
            !str_equal_z(story->action, cases[i].action)) {
            fail_msg("%s: '%.*s' '%.*s' '%.*s'", cases[i].body, (int)story->when.n, story->when.p,
                     (int)story->where.n, story->where.p, (int)story->action.n, story->action.p);
        }
        arena_free(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

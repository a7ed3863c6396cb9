/* What is furniture, and what only looks like it. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/furniture.h"

static void
test_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum furniture verdict;
    } cases[] = {
        {"Ngày đăng 18/11/2026 | 09:42 | Lượt xem: 1038", FURNITURE_DROP},
        {"Ngày đăng: 18/11/2026", FURNITURE_DROP},
        {"Ngày đăng ký: 20/11 đến 25/11", FURNITURE_NONE},
        {"Lượt xem: 12", FURNITURE_DROP},
        {"07-12-2026 | 16:20 GMT+7 | In bài viết | Nghe đọc bài (2:05)", FURNITURE_DROP},
        {"07-12-2026 | 16:20 | Nhà văn hóa", FURNITURE_NONE},
        {"A- A A+   Tương phản   Bản in", FURNITURE_DROP},
        {"142 Thích Bình luận Chia sẻ", FURNITURE_DROP},
        {"142 hộ được hỗ trợ", FURNITURE_NONE},
        {"Xem với cỡ chữ Đọc bài viết", FURNITURE_DROP},
        {"Đọc bài viết", FURNITURE_DROP},
        {"Chia sẻ", FURNITURE_DROP},
        {"Chia sẻ yêu thương mùa đông tại phường", FURNITURE_NONE},
        {"Bạn đang ở đây: Trang chủ » Thông báo", FURNITURE_DROP},
        {"Nguồn: Xí nghiệp nước", FURNITURE_DROP},
        {"Nguồn nước sạch bị ô nhiễm", FURNITURE_NONE},
        {"Từ khóa: thông báo", FURNITURE_DROP},
        {"Tags:", FURNITURE_DROP},
        {"Các bản tin đã đưa:", FURNITURE_STOP},
        {"Những bài viết cùng loại", FURNITURE_STOP},
        {"Tin nhắn khác nhau", FURNITURE_NONE},
        {"Bài trình bày của các nhóm khác", FURNITURE_NONE},
        {"(Cập nhật: 20/11/2026 08:15:22 - Lượt xem: 41)", FURNITURE_DROP},
        {"- #thongbao #phuong", FURNITURE_DROP},
        {"Kính gửi: Toàn thể đảng viên", FURNITURE_DROP},
        {"T/M CHI ỦY", FURNITURE_DROP},
        {"TM. ỦY BAN NHÂN DÂN", FURNITURE_DROP},
        {"KT. CHỦ TỊCH", FURNITURE_DROP},
        {"PHÓ CHỦ TỊCH", FURNITURE_DROP},
        {"BÍ THƯ", FURNITURE_DROP},
        {"Bí thư Đảng ủy phường", FURNITURE_NONE},
        {"Chủ tịch phường tiếp công dân", FURNITURE_NONE},
        {"(đã ký)", FURNITURE_DROP},
        {"*", FURNITURE_DROP},
        {"-----", FURNITURE_DROP},
        {"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", FURNITURE_DROP},
        {"Độc lập - Tự do - Hạnh phúc", FURNITURE_DROP},
        {"Tin liên quan", FURNITURE_STOP},
        {"CÁC TIN KHÁC", FURNITURE_STOP},
        {"Tin khác:", FURNITURE_STOP},
        {"Nơi nhận:", FURNITURE_STOP},
        {"Nơi nhận hồ sơ tại bộ phận một cửa", FURNITURE_NONE},
        {"Bình luận", FURNITURE_STOP},
        {"Bình luận viên đài phường", FURNITURE_NONE},
        {"Ý kiến bạn đọc (12)", FURNITURE_STOP},
        {"Bình luận (của ban tổ chức)", FURNITURE_NONE},
        {"Theo bản tin của Sở", FURNITURE_DROP},
        {"Theo bản tin dự báo lúc 8h00, bão số 3 mạnh lên cấp 12, giật cấp 14.", FURNITURE_NONE},
        {"2 giờ ·", FURNITURE_DROP},
        {"3 ngày trước", FURNITURE_DROP},
        {"3 ngày trước khi họp", FURNITURE_NONE},
        {"2 giờ", FURNITURE_NONE},
        {"Thích 0", FURNITURE_DROP},
        {"7 lượt chia sẻ", FURNITURE_DROP},
        {"7 bình luận viên", FURNITURE_NONE},
        {"Kính gửi các hộ dân, xóm cắt điện lúc 8h00 ngày 5/3.", FURNITURE_NONE},
        {"Kính gửi: Hội viên chi hội 12 và các tổ 3, 4", FURNITURE_DROP},
        {"Tagore", FURNITURE_NONE},
        {"19h30 ngày 02/12/2026", FURNITURE_NONE},
        {"Số: 231/TB-UBND", FURNITURE_NONE},
        {"1. Thời gian: 19h30", FURNITURE_NONE},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum furniture got = furniture_judge(arena, str_of(cases[i].line));
        if (got != cases[i].verdict) {
            fail_msg("%s: %d", cases[i].line, got);
        }
    }
    arena_free(&arena);
}

static void
test_letterheads(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool letterhead, kind;
    } cases[] = {
        {"ĐẢNG BỘ PHƯỜNG TÂN LẬP", true, false},
        {"ỦY BAN NHÂN DÂN PHƯỜNG ĐÔNG THỊNH", true, false},
        {"CÔNG AN PHƯỜNG PHÚ AN", true, false},
        {"TÒA ÁN NHÂN DÂN KHU VỰC 9", true, false},
        {"HỢP TÁC XÃ DỊCH VỤ LÒ VÔI", true, false},
        {"NGÂN HÀNG CHÍNH SÁCH XÃ HỘI", true, false},
        {"Công an phường Phú An mời họp", false, false},
        {"UBND PHƯỜNG PHÚ AN THÔNG BÁO CẮT NƯỚC", false, false},
        {"HỘI PHỤ NỮ XÃ ĐÔNG LĨNH TRÂN TRỌNG KÍNH MỜI CÁC CHI HỘI", false, false},
        {"XÃ CẦU MỚI", true, false},
        {"XÃ LĨNH NAM MỜI CÁN BỘ", false, false},
        {"Chính trị Chính trị", true, false},
        {"Số 09-GM/CB", true, false},
        {"Số: 231/TB-UBND", true, false},
        {"Số ca mắc sốt xuất huyết tăng", false, false},
        {"Đông Thịnh, ngày 25 tháng 11 năm 2026", true, false},
        {"Đông Thịnh, ngày 25/11/2026", true, false},
        {"1. Thời gian: 19h30, thứ Tư, ngày 02/12/2026.", false, false},
        {"Thứ Hai, 23/11/2026, 14:05 (GMT+7)", true, false},
        {"Họp tổ dân phố số 7", false, false},
        {"GIẤY MỜI", false, true},
        {"Thông báo:", false, true},
        {"THÔNG BÁO CẮT NƯỚC", false, false},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool letterhead = furniture_is_letterhead(arena, str_of(cases[i].line));
        bool kind = furniture_is_kind(arena, str_of(cases[i].line));
        if (letterhead != cases[i].letterhead || kind != cases[i].kind) {
            fail_msg("%s: %d %d", cases[i].line, letterhead, kind);
        }
    }
    arena_free(&arena);
}

static void
test_columns(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"UBND PHƯỜNG A      CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 1/TB-UBND\tA, ngày 1/2/2026\n",
         "UBND PHƯỜNG A\n      CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 1/TB-UBND\n\tA, ngày "
         "1/2/2026"
         "\n"},
        {"Ngày      Giờ\n05/12\t7h30", "Ngày      Giờ\n05/12\t7h30"},
        {"14/12/2026\t8h00\tNhà văn hóa\n15/12/2026   8h00   Trường",
         "14/12/2026\t8h00\tNhà văn hóa\n15/12/2026   8h00   Trường"},
        {"   Một câu thụt đầu dòng.", "   Một câu thụt đầu dòng."},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str got = furniture_split_columns(arena, str_of(cases[i].in));
        if (!str_equal_z(got, cases[i].out)) {
            fail_msg("'%.*s'", (int)got.n, got.p);
        }
    }
    arena_free(&arena);
}

static void
test_whole_texts(void **state)
{
    (void)state;
    static const struct {
        const char *label, *in, *out;
    } cases[] = {
        {"nothing", "", ""},
        {"content", "Một.\n\nHai.", "Một.\n\nHai."},
        {"dropped", "Lượt xem: 3\nMột.\n(đã ký)\nHai.", "Một.\nHai."},
        {"stopped", "Một.\nTin liên quan\nHai.", "Một."},
        {"not stopped before anything came", "Bình luận\nMột.", "Một."},
        {"the source's name", "(Cổng TTĐT) - Ngày 16/11 họp.", "Ngày 16/11 họp."},
        {"a bracket that belongs", "(1) qua ứng dụng; (2) tại nhà",
         "(1) qua ứng dụng; (2) tại nhà"},
        {"a category and a date at the head", "Chính trị Chính trị\nThứ Hai, 23/11/2026\nMột.",
         "Một."},
        {"a date in the middle stays",
         "Câu một dài hơn sáu mươi byte để thân bài bắt đầu ở đây.\n"
         "23/11/2026\nHai.",
         "Câu một dài hơn sáu mươi byte để thân bài bắt đầu ở đây.\n23/11/2026\nHai."},
        {"place and date at the end", "Một.\nPhú An, ngày 23 tháng 11 năm 2026", "Một."},
        {"an author", "Một câu.\nPhạm Thị Hoa", "Một câu."},
        {"a name alone stays", "Phạm Thị Hoa", "Phạm Thị Hoa"},
        {"no name", "Một câu.\nMang theo thẻ", "Một câu.\nMang theo thẻ"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct str got = furniture_remove(arena, str_of(cases[i].in));
        if (!str_equal_z(got, cases[i].out)) {
            fail_msg("%s: '%.*s'", cases[i].label, (int)got.n, got.p);
        }
        arena_free(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_letterheads),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_whole_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

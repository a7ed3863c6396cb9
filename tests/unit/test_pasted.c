/* What a copied mail or chat loses, and what a text that only looks like one keeps. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/pasted.h"

static const struct {
    const char *label, *text, *wanted;
    bool title;
} rows[] = {
    {"a mail, its subject the title",
     "From: Văn phòng <vp@phuong.example.vn>\nTo: Tổ trưởng\nDate: Wed, 25 Nov 2026\n"
     "Subject: Fwd: V/v họp tổ\n\nMời họp lúc 19h30.\n--\nVăn phòng\n",
     "họp tổ\n\nMời họp lúc 19h30.\n", true},
    {"a mail under a title", "Từ: vp@phuong.example.vn\nĐến: Tổ trưởng\nChủ đề: Họp tổ\nMời họp.",
     "Mời họp.\n", false},
    {"labels of an invitation are no header",
     "Từ: 8h00\nĐến: 11h00\nTiêu đề: Họp\nNội dung: thu quỹ",
     "Từ: 8h00\nĐến: 11h00\nTiêu đề: Họp\nNội dung: thu quỹ\n", true},
    {"a dash is a signature's only in a mail", "Họp tổ\n--\nMời bà con.",
     "Họp tổ\n--\nMời bà con.\n", true},
    {"a chat",
     "[Tổ 14]\nCô Hạnh tổ trưởng, 08:41\nTối nay cúp nước từ 21h.\nChú Bảy, 08:44\nDạ cảm ơn cô.\n"
     "Cô Hạnh tổ trưởng, 08:50\nTổ 16 thì không.\nLê Văn Nghĩa, 08:52\nỞ cổng chùa 16h có xe "
     "bồn.\n",
     "Tối nay cúp nước từ 21h.\nTổ 16 thì không.\nỞ cổng chùa 16h có xe bồn.\n", true},
    {"a timetable is no chat", "Lịch tiêm\nThứ Hai, 08:00\nTổ 1\nHội trường, 09:00\nTổ 2\n",
     "Lịch tiêm\nThứ Hai, 08:00\nTổ 1\nHội trường, 09:00\nTổ 2\n", true},
    {"a name and an hour far down are no chat",
     "Lịch tiếp dân\nTháng 12\nTại phường\nÔng Nguyễn Văn A, 08:00\nÔng Lê Văn B, 09:00\n",
     "Lịch tiếp dân\nTháng 12\nTại phường\nÔng Nguyễn Văn A, 08:00\nÔng Lê Văn B, 09:00\n", true},
    {"when it was posted", "Đoàn phường\n25 tháng 11 lúc 19:30 · \nTuyển 60 bạn.\n#Dong #Tuoi\n",
     "Đoàn phường\nTuyển 60 bạn.\n", true},
    {"an hour alone on its line is the appointment", "Họp tổ\n25 tháng 11 lúc 19:30\nTại đình.",
     "Họp tổ\n25 tháng 11 lúc 19:30\nTại đình.\n", true},
    {"whose turn is when, under a title", "Tiếp dân\nChị Lan, 08:00\nChị Mai, 09:00\n",
     "Tiếp dân\nChị Lan, 08:00\nChị Mai, 09:00\n", true},
    {"whose turn is when", "Chị Lan, 08:00\nChị Mai, 09:00\n", "Chị Lan, 08:00\nChị Mai, 09:00\n",
     false},
    {"a table's tabs", "Tổ\tNgày\tGiờ\n1\t5/12\t8h\nx\ty", "Tổ; Ngày; Giờ\n1; 5/12; 8h\nx\ty\n",
     false},
    {"how long ago", "Tin\n5 giờ trước · 2 phút đọc\nCúp điện.", "Tin\nCúp điện.\n", true},
    {"a deadline is no age", "Tin\n5 ngày trước khi họp, gửi danh sách.",
     "Tin\n5 ngày trước khi họp, gửi danh sách.\n", true},
    {"an appointment is no post's time", "Họp tổ\n25 tháng 11 lúc 19:30 tại đình.",
     "Họp tổ\n25 tháng 11 lúc 19:30 tại đình.\n", true},
    {"a house's number is no hashtag", "Họp\n# 5 đường Trần Phú", "Họp\n# 5 đường Trần Phú\n",
     true},
    {"nothing", "", "", true},
};

static void
test_what_is_stripped(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena *arena = arena_new();
        struct str got = pasted_strip(arena, str_of(rows[i].text), rows[i].title);
        if (!str_equal_z(got, rows[i].wanted)) {
            fail_msg("%s: '%.*s'", rows[i].label, (int)got.n, got.p);
        }
        arena_free(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_is_stripped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Who must do what, and by when. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/core/story.h"

static const struct {
    const char *body, *who, *what, *deadline; /* who NULL: nobody must do anything */
} cases[] = {
    {"Các hộ dân tổ 3 phải di dời trước 17h00 ngày 07/11.", "Các hộ dân tổ 3",
     "phải di dời trước 17h00 ngày 07/11", "trước 17h00 ngày 07/11"},
    {"Phụ huynh có con sinh năm 2019 nộp hồ sơ tại trường.", "Phụ huynh có con sinh năm 2019",
     "nộp hồ sơ tại trường", ""},
    {"Đề nghị đảng viên chi bộ 3 gửi bản kiểm điểm chậm nhất ngày 05/12/2026.",
     "đảng viên chi bộ 3", "gửi bản kiểm điểm chậm nhất ngày 05/12/2026",
     "chậm nhất ngày 05/12/2026"},
    {"Trước ngày 20/11, các chi bộ lập danh sách.", "các chi bộ", "lập danh sách",
     "Trước ngày 20/11"},
    {"Chủ xe không được đỗ trên cầu; đoàn xe chạy chậm.", "Chủ xe", "không được đỗ trên cầu", ""},
    {"Các hộ đã đăng ký được nhận lại tiền.", NULL, NULL, NULL},
    {"Phường chi trả tiền cho người có công.", NULL, NULL, NULL},
    {"Danh sách hộ không tham gia được niêm yết.", NULL, NULL, NULL},
};

static bool
is_same(struct str a, const char *b)
{
    return str_equal_z(a, b);
}

static void
test_who_must_do_what(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct story *story = arena_alloc(arena, sizeof *story);
        struct announcement a = {
            .field = {
                [FIELD_TITLE] = STR("Thông báo của phường"), [FIELD_BODY] = str_of(cases[i].body)}};
        assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
        const struct story_duty *d = &story->duty[0];
        bool well = story->duties_n == 0 ? !cases[i].who
                                         : cases[i].who && is_same(d->who, cases[i].who) &&
                                               is_same(d->what, cases[i].what) &&
                                               is_same(d->deadline, cases[i].deadline);
        if (!well) {
            fail_msg("%s: '%.*s' '%.*s' '%.*s'", cases[i].body, (int)d->who.n, d->who.p,
                     (int)d->what.n, d->what.p, (int)d->deadline.n, d->deadline.p);
        }
        arena_free(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_who_must_do_what)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

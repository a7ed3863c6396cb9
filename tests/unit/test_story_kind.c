/* What kind of announcement it is, and whether it calls one off. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/core/story.h"
#include "tests/unit/samples.h"

static const struct {
    const char *title, *body, *kind;
    bool off;
} cases[] = {
    {"Giấy mời họp tổ dân phố", "", "giay-moi", false},
    {"Họp tổ dân phố số 4", "", "giay-moi", false},
    {"HOP TO DAN PHO SO 4", "", "giay-moi", false},
    {"Phối hợp làm sạch khu tập thể mới", "Tổng hợp ý kiến.", "", false},
    {"Khai trương chợ", "Kính mời bà con tới dự.", "giay-moi", false},
    {"Nghị quyết kỳ họp thứ 8", "", "nghi-quyet", false},
    {"Giấy mời học tập nghị quyết", "", "giay-moi", false},
    {"Ban hành Kế hoạch đổi mới sinh hoạt chi bộ", "", "ke-hoach", false},
    {"Kế hoạch cắt điện tuần 2", "", "cat-dien", false},
    {"Giảm áp lực nước tại phố Gai", "Cần nước khẩn cấp thì gọi xe bồn.", "cat-nuoc", false},
    {"Thông báo tuyển sinh lớp 1", "", "tuyen-dung", false},
    {"Chi trả hỗ trợ thiệt hại do sạt lở", "", "chi-tra", false},
    {"Tiếp tục thi công", "Đường Hồ Sen.", "", false},
    {"Hủy họp tổ dân phố tối 2/12", "Không họp lúc 19h30.", "giay-moi", true},
    {"Hoãn lịch cắt nước đêm 12/12", "", "cat-nuoc", true},
    {"Thông báo không tổ chức phiên chợ", "", "", true},
    {"Tạm dừng tiếp nhận hồ sơ", "Từ 13h30 ngày 23/12.", "", false},
    {"Lịch phun thuốc", "Nếu mưa thì hoãn sang hôm sau.", "", false},
};

static void
test_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct story *story = arena_alloc(arena, sizeof *story);
        const struct announcement a = {
            .field = {
                [FIELD_TITLE] = str_of(cases[i].title), [FIELD_BODY] = str_of(cases[i].body)}};
        assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
        if (!str_equal_z(story->kind, cases[i].kind) || story_calls_off(story) != cases[i].off) {
            fail_msg("'%s': %.*s, called off: %d", cases[i].title, (int)story->kind.n,
                     story->kind.p, story_calls_off(story));
        }
        arena_free(&arena);
    }
}

/* Of the samples whose kind has a name nearly all are known; "khac" is what has none. */
static void
test_samples(void **state)
{
    static const char *const tables[] = {"facts.tsv", "facts_own.tsv"};
    int known = 0, n = 0;
    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct arena *arena = arena_new();
        struct str table = sample_file(arena, str_of(tables[i]));
        for (struct str row = sample_row(&table); row.n > 0; row = sample_row(&table)) {
            struct str wanted = sample_column(row, SAMPLE_KIND);
            bool named = !str_equal_z(wanted, "khac");
            n += named;
            known += named && str_equal(sample_story(arena, row)->kind, wanted);
        }
        arena_free(&arena);
    }
    assert_true(n > 40 && known * 100 >= n * 90);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What kind of announcement it is. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/story_parts.h"
#include "gateway/core/unicode.h"

enum { HEAD_CHARACTERS = 600 };

/* Whole words by which a kind is known where the announcement does not name it; the first that is
 * found in the title, else in the text's beginning, so the narrower stand first. */
static const struct {
    const char *words, *kind;
} kinds[] = {
    {"sơ tán", "khan-cap"},
    {"di dời", "khan-cap"},
    {"chi trả", "chi-tra"},
    {"sạt lở", "khan-cap"},
    {"lũ quét", "khan-cap"},
    {"lừa đảo", "canh-bao"},
    {"giả danh", "canh-bao"},
    {"cảnh báo", "canh-bao"},
    {"cấp nước", "cat-nuoc"},
    {"cắt nước", "cat-nuoc"},
    {"ngừng nước", "cat-nuoc"},
    {"mất nước", "cat-nuoc"},
    {"áp lực nước", "cat-nuoc"},
    {"cấp điện", "cat-dien"},
    {"cắt điện", "cat-dien"},
    {"mất điện", "cat-dien"},
    {"khẩn cấp", "khan-cap"},
    {"hiến máu", "hien-mau"},
    {"tiếp công dân", "tiep-cong-dan"},
    {"cử tri", "bau-cu"},
    {"bầu cử", "bau-cu"},
    {"nghĩa vụ quân sự", "tuyen-dung"},
    {"tuyển quân", "tuyen-dung"},
    {"tuyển dụng", "tuyen-dung"},
    {"tuyển sinh", "tuyen-dung"},
    {"việc làm", "tuyen-dung"},
    {"tiêm", "y-te"},
    {"vắc xin", "y-te"},
    {"vắc-xin", "y-te"},
    {"vaccine", "y-te"},
    {"khám", "y-te"},
    {"dịch bệnh", "y-te"},
    {"sốt xuất huyết", "y-te"},
    {"thuế", "thue-phi"},
    {"thu quỹ", "thue-phi"},
    {"phí vệ sinh", "thue-phi"},
    {"đóng bảo hiểm", "thue-phi"},
    {"giao thông", "giao-thong"},
    {"phân luồng", "giao-thong"},
    {"cấm xe", "giao-thong"},
    {"cấm đường", "giao-thong"},
    {"chúc mừng", "chuc-mung"},
    {"thư chúc", "chuc-mung"},
    {"giấy mời", "giay-moi"},
    {"nghị quyết", "nghi-quyet"},
    {"ban hành kế hoạch", "ke-hoach"},
    {"triển khai kế hoạch", "ke-hoach"},
    {"sinh hoạt chi bộ", "giay-moi"},
    {"họp", "giay-moi"},
    {"mời", "giay-moi"},
    {"kế hoạch", "ke-hoach"},
};

static bool
stands_in(const struct plain *p, const char *words)
{
    for (size_t i = 0; i < p->n; i++) {
        if ((i == 0 || !plain_is_alnum(p, i - 1)) && plain_word(p, i, words) > 0) {
            return true;
        }
    }
    return false;
}

static struct str
kind_in(struct arena *arena, struct str text)
{
    struct plain plain;
    plain_of(arena, text, &plain);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (stands_in(&plain, kinds[i].words)) {
            return str_of(kinds[i].kind);
        }
    }
    return (struct str){"", 0};
}

struct str
story_kind(const struct announcement *a, const struct story *story, struct arena *arena)
{
    if (a->field[FIELD_KIND].n > 0) {
        return a->field[FIELD_KIND];
    }
    struct str kind = kind_in(arena, (struct str){story->text.p, story->title_n});
    return kind.n > 0 ? kind : kind_in(arena, utf8_head(story->text, HEAD_CHARACTERS));
}

bool
story_calls_off(const struct story *story)
{
    for (size_t i = 0; i < story->items_n; i++) {
        const struct story_item *item = &story->item[i];
        bool cancels = item->role == ROLE_CORRECTION && item->key.p[0] == 'x';
        /* "Tạm dừng …" tells of itself when it is. */
        if (cancels && item->from < story->title_n && !str_equal(item->key, STR("xtam "))) {
            return true;
        }
    }
    return false;
}

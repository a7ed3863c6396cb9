/* What decides where a piece of a unit may begin and where it may end: for gist_begin.c and
 * gist_end.c. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/gist_parts.h"

void
gist_add_edge(struct gist_edges *e, size_t at, double penalty)
{
    for (size_t i = 0; i < e->n; i++) {
        if (e->edge[i].at == at) {
            e->edge[i].penalty = penalty < e->edge[i].penalty ? penalty : e->edge[i].penalty;
            return;
        }
    }
    if (e->n < GIST_EDGES) {
        e->edge[e->n++] = (struct gist_edge){at, penalty};
    }
}

char
gist_sign(const struct story_detail *d, size_t i)
{
    return d->plain.sign[d->token[i].to - 1];
}

bool
gist_negated_before(const struct story_detail *d, size_t from, size_t at)
{
    static const char *const cancels[] = {"hủy",      "huỷ",       "hoãn",     "hủy bỏ",
                                          "tạm dừng", "tạm ngừng", "tạm hoãn", "bãi bỏ",
                                          "ngừng",    "dừng",      NULL};
    bool negated = false;
    from = at > from + GIST_REACH ? at - GIST_REACH : from;
    for (size_t i = from; i < at; i++) {
        negated = negated || (story_negation(d, i) > 0 && story_one_of(d, i, cancels) == 0);
        char behind = gist_sign(d, i);
        negated = negated && behind != ',' && behind != ';' && behind != ':';
    }
    return negated;
}

/* What makes a sentence of a row of nouns. */
bool
gist_is_predicate(const struct story_detail *d, size_t i)
{
    static const char *const words[] = {
        "sẽ",        "bị",       "được",     "phải",    "là",      "có",        "tổ chức",
        "thông báo", "ban hành", "yêu cầu",  "đề nghị", "mời",     "diễn ra",   "gửi",
        "nộp",       "mang",     "gọi",      "đăng ký", "liên hệ", "tiếp",      "thực hiện",
        "cần",       "hãy",      "chủ động", "đi",      "đến",     "phát động", "thông qua",
        "tạm",       "nhận",     "báo",      "chịu",    "vượt",    "đạt",       "bắt đầu",
        "khai mạc",  "kết thúc", "trả",      "cấp",     "rời",     NULL};
    static const char *const until[] = {"đến hết", "đến ngày", NULL};
    bool range = story_phrase(d, i, "đến") > 0 && i + 1 < d->tokens_n &&
                 (d->token[i + 1].digit || story_one_of(d, i, until) > 0);
    return !range && (d->token[i].negation > 0 || story_one_of(d, i, words) > 0);
}

/* A point of a list that begins with what is to be done. */
static bool
begins_with_verb(const struct story_detail *d, const struct story_unit *u)
{
    static const char *const verbs[] = {
        "tiếp tục",  "đẩy mạnh",   "tăng cường",   "phát huy",   "nâng cao",   "chỉ đạo",
        "tập trung", "quán triệt", "tuyên truyền", "triển khai", "xây dựng",   "hoàn thiện",
        "kiểm tra",  "rà soát",    "bố trí",       "quan tâm",   "thống nhất", "phối hợp",
        "giảm",      "tạo",        "đổi mới",      "lấy",        "lãnh đạo",   "chú trọng",
        "chủ động",  "mở",         "duy trì",      "thực hiện",  "đề cao",     "vận động",
        "hướng dẫn", "lập",        "phấn đấu",     "nghiêm túc", NULL};
    return u->listed && story_one_of(d, u->from, verbs) > 0;
}

/* Only nouns stand before token `at`: what they do comes behind it. */
bool
gist_lacks_predicate(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    bool before = u->kind != UNIT_SENTENCE || u->label_to > u->from || begins_with_verb(d, u);
    bool behind = false;
    for (size_t i = u->from; i < u->to && !before; i++) {
        bool predicate = gist_is_predicate(d, i);
        before = predicate && i < at;
        behind = behind || (predicate && i >= at);
    }
    return !before && behind;
}

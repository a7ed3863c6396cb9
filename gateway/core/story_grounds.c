/* On what ground something is announced: no short text tells it, and none when a paper that it
 * cites was made. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/story_parts.h"

static const char *const papers[] = {
    "luật",     "bộ luật",  "nghị định", "nghị quyết", "quyết định", "kế hoạch",  "công văn",
    "chỉ thị",  "thông tư", "hướng dẫn", "pháp lệnh",  "công điện",  "thông báo", "chương trình",
    "tờ trình", "văn bản",  "kết luận",  "báo cáo",    NULL};

/* "Thực hiện Công văn số 8 của tỉnh," on a line of its own. */
static bool
carries_out(const struct story_detail *d, const struct story_unit *u)
{
    static const char *const deeds[] = {"thực hiện", "thi hành", "triển khai", "theo", NULL};
    const struct story_token *last = &d->token[u->to - 1];
    size_t n = story_one_of(d, u->from, deeds);
    return n > 0 && last->ends_line && d->plain.sign[last->to - 1] == ',' &&
           story_one_of(d, u->from + n, papers) > 0;
}

/* "Căn cứ Luật … ngày …;": a line of the preamble. */
bool
story_is_ground(const struct story_detail *d, const struct story_unit *u)
{
    static const char *const begins[] = {"căn cứ",     "xét đề nghị",      "xét tờ trình",
                                         "chiếu theo", "theo đề nghị của", NULL};
    static const char *const tells[] = {"thông báo", "ban hành", "đề nghị các", "yêu cầu",
                                        "tổ chức",   "mời",      "quyết định:", NULL};
    const struct story_token *last = &d->token[u->to - 1];
    bool open = strchr(";,", d->plain.sign[last->to - 1]) != NULL;
    if (u->kind == UNIT_TITLE || story_one_of(d, u->from, begins) == 0) {
        return u->kind != UNIT_TITLE && carries_out(d, u);
    }
    for (size_t i = u->from; i < u->to && !open; i++) {
        bool main_clause = i > u->from && strchr(",", d->plain.sign[d->token[i - 1].to - 1]);
        if (story_one_of(d, i, tells) > 0 || main_clause) {
            return false;
        }
    }
    return true;
}

/* Whether a paper that is cited is named within a few words before token `i`, in one clause. */
static bool
follows_paper(const struct story_detail *d, const struct story_unit *u, size_t i)
{
    enum { BACK = 10 };
    for (size_t k = i; k > u->from && k + BACK > i;) {
        k--;
        if (k + 1 < i && strchr(",;:", story_sign_behind(d, k)) &&
            story_sign_behind(d, k) != '\0') {
            return false;
        }
        if (story_one_of(d, k, papers) > 0) {
            return true;
        }
    }
    return false;
}

/* "ngày 30/9/2026" at tokens [from, to) is over there: "…, UBND xã", "… của Đảng ủy". */
static bool
ends_citation(const struct story_detail *d, const struct story_unit *u, size_t from, size_t to)
{
    static const char *const whose[] = {"của", NULL};
    static const char *const goes_on[] = {"của", "về", "và", "v/v", "quy định", NULL};
    char before = from > u->from ? story_sign_behind(d, from - 1) : '\0';
    if (before != '\0') {
        return before == ',' && story_one_of(d, to, whose) > 0;
    }
    char behind = story_sign_behind(d, to - 1);
    return to == u->to || (behind != '\0' && strchr(",;.", behind)) ||
           story_one_of(d, to, goes_on) > 0;
}

static void
mark_date(struct story_detail *d, const struct story_unit *u, size_t from, size_t to)
{
    from -= from > u->from && story_phrase(d, from - 1, "ngày") > 0;
    if (follows_paper(d, u, from) && ends_citation(d, u, from, to)) {
        for (size_t i = from; i < to; i++) {
            d->token[i].polite = d->token[i].needless = true;
        }
    }
}

void
story_mark_grounds(struct story *story, const struct story_unit *u)
{
    static const char *const begins[] = {"căn cứ",     "thực hiện",  "thi hành",
                                         "theo",       "triển khai", "hưởng ứng",
                                         "chiếu theo", "xét",        NULL};
    struct story_detail *d = story->detail;
    if (u->kind == UNIT_TITLE || story_one_of(d, u->from, begins) == 0) {
        return;
    }
    bool ground = story_is_ground(d, u);
    for (size_t i = u->from; i < u->to && ground; i++) {
        d->token[i].polite = true;
    }
    for (size_t i = 0; i < story->facts.n; i++) {
        const struct fact *f = &story->facts.fact[i];
        size_t from = story_token_at(d, f->from), to = story_token_at(d, f->to - 1) + 1;
        if (f->kind == FACT_DATE && from >= u->from && to <= u->to) {
            mark_date(d, u, from, to);
        }
    }
}

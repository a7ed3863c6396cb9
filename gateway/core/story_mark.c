/* What of a text is never told: what a correction replaces, and courtesy. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/story_items.h"

enum { MOVE_MOST = 18, BRACKET_MOST = 60 };

/* Words beside an old date, time or place. */
static const char *const old_words[] = {"thay vì",
                                        "thay cho",
                                        "lịch cũ",
                                        "thông báo cũ",
                                        "trước đây",
                                        "so với lịch",
                                        "so với thông báo",
                                        "so với kế hoạch",
                                        "không còn hiệu lực",
                                        "hết hiệu lực",
                                        "đã qua",
                                        "khi đó",
                                        "trước đó",
                                        "ban đầu",
                                        "đã thông báo",
                                        "chưa chính xác",
                                        "không chính xác",
                                        "không đúng",
                                        "giờ cũ",
                                        "địa điểm cũ",
                                        "ngày cũ",
                                        "thời gian cũ",
                                        "cũ ghi",
                                        "như trước",
                                        "nhầm",
                                        "đã có thông báo",
                                        "đã có giấy mời",
                                        "đã ban hành giấy mời",
                                        "dự kiến trước",
                                        NULL};

/* What else in a text says that something was moved, or replaced, or does not take place. */
static const char *const correction_words[] = {
    "hoãn",          "đính chính", "điều chỉnh",   "thay đổi",     "thay thế",      "chuyển sang",
    "lùi",           "dời",        "thay cho",     "thay vì",      "nay",           "lịch mới",
    "thời gian mới", "đổi",        "địa điểm mới", "cập nhật lại", "thông báo lại", NULL};

static const char *const cancel_words[] = {
    "hủy",      "huỷ",    "không tổ chức", "tạm dừng", "hoãn", "bãi bỏ",
    "tạm hoãn", "hủy bỏ", "đính chính",    "thay thế", NULL};

static bool
unit_has(const struct story_detail *d, const struct story_unit *u, const char *const *words)
{
    for (size_t i = u->from; i < u->to; i++) {
        if (story_one_of(d, i, words) > 0) {
            return true;
        }
    }
    return false;
}

static void
set_stale(struct story *story, size_t from, size_t to)
{
    struct story_detail *d = story->detail;
    for (size_t i = from; i < to; i++) {
        d->token[i].stale = true;
    }
    if (from < to && story->stale_n < STORY_STALE) {
        const struct plain *p = &d->plain;
        story->stale[story->stale_n++] =
            (struct story_span){p->at[d->token[from].from], p->at[d->token[to - 1].to]};
    }
}

static void
set_needless(struct story_detail *d, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        d->token[i].needless = true;
    }
}

/* Where the clause that token `i` stands in ends: behind a comma, a semicolon or the unit. */
static size_t
clause_end(const struct story_detail *d, size_t i, size_t to)
{
    while (i < to) {
        char behind = d->plain.sign[d->token[i].to - 1];
        i++;
        if (behind == ',' || behind == ';' || behind == '.') {
            break;
        }
    }
    return i;
}

/* ---- Brackets. */

static bool
token_has(const struct story_detail *d, size_t i, char sign)
{
    const struct story_token *t = &d->token[i];
    return memchr(d->plain.sign + t->from, sign, t->to - t->from) != NULL;
}

static void
mark_bracket(struct story *story, size_t from, size_t to)
{
    static const char *const called[] = {"sau đây gọi", "gọi tắt là", "gọi là", "có danh sách",
                                         "kèm theo",    "đã ký",      NULL};
    struct story_detail *d = story->detail;
    bool old = false;
    for (size_t i = from; i < to; i++) {
        d->token[i].bracketed = true;
        old = old || story_one_of(d, i, old_words) > 0;
    }
    if (old) {
        set_stale(story, from, to);
    }
    for (size_t i = from; i < to; i++) {
        if (story_one_of(d, i, called) > 0) {
            set_needless(d, from, to);
            return;
        }
    }
}

static void
mark_brackets(struct story *story, const struct story_unit *u)
{
    struct story_detail *d = story->detail;
    for (size_t i = u->from; i < u->to; i++) {
        if (d->plain.sign[d->token[i].from] != '(') {
            continue;
        }
        size_t end = i;
        while (end < u->to && end < i + BRACKET_MOST && !token_has(d, end, ')')) {
            end++;
        }
        if (end < u->to && end < i + BRACKET_MOST) {
            mark_bracket(story, i, end + 1);
            i = end;
        }
    }
}

/* ---- What was replaced. */

static bool
holds_digit(const struct story_detail *d, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (d->token[i].digit) {
            return true;
        }
    }
    return false;
}

/* "chuyển từ 21h00 ngày 14/12 sang 21h00 ngày 17/12": the first of both. */
static void
mark_moves(struct story *story, const struct story_unit *u)
{
    static const char *const from_words[] = {"từ", NULL};
    static const char *const to_words[] = {"sang", "thành", "lùi đến", "chuyển đến", NULL};
    static const char *const moving[] = {"chuyển", "đổi", "dời", "di chuyển", NULL};
    struct story_detail *d = story->detail;
    for (size_t i = u->from; i < u->to; i++) {
        if (story_one_of(d, i, from_words) == 0) {
            continue;
        }
        size_t end = i + 1;
        while (end < u->to && end < i + MOVE_MOST && story_one_of(d, end, to_words) == 0) {
            end++;
        }
        bool moved = i > u->from && story_one_of(d, i - 1, moving) > 0;
        if (end < u->to && end < i + MOVE_MOST && (moved || holds_digit(d, i, end))) {
            set_stale(story, i, end);
            i = end;
        }
    }
}

/* "thay vì chiều thứ Tư", "so với lịch đã thông báo ngày 01/12": to the end of the clause. */
static void
mark_instead(struct story *story, const struct story_unit *u)
{
    static const char *const words[] = {
        "thay vì",         "thay cho",       "so với lịch", "so với thông báo",
        "so với kế hoạch", "chứ không phải", NULL};
    struct story_detail *d = story->detail;
    for (size_t i = u->from; i < u->to; i++) {
        if (!d->token[i].bracketed && story_one_of(d, i, words) > 0) {
            size_t end = clause_end(d, i, u->to);
            set_stale(story, i, end);
            i = end - 1;
        }
    }
}

/* "Thông báo số 45 ghi: …; nay sửa lại là: …": what stood in it. */
static void
mark_misprint(struct story *story, const struct story_unit *u)
{
    static const char *const writes[] = {"ghi", "có nêu", "đã nêu", NULL};
    static const char *const mends[] = {
        "nay sửa",      "nay đính chính", "nay điều chỉnh", "nay đọc là",  "nay là",  "xin sửa",
        "xin được sửa", "sửa lại",        "sửa thành",      "đọc đúng là", "đúng là", NULL};
    const struct story_detail *d = story->detail;
    const struct story_unit *next = u + 1;
    bool mended = next < d->unit + d->units_n && story_one_of(d, next->from, mends) > 0;
    for (size_t i = u->from; mended && i < u->to; i++) {
        if (story_one_of(d, i, writes) > 0 && holds_digit(d, i, u->to)) {
            set_stale(story, i, u->to);
            return;
        }
    }
}

/* A sentence that only recalls what was said before, in a text that corrects it. */
static void
mark_recalled(struct story *story, const struct story_unit *u, bool corrected)
{
    const struct story_detail *d = story->detail;
    bool old = false;
    for (size_t i = u->from; i < u->to; i++) {
        bool open = !d->token[i].stale && !d->token[i].bracketed;
        old = old || (open && story_one_of(d, i, old_words) > 0);
    }
    if (corrected && old && u->kind != UNIT_TITLE && !unit_has(d, u, cancel_words)) {
        set_stale(story, u->from, u->to);
    }
}

static const char *const planned[] = {"dự kiến",      "theo kế hoạch", "theo lịch", "lẽ ra",
                                      "đã thông báo", "đã mời",        "đã hẹn",    NULL};

/* Token `i` is the "đến" of "từ ngày 12 đến ngày 14/02" that begins at `from` or later. */
static bool
ends_range(const struct story_detail *d, size_t from, size_t i)
{
    static const char *const starts[] = {"từ", NULL}, *const ends[] = {"đến", "tới", NULL};
    bool started = false;
    for (size_t at = from; at < i; at++) {
        started = story_one_of(d, at, starts) > 0 || (started && story_one_of(d, at, ends) == 0);
    }
    return started && story_one_of(d, i, ends) > 0;
}

/* "hoãn buổi họp dự kiến lúc 14h00 ngày 21/11; chuyển sang …": when it would have been, if the text
 * says from token `i` on when it will be. */
static size_t
planned_end(const struct story_detail *d, const struct story_unit *u, size_t plan)
{
    static const char *const anew[] = {"chuyển sang", "chuyển đến",    "sang",     "dời đến",
                                       "dời sang",    "lùi đến",       "lùi sang", "nay",
                                       "đến",         "thời gian mới", "lịch mới", "khai mạc mới",
                                       "mới",         "sửa lại",       NULL};
    enum { NEW_WITHIN = 60 };
    size_t end = plan;
    while (end < u->to && (end == plan || !strchr(";.", d->plain.sign[d->token[end - 1].to - 1])) &&
           (end < plan + 3 || story_one_of(d, end, anew) == 0 || ends_range(d, plan, end))) {
        end++;
    }
    size_t to = end + NEW_WITHIN < d->tokens_n ? end + NEW_WITHIN : d->tokens_n;
    bool known = false;
    for (size_t i = end; i < to && !known; i++) {
        known = story_one_of(d, i, anew) > 0 && holds_digit(d, i, i + 6 < to ? i + 6 : to);
    }
    return known ? end : plan;
}

/* "… dự kiến diễn ra lúc 14h00 ngày 21/11 được hoãn": when it would have been. */
static size_t
put_off_from(const struct story_detail *d, size_t plan, size_t put_off)
{
    static const char *const helpers[] = {"được", "phải", "bị", "sẽ", "nay", "tạm", NULL};
    while (put_off > plan && story_one_of(d, put_off - 1, helpers) > 0) {
        put_off--;
    }
    return holds_digit(d, plan, put_off) ? put_off : plan;
}

static void
mark_postponed(struct story *story, const struct story_unit *u)
{
    static const char *const put_off[] = {"hoãn", "tạm hoãn", "dời", "lùi", "chuyển", NULL};
    struct story_detail *d = story->detail;
    size_t plan = u->to, off = u->to;
    for (size_t i = u->from; i < u->to; i++) {
        bool open = !d->token[i].stale && !d->token[i].bracketed;
        plan = open && plan == u->to && story_one_of(d, i, planned) > 0 ? i : plan;
        off = open && off == u->to && story_one_of(d, i, put_off) > 0 ? i : off;
    }
    if (plan == u->to || off == u->to) {
        return;
    }
    set_stale(story, plan, off > plan ? put_off_from(d, plan, off) : planned_end(d, u, plan));
}

/* ---- On what ground: no text tells it. */

/* "Căn cứ Luật … ngày …;": a line of the preamble. */
static bool
is_ground(const struct story_detail *d, const struct story_unit *u)
{
    static const char *const begins[] = {"căn cứ",     "xét đề nghị",      "xét tờ trình",
                                         "chiếu theo", "theo đề nghị của", NULL};
    static const char *const tells[] = {"thông báo", "ban hành", "đề nghị các", "yêu cầu",
                                        "tổ chức",   "mời",      "quyết định:", NULL};
    const struct story_token *last = &d->token[u->to - 1];
    bool open = strchr(";,", d->plain.sign[last->to - 1]) != NULL;
    if (u->kind == UNIT_TITLE || story_one_of(d, u->from, begins) == 0) {
        return false;
    }
    for (size_t i = u->from; i < u->to && !open; i++) {
        bool main_clause = i > u->from && strchr(",", d->plain.sign[d->token[i - 1].to - 1]);
        if (story_one_of(d, i, tells) > 0 || main_clause) {
            return false;
        }
    }
    return true;
}

/* "II. Thời gian, địa điểm": a heading, which says nothing without what stands under it. */
static bool
is_numbered_heading(const struct story_detail *d, const struct story_unit *u)
{
    enum { MOST = 12 };
    const struct story_token *t = &d->token[u->from];
    bool roman = d->plain.sign[t->to - 1] == '.' && t->to - t->from <= 5 && u->kind != UNIT_TITLE;
    for (size_t c = t->from; c + 1 < t->to; c++) {
        roman = roman && strchr("IVX", d->plain.sign[c]) != NULL;
    }
    const struct story_token *last = &d->token[u->to - 1];
    bool ended = strchr(".;!?", d->plain.sign[last->to - 1]) != NULL;
    return roman && t->to - t->from >= 2 && u->to - u->from <= MOST && last->ends_line &&
           (!ended || u->to - u->from == 1) && !d->token[u->to - 1].digit;
}

/* Tokens of the line that begins at token `i`. */
static size_t
line_length(const struct story_detail *d, size_t i)
{
    size_t n = 0;
    while (i + n < d->tokens_n && !d->token[i + n].ends_line) {
        n++;
    }
    return n;
}

/* "Đối tượng vay vốn" alone on its line above a long one, without a number, a name or a sign at its
 * end: a heading. */
static bool
is_bare_heading(const struct story_detail *d, const struct story_unit *u)
{
    enum { MOST = 5, LONG = 10 };
    static const char *const telling[] = {"miễn phí", "không thu phí", "khẩn cấp", NULL};
    const struct story_token *last = &d->token[u->to - 1];
    bool alone = u->line > 1 && last->ends_line && u->kind == UNIT_SENTENCE && !u->listed &&
                 u->from > 0 && d->token[u->from - 1].ends_line;
    bool heading = alone && u->to - u->from <= MOST && !u->negative && u->label_to == u->from &&
                   !strchr(".;!?:,", d->plain.sign[last->to - 1]) && line_length(d, u->to) >= LONG;
    for (size_t i = u->from; i < u->to && heading; i++) {
        heading = !d->token[i].digit && (i == u->from || !d->token[i].capital) &&
                  items_action_at(d, i) == 0 && story_one_of(d, i, telling) == 0;
    }
    return heading;
}

/* ---- Courtesy. */

static void
mark_courtesy(struct story_detail *d, const struct story_unit *u)
{
    static const char *const whole[] = {"xin cảm ơn",
                                        "trân trọng cảm ơn",
                                        "rất mong",
                                        "kính mong",
                                        "mong nhận được",
                                        "mong quý",
                                        "sự hiện diện",
                                        "xin trân trọng",
                                        "niềm vinh dự",
                                        "thông cảm",
                                        "trân trọng thông báo để",
                                        "để biết và thực hiện",
                                        "biết, thực hiện",
                                        NULL};
    static const char *const inviting[] = {"trân trọng kính mời", "trân trọng mời", NULL};
    static const char *const words[] = {"cụ thể như sau",
                                        "với nội dung như sau",
                                        "lịch như sau",
                                        "lịch cụ thể như sau",
                                        "như sau",
                                        "theo đó",
                                        "ngoài ra",
                                        "bên cạnh đó",
                                        "cụ thể là",
                                        "trân trọng",
                                        "cụ thể",
                                        "sau đây",
                                        "trong đó",
                                        "thời gian gần đây",
                                        "thời gian qua",
                                        "nồng nhiệt nhất",
                                        "tốt đẹp nhất",
                                        "chân thành nhất",
                                        "sâu sắc nhất",
                                        "trân trọng nhất",
                                        NULL};
    for (size_t i = u->from; i < u->to; i++) {
        if (u->kind != UNIT_TITLE && story_one_of(d, i, whole) > 0 &&
            !holds_digit(d, u->from, u->to)) {
            set_needless(d, u->from, u->to);
            return;
        }
        size_t n = story_one_of(d, i, words);
        bool edge =
            i == u->from || story_sign_behind(d, i + (n > 0 ? n - 1 : 0)) == ':' || i + n == u->to;
        bool invites = story_one_of(d, i, inviting) > 0; /* a verb, not only courtesy */
        if (n > 0 && !invites && (edge || story_phrase(d, i, "trân trọng") > 0)) {
            set_needless(d, i, i + n);
        }
    }
    if (u->kind == UNIT_HEADING && story_phrase(d, u->to - 1, "sau") > 0) {
        set_needless(d, u->to - 1, u->to);
    }
}

/* "THÔNG BÁO Về việc xả lũ": what the paper is called, in capitals above its subject, goes without
 * saying. */
static void
mark_paper(struct story_detail *d, const struct story_unit *title)
{
    static const char *const papers[] = {"thông báo khẩn về việc",
                                         "thông báo về việc",
                                         "thông báo khẩn về",
                                         "thông báo về",
                                         "thông báo khẩn",
                                         "thông báo",
                                         "về việc",
                                         "v/v",
                                         NULL};
    static const char *const no[] = {"số", "của", "kết luận", "cho", "đến", "tới", NULL};
    const struct story_token *first = &d->token[title->from];
    char second = first->core + 1 < first->core_to ? d->plain.sign[first->core + 1] : '\0';
    bool capitals = (second >= 'A' && second <= 'Z') || story_phrase(d, title->from, "về việc") > 0;
    size_t n = capitals ? story_one_of(d, title->from, papers) : 0;
    if (n > 0 && title->from + n + 3 <= title->to && story_one_of(d, title->from + n, no) == 0 &&
        story_sign_behind(d, title->from + n - 1) == '\0') {
        set_needless(d, title->from, title->from + n);
    }
}

void
story_mark(struct story *story)
{
    struct story_detail *d = story->detail;
    size_t corrections = 0;
    mark_paper(d, &d->unit[0]);
    for (size_t i = 0; i < d->units_n; i++) {
        mark_brackets(story, &d->unit[i]);
        corrections += unit_has(d, &d->unit[i], correction_words);
    }
    for (size_t i = 0; i < d->units_n; i++) {
        const struct story_unit *u = &d->unit[i];
        mark_moves(story, u);
        mark_instead(story, u);
        mark_postponed(story, u);
        mark_misprint(story, u);
        size_t others = corrections - (unit_has(d, u, correction_words) ? 1 : 0);
        mark_recalled(story, u, others > 0);
        mark_courtesy(d, u);
        d->unit[i].long_only =
            is_ground(d, u) || is_numbered_heading(d, u) || is_bare_heading(d, u);
        if (u->long_only) {
            set_needless(d, u->from, u->to);
        }
    }
}

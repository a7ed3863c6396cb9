/* Where a piece of a unit may begin. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/gist_parts.h"

enum { CUE_MOST = 5, NEAR_TITLE = 2 };
static const double NUMBER_ALONE = 1.0;

/* Behind an opening that only says why or on what ground: "Để …, X thông báo". */
static size_t
behind_opening(const struct story_detail *d, const struct story_unit *u)
{
    static const char *const openings[] = {"để",
                                           "nhằm",
                                           "căn cứ",
                                           "thực hiện",
                                           "theo",
                                           "hưởng ứng",
                                           "nhân",
                                           "trên cơ sở",
                                           "được sự",
                                           "trong khuôn khổ",
                                           "thời gian qua",
                                           "thời gian gần đây",
                                           "hiện nay",
                                           "vừa qua",
                                           "xét",
                                           "ngày",
                                           "sáng",
                                           "chiều",
                                           "do",
                                           "nhân dịp",
                                           "tiếp tục",
                                           "trong thời gian",
                                           "sau khi",
                                           "lúc",
                                           "khoảng",
                                           NULL};
    static const char *const verbs[] = {
        "thông báo",  "ban hành",   "tổ chức",   "đề nghị",  "yêu cầu", "mời",
        "trân trọng", "triển khai", "phát động", "phối hợp", "sẽ",      "tạm",
        "đã",         "cảnh báo",   "gửi tới",   "lưu ý",    "cấm",     "nghiêm cấm",
        "quyết định", "hoãn",       "dời",       NULL};
    static const char *const dated[] = {"ngày", "sáng", "chiều", "lúc", "khoảng", NULL};
    static const char *const joints[] = {"tuy nhiên", "vì vậy", "do đó", "vì thế", NULL};
    size_t joint = story_one_of(d, u->from, joints), from = u->from;
    from +=
        joint > 0 && from + joint + 1 < u->to && gist_sign(d, from + joint - 1) == ',' ? joint : 0;
    bool without_date = story_one_of(d, from, dated) > 0 && !d->token[from + 1].digit;
    if (story_one_of(d, from, openings) == 0 || u->label_to > u->from || without_date) {
        return from;
    }
    size_t comma = from;
    for (size_t i = from; i + 1 < u->to; i++) {
        if (comma > from && i > from && story_one_of(d, i, verbs) > 0) {
            return comma;
        }
        comma = gist_sign(d, i) == ',' && !d->token[i].bracketed ? i + 1 : comma;
    }
    return comma;
}

/* Behind "X thông báo (về việc)": what is announced. */
static size_t
behind_announcing(const struct story_detail *d, const struct story_unit *u, size_t from)
{
    static const char *const verbs[] = {"thông báo về việc", "thông báo việc", "thông báo về",
                                        "thông báo",         "tổ chức",        NULL};
    static const char *const no[] = {
        "đến", "tới",       "cho",  "số",        "này", "để",  "như", "rộng rãi", "của", "cũ",
        "lại", "thực hiện", "đảng", "chính trị", "vào", "tại", "lúc", "từ",       "ở",   NULL};
    static const char *const not_behind[] = {"đã", "không",    "ban", "việc",
                                             "về", "công tác", "các", NULL};
    for (size_t i = from; i < u->to && i < from + 14; i++) {
        size_t n = story_one_of(d, i, verbs);
        bool told = n > 0 && i + n < u->to && story_one_of(d, i + n, no) == 0;
        bool past = i > u->from && story_one_of(d, i - 1, not_behind) > 0;
        if (told && !past && (gist_sign(d, i + n - 1) != ',')) {
            return i + n;
        }
    }
    return from;
}

/* A few words before token `at`: the cue that it needs to be understood ("lúc", "gọi"); `at` if
 * there is none. */
static size_t
cue_before(const struct story_detail *d, const struct story_unit *u, size_t at,
           const char *const *cues)
{
    size_t found = at;
    for (size_t b = at; b > u->from && b + CUE_MOST > at; b--) {
        char behind = gist_sign(d, b - 1);
        if (story_one_of(d, b - 1, cues) > 0) {
            found = b - 1;
        }
        if (b - 1 != found && (behind == ',' || behind == ';' || behind == '.')) {
            break;
        }
    }
    return found;
}

/* Whether a sentence may begin with the action at token `at`: behind a sign, or behind a word that
 * asks for it. */
static bool
may_begin(const struct story_detail *d, const struct story_unit *u, size_t at, bool one_word)
{
    static const char *const asking[] = {"đề nghị", "yêu cầu", "cần", "phải", "hãy",
                                         "và",      "hoặc",    "thì", NULL};
    static const char *const no[] = {"để", "việc", "được", "khi",  "bị",       "sau",       "trước",
                                     "đã", "chưa", "sẽ",   "đang", "cách",     "phí",       "tự",
                                     "có", "diện", "tục",  "hạn",  "công tác", "thời gian", "về",
                                     "và", "theo", "cho",  NULL};
    char behind = gist_sign(d, at - 1);
    if (at == u->label_to || behind == ',' || behind == ';' || behind == ':') {
        return true;
    }
    return one_word ? story_one_of(d, at - 1, asking) > 0 : story_one_of(d, at - 1, no) == 0;
}

static bool
label_is_plain(const struct story_detail *d, const struct story_unit *u)
{
    static const char *const labels[] = {"thời gian", "địa điểm", "nội dung", "lưu ý",
                                         "cụ thể",    "yêu cầu",  "đề nghị",  NULL};
    return story_one_of(d, u->from, labels) > 0;
}

/* What a unit loses without its label: "Nơi sơ tán:" says what the place is for. */
static double
label_penalty(const struct story_detail *d, const struct story_unit *u)
{
    static const char *const known[] = {
        "thời hạn",      "hạn",       "ngày",       "giờ",        "khai giảng", "khai mạc",
        "hình thức",     "đối tượng", "thành phần", "điện thoại", "liên hệ",    "đường dây nóng",
        "số điện thoại", "khu vực",   "hồ sơ",      "giấy tờ",    "lịch",       "quy định",
        "hỗ trợ",        NULL};
    static const char *const whose[] = {
        "chủ tịch", "phó chủ tịch", "bí thư", "phó bí thư", "đồng chí", "ông",
        "bà",       "trưởng",       "thôn",   "xóm",        "buôn",     "khối",
        "tổ",       "ca",           "lớp",    "nhóm",       NULL};
    if (story_one_of(d, u->from, whose) > 0) {
        return 20; /* what follows would be anybody's */
    }
    bool known_by_itself = story_one_of(d, u->from, known) > 0;
    return label_is_plain(d, u) ? 0.2 : (known_by_itself ? 1.0 : 1.8);
}

/* Whether the unit says it to everybody: without its subject ("Xe tải, xe khách: …") a "không"
 * would forbid to all what some may not do. */
static bool
is_for_all(const struct story_detail *d, const struct story_unit *u)
{
    static const char *const people[] = {"người dân",    "công dân",
                                         "các đồng chí", "đồng chí",
                                         "các hộ",       "hộ dân",
                                         "khách hàng",   "nhân dân",
                                         "bà con",       "cử tri",
                                         "phụ huynh",    "mọi người",
                                         "đề nghị",      "yêu cầu",
                                         "khuyến cáo",   "lưu ý",
                                         "không",        "đừng",
                                         "mang",         "mang theo",
                                         "nghiêm cấm",   "tuyệt đối không",
                                         "cấm",          "ngủ đủ",
                                         "khi",          "toàn thể",
                                         "đảng viên",    NULL};
    return story_one_of(d, u->from, people) > 0 || (u->label_to > u->from && label_is_plain(d, u));
}

/* What is told aside: a part of it alone would seem to be told of all. */
bool
gist_is_aside(const struct story_detail *d, const struct story_unit *u)
{
    static const char *const words[] = {"riêng", "trường hợp", "nếu", "đối với", NULL};
    return story_one_of(d, u->from, words) > 0;
}

/* "hoãn … lúc 14h00": alone the time would seem to be when it takes place. */
static bool
is_called_off(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    static const char *const off[] = {"hoãn", "hủy",    "huỷ",     "tạm dừng",
                                      "dời",  "bãi bỏ", "dự kiến", NULL};
    static const char *const anew[] = {"sang", "đến", "nay", "mới", "thành", NULL};
    bool called_off = false;
    for (size_t i = u->from; i < at; i++) {
        called_off =
            story_one_of(d, i, anew) > 0 ? false : called_off || story_one_of(d, i, off) > 0;
    }
    return called_off;
}

/* Behind the time that ends before token `at` another clause says who does what, or narrows it:
 * "…, lúc 20h00, đảng viên nhận đường dẫn": from the time on it would be the time of that. */
static bool
another_follows(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    static const char *const goes_on[] = {"đề nghị", "yêu cầu", "mời", "kính mời",
                                          "tại",     "ở",       NULL};
    bool behind = false;
    for (size_t i = at; i < u->to; i++) {
        if (gist_sign(d, i - 1) == ',') {
            behind = story_one_of(d, i, goes_on) == 0;
        }
        if (behind && gist_is_predicate(d, i)) {
            return true;
        }
    }
    return gist_narrows(d, at, u->to);
}

/* "Mực nước lúc 13h00 ngày 9/9 vượt báo động 3": the time that ends before token `at` stands
 * between what is told of and what of it. */
static bool
is_of_subject(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    static const char *const goes_on[] = {"ngày", "hôm", "nay", "qua", "cùng", NULL};
    static const char *const states[] = {"vượt",  "đạt", "đã",  "đang",    "còn",    "bị", "là",
                                         "ở mức", "có",  "lên", "đo được", "xảy ra", NULL};
    while (at < u->to && (d->token[at].digit || story_one_of(d, at, goes_on) > 0) &&
           gist_sign(d, at - 1) != ',') {
        at++;
    }
    return at < u->to && !strchr(",;.", gist_sign(d, at - 1)) && story_one_of(d, at, states) > 0;
}

/* "Hủy bắn pháo hoa. … Ca nhạc vẫn diễn ra lúc 20h00": where the title calls something off, an hour
 * without what it is of would seem to be the new one; that is said to be it. */
static bool
is_of_another(const struct story *story, const struct story_unit *u)
{
    static const char *const anew[] = {"lại", "mới",  "sang", "dời",    "lùi", "nay",
                                       "bù",  "thay", "đổi",  "chuyển", NULL};
    bool other = story_calls_off(story);
    for (size_t i = u->from; i < u->to && other; i++) {
        other = story_one_of(story->detail, i, anew) == 0;
    }
    return other;
}

/* "Các hộ khu phố 8 rời nhà": the quarter that the unit names before token `at` is whom it tells;
 * without it the rest would be told to all. */
static bool
is_for_quarter(const struct story *story, const struct story_unit *u, size_t at)
{
    bool named = false;
    for (size_t k = u->told; k < u->told_to; k++) {
        const struct story_told *t = &story->detail->told[k];
        named = named || (t->to <= at && story->item[t->item].key.p[0] == 'q');
    }
    return named;
}

/* "vào thứ Sáu, | 11-12-2026, từ 8 giờ": the hour that begins at token `at` goes with its day,
 * which stands right before it: where that begins, `at` if none does. */
static size_t
day_before(const struct story *story, const struct story_unit *u, size_t at)
{
    for (size_t k = u->told; k < u->told_to; k++) {
        const struct story_told *t = &story->detail->told[k];
        if (t->to == at && story->item[t->item].key.p[0] == 'd' && t->from > u->from) {
            return t->from;
        }
    }
    return at;
}

/* Where what tells item `t` may begin within the unit; `*at` and what it costs, -1: nowhere. */
static double
inner_beginning(const struct story *story, const struct story_unit *u, const struct story_told *t,
                size_t *at)
{
    static const char *const time_cues[] = {"từ",       "lúc",          "vào lúc", "vào hồi",
                                            "vào ngày", "vào các ngày", NULL};
    static const char *const whole_cues[] = {
        "có hiệu lực", "áp dụng từ",        "bắt đầu từ",     "bắt đầu lúc", "khai mạc",
        "khai giảng",  "hoạt động trở lại", "kết thúc",       "khởi hành",   "nay sửa lại",
        "nay là",      "nay chuyển sang",   "nay điều chỉnh", NULL};
    static const char *const phone_cues[] = {
        "gọi",           "liên hệ",  "tổng đài", "đường dây nóng", "hotline", "điện thoại",
        "số điện thoại", "trực ban", "giải đáp", "zalo số",        NULL};
    static const char *const deadline_cues[] = {"hạn nộp",  "hạn chót", "thời hạn",
                                                "hạn cuối", "hạn gửi",  NULL};
    const struct story_detail *d = story->detail;
    *at = t->from;
    static const char *const plain_acts[] = {"mang theo", "đăng ký", "rời khỏi",
                                             "sơ tán",    "di dời",  NULL};
    switch (story->item[t->item].role) {
    case ROLE_ACTION: {
        bool begins = may_begin(d, u, t->from, story_one_of(d, t->from, plain_acts) == 0);
        return begins ? 0.8 + (is_for_quarter(story, u, t->from) ? 2 : 0) : -1;
    }
    case ROLE_NEGATION:
        return strchr(",;:", gist_sign(d, t->from - 1)) && is_for_all(d, u) ? 0.6 : -1;
    case ROLE_WHEN:
        if (is_called_off(d, u, t->from) || is_of_another(story, u)) {
            return -1;
        }
        *at = cue_before(d, u, t->from, whole_cues);
        if (*at < t->from) {
            return 0.8;
        }
        *at = cue_before(d, u, t->from, time_cues);
        if (another_follows(d, u, t->to) || is_of_subject(d, u, t->to)) {
            return -1;
        }
        if (*at == t->from) {
            return -1;
        }
        *at = day_before(story, u, *at);
        return u <= d->unit + NEAR_TITLE ? 2.2 : 3.5;
    case ROLE_DEADLINE:
        *at = cue_before(d, u, t->from, deadline_cues);
        return *at < t->from ? 1.5 : -1;
    case ROLE_CONTACT:
        *at = cue_before(d, u, t->from, phone_cues);
        return 0.8; /* with none a word for it is put before the number */
    default:
        return -1;
    }
}

/* "tài khoản 0123456789": no number to ring. */
static bool
is_account(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    enum { BACK = 4 };
    static const char *const words[] = {"tài khoản", "số tài khoản", "stk", "mã số", "fax", NULL};
    bool account = false;
    for (size_t i = at; i > u->from && i + BACK > at; i--) {
        account = account || story_one_of(d, i - 1, words) > 0;
    }
    return account;
}

/* Where what a member must know begins within the unit: an action, a time, a number to ring. */
static void
add_inner_beginnings(const struct story *story, const struct story_unit *u, struct gist_edges *e)
{
    const struct story_detail *d = story->detail;
    for (size_t k = u->told; k < u->told_to && !u->wary && !gist_is_aside(d, u); k++) {
        const struct story_told *t = &d->told[k];
        if (t->from <= u->from || t->to > u->to || d->token[t->from].bracketed || t->weight < 2 ||
            d->token[t->from].stale) {
            continue;
        }
        size_t at = 0;
        double penalty = inner_beginning(story, u, t, &at);
        bool contact = story->item[t->item].role == ROLE_CONTACT;
        if (penalty >= 0 && !d->token[at].stale && !gist_negated_before(d, u->from, at)) {
            gist_add_edge(e, at, penalty);
        }
        if (contact && !is_account(d, u, t->from)) {
            gist_add_edge(e, t->from, NUMBER_ALONE);
        }
    }
}

/* Behind what the paper is called in its title; "khẩn" goes with it where it is said anyway. */
static size_t
behind_paper(const struct story *story, const struct story_unit *title)
{
    static const char *const papers[] = {
        "thông báo về việc", "thông báo về", "thông báo",         "về việc",      "v/v",
        "giấy mời",          "lịch",         "công điện về việc", "công điện về", NULL};
    static const char *const alarms[] = {
        "thông báo khẩn về việc", "thông báo khẩn về", "thông báo khẩn", "công điện khẩn về việc",
        "công điện khẩn về",      "công điện khẩn",    "cảnh báo khẩn",  NULL};
    const struct story_detail *d = story->detail;
    size_t n = story_one_of(d, title->from, alarms);
    n = story->alarms && n > 0 ? n : (n > 0 ? 0 : story_one_of(d, title->from, papers));
    return n > 0 && n + 3 < title->to ? title->from + n : title->from;
}

void
gist_beginnings(const struct story *story, const struct story_unit *u, struct gist_edges *e)
{
    const struct story_detail *d = story->detail;
    gist_add_edge(e, u->from, 0);
    if (u->label_to > u->from) {
        gist_add_edge(e, u->label_to, label_penalty(d, u));
    }
    size_t opened = behind_opening(d, u);
    gist_add_edge(e, opened, 0.1);
    if (u->kind == UNIT_TITLE) {
        gist_add_edge(e, behind_paper(story, u), 0.2);
        return;
    }
    gist_add_edge(e, behind_announcing(d, u, opened), 0.2);
    if (u->kind != UNIT_ROW) {
        add_inner_beginnings(story, u, e);
    }
}

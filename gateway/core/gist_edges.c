/* Where a piece of a unit may begin and where it may end. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/gist_parts.h"

enum { LEAST_OF_TITLE = 7, CUE_MOST = 5, NEAR_TITLE = 2 };
/* However long a line is, so many words are looked at from one place, so many facts taken as edges.
 */
enum { REACH = 200, EDGES_OF_UNIT = 64 };
static const double NUMBER_ALONE = 1.0;

static void
add_edge(struct gist_edges *e, size_t at, double penalty)
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

static char
sign_behind(const struct story_detail *d, size_t i)
{
    return d->plain.sign[d->token[i].to - 1];
}

/* ---- Beginnings. */

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
        "thông báo",  "ban hành",  "tổ chức",  "đề nghị",    "yêu cầu", "mời", "trân trọng",
        "triển khai", "phát động", "phối hợp", "sẽ",         "tạm",     "đã",  "cảnh báo",
        "gửi tới",    "lưu ý",     "cấm",      "nghiêm cấm", NULL};
    static const char *const dated[] = {"ngày", "sáng", "chiều", "lúc", "khoảng", NULL};
    bool without_date = story_one_of(d, u->from, dated) > 0 && !d->token[u->from + 1].digit;
    if (story_one_of(d, u->from, openings) == 0 || u->label_to > u->from || without_date) {
        return u->from;
    }
    size_t comma = u->from;
    for (size_t i = u->from; i + 1 < u->to; i++) {
        if (comma > u->from && i > u->from && story_one_of(d, i, verbs) > 0) {
            return comma;
        }
        comma = sign_behind(d, i) == ',' && !d->token[i].bracketed ? i + 1 : comma;
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
        if (told && !past && (sign_behind(d, i + n - 1) != ',')) {
            return i + n;
        }
    }
    return from;
}

static bool
negated_before(const struct story_detail *d, size_t from, size_t at)
{
    static const char *const cancels[] = {"hủy",      "huỷ",       "hoãn",     "hủy bỏ",
                                          "tạm dừng", "tạm ngừng", "tạm hoãn", "bãi bỏ",
                                          "ngừng",    "dừng",      NULL};
    bool negated = false;
    from = at > from + REACH ? at - REACH : from;
    for (size_t i = from; i < at; i++) {
        negated = negated || (story_negation(d, i) > 0 && story_one_of(d, i, cancels) == 0);
        char behind = sign_behind(d, i);
        negated = negated && behind != ',' && behind != ';' && behind != ':';
    }
    return negated;
}

/* A few words before token `at`: the cue that it needs to be understood ("lúc", "gọi"); `at` if
 * there is none. */
static size_t
cue_before(const struct story_detail *d, const struct story_unit *u, size_t at,
           const char *const *cues)
{
    size_t found = at;
    for (size_t b = at; b > u->from && b + CUE_MOST > at; b--) {
        char behind = sign_behind(d, b - 1);
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
    char behind = sign_behind(d, at - 1);
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
    static const char *const places[] = {"nơi", "điểm", NULL};
    return label_is_plain(d, u) ? 0.2 : (story_one_of(d, u->from, places) > 0 ? 1.6 : 1.0);
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

/* What makes a sentence of a row of nouns. */
static bool
is_predicate(const struct story_detail *d, size_t i)
{
    static const char *const words[] = {
        "sẽ",        "bị",       "được",     "phải",    "là",      "có",        "tổ chức",
        "thông báo", "ban hành", "yêu cầu",  "đề nghị", "mời",     "diễn ra",   "gửi",
        "nộp",       "mang",     "gọi",      "đăng ký", "liên hệ", "tiếp",      "thực hiện",
        "cần",       "hãy",      "chủ động", "đi",      "đến",     "phát động", "thông qua",
        "tạm",       "nhận",     "báo",      "chịu",    "vượt",    "đạt",       NULL};
    return d->token[i].negation > 0 || story_one_of(d, i, words) > 0;
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
static bool
lacks_predicate(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    bool before = u->kind != UNIT_SENTENCE || u->label_to > u->from || begins_with_verb(d, u);
    bool behind = false;
    for (size_t i = u->from; i < u->to && !before; i++) {
        bool predicate = is_predicate(d, i);
        before = predicate && i < at;
        behind = behind || (predicate && i >= at);
    }
    return !before && behind;
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
        if (sign_behind(d, i - 1) == ',') {
            behind = story_one_of(d, i, goes_on) == 0;
        }
        if (behind && is_predicate(d, i)) {
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
           sign_behind(d, at - 1) != ',') {
        at++;
    }
    return at < u->to && !strchr(",;.", sign_behind(d, at - 1)) && story_one_of(d, at, states) > 0;
}

/* Where what tells item `t` may begin within the unit; `*at` and what it costs, -1: nowhere. */
static double
inner_beginning(const struct story *story, const struct story_unit *u, const struct story_told *t,
                size_t *at)
{
    static const char *const time_cues[] = {"từ", "lúc", "vào lúc", NULL};
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
    switch (story->item[t->item].role) {
    case ROLE_ACTION:
        return may_begin(d, u, t->from,
                         story_phrase(d, t->from, "mang theo") == 0 &&
                             story_phrase(d, t->from, "đăng ký") == 0 &&
                             story_phrase(d, t->from, "rời khỏi") == 0 &&
                             story_phrase(d, t->from, "sơ tán") == 0 &&
                             story_phrase(d, t->from, "di dời") == 0)
                   ? 0.8
                   : -1;
    case ROLE_NEGATION:
        return strchr(",;:", sign_behind(d, t->from - 1)) && is_for_all(d, u) ? 0.6 : -1;
    case ROLE_WHEN:
        if (is_called_off(d, u, t->from)) {
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
        return *at < t->from ? (u <= d->unit + NEAR_TITLE ? 2.2 : 3.5) : -1;
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
        if (penalty >= 0 && !d->token[at].stale && !negated_before(d, u->from, at)) {
            add_edge(e, at, penalty);
        }
        if (contact && !is_account(d, u, t->from)) {
            add_edge(e, t->from, NUMBER_ALONE);
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
    add_edge(e, u->from, 0);
    if (u->label_to > u->from) {
        add_edge(e, u->label_to, label_penalty(d, u));
    }
    size_t opened = behind_opening(d, u);
    add_edge(e, opened, 0.1);
    if (u->kind == UNIT_TITLE) {
        add_edge(e, behind_paper(story, u), 0.2);
        return;
    }
    add_edge(e, behind_announcing(d, u, opened), 0.2);
    if (u->kind != UNIT_ROW) {
        add_inner_beginnings(story, u, e);
    }
}

/* ---- Ends. */

/* "thứ Hai, | thứ Tư": days of one list. */
static bool
days_go_on(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    static const char *const days[] = {"thứ hai", "thứ ba",  "thứ tư",   "thứ năm",
                                       "thứ sáu", "thứ bảy", "chủ nhật", NULL};
    size_t next = at + (story_phrase(d, at, "và") > 0 ? 1 : 0);
    return at >= u->from + 2 && next < u->to && story_one_of(d, at - 2, days) > 0 &&
           story_one_of(d, next, days) > 0;
}

/* "4, 5 | và 7", "tổ 7 | đến tổ 12": numbers that one of them alone would belie. */
static bool
number_goes_on(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    static const char *const words[] = {"đến", "và", "tới", "-", NULL};
    bool behind = at + 2 < u->to && (d->token[at + 1].digit || d->token[at + 2].digit);
    bool dash = d->plain.sign[d->token[at].from] == '-';
    bool range = d->token[at - 1].digit && behind && (dash || story_one_of(d, at, words) > 0);
    bool list = d->token[at].digit && (d->token[at - 1].digit || sign_behind(d, at - 1) == ',');
    return range || list;
}

/* At the end of a table's cell: what turns the row round must stay. */
static double
cell_penalty(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    bool turned = false;
    for (size_t i = at; i < u->to; i++) {
        turned = turned || story_negation(d, i) > 0;
    }
    return turned ? -1 : 0.2;
}

/* "phòng, | chống thiên tai", "thu, | chi ngân sách": a comma within one name. */
static bool
is_one_name(const struct story_detail *d, size_t at)
{
    static const char *const pairs[][2] = {
        {"phòng", "chống"}, {"thu", "chi"}, {"cán bộ", "đảng viên"}, {"ngăn chặn", "đẩy lùi"}};
    bool name = false;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t n = strchr(pairs[i][0], ' ') ? 2 : 1;
        name = name || (at >= n && story_phrase(d, at - n, pairs[i][0]) == n &&
                        story_phrase(d, at, pairs[i][1]) > 0);
    }
    return name;
}

/* "trừ xe cứu thương, | cứu hỏa": what is excepted, cut short, would forbid it to the others. */
static bool
exception_goes_on(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    static const char *const words[] = {"trừ", "ngoại trừ", "kể cả", NULL};
    bool excepted = false;
    for (size_t i = u->from; i < at; i++) {
        excepted = excepted || story_one_of(d, i, words) > 0;
        char behind = sign_behind(d, i);
        excepted = excepted && behind != ';' && behind != '.';
    }
    return excepted;
}

/* At a comma: not between nouns whose verb comes later, nor right behind "không bật". */
static double
comma_penalty(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    enum { LEAST_NEGATED = 4 };
    if (lacks_predicate(d, u, at) || is_one_name(d, at) || exception_goes_on(d, u, at)) {
        return -1;
    }
    if (u->kind == UNIT_TITLE && at < u->from + LEAST_OF_TITLE) {
        return -1; /* "Về thời gian, địa điểm bầu cử" */
    }
    size_t begun = at;
    while (begun > u->from && begun + LEAST_NEGATED > at && story_negation(d, begun - 1) == 0) {
        begun--;
    }
    return u->negative && begun > u->from && begun + LEAST_NEGATED > at ? -1 : 0.4;
}

/* Before a word that begins an adjunct. */
static double
adjunct_penalty(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    static const char *const adjuncts[] = {
        "nhằm", "để",   "theo", "do",    "vì",  "trong", "tại",     "từ",      "giai đoạn", "đến",
        "bằng", "trên", "sau",  "trước", "qua", "và",    "gắn với", "phục vụ", "nhiệm kỳ",  NULL};
    static const char *const compounds[] = {"thông qua",  "tự do",    "lý do",   "nêu trên",
                                            "hiệu trước", "trải qua", "như sau", "mục đích",
                                            "sau đây",    NULL};
    bool names = d->token[at].capital && d->token[at - 1].capital;
    if (story_phrase(d, at, "và") > 0 && at + 1 < u->to && story_negation(d, at + 1) > 0) {
        return 0.5; /* another thing that is not: each stands for itself */
    }
    bool listed = story_phrase(d, at, "và") > 0 && at + 1 < u->to && d->token[at + 1].capital;
    if (gist_is_aside(d, u) || names || listed || lacks_predicate(d, u, at) ||
        negated_before(d, u->from, at) || story_one_of(d, at - 1, compounds) > 0 ||
        story_one_of(d, at, adjuncts) == 0) {
        return -1;
    }
    return story_phrase(d, at, "và") > 0 ? 1.2 : 0.7;
}

/* "… được điều chỉnh: xe thu gom |": behind a colon only of what is told. */
static bool
opens_only(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    size_t colon = at;
    while (colon > u->label_to && sign_behind(d, colon - 1) != ':') {
        colon--;
    }
    bool says = colon == u->label_to || story_holds_digit(d, colon, at);
    for (size_t i = colon; i < at && !says; i++) {
        says = is_predicate(d, i) || sign_behind(d, i) == ',';
    }
    return !says;
}

/* Whether the sentence may end before token `at`; what that costs, -1: it may not. */
static double
end_penalty(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    char behind = sign_behind(d, at - 1);
    bool inside = d->token[at - 1].bracketed, bound = d->token[at - 1].bound;
    if (d->token[at].bracketed && !inside && !bound) {
        return lacks_predicate(d, u, at) ? -1 : 0.3; /* before an opening bracket */
    }
    if (bound || inside || d->token[at].bracketed || number_goes_on(d, u, at) ||
        days_go_on(d, u, at) || opens_only(d, u, at) || gist_narrows(d, at, u->to)) {
        return -1;
    }
    if (behind == ';' && u->kind == UNIT_ROW) {
        return cell_penalty(d, u, at);
    }
    return behind == ',' ? comma_penalty(d, u, at) : adjunct_penalty(d, u, at);
}

/* The first place at or behind `at` where the unit may end. */
static void
add_end_behind(const struct story_detail *d, const struct story_unit *u, size_t at,
               struct gist_edges *e)
{
    for (size_t last = at + REACH; at < u->to && at < last; at++) {
        double penalty = at > u->from ? end_penalty(d, u, at) : -1;
        if (penalty >= 0) {
            add_edge(e, at, penalty);
            return;
        }
    }
}

void
gist_ends(const struct story *s, const struct story_unit *u, struct gist_edges *e)
{
    static const char *const asks[] = {"đề nghị", "yêu cầu", "giao", "kính mời", NULL};
    const struct story_detail *d = s->detail;
    add_edge(e, u->to, 0);
    if (u->kind == UNIT_HEADING && story_one_of(d, u->from, asks) > 0) {
        return; /* whom it asks is one list, and what for comes behind it */
    }
    for (size_t k = u->told; k < u->told_to && k < u->told + EDGES_OF_UNIT; k++) {
        const struct story_told *t = &d->told[k];
        bool document = s->item[t->item].role == ROLE_DOCUMENT;
        if (t->from >= u->from && t->to <= u->to && (t->weight >= 0.6 || document)) {
            add_end_behind(d, u, t->to, e);
        }
        bool number = s->item[t->item].role == ROLE_CONTACT && t->to < u->to;
        if (number && !gist_narrows(d, t->to, u->to) && !d->token[t->to].bracketed) {
            add_edge(e, t->to, 0.5);
        }
    }
}

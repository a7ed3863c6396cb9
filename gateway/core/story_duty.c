/* Who must do what, and by when. */
// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "gateway/core/story_items.h"

enum { WHO_MOST = 16, WHAT_MOST = 40, OBJECTS = 3 };
static const double DUTY = 0.1, DUTY_BY_DAY = 0.3;

/* How a group of people is named. */
static const char *const groups[] = {"các hộ",
                                     "mỗi hộ",
                                     "hộ gia đình",
                                     "hộ kinh doanh",
                                     "hộ dân",
                                     "những hộ",
                                     "chủ hộ",
                                     "chủ đầu tư",
                                     "chủ các",
                                     "chủ phương tiện",
                                     "chủ xe",
                                     "chủ nhà",
                                     "gia đình",
                                     "mỗi gia đình",
                                     "người",
                                     "những người",
                                     "mỗi người",
                                     "nhân dân",
                                     "bà con",
                                     "công dân",
                                     "cử tri",
                                     "phụ huynh",
                                     "cha mẹ",
                                     "học sinh",
                                     "học viên",
                                     "thí sinh",
                                     "giáo viên",
                                     "thanh niên",
                                     "đảng viên",
                                     "các đảng viên",
                                     "đoàn viên",
                                     "hội viên",
                                     "đồng chí",
                                     "các đồng chí",
                                     "mỗi đồng chí",
                                     "chi bộ",
                                     "các chi bộ",
                                     "chi ủy",
                                     "các chi ủy",
                                     "chi đoàn",
                                     "các chi đoàn",
                                     "tổ dân phố",
                                     "các tổ dân phố",
                                     "các thôn",
                                     "các khu phố",
                                     "các tổ",
                                     "trưởng thôn",
                                     "các đơn vị",
                                     "đơn vị",
                                     "các cơ quan",
                                     "cơ quan",
                                     "các trường",
                                     "nhà trường",
                                     "doanh nghiệp",
                                     "các doanh nghiệp",
                                     "cơ sở",
                                     "các cơ sở",
                                     "khách hàng",
                                     "cán bộ",
                                     "các đội",
                                     "các đoàn",
                                     "toàn thể",
                                     "toàn bộ",
                                     "tất cả",
                                     "mọi người",
                                     "nông dân",
                                     "các nhà",
                                     NULL};

/* What else says that they are to do something. */
static const char *const bidding[] = {"phải",
                                      "cần",
                                      "chủ động",
                                      "có trách nhiệm",
                                      "hãy",
                                      "vui lòng",
                                      "không được",
                                      "không",
                                      "tham dự",
                                      "đến dự",
                                      "dự",
                                      "tham gia",
                                      "tạo điều kiện",
                                      "nghiêm túc",
                                      "tự",
                                      "lập",
                                      "báo cáo",
                                      "báo",
                                      "lấy",
                                      "đến",
                                      "đi",
                                      "liên hệ",
                                      "gọi",
                                      NULL};

/* Before a group this makes it someone else's deed, or what is done to them. */
static const char *const no_subject[] = {"cho", "của", "với",  "từ",  "bởi", "về",   "do", "gồm",
                                         "là",  "và",  "hoặc", "tới", "đến", "theo", NULL};

/* "hộ không tham gia", "người đã đăng ký", "về việc thực hiện": tells who or what it is, not what
 * they are to do. */
static bool
is_told_of(const struct story_detail *d, size_t i)
{
    static const char *const before[] = {"đã",   "việc", "chưa", "được", "bị",  "đang",
                                         "muốn", "để",   "khi",  "nếu",  "đến", NULL};
    static const char *const states[] = {"không tham gia", "không có",     "không dự",
                                         "không còn",      "không thuộc",  "không đủ",
                                         "không thể",      "không đi lại", NULL};
    return story_one_of(d, i - 1, before) > 0 || story_one_of(d, i, states) > 0;
}

static bool
ends_clause(const struct story_detail *d, size_t i)
{
    char behind = story_sign_behind(d, i);
    return behind == ';' || behind == '.' || behind == ':' || d->token[i].ends_line;
}

/* The token behind the group that begins at `from` where what they are to do begins; `from` if
 * nothing is said of that. */
static size_t
deed_of(const struct items *s, size_t from)
{
    const struct story_detail *d = s->detail;
    size_t to = s->unit->to < from + WHO_MOST ? s->unit->to : from + WHO_MOST;
    for (size_t i = from + 1; i < to && !ends_clause(d, i - 1); i++) {
        bool deed =
            (items_action_at(d, i) > 0 || story_one_of(d, i, bidding) > 0) && !is_told_of(d, i);
        if (deed && !d->token[i].bracketed && !d->token[i].stale) {
            return i;
        }
    }
    return from;
}

static size_t
clause_end(const struct story_detail *d, size_t from, size_t to)
{
    size_t i = from;
    while (i < to && i < from + WHAT_MOST) {
        i++;
        if (ends_clause(d, i - 1)) {
            break;
        }
    }
    return i;
}

static struct str
span_of(const struct story_detail *d, size_t from, size_t to)
{
    const struct plain *p = &d->plain;
    size_t first = p->at[d->token[from].core], last = p->at[d->token[to - 1].core_to];
    return (struct str){p->text.p + first, last - first};
}

/* The deadline that stands in tokens [from, to); empty if none does. */
static struct str
deadline_in(const struct items *s, size_t from, size_t to)
{
    for (size_t i = 0; i < s->facts_n; i++) {
        const struct items_fact *f = &s->fact[i];
        if (f->kind == FACT_DEADLINE && f->from >= from && f->to <= to) {
            return span_of(s->detail, f->from, f->to);
        }
    }
    return (struct str){"", 0};
}

static void
add_duty(struct items *s, size_t who, size_t deed)
{
    struct story *story = s->story;
    const struct story_detail *d = s->detail;
    size_t end = clause_end(d, deed, s->unit->to), told = deed + 1;
    while (told < end && told < deed + OBJECTS && story_sign_behind(d, told - 1) == '\0') {
        told++;
    }
    if (story->duties_n == STORY_DUTIES) {
        return;
    }
    struct story_duty duty = {.who = span_of(d, who, deed), .what = span_of(d, deed, end)};
    duty.deadline = deadline_in(s, s->unit->from, end);
    char key[32];
    (void)snprintf(key, sizeof key, "o%zu", story->duties_n);
    double weight = duty.deadline.n > 0 ? DUTY_BY_DAY : DUTY;
    if (items_add(s, ROLE_DUTY, key, weight, who, told) < STORY_ITEMS) {
        story->duty[story->duties_n++] = duty;
    }
}

void
items_of_duties(struct items *s)
{
    const struct story_detail *d = s->detail;
    const struct story_unit *u = s->unit;
    if (u->line == 0 || u->wary || u->long_only || u->kind == UNIT_ROW) {
        return;
    }
    for (size_t i = u->from; i < u->to; i++) {
        bool named = story_one_of(d, i, groups) > 0 && !d->token[i].bracketed &&
                     !d->token[i].stale && !d->token[i].needless;
        bool subject = named && (i == u->from || story_one_of(d, i - 1, no_subject) == 0);
        size_t deed = subject ? deed_of(s, i) : i;
        if (deed > i) {
            add_duty(s, i, deed);
            i = clause_end(d, deed, u->to) - 1;
        }
    }
}

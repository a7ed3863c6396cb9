/* Where a piece of a unit may end. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/gist_parts.h"
#include "gateway/core/story_items.h"

enum { LEAST_OF_TITLE = 7, EDGES_OF_UNIT = 64 };

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
    bool list = d->token[at].digit && (d->token[at - 1].digit || gist_sign(d, at - 1) == ',');
    return range || list;
}

/* At the end of a table's cell: what turns the row round must stay. */
static double
cell_penalty(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    bool turned =
        !story_holds_digit(d, u->from, at); /* the first cell says what the others are of */
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

/* "cho đàn chó, | mèo trên địa bàn": another of a list, not another thing. */
static bool
is_listed_noun(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    enum { BRIEF = 2 };
    static const char *const ends[] = {"trên", "tại", "ở", "và", "của", NULL};
    size_t n = 0;
    bool noun = true;
    while (at + n < u->to && n <= BRIEF && noun && story_one_of(d, at + n, ends) == 0) {
        const struct story_token *t = &d->token[at + n];
        noun = !t->digit && !t->capital && !t->bracketed && !gist_is_predicate(d, at + n) &&
               items_action_at(d, at + n) == 0;
        n++;
        if (strchr(",;.:", gist_sign(d, at + n - 1))) {
            break;
        }
    }
    return noun && n > 0 && n <= BRIEF;
}

/* "trừ xe cứu thương, | cứu hỏa": what is excepted, cut short, would forbid it to the others. */
static bool
exception_goes_on(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    static const char *const words[] = {"trừ", "ngoại trừ", "kể cả", NULL};
    bool excepted = false;
    for (size_t i = u->from; i < at; i++) {
        excepted = excepted || story_one_of(d, i, words) > 0;
        char behind = gist_sign(d, i);
        excepted = excepted && behind != ';' && behind != '.';
    }
    return excepted;
}

/* "Khoảng 2h30 ngày 14/10, | bờ sông sạt lở": when it happened, and nothing of what. */
static bool
is_only_when(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    enum { CLAUSE = 5 };
    static const char *const moments[] = {"khoảng", "hồi", NULL};
    bool says_more = u->kind == UNIT_SENTENCE && u->label_to == u->from && !u->listed &&
                     u->to >= at + CLAUSE; /* "6h00 ngày 06/6, | mỗi hộ cử một người …" */
    bool only = story_one_of(d, u->from, moments) > 0 || (says_more && d->token[u->from].digit);
    for (size_t i = u->from; i < at && only; i++) {
        only = !gist_is_predicate(d, i);
    }
    return only;
}

/* At a comma: not between nouns whose verb comes later, nor right behind "không bật". */
static double
comma_penalty(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    enum { LEAST_NEGATED = 4 };
    if (gist_lacks_predicate(d, u, at) || is_one_name(d, at) || exception_goes_on(d, u, at) ||
        is_listed_noun(d, u, at) || is_only_when(d, u, at)) {
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

/* "tiếp nhận | và trả kết quả" in a text whose title says it so: one name. */
static bool
is_of_title(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    const struct story_unit *title = &d->unit[0];
    bool same = false;
    for (size_t i = title->from + 1; i + 1 < title->to && at + 1 < u->to && !same; i++) {
        same = story_is_same(d, i - 1, at - 1) && story_is_same(d, i, at) &&
               story_is_same(d, i + 1, at + 1);
    }
    return same && u != title;
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
    static const char *const transitive[] = {"gửi", "nộp", "mang", NULL}; /* what? */
    bool names = d->token[at].capital && d->token[at - 1].capital;
    if (story_phrase(d, at, "và") > 0 && at + 1 < u->to && story_negation(d, at + 1) > 0) {
        return 0.5; /* another thing that is not: each stands for itself */
    }
    bool listed = story_phrase(d, at, "và") > 0 && at + 1 < u->to &&
                  (d->token[at + 1].capital || is_of_title(d, u, at));
    if (gist_is_aside(d, u) || names || listed || gist_lacks_predicate(d, u, at) ||
        gist_negated_before(d, u->from, at) || story_one_of(d, at - 1, compounds) > 0 ||
        story_one_of(d, at - 1, transitive) > 0 || story_one_of(d, at, adjuncts) == 0) {
        return -1;
    }
    return story_phrase(d, at, "và") > 0 ? 1.2 : 0.7;
}

/* "… được điều chỉnh: xe thu gom |": behind a colon only of what is told. */
static bool
opens_only(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    size_t colon = at;
    while (colon > u->label_to && gist_sign(d, colon - 1) != ':') {
        colon--;
    }
    bool says = colon == u->label_to || story_holds_digit(d, colon, at);
    for (size_t i = colon; i < at && !says; i++) {
        says = gist_is_predicate(d, i) || gist_sign(d, i) == ',';
    }
    return !says;
}

/* "Tổ dân phố số 9, | khu tập thể: 17h00": whose it is, and nothing of what. */
static bool
is_in_label(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    enum { MOST = 14 };
    size_t colon = u->from;
    while (colon < u->to && colon < u->from + MOST && gist_sign(d, colon) != ':') {
        colon++;
    }
    bool says =
        u->kind == UNIT_TITLE || at > colon || colon + 1 >= u->to || colon == u->from + MOST;
    for (size_t i = u->from; i < at && !says; i++) {
        says = gist_is_predicate(d, i);
    }
    return !says;
}

/* Whether the sentence may end before token `at`; what that costs, -1: it may not. */
static double
end_penalty(const struct story_detail *d, const struct story_unit *u, size_t at)
{
    char behind = gist_sign(d, at - 1);
    if (at <= u->label_to || is_in_label(d, u, at)) {
        return -1;
    }
    bool inside = d->token[at - 1].bracketed, bound = d->token[at - 1].bound;
    if (d->token[at].bracketed && !inside && !bound) {
        return gist_lacks_predicate(d, u, at) ? -1 : 0.3; /* before an opening bracket */
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
    for (size_t last = at + GIST_REACH; at < u->to && at < last; at++) {
        double penalty = at > u->from ? end_penalty(d, u, at) : -1;
        if (penalty >= 0) {
            gist_add_edge(e, at, penalty);
            return;
        }
    }
}

void
gist_ends(const struct story *s, const struct story_unit *u, struct gist_edges *e)
{
    static const char *const asks[] = {"đề nghị", "yêu cầu", "giao", "kính mời", NULL};
    const struct story_detail *d = s->detail;
    gist_add_edge(e, u->to, 0);
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
            gist_add_edge(e, t->to, 0.5);
        }
    }
}

/* The items of a text by its facts: dates, times, phones, documents, amounts, places. */
// SPDX-License-Identifier: MIT
#include "gateway/core/story_items.h"

#include <stdio.h>
#include <string.h>

#include "gateway/core/stamp.h"

/* Weights: what a reader would miss most. */
enum { NEAR = 3 };
static const double EVENT_DATE = 10, DEADLINE_DATE = 9, LOOSE_DATE = 4.6, ASIDE_DATE = 2.5,
                    PAST_DATE = 0.8;
static const double EVENT_TIME = 8.5, LOOSE_TIME = 3, CITED = 0.3, ISSUED = 3;

/* ---- Labels and neighbours. */

static const char *const time_labels[] = {
    "thời gian", "thời gian mới", "ngày tiếp", "ngày bầu cử", "lịch tiếp", "khai mạc", "bắt đầu",
    "ngày giờ",  "thời điểm",     "ngày",      "buổi",        "giờ",       "lịch",     NULL};
static const char *const place_labels[] = {"địa điểm", "nơi", "tại", "địa chỉ", "điểm", NULL};
static const char *const deadline_labels[] = {"hạn", "thời hạn", "hạn chót", "hạn cuối", NULL};

bool
items_label_is(const struct story_detail *d, const struct story_unit *u, const char *const *labels)
{
    for (size_t i = u->from; i < u->label_to; i++) {
        if (story_one_of(d, i, labels) > 0) {
            return true;
        }
    }
    return false;
}

bool
items_before(const struct story_detail *d, size_t i, size_t least, const char *const *words)
{
    for (size_t k = i; k > least && k + NEAR > i;) {
        k--;
        size_t n = story_one_of(d, k, words);
        if (n > 0 && k + n <= i + 1) {
            return true;
        }
    }
    return false;
}

/* "8h30 | Chủ nhật, ngày | 15/11": between a time and its day only words of the day stand. */
static bool
only_day_words(const struct story_detail *d, size_t from, size_t to)
{
    enum { MOST = 6 };
    static const char *const words[] = {
        "thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật", "ngày", "sáng",
        "trưa",    "chiều",  "tối",    "đêm",     "vào",     "lúc",     "hồi",      "từ",   NULL};
    size_t i = from;
    while (i < to && to <= from + MOST) {
        size_t n = story_one_of(d, i, words);
        if (n == 0) {
            return false;
        }
        i += n;
    }
    return i == to;
}

bool
items_has_near(const struct items *s, enum fact_kind kind, size_t from, size_t to)
{
    for (size_t i = 0; i < s->facts_n; i++) {
        const struct items_fact *f = &s->fact[i];
        bool behind = f->from >= to && f->from < s->unit->to &&
                      (f->from < to + NEAR || only_day_words(s->detail, to, f->from));
        bool before = f->to <= from && f->from >= s->unit->from &&
                      (f->to + NEAR > from || only_day_words(s->detail, f->to, from));
        if (f->kind == kind && (behind || before)) {
            return true;
        }
    }
    return false;
}

static bool
in_deadline(const struct items *s, size_t from, size_t to)
{
    for (size_t i = 0; i < s->facts_n; i++) {
        const struct items_fact *f = &s->fact[i];
        if (f->kind == FACT_DEADLINE && f->from <= from && f->to >= to) {
            return true;
        }
    }
    return items_label_is(s->detail, s->unit, deadline_labels);
}

/* ---- Adding. */

size_t
items_add(struct items *s, enum story_role role, const char *key, double weight, size_t from,
          size_t to)
{
    struct story *story = s->story;
    struct story_detail *d = s->detail;
    size_t i = 0;
    struct str wanted = str_of(key);
    while (i < story->items_n && !str_equal(story->item[i].key, wanted)) {
        i++;
    }
    if (from >= to || d->token[from].polite || d->token[from].stale || d->token[to - 1].stale ||
        weight <= 0 || i == STORY_ITEMS || s->detail->told_n == TOLD_MOST) {
        return STORY_ITEMS;
    }
    struct story_item *item = &story->item[i];
    if (i == story->items_n) {
        story->items_n++;
        *item = (struct story_item){.key = {arena_strndup(s->arena, key, wanted.n), wanted.n}};
    }
    if (weight > item->weight) {
        item->weight = weight;
        item->role = role;
        item->from = d->plain.at[d->token[from].core];
        item->to = d->plain.at[d->token[to - 1].core_to];
    }
    d->told[d->told_n++] = (struct story_told){i, from, to, weight};
    return i;
}

/* ---- Dates and times. */

/* "Hồi 13 giờ, tâm bão ở …", "đã từ trần hồi 2 giờ": when it was; "vào hồi" may be yet to come. */
static bool
was_then(const struct story_detail *d, const struct story_unit *u, size_t from)
{
    enum { BACK = 6 };
    static const char *const clock[] = {"giờ", "phút", "ngày", NULL};
    size_t i = from;
    while (i > u->from && i + BACK > from &&
           (d->token[i - 1].digit || story_one_of(d, i - 1, clock) > 0)) {
        i--;
    }
    bool then = i > u->from && story_phrase(d, i - 1, "hồi") > 0;
    return then && (i < u->from + 2 || story_phrase(d, i - 2, "vào") == 0);
}

static bool
is_past(const struct items *s, const struct items_fact *f)
{
    static const char *const before[] = {"tính đến",  "tính đến ngày", "sáng", "vừa qua",
                                         "đầu tháng", "khoảng",        NULL};
    static const char *const behind[] = {
        "ban hành", "đã ban hành", "đến nay", "tiếp nhận",  "đã biểu quyết", "ghi nhận", "đã",
        "vượt",     "đo được",     "đạt",     "đang ở mức", "ở mức",         NULL};
    const struct story_detail *d = s->detail;
    enum { CLAUSE = 20 };
    static const char *const moments[] = {"lúc", "vào lúc",   "khoảng", "sáng",
                                          "đêm", "rạng sáng", NULL};
    static const char *const suffered[] = {"bị", "xảy ra", "sạt lở", "vỡ", "cháy", NULL};
    if (items_before(d, f->from, s->unit->from, before) || was_then(d, s->unit, f->from)) {
        return true;
    }
    bool head = f->from <= s->unit->from + 3 && story_sign_behind(d, f->to - 1) == ',';
    size_t end = f->to; /* "lúc 9h00 ngày 3/9": both are over behind the day */
    while (end < s->unit->to && (d->token[end].digit || story_phrase(d, end, "ngày") > 0) &&
           story_sign_behind(d, end - 1) == '\0') {
        end++;
    }
    bool opens = s->story->urgent && story_one_of(d, s->unit->from, moments) > 0;
    for (size_t i = f->to; i < s->unit->to && i < end + CLAUSE; i++) {
        bool near = head || i < end + 2;
        if ((near && story_one_of(d, i, behind) > 0) ||
            (opens && story_one_of(d, i, suffered) > 0)) {
            return true;
        }
    }
    return false;
}

bool
items_dates_document(const struct items *s, const struct items_fact *f)
{
    for (size_t i = 0; i < s->facts_n; i++) {
        const struct items_fact *o = &s->fact[i];
        if (o->kind == FACT_DOCUMENT && o->to <= f->from && o->to + 2 >= f->from) {
            return true;
        }
    }
    return false;
}

/* How a document stands in the text. */
enum standing { STANDS_ALONE, STANDS_CITED, STANDS_ANNOUNCED };

/* Of the document at a token: "ban hành Kế hoạch số" announces it, "theo Kế hoạch số" cites it. */
static enum standing
standing_of(const struct items *s, size_t document)
{
    enum { HEAD = 8, BACK = 6, BACK_CITING = 6 };
    static const char *const issuing[] = {"ban hành", "thông qua", "phê duyệt", NULL};
    static const char *const citing[] = {"căn cứ",     "thực hiện", "theo",
                                         "cụ thể hóa", "tại",       "theo quyết định",
                                         "hướng dẫn",  "quy định",  NULL};
    static const char *const types[] = {
        "kế hoạch số",   "kế hoạch",   "nghị quyết số",   "nghị quyết",
        "quyết định số", "chỉ thị số", "chương trình số", NULL};
    const struct story_detail *d = s->detail;
    size_t head = s->unit->from;
    bool cited = false;
    for (size_t i = head; i < document; i++) {
        if (i + BACK >= document && story_one_of(d, i, issuing) > 0) {
            return STANDS_ANNOUNCED;
        }
        bool near = i < head + HEAD || i + BACK_CITING >= document;
        cited = cited || (near && story_one_of(d, i, citing) > 0);
    }
    bool typed = items_before(d, document, head, types);
    return cited ? STANDS_CITED : (typed ? STANDS_ANNOUNCED : STANDS_ALONE);
}

/* "Ngày 7/7/2023, Quận ủy ban hành Kế hoạch số 141": the day before the announced document, or
 * right behind its number. */
static bool
is_issue_date(const struct items *s, const struct items_fact *f)
{
    for (size_t i = 0; i < s->facts_n && s->unit_index <= 2; i++) {
        const struct items_fact *o = &s->fact[i];
        bool here = o->kind == FACT_DOCUMENT && o->from >= s->unit->from && o->to <= s->unit->to;
        if (here) {
            bool head = f->from <= s->unit->from + 3 && f->to <= o->from;
            bool behind = o->to <= f->from && o->to + 2 >= f->from;
            return (head || behind) && standing_of(s, o->from) == STANDS_ANNOUNCED;
        }
    }
    return false;
}

/* "từ | thứ Hai, ngày 21/12": where the day of the week before the date at `from` begins; `from`
 * if none stands there. */
static size_t
before_weekday(const struct story_detail *d, size_t from, size_t least)
{
    static const char *const days[] = {"thứ hai", "thứ ba",  "thứ tư",   "thứ năm",
                                       "thứ sáu", "thứ bảy", "chủ nhật", NULL};
    size_t at = from;
    for (size_t back = 2; back <= 3 && from >= least + back; back++) {
        at = story_one_of(d, from - back, days) > 0 ? from - back : at;
    }
    return at;
}

/* "Riêng giá thu gom rác …": not what it is all about. */
static bool
is_aside(const struct items *s)
{
    static const char *const aside[] = {"riêng", "trường hợp", "lưu ý", "đối với", NULL};
    return s->unit->line > 0 && story_one_of(s->detail, s->unit->from, aside) > 0;
}

/* "Ngày ban hành: 12/11", "ký ngày 12/11": when a paper was made. */
static bool
is_signing_date(const struct items *s, const struct items_fact *f)
{
    static const char *const labels[] = {"ngày ban hành", "ngày ký", "ngày phát hành", NULL};
    static const char *const made[] = {"ký ngày", "ban hành ngày", "phát hành ngày", NULL};
    return items_label_is(s->detail, s->unit, labels) ||
           items_before(s->detail, f->from, s->unit->from, made);
}

static double
date_weight(struct items *s, const struct items_fact *f, enum story_role *role)
{
    static const char *const prepositions[] = {
        "từ ngày",    "từ",       "đến",       "đến hết ngày", "đến ngày", "vào ngày",
        "khai giảng", "khai mạc", "khởi công", "bắt đầu",      "diễn ra",  NULL};
    const struct story_detail *d = s->detail;
    const struct story_unit *u = s->unit;
    *role = ROLE_WHEN;
    if (is_aside(s) || (s->story->urgent && story_phrase(d, u->from, "dự báo") > 0)) {
        return ASIDE_DATE; /* what is to come tells nobody what to do */
    }
    if (is_issue_date(s, f)) {
        *role = ROLE_OTHER;
        return ISSUED;
    }
    if (items_dates_document(s, f) || is_signing_date(s, f)) {
        *role = ROLE_OTHER;
        return CITED;
    }
    if (in_deadline(s, f->from, f->to)) {
        *role = ROLE_DEADLINE;
        return u->line == 0 ? EVENT_DATE : DEADLINE_DATE;
    }
    if (items_label_is(d, u, time_labels)) {
        return EVENT_DATE;
    }
    bool past = is_past(s, f);
    if (items_has_near(s, FACT_TIME, f->from, f->to)) {
        double then = s->story->urgent ? PAST_DATE : EVENT_DATE / 3;
        return past ? then : EVENT_DATE * 0.9;
    }
    if (past) {
        *role = ROLE_OTHER;
        return PAST_DATE;
    }
    size_t day = before_weekday(d, f->from, u->from);
    bool ranged = f->to - f->from > 1 || items_before(d, f->from, u->from, prepositions) ||
                  (day < f->from && items_before(d, day, u->from, prepositions));
    enum { BEHIND_LABEL = 4 }; /* "Bí thư: sáng thứ Năm ngày 14/01" */
    ranged = ranged || (u->label_to > u->from && f->from <= u->label_to + BEHIND_LABEL);
    return u->line == 0 || u->kind == UNIT_ROW || ranged ? EVENT_DATE * 0.8 : LOOSE_DATE;
}

/* The main year of the text: an anniversary's first year tells nothing. */
static bool
is_far(const struct items *s, const struct stamp *stamp)
{
    int apart = stamp->year - s->year;
    return stamp->year > 0 && s->year > 0 && (apart < -1 || apart > 2);
}

static void
add_dates(struct items *s, const struct items_fact *f)
{
    struct stamp stamp[STAMPS_MOST];
    enum story_role role;
    double weight = date_weight(s, f, &role);
    size_t n = stamp_read(&s->detail->plain, f->first, f->last, stamp, STAMPS_MOST);
    for (size_t i = 0; i < n; i++) {
        char key[32];
        double w = is_far(s, &stamp[i]) && !is_issue_date(s, f) ? CITED : weight;
        if (stamp[i].day == 0) {
            (void)snprintf(key, sizeof key, "m%d/%d", stamp[i].month, stamp[i].year);
            w = w > 1.5 ? 1.5 : w;
        } else {
            (void)snprintf(key, sizeof key, "d%02d/%02d", stamp[i].day, stamp[i].month);
        }
        w *= i > 0 ? 0.7 : 1; /* of one range or list: it comes with the first */
        if (role == ROLE_WHEN && w > LOOSE_DATE) {
            w *= s->dates < 3 ? 1.0 : (s->dates < 6 ? 0.5 : 0.4);
            s->dates++;
        }
        (void)items_add(s, role, key, w, f->from, f->to);
    }
}

static void
add_times(struct items *s, const struct items_fact *f)
{
    struct stamp stamp[STAMPS_MOST];
    size_t n = stamp_read(&s->detail->plain, f->first, f->last, stamp, STAMPS_MOST);
    bool deadline = in_deadline(s, f->from, f->to);
    bool label = items_label_is(s->detail, s->unit, time_labels);
    bool near = items_has_near(s, FACT_DATE, f->from, f->to);
    double weight =
        label || near || s->unit->line == 0 || s->unit->kind == UNIT_ROW ? EVENT_TIME : LOOSE_TIME;
    weight = near && is_past(s, f) ? (s->story->urgent ? PAST_DATE : LOOSE_TIME) : weight;
    bool hours = story_phrase(s->detail, s->unit->from, "giờ làm việc") > 0;
    weight = hours ? LOOSE_TIME : weight; /* of every day */
    weight = deadline ? (s->story->urgent ? EVENT_DATE : 6) : weight;
    for (size_t i = 0; i < n; i++) {
        char key[32];
        bool early = s->times < 2 || (deadline && s->story->urgent);
        double w = weight * (i > 0 ? 0.55 : 1) * (early ? 1.0 : (s->times < 5 ? 0.7 : 0.4));
        (void)snprintf(key, sizeof key, "t%02d:%02d", stamp[i].hour, stamp[i].minute);
        (void)items_add(s, deadline ? ROLE_DEADLINE : ROLE_WHEN, key, w, f->from, f->to);
        s->times++;
    }
}

/* ---- Phones, documents, amounts. */

static void
add_phone(struct items *s, const struct items_fact *f)
{
    char key[32] = "p";
    size_t n = 1;
    for (size_t i = f->first; i < f->last && n + 1 < sizeof key; i++) {
        char c = s->detail->plain.sign[i];
        if (c >= '0' && c <= '9') {
            key[n++] = c;
        }
    }
    key[n] = '\0';
    bool needed = s->story->urgent || s->warning;
    double weight = (needed ? 10 : 3.5) * (s->phones == 0 ? 1 : (needed ? 0.3 : 0.5));
    if (!s->unit->wary && items_add(s, ROLE_CONTACT, key, weight, f->from, f->to) < STORY_ITEMS) {
        s->phones++;
    }
}

/* The number of the paper itself, on a line below the title: a plan or a resolution is known by it.
 */
static double
own_number_weight(struct str folded)
{
    static const char *const types[] = {"kh", "nq", "qd", "ctr", "ct", "kl", "hd"};
    size_t at = 0;
    while (at < folded.n && folded.p[at] != '-' && folded.p[at] != '/') {
        at++;
    }
    folded = str_from(folded, at < folded.n ? at + 1 : at);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t n = strlen(types[i]);
        if (str_starts(folded, str_of(types[i])) && folded.n > n && strchr("-/", folded.p[n])) {
            return ISSUED * 3;
        }
    }
    bool letter = str_starts(folded, STR("gm")) || str_starts(folded, STR("tb"));
    return letter ? CITED : ISSUED; /* nobody asks for that of a notice */
}

static void
add_document(struct items *s, const struct items_fact *f)
{
    char key[64];
    struct str folded = story_folded(s->detail, s->arena, f->from, f->to);
    (void)snprintf(key, sizeof key, "n%.*s", (int)(folded.n < 60 ? folded.n : 60), folded.p);
    enum standing standing = standing_of(s, f->from);
    bool own = standing == STANDS_ANNOUNCED && s->unit_index <= 2;
    bool other = standing == STANDS_CITED || s->documents > 0; /* than the announced one */
    double weight = own && s->documents == 0 ? 9.5 : (other ? CITED : 1.5);
    weight = s->unit->line == 0 ? 9 : weight;
    bool alone = s->unit_index == 1 && s->unit->to <= f->to && f->from <= s->unit->from + 1;
    weight = alone ? own_number_weight(folded) : weight;
    own = own || alone;
    s->documents += own;
    (void)items_add(s, ROLE_DOCUMENT, key, weight, f->from, f->to);
}

static void
add_amount(struct items *s, const struct items_fact *f)
{
    static const struct {
        const char *unit;
        double weight;
    } units[] = {{"dong", 4.5}, {"tuoi", 4.5}, {"tan", 3.5}, {"cho", 3.5},  {"trieu", 4.5},
                 {"%", 0.7},    {"kg", 1.5},   {"ty", 4},    {"nguoi", 3.5}};
    struct str folded = story_folded(s->detail, s->arena, f->from, f->to);
    double weight = 0.8;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (memmem(folded.p, folded.n, units[i].unit, strlen(units[i].unit))) {
            weight = units[i].weight;
            break;
        }
    }
    static const char *const cues[] = {"tối đa",  "mức",     "giá",    "lương",     "phí", "lệ phí",
                                       "mức vay", "học phí", "hỗ trợ", "mức lương", NULL};
    bool money = weight >= 4 && items_before(s->detail, f->from, s->unit->from, cues);
    weight = money && s->amounts < 2 ? 6.5 : weight;
    char key[64];
    (void)snprintf(key, sizeof key, "a%.*s", (int)(folded.n < 60 ? folded.n : 60), folded.p);
    weight *= s->unit->line == 0 || s->unit_index <= 2 ? 1.1 : 0.8;
    weight *= s->amounts < 2 ? 1 : 0.5;
    weight = s->unit->wary || s->story->urgent ? weight * 0.3 : weight;
    weight *= is_aside(s) ? 0.6 : 1;
    s->amounts++;
    (void)items_add(s, ROLE_AMOUNT, key, weight, f->from, f->to);
}

/* ---- Places: the parts of an address between commas. */

static bool
is_building(const struct story_detail *d, size_t from, size_t to)
{
    static const char *const words[] = {
        "nhà văn hóa", "nhà",          "trường",   "trụ sở", "hội trường", "trạm",      "trung tâm",
        "sân",         "công viên",    "ủy ban",   "chùa",   "đình",       "bệnh viện", "ubnd",
        "nvh",         "bưu cục",      "bưu điện", "chợ",    "điểm",       "khu",       "công an",
        "hội quán",    "sân vận động", "thư viện", NULL};
    for (size_t i = from; i < to; i++) {
        if (story_one_of(d, i, words) > 0) {
            return true;
        }
    }
    return false;
}

/* Whether people are told to go to the place: an action stands before it in its sentence. */
static bool
goes_there(const struct items *s, const struct items_fact *f)
{
    bool action = false;
    for (size_t i = s->unit->from; i < f->from && i < s->unit->to; i++) {
        action = action || items_action_at(s->detail, i) > 0;
    }
    return action && !s->unit->negative;
}

static void
add_place(struct items *s, const struct items_fact *f)
{
    const struct story_detail *d = s->detail;
    bool label = items_label_is(d, s->unit, place_labels);
    bool event = label || items_has_near(s, FACT_DATE, f->from - 1, f->to) ||
                 items_has_near(s, FACT_TIME, f->from - 1, f->to) || s->unit->line == 0;
    double weight = label || s->moved ? 9 : (event ? 7.5 : 2.5);
    bool goal = s->story->urgent && goes_there(s, f); /* where to go is never the lesser place */
    weight = goal ? 9 : weight * (s->places == 0 || label ? 1 : 0.5);
    size_t from = f->from;
    bool added = false;
    for (size_t i = f->from; i < f->to; i++) {
        bool ends = story_sign_behind(d, i) == ',' || i + 1 == f->to || d->token[i].bracketed;
        if (!ends) {
            continue;
        }
        bool building = is_building(d, from, i + 1);
        char key[80];
        struct str folded = story_folded(d, s->arena, from, i + 1);
        (void)snprintf(key, sizeof key, "w%.*s", (int)(folded.n < 76 ? folded.n : 76), folded.p);
        added = items_add(s, ROLE_WHERE, key, building ? weight : weight * 0.35, from, i + 1) <
                    STORY_ITEMS ||
                added;
        weight *= building ? 0.4 : 1;
        from = i + 1;
        if (d->token[i].bracketed) {
            break;
        }
    }
    s->places += added; /* the old one of a correction is no place any more */
}

void
items_of_fact(struct items *s, const struct items_fact *f)
{
    switch (f->kind) {
    case FACT_DATE:
        add_dates(s, f);
        break;
    case FACT_TIME:
        add_times(s, f);
        break;
    case FACT_PHONE:
        add_phone(s, f);
        break;
    case FACT_DOCUMENT:
        add_document(s, f);
        break;
    case FACT_AMOUNT:
        add_amount(s, f);
        break;
    case FACT_PLACE:
        add_place(s, f);
        break;
    case FACT_DEADLINE: /* its date and time are facts of their own */
        break;
    }
}

/* The items of a text by its words: its subject, what to do, what not to do, names and areas. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "gateway/core/story_columns.h"
#include "gateway/core/story_items.h"

enum { SUBJECT_WORDS = 24, NAME_MOST = 6, OBJECT_MOST = 3, CONTENTS_MOST = 8, CONTENT_HEAD = 4 };
static const double SUBJECT = 2.0, AREA = 8, NAME = 2.2, MOURNED = 9, FILLER = 0.12, CONTENT = 2.6,
                    NEW_PRICE = 7;

/* Words that tell nothing alone. */
static const char *const stop_words[] = {
    "và",        "của",   "về",  "việc", "cho",     "các",  "những", "tại",   "trên",     "trong",
    "từ",        "đến",   "với", "do",   "để",      "năm",  "ngày",  "tháng", "số",       "theo",
    "là",        "được",  "có",  "một",  "đã",      "sẽ",   "này",   "khẩn",  "khẩn cấp", "nhân",
    "thông báo", "thông", "báo", "bàn",  "địa bàn", "khu",  "vực",   "hành",  "ban hành", "tổ chức",
    "bị",        "ra",    "vào", "khi",  "lên",     "nhằm", NULL};

static bool
is_stop(const struct story_detail *d, size_t i)
{
    return story_one_of(d, i, stop_words) > 0;
}

static void
add_word(struct items *s, enum story_role role, size_t i, double weight)
{
    char key[48];
    struct str folded = story_folded(s->detail, s->arena, i, i + 1);
    if (folded.n < 2 && !s->detail->token[i].digit) {
        return;
    }
    (void)snprintf(key, sizeof key, "s%.*s", (int)(folded.n < 40 ? folded.n : 40), folded.p);
    (void)items_add(s, role, key, weight, i, i + 1);
}

void
items_of_title(struct items *s)
{
    const struct story_detail *d = s->detail;
    static const char *const adjuncts[] = {"trước", "sau",  "nhân", "để",    "nhằm",
                                           "năm",   "trên", "tại",  "trong", NULL};
    static const char *const exhorting[] = {"yêu cầu",  "đề nghị",    "kêu gọi", "khuyến cáo",
                                            "chủ động", "tăng cường", "bảo đảm", NULL};
    size_t words = 0;
    bool exhorts = false; /* "…, yêu cầu mọi người chủ động": what to do is said below */
    bool goes_on = s->unit->line > 0 && story_one_of(d, s->unit->from, adjuncts) > 0;
    for (size_t i = s->unit->from; i < s->unit->to && words < SUBJECT_WORDS; i++) {
        bool plain_number = d->token[i].digit && d->token[i].core_to - d->token[i].core <= 2;
        if (!is_stop(d, i) && (!d->token[i].digit || plain_number)) {
            bool clause = words > 3 && strchr(",;:-", story_sign_behind(d, i - 1));
            exhorts = exhorts || (clause && story_sign_behind(d, i - 1) != '\0' &&
                                  story_one_of(d, i, exhorting) > 0);
            add_word(s, ROLE_SUBJECT, i,
                     goes_on || exhorts ? SUBJECT / 4 : (words < 10 ? SUBJECT : SUBJECT / 2));
            words++;
        }
    }
}

/* In a line of capitals a name is over where a word stands that no name has. */
static bool
ends_name(const struct story_detail *d, size_t i)
{
    static const char *const words[] = {
        "kính",    "trân trọng", "mời",        "xin",      "thông báo", "tổ chức",  "đề nghị",
        "yêu cầu", "về việc",    "và",         "có",       "sẽ",        "đến",      "năm",
        "ngày",    "tại",        "lúc",        "từ",       "cho",       "các",      "của",
        "là",      "phối hợp",   "triển khai", "ban",      "với",       "trên",     "được",
        "vào",     "để",         "không",      "quý",      "cùng",      "nhân dịp", "thực hiện",
        "theo",    "tháng",      "thứ",        "kế hoạch", NULL};
    return story_one_of(d, i, words) > 0;
}

static bool
is_shouted(const struct story_detail *d, size_t i)
{
    const struct story_token *t = &d->token[i];
    size_t capitals = 0;
    for (size_t c = t->core; c < t->core_to; c++) {
        capitals += d->plain.sign[c] >= 'A' && d->plain.sign[c] <= 'Z';
    }
    return capitals >= 2 && capitals == t->core_to - t->core;
}

/* Capitalised words in a row from `i`: a name; 0 if a single one begins a sentence. */
static size_t
name_length(const struct story_detail *d, const struct story_unit *u, size_t i)
{
    size_t n = 0;
    while (i + n < u->to && n < NAME_MOST && d->token[i + n].capital &&
           !(is_shouted(d, i + n) && ends_name(d, i + n))) {
        n++;
        if (story_sign_behind(d, i + n - 1) != '\0') {
            break;
        }
    }
    bool head = i == u->from || i == u->label_to;
    return head && n < 2 ? 0 : n;
}

static void
add_area(struct items *s, size_t i, size_t n)
{
    char key[80];
    struct str folded = story_folded(s->detail, s->arena, i, i + n);
    (void)snprintf(key, sizeof key, "r%.*s", (int)(folded.n < 70 ? folded.n : 70), folded.p);
    bool first = true;
    for (size_t k = 0; k < s->story->items_n; k++) {
        const struct story_item *item = &s->story->item[k];
        first = first &&
                (item->role != ROLE_AREA || item->key.p[0] != 'r' || str_equal_z(item->key, key));
    }
    (void)items_add(s, ROLE_AREA, key, first ? AREA : AREA * 0.7, i, i + n);
}

/* "phường Tân Lập", "xã Hưng Thành": the name behind the word. */
static size_t
area_at(struct items *s, size_t i)
{
    static const char *const words[] = {"phường", "xã", "thị trấn", "đặc khu", NULL};
    size_t word = story_one_of(s->detail, i, words);
    if (word > 0 && i > s->unit->from && story_phrase(s->detail, i - 1, "liên") > 0) {
        return 0; /* "đường liên xã ĐX 05" */
    }
    size_t n = word > 0 && i + word < s->unit->to ? name_length(s->detail, s->unit, i + word) : 0;
    if (n > 0) {
        add_area(s, i + word, n);
    }
    return n > 0 ? word + n : 0;
}

/* "tổ dân phố số 4, 5, 6 và 7", "thôn Đoài", "ngõ 27": where in the area. */
static size_t
quarter_at(struct items *s, size_t i)
{
    static const char *const words[] = {"tổ dân phố số", "các tổ dân phố số",
                                        "tổ dân phố",    "tdp số",
                                        "tdp",           "khu phố",
                                        "thôn",          "bản",
                                        "ngõ",           "tổ",
                                        "xóm",           NULL};
    const struct story_detail *d = s->detail;
    size_t word = story_one_of(d, i, words);
    size_t end = i + word;
    if (word > 0 && story_sign_behind(d, end - 1) != '\0') {
        return 0; /* "tin học cơ bản: 19h30" */
    }
    while (word > 0 && end < s->unit->to &&
           (d->token[end].digit || (end > i + word && story_phrase(d, end, "và") > 0) ||
            (end > i + word && story_phrase(d, end, "số") > 0))) {
        end++;
    }
    bool named = word > 0 && end == i + word && end < s->unit->to && d->token[end].capital;
    end += named ? name_length(d, s->unit, end) : 0;
    if (end == i + word || word == 0) {
        return 0;
    }
    char key[80];
    struct str folded = story_folded(d, s->arena, i + word, end);
    (void)snprintf(key, sizeof key, "q%.*s", (int)(folded.n < 70 ? folded.n : 70), folded.p);
    bool told_before =
        s->places > 0 && items_label_is(d, s->unit, (const char *const[]){"nội dung", NULL});
    (void)items_add(s, ROLE_AREA, key, told_before ? 1 : 5, i, end);
    return end - i;
}

size_t
story_building(const struct story_detail *d, const struct story_unit *u, size_t i, size_t *from)
{
    enum { MOST = 14 };
    static const char *const cues[] = {"đến", "tới", "tại", "ở",    "sang",
                                       "về",  "là",  "vào", "trên", NULL};
    static const char *const buildings[] = {
        "trường",          "nhà văn hóa", "hội trường", "trụ sở",        "trung tâm",
        "trạm y tế",       "sân",         "nhà thờ",    "chùa",          "đình",
        "công viên",       "nhà thi đấu", "bệnh viện",  "khu tập trung", "nhà sinh hoạt cộng đồng",
        "ủy ban nhân dân", NULL};
    static const char *const ends[] = {"từ", "để",  "vào",  "trước", "lúc", "trong", "và", "xong",
                                       "do", "khi", "theo", "sẽ",    "với", "đã",    NULL};
    size_t cue = story_one_of(d, i, cues);
    *from = i + cue;
    if (cue > 0 && *from + 2 < u->to && story_phrase(d, *from, "tầng") > 0 &&
        d->token[*from + 1].digit) {
        *from += 2;
    }
    if (cue == 0 || *from >= u->to || story_one_of(d, *from, buildings) == 0) {
        return 0;
    }
    size_t to = *from;
    while (to < u->to && to < *from + MOST && !d->token[to].bracketed &&
           (to < *from + 2 || story_one_of(d, to, ends) == 0)) {
        to++;
        if (story_sign_behind(d, to - 1) != '\0') {
            break;
        }
    }
    return to;
}

/* "sơ tán đến Trường Tiểu học Phú An A": a building that one goes to. */
static void
building_at(struct items *s, size_t i)
{
    const struct story_detail *d = s->detail;
    size_t from = 0, to = story_building(d, s->unit, i, &from);
    char key[80];
    if (to == 0) {
        return;
    }
    struct str folded = story_folded(d, s->arena, from, to);
    (void)snprintf(key, sizeof key, "w%.*s", (int)(folded.n < 76 ? folded.n : 76), folded.p);
    static const char *const places[] = {"địa điểm", "nơi", NULL};
    bool named =
        items_before(d, i, s->unit->from, places) || items_has_near(s, FACT_DATE, from - 1, to);
    double weight = s->story->urgent || s->moved ? 9 : (named ? 7.5 : 4);
    (void)items_add(s, ROLE_WHERE, key, s->places < 2 ? weight : weight / 2, from, to);
}

/* "Quyết định số 99-QĐ/TW, ngày 03/10/2017 của Ban Bí thư": whose a cited document is. */
enum { BACK = 5 };

static bool
follows_cited(const struct items *s, size_t i, size_t back)
{
    size_t before = 0;
    for (size_t k = 0; k < s->facts_n && s->fact[k].from < i; k++) {
        const struct items_fact *f = &s->fact[k];
        bool near = f->to <= i && f->to + back >= i && f->from >= s->unit->from;
        before += f->kind == FACT_DOCUMENT && near;
    }
    return before > (s->documents > 0 && s->unit_index <= 2 && back > BACK ? 1 : 0);
}

/* Whom a notice of death is about: the first name behind "cụ", "ông", "bà", "đồng chí". */
static bool
is_mourned(struct items *s, size_t i)
{
    static const char *const titles[] = {"cụ", "ông", "bà", "cụ ông", "cụ bà", "đồng chí", NULL};
    static const char *const notices[] = {"tin buồn", "cáo phó", "lễ tang", NULL};
    bool mourns = false;
    for (size_t k = 0; k < s->detail->unit[0].to; k++) {
        mourns = mourns || story_one_of(s->detail, k, notices) > 0;
    }
    return mourns && (story_one_of(s->detail, i, titles) > 0 ||
                      items_before(s->detail, i, s->unit->from, titles));
}

/* A name of something else. */
static size_t
name_at(struct items *s, size_t i)
{
    size_t n = name_length(s->detail, s->unit, i);
    if (n < 2) {
        return n; /* where all is in capitals none of them tells a name */
    }
    char key[80];
    struct str folded = story_folded(s->detail, s->arena, i, i + n);
    (void)snprintf(key, sizeof key, "c%.*s", (int)(folded.n < 70 ? folded.n : 70), folded.p);
    double weight = s->unit_index <= 4 ? NAME : NAME / 2;
    weight = follows_cited(s, i, BACK) ? weight / 4 : weight;
    weight = is_mourned(s, i) ? MOURNED : weight;
    (void)items_add(s, ROLE_OTHER, key, s->unit->line == 0 ? weight * 1.5 : weight, i, i + n);
    return n;
}

/* What turns round: with the words that it turns round. */
static void
add_negation(struct items *s, size_t i, size_t n)
{
    static const char *const cancels[] = {
        "hoãn", "hủy", "huỷ", "không tổ chức", "tạm dừng", "bãi bỏ", "hủy bỏ", "tạm hoãn", NULL};
    char key[80];
    size_t to = i + n;
    size_t objects = 0;
    while (to < s->unit->to && objects < OBJECT_MOST) {
        to++;
        objects++;
        if (story_sign_behind(s->detail, to - 1) != '\0') {
            break;
        }
    }
    struct str folded = story_folded(s->detail, s->arena, i, to);
    bool cancel = story_one_of(s->detail, i, cancels) > 0;
    if (cancel) {
        (void)snprintf(key, sizeof key, "x%.*s", (int)(folded.n < 4 ? folded.n : 4), folded.p);
        (void)items_add(s, ROLE_CORRECTION, key,
                        s->unit->line == 0 ? 20 : (s->unit->line <= 2 ? 9 : 4), i, i + n);
        return;
    }
    (void)snprintf(key, sizeof key, "x%.*s", (int)(folded.n < 70 ? folded.n : 70), folded.p);
    static const char *const notes[] = {"lưu ý",   "chú ý",      "cảnh báo", "đề nghị",
                                        "yêu cầu", "khuyến cáo", NULL};
    double forbids = s->negations++ < 2 ? 4 : 2; /* in an emergency what to do comes first */
    double weight = s->unit->wary ? 0.5 : (s->warning ? 8 : (s->story->urgent ? forbids : 4));
    static const char *const free_of[] = {"không phân biệt", "không giới hạn", "không hạn chế",
                                          "không quá",       "không dưới",     "không ít hơn",
                                          "không thay đổi",  "không đổi",      NULL};
    weight = story_one_of(s->detail, i, free_of) > 0 ? 1 : weight; /* forbids nothing */
    bool head =
        i == s->unit->from || i == s->unit->label_to || items_label_is(s->detail, s->unit, notes);
    (void)items_add(s, ROLE_NEGATION, key, head ? weight * 1.4 : weight, i, to);
}

/* What to do. */
static void
add_action(struct items *s, size_t i, size_t n)
{
    char key[80];
    size_t to = i + n;
    size_t objects = 0;
    while (to < s->unit->to && objects < OBJECT_MOST &&
           story_sign_behind(s->detail, to - 1) == '\0') {
        to++;
        objects++;
    }
    struct str folded = story_folded(s->detail, s->arena, i, to);
    (void)snprintf(key, sizeof key, "v%.*s", (int)(folded.n < 70 ? folded.n : 70), folded.p);
    bool content = s->contents > 0 && s->unit->line == s->content_line; /* its head says it */
    double weight = s->unit->wary ? 0 : (s->story->urgent ? 6 : (content ? 1 : 3));
    (void)items_add(s, ROLE_ACTION, key, weight, i, to);
}

size_t
items_action_at(const struct story_detail *d, size_t i)
{
    static const char *const actions[] = {"mang theo",
                                          "mang",
                                          "đăng ký",
                                          "nộp",
                                          "sơ tán",
                                          "di dời",
                                          "rời khỏi",
                                          "chuẩn bị",
                                          "tích trữ",
                                          "trữ nước",
                                          "xuất trình",
                                          "nhịn ăn",
                                          "ngừng sử dụng",
                                          "khai báo",
                                          "trả lại",
                                          "tập trung",
                                          "gửi",
                                          "xác nhận",
                                          "kê khai",
                                          "rà soát",
                                          "báo ngay",
                                          "gia hạn",
                                          "hoàn thành",
                                          "nhận lại",
                                          "chuyển đến",
                                          "ngắt cầu dao",
                                          "neo đậu",
                                          "vào bờ",
                                          "lên bờ",
                                          "tránh trú",
                                          "chằng chống",
                                          "di chuyển lên",
                                          "di chuyển người",
                                          "di chuyển đến",
                                          "rời nhà",
                                          "có mặt",
                                          "phân loại",
                                          "rửa ngay",
                                          "ở trong nhà",
                                          "đóng kín cửa",
                                          NULL};
    return story_one_of(d, i, actions);
}

/* "các ngày thứ Hai, thứ Tư và thứ Sáu": every week, as good as a date. */
static void
add_weekdays(struct items *s, size_t i)
{
    static const double WEEKDAYS = 7;
    static const char *const days[] = {"thứ hai", "thứ ba",  "thứ tư",   "thứ năm",
                                       "thứ sáu", "thứ bảy", "chủ nhật", NULL};
    static const char *const joints[] = {"và", "đến", "hoặc", NULL};
    const struct story_detail *d = s->detail;
    size_t to = i, n = 0;
    bool before = i >= s->unit->from + 2 && story_one_of(d, i - 2, days) > 0;
    for (size_t day = story_one_of(d, i, days); day > 0; day = story_one_of(d, to, days)) {
        n++;
        i = n == 1 ? to : i;
        to += day;
        if (to + 1 < s->unit->to && story_one_of(d, to, joints) > 0 &&
            story_one_of(d, to + 1, days) > 0) {
            to++;
        }
    }
    if (n >= 2 && to <= s->unit->to && !before) {
        (void)items_add(s, ROLE_WHEN, "weekdays", WEEKDAYS, i, to);
    }
}

static void
read_word(struct items *s, size_t i)
{
    static const char *const free_words[] = {"miễn phí", "không thu phí", "miễn thu", NULL};
    static const char *const corrections[] = {
        "thay thế thông báo", "đính chính",  "điều chỉnh", "thay đổi",
        "thời gian mới",      "chuyển sang", NULL};
    const struct story_detail *d = s->detail;
    size_t n = story_negation(d, i);
    for (size_t back = 1; n > 0 && back <= 2 && back <= i - s->unit->from; back++) {
        if (story_negation(d, i - back) > back) {
            return; /* the "không" of "tuyệt đối không" */
        }
    }
    if (n > 0) {
        add_negation(s, i, n);
        return;
    }
    bool turned =
        items_before(d, i, s->unit->from, (const char *const[]){"không", "chưa", "cấm", NULL});
    n = items_action_at(d, i);
    static const char *const nouns[] = {"cách", "việc",  "chậm",  "nơi",  "tiền", "mức",
                                        "số",   "người", "phòng", "giấy", "sổ",   NULL};
    turned = turned || (i > s->unit->from && story_one_of(d, i - 1, nouns) > 0); /* "cách nộp" */
    bool greeting = n > 0 && i + n < s->unit->to &&
                    story_one_of(d, i + n, (const char *const[]){"tới", "lời", "thai", NULL}) > 0;
    if (n > 0 && s->unit->line > 0 && !turned && !greeting) {
        add_action(s, i, n);
    }
    building_at(s, i);
    add_weekdays(s, i);
    n = story_one_of(d, i, free_words);
    if (n > 0) {
        (void)items_add(s, ROLE_AMOUNT, "free", s->unit_index <= 2 ? 6 : 4, i, i + n);
    }
    n = story_one_of(d, i, corrections);
    if (n > 0) {
        (void)items_add(s, ROLE_CORRECTION, "moved", s->unit->line <= 2 ? 5 : 3, i, i + n);
    }
}

/* "Đối tượng: trẻ từ 6 tháng", "Mức thu: …": whom it concerns, what it costs. */
static void
add_labelled(struct items *s)
{
    static const char *const labels[] = {"đối tượng", "thành phần", "điều kiện",
                                         "mức thu",   "mức đóng",   "lệ phí",
                                         "phạm vi",   "khu vực",    NULL};
    const struct story_unit *u = s->unit;
    static const char *const posts[] = {"chỉ tiêu", "số lượng", NULL};
    bool school = false; /* how many pupils a class takes tells none of them anything */
    for (size_t i = 0; i < s->detail->unit[0].to; i++) {
        school = school || story_phrase(s->detail, i, "tuyển sinh") > 0;
    }
    bool post = !school && str_equal_z(s->story->kind, "tuyen-dung") &&
                story_one_of(s->detail, u->from, posts) > 0;
    if (u->label_to == u->from || (!post && story_one_of(s->detail, u->from, labels) == 0)) {
        return;
    }
    char key[32];
    size_t to = u->label_to;
    while (to < u->to && to < u->label_to + 6) {
        to++;
        if (story_sign_behind(s->detail, to - 1) != '\0') {
            break;
        }
    }
    (void)snprintf(key, sizeof key, "l%zu", s->unit_index);
    (void)items_add(s, ROLE_AMOUNT, key, 4, u->label_to, to);
}

/* "1. Tiếp tục đẩy mạnh công tác tuyên truyền, …": what a plan or resolution demands; the head of
 * each of its points is its gist. */
static void
add_content(struct items *s)
{
    const struct story_unit *u = s->unit;
    char key[32];
    if (!u->listed || s->documents == 0 || s->contents == CONTENTS_MOST) {
        return;
    }
    s->content_line = u->line;
    (void)snprintf(key, sizeof key, "g%zu", s->contents++);
    (void)items_add(s, ROLE_ACTION, key, CONTENT, u->from,
                    u->to < u->from + CONTENT_HEAD ? u->to : u->from + CONTENT_HEAD);
}

/* "Nơi phát: sân kho Hợp tác xã": a place where no word says so but its label. */
static void
add_labelled_place(struct items *s)
{
    enum { MOST = 10 };
    static const char *const labels[] = {"nơi", "điểm", "địa điểm", "địa chỉ", NULL};
    const struct story_detail *d = s->detail;
    const struct story_unit *u = s->unit;
    if (u->label_to == u->from || story_one_of(d, u->from, labels) == 0 ||
        story_phrase(d, u->from, "nơi nhận:") > 0 || story_phrase(d, u->label_to, "tại") > 0) {
        return;
    }
    for (size_t k = 0; k < s->facts_n; k++) {
        if (s->fact[k].kind == FACT_PLACE && s->fact[k].from == u->label_to) {
            return;
        }
    }
    char key[80];
    size_t to = u->label_to;
    while (to < u->to && to < u->label_to + MOST) {
        to++;
        if (story_sign_behind(d, to - 1) != '\0') {
            break;
        }
    }
    struct str folded = story_folded(d, s->arena, u->label_to, to);
    (void)snprintf(key, sizeof key, "w%.*s", (int)(folded.n < 76 ? folded.n : 76), folded.p);
    (void)items_add(s, ROLE_WHERE, key, 7.5, u->label_to, to);
}

/* "Hộ trong hẻm; (39.000;) 52.000": what it costs from now on, with whom it costs that. */
static void
add_new_price(struct items *s)
{
    size_t to = 0;
    size_t from = story_new_cell(s->detail, s->unit_index, &to);
    if (from > s->unit->from && story_holds_digit(s->detail, from, to)) {
        char key[32];
        (void)snprintf(key, sizeof key, "n%zu", s->unit_index);
        (void)items_add(s, ROLE_AMOUNT, key, NEW_PRICE, s->unit->from, to);
    }
}

void
items_of_words(struct items *s)
{
    const struct story_detail *d = s->detail;
    add_new_price(s);
    add_labelled(s);
    add_labelled_place(s);
    add_content(s);
    static const char *const citing[] = {"căn cứ", "thực hiện", "theo", "hưởng ứng", NULL};
    bool cites = story_one_of(d, s->unit->from, citing) > 0;
    for (size_t i = s->unit->from; i < s->unit->to; i++) {
        read_word(s, i);
        if (!is_stop(d, i) && s->unit->line > 0 && s->unit_index < 12) {
            bool early = s->unit_index <= 2 && !cites;
            bool cited = cites || follows_cited(s, i, SIZE_MAX / 2);
            add_word(s, ROLE_OTHER, i, cited ? FILLER / 4 : (early ? FILLER * 1.5 : FILLER));
        }
    }
    for (size_t i = s->unit->from; i < s->unit->to;) {
        size_t n = area_at(s, i);
        n = n > 0 ? n : quarter_at(s, i);
        n = n > 0 || cites ? n : name_at(s, i);
        i += n > 0 ? n : 1;
    }
}

/* Facts, by hand-written matchers over plain signs: each gives how many characters it takes. */
// SPDX-License-Identifier: MIT
#include "gateway/core/facts.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/plain.h"

/* Characters: what a hostile text makes longer is no fact. */
enum { PLACE_MOST = 100, DEADLINE_MOST = 80, AMOUNT_MOST = 24 };

static const char *const kind_names[] = {
    [FACT_DOCUMENT] = "document", [FACT_DATE] = "date",     [FACT_TIME] = "time",
    [FACT_PHONE] = "phone",       [FACT_AMOUNT] = "amount", [FACT_DEADLINE] = "deadline",
    [FACT_PLACE] = "place",
};
_Static_assert(sizeof kind_names / sizeof *kind_names == FACT_KINDS, "a kind without a name");

const char *
fact_kind_name(enum fact_kind kind)
{
    return kind_names[kind];
}

static char
sign_at(const struct plain *p, size_t i)
{
    return i < p->n ? p->sign[i] : '\0';
}

static bool
is_digit_at(const struct plain *p, size_t i)
{
    char c = sign_at(p, i);
    return c >= '0' && c <= '9';
}

static bool
is_upper_at(const struct plain *p, size_t i)
{
    char c = sign_at(p, i);
    return c >= 'A' && c <= 'Z';
}

static size_t
digits_at(const struct plain *p, size_t i)
{
    size_t n = 0;
    while (is_digit_at(p, i + n)) {
        n++;
    }
    return n;
}

static size_t
blank_at(const struct plain *p, size_t i)
{
    return sign_at(p, i) == ' ' ? 1 : 0;
}

/* A number of at most `digits` digits between least and most; 0 characters if there is none. */
static size_t
number_at(const struct plain *p, size_t i, size_t digits, int least, int most)
{
    size_t n = digits_at(p, i);
    int value = 0;
    if (n == 0 || n > digits) {
        return 0;
    }
    for (size_t k = 0; k < n; k++) {
        value = value * 10 + (p->sign[i + k] - '0');
    }
    return value >= least && value <= most ? n : 0;
}

/* The shapes of document numbers: party (N-LOẠI/CƠQUAN[-ĐƠNVỊ]) and state
 * (N/[NĂM/]LOẠI-CƠQUAN[-ĐƠNVỊ]). */
static size_t
unit_tail(const struct plain *p, size_t i)
{
    size_t n = 0;
    while (sign_at(p, i + n) == '-' && is_upper_at(p, i + n + 1)) {
        n += 2;
        while (plain_is_alnum(p, i + n)) {
            n++;
        }
    }
    return n;
}

static size_t
letters_at(const struct plain *p, size_t i)
{
    size_t n = 0;
    while (plain_is_alnum(p, i + n) && !is_digit_at(p, i + n)) {
        n++;
    }
    return n;
}

static size_t
party_number(const struct plain *p, size_t i)
{
    size_t n = digits_at(p, i);
    n += blank_at(p, i + n);
    if (sign_at(p, i + n) != '-') {
        return 0;
    }
    n++;
    n += blank_at(p, i + n);
    size_t type = is_upper_at(p, i + n) ? letters_at(p, i + n) : 0;
    if (type == 0 || type > 8 || sign_at(p, i + n + type) != '/') {
        return 0;
    }
    n += type + 1;
    size_t body = 0;
    while (is_upper_at(p, i + n + body)) {
        body++;
    }
    return body >= 2 && body <= 12 ? n + body + unit_tail(p, i + n + body) : 0;
}

static size_t
state_number(const struct plain *p, size_t i)
{
    size_t n = digits_at(p, i);
    if (sign_at(p, i + n) != '/') {
        return 0;
    }
    n++;
    if (digits_at(p, i + n) == 4 && sign_at(p, i + n + 4) == '/') {
        n += 5;
    }
    size_t type = is_upper_at(p, i + n) ? letters_at(p, i + n) : 0;
    if (type < 2 || type > 10) {
        return 0;
    }
    n += type;
    size_t session = digits_at(p, i + n);
    return session > 2 ? 0 : n + session + unit_tail(p, i + n + session);
}

static size_t
document_at(const struct plain *p, size_t i)
{
    if (digits_at(p, i) > 5 || (i > 0 && strchr("/.-_,", p->sign[i - 1]))) {
        return 0;
    }
    size_t n = party_number(p, i);
    n = n > 0 ? n : state_number(p, i);
    return plain_is_alnum(p, i + n) || sign_at(p, i + n) == '/' ? 0 : n;
}

/* Groups of digits with a dot, a blank or a dash between them. */
static size_t
long_phone(const struct plain *p, size_t i)
{
    size_t n = sign_at(p, i) == '(' ? 1 : 0;
    n += sign_at(p, i + n) == '+' ? 1 : 0;
    bool abroad = sign_at(p, i + n) == '8' && sign_at(p, i + n + 1) == '4';
    if (!abroad && (sign_at(p, i + n) != '0' || digits_at(p, i + n) < 3)) {
        return 0;
    }
    size_t digits = digits_at(p, i + n);
    n += digits;
    while (digits < 12) {
        size_t gap = sign_at(p, i + n) == ')' ? 1 : 0;
        gap += strchr(". -", sign_at(p, i + n + gap)) && sign_at(p, i + n + gap) ? 1 : 0;
        size_t group = gap > 0 ? digits_at(p, i + n + gap) : 0;
        if (group < 2 || digits + group > 12) {
            break;
        }
        digits += group;
        n += gap + group;
    }
    return digits >= 9 && digits <= 12 && !is_digit_at(p, i + n) ? n : 0;
}

/* Whether one of `words` ends right before `i` (a blank or colon between them). */
static bool
follows_word(const struct plain *p, size_t i, const char *const *words)
{
    while (i > 0 && strchr(" :", p->sign[i - 1])) {
        i--;
    }
    for (; *words; words++) {
        size_t n = 0;
        for (const char *c = *words; *c; c++) {
            n += ((unsigned char)*c & 0xC0U) != 0x80U;
        }
        if (i >= n && plain_word(p, i - n, *words) == n) {
            return true;
        }
    }
    return false;
}

/* 112, 1900 1234: three to eight digits that a word calls a number to ring. */
static size_t
short_phone(const struct plain *p, size_t i)
{
    static const char *const cues[] = {
        "gọi",     "gọi số",      "tổng đài", "tổng đài số", "đầu số",   "đường dây nóng",
        "hotline", "điện thoại",  "cứu hộ",   "cấp cứu",     "gọi ngay", "gọi ngay số",
        "cứu nạn", "báo ngay số", "báo cháy", "gọi điện",    NULL};
    size_t n = digits_at(p, i);
    size_t gap = n == 4 && strchr(". ", sign_at(p, i + n)) && sign_at(p, i + n) ? 1 : 0;
    size_t more = gap > 0 && sign_at(p, i) == '1' ? digits_at(p, i + n + gap) : 0;
    n += more >= 4 && more <= 6 ? gap + more : 0;
    bool ends = !strchr("/%:", sign_at(p, i + n)) || sign_at(p, i + n) == '\0';
    return n >= 3 && ends && follows_word(p, i, cues) ? n : 0;
}

static size_t
phone_at(const struct plain *p, size_t i)
{
    if (i > 0 && strchr("/.-,", p->sign[i - 1])) {
        return 0;
    }
    size_t n = long_phone(p, i);
    return n > 0 || !is_digit_at(p, i) ? n : short_phone(p, i);
}

/* "23h 13/01", "8 giờ 05-12-2026": what stands there is the day, not the minutes, `n` digits. */
static size_t clock_at(const struct plain *p, size_t i);
static bool
is_day_there(const struct plain *p, size_t i, size_t n)
{
    char after = sign_at(p, i + n);
    bool joined = after != '\0' && strchr(".-", after) && is_digit_at(p, i + n + 1);
    return after == '/' || (joined && clock_at(p, i + n + 1) == 0);
}

/* One time of day. */
static size_t
clock_at(const struct plain *p, size_t i)
{
    size_t hour = number_at(p, i, 2, 0, 24);
    size_t n = hour + blank_at(p, i + hour);
    char sign = sign_at(p, i + n);
    size_t word = plain_word(p, i + n, "giờ");
    if (hour == 0 || (word == 0 && !strchr("hHg:", sign)) || sign == '\0') {
        return 0;
    }
    n += word > 0 ? word : 1;
    size_t gap = blank_at(p, i + n);
    size_t minute = number_at(p, i + n + gap, 2, 0, 59);
    bool day = gap > 0 && is_day_there(p, i + n + gap, minute);
    minute = minute == 2 && !day ? minute : 0;
    if (minute == 0 && (strchr("g:", sign) != NULL && word == 0)) {
        return 0;
    }
    n += minute > 0 ? gap + minute : 0;
    if (plain_is_alnum(p, i + n)) {
        return 0;
    }
    size_t unit = plain_word(p, i + n + blank_at(p, i + n), "phút");
    return unit > 0 && minute > 0 ? n + blank_at(p, i + n) + unit : n;
}

static size_t
year_at(const struct plain *p, size_t i)
{
    return digits_at(p, i) == 4 ? number_at(p, i, 4, 1900, 2099) : 0;
}

/* "/", "-" or "." with at most a blank on both sides. */
static size_t
separator_at(const struct plain *p, size_t i, char *sign)
{
    size_t n = blank_at(p, i);
    *sign = sign_at(p, i + n);
    if (*sign == '\0' || !strchr("/.-", *sign)) {
        return 0;
    }
    n++;
    return n + blank_at(p, i + n);
}

/* "25 tháng 11 năm 2026" */
static size_t
spoken_date(const struct plain *p, size_t i)
{
    size_t n = number_at(p, i, 2, 1, 31);
    size_t month = n > 0 && blank_at(p, i + n) ? plain_word(p, i + n + 1, "tháng") : 0;
    if (month == 0) {
        return 0;
    }
    n += 1 + month;
    n += blank_at(p, i + n);
    size_t number = number_at(p, i + n, 2, 1, 12);
    if (number == 0) {
        return 0;
    }
    n += number;
    size_t year = blank_at(p, i + n) ? plain_word(p, i + n + 1, "năm") : 0;
    size_t value = year > 0 ? year_at(p, i + n + 2 + year) : 0;
    return value > 0 ? n + 2 + year + value : n;
}

/* "25/11", "25/11/2026"; with another sign than "/" only with its year. */
static size_t
written_date(const struct plain *p, size_t i)
{
    char first = 0;
    char second = 0;
    size_t n = number_at(p, i, 2, 1, 31);
    size_t gap = n > 0 ? separator_at(p, i + n, &first) : 0;
    size_t month = gap > 0 ? number_at(p, i + n + gap, 2, 1, 12) : 0;
    if (month == 0) {
        return 0;
    }
    n += gap + month;
    gap = separator_at(p, i + n, &second);
    size_t year = gap > 0 && second == first ? year_at(p, i + n + gap) : 0;
    n += year > 0 ? gap + year : 0;
    return first == '/' || year > 0 ? n : 0;
}

/* What may stand between both ends of a range. */
static size_t
range_word(const struct plain *p, size_t i)
{
    static const char *const words[] = {"đến hết ngày", "đến hết", "đến ngày", "tới ngày",
                                        "đến",          "tới",     NULL};
    size_t n = blank_at(p, i);
    size_t word = n > 0 ? plain_one_of(p, i + n, words) : 0;
    if (word == 0) {
        word = sign_at(p, i + n) == '-' ? 1 : 0;
    }
    return word > 0 ? n + word + blank_at(p, i + n + word) : 0;
}

/* "03, 10, 17/12", "08, 09 và 10/12", "07-09/12", "18 đến ngày 20/02", "08 và 09 tháng 12": days
 * before the one that has the month. */
static size_t
day_list(const struct plain *p, size_t i)
{
    static const char *const no_days[] = {"tdp", "số", "tổ", "thôn", "khu", "khu phố", "ngõ", NULL};
    size_t n = 0;
    size_t days = follows_word(p, i, no_days) ? 31 : 0;
    while (days < 31) {
        size_t date = written_date(p, i + n);
        date = date > 0 ? date : spoken_date(p, i + n);
        if (date > 0) {
            return n + date;
        }
        size_t day = number_at(p, i + n, 2, 1, 31);
        size_t gap = day > 0 ? blank_at(p, i + n + day) : 0;
        char sign = sign_at(p, i + n + day + gap);
        size_t word = gap > 0 ? plain_word(p, i + n + day + gap, "và") : 0;
        size_t range = day > 0 ? range_word(p, i + n + day) : 0;
        if (day == 0 || sign == '\0' || (word == 0 && range == 0 && !strchr(",-", sign))) {
            return 0;
        }
        n += day + (range > 0 ? range : gap + (word > 0 ? word : 1));
        n += blank_at(p, i + n);
        days++;
    }
    return 0;
}

static size_t
calendar_at(const struct plain *p, size_t i)
{
    size_t n = spoken_date(p, i);
    n = n > 0 ? n : written_date(p, i);
    n = n > 0 ? n : day_list(p, i);
    bool goes_on = plain_is_alnum(p, i + n) || sign_at(p, i + n) == '/' ||
                   (sign_at(p, i + n) == '.' && is_digit_at(p, i + n + 1));
    bool round_the_clock = plain_word(p, i, "24/7") == 4;
    return goes_on || round_the_clock ? 0 : n;
}

/* "tháng 12/2026", "tháng 12 năm 2026" */
static size_t
month_at(const struct plain *p, size_t i)
{
    size_t n = plain_word(p, i, "tháng");
    n += n > 0 ? blank_at(p, i + n) : 0;
    size_t month = n > 0 ? number_at(p, i + n, 2, 1, 12) : 0;
    if (month == 0 || plain_is_alnum(p, i + n + month) ||
        (sign_at(p, i + n + month) == ':' && is_digit_at(p, i + n + month + 1))) {
        return 0; /* "60 tháng 7h30" */
    }
    n += month;
    if (sign_at(p, i + n) == '/' && year_at(p, i + n + 1) > 0) {
        return n + 5;
    }
    size_t year = blank_at(p, i + n) ? plain_word(p, i + n + 1, "năm") : 0;
    size_t value = year > 0 ? year_at(p, i + n + 2 + year) : 0;
    return value > 0 ? n + 2 + year + value : n;
}

typedef size_t (*matcher)(const struct plain *p, size_t i);

static size_t
range_of(const struct plain *p, size_t i, matcher match)
{
    size_t n = match(p, i);
    size_t between = n > 0 ? range_word(p, i + n) : 0;
    size_t end = between > 0 ? match(p, i + n + between) : 0;
    return end > 0 ? n + between + end : n;
}

static size_t
time_at(const struct plain *p, size_t i)
{
    return i > 0 && strchr("/.,:", p->sign[i - 1]) ? 0 : range_of(p, i, clock_at);
}

static size_t
date_at(const struct plain *p, size_t i)
{
    return i > 0 && strchr("/.", p->sign[i - 1]) ? 0 : range_of(p, i, calendar_at);
}

/* A number with its unit. */
static size_t
amount_at(const struct plain *p, size_t i)
{
    static const char *const units[] = {
        "triệu đồng", "tỷ đồng", "tỉ đồng", "nghìn đồng", "đồng", "triệu", "tỷ",  "vnđ", "tấn",
        "kg",         "mm",      "km",      "m3",         "m",    "tuổi",  "chỗ", "lít", NULL};
    size_t n = digits_at(p, i);
    while (n < AMOUNT_MOST && sign_at(p, i + n) && strchr(".,", sign_at(p, i + n)) &&
           is_digit_at(p, i + n + 1)) {
        n += 1 + digits_at(p, i + n + 1);
    }
    if (sign_at(p, i + n) == '%') {
        return n + 1;
    }
    size_t gap = blank_at(p, i + n);
    size_t unit = plain_one_of(p, i + n + gap, units);
    return unit > 0 ? n + gap + unit : 0;
}

static void
add(const struct plain *p, struct facts *out, enum fact_kind kind, size_t i, size_t n)
{
    if (out->n < FACTS_MAX) {
        out->fact[out->n++] = (struct fact){kind, p->at[i], p->at[i + n]};
    }
}

/* Tries the matchers in this order: what looks like two things is the first of them. */
static size_t
match_at(const struct plain *p, size_t i, enum fact_kind *kind)
{
    static const struct {
        enum fact_kind kind;
        matcher match;
    } matchers[] = {
        {FACT_PHONE, phone_at}, {FACT_DOCUMENT, document_at}, {FACT_TIME, time_at},
        {FACT_DATE, date_at},   {FACT_AMOUNT, amount_at},
    };
    for (size_t m = 0; m < sizeof matchers / sizeof *matchers; m++) {
        size_t n = matchers[m].match(p, i);
        if (n > 0) {
            *kind = matchers[m].kind;
            return n;
        }
    }
    return 0;
}

/* Behind "trước", "chậm nhất" and their like: up to the last date or time that follows. */
static size_t
deadline_at(const struct plain *p, size_t i)
{
    static const char *const heads[] = {"trước",    "chậm nhất", "muộn nhất", "hạn chót",
                                        "hạn cuối", "thời hạn",  "đến hết",   NULL};
    static const char *const links[] = {"ngày", "là", "đến", "hết", "vào", "lúc", "thứ", NULL};
    size_t n = plain_one_of(p, i, heads);
    size_t end = 0;
    while (n > 0 && n < DEADLINE_MOST && i + n < p->n) {
        enum fact_kind kind;
        n += strchr(" :,", sign_at(p, i + n)) ? 1 : 0;
        size_t fact = is_digit_at(p, i + n) ? match_at(p, i + n, &kind) : 0;
        if (fact > 0 && (kind == FACT_DATE || kind == FACT_TIME)) {
            n += fact;
            end = n;
            continue;
        }
        size_t word = plain_one_of(p, i + n, links);
        if (word == 0) {
            break;
        }
        n += word;
    }
    return end;
}

/* The name of a place from `i` on: to the end of its clause. */
static size_t
place_length(const struct plain *p, size_t i, bool whole_line)
{
    static const char *const ends[] = {"từ",    "để",  "vào", "trong",   "lúc", "do",
                                       "theo",  "đã",  "sẽ",  "cho",     "với", "nhằm",
                                       "trước", "sau", "khi", "phục vụ", NULL};
    size_t n = 0;
    while (i + n < p->n && n < PLACE_MOST && !strchr(";(\n", p->sign[i + n])) {
        char c = p->sign[i + n];
        bool stop = c == '.' && !plain_is_alnum(p, i + n + 1);
        if (stop || (!whole_line && (c == ',' || plain_one_of(p, i + n, ends) > 0))) {
            break;
        }
        n++;
    }
    while (n > 0 && strchr(" ,:-", p->sign[i + n - 1])) {
        n--;
    }
    return n;
}

/* Not places: "tại thời điểm", "tại Điều 5", "tại Quyết định số". */
static bool
is_no_place(const struct plain *p, size_t i)
{
    static const char *const words[] = {
        "thời điểm", "điều",     "khoản",    "nghị quyết", "nghị định", "quyết định",
        "kế hoạch",  "thông tư", "luật",     "buổi",       "đây",       "đó",
        "cuộc",      "văn bản",  "hội nghị", "điểm a",     "thông báo", "phiên",
        "mục",       "giấy mời", "công văn", NULL};
    return plain_one_of(p, i, words) > 0 || !plain_is_alnum(p, i);
}

static void
add_place(const struct plain *p, struct facts *out, size_t i)
{
    static const char *const labels[] = {
        "địa điểm tổ chức", "địa điểm mới",  "địa điểm họp",   "địa điểm",      "nơi tổ chức",
        "nơi họp",          "nơi sơ tán",    "nơi tập trung",  "nơi ở tạm",     "nơi tránh trú",
        "nơi khám",         "nơi tiếp nhận", "điểm tập trung", "điểm sơ tán",   "điểm tập kết",
        "điểm tiêm",        "nơi nộp hồ sơ", "nơi nhận hồ sơ", "điểm bỏ phiếu", NULL};
    size_t n = plain_one_of(p, i, labels);
    bool label = n > 0 && sign_at(p, i + n) == ':';
    n = label ? n + 1 : plain_word(p, i, "tại");
    if (n == 0) {
        return;
    }
    n += blank_at(p, i + n);
    size_t again = label ? plain_word(p, i + n, "tại") : 0;
    n += again > 0 ? again + 1 : 0;
    size_t place = is_no_place(p, i + n) ? 0 : place_length(p, i + n, label);
    if (place > 0) {
        add(p, out, FACT_PLACE, i + n, place);
    }
}

static int
by_place(const void *a, const void *b)
{
    const struct fact *x = a;
    const struct fact *y = b;
    if (x->from != y->from) {
        return x->from < y->from ? -1 : 1;
    }
    return x->to != y->to ? (x->to > y->to ? -1 : 1) : (int)x->kind - (int)y->kind;
}

void
facts_find(struct arena *arena, struct str text, struct facts *out)
{
    struct plain p;
    plain_of(arena, text, &p);
    out->n = 0;
    size_t past = 0; /* the last fact ends here */
    for (size_t i = 0; i < p.n; i++) {
        if (i > 0 && plain_is_alnum(&p, i - 1)) {
            continue;
        }
        size_t deadline = deadline_at(&p, i);
        if (deadline > 0) {
            add(&p, out, FACT_DEADLINE, i, deadline);
        }
        add_place(&p, out, i);
        enum fact_kind kind = FACT_DATE;
        bool month = false;
        size_t n = 0;
        if (i >= past && (is_digit_at(&p, i) || strchr("+(", p.sign[i]))) {
            n = match_at(&p, i, &kind);
        } else if (i >= past) {
            n = month_at(&p, i);
            month = n > 0;
        }
        if (n > 0) {
            add(&p, out, month ? FACT_DATE : kind, i, n);
            past = i + n;
        }
    }
    qsort(out->fact, out->n, sizeof *out->fact, by_place);
}

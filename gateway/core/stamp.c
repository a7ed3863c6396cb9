/* Reads the numbers of a fact one by one and puts days to their months. */
// SPDX-License-Identifier: MIT
#include "gateway/core/stamp.h"

#include <string.h>

struct reader {
    const struct plain *p;
    size_t i, to;
    struct stamp *out;
    size_t n, most;
};

static char
sign_at(const struct reader *r, size_t i)
{
    return i < r->to ? r->p->sign[i] : '\0';
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number at `i`; its digits, 0 if there is none. */
static size_t
number_at(const struct reader *r, size_t i, int *value)
{
    size_t n = 0;
    *value = 0;
    while (is_digit(sign_at(r, i + n)) && n < 4) {
        *value = *value * 10 + (sign_at(r, i + n) - '0');
        n++;
    }
    return n;
}

static size_t
skip_blank(const struct reader *r, size_t i)
{
    return sign_at(r, i) == ' ' ? i + 1 : i;
}

static void
add(struct reader *r, struct stamp stamp)
{
    if (r->n < r->most) {
        r->out[r->n++] = stamp;
    }
}

/* "19h30", "19 giờ 30 phút", "19:30" at `i`; where it ends, 0 if there is none. */
static size_t
read_time(struct reader *r, size_t i)
{
    int hour = 0, minute = 0;
    size_t n = number_at(r, i, &hour);
    if (n == 0 || n > 2 || hour > 24) {
        return 0;
    }
    size_t at = skip_blank(r, i + n);
    size_t word = plain_word(r->p, at, "giờ");
    if (word == 0 && (sign_at(r, at) == '\0' || !strchr("hHg:", sign_at(r, at)))) {
        return 0;
    }
    at += word > 0 ? word : 1;
    size_t gap = skip_blank(r, at);
    size_t digits = number_at(r, gap, &minute);
    char after = sign_at(r, gap + digits);
    bool day = gap > at && after != '\0' && strchr("/.-", after);
    bool said = digits == 2 && minute < 60 && !day;
    add(r, (struct stamp){.hour = hour, .minute = said ? minute : 0});
    return said ? gap + digits : at;
}

/* A year behind the month that ends at `at`: "/2026", " năm 2026"; where it ends, or `at`. */
static size_t
read_year(const struct reader *r, size_t at, char separator, int *year)
{
    size_t i = skip_blank(r, at);
    size_t word = plain_word(r->p, i, "năm");
    if (word > 0) {
        i = skip_blank(r, i + word);
    } else if (separator != '\0' && sign_at(r, i) == separator) {
        i = skip_blank(r, i + 1);
    } else {
        return at;
    }
    size_t n = number_at(r, i, year);
    if (n != 4) {
        *year = 0;
        return at;
    }
    return i + n;
}

/* The month behind a day that ends at `at`, with the year; 0 if only a day stands there. */
static size_t
read_month(const struct reader *r, size_t at, struct stamp *stamp)
{
    size_t i = skip_blank(r, at);
    char separator = sign_at(r, i);
    size_t word = plain_word(r->p, i, "tháng");
    if (word == 0 && (separator == '\0' || !strchr("/.-", separator))) {
        return 0;
    }
    i = skip_blank(r, i + (word > 0 ? word : 1));
    int month = 0;
    size_t n = number_at(r, i, &month);
    if (n == 0 || n > 2 || month < 1 || month > 12) {
        return 0;
    }
    stamp->month = month;
    size_t end = read_year(r, i + n, word > 0 ? '/' : separator, &stamp->year);
    bool sure = word > 0 || separator == '/' || stamp->year > 0;
    stamp->month = sure ? stamp->month : 0;
    return sure ? end : 0;
}

/* Days that waited for it get the month of `stamp`. */
static void
give_month(struct reader *r, size_t first, const struct stamp *stamp)
{
    for (size_t k = first; k < r->n; k++) {
        struct stamp *s = &r->out[k];
        if (s->hour < 0 && s->month == 0) {
            s->month = stamp->month;
        }
        if (s->hour < 0 && s->year == 0 && stamp->year > 0) {
            s->year = stamp->year - (s->month > stamp->month ? 1 : 0);
        }
    }
}

/* "tháng 12/2026" at `i`; where it ends, 0 if there is none. */
static size_t
read_whole_month(struct reader *r, size_t i)
{
    struct stamp stamp = {.hour = -1};
    size_t word = plain_word(r->p, i, "tháng");
    size_t at = word > 0 ? skip_blank(r, i + word) : i;
    size_t n = word > 0 ? number_at(r, at, &stamp.month) : 0;
    if (n == 0 || n > 2) {
        return 0;
    }
    size_t end = read_year(r, at + n, '/', &stamp.year);
    add(r, stamp);
    return end;
}

static size_t
read_date(struct reader *r, size_t i)
{
    struct stamp stamp = {.hour = -1};
    size_t n = number_at(r, i, &stamp.day);
    if (n == 0 || n > 2) {
        return 0;
    }
    size_t end = read_month(r, i + n, &stamp);
    add(r, stamp);
    if (end > 0) {
        give_month(r, 0, &stamp);
    }
    return end > 0 ? end : i + n;
}

size_t
stamp_read(const struct plain *p, size_t from, size_t to, struct stamp *out, size_t most)
{
    struct reader r = {.p = p, .i = from, .to = to, .out = out, .most = most};
    while (r.i < to) {
        size_t end = is_digit(p->sign[r.i]) ? read_time(&r, r.i) : read_whole_month(&r, r.i);
        end = end == 0 && is_digit(p->sign[r.i]) ? read_date(&r, r.i) : end;
        if (end == 0 && is_digit(p->sign[r.i])) {
            int skipped = 0;
            end = r.i + number_at(&r, r.i, &skipped);
        }
        r.i = end > r.i ? end : r.i + 1;
    }
    return r.n;
}

bool
stamp_same(const struct stamp *a, const struct stamp *b)
{
    if (a->hour >= 0 || b->hour >= 0) {
        return a->hour == b->hour && a->minute == b->minute;
    }
    bool year = a->year == b->year || a->year == 0 || b->year == 0;
    return a->day == b->day && a->month == b->month && year;
}

/* RFC 3339 and its friends, by the civil calendar's arithmetic. */
// SPDX-License-Identifier: MIT
#include "gateway/core/time.h"

#include <stdio.h>
#include <string.h>

enum { DAY_S = 86400 };

struct civil {
    int64_t year, month, day, hour, minute, second;
};

/* Days since 1970-01-01 of a date in the Gregorian calendar (years from March on, in eras of 400).
 */
static int64_t
days_of(const struct civil *c)
{
    int64_t y = c->month <= 2 ? c->year - 1 : c->year;
    int64_t era = y / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (c->month + (c->month > 2 ? -3 : 9)) + 2) / 5 + c->day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct civil
civil_of(int64_t unix_s)
{
    int64_t days = unix_s / DAY_S, rest = unix_s % DAY_S;
    if (rest < 0) {
        rest += DAY_S;
        days--;
    }
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t mp = (5 * of_year + 2) / 153;
    int64_t month = mp < 10 ? mp + 3 : mp - 9;
    return (struct civil){.year = year_of_era + era * 400 + (month <= 2),
                          .month = month,
                          .day = of_year - (153 * mp + 2) / 5 + 1,
                          .hour = rest / 3600,
                          .minute = rest / 60 % 60,
                          .second = rest % 60};
}

static bool
civil_valid(const struct civil *c)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (c->year < 1970 || c->month < 1 || c->month > 12 || c->day < 1) {
        return false;
    }
    bool leap = c->year % 4 == 0 && (c->year % 100 != 0 || c->year % 400 == 0);
    int most = month_days[c->month - 1] + (c->month == 2 && leap ? 1 : 0);
    return c->day <= most && c->hour <= 23 && c->minute <= 59 && c->second <= 60;
}

static int64_t
seconds_of(const struct civil *c, int offset_min)
{
    int64_t second = c->second > 59 ? 59 : c->second; /* a leap second is the one before */
    return days_of(c) * DAY_S + c->hour * 3600 + c->minute * 60 + second - (int64_t)offset_min * 60;
}

/* Takes `n` digits off `*s`. */
static bool
take_digits(struct str *s, size_t n, int64_t *value)
{
    uint64_t v = 0;
    if (s->n < n || !str_to_u64((struct str){s->p, n}, 9999, &v)) {
        return false;
    }
    s->p += n;
    s->n -= n;
    *value = (int64_t)v;
    return true;
}

static bool
take_char(struct str *s, const char *any)
{
    if (s->n == 0 || s->p[0] == '\0' || !strchr(any, s->p[0])) {
        return false;
    }
    s->p++;
    s->n--;
    return true;
}

/* "YYYY-MM-DD", T or a blank, "HH:MM". */
static bool
take_minute(struct str *s, struct civil *c)
{
    return take_digits(s, 4, &c->year) && take_char(s, "-") && take_digits(s, 2, &c->month) &&
           take_char(s, "-") && take_digits(s, 2, &c->day) && take_char(s, "Tt ") &&
           take_digits(s, 2, &c->hour) && take_char(s, ":") && take_digits(s, 2, &c->minute);
}

static bool
take_second(struct str *s, struct civil *c)
{
    if (!take_char(s, ":") || !take_digits(s, 2, &c->second)) {
        return false;
    }
    if (!take_char(s, ".")) {
        return true;
    }
    bool any = false;
    while (take_char(s, "0123456789")) {
        any = true;
    }
    return any;
}

static bool
take_offset(struct str *s, int *offset_min)
{
    if (take_char(s, "Zz")) {
        *offset_min = 0;
        return true;
    }
    int sign = s->n > 0 && s->p[0] == '-' ? -1 : 1;
    int64_t hours = 0, minutes = 0;
    if (!take_char(s, "+-") || !take_digits(s, 2, &hours) || !take_char(s, ":") ||
        !take_digits(s, 2, &minutes) || hours > 23 || minutes > 59) {
        return false;
    }
    *offset_min = sign * (int)(hours * 60 + minutes);
    return true;
}

static int
refuse(struct str text, const char *right, struct err *err)
{
    return err_set(err, ERR_INPUT, "not a time: '%.*s' (%s)", text.n > 40 ? 40 : (int)text.n,
                   text.n > 0 ? text.p : "", right);
}

int
time_parse_rfc3339(struct str text, int64_t *unix_s, struct err *err)
{
    struct civil c = {0};
    int offset_min = 0;
    struct str rest = text;
    bool well = take_minute(&rest, &c) && take_second(&rest, &c) &&
                take_offset(&rest, &offset_min) && rest.n == 0;
    if (!well || !civil_valid(&c)) {
        return refuse(text, "RFC 3339, as 2026-11-07T09:10:00+07:00", err);
    }
    *unix_s = seconds_of(&c, offset_min);
    return 0;
}

/* What stands behind a plus: numbers with a unit each. */
static bool
take_spans(struct str s, int64_t *span_s)
{
    static const char units[] = "smhd";
    static const int64_t seconds[] = {1, 60, 3600, DAY_S};
    *span_s = 0;
    bool any = false;
    while (s.n > 0) {
        size_t digits = 0;
        while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9') {
            digits++;
        }
        uint64_t value = 0;
        if (digits == s.n || !str_to_u64((struct str){s.p, digits}, 1000000, &value)) {
            return false;
        }
        const char *unit = s.p[digits] ? strchr(units, s.p[digits]) : NULL;
        if (!unit) {
            return false;
        }
        *span_s += (int64_t)value * seconds[unit - units];
        s.p += digits + 1;
        s.n -= digits + 1;
        any = true;
    }
    return any;
}

int
time_parse(struct str text, int64_t now_s, int offset_min, int64_t *unix_s, struct err *err)
{
    struct civil c = {0};
    struct str rest = text;
    int64_t span_s = 0;
    if (text.n > 0 && text.p[0] == '+') {
        if (!take_spans(str_from(text, 1), &span_s)) {
            return refuse(text, "a span is +30m, +2h or +1d", err);
        }
        *unix_s = now_s + span_s;
        return 0;
    }
    if (take_minute(&rest, &c) && rest.n == 0) {
        if (!civil_valid(&c)) {
            return refuse(text, "no such day or hour", err);
        }
        *unix_s = seconds_of(&c, offset_min);
        return 0;
    }
    if (time_parse_rfc3339(text, unix_s, NULL) == 0) {
        return 0;
    }
    return refuse(text, "2026-11-07 09:10, 2026-11-07T09:10:00+07:00 or +2h", err);
}

void
time_format(int64_t unix_s, int offset_min, char out[TIME_ROOM])
{
    struct civil c = civil_of(unix_s + (int64_t)offset_min * 60);
    int n = snprintf(out, TIME_ROOM, "%04d-%02d-%02dT%02d:%02d:%02d", (int)c.year, (int)c.month,
                     (int)c.day, (int)c.hour, (int)c.minute, (int)c.second);
    if (n < 0 || n > TIME_ROOM - 7) {
        return;
    }
    if (offset_min == 0) {
        (void)snprintf(out + n, TIME_ROOM - (size_t)n, "Z");
        return;
    }
    int east = offset_min < 0 ? -offset_min : offset_min;
    (void)snprintf(out + n, TIME_ROOM - (size_t)n, "%c%02d:%02d", offset_min < 0 ? '-' : '+',
                   east / 60 % 100, east % 60);
}

void
time_format_short(int64_t unix_s, int offset_min, char out[TIME_ROOM])
{
    struct civil c = civil_of(unix_s + (int64_t)offset_min * 60);
    (void)snprintf(out, TIME_ROOM, "%02d:%02d %02d/%02d/%04d", (int)c.hour, (int)c.minute,
                   (int)c.day, (int)c.month, (int)c.year);
}

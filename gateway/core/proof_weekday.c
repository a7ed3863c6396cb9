/* The checker: the weekdays of dates. */
// SPDX-License-Identifier: MIT
#include "gateway/core/proof_parts.h"

/* Monday is 1, Sunday 7; 0: none. */
enum { NO_DAY, SUNDAY = 7 };

/* A weekday that begins at mark `i`, and how many marks it takes. */
static int
day_at(const struct marks *marks, size_t i, size_t *used)
{
    static const char *const names[][2] = {{"hai", "2"}, {"ba", "3"},  {"tu", "4"},
                                           {"nam", "5"}, {"sau", "6"}, {"bay", "7"}};
    const struct mark *m = &marks->mark[i], *next = i + 1 < marks->n ? m + 1 : NULL;
    *used = 1;
    if (str_equal_z(m->key, "cn")) {
        return SUNDAY;
    }
    if (m->key.n == 2 && m->key.p[0] == 't' && m->key.p[1] >= '2' && m->key.p[1] <= '7') {
        return m->key.p[1] - '1';
    }
    *used = 2;
    if (!next || next->line != m->line) {
        return NO_DAY;
    }
    if (str_equal_z(m->key, "chu") && str_equal_z(next->key, "nhat")) {
        return SUNDAY;
    }
    for (int k = 0; k < SUNDAY - 1 && str_equal_z(m->key, "thu"); k++) {
        if (str_equal_z(next->key, names[k][0]) || str_equal_z(next->key, names[k][1])) {
            return k + 1;
        }
    }
    return NO_DAY;
}

/* The weekday right before the date at `i`: "thứ Bảy, ngày 19/12". */
static int
day_before(const struct marks *marks, size_t i)
{
    size_t used = 0, end = i > 0 && str_equal_z(marks->mark[i - 1].key, "ngay") ? i - 1 : i;
    for (size_t n = 2; n > 0; n--) {
        int day = end >= n && marks->mark[end - n].line == marks->mark[i].line
                      ? day_at(marks, end - n, &used)
                      : NO_DAY;
        if (day != NO_DAY && used == n) {
            return day;
        }
    }
    return NO_DAY;
}

/* The one right behind it, if no other date follows: "19/12 (thứ Bảy)". */
static int
day_behind(const struct marks *marks, size_t i)
{
    size_t used = 0, k = i + 1;
    bool here = k < marks->n && marks->mark[k].line == marks->mark[i].line;
    int day = here ? day_at(marks, k, &used) : NO_DAY;
    k += used;
    k += day != NO_DAY && k < marks->n && str_equal_z(marks->mark[k].key, "ngay");
    return day != NO_DAY && k < marks->n && marks->mark[k].kind == MARK_DATE ? NO_DAY : day;
}

static int
day_beside(const struct marks *marks, size_t i)
{
    int day = day_before(marks, i);
    return day != NO_DAY ? day : day_behind(marks, i);
}

static int
day_of(const struct stamp *s)
{
    static const int month[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    int year = s->year - (s->month < 3);
    int since_sunday =
        (year + year / 4 - year / 100 + year / 400 + month[s->month - 1] + s->day) % 7;
    return since_sunday == 0 ? SUNDAY : since_sunday;
}

static bool
is_whole(const struct stamp *s)
{
    return s->year > 0 && s->month >= 1 && s->month <= 12 && s->day > 0;
}

/* Whether the date is another weekday than the text says: by the announcement, which may be wrong
 * itself, else by the calendar. */
static bool
is_other_day(const struct proof *p, const struct mark *date, int said)
{
    bool told = false, counted = is_whole(&date->stamp) && day_of(&date->stamp) != said;
    for (size_t k = 0; k < p->source.n; k++) {
        const struct mark *m = &p->source.mark[k];
        int theirs = mark_same(m, date) ? day_beside(&p->source, k) : NO_DAY;
        if (theirs == said) {
            return false;
        }
        told = told || theirs != NO_DAY;
        counted =
            counted || (mark_same(m, date) && is_whole(&m->stamp) && day_of(&m->stamp) != said);
    }
    return told || counted;
}

int
proof_weekdays(const struct proof *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        const struct mark *m = &p->text.mark[i];
        bool date = m->kind == MARK_DATE && m->stamp.day > 0;
        int said = date ? day_beside(&p->text, i) : NO_DAY;
        if (said != NO_DAY && is_other_day(p, m, said)) {
            return proof_wrong(p, m, "is another weekday in the announcement");
        }
    }
    return 0;
}

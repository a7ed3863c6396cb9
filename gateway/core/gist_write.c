/* How words are written when room is short: abbreviations, dates and times in figures. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "gateway/core/gist_parts.h"

struct writer {
    const struct story *story;
    const struct story_detail *d;
    const struct gist_room *room;
    enum gist_level level;
    struct arena *arena;
    struct gist_word *word;
};

static bool
is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static size_t
extra_septets(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += is_one_of(text.p[i], "^{}\\[~]|") ? 1 : 0;
    }
    return n;
}

/* Units of a text, near enough to search by: what is chosen is measured again. */
static size_t
cost_of(const struct writer *w, struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += ((unsigned char)text.p[i] & 0xC0U) != 0x80U;
    }
    return n + (w->room->unit == GIST_SEPTETS ? extra_septets(text) : 0);
}

static void
set(struct writer *w, size_t i, struct str text)
{
    w->word[i].text = text;
    w->word[i].cost = cost_of(w, text);
}

static struct str
characters(const struct writer *w, size_t from, size_t to)
{
    const struct plain *p = &w->d->plain;
    return (struct str){p->text.p + p->at[from], p->at[to] - p->at[from]};
}

/* Writes `text` for tokens [i, i + n), with the signs before the first and behind the last. */
static void
set_group(struct writer *w, size_t i, size_t n, struct str text)
{
    const struct story_token *first = &w->d->token[i];
    const struct story_token *last = &w->d->token[i + n - 1];
    struct str before = characters(w, first->from, first->core);
    struct str behind = characters(w, last->core_to, last->to);
    char *all = arena_alloc(w->arena, before.n + text.n + behind.n + 1);
    memcpy(all, before.p, before.n);
    memcpy(all + before.n, text.p, text.n);
    memcpy(all + before.n + text.n, behind.p, behind.n);
    set(w, i, (struct str){all, before.n + text.n + behind.n});
    for (size_t k = i + 1; k < i + n; k++) {
        set(w, k, (struct str){"", 0});
        w->word[k].inside = true;
    }
}

/* The number that is all of token `i`, at most `most`; -1 if it is none. */
static int
number_of(const struct writer *w, size_t i, int most)
{
    int value = 0;
    const struct story_token *t = i < w->d->tokens_n ? &w->d->token[i] : NULL;
    if (!t || t->core_to - t->core > 4 || t->core_to == t->core) {
        return -1;
    }
    for (size_t c = t->core; c < t->core_to; c++) {
        char sign = w->d->plain.sign[c];
        if (sign < '0' || sign > '9') {
            return -1;
        }
        value = value * 10 + (sign - '0');
    }
    return value <= most ? value : -1;
}

static bool
is_open(const struct writer *w, size_t i)
{
    return i < w->d->tokens_n && w->d->token[i].core_to == w->d->token[i].to &&
           !w->d->token[i].ends_line;
}

/* "13 tháng 12 năm 2026" → "13/12/2026" */
static size_t
write_spoken_date(struct writer *w, size_t i)
{
    char text[16];
    int day = number_of(w, i, 31);
    bool month_word = day > 0 && is_open(w, i) && story_phrase(w->d, i + 1, "tháng") == 1;
    int month = month_word && is_open(w, i + 1) ? number_of(w, i + 2, 12) : -1;
    if (month < 1) {
        return 0;
    }
    bool year_word = is_open(w, i + 2) && story_phrase(w->d, i + 3, "năm") == 1;
    int year = year_word && is_open(w, i + 3) ? number_of(w, i + 4, 2099) : -1;
    bool told = year >= 1900 && !(w->level == GIST_TIGHT && year == w->d->year);
    struct str d = characters(w, w->d->token[i].core, w->d->token[i].core_to);
    struct str m = characters(w, w->d->token[i + 2].core, w->d->token[i + 2].core_to);
    int n = told ? snprintf(text, sizeof text, "%.*s/%.*s/%d", (int)d.n, d.p, (int)m.n, m.p, year)
                 : snprintf(text, sizeof text, "%.*s/%.*s", (int)d.n, d.p, (int)m.n, m.p);
    size_t tokens = year >= 1900 ? 5 : 3;
    set_group(w, i, tokens, (struct str){text, (size_t)n});
    return tokens;
}

/* "19 giờ 30 phút" → "19h30" */
static size_t
write_spoken_time(struct writer *w, size_t i)
{
    char text[16];
    int hour = number_of(w, i, 24);
    if (hour < 0 || !is_open(w, i) || story_phrase(w->d, i + 1, "giờ") != 1) {
        return 0;
    }
    struct str h = characters(w, w->d->token[i].core, w->d->token[i].core_to);
    bool two = is_open(w, i + 1) && i + 2 < w->d->tokens_n &&
               w->d->token[i + 2].core_to - w->d->token[i + 2].core == 2;
    int minute = two ? number_of(w, i + 2, 59) : -1;
    bool word = minute >= 0 && is_open(w, i + 2) && story_phrase(w->d, i + 3, "phút") == 1;
    int n = minute >= 0 ? snprintf(text, sizeof text, "%.*sh%02d", (int)h.n, h.p, minute)
                        : snprintf(text, sizeof text, "%.*sh", (int)h.n, h.p);
    size_t tokens = 2 + (minute >= 0 ? 1 : 0) + (word ? 1 : 0);
    set_group(w, i, tokens, (struct str){text, (size_t)n});
    return tokens;
}

static bool
is_date(const struct writer *w, size_t i)
{
    const struct story_token *t = i < w->d->tokens_n ? &w->d->token[i] : NULL;
    const char *slash = t ? memchr(w->d->plain.sign + t->core, '/', t->core_to - t->core) : NULL;
    return t && t->digit &&
           (slash || story_phrase(w->d, i + 1, "tháng") == 1 ||
            (i + 1 < w->d->tokens_n && w->d->token[i + 1].digit));
}

/* "ngày" before a date, behind a word that says the same. */
static size_t
leave_day_word(struct writer *w, size_t i)
{
    static const char *const before[] = {"trước", "từ", "đến", "hết", "nhất", "vào", "tới", NULL};
    static const char *const several[] = {"các", "những", "mỗi", "hằng", "hàng", NULL};
    if (story_phrase(w->d, i, "ngày") != 1 || !is_open(w, i) || !is_date(w, i + 1) || i == 0 ||
        w->d->token[i - 1].ends_line || story_one_of(w->d, i - 1, several) > 0) {
        return 0;
    }
    size_t back = i - 1;
    while (back > 0 && w->word[back].inside) {
        back--;
    }
    bool said = story_one_of(w->d, i - 1, before) > 0 || w->d->token[back].digit ||
                w->d->token[i - 1].capital;
    if (!said && w->level != GIST_TIGHT) {
        return 0;
    }
    set(w, i, (struct str){"", 0});
    return 1;
}

/* "28/11/2026" → "28/11" where the year goes without saying. */
static size_t
leave_year(struct writer *w, size_t i)
{
    const struct story_token *t = &w->d->token[i];
    char year[8];
    (void)snprintf(year, sizeof year, "/%d", w->d->year);
    size_t n = t->core_to - t->core;
    if (w->level != GIST_TIGHT || w->d->year == 0 || n < 8 || n > 10 ||
        memcmp(w->d->plain.sign + t->core_to - 5, year, 5) != 0) {
        return 0;
    }
    set_group(w, i, 1, characters(w, t->core, t->core_to - 5));
    return 1;
}

/* "7h30 - 11h00" → "7h30-11h00" */
static size_t
close_range(struct writer *w, size_t i)
{
    const struct story_token *t = &w->d->token[i];
    bool dash = t->to - t->from == 1 && w->d->plain.sign[t->from] == '-';
    if (!dash || i == 0 || i + 1 >= w->d->tokens_n || !w->d->token[i - 1].digit ||
        !w->d->token[i + 1].digit || w->d->token[i - 1].ends_line) {
        return 0;
    }
    set(w, i, STR("-"));
    w->word[i].glued = true;
    w->word[i].inside = true;
    w->word[i + 1].glued = true;
    w->word[i + 1].inside = true;
    return 1;
}

/* "thứ Tư, ngày 02/12": the date says the day. */
static size_t
leave_weekday(struct writer *w, size_t i)
{
    static const char *const days[] = {"thứ hai", "thứ ba",  "thứ tư",   "thứ năm",
                                       "thứ sáu", "thứ bảy", "chủ nhật", NULL};
    size_t n = w->level == GIST_TIGHT ? story_one_of(w->d, i, days) : 0;
    size_t date = i + n;
    if (n == 0 || date >= w->d->tokens_n || w->d->token[date - 1].ends_line) {
        return 0;
    }
    date += story_phrase(w->d, date, "ngày");
    char behind = story_sign_behind(w->d, i + n - 1);
    bool dated = is_date(w, date) && !w->d->token[date].bracketed && !w->d->token[date].stale;
    if (!dated || w->d->token[i].bracketed || (behind != '\0' && behind != ',')) {
        return 0;
    }
    for (size_t k = i; k < i + n; k++) {
        set(w, k, (struct str){"", 0});
    }
    return n;
}

/* ---- Ranges. */

/* The token before `i` that is written, `i` if there is none near. */
static size_t
written_before(const struct writer *w, size_t i)
{
    enum { BACK = 6 };
    for (size_t k = i; k > 0 && k + BACK > i; k--) {
        if (w->word[k - 1].text.n > 0) {
            return k - 1;
        }
    }
    return i;
}

/* A time or a date, as it is written: a digit first, an "h", ":" or "/" in it, no sign behind. */
static bool
is_moment(const struct writer *w, size_t i)
{
    struct str t = w->word[i].text;
    bool digits = t.n > 1 && t.p[0] >= '0' && t.p[0] <= '9';
    bool marked =
        digits && (memchr(t.p, 'h', t.n) || memchr(t.p, ':', t.n) || memchr(t.p, '/', t.n));
    const struct story_token *token = &w->d->token[i];
    return marked && !token->stale && !token->needless && !token->bracketed;
}

/* "từ" that opens the range whose first end is written last at token `i`; `i` if none does. */
static size_t
range_opening(const struct writer *w, size_t i)
{
    enum { BACK = 5 };
    size_t k = i;
    while (k > 0 && k + BACK > i && (w->word[k].text.n == 0 || is_moment(w, k))) {
        k--;
        if (w->d->token[k].ends_line) {
            return i;
        }
        if (story_phrase(w->d, k, "từ") > 0) {
            return k;
        }
    }
    return i;
}

/* "từ 22h00 28/11 đến hết 05h00 29/11" → "22h00 28/11-05h00 29/11" */
static void
close_spoken_range(struct writer *w, size_t i)
{
    static const char *const words[] = {"đến hết ngày", "đến hết", "đến ngày", "tới ngày",
                                        "đến",          "tới",     NULL};
    size_t n = story_one_of(w->d, i, words);
    size_t to = i + n, from = written_before(w, i);
    bool plain = n > 0 && to < w->d->tokens_n && !w->d->token[to - 1].ends_line && from < i &&
                 w->d->token[from].to == w->d->token[from].core_to;
    if (!plain || !is_moment(w, from) || !is_moment(w, to) || w->d->token[from].ends_line) {
        return;
    }
    size_t opening = range_opening(w, from);
    if (opening == from) {
        return;
    }
    set(w, opening, (struct str){"", 0});
    set(w, i, STR("-"));
    w->word[i].glued = true;
    for (size_t k = i; k <= to; k++) {
        w->word[k].inside = true;
        if (k > i && k < to) {
            set(w, k, (struct str){"", 0});
        }
    }
    w->word[to].glued = true;
}

/* The title's own words stay as they are where the room allows it: they say what it is about. */
static bool
is_subject(const struct writer *w, const struct dictionary_entry *e)
{
    if (e->brief.p[e->brief.n - 1] == '.' || e->name) {
        return false; /* an office's name is not what it is about */
    }
    for (size_t i = w->d->unit[0].from; i < w->d->unit[0].to; i++) {
        if (story_phrase(w->d, i, e->words.p) > 0) {
            return true;
        }
    }
    return false;
}

static size_t
write_brief(struct writer *w, size_t i)
{
    size_t n = 0;
    const struct story_token *t = &w->d->token[i];
    const struct dictionary_entry *e =
        dictionary_find(&w->d->phrases->abbreviations, &w->d->plain, t->core,
                        w->level == GIST_TIGHT ? DICTIONARY_TIGHT : DICTIONARY_ALWAYS, &n);
    if (!e || (e->when == DICTIONARY_TIGHT && is_subject(w, e))) {
        return 0;
    }
    size_t k = i;
    while (k < w->d->tokens_n && w->d->token[k].core_to < t->core + n) {
        if (w->d->token[k].ends_line) {
            return 0;
        }
        k++;
    }
    set_group(w, i, k - i + 1, e->brief);
    return k - i + 1;
}

void
gist_write(const struct story *story, const struct gist_room *room, enum gist_level level,
           struct arena *arena, struct gist_word *word)
{
    typedef size_t (*rule)(struct writer *, size_t);
    static const rule rules[] = {write_spoken_date, write_spoken_time, leave_day_word,
                                 leave_weekday,     leave_year,        close_range,
                                 write_brief};
    struct writer w = {story, story->detail, room, level, arena, word};
    for (size_t i = 0; i < w.d->tokens_n; i++) {
        const struct story_token *t = &w.d->token[i];
        word[i] = (struct gist_word){0};
        set(&w, i, characters(&w, t->from, t->to));
    }
    for (size_t i = 0; level > GIST_WHOLE && i < w.d->tokens_n;) {
        size_t n = 0;
        for (size_t r = 0; r < sizeof rules / sizeof *rules && n == 0; r++) {
            n = rules[r](&w, i);
        }
        i += n > 0 ? n : 1;
    }
    for (size_t i = 1; level == GIST_TIGHT && i < w.d->tokens_n; i++) {
        close_spoken_range(&w, i);
    }
}

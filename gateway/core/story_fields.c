/* What templates ask for of an announcement: when, where, until when, whom to ask. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "gateway/core/story_parts.h"
#include "gateway/core/unicode.h"

static struct str
span_of(const struct story *story, const struct story_item *item)
{
    return item ? (struct str){story->text.p + item->from, item->to - item->from}
                : (struct str){"", 0};
}

static const struct story_item *
heaviest(const struct story *story, enum story_role role, char key)
{
    const struct story_item *best = NULL;
    for (size_t i = 0; i < story->items_n; i++) {
        const struct story_item *item = &story->item[i];
        bool fits = item->role == role && (key == '\0' || item->key.p[0] == key);
        if (fits && (!best || item->weight > best->weight)) {
            best = item;
        }
    }
    return best;
}

/* ---- When. */

enum { WHEN_MOST = 120, JOINT_MOST = 40 };

static bool
is_kept_out(const struct story *story, size_t from, size_t to)
{
    for (size_t i = 0; i < story->stale_n; i++) {
        if (story->stale[i].from < to && from < story->stale[i].to) {
            return true;
        }
    }
    for (size_t i = 0; i < story->facts.n; i++) {
        const struct fact *f = &story->facts.fact[i];
        if (f->kind == FACT_DEADLINE && f->from < to && from < f->to) {
            return true;
        }
    }
    return false;
}

/* Whether what stands between two times only joins them: "đến", "và ngày", ", thứ Tư,". */
static bool
is_joint(struct arena *arena, struct str gap)
{
    static const char words[] = " den toi va ngay het cac hom cung sang trua chieu dem thu hai ba "
                                "tu nam sau bay chu nhat luc vao ket thuc ";
    struct str rest = unicode_fold(arena, gap);
    if (gap.n > JOINT_MOST || memchr(gap.p, '\n', gap.n)) {
        return false;
    }
    while (rest.p && rest.n > 0) {
        struct str word = str_cut(&rest, ' ');
        char wanted[16];
        while (word.n > 0 && strchr(",-()", word.p[0])) {
            word = str_from(word, 1);
        }
        word.n -= word.n > 0 && word.p[word.n - 1] == ',';
        (void)snprintf(wanted, sizeof wanted, " %.*s ", (int)(word.n < 12 ? word.n : 12), word.p);
        if (word.n > 0 && !strstr(words, wanted)) {
            return false;
        }
    }
    return true;
}

/* Joins the date or time `f` to the span, if it goes on there. */
static bool
joins(const struct story *story, struct arena *arena, const struct fact *f, struct story_span *when)
{
    bool behind = f->from >= when->to, before = f->to <= when->from;
    size_t from = behind ? when->to : f->to, to = behind ? f->from : when->from;
    if ((f->kind != FACT_DATE && f->kind != FACT_TIME) || (!behind && !before) ||
        !is_joint(arena, (struct str){story->text.p + from, to - from}) ||
        is_kept_out(story, f->from, f->to)) {
        return false;
    }
    struct story_span more = {before ? f->from : when->from, behind ? f->to : when->to};
    bool fits = more.to - more.from <= WHEN_MOST;
    *when = fits ? more : *when;
    return fits;
}

/* "22h00 ngày 28/11" becomes "22h00 ngày 28/11 đến 05h00 ngày 29/11": half of a time misleads. */
static struct str
whole_when(const struct story *story, struct arena *arena, size_t from, size_t to)
{
    struct story_span when = {from, to};
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < story->facts.n && !more; i++) {
            more = joins(story, arena, &story->facts.fact[i], &when);
        }
    }
    return (struct str){story->text.p + when.from, when.to - when.from};
}

/* Whether the words stand a little before: "trong 2 giờ" tells how long, "hạn dùng 30/9" of goods.
 */
static bool
follows(const struct story *story, const struct story_item *item, const char *words)
{
    enum { BACK = 24 };
    size_t n = item->from < BACK ? item->from : BACK;
    const char *near = story->text.p + item->from - n;
    return memmem(near, n, words, strlen(words)) != NULL;
}

/* The unit that byte `at` of the text stands in; NULL in none. */
static const struct story_unit *
unit_at(const struct story *story, size_t at)
{
    const struct story_detail *d = story->detail;
    size_t token = story_token_at(d, at);
    for (size_t i = 0; i < d->units_n; i++) {
        if (d->unit[i].from <= token && token < d->unit[i].to) {
            return &d->unit[i];
        }
    }
    return NULL;
}

/* Adds `when` behind what is there, parted by a semicolon. */
static void
add_day(struct buf *out, struct str when)
{
    size_t before = out->n >= when.n ? out->n - when.n : 0;
    bool said = out->n >= when.n && (before == 0 || out->p[before - 1] == ' ') &&
                memcmp(out->p + before, when.p, when.n) == 0;
    if (said) {
        return; /* two rows of one day */
    }
    buf_add_z(out, out->n > 0 ? "; " : "");
    buf_add_str(out, when);
}

/* The days of a schedule: of the rows, or points of one list, with which `when` stands.  One alone
 * would be taken for all; where they are too many their first and last are told. */
static struct str
days_of(const struct story *story, struct arena *arena, struct str when)
{
    const struct story_unit *one = unit_at(story, (size_t)(when.p - story->text.p)), *last = NULL;
    struct str first = {"", 0}, end = {"", 0};
    struct buf out;
    size_t n = 0;
    buf_init(&out, WHEN_MOST);
    bool schedule = one && (one->kind == UNIT_ROW || one->listed) &&
                    story_phrase(story->detail, one->from, "thời gian") == 0;
    for (size_t k = 0; k < story->facts.n && schedule; k++) {
        const struct fact *f = &story->facts.fact[k];
        const struct story_unit *u = f->kind == FACT_DATE ? unit_at(story, f->from) : NULL;
        bool alike = u && u != last && u->kind == one->kind && u->listed == one->listed &&
                     (u->label_to > u->from) == (one->label_to > one->from);
        if (!alike || is_kept_out(story, f->from, f->to)) {
            continue;
        }
        last = u;
        end = (struct str){story->text.p + f->from, f->to - f->from};
        first = n++ == 0 ? end : first;
        add_day(&out, whole_when(story, arena, f->from, f->to));
    }
    if (out.overflow) {
        buf_clear(&out);
        buf_add_z(&out, "nhiều ngày, từ ");
        buf_add_str(&out, first);
        buf_add_z(&out, " đến ");
        buf_add_str(&out, end);
    }
    struct str days = buf_str(&out);
    days = (struct str){arena_strndup(arena, days.p ? days.p : "", days.n), days.n};
    buf_deinit(&out);
    return n > 1 ? days : when;
}

/* The time and the date beside it as one span, where they stand together, with all that belongs
 * to them. */
static struct str
find_when(const struct story *story, struct arena *arena)
{
    const struct story_item *date = heaviest(story, ROLE_WHEN, 'd');
    const struct story_item *time = heaviest(story, ROLE_WHEN, 't');
    if (date ? follows(story, date, "hạn ") : !time || follows(story, time, "trong ")) {
        return (struct str){"", 0};
    }
    const struct story_item *one = date ? date : time, *other = time ? time : date;
    size_t from = one->from < other->from ? one->from : other->from;
    size_t to = one->to > other->to ? one->to : other->to;
    struct str both = {story->text.p + from, to - from};
    bool together = both.n < 80 && !memchr(both.p, '\n', both.n) && !memchr(both.p, ';', both.n);
    return together ? whole_when(story, arena, from, to)
                    : whole_when(story, arena, one->from, one->to);
}

/* ---- The others. */

/* "nhà", "trụ sở" and the like name no place. */
static struct str
find_where(const struct story *story)
{
    struct str where = span_of(story, heaviest(story, ROLE_WHERE, '\0'));
    size_t blanks = 0;
    bool name = false;
    for (size_t i = 0; i < where.n; i++) {
        char c = where.p[i];
        bool dd = i + 1 < where.n && memcmp(where.p + i, "Đ", 2) == 0;
        blanks += c == ' ';
        name = name || dd || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    }
    return name || blanks >= 2 ? where : (struct str){"", 0};
}

static struct str
find_deadline(const struct story *story)
{
    const struct story_item *date = heaviest(story, ROLE_DEADLINE, '\0');
    for (size_t i = 0; date && i < story->facts.n; i++) {
        const struct fact *f = &story->facts.fact[i];
        if (f->kind == FACT_DEADLINE && f->from <= date->from && f->to >= date->to) {
            return (struct str){story->text.p + f->from, f->to - f->from};
        }
    }
    return span_of(story, date);
}

/* Where the unit that byte `at` stands in is over. */
static size_t
unit_end(const struct story *story, size_t at)
{
    const struct story_detail *d = story->detail;
    for (size_t i = 0; i < d->units_n; i++) {
        const struct story_unit *u = &d->unit[i];
        size_t end = u->to > u->from ? d->plain.at[d->token[u->to - 1].core_to] : 0;
        if (u->to > u->from && at < end && at >= d->plain.at[d->token[u->from].from]) {
            return end;
        }
    }
    return at;
}

/* What to do, to the end of its clause: as a whole, or not at all. */
static struct str
find_action(const struct story *story)
{
    enum { ACTION_MOST = 160 };
    const struct story_item *item = heaviest(story, ROLE_ACTION, '\0');
    if (!item) {
        return (struct str){"", 0};
    }
    struct str clause = {story->text.p + item->from, unit_end(story, item->from) - item->from};
    const char *comma = memmem(clause.p, clause.n, ", ", 2);
    if (comma && (size_t)(comma - clause.p) >= item->to - item->from) {
        clause.n = (size_t)(comma - clause.p);
    }
    const char *open = memmem(clause.p, clause.n, " (", 2);
    if (open && !memchr(open, ')', clause.n - (size_t)(open - clause.p))) {
        clause.n = (size_t)(open - clause.p);
    }
    bool several = clause.n > 0 && memchr(clause.p, ' ', clause.n) != NULL;
    return several && clause.n <= ACTION_MOST ? clause : (struct str){"", 0};
}

void
story_fields(struct story *story, struct arena *arena)
{
    story->when = find_when(story, arena);
    if (story->when.n > 0) {
        story->when = days_of(story, arena, story->when);
    }
    story->where = find_where(story);
    story->deadline = find_deadline(story);
    story->contact = span_of(story, heaviest(story, ROLE_CONTACT, '\0'));
    story->document = span_of(story, heaviest(story, ROLE_DOCUMENT, '\0'));
    story->area = span_of(story, heaviest(story, ROLE_AREA, 'r'));
    story->action = find_action(story);
}

/* Reads an announcement into a story. */
// SPDX-License-Identifier: MIT
#include "gateway/core/story.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "gateway/core/body.h"
#include "gateway/core/furniture.h"
#include "gateway/core/proof_parts.h"
#include "gateway/core/stamp.h"
#include "gateway/core/story_items.h"
#include "gateway/core/unicode.h"

enum { TEXT_MOST = 64 * 1024, HEAD_LINES = 8 };

static const char *const role_names[] = {
    [ROLE_SUBJECT] = "subject",       [ROLE_WHEN] = "when",
    [ROLE_WHERE] = "where",           [ROLE_DEADLINE] = "deadline",
    [ROLE_ACTION] = "action",         [ROLE_NEGATION] = "negation",
    [ROLE_CORRECTION] = "correction", [ROLE_CONTACT] = "contact",
    [ROLE_DOCUMENT] = "document",     [ROLE_AREA] = "area",
    [ROLE_AMOUNT] = "amount",         [ROLE_DUTY] = "duty",
    [ROLE_OTHER] = "other",
};
_Static_assert(sizeof role_names / sizeof *role_names == ROLES, "a role without a name");

const char *
story_role_name(enum story_role role)
{
    return role_names[role];
}

/* ---- Facts by tokens. */

static size_t
character_at(const struct plain *p, size_t at)
{
    size_t low = 0, high = p->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (p->at[middle] < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void
place_facts(struct items *s)
{
    const struct facts *facts = &s->story->facts;
    s->fact = arena_alloc(s->arena, (facts->n + 1) * sizeof *s->fact);
    for (size_t i = 0; i < facts->n; i++) {
        const struct fact *f = &facts->fact[i];
        struct items_fact one = {.kind = f->kind};
        one.from = story_token_at(s->detail, f->from);
        one.to = story_token_at(s->detail, f->to - 1) + 1;
        one.first = character_at(&s->detail->plain, f->from);
        one.last = character_at(&s->detail->plain, f->to);
        if (one.to <= s->detail->tokens_n) {
            s->fact[s->facts_n++] = one;
        }
    }
}

enum { YEARS = 64 };

/* How often a year is named, by its last digits. */
struct years {
    int year[YEARS], count[YEARS];
};

static void
count_years(const struct items *s, const struct items_fact *f, struct years *y)
{
    struct stamp stamp[STAMPS_MOST];
    size_t n = stamp_read(&s->detail->plain, f->first, f->last, stamp, STAMPS_MOST);
    for (size_t k = 0; k < n; k++) {
        size_t slot = (size_t)stamp[k].year % YEARS;
        y->year[slot] = stamp[k].year;
        y->count[slot] += stamp[k].year > 0;
    }
}

/* The year that most dates name. */
static int
main_year(const struct items *s)
{
    struct years y = {0};
    size_t best = 0;
    for (size_t i = 0; i < s->facts_n; i++) {
        if (s->fact[i].kind == FACT_DATE && !items_dates_document(s, &s->fact[i])) {
            count_years(s, &s->fact[i], &y);
        }
    }
    for (size_t i = 1; i < YEARS; i++) {
        best = y.count[i] > y.count[best] ? i : best;
    }
    return y.count[best] > 0 ? y.year[best] : 0;
}

static int
by_place(const void *a, const void *b)
{
    const struct story_told *x = a;
    const struct story_told *y = b;
    if (x->from != y->from) {
        return x->from < y->from ? -1 : 1;
    }
    return x->to != y->to ? (x->to < y->to ? -1 : 1) : (x->item < y->item ? -1 : 1);
}

/* Takes the facts from `*fact` on that stand in the unit, and its words. */
static void
collect_unit(struct items *s, size_t *fact)
{
    if (s->unit->kind == UNIT_TITLE || s->unit->kind == UNIT_SUBTITLE) {
        items_of_title(s);
    }
    for (; *fact < s->facts_n && s->fact[*fact].from < s->unit->to; (*fact)++) {
        if (s->fact[*fact].from >= s->unit->from) {
            items_of_fact(s, &s->fact[*fact]);
        }
    }
    items_of_words(s);
    items_of_duties(s);
}

void
story_collect(struct story *story, struct arena *arena)
{
    struct story_detail *d = story->detail;
    struct items s = {.story = story, .detail = d, .arena = arena};
    d->told = arena_alloc(arena, TOLD_MOST * sizeof *d->told);
    place_facts(&s);
    s.year = main_year(&s);
    d->year = s.year;
    s.warning = str_equal_z(story->kind, "canh-bao");
    s.moved = d->place_moved;
    for (size_t i = d->unit[0].from; i < d->unit[0].to; i++) {
        s.moved = s.moved || story_phrase(d, i, "địa điểm") > 0;
    }
    size_t fact = 0;
    for (size_t i = 0; i < d->units_n; i++) {
        s.unit = &d->unit[i];
        s.unit_index = i;
        collect_unit(&s, &fact);
    }
    qsort(d->told, d->told_n, sizeof *d->told, by_place);
    size_t told = 0;
    for (size_t i = 0; i < d->units_n; i++) {
        struct story_unit *u = &d->unit[i];
        while (told < d->told_n && d->told[told].from < u->from) {
            told++;
        }
        u->told = told;
        while (told < d->told_n && d->told[told].from < u->to) {
            told++;
        }
        u->told_to = told;
    }
}

/* "phường" or "xã" and what stands behind it in a sender's name, folded; empty if there is none. */
static struct str
area_in(struct arena *arena, struct str sender)
{
    static const char *const words[] = {"phuong ", "xa ", "thi tran ", "dac khu "};
    struct str folded = unicode_fold(arena, sender);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at =
            folded.n > 0 ? memmem(folded.p, folded.n, words[i], strlen(words[i])) : NULL;
        if (at && (at == folded.p || at[-1] == ' ')) {
            return str_trim(str_from(folded, (size_t)(at - folded.p)));
        }
    }
    return (struct str){"", 0};
}

static struct str
join(struct arena *arena, struct str title, struct str body)
{
    struct buf all;
    buf_init(&all, (size_t)TEXT_MOST * 2);
    buf_add_str(&all, title);
    buf_add_char(&all, '\n');
    buf_add_str(&all, utf8_within(body, TEXT_MOST));
    struct str text = buf_str(&all);
    text = (struct str){arena_strndup(arena, text.p, text.n), text.n};
    buf_deinit(&all);
    return text;
}

/* Where the name behind "PHƯỜNG" begins; the end if there is none. */
static size_t
name_in_capitals(struct str line)
{
    static const char *const words[] = {"PHƯỜNG ", "XÃ ", "THỊ TRẤN ", "ĐẶC KHU "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        const char *at = line.n > 0 ? memmem(line.p, line.n, words[i], n) : NULL;
        if (at) {
            return (size_t)(at - line.p) + n;
        }
    }
    return line.n;
}

/* A word that nobody can say is an abbreviation: no vowel, or three consonants that no syllable
 * has ("UBND", "HĐND", "MTTQ"). */
static bool
is_abbreviation(struct arena *arena, struct str word)
{
    struct str bare = unicode_fold(arena, word);
    size_t vowels = 0, row = 0, longest = 0;
    for (size_t i = 0; i < bare.n; i++) {
        bool vowel = strchr("aeiouy", bare.p[i]) != NULL;
        bool letter = bare.p[i] >= 'a' && bare.p[i] <= 'z';
        vowels += vowel;
        row = vowel || !letter ? 0 : row + 1;
        longest = row > longest ? row : longest;
    }
    return bare.n >= 2 && (vowels == 0 || (longest >= 3 && !str_starts(bare, STR("ngh"))));
}

/* Names within an office's name keep their capitals. */
static void
raise_names(char *line, size_t n)
{
    static const char *const names[][2] = {
        {"mặt trận tổ quốc", "Mặt trận Tổ quốc"},
        {"việt nam", "Việt Nam"},
        {"hồ chí minh", "Hồ Chí Minh"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *at = memmem(line, n, names[i][0], strlen(names[i][0]));
        if (at) {
            memcpy(at, names[i][1], strlen(names[i][1]));
        }
    }
}

/* What a letterhead in capitals names, as a sentence would: "Đảng ủy phường Tân Lập". */
static struct str
in_small_letters(struct arena *arena, struct str line)
{
    struct buf out;
    size_t name = name_in_capitals(line);
    buf_init(&out, line.n * 2 + 4);
    for (struct str rest = line; rest.p && rest.n > 0;) {
        size_t at = (size_t)(rest.p - line.p);
        struct str word = str_cut(&rest, ' ');
        bool whole = is_abbreviation(arena, word);
        for (bool capital = at == 0 || at >= name; word.n > 0; capital = false) {
            int32_t c = utf8_next(&word);
            utf8_add(&out, capital || whole ? c : utf8proc_tolower(c));
        }
        buf_add_z(&out, rest.p && rest.n > 0 ? " " : "");
    }
    char *copy = arena_strndup(arena, out.p ? out.p : "", out.n);
    struct str s = {copy, out.n};
    raise_names(copy, out.n);
    buf_deinit(&out);
    return s;
}

static bool
is_in_capitals(struct str line)
{
    while (line.n > 0) {
        int32_t c = utf8_next(&line);
        if (utf8proc_toupper(c) != c) {
            return false;
        }
    }
    return true;
}

/* What a letterhead says, where nothing else does. */
struct head {
    struct str issuer, number; /* "Số 20-KH/ĐU" */
};

/* The body without the letterhead at its beginning and without the title said again.  The
 * letterhead names who says it all, where the announcement does not. */
static struct str
without_head(struct arena *arena, struct str title, struct str body, struct head *head)
{
    struct str folded_title = unicode_fold(arena, title);
    bool named = head->issuer.n > 0;
    for (int i = 0; i < HEAD_LINES; i++) {
        struct str rest = str_trim(body);
        struct str line = str_trim(str_cut(&rest, '\n'));
        struct str folded = unicode_fold(arena, line);
        bool kind = furniture_is_kind(arena, line), titled = str_equal(folded, folded_title);
        bool letterhead = furniture_is_letterhead(arena, line);
        if (!(letterhead || kind || titled) || !rest.p || line.n == 0) {
            break;
        }
        bool numbered = memchr(line.p, '/', line.n) && str_starts(folded, STR("so"));
        bool sender = !named && letterhead && area_in(arena, line).n > 0 &&
                      !memchr(line.p, '/', line.n) && !titled;
        head->issuer = sender ? line : head->issuer;
        head->number = numbered && letterhead ? line : head->number;
        body = rest;
    }
    if (!named && is_in_capitals(head->issuer)) {
        head->issuer = in_small_letters(arena, head->issuer);
    }
    return str_trim(body);
}

/* The text of title and body, and what only the letterhead says. */
static struct str
whole_text(struct arena *arena, struct str title, struct str body, const struct head *head)
{
    struct str text = join(arena, title, body);
    struct str area = area_in(arena, head->issuer);
    struct str said = unicode_fold(arena, text), number = unicode_fold(arena, head->number);
    if (area.n > 0 && !memmem(said.p, said.n, area.p, area.n)) {
        text = join(arena, text, head->issuer); /* else nobody would know where */
    }
    const char *digits = number.n > 0 ? strpbrk(number.p, "0123456789") : NULL;
    struct str bare = {digits, digits ? number.n - (size_t)(digits - number.p) : 0};
    bool unsaid = bare.n > 0 && !memmem(said.p, said.n, bare.p, bare.n);
    return unsaid ? join(arena, title, join(arena, head->number, str_from(text, title.n + 1)))
                  : text;
}

int
story_read(const struct announcement *a, const struct phrases *phrases, struct arena *arena,
           struct story *out, struct err *err)
{
    struct str body = {"", 0};
    *out = (struct story){.issuer = a->field[FIELD_ISSUER],
                          .urgent = a->priority == PRIORITY_EMERGENCY,
                          .alarms = a->priority == PRIORITY_EMERGENCY};
    if (a->field[FIELD_BODY].n > 0 && body_text(a->field[FIELD_BODY], arena, &body, err) != 0) {
        return err_prefix(err, "body: ");
    }
    body = furniture_remove_by(&phrases->furniture, arena, body);
    struct str title = unicode_line(arena, a->field[FIELD_TITLE]);
    out->title_n = title.n;
    struct head head = {.issuer = out->issuer};
    body = without_head(arena, title, body, &head);
    out->issuer = head.issuer;
    out->text = whole_text(arena, title, body, &head);
    out->kind = story_kind(a, out, arena);
    out->urgent = out->urgent || str_equal_z(out->kind, "khan-cap");
    facts_find(arena, out->text, &out->facts);
    out->detail = arena_alloc(arena, sizeof *out->detail);
    out->detail->phrases = phrases;
    story_split(out, arena);
    story_mark(out, arena);
    story_collect(out, arena);
    story_fields(out, arena);
    out->detail->source = arena_alloc(arena, sizeof *out->detail->source);
    marks_of_story(arena, out, out->detail->source);
    return 0;
}

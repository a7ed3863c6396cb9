/* Texts for the messaging platforms. */
// SPDX-License-Identifier: MIT
#include "gateway/core/platform.h"

#include <string.h>

#include "gateway/core/gist.h"
#include "gateway/core/lead.h"
#include "gateway/core/unicode.h"

enum { TEXT_CEILING = 128 * 1024 };

static struct str
keep(struct arena *arena, struct buf *b)
{
    struct str s = {arena_strndup(arena, b->p ? b->p : "", b->n), b->n};
    buf_deinit(b);
    return s;
}

/* ---- A whole text. */

struct page {
    const struct wording_source *source;
    const struct wording *wording;
    struct arena *arena;
    size_t most; /* UTF-16 units as shown */
    bool html;
    struct str link, emergency;
    struct str values[WORDS];
};

static struct str
escaped(const struct page *page, struct str text)
{
    static const struct {
        char sign;
        const char *entity;
    } signs[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}};
    if (!page->html) {
        return text;
    }
    struct buf out;
    buf_init(&out, text.n * 5 + 1);
    for (size_t i = 0; i < text.n; i++) {
        const char *entity = NULL;
        for (size_t k = 0; k < sizeof signs / sizeof *signs; k++) {
            entity = text.p[i] == signs[k].sign ? signs[k].entity : entity;
        }
        if (entity) {
            buf_add_z(&out, entity);
        } else {
            buf_add_char(&out, text.p[i]);
        }
    }
    return keep(page->arena, &out);
}

/* How the platforms count: UTF-16 units, of HTML what is shown; each name as the widest. */
static size_t
units_of(const struct page *page, struct str text)
{
    size_t n = 0;
    text = wording_with_name(page->arena, text, wording_widest_name(true));
    while (text.n > 0) {
        char first = text.p[0], last = first == '<' ? '>' : ';';
        bool markup = page->html && (first == '<' || first == '&');
        const char *end = markup ? memchr(text.p, last, text.n) : NULL;
        if (end) {
            text = str_from(text, (size_t)(end + 1 - text.p));
            n += first == '&';
        } else {
            n += utf8_next(&text) > 0xFFFF ? 2 : 1;
        }
    }
    return n;
}

/* The whole page with this summary, already escaped.  Whether it fits. */
static bool
render(struct page *page, struct str summary, struct str *text)
{
    struct buf out;
    buf_init(&out, TEXT_CEILING);
    if (page->emergency.n > 0) {
        buf_add_z(&out, page->html ? "<b>" : "");
        buf_add_str(&out, page->emergency);
        buf_add_z(&out, page->html ? ":</b> " : ": ");
    }
    page->values[WORD_SUMMARY] = summary;
    template_render(page->wording->template, page->values, &out);
    bool whole = !out.overflow;
    *text = unicode_tidy(page->arena, buf_str(&out));
    buf_deinit(&out);
    return whole && units_of(page, *text) <= page->most;
}

/* Adds `text` behind `before` if it fits whole into `room` units. */
static bool
add_whole(const struct page *page, struct buf *out, const char *before, struct str text,
          size_t *room)
{
    size_t units = strlen(before) + units_of(page, text);
    if (units > *room) {
        return false;
    }
    buf_add_z(out, before);
    buf_add_str(out, text);
    *room -= units;
    return true;
}

/* Paragraphs, and sentences of the last one, that fit whole. */
static struct str
fill(const struct page *page, struct str body, size_t room)
{
    struct buf out;
    const char *before = "";
    buf_init(&out, TEXT_CEILING);
    while (body.p && body.n > 0) {
        struct str line = str_cut(&body, '\n');
        if (line.n == 0 || add_whole(page, &out, before, escaped(page, line), &room)) {
            before = out.n > 0 ? "\n" : "";
            continue;
        }
        struct str sentence = lead_next(&line);
        while (sentence.n > 0 && add_whole(page, &out, before, escaped(page, sentence), &room)) {
            before = " ";
            sentence = lead_next(&line);
        }
        break;
    }
    return keep(page->arena, &out);
}

static int
compose(struct page *page, struct platform_text *out, struct err *err)
{
    const struct announcement *a = page->source->a;
    const struct story *story = page->source->story;
    struct str body = a->field[FIELD_SUMMARY];
    page->link = wording_link(a, page->wording, page->arena);
    wording_values(page->source, page->wording, page->link, page->arena, page->values);
    page->emergency = wording_emergency(a, page->wording, page->arena, &page->values[WORD_TITLE]);
    for (int w = 0; w < WORDS; w++) {
        page->values[w] = escaped(page, page->values[w]);
    }
    if (body.n == 0 && story->text.n > story->title_n) {
        body = story_body(story, page->arena);
    }
    /* What the template's own blanks take is known only with something between them. */
    if (!render(page, STR("x"), &out->text) && !render(page, (struct str){"", 0}, &out->text)) {
        return err_set(err, ERR_LIMIT, "title and link have more than %zu characters", page->most);
    }
    size_t around = units_of(page, out->text);
    size_t room = around <= page->most ? page->most - around + 1 : 0;
    (void)render(page, fill(page, unicode_tidy(page->arena, body), room), &out->text);
    bool linked = page->link.n > 0 && template_uses(page->wording->template, WORD_LINK);
    out->link = linked ? page->link : (struct str){"", 0};
    return 0;
}

int
platform_telegram(const struct wording_source *source, const struct wording *wording,
                  struct arena *arena, struct platform_text *out, struct err *err)
{
    struct page page = {
        .source = source, .wording = wording, .arena = arena, .most = TELEGRAM_UNITS, .html = true};
    return compose(&page, out, err);
}

int
platform_zalo_oa(const struct wording_source *source, const struct wording *wording,
                 struct arena *arena, struct platform_text *out, struct err *err)
{
    struct page page = {
        .source = source, .wording = wording, .arena = arena, .most = ZALO_OA_UNITS};
    return compose(&page, out, err);
}

/* ---- A template's parameters. */

/* Of the first `most` characters. */
static size_t
bytes_of(struct str text, size_t most)
{
    struct str rest = text;
    for (size_t n = 0; rest.n > 0 && n < most; n++) {
        (void)utf8_next(&rest);
    }
    return text.n - rest.n;
}

static struct str
cut_to(struct str text, size_t most)
{
    size_t n = bytes_of(text, most);
    if (n == text.n) {
        return text;
    }
    struct str cut = lead_cut(text, n + 1, false);
    cut = cut.n > 0 ? cut : lead_cut(text, n + 1, true);
    return cut.n > 0 ? cut : (struct str){text.p, n};
}

static struct str
expand(const struct template *t, struct str *values, struct str summary, struct arena *arena)
{
    struct buf out;
    buf_init(&out, TEXT_CEILING);
    values[WORD_SUMMARY] = summary;
    template_render(t, values, &out);
    struct str line = unicode_line(arena, buf_str(&out));
    buf_deinit(&out);
    return line;
}

/* A text for {summary}, and what {more} goes on with; each has its room in characters. */
struct parted {
    size_t room, more_room; /* more_room 0: there is no {more} */
    struct str first, more;
};

/* The whole sentences at the text's head that end within `most` bytes.  A summary's sentences are
 * parted by a stop and a blank; behind "P." and "TP." none ends. */
static struct str
sentences_within(struct str text, size_t most)
{
    enum { SHORT = 2 };
    struct str head = {text.p, 0};
    size_t word = 0;
    for (size_t i = 0; i < text.n && i < most; i++) {
        bool stop = strchr(".!?", text.p[i]) && (i + 1 == text.n || text.p[i + 1] == ' ');
        bool number = word > 0 && text.p[i - 1] >= '0' && text.p[i - 1] <= '9';
        head.n = stop && (word > SHORT || number) ? i + 1 : head.n;
        word = text.p[i] == ' ' ? 0 : word + 1;
    }
    return head;
}

/* Parts a text at the end of the last sentence that the first room holds, or else at a word; how
 * many characters must go before both rooms hold it whole, SIZE_MAX: its first sentence is too
 * long. */
static size_t
part(struct str text, struct parted *p)
{
    size_t first = bytes_of(text, p->room);
    struct str sentences = sentences_within(text, first);
    p->first = first < text.n && sentences.n > 0 ? sentences : cut_to(text, p->room);
    p->more = str_trim(str_from(text, p->first.n));
    size_t n = utf8_count(p->more);
    if (first < text.n && sentences.n == 0) {
        return SIZE_MAX;
    }
    return n > p->more_room ? n - p->more_room : 0;
}

static struct str
tell_most(const struct wording_source *source, size_t room, struct str beside, struct arena *arena)
{
    struct gist *gist = arena_alloc(arena, sizeof *gist);
    const struct gist_room ask = {room, GIST_CHARACTERS, false, beside};
    gist_make(source->story, &ask, arena, gist);
    return gist->text;
}

/* The announcement's own summary, or what tells most in both rooms together. */
static void
fill_summary(const struct wording_source *source, struct str beside, struct arena *arena,
             struct parted *p)
{
    enum { TRIES = 6, BLANK = 1 };
    struct str given = source->a->field[FIELD_SUMMARY];
    if (given.n > 0) {
        (void)part(unicode_line(arena, given), p);
        p->more = cut_to(p->more, p->more_room);
        return;
    }
    size_t room = p->room + p->more_room + (p->more_room > 0 ? BLANK : 0), over = 1;
    for (int i = 0; i < TRIES && over > 0; i++) {
        struct str text = tell_most(source, room, beside, arena);
        over = part(text, p);
        over = over > room - p->room ? room - p->room : over;
        room -= over;
        if (p->more_room == 0) {
            return; /* it fits, as it was asked for */
        }
    }
    if (over > 0) {
        p->first = tell_most(source, p->room, beside, arena);
        p->more = (struct str){"", 0};
    }
}

/* What a parameter of this pattern has where Zalo has not told: by the types that its templates
 * know (customer name, code, contact, date and time), the widest of those that stand in it. */
static size_t
usual_most(const struct template *t)
{
    static const size_t types[WORDS] = {
        [WORD_NAME] = 30,         [WORD_DOCUMENT] = 30, [WORD_CONTACT] = 50,
        [WORD_PUBLISHED_AT] = 20, [WORD_SEND_AT] = 20,  [WORD_EXPIRES_AT] = 20,
    };
    size_t most = 0;
    for (int w = 0; w < WORDS; w++) {
        size_t type = types[w] > 0 ? types[w] : ZALO_PARAMETER;
        most = template_uses(t, (enum template_word)w) && type > most ? type : most;
    }
    return most > 0 ? most : ZALO_PARAMETER;
}

/* The parameters of one template. */
struct filling {
    const struct wording_source *source;
    struct arena *arena;
    struct str words[WORDS];
    struct buf beside; /* what the parameters without {summary} tell of the announcement */
    size_t more_room;  /* of the parameter with {more}, 0: none has it */
};

/* Which parameters are filled: first those that tell something of their own. */
enum turn { TURN_OTHERS, TURN_SUMMARY, TURN_MORE };

static enum turn
turn_of(const struct template *t)
{
    if (template_uses(t, WORD_MORE)) {
        return TURN_MORE;
    }
    return template_uses(t, WORD_SUMMARY) ? TURN_SUMMARY : TURN_OTHERS;
}

/* Characters that a parameter leaves to what stands in it. */
static size_t
room_in(const struct filling *f, const struct template *t, size_t most)
{
    struct str words[WORDS];
    memcpy(words, f->words, sizeof words);
    words[WORD_MORE] = STR("x"); /* the blank before it stays, its condition holds */
    struct str around = wording_with_name(f->arena, expand(t, words, STR("x"), f->arena),
                                          wording_widest_name(true));
    size_t used = utf8_count(around) - 1;
    return used < most ? most - used : 0;
}

static size_t
most_of(const struct template *t, const struct platform_pair *pattern)
{
    return pattern->most > 0 ? pattern->most : usual_most(t);
}

/* "{title} ({document})": where all is too long the title is cut, and what stands behind it stays;
 * where that leaves too little of it, the end of all is cut. */
static struct str
fit_value(const struct filling *f, const struct template *t, struct str line, size_t most)
{
    enum { TITLE_LEAST = 12 };
    struct str words[WORDS];
    if (utf8_count(line) <= most || !template_uses(t, WORD_TITLE)) {
        return cut_to(line, most);
    }
    memcpy(words, f->words, sizeof words);
    words[WORD_TITLE] = STR("x");
    size_t used = utf8_count(expand(t, words, (struct str){"", 0}, f->arena)) - 1;
    size_t room = used < most ? most - used : 0;
    words[WORD_TITLE] = cut_to(f->words[WORD_TITLE], room);
    bool enough = room >= TITLE_LEAST;
    return cut_to(enough ? expand(t, words, (struct str){"", 0}, f->arena) : line, most);
}

/* A parameter that tells of the announcement itself: its words are not told again. */
static bool
tells_facts(const struct template *t)
{
    static const enum template_word words[] = {WORD_TITLE,   WORD_WHEN,     WORD_WHERE,
                                               WORD_CONTACT, WORD_DEADLINE, WORD_DOCUMENT,
                                               WORD_ACTION,  WORD_AREA};
    bool tells = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        tells = tells || template_uses(t, words[i]);
    }
    return tells;
}

static void
fill_parameter(struct filling *f, const struct template *t, const struct platform_pair *pattern,
               struct platform_pair *value)
{
    struct str summary = {"", 0};
    size_t most = most_of(t, pattern);
    if (template_uses(t, WORD_SUMMARY)) {
        struct parted p = {.room = room_in(f, t, most), .more_room = f->more_room};
        if (p.room > 0) {
            fill_summary(f->source, buf_str(&f->beside), f->arena, &p);
            summary = p.first;
            f->words[WORD_MORE] = p.more;
        }
    }
    bool linked = template_uses(t, WORD_LINK) || template_uses(t, WORD_LINK_PATH);
    struct str line = expand(t, f->words, summary, f->arena);
    value->name = pattern->name;
    value->most = most;
    bool whole = linked || template_uses(t, WORD_SUMMARY) || template_uses(t, WORD_MORE);
    value->value = linked ? line : (whole ? cut_to(line, most) : fit_value(f, t, line, most));
    if (tells_facts(t) && turn_of(t) == TURN_OTHERS) {
        buf_add_str(&f->beside, value->value);
        buf_add_z(&f->beside, ". ");
    }
}

/* Those whose turn it is; before all, how much room {more} has. */
static int
fill_parameters(struct filling *f, const struct platform_template *template, enum turn turn,
                struct platform_pair *values, struct err *err)
{
    for (size_t i = 0; i < template->n; i++) {
        const struct platform_pair *pattern = &template->patterns[i];
        struct template t;
        struct template_mistake why = {0};
        if (template_parse(pattern->value, TEMPLATE_PLAIN, f->arena, &t, &why) != 0) {
            return err_set(err, ERR_INPUT, "parameters: %.*s: %s", (int)pattern->name.n,
                           pattern->name.p, why.err.text);
        }
        if (turn == TURN_OTHERS && turn_of(&t) == TURN_MORE) {
            f->more_room = room_in(f, &t, most_of(&t, pattern));
        }
        if (turn_of(&t) == turn) {
            fill_parameter(f, &t, pattern, &values[i]);
        }
    }
    return 0;
}

int
platform_zalo_template(const struct wording_source *source, const struct wording *wording,
                       const struct platform_template *template, struct arena *arena,
                       struct platform_pair *values, struct err *err)
{
    struct filling f = {.source = source, .arena = arena};
    buf_init(&f.beside, TEXT_CEILING);
    wording_values(source, wording, wording_link(source->a, wording, arena), arena, f.words);
    int rc = 0;
    for (enum turn turn = TURN_OTHERS; turn <= TURN_MORE && rc == 0; turn++) {
        rc = fill_parameters(&f, template, turn, values, err);
    }
    buf_deinit(&f.beside);
    return rc;
}

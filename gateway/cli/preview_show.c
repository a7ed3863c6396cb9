/* How a preview is shown: the text as on a phone, its parts, what it costs and why, what it keeps
 * and what a cheaper one would lose. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "gateway/base/conf_form.h"
#include "gateway/cli/box.h"
#include "gateway/cli/preview.h"
#include "gateway/cli/show.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "gateway/core/advice.h"
#include "gateway/core/unicode.h"

enum { PHONE_CELLS = 42, BAR_CELLS = 24, EDGE = 14, LINE_CELLS = 76, FRAME = 4, NEAR_UNITS = 25 };

/* ---- What another way would cost. */

void
preview_measure(struct str text, const struct conf_link *link, struct arena *arena,
                struct composed *composed)
{
    if (!composed->fit || !composed->named) {
        return;
    }
    struct fit *fit = arena_alloc(arena, sizeof *fit);
    struct err err;
    *fit = *composed->fit;
    if (segment_split_as(text, conf_form(link), composed->parts, &fit->segments, &err) == 0) {
        composed->fit = fit;
        composed->parts = fit->segments.n;
    }
}

/* The same announcement with other rules; false: it cannot be said so. */
static bool
other_way(const struct preview_shown *s, enum diacritics marks, int max_parts, struct composed *out)
{
    struct conf_channel channel = *s->channel;
    struct conf_link link = {0};
    channel.diacritics = marks;
    channel.max_parts = max_parts;
    if (s->link) {
        link = *s->link;
        link.diacritics = link.max_parts = 0;
    }
    if (max_parts < 1 || compose(s->composer, &channel, s->link ? &link : NULL, out, NULL) != 0) {
        return false;
    }
    compose_judge(s->composer, out);
    struct arena *arena = s->composer->arena;
    struct str name = marks == DIACRITICS_STRIP ? wording_plain_name(arena, s->name) : s->name;
    preview_measure(wording_with_name(arena, out->text, name), s->link, arena, out);
    return true;
}

/* What an admin looks for: facts, and what to do or not to do; not the single words of a title. */
static bool
is_fact(const struct story_item *item, struct str text)
{
    static const bool telling[ROLES] = {
        [ROLE_WHEN] = true,    [ROLE_WHERE] = true,    [ROLE_DEADLINE] = true,
        [ROLE_ACTION] = true,  [ROLE_NEGATION] = true, [ROLE_CORRECTION] = true,
        [ROLE_CONTACT] = true, [ROLE_DOCUMENT] = true, [ROLE_AREA] = true,
        [ROLE_AMOUNT] = true,  [ROLE_OTHER] = true,
    };
    uint64_t year = 0; /* "năm 2026" tells nothing alone */
    if (text.n == 4 && str_to_u64(text, 2100, &year) && year >= 1900) {
        return false;
    }
    bool several = memchr(text.p, ' ', text.n) != NULL;
    for (size_t i = 0; i < text.n && !several; i++) {
        several = text.p[i] >= '0' && text.p[i] <= '9';
    }
    return telling[item->role] && several;
}

/* Alone, or within what stands there. */
static bool
stands_in(const json_t *list, struct str text)
{
    size_t i = 0;
    const json_t *item = NULL;
    json_array_foreach(list, i, item)
    {
        if (memmem(json_string_value(item), json_string_length(item), text.p, text.n)) {
            return true;
        }
    }
    return false;
}

/* Adds the facts that `with` tells (or, with NULL, all) and `without` does not, each once. */
static void
add_items(const struct preview_shown *s, const struct gist *with, const struct gist *without,
          json_t *out)
{
    const struct story *story = s->composer->story;
    for (size_t i = 0; i < story->items_n; i++) {
        const struct story_item *item = &story->item[i];
        struct str text = {story->text.p + item->from, item->to - item->from};
        bool wanted = (!with || with->has[i]) && (!without || !without->has[i]);
        text = unicode_line(s->composer->arena, text);
        if (wanted && is_fact(item, text) && !stands_in(out, text)) {
            (void)json_array_append_new(out, show_string(text));
        }
    }
}

/* What the text tells and what it leaves out; what it tells elsewhere in the same words is told. */
static void
split_items(const struct preview_shown *s, json_t *kept, json_t *lost)
{
    add_items(s, s->gist, NULL, kept);
    add_items(s, NULL, s->gist, lost);
    for (size_t i = json_array_size(lost); i-- > 0;) {
        if (stands_in(kept, str_of(json_string_value(json_array_get(lost, i))))) {
            (void)json_array_remove(lost, i);
        }
    }
}

/* ---- JSON. */

static void
add_sms(const struct preview_shown *s, json_t *o)
{
    struct advice_signs signs;
    json_t *dear = json_array();
    advice_signs(s->text, &signs);
    for (int i = 0; i < signs.n; i++) {
        (void)json_array_append_new(dear, show_string(signs.sign[i]));
    }
    (void)json_object_set_new(o, "ucs2_because", dear);
    if (s->composed.fit->doubt.code != ERR_NONE) {
        (void)json_object_set_new(o, "doubt", json_string(s->composed.fit->doubt.text));
    }
    (void)json_object_set_new(
        o, "over", json_integer(advice_over(&s->composed.fit->segments, conf_form(s->link))));
}

static void
add_facts(const struct preview_shown *s, json_t *o)
{
    json_t *kept = json_array(), *lost = json_array();
    split_items(s, kept, lost);
    (void)json_object_set_new(o, "kept", kept);
    (void)json_object_set_new(o, "lost", lost);
}

static json_t *
link_names(const struct preview_shown *s)
{
    json_t *names = json_array();
    for (size_t i = 0; i < s->by_n; i++) {
        (void)json_array_append_new(names, json_string(s->by[i]->name));
    }
    return names;
}

/* A parameter's value with the longest name in it. */
static struct str
value_of(const struct preview_shown *s, const struct platform_pair *pair)
{
    return wording_with_name(s->composer->arena, pair->value, s->name);
}

/* A template's values, and how many characters each may have. */
static void
add_parameters(const struct preview_shown *s, json_t *o)
{
    json_t *parameters = json_object(), *limits = json_object();
    for (size_t i = 0; i < s->composed.parameters_n; i++) {
        const struct platform_pair *pair = &s->composed.parameters[i];
        char name[256];
        (void)snprintf(name, sizeof name, "%.*s", (int)pair->name.n, pair->name.p);
        (void)json_object_set_new(parameters, name, show_string(value_of(s, pair)));
        (void)json_object_set_new(limits, name, json_integer((json_int_t)pair->most));
    }
    (void)json_object_set_new(o, "parameters", parameters);
    (void)json_object_set_new(o, "limits", limits);
}

json_t *
preview_json(const struct preview_shown *s)
{
    json_t *o = json_object();
    (void)json_object_set_new(o, "channel", json_string(s->channel->name));
    (void)json_object_set_new(o, "text", show_string(s->text));
    (void)json_object_set_new(o, "encoding", json_string(s->encoding));
    (void)json_object_set_new(o, "parts", json_integer(s->composed.parts));
    (void)json_object_set_new(o, "characters", json_integer((json_int_t)s->characters));
    (void)json_object_set_new(o, "link", show_string(s->composed.link));
    (void)json_object_set_new(o, "cost", json_integer(s->cost));
    (void)json_object_set_new(o, "template", show_string(s->composed.template_name));
    (void)json_object_set_new(o, "named", json_boolean(s->composed.named));
    if (s->several) {
        (void)json_object_set_new(o, "link_names", link_names(s));
    }
    add_facts(s, o);
    if (s->composed.fit) {
        add_sms(s, o);
    }
    if (s->audience->known) {
        (void)json_object_set_new(o, "members", json_integer((json_int_t)s->audience->members));
        (void)json_object_set_new(o, "cost_all",
                                  json_integer(s->cost * (json_int_t)s->audience->members));
    }
    if (s->composed.parameters) {
        add_parameters(s, o);
    }
    return o;
}

/* ---- A picture. */

static const char *
money(int64_t vnd, char room[32])
{
    show_number((uint64_t)(vnd < 0 ? 0 : vnd), room, 32);
    return room;
}

static void
print_head(const struct preview_shown *s)
{
    static const char *const names[][2] = {
        {"gsm7", "GSM-7"}, {"ucs2", "UCS-2"}, {"latin1", "Latin-1"}, {"utf8", "UTF-8"}};
    bool colours = colour_wanted(stdout);
    const char *encoding = s->encoding;
    char characters[32], cost[32];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        encoding = strcmp(s->encoding, names[i][0]) == 0 ? names[i][1] : encoding;
    }
    show_number((uint64_t)s->characters, characters, sizeof characters);
    (void)printf("%s%s%s", colour_code(colours, COLOUR_HEAD), s->channel->name,
                 colour_code(colours, COLOUR_NONE));
    for (size_t i = 0; s->several && i < s->by_n; i++) {
        (void)printf("%s%s", i == 0 ? text_of(" by ") : ", ", s->by[i]->name);
    }
    (void)printf(": ");
    (void)printf(s->composed.parts == 1 ? text_of("%d part, %s characters, %s, %s VND a member\n")
                                        : text_of("%d parts, %s characters, %s, %s VND a member\n"),
                 s->composed.parts, characters, encoding, money(s->cost, cost));
}

/* The last or the first characters of a part. */
static struct str
edge(struct str text, bool end)
{
    size_t n = utf8_count(text);
    struct str rest = text;
    for (size_t i = 0; i < (end ? (n > EDGE ? n - EDGE : 0) : EDGE) && rest.n > 0; i++) {
        (void)utf8_next(&rest);
    }
    return end ? rest : (struct str){text.p, text.n - rest.n};
}

/* Cells of a line that wants `most`: fewer on a narrow terminal. */
static size_t
line_cells(size_t most)
{
    enum { LEAST = 20 };
    size_t width = terminal_width(stdout);
    if (width == 0 || width >= most) {
        return most;
    }
    return width > LEAST ? width : LEAST;
}

/* "1 ▕████████████████████████▏ 153 of 153  …to dan pho s|o 7 va…" */
static void
print_ruler(const struct preview_shown *s)
{
    const struct segments *segments = &s->composed.fit->segments;
    int octets = segments->encoding == ENCODING_UCS2 ? 2 : 1;
    int capacity = fit_capacity(conf_form(s->link), segments->encoding, segments->n) / segments->n;
    for (int i = 0; i < segments->n; i++) {
        int units = segments->part[i].n / octets;
        (void)printf("  %d ▕", i + 1);
        for (int k = 0; k < BAR_CELLS; k++) {
            (void)fputs(k * capacity < units * BAR_CELLS ? "█" : "░", stdout);
        }
        (void)printf(text_of("▏ %d of %d"), units, capacity);
        if (i + 1 < segments->n && line_cells(LINE_CELLS) == LINE_CELLS) {
            struct str before = edge(advice_part(segments, i, s->composer->arena), true);
            struct str after = edge(advice_part(segments, i + 1, s->composer->arena), false);
            (void)printf("  …%.*s|%.*s…", (int)before.n, before.p, (int)after.n, after.p);
        }
        (void)printf("\n");
    }
}

/* "  title: 18 of 20 characters". */
static void
print_parameters(const struct preview_shown *s)
{
    for (size_t i = 0; i < s->composed.parameters_n; i++) {
        const struct platform_pair *pair = &s->composed.parameters[i];
        (void)printf("  %.*s: ", (int)pair->name.n, pair->name.p);
        (void)printf(text_of("%zu of %zu characters\n"), utf8_count(value_of(s, pair)), pair->most);
    }
}

/* "  what: a · b · c", in lines of a terminal's usual width. */
static void
print_list(const char *what, json_t *items)
{
    size_t i = 0, at = 0;
    const json_t *item = NULL;
    json_array_foreach(items, i, item)
    {
        size_t width = text_width(str_of(json_string_value(item))) + 3;
        if (i == 0) {
            at = text_width(str_of(what)) + 4;
            (void)printf("  %s: ", what);
        } else if (at + width > line_cells(LINE_CELLS)) {
            at = 4;
            (void)printf("\n    ");
        } else {
            (void)printf(" · ");
        }
        at += width;
        (void)fputs(json_string_value(item), stdout);
    }
    (void)fputs(i > 0 ? "\n" : "", stdout);
    json_decref(items);
}

static void
print_facts(const struct preview_shown *s)
{
    json_t *kept = json_array(), *lost = json_array();
    split_items(s, kept, lost);
    print_list(text_of("it tells"), kept);
    print_list(text_of("it leaves out"), lost);
}

/* Why it is UCS-2, and what it would cost without diacritics. */
static void
print_encoding(const struct preview_shown *s)
{
    struct advice_signs signs;
    struct composed plain;
    char cost[32];
    advice_signs(s->text, &signs);
    if (signs.distinct == 0) {
        return;
    }
    if (signs.distinct == 1) {
        (void)printf(text_of("  only '%.*s' makes it UCS-2 (it stands there %d times)\n"),
                     (int)signs.sign[0].n, signs.sign[0].p, signs.times[0]);
    } else {
        (void)printf(text_of("  UCS-2 because of %d different signs, '%.*s' the first of them\n"),
                     signs.distinct, (int)signs.sign[0].n, signs.sign[0].p);
    }
    if (other_way(s, DIACRITICS_STRIP, conf_rules(s->channel, s->link).max_parts, &plain)) {
        int64_t saved = s->cost - (int64_t)plain.parts * s->price;
        (void)printf(saved > 0 ? text_of("  without diacritics: GSM-7, parts: %d, %s VND less a "
                                         "member\n")
                               : text_of("  without diacritics: GSM-7, parts: %d\n"),
                     plain.parts, money(saved, cost));
    }
}

/* What a part less would save, and what it would lose. */
static void
print_fewer(const struct preview_shown *s)
{
    const struct fit *fit = s->composed.fit;
    int parts = s->composed.parts, over = advice_over(&fit->segments, conf_form(s->link));
    struct composed fewer;
    char price[32];
    (void)money(s->price, price);
    if (over > 0 && over <= NEAR_UNITS) {
        (void)printf(text_of("  %d characters less would save a part: %s VND a member\n"), over,
                     price);
    }
    if (parts > 1 && other_way(s, conf_rules(s->channel, s->link).marks, parts - 1, &fewer)) {
        json_t *lost = json_array();
        char what[120];
        (void)snprintf(what, sizeof what,
                       text_of("with a part less (%s VND a member) it would not tell"), price);
        add_items(s, &fit->gist, &fewer.fit->gist, lost);
        print_list(what, lost);
    }
}

/* The links that take another price for the same text. */
static void
print_prices(const struct preview_shown *s)
{
    for (size_t i = 1; i < s->by_n; i++) {
        int price = conf_price(s->channel, s->by[i]);
        char cost[32];
        if (price != s->price) {
            (void)printf(text_of("  by %s: %s VND a member\n"), s->by[i]->name,
                         money((int64_t)price * s->composed.parts, cost));
        }
    }
}

static void
print_audience(const struct preview_shown *s)
{
    char members[32], all[32], price[32];
    if (!s->audience->known) {
        return;
    }
    show_number(s->audience->members, members, sizeof members);
    (void)printf(text_of("  %s members × %d × %s VND = %s VND\n"), members, s->composed.parts,
                 money(s->price, price), money(s->cost * (int64_t)s->audience->members, all));
}

/* What a tag or an entity at the head of Telegram's HTML is read as; NULL: it is a sign like
 * others.
 * `*used` is its length. */
static const char *
read_markup(struct str text, size_t *used)
{
    static const char *const entities[][2] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}};
    const char *end = text.p[0] == '<' ? memchr(text.p, '>', text.n) : NULL;
    *used = end ? (size_t)(end + 1 - text.p) : 1;
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        if (str_starts(text, str_of(entities[i][0]))) {
            *used = strlen(entities[i][0]);
            return entities[i][1];
        }
    }
    return end ? "" : NULL;
}

struct str
preview_as_read(const struct preview_shown *s)
{
    struct str text = s->text;
    if (!s->link || s->link->kind != LINK_TELEGRAM) {
        return text;
    }
    struct buf out;
    buf_init(&out, text.n + 1);
    while (text.n > 0) {
        size_t used = 1;
        const char *sign = read_markup(text, &used);
        buf_add(&out, sign ? sign : text.p, sign ? strlen(sign) : used);
        text = str_from(text, used);
    }
    struct str read = {arena_strndup(s->composer->arena, out.p ? out.p : "", out.n), out.n};
    buf_deinit(&out);
    return read;
}

void
preview_print(const struct preview_shown *s, bool first)
{
    const struct composed *c = &s->composed;
    struct str sender = str_of(s->link && c->fit ? s->link->source : NULL);
    (void)fputs(first ? "" : "\n", stdout);
    print_head(s);
    box_print(stdout, sender, preview_as_read(s), line_cells(PHONE_CELLS + FRAME) - FRAME);
    if (c->fit) {
        print_ruler(s);
    }
    print_parameters(s);
    if (c->template_name.n > 0) {
        (void)printf(text_of("  template: %.*s\n"), (int)c->template_name.n, c->template_name.p);
    }
    if (c->named) {
        (void)fputs(text_of("  made for each member by name; shown with the longest\n"), stdout);
    }
    if (s->composer->a->field[FIELD_URL].n > 0 && c->link.n == 0 && c->fit) {
        (void)fputs(text_of("  without the link: a sign in it is refused by the operator\n"),
                    stdout);
    }
    print_prices(s);
    print_audience(s);
    if (c->fit && c->fit->doubt.code != ERR_NONE) {
        char why[TEXT_ERROR];
        (void)printf(text_of("  look at it again: %s\n"), text_error(c->fit->doubt.text, why));
    }
    if (c->fit) {
        print_encoding(s);
    }
    print_facts(s);
    if (c->fit) {
        print_fewer(s);
    }
}

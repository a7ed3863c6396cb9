/* Shows the items of a story. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/preview_facts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/show.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "gateway/core/proof.h"

/* Of less weight: single words, which only say how much of the text is told. */
static const double LEAST_WEIGHT = 0.25;

struct place {
    size_t line, column; /* from 1; columns are characters */
};

static struct place
place_of(const struct story *story, size_t at)
{
    struct place place = {1, 1};
    for (size_t i = 0; i < at; i++) {
        unsigned char c = (unsigned char)story->text.p[i];
        if (c == '\n') {
            place.line++;
            place.column = 1;
        } else {
            place.column += (c & 0xC0U) != 0x80U;
        }
    }
    return place;
}

static struct str
span(const struct story *story, size_t from, size_t to)
{
    return (struct str){story->text.p + from, to - from};
}

static bool
is_shown(const struct story_item *item)
{
    bool word = item->key.n > 0 && item->key.p[0] == 's';
    return item->weight >= LEAST_WEIGHT && !word;
}

static int
by_weight(const void *a, const void *b)
{
    const struct story_item *const *x = a;
    const struct story_item *const *y = b;
    if ((*x)->weight != (*y)->weight) {
        return (*x)->weight < (*y)->weight ? 1 : -1;
    }
    return (*x)->from < (*y)->from ? -1 : 1;
}

/* Those that are shown, the heaviest first; how many. */
static size_t
sort_items(const struct story *story, const struct story_item **out)
{
    size_t n = 0;
    for (size_t i = 0; i < story->items_n; i++) {
        if (is_shown(&story->item[i])) {
            out[n++] = &story->item[i];
        }
    }
    qsort(out, n, sizeof *out, by_weight);
    return n;
}

/* ---- JSON. */

static json_t *
json_span(const struct story *story, size_t from, size_t to)
{
    struct place place = place_of(story, from);
    json_t *one = json_object();
    (void)json_object_set_new(one, "text", show_string(span(story, from, to)));
    (void)json_object_set_new(one, "line", json_integer((json_int_t)place.line));
    (void)json_object_set_new(one, "column", json_integer((json_int_t)place.column));
    return one;
}

static json_t *
json_duties(const struct story *story)
{
    json_t *duties = json_array();
    for (size_t i = 0; i < story->duties_n; i++) {
        const struct story_duty *d = &story->duty[i];
        size_t from = (size_t)(d->who.p - story->text.p);
        json_t *one = json_span(story, from, from + d->who.n);
        (void)json_object_set_new(one, "who", show_string(d->who));
        (void)json_object_del(one, "text");
        (void)json_object_set_new(one, "what", show_string(d->what));
        (void)json_object_set_new(one, "deadline", show_string(d->deadline));
        (void)json_array_append_new(duties, one);
    }
    return duties;
}

static void
print_json(const struct story *story, const struct story_item **items, size_t n)
{
    const struct {
        const char *name;
        struct str text;
    } fields[] = {
        {"kind", story->kind},         {"issuer", story->issuer},     {"when", story->when},
        {"where", story->where},       {"deadline", story->deadline}, {"contact", story->contact},
        {"document", story->document}, {"area", story->area},         {"action", story->action},
    };
    json_t *all = json_object(), *facts = json_array(), *replaced = json_array();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        (void)json_object_set_new(all, fields[i].name, show_string(fields[i].text));
    }
    (void)json_object_set_new(all, "urgent", json_boolean(story->urgent));
    for (size_t i = 0; i < n; i++) {
        json_t *one = json_span(story, items[i]->from, items[i]->to);
        (void)json_object_set_new(one, "role", json_string(story_role_name(items[i]->role)));
        (void)json_object_set_new(one, "weight", json_real(items[i]->weight));
        (void)json_array_append_new(facts, one);
    }
    for (size_t i = 0; i < story->stale_n; i++) {
        const struct story_span *s = &story->stale[i];
        (void)json_array_append_new(replaced, json_span(story, s->from, s->to));
    }
    (void)json_object_set_new(all, "facts", facts);
    (void)json_object_set_new(all, "duties", json_duties(story));
    (void)json_object_set_new(all, "replaced", replaced);
    show_json(all);
}

/* ---- A table. */

static const char *
role_text(enum story_role role)
{
    static const char *const names[ROLES] = {
        [ROLE_SUBJECT] = "subject",   [ROLE_WHEN] = "when",         [ROLE_WHERE] = "where",
        [ROLE_DEADLINE] = "deadline", [ROLE_ACTION] = "what to do", [ROLE_NEGATION] = "what not",
        [ROLE_CORRECTION] = "change", [ROLE_CONTACT] = "contact",   [ROLE_DOCUMENT] = "document",
        [ROLE_AREA] = "area",         [ROLE_AMOUNT] = "amount",     [ROLE_DUTY] = "who must",
        [ROLE_OTHER] = "name",
    };
    return text_of(names[role]);
}

static void
add_row(struct table *table, const struct story *story, const char *what, size_t from, size_t to)
{
    char where[32];
    struct place place = place_of(story, from);
    (void)snprintf(where, sizeof where, "%zu:%zu", place.line, place.column);
    table_add_z(table, what);
    table_add_z(table, where);
    table_add(table, span(story, from, to), COLOUR_NONE);
}

/* Who must do what: as a sentence of three columns, the deadline where it is not said there. */
static void
print_duties(const struct story *story)
{
    const struct table_column columns[] = {{text_of("who"), false, true},
                                           {text_of("must do what"), false, true},
                                           {text_of("by when"), false, false}};
    if (story->duties_n == 0) {
        return;
    }
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < story->duties_n; i++) {
        table_add(table, story->duty[i].who, COLOUR_NONE);
        table_add(table, story->duty[i].what, COLOUR_NONE);
        table_add(table, story->duty[i].deadline, COLOUR_NONE);
    }
    table_print(table, stdout);
    table_free(&table);
}

static void
print_table(const struct story *story, const struct story_item **items, size_t n)
{
    const struct table_column columns[] = {{text_of("fact"), false, false},
                                           {text_of("line:column"), true, false},
                                           {text_of("in the text"), false, true}};
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    printf("%s: %.*s%s\n", text_of("kind"), (int)story->kind.n, story->kind.p,
           story->urgent ? text_of(" (an emergency)") : "");
    for (size_t i = 0; i < n; i++) {
        add_row(table, story, role_text(items[i]->role), items[i]->from, items[i]->to);
    }
    for (size_t i = 0; i < story->stale_n; i++) {
        add_row(table, story, text_of("replaced"), story->stale[i].from, story->stale[i].to);
    }
    table_print(table, stdout);
    table_free(&table);
    print_duties(story);
}

void
preview_facts(const struct cli_call *call, const struct story *story)
{
    const struct story_item *items[STORY_ITEMS];
    size_t n = sort_items(story, items);
    if (call->json) {
        print_json(story, items, n);
    } else {
        print_table(story, items, n);
    }
}

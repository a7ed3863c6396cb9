/* The templates of an office. */
// SPDX-License-Identifier: MIT
#include "gateway/core/template_set.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/nearest.h"
#include "gateway/core/plain.h"
#include "gateway/core/unicode.h"

enum { LANGUAGES = TEMPLATE_LANGUAGES + 1, ANY_LANGUAGE = TEMPLATE_LANGUAGES, KINDS_MAX = 32 };

static const char *const channel_names[TEMPLATE_CHANNELS] = {"sms", "zalo", "telegram"};
static const char *const language_names[TEMPLATE_LANGUAGES] = {"vi", "en"};

struct template_file {
    struct arena *arena; /* owns all below */
    const char *name;
    struct str kind[KINDS_MAX]; /* folded */
    size_t kinds_n;
    const struct template *text[TEMPLATE_CHANNELS][LANGUAGES];
};

struct template_set {
    struct arena *arena; /* owns the phrases */
    struct phrases phrases;
    struct template_file *file[TEMPLATE_FILES]; /* by name */
    size_t n;
};

/* A file being read. */
struct reader {
    const struct template_source *source;
    struct template_file *file;
    template_say *say;
    void *arg;
    int line, wrong;
    /* The section that is open: its place in the file's table, where its text began. */
    bool open,
        passed_over; /* passed over: its line is wrong, what stands below it is not looked at */
    int channel, language, begins;
    const char *from;
};

struct template_set *
template_set_new(void)
{
    struct template_set *set = xcalloc(1, sizeof *set);
    set->arena = arena_new();
    set->phrases = *phrases_built_in(set->arena);
    return set;
}

static void
file_free(struct template_file *file)
{
    if (file) {
        arena_free(&file->arena);
        free(file);
    }
}

void
template_set_free(struct template_set **set)
{
    for (size_t i = 0; *set && i < (*set)->n; i++) {
        file_free((*set)->file[i]);
    }
    if (*set) {
        arena_free(&(*set)->arena);
    }
    free(*set);
    *set = NULL;
}

const struct phrases *
template_set_phrases(const struct template_set *set)
{
    return &set->phrases;
}

static int
read_table(struct arena *arena, struct str name, struct str tsv, struct phrases *out,
           struct err *err)
{
    if (str_equal_z(name, "furniture")) {
        return furniture_table_read(tsv, arena, &out->furniture, err);
    }
    return str_equal_z(name, "courtesy") ? courtesy_table_read(tsv, arena, &out->courtesy, err)
                                         : dictionary_read(tsv, arena, &out->abbreviations, err);
}

int
template_set_add_table(struct template_set *set, const struct template_source *source,
                       template_say *say, void *arg)
{
    struct phrases read = set->phrases;
    struct err err = {.text = ""};
    char *copy = arena_strndup(set->arena, source->content.p, source->content.n);
    struct str tsv = {copy, source->content.n};
    int rc = read_table(set->arena, source->name, tsv, &read, &err);
    if (rc != 0) {
        (void)err_prefix(&err, "%s:", source->path);
        say(arg, err.text);
        return -1;
    }
    set->phrases = read;
    return 0;
}

/* ---- Reading a file. */

__attribute__((format(printf, 3, 4))) static void
mistake(struct reader *r, int line, const char *format, ...)
{
    struct buf text;
    va_list args;
    char what[400];
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    buf_init(&text, 4096);
    buf_add_format(&text, "%s:%d: %s", r->source->path, line, what);
    r->say(r->arg, text.p);
    buf_deinit(&text);
    r->wrong++;
}

static int
place_of(struct str word, const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        if (str_equal_z(word, names[i])) {
            return i;
        }
    }
    return -1;
}

/* The open section's text ends before `end`. */
static void
close_section(struct reader *r, const char *end)
{
    if (!r->open) {
        return;
    }
    r->open = false;
    struct str text = {r->from, (size_t)(end - r->from)};
    int begins = r->begins;
    while (text.n > 0 && strchr(" \r\n", text.p[0])) {
        begins += text.p[0] == '\n';
        text = str_from(text, 1);
    }
    text = str_trim(text);
    struct template *t = arena_alloc(r->file->arena, sizeof *t);
    struct template_mistake why = {0};
    enum template_form form = r->channel == TEMPLATE_TELEGRAM ? TEMPLATE_HTML : TEMPLATE_PLAIN;
    if (text.n == 0) {
        mistake(r, r->begins - 1, "[%s]: there is no text below it", channel_names[r->channel]);
    } else if (template_parse(text, form, r->file->arena, t, &why) != 0) {
        mistake(r, begins + why.line - 1, "%s", why.err.text);
    } else if (template_uses(t, WORD_MORE)) {
        mistake(r, begins, "{more} is for the parameters of a Zalo template");
    }
    r->file->text[r->channel][r->language] = t;
}

static int
wrong_word(struct reader *r, struct str word, const char *what, const char *const *names, int n)
{
    const char *near = nearest_find(word, names, (size_t)n);
    mistake(r, r->line, "there is no %s '%.*s'; %s%s%s would be right", what,
            word.n > 40 ? 40 : (int)word.n, word.p, near ? near : names[0], near ? "" : " or ",
            near ? "" : names[1]);
    return -1;
}

/* "[sms vi]": the text of a channel follows. */
static void
open_section(struct reader *r, struct str inside, const char *after)
{
    struct str rest = str_trim(inside);
    r->passed_over = true;
    struct str channel = str_cut(&rest, ' ');
    struct str language = rest.p ? str_trim(rest) : (struct str){NULL, 0};
    r->channel = place_of(channel, channel_names, TEMPLATE_CHANNELS);
    r->language = language.n == 0 ? (int)ANY_LANGUAGE
                                  : place_of(language, language_names, TEMPLATE_LANGUAGES);
    if (r->channel < 0) {
        (void)wrong_word(r, channel, "channel", channel_names, TEMPLATE_CHANNELS);
    } else if (r->language < 0) {
        (void)wrong_word(r, language, "language", language_names, TEMPLATE_LANGUAGES);
    } else if (r->file->text[r->channel][r->language]) {
        mistake(r, r->line, "[%.*s] stands twice", (int)inside.n, inside.p);
    } else {
        r->passed_over = false;
        r->open = true;
        r->from = after;
        r->begins = r->line + 1;
    }
}

static void
read_kinds(struct reader *r, struct str list)
{
    while (list.p && list.n > 0) {
        struct str kind = unicode_fold(r->file->arena, str_trim(str_cut(&list, ',')));
        if (kind.n > 0 && r->file->kinds_n < KINDS_MAX) {
            r->file->kind[r->file->kinds_n++] = kind;
        } else if (kind.n > 0) {
            mistake(r, r->line, "kinds: more than %d", KINDS_MAX);
            return;
        }
    }
}

/* A line outside of every section. */
static void
read_head(struct reader *r, struct str line)
{
    static const char *const keys[] = {"kinds", "[sms vi]"};
    struct str rest = line;
    struct str key = str_trim(str_cut(&rest, ':'));
    if (line.n == 0) {
        return;
    }
    if (str_equal_z(key, keys[0])) {
        read_kinds(r, rest);
        return;
    }
    mistake(r, r->line, "'%.*s': %s, or a line such as %s, would be right",
            line.n > 40 ? 40 : (int)line.n, line.p, "kinds: a, b", keys[1]);
}

/* A comment inside a text is blanked, so that lines keep their numbers. */
static void
read_line(struct reader *r, char *p, size_t n, const char *after)
{
    struct str line = str_trim((struct str){p, n});
    if (line.n > 0 && line.p[0] == '#') {
        memset(p, ' ', n);
    } else if (line.n > 1 && line.p[0] == '[' && line.p[line.n - 1] == ']') {
        close_section(r, p);
        open_section(r, (struct str){line.p + 1, line.n - 2}, after);
    } else if (!r->open && !r->passed_over) {
        read_head(r, line);
    }
}

static void
read_file(struct reader *r)
{
    size_t n = r->source->content.n, offset = 0;
    if (n > TEMPLATE_FILE_MAX || !utf8_valid(r->source->content, &offset)) {
        mistake(r, 1, n > TEMPLATE_FILE_MAX ? "is larger than 64 KiB" : "is no UTF-8 text");
        return;
    }
    struct str nfc = unicode_nfc(r->file->arena, r->source->content);
    char *p = arena_strndup(r->file->arena, nfc.p, nfc.n), *end = p + nfc.n;
    while (p < end) {
        char *newline = memchr(p, '\n', (size_t)(end - p));
        char *after = newline ? newline + 1 : end;
        r->line++;
        read_line(r, p, (size_t)((newline ? newline : end) - p), after);
        p = after;
    }
    close_section(r, end);
}

/* ---- The set. */

static size_t
find(const struct template_set *set, struct str name)
{
    size_t i = 0;
    while (i < set->n && !str_equal_z(name, set->file[i]->name)) {
        i++;
    }
    return i;
}

static void
keep(struct template_set *set, struct template_file *file)
{
    size_t at = find(set, str_of(file->name));
    if (at < set->n) {
        file_free(set->file[at]);
        set->file[at] = file;
        return;
    }
    while (at > 0 && strcmp(set->file[at - 1]->name, file->name) > 0) {
        set->file[at] = set->file[at - 1];
        at--;
    }
    set->file[at] = file;
    set->n++;
}

int
template_set_add(struct template_set *set, const struct template_source *source, template_say *say,
                 void *arg)
{
    struct template_file *file = xcalloc(1, sizeof *file);
    struct reader r = {.source = source, .file = file, .say = say, .arg = arg};
    file->arena = arena_new();
    file->name = arena_strndup(file->arena, source->name.p, source->name.n);
    read_file(&r);
    if (r.wrong == 0 && set->n == TEMPLATE_FILES && find(set, source->name) == set->n) {
        mistake(&r, 1, "more than %d templates", TEMPLATE_FILES);
    }
    if (r.wrong > 0) {
        file_free(file);
        return -1;
    }
    keep(set, file);
    return 0;
}

static const struct template_file *
for_kind(const struct template_set *set, struct str kind)
{
    struct arena *arena = arena_new();
    struct str folded = unicode_fold(arena, kind);
    const struct template_file *found = NULL;
    for (size_t i = 0; i < set->n && !found; i++) {
        const struct template_file *file = set->file[i];
        for (size_t k = 0; k < file->kinds_n && !found; k++) {
            found = str_equal(file->kind[k], folded) ? file : NULL;
        }
    }
    arena_free(&arena);
    return found;
}

static const struct template *
text_of(const struct template_file *file, const struct template_choice *choice)
{
    if (!file) {
        return NULL;
    }
    const struct template *const *texts = file->text[choice->channel];
    return texts[choice->language] ? texts[choice->language] : texts[ANY_LANGUAGE];
}

static int
no_such_name(const struct template_set *set, struct str named, struct err *err)
{
    const char *names[TEMPLATE_FILES];
    size_t n = template_set_names(set, names);
    const char *near = nearest_find(named, names, n);
    return err_set(err, ERR_INPUT, "template: there is none named '%.*s'%s%s%s",
                   named.n > 40 ? 40 : (int)named.n, named.p, near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
}

const struct template *
template_set_choose(const struct template_set *set, const struct template_choice *choice,
                    struct str *name, struct err *err)
{
    size_t at = find(set, choice->named.n > 0 ? choice->named : STR("default"));
    const struct template_file *file = at < set->n ? set->file[at] : NULL;
    if (choice->named.n > 0 && !file) {
        (void)no_such_name(set, choice->named, err);
        return NULL;
    }
    const struct template_file *own = choice->named.n > 0 ? file : for_kind(set, choice->kind);
    if (!text_of(own, choice)) {
        at = find(set, STR("default"));
        own = at < set->n ? set->file[at] : NULL;
    }
    const struct template *found = text_of(own, choice);
    if (!found) {
        (void)err_set(err, ERR_CONFIG, "templates: 'default' has no text for [%s %s]",
                      channel_names[choice->channel], language_names[choice->language]);
        return NULL;
    }
    if (name) {
        *name = str_of(own->name);
    }
    return found;
}

size_t
template_set_names(const struct template_set *set, const char *names[TEMPLATE_FILES])
{
    for (size_t i = 0; i < set->n; i++) {
        names[i] = set->file[i]->name;
    }
    return set->n;
}

/* ---- The language of an announcement. */

enum template_language
template_language_of(struct arena *arena, struct str text)
{
    static const char *const english[] = {"and",  "of",     "for", "is",   "are", "will", "from",
                                          "with", "please", "all", "your", "by",  "until"};
    struct plain plain;
    int words = 0;
    plain_of(arena, text, &plain);
    if (plain.marked) {
        return TEMPLATE_VI;
    }
    for (size_t i = 0; i < plain.n; i++) {
        for (size_t k = 0; k < sizeof english / sizeof *english; k++) {
            words += plain_word(&plain, i, english[k]) > 0;
        }
    }
    return words >= 2 ? TEMPLATE_EN : TEMPLATE_VI;
}

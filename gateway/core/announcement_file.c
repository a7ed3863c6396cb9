/* Reads an announcement out of a file: JSON, HTML or text. */
// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "gateway/core/announcement.h"
#include "gateway/core/furniture.h"
#include "gateway/core/html.h"
#include "gateway/core/legacy.h"
#include "gateway/core/nearest.h"
#include "gateway/core/text_file.h"
#include "gateway/core/unicode.h"

enum { FILE_MAX = 16 * 1024 * 1024, TEXT_MAX = 2 * 1024 * 1024 };
enum format { FORMAT_JSON, FORMAT_HTML, FORMAT_TEXT };

static bool
ends_with(const char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);
    return n >= m && strcasecmp(name + n - m, ending) == 0;
}

static bool
begins_with(struct str text, const char *word)
{
    size_t n = strlen(word);
    return text.n >= n && strncasecmp(text.p, word, n) == 0;
}

static enum format
format_of(const char *name, struct str content)
{
    struct str text = str_trim(content);
    bool sniffed = strcmp(name, "-") == 0;
    if (ends_with(name, ".json") || (sniffed && begins_with(text, "{"))) {
        return FORMAT_JSON;
    }
    bool page = begins_with(text, "<!doctype html") || begins_with(text, "<html");
    if (ends_with(name, ".html") || ends_with(name, ".htm") || page ||
        (sniffed && begins_with(text, "<") && html_looks(text))) {
        return FORMAT_HTML;
    }
    return FORMAT_TEXT;
}

static int
field_of(const char *key)
{
    for (int f = 0; f < FIELD_N; f++) {
        if (strcmp(key, announcement_field_names[f]) == 0) {
            return f;
        }
    }
    return -1;
}

static int
take_field(struct announcement *a, struct arena *arena, const char *key, const json_t *value,
           struct err *err)
{
    int f = field_of(key);
    if (f < 0) {
        const char *near = nearest_find(str_of(key), announcement_field_names, FIELD_N);
        return err_set(err, ERR_INPUT, "%.40s: no field of an announcement%s%s%s", key,
                       near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    }
    if (!json_is_string(value)) {
        return err_set(err, ERR_INPUT, "%s: must be a string", key);
    }
    size_t n = json_string_length(value);
    a->field[f] = (struct str){arena_strndup(arena, json_string_value(value), n), n};
    return 0;
}

static int
take_object(struct announcement *a, struct arena *arena, json_t *root, struct err *err)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(root, key, value)
    {
        if (take_field(a, arena, key, value, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int
read_json(struct announcement *a, struct arena *arena, struct str content, struct err *err)
{
    json_error_t where;
    json_t *root =
        json_loadb(content.n > 0 ? content.p : "", content.n, JSON_REJECT_DUPLICATES, &where);
    if (!root) {
        return err_set(err, ERR_INPUT, "line %d: not JSON: %s", where.line, where.text);
    }
    int answer = 0;
    if (!json_is_object(root)) {
        answer = err_set(err, ERR_INPUT, "not a JSON object with the fields of an announcement");
    } else {
        answer = take_object(a, arena, root, err);
    }
    json_decref(root);
    return answer;
}

/* "kh so 20", "Document1": what a word processor called the file is no title where the text names
 * its kind and subject. */
static bool
is_file_name(struct arena *arena, struct str title, struct str text)
{
    enum { WORDS = 4, LINES = 8 };
    size_t words = 1;
    for (size_t i = 0; i < title.n; i++) {
        words += title.p[i] == ' ';
    }
    bool kind = false;
    for (int i = 0; i < LINES && text.p && text.n > 0 && words < WORDS; i++) {
        struct str line = str_cut(&text, '\n');
        kind = kind || furniture_is_kind(arena, line);
    }
    return kind;
}

/* A fragment without a title of its own is titled like a text. */
static int
read_html(struct announcement *a, struct arena *arena, struct str content, struct err *err)
{
    struct html_page page;
    if (html_read(content, arena, &page, err) != 0) {
        return -1;
    }
    if (page.title.n == 0 || is_file_name(arena, page.title, page.text)) {
        struct text_file text;
        text_file_read(page.text, arena, &text);
        page.title = text.title;
        page.text = text.link.n > 0 && page.link.n == 0 ? page.text : text.body;
    }
    a->field[FIELD_TITLE] = page.title;
    a->field[FIELD_URL] = page.link;
    a->field[FIELD_BODY] = page.text;
    return 0;
}

static int
read_text(struct announcement *a, struct arena *arena, struct str content, struct err *err)
{
    struct text_file text;
    size_t offset = 0;
    if (!utf8_valid(content, &offset)) {
        return err_set(err, ERR_INPUT, "no UTF-8 at byte %zu", offset);
    }
    if (content.n > TEXT_MAX) {
        return err_set(err, ERR_INPUT, "%zu bytes of text, at most %d are taken", content.n,
                       (int)TEXT_MAX);
    }
    text_file_read(content, arena, &text);
    a->field[FIELD_TITLE] = text.title;
    a->field[FIELD_URL] = text.link;
    a->field[FIELD_BODY] = text.body;
    a->title_from_body = true;
    return 0;
}

int
announcement_read(struct announcement *a, struct arena *arena, const char *name, struct str content,
                  struct err *err)
{
    *a = (struct announcement){.priority = PRIORITY_NORMAL};
    if (content.n > FILE_MAX) {
        return err_set(err, ERR_INPUT, "%zu bytes, at most %d are read", content.n, (int)FILE_MAX);
    }
    if (str_starts(content, STR("\xef\xbb\xbf"))) {
        content = str_from(content, 3);
    }
    if (format_of(name, content) != FORMAT_JSON) {
        content = legacy_convert(arena, content);
    }
    int answer = -1;
    switch (format_of(name, content)) {
    case FORMAT_JSON:
        answer = read_json(a, arena, content, err);
        break;
    case FORMAT_HTML:
        answer = read_html(a, arena, content, err);
        break;
    case FORMAT_TEXT:
        answer = read_text(a, arena, content, err);
        break;
    }
    return answer;
}

void
announcement_retitle(struct announcement *a, struct arena *arena, struct str title)
{
    struct str line = a->field[FIELD_TITLE], body = a->field[FIELD_BODY];
    if (a->title_from_body && line.n > 0) {
        char *joined = arena_alloc(arena, line.n + 1 + body.n + 1);
        memcpy(joined, line.p, line.n);
        joined[line.n] = '\n';
        if (body.n > 0) {
            memcpy(joined + line.n + 1, body.p, body.n);
        }
        a->field[FIELD_BODY] = (struct str){joined, line.n + 1 + body.n};
    }
    a->field[FIELD_TITLE] = title;
    a->title_from_body = false;
}

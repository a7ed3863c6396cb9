/* Reading HTML without a parser: for judging it, and for pages that no parser should see. */
// SPDX-License-Identifier: MIT
#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>

#include "gateway/core/html.h"
#include "gateway/core/html_parts.h"
#include "gateway/core/unicode.h"

enum { TAGS_MAX = 50000, ATTRIBUTES_MAX = 400, ALL_ATTRIBUTES_MAX = 200000, ENTITY_MAX = 32 };

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_alnum(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9');
}

static bool
is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
begins_tag(struct str s)
{
    return s.n > 1 && s.p[0] == '<' &&
           (is_letter(s.p[1]) || (s.p[1] == '/' && s.n > 2 && is_letter(s.p[2])));
}

/* Bytes of the tag at the head of `s`, quotes respected; `*attributes` at least as many as it has.
 */
static size_t
tag_length(struct str s, size_t *attributes)
{
    char quote = '\0';
    size_t n = 1;
    *attributes = 0;
    for (; n < s.n; n++) {
        char c = s.p[n];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '>') {
            return n + 1;
        } else if (c == '"' || c == '\'') {
            quote = c;
            (*attributes)++;
        } else if ((is_blank(c) && !is_blank(s.p[n - 1])) || c == '/') {
            (*attributes)++;
        }
    }
    return n;
}

bool
html_is_hostile(struct str html)
{
    size_t tags = 0, all = 0;
    for (size_t i = 0; i < html.n;) {
        struct str rest = {html.p + i, html.n - i};
        size_t attributes = 0;
        const char *next = memchr(rest.p, '<', rest.n);
        if (!next) {
            return false;
        }
        i = (size_t)(next - html.p);
        rest = (struct str){next, html.n - i};
        if (!begins_tag(rest)) {
            i++;
            tags += rest.n > 1 && rest.p[1] == '!';
            continue;
        }
        i += tag_length(rest, &attributes);
        tags++;
        all += attributes;
        if (tags > TAGS_MAX || attributes > ATTRIBUTES_MAX || all > ALL_ATTRIBUTES_MAX) {
            return true;
        }
    }
    return false;
}

/* The character that an entity at the head of `s` stands for, 0 if it is none; `*used` its bytes.
 */
static int32_t
entity_char(struct str s, size_t *used)
{
    char name[ENTITY_MAX + 1];
    size_t n = 1, from = s.n > 1 && s.p[1] == '#' ? 2 : 1;
    bool hex = from == 2 && s.n > 2 && (s.p[2] == 'x' || s.p[2] == 'X');
    from += hex;
    for (n = from; n < s.n && n - from < ENTITY_MAX && is_alnum(s.p[n]); n++) {
        name[n - from] = s.p[n];
    }
    name[n - from] = '\0';
    if (n == from) {
        return 0;
    }
    *used = n < s.n && s.p[n] == ';' ? n + 1 : n;
    if (from == 1) {
        const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);
        bool ended = *used > n;
        return entity && ended ? (int32_t)entity->value : 0;
    }
    int32_t c = 0;
    for (size_t i = 0; name[i]; i++) {
        int digit = is_letter(name[i]) ? (name[i] | 0x20) - 'a' + 10 : name[i] - '0';
        if (digit >= (hex ? 16 : 10)) {
            return 0;
        }
        c = c > 0x110000 ? c : c * (hex ? 16 : 10) + digit;
    }
    bool real = c > 0 && c <= 0x10FFFF && !(c >= 0xD800 && c < 0xE000);
    return real ? c : 0xFFFD;
}

static size_t
add_entity(struct str s, struct buf *out)
{
    size_t used = 1;
    int32_t c = entity_char(s, &used);
    if (c == 0) {
        buf_add_char(out, '&');
        return 1;
    }
    utf8_add(out, c);
    return used;
}

static struct str
keep(struct arena *arena, struct buf *b)
{
    struct str s = {arena_strndup(arena, b->p ? b->p : "", b->n), b->n};
    buf_deinit(b);
    return s;
}

struct str
html_unescape(struct arena *arena, struct str text)
{
    struct buf out;
    if (text.n == 0 || !memchr(text.p, '&', text.n)) {
        return text;
    }
    buf_init(&out, text.n * 3 + 4);
    for (size_t i = 0; i < text.n;) {
        if (text.p[i] == '&') {
            i += add_entity(str_from(text, i), &out);
        } else {
            buf_add_char(&out, text.p[i++]);
        }
    }
    return keep(arena, &out);
}

static bool
is_one_of(struct str name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strlen(names[i]) == name.n && strncasecmp(names[i], name.p, name.n) == 0) {
            return true;
        }
    }
    return false;
}
#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof *(names))

static const char *const within_a_sentence[] = {
    "a",     "abbr", "b",      "big", "em",  "font", "i",   "img", "mark", "s",
    "small", "span", "strong", "sub", "sup", "u",    "wbr", "ins", "del",  "o:p"};
static const char *const raw[] = {"script", "style", "noscript", "template", "svg", "iframe"};

/* The name in the tag at the head of `s`. */
static struct str
tag_name(struct str s)
{
    size_t from = s.p[1] == '/' ? 2 : 1, n = from;
    while (n < s.n && (is_alnum(s.p[n]) || s.p[n] == ':' || s.p[n] == '-')) {
        n++;
    }
    return (struct str){s.p + from, n - from};
}

/* Bytes up to behind `</name`, of a script and the like whose tag stood before; all if it is never
 * closed. */
static size_t
raw_length(struct str s, struct str name)
{
    for (size_t i = 0; i + name.n + 2 <= s.n; i++) {
        const char *next = memchr(s.p + i, '<', s.n - i);
        if (!next) {
            return s.n;
        }
        i = (size_t)(next - s.p);
        if (i + name.n + 2 <= s.n && s.p[i + 1] == '/' &&
            strncasecmp(s.p + i + 2, name.p, name.n) == 0) {
            return i;
        }
    }
    return s.n;
}

/* At a `<`: passes over a tag, a comment or a declaration. */
static size_t
skip_markup(struct str s, struct buf *out)
{
    size_t attributes = 0;
    if (str_starts(s, STR("<!--"))) {
        const char *end = memmem(s.p + 4, s.n - 4, "-->", 3);
        return end ? (size_t)(end - s.p) + 3 : s.n;
    }
    if (s.n > 1 && (s.p[1] == '!' || s.p[1] == '?')) {
        const char *end = memchr(s.p, '>', s.n);
        return end ? (size_t)(end - s.p) + 1 : s.n;
    }
    if (!begins_tag(s)) {
        buf_add_char(out, '<');
        return 1;
    }
    size_t n = tag_length(s, &attributes);
    struct str name = tag_name(s);
    if (!IS_ONE_OF(name, within_a_sentence)) {
        buf_add_char(out, '\n');
    }
    if (s.p[1] != '/' && IS_ONE_OF(name, raw)) {
        n += raw_length(str_from(s, n), name);
    }
    return n;
}

struct str
html_flatten(struct arena *arena, struct str html)
{
    struct buf out;
    buf_init(&out, html.n * 3 + 4);
    for (size_t i = 0; i < html.n;) {
        struct str rest = {html.p + i, html.n - i};
        if (rest.p[0] == '<') {
            i += skip_markup(rest, &out);
        } else if (rest.p[0] == '&') {
            i += add_entity(rest, &out);
        } else {
            buf_add_char(&out, is_blank(rest.p[0]) ? ' ' : rest.p[0]);
            i++;
        }
    }
    return keep(arena, &out);
}

/* At a `<`: a tag that people use in a text, with its end or an attribute behind its name. */
static bool
begins_known_tag(struct str s)
{
    static const char *const known[] = {
        "p",   "br",     "div", "span", "table", "tr",   "td",   "ul",      "ol",
        "li",  "strong", "b",   "em",   "i",     "u",    "h1",   "h2",      "h3",
        "h4",  "h5",     "h6",  "html", "body",  "head", "a",    "hr",      "title",
        "img", "meta",   "th",  "dl",   "dt",    "font", "main", "article", "section",
    };
    if (!begins_tag(s)) {
        return false;
    }
    struct str name = tag_name(s);
    const char *behind = name.p + name.n;
    bool ended = behind < s.p + s.n && (*behind == '>' || *behind == '/' || is_blank(*behind));
    return ended && IS_ONE_OF(name, known);
}

bool
html_looks(struct str text)
{
    const char *at = text.n > 0 ? memchr(text.p, '<', text.n) : NULL;
    while (at) {
        struct str rest = {at, text.n - (size_t)(at - text.p)};
        if (begins_known_tag(rest)) {
            return true;
        }
        at = memchr(at + 1, '<', rest.n - 1);
    }
    return false;
}

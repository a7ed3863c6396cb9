/* Walks a parsed page and collects its lines. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/tree.h>

#include "gateway/core/html.h"
#include "gateway/core/html_parts.h"

enum { LINE_MAX_BYTES = HTML_TEXT_MAX * 2, ROW_MAX_BYTES = 1200 };

/* SOFT: furniture unless half of the page stands in it (some portals wrap all in one form). */
enum element { INLINE, BLOCK, BREAK, SKIP, SOFT, LINK, ROW, ITEM };

/* Sorted by nothing: some fifty short names, looked up once an element.  The text of a page that
 * leaves <body> out stands in what libxml2 takes for its head. */
static const struct {
    const char *name;
    enum element what;
} elements[] = {
    {"p", BLOCK},          {"div", BLOCK},     {"h1", BLOCK},     {"h2", BLOCK},
    {"h3", BLOCK},         {"h4", BLOCK},      {"h5", BLOCK},     {"h6", BLOCK},
    {"ul", BLOCK},         {"ol", BLOCK},      {"dl", BLOCK},     {"dt", BLOCK},
    {"dd", BLOCK},         {"table", BLOCK},   {"tbody", BLOCK},  {"thead", BLOCK},
    {"tfoot", BLOCK},      {"td", BLOCK},      {"th", BLOCK},     {"caption", BLOCK},
    {"section", BLOCK},    {"article", BLOCK}, {"main", BLOCK},   {"header", BLOCK},
    {"blockquote", BLOCK}, {"pre", BLOCK},     {"center", BLOCK}, {"fieldset", BLOCK},
    {"address", BLOCK},    {"figure", BLOCK},  {"body", BLOCK},   {"html", BLOCK},
    {"details", BLOCK},    {"summary", BLOCK}, {"legend", BLOCK}, {"hgroup", BLOCK},
    {"br", BREAK},         {"hr", BREAK},      {"tr", ROW},       {"li", ITEM},
    {"a", LINK},           {"script", SKIP},   {"style", SKIP},   {"noscript", SKIP},
    {"template", SKIP},    {"nav", SKIP},      {"footer", SKIP},  {"aside", SOFT},
    {"form", SOFT},        {"select", SKIP},   {"button", SKIP},  {"textarea", SKIP},
    {"input", SKIP},       {"svg", SKIP},      {"iframe", SKIP},  {"object", SKIP},
    {"video", SKIP},       {"audio", SKIP},    {"canvas", SKIP},  {"head", BLOCK},
    {"figcaption", SKIP},  {"menu", SKIP},     {"label", INLINE}, {"option", SKIP},
    {"title", SKIP},       {"embed", SKIP},    {"applet", SKIP},  {"map", SKIP},
    {"marquee", SKIP},
};

/* Words of a class or an id that say "furniture"; whole words between signs. */
static const char *const skipped_words[] = {
    "nav",     "navbar",    "menu",     "path",     "breadcrumb", "breadcrumbs", "crumb",
    "tags",    "vote",      "rating",   "rate",     "author",     "others",      "share",
    "social",  "related",   "comment",  "comments", "toolbar",    "tools",       "footer",
    "sidebar", "poll",      "survey",   "search",   "login",      "adv",         "ads",
    "qc",      "popup",     "modal",    "hide",     "hidden",     "pagination",  "pager",
    "banner",  "copyright", "lienquan", "tinkhac",  "binhluan",   "chiase",      "bottom",
    "cookie",  "keyword",   "keywords", "tukhoa",   "nguon",      "source",      "listen",
    "tts",     "audio",     "fontsize", "zoom",     "thongke",    "counter",     "widget",
    "skip",    "sitemap",   "marquee",  "weather",  "meta",
};

/* Said anywhere in a class or an id. */
static const char *const skipped_parts[] = {
    "related", "lienquan", "lien-quan", "tinkhac", "tin-khac", "breadcrumb", "comment",
    "social",  "sidebar",  "share-",    "sharing", "binhluan", "binh-luan",
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static enum element
element_of(const xmlNode *node)
{
    for (size_t i = 0; i < COUNT(elements); i++) {
        if (strcasecmp((const char *)node->name, elements[i].name) == 0) {
            return elements[i].what;
        }
    }
    return INLINE;
}

bool
html_is(const struct _xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcasecmp((const char *)node->name, name) == 0;
}

bool
html_is_heading(const struct _xmlNode *element)
{
    const char *name = (const char *)element->name;
    return (name[0] == 'h' || name[0] == 'H') && name[1] >= '1' && name[1] <= '6' &&
           name[2] == '\0';
}

struct str
html_attribute(const xmlNode *node, const char *name)
{
    for (const xmlAttr *a = node->properties; a; a = a->next) {
        if (strcasecmp((const char *)a->name, name) == 0) {
            return str_of(a->children ? (const char *)a->children->content : NULL);
        }
    }
    return (struct str){NULL, 0};
}

static bool
is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool
is_skipped_word(struct str word)
{
    for (size_t i = 0; i < COUNT(skipped_words); i++) {
        if (strlen(skipped_words[i]) == word.n &&
            strncasecmp(word.p, skipped_words[i], word.n) == 0) {
            return true;
        }
    }
    return false;
}

/* "no-sidebar", "has-comments": says something of the whole page. */
static bool
is_of_the_page(struct str value, size_t at)
{
    static const char *const before[] = {"no", "has", "with", "without", "not"};
    size_t n = 0;
    while (at > n + 1 && is_word_char(value.p[at - 2 - n])) {
        n++;
    }
    struct str word = {value.p + (at > n ? at - 1 - n : 0), n};
    for (size_t i = 0; i < COUNT(before) && at > 1 && value.p[at - 1] == '-'; i++) {
        if (strlen(before[i]) == n && strncasecmp(word.p, before[i], n) == 0) {
            return true;
        }
    }
    return false;
}

static bool
has_skipped_word(struct str value)
{
    for (size_t i = 0; i < value.n;) {
        size_t n = 0;
        while (i + n < value.n && is_word_char(value.p[i + n])) {
            n++;
        }
        if (n > 0 && is_skipped_word((struct str){value.p + i, n}) && !is_of_the_page(value, i)) {
            return true;
        }
        i += n > 0 ? n : 1;
    }
    return false;
}

static bool
has_skipped_part(struct str value)
{
    for (size_t i = 0; i < COUNT(skipped_parts) && value.n > 0; i++) {
        const char *at = strcasestr(value.p, skipped_parts[i]);
        if (at && !is_of_the_page(value, (size_t)(at - value.p))) {
            return true;
        }
    }
    return has_skipped_word(value);
}

/* Whether this element is furniture by its name, class or id. */
static bool
skips(const struct _xmlNode *element)
{
    enum element what = element_of(element);
    if (what == SKIP || what == SOFT) {
        return true;
    }
    struct str style = html_attribute(element, "style");
    if (style.n > 0 &&
        (strcasestr(style.p, "display:none") || strcasestr(style.p, "display: none"))) {
        return true;
    }
    return has_skipped_part(html_attribute(element, "class")) ||
           has_skipped_part(html_attribute(element, "id"));
}

bool
html_is_silent(const struct _xmlNode *element)
{
    return element_of(element) == SKIP;
}

struct walk {
    struct arena *arena;
    size_t text_bytes; /* of all lines so far */
    struct html_lines *out;
    struct buf line;
    struct html_line now;
    bool in_link, in_row, right, bullet, heading, bar;
    bool termed;      /* the line holds a term, and what is said of it follows */
    size_t all_bytes; /* of the page's words: what holds half of them is no furniture */
};

static void
end_line(struct walk *w)
{
    struct str text = str_trim(buf_str(&w->line));
    if (text.n > 0 && !w->in_row && w->text_bytes < HTML_TEXT_MAX) {
        struct html_lines *out = w->out;
        if (out->n == out->room) {
            out->room = out->room ? out->room * 2 : 64;
            out->line = xrealloc(out->line, out->room * sizeof *out->line);
        }
        w->text_bytes += text.n + 1;
        w->now.text = (struct str){arena_strndup(w->arena, text.p, text.n), text.n};
        out->line[out->n++] = w->now;
    }
    if (w->in_row) {
        buf_add_char(&w->line, ' ');
        return;
    }
    buf_clear(&w->line);
    w->now = (struct html_line){.right = w->right, .heading = w->heading, .bar = w->bar};
}

static void
add_text(struct walk *w, const xmlChar *content)
{
    for (const xmlChar *c = content; c && *c && w->line.n < HTML_TEXT_MAX; c++) {
        if (*c > ' ' && w->bullet) {
            buf_add_z(&w->line, w->in_row ? "" : "- ");
            w->bullet = false;
        }
        if (*c <= ' ') {
            bool wanted = w->line.n > 0 && w->line.p[w->line.n - 1] != ' ';
            buf_add_z(&w->line, wanted ? " " : "");
            continue;
        }
        buf_add_char(&w->line, (char)*c);
        w->now.words_bytes++;
        w->now.link_bytes += w->in_link;
    }
}

static void walk_children(struct walk *w, const xmlNode *node);
static void walk_element(struct walk *w, const xmlNode *node);

/* An address or a number that is shown is worth reading, though it is a link. */
static bool
is_telling_link(const xmlNode *node)
{
    struct str href = html_attribute(node, "href");
    const xmlNode *first = node->children;
    const char *shown = first && first->type == XML_TEXT_NODE ? (const char *)first->content : "";
    return str_starts(href, STR("tel:")) || strncasecmp(shown, "http", 4) == 0 ||
           strncasecmp(shown, "www.", 4) == 0;
}

bool
html_is_way_off(const struct _xmlNode *element)
{
    bool link = element_of(element) == LINK && html_attribute(element, "href").p;
    return link ? !is_telling_link(element) : html_attribute(element, "onclick").p != NULL;
}

static void
walk_link(struct walk *w, const xmlNode *node)
{
    bool before = w->in_link;
    w->in_link = before || html_is_way_off(node);
    walk_children(w, node);
    w->in_link = before;
}

/* Tables, headings and articles stand in rows of tables that only lay a page out. */
static bool
holds_page(const xmlNode *node)
{
    static const char *const names[] = {"table", "h1", "h2", "h3", "article"};
    bool holds = false;
    for (const xmlNode *child = node->children; child && !holds; child = child->next) {
        for (size_t i = 0; i < COUNT(names) && !holds; i++) {
            holds = html_is(child, names[i]);
        }
        holds = holds || holds_page(child);
    }
    return holds;
}

static struct str
first_text(const xmlNode *node)
{
    while (node && node->type != XML_TEXT_NODE) {
        node = node->children;
    }
    return node ? str_trim(str_of((const char *)node->content)) : (struct str){NULL, 0};
}

/* A cell that only counts the rows: "STT", "1", "02". */
static bool
counts_rows(const xmlNode *cell)
{
    struct str text = first_text(cell);
    uint64_t number = 0;
    bool head = strncasecmp(text.n > 0 ? text.p : "", "stt", 3) == 0 || str_equal_z(text, "TT");
    bool alone = html_words(cell) == text.n;
    return alone && text.n <= 3 && (head || str_to_u64(text, 999, &number));
}

/* Lines under an element: paragraphs with words in them. */
static size_t
lines_in(const xmlNode *node)
{
    size_t n = 0;
    for (const xmlNode *child = node->children; child; child = child->next) {
        bool block = child->type == XML_ELEMENT_NODE && element_of(child) == BLOCK;
        n += (block && html_words(child) > 0) || html_is(child, "br");
    }
    return n;
}

/* Two cells side by side with several lines in each: who sends it beside the motto, who gets it
 * beside who signs. */
static bool
is_letterhead(const xmlNode *row)
{
    size_t cells = 0, lined = 0;
    for (const xmlNode *cell = row->children; cell; cell = cell->next) {
        cells += cell->type == XML_ELEMENT_NODE;
        lined += cell->type == XML_ELEMENT_NODE && lines_in(cell) >= 2;
    }
    return cells == 2 && lined == 2;
}

/* A row with one cell that says something only lays out what stands in it. */
static size_t
said_cells(const xmlNode *row)
{
    size_t n = 0;
    for (const xmlNode *cell = row->children; cell; cell = cell->next) {
        n += cell->type == XML_ELEMENT_NODE && html_words(cell) > 0;
    }
    return n;
}

/* A row of data becomes one line, its cells parted by semicolons. */
static void
walk_row(struct walk *w, const xmlNode *row)
{
    bool data = !w->in_row && html_words(row) <= ROW_MAX_BYTES && said_cells(row) >= 2 &&
                !holds_page(row) && !is_letterhead(row);
    bool first = true, any = false;
    end_line(w);
    w->in_row = data;
    for (const xmlNode *cell = row->children; cell; cell = cell->next) {
        bool empty = cell->type != XML_ELEMENT_NODE || html_words(cell) == 0;
        if (empty || (data && first && counts_rows(cell))) {
            first = first && cell->type != XML_ELEMENT_NODE;
            continue;
        }
        first = false;
        while (data && any && w->line.n > 0 && w->line.p[w->line.n - 1] == ' ') {
            w->line.n--;
        }
        buf_add_z(&w->line, data && any ? "; " : "");
        walk_element(w, cell);
        any = true;
    }
    w->in_row = false;
    end_line(w);
}

static bool
is_right(const xmlNode *node)
{
    struct str style = html_attribute(node, "style"), align = html_attribute(node, "align");
    return (align.n == 5 && strcasecmp(align.p, "right") == 0) ||
           (style.n > 0 &&
            (strcasestr(style.p, "text-align:right") || strcasestr(style.p, "text-align: right")));
}

/* Its words stand in two or more small elements, none between them: they are set side by side. */
static bool
is_bar(const xmlNode *node)
{
    size_t parts = 0;
    if (!html_is(node, "div") && !html_is(node, "section") && !html_is(node, "header")) {
        return false;
    }
    for (const xmlNode *child = node->children; child; child = child->next) {
        bool element = child->type == XML_ELEMENT_NODE;
        bool said = !element && child->content && str_trim(str_of((char *)child->content)).n > 0;
        if (said || (element && element_of(child) == BLOCK)) {
            return false;
        }
        parts += element && (html_words(child) > 0 || element_of(child) == SKIP);
    }
    return parts >= 2;
}

/* "<dt>Khai giảng</dt><dd>18h30 …</dd>": a label, and what it is of. */
static void
walk_term(struct walk *w, const xmlNode *term)
{
    const xmlNode *next = term->next;
    while (next && next->type != XML_ELEMENT_NODE) {
        next = next->next;
    }
    end_line(w);
    walk_children(w, term);
    w->termed = next && html_is(next, "dd") && html_words(next) > 0 && w->line.n > 0;
    while (w->termed && w->line.n > 0 && strchr(" :", w->line.p[w->line.n - 1])) {
        w->line.n--;
    }
    buf_add_z(&w->line, w->termed ? ": " : "");
    if (!w->termed) {
        end_line(w);
    }
}

static void
walk_block(struct walk *w, const xmlNode *node)
{
    struct walk before = *w;
    w->right = before.right || is_right(node);
    w->heading = html_is_heading(node);
    w->bar = is_bar(node);
    if (!w->termed || !html_is(node, "dd")) {
        end_line(w);
    }
    w->termed = false;
    walk_children(w, node);
    end_line(w);
    w->right = before.right;
    w->heading = before.heading;
    w->bar = before.bar;
    w->now = (struct html_line){.right = w->right, .heading = w->heading, .bar = w->bar};
}

static void
walk_item(struct walk *w, const xmlNode *node)
{
    end_line(w);
    w->bullet = true;
    walk_children(w, node);
    w->bullet = false;
    end_line(w);
}

static void
walk_element(struct walk *w, const xmlNode *node)
{
    enum element what = element_of(node);
    bool small = html_words(node) * 2 < w->all_bytes;
    bool aside = what != INLINE && what != LINK && html_is_aside(node, w->all_bytes);
    if (what == SKIP || aside || (small && skips(node))) {
        if (what != INLINE) {
            end_line(w);
        }
        return;
    }
    switch (what) {
    case INLINE:
    case SKIP:
    case SOFT:
        walk_children(w, node);
        return;
    case BREAK:
        end_line(w);
        return;
    case LINK:
        walk_link(w, node);
        return;
    case ROW:
        walk_row(w, node);
        return;
    case ITEM:
        walk_item(w, node);
        return;
    case BLOCK:
        (html_is(node, "dt") ? walk_term : walk_block)(w, node);
        return;
    }
}

static void
walk_children(struct walk *w, const xmlNode *node)
{
    bool parted = w->bar && is_bar(node);
    for (const xmlNode *child = node->children; child && w->text_bytes < HTML_TEXT_MAX;
         child = child->next) {
        if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
            add_text(w, child->content);
        } else if (child->type == XML_ELEMENT_NODE) {
            bool apart = parted || html_is(child, "time");
            add_text(w, apart ? (const xmlChar *)" " : NULL);
            walk_element(w, child);
            add_text(w, apart ? (const xmlChar *)" " : NULL);
        }
    }
}

void
html_collect(struct _xmlNode *root, struct arena *arena, struct html_lines *out)
{
    struct walk w = {.arena = arena, .out = out, .all_bytes = html_words(root)};
    *out = (struct html_lines){NULL, 0, 0};
    buf_init(&w.line, LINE_MAX_BYTES);
    walk_children(&w, root);
    end_line(&w);
    buf_deinit(&w.line);
}

void
html_lines_deinit(struct html_lines *lines)
{
    free(lines->line);
    *lines = (struct html_lines){NULL, 0, 0};
}

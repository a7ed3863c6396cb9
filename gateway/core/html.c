/* Reads a page: its encoding, title, link and text. */
// SPDX-License-Identifier: MIT
#include "gateway/core/html.h"

#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>
#include <libxml/encoding.h>

#include "gateway/core/furniture.h"
#include "gateway/core/html_head.h"
#include "gateway/core/html_parts.h"
#include "gateway/core/unicode.h"

enum {
    CHARSET_WITHIN = 4096,
    CHARSET_NAME = 40,
    SIGNATURE_BYTES = 80,
    NAV_BYTES = 200,
    BAR_BYTES = 60
};

/* The encoding that the page names: "" if none. */
static void
find_charset(struct str html, char name[CHARSET_NAME])
{
    size_t within = html.n < CHARSET_WITHIN ? html.n : CHARSET_WITHIN;
    const char *at = memmem(html.p, within, "charset=", 8);
    size_t n = 0;
    for (at = at ? at + 8 : NULL; at && at < html.p + within && n + 1 < CHARSET_NAME; at++) {
        bool quote = n == 0 && (*at == '"' || *at == '\'');
        bool part = *at > ' ' && !strchr("\"'>;/", *at);
        if (!part && !quote) {
            break;
        }
        if (part) {
            name[n++] = *at;
        }
    }
    name[n] = '\0';
}

static int
convert(struct str html, const char *charset, struct arena *arena, struct str *out, struct err *err)
{
    xmlCharEncodingHandlerPtr handler = xmlFindCharEncodingHandler(charset);
    if (!handler) {
        return err_set(err, ERR_INPUT, "the page's encoding is not known: %s", charset);
    }
    xmlBufferPtr in = xmlBufferCreateSize(html.n + 1), utf8 = xmlBufferCreateSize(html.n * 2 + 64);
    int answer = xmlBufferAdd(in, (const xmlChar *)html.p, (int)html.n);
    answer = answer == 0 ? xmlCharEncInFunc(handler, utf8, in) : -1;
    if (answer >= 0 && xmlBufferLength(in) == 0) {
        size_t n = (size_t)xmlBufferLength(utf8);
        *out = (struct str){arena_strndup(arena, (const char *)xmlBufferContent(utf8), n), n};
        answer = 0;
    } else {
        answer =
            err_set(err, ERR_INPUT, "the page is not in the encoding that it names: %s", charset);
    }
    xmlBufferFree(in);
    xmlBufferFree(utf8);
    (void)xmlCharEncCloseFunc(handler);
    return answer;
}

/* The page in UTF-8, without BOM and NULs. */
static int
decode(struct str html, struct arena *arena, struct str *out, struct err *err)
{
    char charset[CHARSET_NAME];
    size_t offset = 0;
    if (str_starts(html, STR("\xef\xbb\xbf"))) {
        html = str_from(html, 3);
    }
    *out = html;
    if (!utf8_valid(html, &offset)) {
        find_charset(html, charset);
        if (charset[0] == '\0' || strncasecmp(charset, "utf", 3) == 0) {
            return err_set(err, ERR_INPUT, "no UTF-8 at byte %zu", offset);
        }
        return convert(html, charset, arena, out, err);
    }
    if (html.n > 0 && memchr(html.p, '\0', html.n)) {
        char *copy = arena_strndup(arena, html.p, html.n);
        for (size_t i = 0; i < html.n; i++) {
            copy[i] = copy[i] == '\0' ? ' ' : copy[i];
        }
        out->p = copy;
    }
    return 0;
}

/* An article that holds half of the page's words, NULL if there is none. */
static struct _xmlNode *
find_article(struct _xmlNode *node, size_t all)
{
    for (struct _xmlNode *child = node->children; child; child = child->next) {
        if (child->type != XML_ELEMENT_NODE || html_words(child) * 2 < all) {
            continue;
        }
        struct str property = html_attribute(child, "itemprop");
        bool article = html_is(child, "article") || html_is(child, "main") ||
                       str_equal_z(property, "articleBody") ||
                       str_equal_z(html_attribute(child, "role"), "main");
        return article ? child : find_article(child, all);
    }
    return NULL;
}

/* Compares without marks, case and white space. */
static bool
is_same(struct arena *arena, struct str folded, struct str line)
{
    if (folded.n == 0 || line.n > folded.n * 4 + 8 || line.n < folded.n / 2) {
        return false;
    }
    return str_equal(unicode_fold(arena, line), folded);
}

/* The heading that says the title, or the smallest element that says nothing else (`any`); NULL if
 * none does. */
static struct _xmlNode *
find_title(struct _xmlNode *node, struct arena *arena, struct str folded, bool any)
{
    for (struct _xmlNode *child = node->children; child; child = child->next) {
        if (child->type != XML_ELEMENT_NODE || html_words(child) == 0) {
            continue;
        }
        struct _xmlNode *found = NULL;
        bool heading = any ? html_words(child) < folded.n * 2 : html_is_heading(child);
        if (!heading || any) {
            found = find_title(child, arena, folded, any);
        }
        if (!found && heading && !html_is(child, "title") &&
            is_same(arena, folded, html_line_under(child, arena))) {
            found = child;
        }
        if (found) {
            return found;
        }
    }
    return NULL;
}

/* The smallest cell of a table that holds most of the sentences; `all` if none does. */
static struct _xmlNode *
main_cell(struct _xmlNode *node, struct _xmlNode *all)
{
    for (struct _xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && html_holds_prose(child, all)) {
            struct _xmlNode *smaller = main_cell(child, all);
            bool cell = html_is(child, "td") && html_holds_much(child, all);
            return smaller == all && cell ? child : smaller;
        }
    }
    return all;
}

/* Where the text stands: the smallest element that holds the title's heading and what `root` says
 * in words of its own.  What stands beside it belongs to the portal. */
static struct _xmlNode *
find_text(struct _xmlNode *root, struct arena *arena, struct str title)
{
    struct str folded = unicode_fold(arena, title);
    struct _xmlNode *heading = folded.n > 0 ? find_title(root, arena, folded, false) : NULL;
    if (!heading && folded.n > 0) {
        heading = find_title(root, arena, folded, true);
    }
    bool cell = false; /* a page that tables lay out has more beside the text than below it */
    struct _xmlNode *most = NULL;
    for (struct _xmlNode *at = heading; at && at != root; at = at->parent) {
        if (at != heading && html_holds_text(at, root)) {
            return cell && most ? most : at;
        }
        cell = cell || html_is(at, "td");
        most = most || !html_holds_prose(at, root) ? most : at;
    }
    if (!heading) {
        return main_cell(root, root);
    }
    return cell && most ? most : root;
}

static bool
is_wanted(const struct html_line *line)
{
    bool signature = line->right && line->words_bytes < SIGNATURE_BYTES;
    bool navigation = line->link_bytes * 4 > line->words_bytes * 3 && line->words_bytes < NAV_BYTES;
    return !signature && !navigation;
}

/* Whether a heading says something itself: a date, a place behind a label. */
static bool
says_more(struct str heading)
{
    bool more = false;
    for (size_t i = 0; i < heading.n; i++) {
        more = more || (heading.p[i] >= '0' && heading.p[i] <= '9') || heading.p[i] == ':';
    }
    return more;
}

/* Small things side by side above the text tell when a page was published, or where else to go,
 * unless they are a label and what it labels. */
static bool
is_bar(const struct html_line *line)
{
    return line->bar && line->words_bytes < BAR_BYTES &&
           !memmem(line->text.p, line->text.n, ": ", 2) && line->text.p[line->text.n - 1] != ':';
}

static void
add_line(struct buf *text, struct str line)
{
    buf_add_str(text, line);
    buf_add_z(text, line.n > 0 ? "\n" : "");
}

/* What stands behind the title's own line, or all; not a heading of nothing but links. */
static struct str
join_lines(struct arena *arena, const struct html_lines *lines, struct str title)
{
    struct str folded = unicode_fold(arena, title), heading = {NULL, 0};
    struct buf text;
    buf_init(&text, (size_t)HTML_TEXT_MAX * 3);
    for (size_t i = 0; i < lines->n; i++) {
        const struct html_line *line = &lines->line[i];
        if (is_same(arena, folded, line->text)) {
            folded.n = 0;
            heading.n = 0;
            buf_clear(&text);
        } else if (!is_wanted(line) || (text.n == 0 && is_bar(line))) {
            heading.n = says_more(heading) ? heading.n : 0;
        } else {
            add_line(&text, heading);
            heading = line->heading ? line->text : (struct str){NULL, 0};
            add_line(&text, line->heading ? (struct str){NULL, 0} : line->text);
        }
    }
    add_line(&text, heading);
    struct str joined = unicode_tidy(arena, buf_str(&text));
    buf_deinit(&text);
    return joined;
}

/* "- Giờ bắn: …", "2. Địa điểm", "… như sau:": a point of a list, or what leads to one. */
static bool
is_listed(struct str text)
{
    bool point = text.n > 0 && (strchr("-+*", text.p[0]) || (text.p[0] >= '0' && text.p[0] <= '9'));
    return point || str_starts(text, STR("•")) || (text.n > 0 && text.p[text.n - 1] == ':');
}

/* The title of a page that names only its site: the line above the first that is as long as only
 * sentences are, but what tells when it was published. */
static struct str
title_above(struct arena *arena, const struct html_lines *lines, struct str title)
{
    enum { PROSE = 80, TELLING = 16, TITLE_MOST = 240 };
    size_t prose = 0;
    while (prose < lines->n &&
           (lines->line[prose].words_bytes < PROSE ||
            lines->line[prose].link_bytes * 2 > lines->line[prose].words_bytes)) {
        prose++;
    }
    for (size_t i = prose < lines->n ? prose : 0; i > 0; i--) {
        const struct html_line *line = &lines->line[i - 1];
        struct str text = unicode_line(arena, line->text);
        bool info = line->bar || !is_wanted(line) || line->words_bytes < TELLING ||
                    is_listed(text) || furniture_is_letterhead(arena, text) ||
                    furniture_judge(arena, text) != FURNITURE_NONE ||
                    furniture_is_published(arena, text);
        if (!info) {
            return text.n <= TITLE_MOST ? text : title;
        }
    }
    return title;
}

static void
read_tree(struct _xmlNode *root, struct arena *arena, struct html_page *out)
{
    struct html_lines lines;
    size_t all = html_measure(root, arena);
    html_find_head(root, arena, &out->title, &out->link);
    struct _xmlNode *article = find_article(root, all);
    struct _xmlNode *whole = article ? article : root;
    struct _xmlNode *part = main_cell(whole, whole);
    while (html_title_is_empty(arena, out->title) && part) {
        html_collect(part, arena, &lines);
        out->title = title_above(arena, &lines, out->title);
        html_lines_deinit(&lines);
        part = part == whole ? NULL : part->parent;
    }
    root = find_text(whole, arena, out->title);
    html_collect(root, arena, &lines);
    out->text = furniture_remove(arena, join_lines(arena, &lines, out->title));
    html_lines_deinit(&lines);
}

int
html_read(struct str html, struct arena *arena, struct html_page *out, struct err *err)
{
    struct str page;
    *out = (struct html_page){{NULL, 0}, {NULL, 0}, {NULL, 0}};
    if (html.n > HTML_MAX) {
        return err_set(err, ERR_LIMIT, "%zu bytes, at most %d are read", html.n, (int)HTML_MAX);
    }
    if (decode(html, arena, &page, err) != 0) {
        return -1;
    }
    htmlDocPtr doc = NULL;
    bool whole = false;
    if (page.n > 0 && !html_is_hostile(page)) {
        htmlParserCtxtPtr parser = htmlNewParserCtxt();
        doc = htmlCtxtReadMemory(parser, page.p, (int)page.n, NULL, "UTF-8",
                                 HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                     HTML_PARSE_NONET | HTML_PARSE_COMPACT);
        whole = doc && !parser->disableSAX; /* it stops at a depth of 256 */
        htmlFreeParserCtxt(parser);
    }
    struct _xmlNode *root = whole ? xmlDocGetRootElement(doc) : NULL;
    if (root) {
        read_tree(root, arena, out);
    } else {
        struct str flat = utf8_within(html_flatten(arena, page), HTML_TEXT_MAX);
        out->text = furniture_remove(arena, unicode_tidy(arena, flat));
    }
    xmlFreeDoc(doc);
    return 0;
}

/* What the elements of a page weigh: how much they say, and how much of that are links. */
// SPDX-License-Identifier: MIT
#include <string.h>
#include <strings.h>

#include <libxml/tree.h>

#include "gateway/core/html_parts.h"
#include "gateway/core/unicode.h"

/* What stands under an element, in bytes of words (blanks not counted). */
struct weight {
    size_t words, linked; /* linked: of `words`, inside links */
    size_t dated;         /* …, of dates and counts beside them: digits and what parts them */
    size_t prose;         /* …, in runs as long as only sentences have */
    size_t links;
    bool answered; /* holds "Trả lời": somebody's remark */
    bool asks;     /* holds what a reader fills in: a poll, a box for remarks */
    bool owned;    /* begins with "©" */
    bool presses;  /* holds a button */
    bool labels;   /* holds a colon: "Địa điểm: …" */
};

enum { URGING_MOST = 40, URGING_DATED = 3 };
enum { ANSWER_BYTES = 16, LINKS_LEAST = 2, RUN_LEAST = 60 };

static size_t
words_in(const xmlChar *text)
{
    size_t n = 0;
    for (const xmlChar *c = text; *c; c++) {
        bool nbsp = *c == 0xC2 && c[1] == 0xA0;
        n += *c > ' ' && !nbsp;
        c += nbsp;
    }
    return n;
}

static size_t
digits_in(const xmlChar *text)
{
    size_t n = 0;
    for (const xmlChar *c = text; *c; c++) {
        n += *c > ' ' && *c < 'A' && *c != '"' && *c != '\'';
    }
    return n;
}

/* What a reader presses under a remark. */
static bool
is_answer(struct arena *arena, const xmlChar *text)
{
    static const char *const words[] = {"tra loi", "bao xau", "reply"};
    struct str s = str_trim(str_of((const char *)text));
    if (s.n == 0 || s.n > ANSWER_BYTES) {
        return false;
    }
    struct str folded = unicode_fold(arena, s);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_equal_z(folded, words[i])) {
            return true;
        }
    }
    return false;
}

static void
add_text(struct arena *arena, const struct _xmlNode *node, struct weight *to)
{
    const xmlChar *text = node->content;
    struct str s = str_trim(str_of((const char *)text));
    bool pressed = html_is(node->parent, "a") || html_is(node->parent, "button") ||
                   html_is(node->parent, "span");
    to->owned = to->owned || (to->words == 0 && str_starts(s, STR("©")));
    size_t words = words_in(text);
    to->words += words;
    to->dated += digits_in(text);
    to->prose += words >= RUN_LEAST ? words : 0;
    to->labels = to->labels || strchr((const char *)text, ':');
    to->answered = to->answered || (pressed && is_answer(arena, text));
}

/* What a reader chooses or fills in; a search box alone holds no words. */
static bool
is_asking(const struct _xmlNode *node)
{
    static const char *const types[] = {"radio", "checkbox", "text", "email", "password"};
    struct str type = html_is(node, "input") ? html_attribute(node, "type") : (struct str){NULL, 0};
    bool asks = html_is(node, "textarea");
    for (size_t i = 0; i < sizeof types / sizeof *types && type.n > 0 && !asks; i++) {
        asks = strcasecmp(type.p, types[i]) == 0;
    }
    return asks;
}

static struct weight *
weigh(struct arena *arena, struct _xmlNode *element)
{
    struct weight *w = arena_alloc(arena, sizeof *w);
    element->_private = w;
    for (struct _xmlNode *child = element->children; child; child = child->next) {
        if (child->type == XML_TEXT_NODE && child->content) {
            add_text(arena, child, w);
        }
        w->asks = w->asks || is_asking(child);
        w->presses = w->presses || html_is(child, "button");
        if (child->type != XML_ELEMENT_NODE || html_is_silent(child)) {
            continue;
        }
        const struct weight *under = weigh(arena, child);
        w->owned = w->owned || (w->words == 0 && under->owned);
        w->answered = w->answered || under->answered;
        w->asks = w->asks || under->asks;
        w->presses = w->presses || under->presses;
        w->labels = w->labels || under->labels;
        w->words += under->words;
        w->linked += under->linked;
        w->links += under->links;
        w->prose += under->prose;
        w->dated += under->dated;
    }
    if (html_is_way_off(element)) {
        w->linked = w->words;
        w->links = w->words > 0;
        w->prose = w->dated = 0;
    }
    return w;
}

size_t
html_measure(struct _xmlNode *root, struct arena *arena)
{
    return weigh(arena, root)->words;
}

size_t
html_words(const struct _xmlNode *element)
{
    const struct weight *w = element->_private;
    return w ? w->words : 0;
}

bool
html_holds_text(const struct _xmlNode *element, const struct _xmlNode *all)
{
    const struct weight *w = element->_private, *whole = all->_private;
    return w && whole && (w->words - w->linked) * 5 > (whole->words - whole->linked) * 4 &&
           w->prose == whole->prose;
}

bool
html_holds_prose(const struct _xmlNode *element, const struct _xmlNode *all)
{
    const struct weight *w = element->_private, *whole = all->_private;
    return w && whole && w->prose > 0 && w->prose * 10 >= whole->prose * 7;
}

bool
html_holds_much(const struct _xmlNode *element, const struct _xmlNode *all)
{
    const struct weight *w = element->_private, *whole = all->_private;
    return w && whole && (w->words - w->linked) * 3 > whole->words - whole->linked;
}

/* What holds one thing that is said: its links are judged with its line. */
static bool
is_paragraph(const struct _xmlNode *element)
{
    static const char *const names[] = {"p", "li", "td", "th", "tr", "dd", "dt", "blockquote"};
    bool one = html_is_heading(element);
    for (size_t i = 0; i < sizeof names / sizeof *names && !one; i++) {
        one = html_is(element, names[i]);
    }
    return one;
}

bool
html_is_aside(const struct _xmlNode *element, size_t all)
{
    const struct weight *w = element->_private;
    if (!w) {
        return false;
    }
    size_t said = w->words - w->dated; /* a cell or a row is a list where it is nothing else */
    bool paragraph = is_paragraph(element);
    bool list = w->links >= LINKS_LEAST + (paragraph ? 1 : 0) &&
                (paragraph ? w->linked * 10 > said * 9 : w->linked * 3 > said * 2);
    /* "Còn 12 chỗ hôm nay! [Đăng ký]": no time, no number to ring, no label. */
    bool urges = w->presses && !w->labels && w->prose == 0 && w->words <= URGING_MOST &&
                 w->dated <= URGING_DATED;
    bool apart = w->answered || w->owned || urges || (w->asks && w->prose == 0);
    return (list && w->words * 2 < all) || (apart && w->words * 4 < all);
}

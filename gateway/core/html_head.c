/* Title and link of a page. */
// SPDX-License-Identifier: MIT
#include "gateway/core/html_head.h"

#include <string.h>
#include <strings.h>

#include <libxml/tree.h>

#include "gateway/core/html_parts.h"
#include "gateway/core/unicode.h"

enum { HEADINGS_MAX = 32, HEADING_BYTES = 2000, LINK_BYTES = 2000 };

struct head {
    struct arena *arena;
    struct str og_title, og_url, canonical, title, site;
    struct str h1[HEADINGS_MAX];       /* as they are, not those in furniture */
    struct str other[HEADINGS_MAX];    /* h2 and h3, likewise */
    struct str headings[HEADINGS_MAX]; /* h1 to h3, folded */
    size_t h1_n, other_n, headings_n;
};

static void
add_text_under(const xmlNode *node, struct buf *out)
{
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_TEXT_NODE && child->content) {
            buf_add_z(out, (const char *)child->content);
        } else if (child->type == XML_ELEMENT_NODE) {
            buf_add_z(out, html_is(child, "br") ? " " : "");
            add_text_under(child, out);
        }
    }
}

struct str
html_line_under(const struct _xmlNode *element, struct arena *arena)
{
    struct buf text;
    buf_init(&text, HEADING_BYTES);
    add_text_under(element, &text);
    struct str line = unicode_line(arena, buf_str(&text));
    buf_deinit(&text);
    return line;
}

static void
take(struct head *h, struct str *into, struct str value)
{
    if (into->n == 0) {
        *into = unicode_line(h->arena, value);
    }
}

static void
read_meta(struct head *h, const xmlNode *node)
{
    struct str property = html_attribute(node, "property");
    struct str name = property.n > 0 ? property : html_attribute(node, "name");
    struct str content = html_attribute(node, "content");
    if (str_equal_z(name, "og:title")) {
        take(h, &h->og_title, content);
    } else if (str_equal_z(name, "og:url")) {
        take(h, &h->og_url, content);
    } else if (str_equal_z(name, "og:site_name")) {
        take(h, &h->site, content);
    }
}

static void
read_link(struct head *h, const xmlNode *node)
{
    struct str rel = html_attribute(node, "rel");
    if (rel.n == 9 && strncasecmp(rel.p, "canonical", 9) == 0) {
        take(h, &h->canonical, html_attribute(node, "href"));
    }
}

static void
read_heading(struct head *h, const xmlNode *node, bool furniture)
{
    struct str text = html_line_under(node, h->arena);
    if (text.n == 0 || h->headings_n == HEADINGS_MAX) {
        return;
    }
    h->headings[h->headings_n++] = unicode_fold(h->arena, text);
    if (html_is(node, "h1") && !furniture) {
        h->h1[h->h1_n++] = text;
    } else if (!furniture) {
        h->other[h->other_n++] = text;
    }
}

static void
look_through(struct head *h, const xmlNode *node, bool furniture)
{
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type != XML_ELEMENT_NODE) {
            continue;
        }
        if (html_is(child, "meta")) {
            read_meta(h, child);
        } else if (html_is(child, "link")) {
            read_link(h, child);
        } else if (html_is(child, "title") && h->title.n == 0) {
            h->title = html_line_under(child, h->arena);
        } else if (html_is(child, "h1") || html_is(child, "h2") || html_is(child, "h3")) {
            read_heading(h, child, furniture);
        } else {
            look_through(h, child, furniture || html_is(child, "nav") || html_is(child, "footer"));
        }
    }
}

/* An absolute http(s) address without blanks; "//host" is taken for https. */
static struct str
address(struct arena *arena, struct str url)
{
    bool known = (url.n > 8 && strncasecmp(url.p, "https://", 8) == 0) ||
                 (url.n > 7 && strncasecmp(url.p, "http://", 7) == 0);
    if (url.n > LINK_BYTES || (url.n > 0 && memchr(url.p, ' ', url.n))) {
        return (struct str){NULL, 0};
    }
    if (!known && url.n > 4 && str_starts(url, STR("//"))) {
        char *whole = arena_alloc(arena, url.n + 7);
        memcpy(whole, "https:", 6);
        memcpy(whole + 6, url.p, url.n);
        return (struct str){whole, url.n + 6};
    }
    return known ? url : (struct str){NULL, 0};
}

/* ---- The site's name in a <title>. */

static const char *const separators[] = {" - ", " – ", " — ", " | ", " :: ", " » ", " · "};
enum { DASHES = 3 }; /* the first of them stand in titles too */

/* Whether a part of a title, folded, is the name of a site. */
static bool
is_site(struct str part, struct str site)
{
    static const char *const said[] = {"cong thong tin", "cong ttdt",   "trang thong tin",
                                       "trang tin ",     "website",     "portal",
                                       "cong dich vu",   "bao dien tu", "trang chu"};
    static const char *const begun[] = {
        "ubnd ", "uy ban nhan dan ", "dang bo ", "dang uy ", "hdnd ", "bao "};
    if (part.n == 0 || (site.n > 0 && str_equal(part, site))) {
        return part.n > 0;
    }
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        if (memmem(part.p, part.n, said[i], strlen(said[i]))) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
        if (str_starts(part, str_of(begun[i])) && part.n <= 50) {
            return true;
        }
    }
    bool domain = !memchr(part.p, ' ', part.n) && memchr(part.p, '.', part.n);
    return domain;
}

/* A section's name: what stands in it is no title. */
static bool
is_section(struct str part)
{
    enum { AREA_MOST = 24 };
    static const char *const names[] = {"thong bao", "tin tuc",      "chi tiet",     "chi tiet tin",
                                        "su kien",   "xem tin",      "noi dung",     "van ban",
                                        "home",      "default",      "index",        "thong tin",
                                        "tin bai",   "xem chi tiet", "tin hoat dong"};
    static const char *const areas[] = {"xa ", "phuong ", "thi tran ", "dac khu ", "chi tiet "};
    bool section = part.n == 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        section = section || str_equal_z(part, names[i]);
    }
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++) {
        section = section || (part.n <= AREA_MOST && str_starts(part, str_of(areas[i])));
    }
    return section;
}

bool
html_title_is_empty(struct arena *arena, struct str title)
{
    struct str rest = unicode_fold(arena, title);
    bool empty = true;
    while (rest.n > 0 && empty) {
        size_t n = 0;
        while (n < rest.n && !strchr(">|", rest.p[n]) &&
               !str_starts(str_from(rest, n), STR(" - "))) {
            n++;
        }
        struct str part = str_trim((struct str){rest.p, n});
        empty = is_section(part) || is_site(part, (struct str){NULL, 0});
        rest = str_from(rest, n < rest.n ? n + (rest.p[n] == ' ' ? 3 : 1) : n);
    }
    return empty;
}

static bool
is_heading(struct str folded, const struct str *headings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_equal(folded, headings[i])) {
            return true;
        }
    }
    return false;
}

/* The row of the separator at the head of `s`, -1 if there is none. */
static int
separator_at(struct str s)
{
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
        if (str_starts(s, str_of(separators[i]))) {
            return (int)i;
        }
    }
    return -1;
}

/* The first separator in `title`: where it begins, -1 for none; `*which` its row. */
static long
first_separator(struct str title, int *which)
{
    *which = -1;
    for (size_t i = 0; i < title.n; i++) {
        *which = separator_at(str_from(title, i));
        if (*which >= 0) {
            return (long)i;
        }
    }
    return -1;
}

/* The last one that is no dash; a dash only where there is no other: a site's name may have one,
 * "… | Trung tâm Văn hóa - Thể thao". */
static long
last_separator(struct str title, int *which)
{
    long found = -1;
    *which = -1;
    for (size_t i = 0; i < title.n; i++) {
        int row = separator_at(str_from(title, i));
        if (row >= DASHES || (row >= 0 && *which < DASHES)) {
            found = (long)i;
            *which = row;
        }
    }
    return found;
}

/* A `<title>` without the site's name.  `site` is og:site_name, if any; `headings` are the page's
 * folded headings. */
static struct str
title_without_site(struct arena *arena, struct str title, struct str site,
                   const struct str *headings, size_t headings_n)
{
    struct str folded_site = unicode_fold(arena, site);
    int which = 0;
    for (int turn = 0; turn < 8; turn++) {
        if (is_heading(unicode_fold(arena, title), headings, headings_n)) {
            return title;
        }
        long at = last_separator(title, &which);
        if (at < 0) {
            return title;
        }
        struct str left = str_trim((struct str){title.p, (size_t)at});
        size_t behind = (size_t)at + strlen(separators[which]);
        struct str right = str_trim(str_from(title, behind));
        struct str folded_left = unicode_fold(arena, left);
        bool site_first = is_site(folded_left, folded_site);
        bool cut = is_site(unicode_fold(arena, right), folded_site) || which >= DASHES ||
                   is_heading(folded_left, headings, headings_n);
        if (!cut || site_first || left.n == 0) {
            break;
        }
        title = left;
    }
    long at = first_separator(title, &which);
    if (at > 0 && is_site(unicode_fold(arena, (struct str){title.p, (size_t)at}), folded_site)) {
        size_t behind = (size_t)at + strlen(separators[which]);
        return str_trim(str_from(title, behind));
    }
    return title;
}

/* The h1 with which the <title> begins (its site's name taken off), else the first that it holds,
 * else the first; one that is the site's name only if there is no other. */
static struct str
main_h1(struct head *h)
{
    struct str whole = unicode_fold(h->arena, h->title), site = unicode_fold(h->arena, h->site);
    struct str title =
        unicode_fold(h->arena, title_without_site(h->arena, h->title, h->site, NULL, 0));
    struct str best = {NULL, 0};
    int best_rank = -1;
    for (size_t i = 0; i < h->h1_n; i++) {
        struct str folded = unicode_fold(h->arena, h->h1[i]);
        int rank = is_site(folded, site) ? 0 : 1;
        if (rank > 0 && whole.n > 0 && memmem(whole.p, whole.n, folded.p, folded.n)) {
            rank = str_starts(title, folded) ? 3 : 2;
        }
        if (rank > best_rank) {
            best_rank = rank;
            best = h->h1[i];
        }
    }
    return best;
}

/* Without an h1: the h2 or h3 that says more than the <title> does. */
static struct str
fuller_heading(struct head *h, struct str title)
{
    enum { TELLING = 12 };
    struct str folded = unicode_fold(h->arena, title);
    for (size_t i = 0; i < h->other_n && folded.n >= TELLING; i++) {
        if (str_starts(unicode_fold(h->arena, h->other[i]), folded)) {
            return h->other[i];
        }
    }
    return title;
}

void
html_find_head(const struct _xmlNode *root, struct arena *arena, struct str *title,
               struct str *link)
{
    struct head h = {.arena = arena};
    look_through(&h, root, false);
    *link = address(arena, h.canonical);
    if (link->n == 0) {
        *link = address(arena, h.og_url);
    }
    *title = h.og_title.n > 0 ? h.og_title : main_h1(&h);
    if (title->n == 0) {
        *title = fuller_heading(
            &h, title_without_site(arena, h.title, h.site, h.headings, h.headings_n));
    }
}

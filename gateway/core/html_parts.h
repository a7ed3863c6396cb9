/* The steps of reading a page: judging it before the parser sees it, reading it flat, and
 * collecting its lines.  Only for html*.c and their tests. */
#ifndef LOA_CORE_HTML_PARTS_H
#define LOA_CORE_HTML_PARTS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* More tags or attributes than a page of people's making has: libxml2 would take quadratic time or
 * a hundred times the page's memory. */
bool html_is_hostile(struct str html);

/* The words between the tags; every tag but those inside a sentence ends a line.  Linear. */
struct str html_flatten(struct arena *arena, struct str html);

/* The lines of what stands under `root`, without scripts, navigation and the like. */
struct html_line {
    struct str text;    /* borrowed from the arena, white space collapsed */
    size_t words_bytes; /* of it, blanks not counted */
    size_t link_bytes;  /* of those, inside links */
    bool right;         /* aligned to the right: a signature, a date */
    bool heading;       /* h1 to h6 */
    bool bar;           /* small things side by side: a date, a section's name, a button */
};
/* The lines of a page; html_lines_deinit() frees them. */
struct html_lines {
    struct html_line *line;
    size_t n, room;
};
struct _xmlNode;
/* Counts the words (bytes without blanks) under `root` and every element in it; first of all. */
size_t html_measure(struct _xmlNode *root, struct arena *arena);
size_t html_words(const struct _xmlNode *element);
/* Whether of what stands under `all` the element, one of those, holds most of the words that are no
 * links, and all the sentences. */
bool html_holds_text(const struct _xmlNode *element, const struct _xmlNode *all);
/* Whether it holds most of the sentences; and a third of all words that are no links. */
bool html_holds_prose(const struct _xmlNode *element, const struct _xmlNode *all);
bool html_holds_much(const struct _xmlNode *element, const struct _xmlNode *all);
/* Whether the element is no part of a text by what it holds: mostly links, somebody's remarks with
 * "Trả lời" under them, whose the page is, what readers fill in.  `all`: the words of the page, of
 * which it is a part. */
bool html_is_aside(const struct _xmlNode *element, size_t all);
/* Whether nothing in it is ever read: a script, a form's controls. */
bool html_is_silent(const struct _xmlNode *element);
/* A link that leads elsewhere; one that shows its address or a number to ring is worth reading. */
bool html_is_way_off(const struct _xmlNode *element);
void html_collect(struct _xmlNode *root, struct arena *arena, struct html_lines *out);
void html_lines_deinit(struct html_lines *lines);

/* The words under an element in one line; h1 to h6. */
struct str html_line_under(const struct _xmlNode *element, struct arena *arena);
bool html_is_heading(const struct _xmlNode *element);

bool html_is(const struct _xmlNode *node, const char *name);
struct str html_attribute(const struct _xmlNode *node, const char *name); /* borrowed */

#endif

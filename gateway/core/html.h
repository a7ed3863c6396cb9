/* Title, link and text out of a portal's page.  Pure (libxml2 on memory). */
#ifndef LOA_CORE_HTML_H
#define LOA_CORE_HTML_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

enum { HTML_MAX = 16 * 1024 * 1024, HTML_TEXT_MAX = 1024 * 1024 + 65536 };

/* What was found in a page; in the arena. */
struct html_page {
    struct str title; /* og:title, else the main h1, else <title> without the site's name */
    struct str link;  /* canonical, else og:url; http(s), or empty */
    struct str text;  /* paragraphs parted by line ends, no furniture, tidy UTF-8 in NFC */
};

/* Reads a page or a fragment.  Bytes that are not UTF-8 are read in the encoding that the page
 * names, if it names one.  A hostile page (nested too deeply, too many tags or attributes) costs
 * linear time and loses its structure, not its words; behind the first HTML_TEXT_MAX bytes of text,
 * more than an announcement may have, nothing is read.  ERR_INPUT: no UTF-8 and no other encoding;
 * ERR_LIMIT: more than HTML_MAX bytes. */
int html_read(struct str html, struct arena *arena, struct html_page *out,
              struct err *err) MUST_CHECK;

/* Whether a body is HTML and not text: a known tag stands in it. */
bool html_looks(struct str text);

/* Text with its entities ("&ocirc;", "&#7883;") decoded; other text as it is. */
struct str html_unescape(struct arena *arena, struct str text);

#endif

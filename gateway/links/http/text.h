/* Texts of links over HTTP.  For the kinds of gateway/links/http only. */
#ifndef LOA_LINKS_HTTP_TEXT_H
#define LOA_LINKS_HTTP_TEXT_H
// SPDX-License-Identifier: MIT

#include "gateway/links/http/http_link.h"

/* A text made ready: what of the request is the same for all its members. */
struct http_text {
    struct link_text text;
    char *broadcast;
    struct str payload; /* owned; of a text with names "{name}" stands in it */
    bool named, emergency;
};
bool http_text_is_emergency(const struct link_message *m);
/* Appends the text's payload, `m`'s name wherever one goes, made safe by `escape`. */
void http_text_put(const struct link_message *m, void (*escape)(struct buf *out, struct str s),
                   struct buf *out);
/* How many parts `m` counts as, with its own name. */
int http_text_parts(const struct http_link *l, const struct link_message *m);

#endif

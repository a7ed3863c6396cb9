/* What a link over HTTP asks beside sending: its own questions, and what became of messages that
 * no receipt told of.  For gateway/links/http only. */
#ifndef LOA_LINKS_HTTP_ASK_H
#define LOA_LINKS_HTTP_ASK_H
// SPDX-License-Identifier: MIT

#include "gateway/links/http/http_link.h"

/* Whether a question waits and may be asked: beside messages that wait, one at a time. */
bool http_ask_may(const struct http_link *l);
/* Sends what was asked for, as far as the rate and the requests under way let it. */
void http_ask_waiting(struct http_link *l, int64_t now_us);
void http_ask_end(struct http_link *l);

#endif

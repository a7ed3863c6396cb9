/* Turns of the chats that a link over HTTP tells (core/chat.h).  For links/http only. */
#ifndef LOA_LINKS_HTTP_CHATS_H
#define LOA_LINKS_HTTP_CHATS_H
// SPDX-License-Identifier: MIT

#include "gateway/links/http/http_link.h"

/* Whether it is this process's turn to tell the message's chat something; asks for it if it is not
 * known.  False: not before the pump's next round (wake_us). */
bool http_chats_may(struct http_link *l, struct link_message *m, int64_t now_us);
/* Has the share asked, when something is wanted of it. */
void http_chats_step(struct http_link *l);

#endif

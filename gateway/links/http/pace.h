/* The rate of a link over HTTP, alone or shared by all gateways.  For links/http only. */
#ifndef LOA_LINKS_HTTP_PACE_H
#define LOA_LINKS_HTTP_PACE_H
// SPDX-License-Identifier: MIT

#include "gateway/links/http/http_link.h"

/* One request leaves now.  False: it may not yet. */
bool http_pace_takes(struct http_link *l, int64_t now_us);
/* When the next one may leave; INT64_MAX: a grant is waited for. */
int64_t http_pace_next_us(struct http_link *l, int64_t now_us);
/* How many more may be handed in. */
int http_pace_room(const struct http_link *l, int64_t now_us);

#endif

/* The day's quota of a link over HTTP (core/quota.h).  For links/http and the kinds only. */
#ifndef LOA_LINKS_HTTP_QUOTA_H
#define LOA_LINKS_HTTP_QUOTA_H
// SPDX-License-Identifier: MIT

#include "gateway/links/http/http_link.h"

/* Whether the quota lets that message go now; of one that does not count, always. */
enum quota_verdict http_quota_may(struct http_link *l, const struct link_message *m,
                                  int64_t now_us);
struct quota_ticket http_quota_take(struct http_link *l, const struct link_message *m,
                                    int64_t now_us);
void http_quota_answered(struct http_link *l, const struct quota_ticket *ticket,
                         const struct answer *answer);
/* None is left, or it may not wait for what others have: it goes another way, or at `until_ms`
 * (Unix; 0: the next day). */
void http_quota_turn_away(struct http_link *l, struct link_message *m, int64_t until_ms);
/* Of what waits, what the quota does not hold back. */
int http_quota_waiting(const struct http_link *l, int64_t now_us);
/* Asks the platform, and the share, when that is due. */
void http_quota_step(struct http_link *l);

#endif

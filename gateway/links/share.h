/* Links whose rate and quota other processes share. */
#ifndef LOA_LINKS_SHARE_H
#define LOA_LINKS_SHARE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/allowance.h"
#include "gateway/core/chat.h"
#include "gateway/core/quota.h"
#include "gateway/links/link.h"

/* A rate that is shared: parts leave only in the times that were granted.  A link whose rate is not
 * shared, or that has none, keeps what it has alone. */
void link_share(struct link *link); /* from now on */
/* Parts that want to leave soon and that no grant covers; 0 when nothing waits. */
int link_wants(const struct link *link);
void link_grant(struct link *link, const struct lease *lease);
void link_grant_none(struct link *link); /* what was granted counts no more */
/* What holds for all processes: the limit that throttling answers have shown (parts a second, 0:
 * none), and what others had accepted in the last second; either may be LINK_LIMIT_KEPT.  A limit
 * that the link finds by itself it tells by on_limit. */
enum { LINK_LIMIT_KEPT = -1 };
void link_set_limit(struct link *link, int limit, int others);

/* A day's quota that is shared (core/quota.h): what the share is to be told now.  False: nothing.
 */
bool link_quota_report(struct link *link, struct quota_report *report);
/* Its answer to a report made at `told_us` (CLOCK_MONOTONIC). */
void link_quota_answer(struct link *link, const struct quota_report *report,
                       const struct quota_answer *answer, int64_t told_us);

/* Chats whose turns are shared (core/chat.h): what the share is to be asked now.  False: nothing.
 */
bool link_chats_asked(struct link *link, struct chat_asks *asks);
/* The same with its answers; as they were asked: nobody else is known to have a turn. */
void link_chats_answer(struct link *link, const struct chat_asks *asks);

#endif

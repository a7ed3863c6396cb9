/* Links whose rate other processes share. */
#ifndef LOA_LINKS_SHARE_H
#define LOA_LINKS_SHARE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/allowance.h"
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

#endif

/* What an admin is warned of before an announcement goes out; on stderr, and nothing is refused. */
#ifndef LOA_CLI_WARN_H
#define LOA_CLI_WARN_H
// SPDX-License-Identifier: MIT

#include "gateway/compose.h"

/* The announcement's own `summary` says what the announcement does not.  The composer has its
 * story. */
void warn_summary(const struct composer *c);
/* A link of the channel cannot say the announcement: others have to. */
void warn_unsaid(const struct conf_channel *channel, const struct conf_link *link,
                 const struct err *why);

#endif

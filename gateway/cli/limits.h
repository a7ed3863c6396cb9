/* What a Zalo template takes, as a running gateway was told: for who composes without a link. */
#ifndef LOA_CLI_LIMITS_H
#define LOA_CLI_LIMITS_H
// SPDX-License-Identifier: MIT

#include "gateway/cli/session.h"
#include "gateway/core/mem.h"

/* The line of core/zalo_template.h, in the arena; empty: the link has no template, no gateway was
 * told yet, or the session has no Redis. */
struct str limits_of(struct session *s, const struct conf_link *link, struct arena *arena);

#endif

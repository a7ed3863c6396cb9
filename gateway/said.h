/* What an announcement says on one channel: a text for the channel, and one of its own for each
 * link that words it otherwise. */
#ifndef LOA_GATEWAY_SAID_H
#define LOA_GATEWAY_SAID_H
// SPDX-License-Identifier: MIT

#include "gateway/compose.h"
#include "gateway/route.h"
#include "queue/plan.h"

/* Of a link that does not say it as the channel's first does. */
struct said_own {
    const struct conf_link *link;
    struct composed text;
    const char *why; /* it cannot say it at all: why; else NULL */
};

struct said {
    const struct route *route;     /* the channel's first */
    const struct conf_link *first; /* the channel's first link that can say it: worded for this */
    struct composed text;
    struct said_own own[CARRIERS_MAX];
    size_t own_n;
};

/* Forms the texts of `said->route`'s channel.  The composer's `limits` are set here.  A link that
 * cannot say it is left out as long as each route of the channel has another.  ERR_INPUT,
 * ERR_LIMIT: one has none; the sentence names the link where the channel has several. */
int said_compose(struct said *said, const struct routes *routes, struct composer *composer,
                 struct err *err) MUST_CHECK;
/* The text that goes by this link of the channel; NULL: it cannot say it. */
const struct composed *said_by(const struct said *said, const struct conf_link *link);
/* Puts down what Redis is to keep: the channel's text, and those of links that differ from it, an
 * empty one of a link that cannot say it (at most SAID_TEXTS).  Returns how many. */
enum { SAID_TEXTS = 1 + CARRIERS_MAX };
size_t said_texts(const struct said *said, struct broadcast_text out[SAID_TEXTS]);

#endif

/* On whose terms a broadcast goes: its channels, routes and links, as they are frozen with it. */
#ifndef LOA_GATEWAY_TERMS_H
#define LOA_GATEWAY_TERMS_H
// SPDX-License-Identifier: MIT

#include "gateway/said.h"
#include "queue/plan.h"

/* Of what they are made; borrowed. */
struct terms {
    const struct conf *conf;
    const struct routes *routes;
    const struct said *said; /* by channels in order of preference */
    size_t said_n;
    enum priority priority;
    struct arena *arena; /* what is answered goes there */
};

/* "zalo,sms" */
const char *terms_channels(const struct terms *terms);
/* The names of all links that send in the order of the ledger's codes; and what a part costs by
 * each of them. */
const char *terms_links(const struct terms *terms);
const char *terms_prices(const struct terms *terms);
/* The routes of its channels, the first channel's first.  Returns how many. */
size_t terms_routes(const struct terms *terms, struct broadcast_route out[ROUTES_MAX]);
/* When what is to be sent at `send_at` (0: at once) begins: links that schedule by themselves are
 * told ahead.  0: now. */
int64_t terms_start(const struct terms *terms, int64_t send_at, int64_t now_s);

#endif

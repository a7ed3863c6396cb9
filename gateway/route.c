/* A route of the running gateway. */
// SPDX-License-Identifier: MIT
#include "gateway/route.h"

enum { AHEAD_LEAST = 2, AHEAD_MOST = 16 };

int
route_ahead(const struct route *route)
{
    int64_t rate = 0;
    for (size_t i = 0; i < route->links_n; i++) {
        int one = link_conf(route->links[i])->rate;
        if (one == 0) {
            return AHEAD_MOST;
        }
        rate += one;
    }
    int64_t chunks = 1 + (rate + CHUNK_MEMBERS - 1) / CHUNK_MEMBERS;
    return chunks < AHEAD_LEAST ? AHEAD_LEAST : chunks > AHEAD_MOST ? AHEAD_MOST : (int)chunks;
}

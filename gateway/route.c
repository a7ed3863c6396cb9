/* A route of the running gateway. */
// SPDX-License-Identifier: MIT
#include "gateway/route.h"

#include <string.h>

enum { AHEAD_LEAST = 2, AHEAD_MOST = 16 };

int
route_ahead(const struct route *route)
{
    int64_t rate = 0;
    for (size_t i = 0; i < route->senders_n; i++) {
        const struct conf_link *conf = link_conf(route->links[i]);
        if (conf->rate == 0 && conf->bind != BIND_RECEIVER) {
            return AHEAD_MOST;
        }
        rate += conf->rate;
    }
    int64_t chunks = 1 + (rate + CHUNK_MEMBERS - 1) / CHUNK_MEMBERS;
    return chunks < AHEAD_LEAST ? AHEAD_LEAST : chunks > AHEAD_MOST ? AHEAD_MOST : (int)chunks;
}

size_t
route_link_index(const struct route *route, const struct link *link)
{
    size_t i = 0;
    while (i < route->links_n && route->links[i] != link) {
        i++;
    }
    return i;
}

const char *
route_ids_name(const struct route *route, const struct link *link)
{
    const struct conf_link *own = link_conf(link);
    for (size_t i = 0; own->bind == BIND_RECEIVER && i < route->senders_n; i++) {
        const struct conf_link *other = link_conf(route->links[i]);
        if (other->bind != BIND_RECEIVER && strcmp(other->host, own->host) == 0 &&
            other->port == own->port && strcmp(other->system_id, own->system_id) == 0) {
            return other->name;
        }
    }
    return own->name;
}

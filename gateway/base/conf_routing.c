/* The routes of a configuration. */
// SPDX-License-Identifier: MIT
#include "gateway/base/conf_routing.h"

#include <stdio.h>

void
conf_routing(const struct conf *conf, struct routing *out)
{
    out->n = 0;
    for (size_t i = 0; i < conf->channels_n && out->n < ROUTES_MAX; i++) {
        struct routing_route *route = &out->route[out->n++];
        *route = (struct routing_route){
            .channel = conf->channels[i].name,
            .letter = channel_letter(conf->channels[i].name),
        };
        (void)snprintf(route->name, sizeof route->name, "%s", route->channel);
    }
}

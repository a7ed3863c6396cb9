/* Routes: which links may carry a member's message. */
// SPDX-License-Identifier: MIT
#include "gateway/core/routing.h"

#include <string.h>

static const struct {
    const char *name;
    char letter;
    enum address_kind kind;
} channels[] = {
    {"sms", 's', ADDRESS_PHONE}, {"zalo", 'z', ADDRESS_ZALO}, {"telegram", 't', ADDRESS_CHAT}};

char
channel_letter(const char *channel)
{
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        if (strcmp(channels[i].name, channel) == 0) {
            return channels[i].letter;
        }
    }
    return '\0';
}

bool
channel_address(const char *channel, enum address_kind *kind)
{
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        if (strcmp(channels[i].name, channel) == 0) {
            *kind = channels[i].kind;
            return true;
        }
    }
    return false;
}

/* How much of the address the route names; -1: it is not for it. */
static int
match(const struct routing_route *route, struct str address)
{
    int best = route->prefixes_n == 0 ? 0 : -1;
    for (size_t i = 0; i < route->prefixes_n; i++) {
        int n = (int)strlen(route->prefixes[i]);
        if (n > best && str_starts(address, str_of(route->prefixes[i]))) {
            best = n;
        }
    }
    return best;
}

const struct routing_route *
routing_find(const struct routing *routing, const char *channel, struct str address)
{
    const struct routing_route *best = NULL;
    int length = -1;
    for (size_t i = 0; i < routing->n; i++) {
        const struct routing_route *route = &routing->route[i];
        if (strcmp(route->channel, channel) == 0 && match(route, address) > length) {
            length = match(route, address);
            best = route;
        }
    }
    return best;
}

char
routing_letter(struct str routes, const char *name)
{
    while (routes.p && routes.n > 0) {
        struct str one = str_cut(&routes, ',');
        if (one.n > 2 && one.p[1] == '=' && str_equal_z(str_from(one, 2), name)) {
            return one.p[0];
        }
    }
    return '\0';
}

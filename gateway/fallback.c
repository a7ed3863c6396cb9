/* Falling back to the next channel. */
// SPDX-License-Identifier: MIT
#include "gateway/fallback.h"

#include <string.h>

/* The item at `place` of "a,,b". */
static struct str
item_at(struct str list, uint32_t place)
{
    struct str one = str_cut(&list, ',');
    for (uint32_t i = 0; i < place; i++) {
        if (!list.p) {
            return (struct str){NULL, 0};
        }
        one = str_cut(&list, ',');
    }
    return one;
}

/* The broadcast's first route of a channel: "sms" itself, or "sms.viettel". */
static char
first_route(struct str routes, const char *channel)
{
    size_t n = strlen(channel);
    while (routes.p && routes.n > 0) {
        struct str one = str_cut(&routes, ',');
        bool fits = one.n >= n + 2 && memcmp(one.p + 2, channel, n) == 0 &&
                    (one.n == n + 2 || one.p[n + 2] == '.');
        if (fits) {
            return one.p[0];
        }
    }
    return '\0';
}

static char
route_on(const struct worker *w, const struct broadcast *b, const char *channel, struct str address)
{
    const struct routing_route *route = routing_find(w->route->routing, channel, address);
    char letter = route ? routing_letter(str_of(b->routes), route->name) : '\0';
    return letter ? letter : first_route(str_of(b->routes), channel);
}

char
fallback_letter(const struct worker *w, const struct held *h, uint32_t place)
{
    const struct broadcast *b = h->broadcast;
    struct str channels = str_of(b->channels);
    for (size_t i = 0; channels.p; i++) {
        char name[16];
        struct str channel = str_cut(&channels, ',');
        struct str address = item_at(chunk_addresses(h->entry_text, i), place);
        if (i <= b->channel || address.n == 0 || channel.n >= sizeof name) {
            continue;
        }
        memcpy(name, channel.p, channel.n);
        name[channel.n] = '\0';
        char letter = route_on(w, b, name, address);
        if (letter) {
            return letter;
        }
    }
    return '\0';
}

void
fallback_wake(struct worker *w, const struct held *h, const char *letters)
{
    struct str routes = str_of(h->broadcast->routes);
    const struct work_chunks feed = {h->id, h->priority, &h->chunk, 1};
    while (routes.p && routes.n > 0) {
        char name[ROUTE_NAME_SIZE];
        struct str one = str_cut(&routes, ',');
        if (one.n > 2 && one.n - 2 < sizeof name && strchr(letters, one.p[0])) {
            memcpy(name, one.p + 2, one.n - 2);
            name[one.n - 2] = '\0';
            work_feed(w->queue, name, &feed, queue_ignore, NULL);
        }
    }
}

/* The routes of a configuration. */
// SPDX-License-Identifier: MIT
#include "gateway/base/conf_routing.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/conf_form.h"

enum { GAP_DEPTH = 7 }; /* digits of a prefix that are looked into */

/* How much of `number` the link names: 0 for one that carries all, -1 for one that does not. */
static int
match(const struct conf_link *link, const char *number)
{
    int best = link->prefixes_n == 0 ? 0 : -1;
    for (size_t i = 0; i < link->prefixes_n; i++) {
        int n = (int)strlen(link->prefixes[i]);
        if (n > best && strncmp(number, link->prefixes[i], (size_t)n) == 0) {
            best = n;
        }
    }
    return best;
}

static bool
goes_before(const struct conf_channel *channel, const char *number, const struct conf_link *a,
            const struct conf_link *b)
{
    int of_a = match(a, number), of_b = match(b, number);
    return of_a != of_b ? of_a > of_b : conf_price(channel, a) < conf_price(channel, b);
}

/* Of two that go before and stand alike one counts. */
static int
order_of(const struct conf *conf, const struct conf_channel *channel, const char *number,
         const struct conf_link *link)
{
    int order = 0;
    for (size_t i = 0; i < channel->links_n; i++) {
        const struct conf_link *one = conf_link(conf, channel->links[i]);
        bool counts = one && match(one, number) >= 0 && goes_before(channel, number, one, link);
        for (size_t k = 0; counts && k < i; k++) {
            const struct conf_link *other = conf_link(conf, channel->links[k]);
            counts = !other || match(other, number) < 0 ||
                     goes_before(channel, number, one, other) ||
                     goes_before(channel, number, other, one);
        }
        order += counts;
    }
    return match(link, number) < 0 ? -1 : order;
}

static const char *
number_of(const struct routing_route *route)
{
    return route->prefixes_n > 0 ? route->prefixes[0] : "";
}

int
conf_route_order(const struct conf *conf, const struct routing_route *route,
                 const struct conf_link *link)
{
    return order_of(conf, conf_channel(conf, route->channel), number_of(route), link);
}

/* Whether numbers with that prefix go as those of the route do. */
static bool
is_like(const struct conf *conf, const struct conf_channel *channel,
        const struct routing_route *route, const char *prefix)
{
    for (size_t i = 0; i < channel->links_n; i++) {
        const struct conf_link *link = conf_link(conf, channel->links[i]);
        if (link && order_of(conf, channel, prefix, link) != conf_route_order(conf, route, link)) {
            return false;
        }
    }
    return true;
}

/* "sms.viettel+vina": the links that go first. */
static void
name_route(const struct conf *conf, const struct conf_channel *channel, struct routing_route *route)
{
    size_t n = (size_t)snprintf(route->name, sizeof route->name, "%s", channel->name);
    char between = '.';
    for (size_t i = 0; i < channel->links_n && n + 1 < sizeof route->name; i++) {
        const struct conf_link *link = conf_link(conf, channel->links[i]);
        if (link && conf_route_order(conf, route, link) == 0) {
            n += (size_t)snprintf(route->name + n, sizeof route->name - n, "%c%s", between,
                                  link->name);
            between = '+';
        }
    }
}

static bool
is_taken(const struct routing *out, const char *name)
{
    for (size_t i = 0; i + 1 < out->n; i++) {
        if (strcmp(out->route[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The route of the channel that such numbers have already; NULL: none. */
static struct routing_route *
known_route(const struct conf *conf, const struct conf_channel *channel, const char *prefix,
            struct routing *out)
{
    for (size_t i = 0; i < out->n; i++) {
        struct routing_route *route = &out->route[i];
        if (route->channel == channel->name && route->prefixes_n > 0 &&
            is_like(conf, channel, route, prefix)) {
            return route;
        }
    }
    return NULL;
}

static bool
new_route(const struct conf *conf, const struct conf_channel *channel, const char *prefix,
          struct routing *out)
{
    if (out->n == ROUTES_MAX) {
        return false;
    }
    struct routing_route *route = &out->route[out->n++];
    *route = (struct routing_route){.channel = channel->name, .prefixes_n = 1};
    route->letter = (char)('A' + (out->n - 1));
    route->prefixes[0] = prefix;
    name_route(conf, channel, route);
    size_t n = strlen(route->name);
    if (is_taken(out, route->name) && n + 2 < sizeof route->name) { /* other helpers behind them */
        route->name[n] = '~';
        route->name[n + 1] = route->letter;
    }
    return true;
}

/* False: there is no room for it. */
static bool
add_prefix(const struct conf *conf, const struct conf_channel *channel, const char *prefix,
           struct routing *out)
{
    struct routing_route *known = known_route(conf, channel, prefix, out);
    if (!known) {
        return new_route(conf, channel, prefix, out);
    }
    if (known->prefixes_n == ROUTE_PREFIXES) {
        return false;
    }
    known->prefixes[known->prefixes_n++] = prefix;
    return true;
}

static bool
carries_all(const struct conf *conf, const struct conf_channel *channel)
{
    for (size_t i = 0; i < channel->links_n; i++) {
        const struct conf_link *link = conf_link(conf, channel->links[i]);
        if (link && link->prefixes_n == 0) {
            return true;
        }
    }
    return false;
}

static bool
add_prefixes(const struct conf *conf, const struct conf_channel *channel,
             const struct conf_link *link, struct routing *out)
{
    size_t k = 0;
    while (k < link->prefixes_n && add_prefix(conf, channel, link->prefixes[k], out)) {
        k++;
    }
    return k == link->prefixes_n;
}

static const struct conf_link *
add_channel(const struct conf *conf, const struct conf_channel *channel, struct routing *out)
{
    if (carries_all(conf, channel) && out->n < ROUTES_MAX) {
        struct routing_route *route = &out->route[out->n++];
        *route = (struct routing_route){.channel = channel->name};
        route->letter = channel_letter(channel->name);
        (void)snprintf(route->name, sizeof route->name, "%s", channel->name);
    }
    for (size_t i = 0; i < channel->links_n; i++) {
        const struct conf_link *link = conf_link(conf, channel->links[i]);
        if (link && !add_prefixes(conf, channel, link, out)) {
            return link;
        }
    }
    return NULL;
}

const struct conf_link *
conf_routing(const struct conf *conf, struct routing *out)
{
    const struct conf_link *too_many = NULL;
    out->n = 0;
    for (size_t i = 0; i < conf->channels_n && !too_many; i++) {
        too_many = add_channel(conf, &conf->channels[i], out);
    }
    return too_many;
}

/* ---- What nobody carries. */

static bool
begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* Whether some prefix covers all numbers that begin so, or goes on behind it. */
static void
look(const struct conf *conf, const struct conf_channel *channel, const char *number, bool *covered,
     bool *deeper)
{
    *covered = *deeper = false;
    for (size_t i = 0; i < channel->links_n; i++) {
        const struct conf_link *link = conf_link(conf, channel->links[i]);
        *covered = *covered || !link || match(link, number) >= 0;
        for (size_t k = 0; link && k < link->prefixes_n; k++) {
            *deeper = *deeper || begins_with(link->prefixes[k], number);
        }
    }
}

static bool
gap_below(const struct conf *conf, const struct conf_channel *channel, char out[CONF_GAP_SIZE],
          int depth)
{
    bool covered, deeper;
    look(conf, channel, out, &covered, &deeper);
    if (covered || strcmp(out, "8495") == 0) { /* 095 is no mobile */
        return false;
    }
    if (!deeper || depth == GAP_DEPTH) {
        return true;
    }
    size_t n = strlen(out);
    for (int digit = 0; digit < 10; digit++) {
        out[n] = (char)('0' + digit);
        out[n + 1] = '\0';
        if (gap_below(conf, channel, out, depth + 1)) {
            return true;
        }
    }
    out[n] = '\0';
    return false;
}

bool
conf_routing_gap(const struct conf *conf, const struct conf_channel *channel,
                 char out[CONF_GAP_SIZE])
{
    static const char firsts[] = "35789";
    for (size_t i = 0; firsts[i]; i++) {
        (void)snprintf(out, CONF_GAP_SIZE, "84%c", firsts[i]);
        if (gap_below(conf, channel, out, 1)) {
            return true;
        }
    }
    return false;
}

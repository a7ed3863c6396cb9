/* Routes of the running gateway. */
// SPDX-License-Identifier: MIT
#include "gateway/route.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/conf_form.h"
#include "gateway/base/conf_routing.h"
#include "gateway/base/log.h"

enum { AHEAD_LEAST = 2, AHEAD_MOST = 16 };

int
route_ahead(const struct route *route)
{
    double rate = 0;
    for (size_t i = 0; i < route->carriers_n; i++) {
        const struct conf_link *conf = link_conf(route->carriers[i]->link);
        if (conf->rate == 0 && conf_sends(conf)) {
            return AHEAD_MOST;
        }
        rate += conf->rate;
    }
    int64_t chunks = 1 + ((int64_t)rate + CHUNK_MEMBERS) / CHUNK_MEMBERS;
    return chunks < AHEAD_LEAST ? AHEAD_LEAST : chunks > AHEAD_MOST ? AHEAD_MOST : (int)chunks;
}

size_t
route_place(const struct route *route, const struct link *link)
{
    size_t i = 0;
    while (i < route->carriers_n && route->carriers[i]->link != link) {
        i++;
    }
    return i;
}

bool
route_holds_uncertain(const struct route *route)
{
    return link_conf(route->carriers[0]->link)->on_uncertain == UNCERTAIN_HOLD;
}

bool
route_confirms(const struct route *route)
{
    for (size_t i = 0; i < route->carriers_n; i++) {
        const struct conf_link *link = link_conf(route->carriers[i]->link);
        if (link->kind != LINK_TELEGRAM && link->receipts != RECEIPTS_NONE) {
            return true;
        }
    }
    return false;
}

int64_t
route_uncertain_wait_ms(const struct route *route, const struct conf *conf)
{
    for (size_t i = 0; i < route->carriers_n; i++) {
        if (link_conf(route->carriers[i]->link)->receipts != RECEIPTS_NONE) {
            return conf->uncertain_wait_ms;
        }
    }
    return 0;
}

int64_t
route_schedule_s(const struct route *route)
{
    int64_t least_ms = INT64_MAX;
    for (size_t i = 0; i < route->carriers_n; i++) {
        const struct conf_link *conf = link_conf(route->carriers[i]->link);
        int64_t ms = conf->kind == LINK_SMPP && conf->schedule != SCHEDULE_NONE
                         ? conf->schedule_ahead_ms
                         : 0;
        least_ms = ms < least_ms ? ms : least_ms;
    }
    return route->carriers_n > 0 ? least_ms / 1000 : 0;
}

const char *
route_ids_name(const struct routes *routes, const struct link *link)
{
    const struct conf_link *own = link_conf(link);
    for (size_t i = 0; !conf_sends(own) && i < routes->carriers_n; i++) {
        const struct conf_link *other = link_conf(routes->carrier[i].link);
        if (other->kind == LINK_SMPP && conf_sends(other) && strcmp(other->host, own->host) == 0 &&
            other->port == own->port && strcmp(other->system_id, own->system_id) == 0) {
            return other->name;
        }
    }
    return own->name;
}

struct carrier *
routes_carrier(struct routes *routes, const struct link *link)
{
    for (size_t i = 0; i < routes->carriers_n; i++) {
        if (routes->carrier[i].link == link) {
            return &routes->carrier[i];
        }
    }
    return NULL;
}

const struct route *
routes_of_channel(const struct routes *routes, const char *channel)
{
    for (size_t i = 0; i < routes->n; i++) {
        if (strcmp(routes->route[i].conf->name, channel) == 0) {
            return &routes->route[i];
        }
    }
    return NULL;
}

const struct route *
routes_named(const struct routes *routes, const char *name)
{
    for (size_t i = 0; i < routes->n; i++) {
        if (strcmp(routes->route[i].name, name) == 0) {
            return &routes->route[i];
        }
    }
    return NULL;
}

const struct route *
routes_adopt(struct routes *routes, const char *name)
{
    char channel[ROUTE_NAME_SIZE];
    (void)snprintf(channel, sizeof channel, "%.*s", (int)strcspn(name, "."), name);
    const struct route *like = routes_of_channel(routes, channel);
    if (!like || routes->n == ROUTES_MAX) {
        return NULL;
    }
    struct route *route = &routes->route[routes->n++];
    *route = *like;
    route->adopted = true;
    (void)snprintf(route->own_name, sizeof route->own_name, "%s", name);
    route->name = route->own_name;
    return route;
}

/* ---- Opening. */

struct opening {
    struct routes *routes;
    struct event_base *base;
    const struct conf *conf;
    const struct link_events *events;
};

static struct carrier *
carrier_named(struct routes *routes, const struct conf_link *conf)
{
    for (size_t i = 0; i < routes->carriers_n; i++) {
        if (link_conf(routes->carrier[i].link) == conf) {
            return &routes->carrier[i];
        }
    }
    return NULL;
}

/* The link's carrier, opened by the first route that names it. */
static struct carrier *
open_carrier(struct opening *o, const struct conf_link *conf, const char *channel, struct err *err)
{
    struct routes *routes = o->routes;
    struct carrier *known = carrier_named(routes, conf);
    if (known) {
        return known;
    }
    if (routes->carriers_n == CARRIERS_MAX) {
        (void)err_set(err, ERR_CONFIG, "links: more than %d", CARRIERS_MAX);
        return NULL;
    }
    struct link *link = link_new(o->base, conf, o->events, err);
    if (!link) {
        (void)err_prefix(err, "links.%s: ", conf->name);
        return NULL;
    }
    struct carrier *carrier = &routes->carrier[routes->carriers_n++];
    *carrier = (struct carrier){.link = link, .rate = conf->rate, .channel = channel};
    return carrier;
}

/* Behind those that go before it, or stand alike and were named before. */
static void
put_carrier(struct route *route, struct carrier *carrier, int order)
{
    size_t at = route->carriers_n++;
    while (at > 0 && route->order[at - 1] > order) {
        route->carriers[at] = route->carriers[at - 1];
        route->order[at] = route->order[at - 1];
        at--;
    }
    route->carriers[at] = carrier;
    route->order[at] = order;
}

static int
open_route(struct opening *o, const struct routing_route *from, struct err *err)
{
    const struct conf_channel *channel = conf_channel(o->conf, from->channel);
    struct route *route = &o->routes->route[o->routes->n];
    *route = (struct route){.name = from->name,
                            .letter = from->letter,
                            .conf = channel,
                            .routing = &o->routes->routing};
    route->channel = channel_letter(from->channel);
    for (size_t i = 0; i < channel->links_n; i++) {
        const struct conf_link *conf = conf_link(o->conf, channel->links[i]);
        int order = conf ? conf_route_order(o->conf, from, conf) : -1;
        if (order < 0 || !link_kind_is_known(conf->kind)) {
            continue;
        }
        if (route->carriers_n == ROUTE_LINKS) {
            return err_set(err, ERR_CONFIG, "channels.%s.links: more than %d", channel->name,
                           ROUTE_LINKS);
        }
        struct carrier *carrier = open_carrier(o, conf, channel->name, err);
        if (!carrier) {
            return -1;
        }
        put_carrier(route, carrier, order);
    }
    if (route->carriers_n > 0) {
        o->routes->n++;
    } else {
        log_event(LOG_WARNING, "channel.ignored", "channel=%s why=%s", channel->name,
                  "\"this version does not send by its links\"");
    }
    return 0;
}

int
routes_open(struct routes *routes, struct event_base *base, const struct conf *conf,
            const struct link_events *events, struct err *err)
{
    struct opening o = {routes, base, conf, events};
    (void)conf_routing(conf, &routes->routing);
    for (size_t i = 0; i < routes->routing.n; i++) {
        if (open_route(&o, &routes->routing.route[i], err) != 0) {
            return -1;
        }
    }
    if (routes->n == 0) {
        return err_set(err, ERR_CONFIG,
                       "channels: no channel has a link by which this version can send");
    }
    routes->senders_n = routes->carriers_n;
    for (size_t i = 0; i < conf->links_n; i++) {
        if (!conf_sends(&conf->links[i]) && !open_carrier(&o, &conf->links[i], "sms", err)) {
            return -1;
        }
    }
    return 0;
}

void
routes_close(struct routes *routes)
{
    for (size_t i = 0; i < routes->carriers_n; i++) {
        link_free(&routes->carrier[i].link);
    }
    routes->carriers_n = 0;
}

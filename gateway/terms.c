/* On whose terms a broadcast goes. */
// SPDX-License-Identifier: MIT
#include "gateway/terms.h"

#include "gateway/base/conf_form.h"

/* Copies what was joined, into the arena. */
static const char *
keep(const struct terms *t, struct buf *joined)
{
    struct str text = buf_str(joined);
    const char *copy = arena_strndup(t->arena, text.p, text.n);
    buf_deinit(joined);
    return copy;
}

const char *
terms_channels(const struct terms *t)
{
    struct buf joined;
    buf_init(&joined, 256);
    for (size_t i = 0; i < t->said_n; i++) {
        buf_add_format(&joined, "%s%s", i ? "," : "", t->said[i].route->conf->name);
    }
    return keep(t, &joined);
}

const char *
terms_links(const struct terms *t)
{
    struct buf joined;
    buf_init(&joined, (size_t)CARRIERS_MAX * 48);
    for (size_t i = 0; i < t->routes->senders_n; i++) {
        const struct conf_link *link = link_conf(t->routes->carrier[i].link);
        buf_add_format(&joined, "%s%s", i ? "," : "", link->name);
    }
    return keep(t, &joined);
}

const char *
terms_prices(const struct terms *t)
{
    struct buf joined;
    buf_init(&joined, (size_t)CARRIERS_MAX * 48);
    for (size_t i = 0; i < t->routes->senders_n; i++) {
        const struct carrier *carrier = &t->routes->carrier[i];
        const struct conf_channel *channel = conf_channel(t->conf, carrier->channel);
        buf_add_format(&joined, "%s%d", i ? "," : "",
                       conf_price(channel, link_conf(carrier->link)));
    }
    return keep(t, &joined);
}

/* The link of the route that goes first, of those that can say it. */
static const struct conf_link *
first_link(const struct said *said, const struct route *route)
{
    for (size_t i = 0; i < route->carriers_n; i++) {
        const struct conf_link *link = link_conf(route->carriers[i]->link);
        if (said_by(said, link)) {
            return link;
        }
    }
    return said->first;
}

/* Parts and price are those of the link that goes first.  On the last channel some may wait all the
 * same: who prefers it (not in an emergency) has another one behind it. */
static struct broadcast_route
terms_of(const struct terms *t, const struct said *said, const struct route *route)
{
    const struct conf *conf = t->conf;
    const struct conf_link *first = first_link(said, route);
    bool last = said + 1 == t->said + t->said_n;
    bool final = last && (t->said_n == 1 || t->priority == PRIORITY_EMERGENCY);
    int64_t after_ms = route->conf->fallback_after_ms;
    if (t->priority == PRIORITY_EMERGENCY && conf->emergency_fallback_after_ms > 0) {
        after_ms = conf->emergency_fallback_after_ms;
    }
    int64_t doubt_ms =
        after_ms > 0 && after_ms < conf->receipts_wait_ms ? after_ms : conf->receipts_wait_ms;
    return (struct broadcast_route){
        .name = route->name,
        .letter = route->letter,
        .parts_each = said_by(said, first)->parts,
        .price = conf_price(route->conf, first),
        .ahead = route_ahead(route),
        .on_uncertain = route_holds_uncertain(route) ? "hold" : "resend",
        .uncertain_wait_ms = route_uncertain_wait_ms(route, conf),
        .confirm_ms = final || !route_confirms(route) ? 0 : after_ms,
        .doubt_ms = final || !route_holds_uncertain(route) ? 0 : doubt_ms,
        .last = last,
    };
}

static size_t
channel_routes(const struct terms *t, const struct said *said, struct broadcast_route *out)
{
    size_t n = 0;
    for (size_t i = 0; i < t->routes->n; i++) {
        const struct route *route = &t->routes->route[i];
        if (route->conf == said->route->conf && !route->adopted) {
            out[n++] = terms_of(t, said, route);
        }
    }
    return n;
}

size_t
terms_routes(const struct terms *t, struct broadcast_route out[ROUTES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < t->said_n; i++) {
        n += channel_routes(t, &t->said[i], out + n);
    }
    return n;
}

int64_t
terms_start(const struct terms *t, int64_t send_at, int64_t now_s)
{
    const struct routes *routes = t->routes;
    int64_t ahead_s = INT64_MAX;
    for (size_t i = 0; i < routes->n; i++) {
        bool told = false;
        for (size_t k = 0; k < t->said_n; k++) {
            told = told || routes->route[i].conf == t->said[k].route->conf;
        }
        int64_t own_s = told ? route_schedule_s(&routes->route[i]) : INT64_MAX;
        ahead_s = own_s < ahead_s ? own_s : ahead_s;
    }
    int64_t start_s = send_at - (ahead_s < INT64_MAX ? ahead_s : 0);
    return start_s > now_s ? start_s : 0;
}

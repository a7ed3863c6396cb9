/* Forms the texts of a channel. */
// SPDX-License-Identifier: MIT
#include "gateway/said.h"

#include <string.h>

#include "gateway/base/conf_form.h"

/* A link of ours that messages go by; NULL: it is not open, or only receives. */
static struct link *
link_named(const struct routes *routes, const char *name)
{
    for (size_t i = 0; i < routes->senders_n; i++) {
        struct link *link = routes->carrier[i].link;
        if (strcmp(link_conf(link)->name, name) == 0) {
            return conf_sends(link_conf(link)) ? link : NULL;
        }
    }
    return NULL;
}

/* An entry of a link that says it as `link` does; NULL: there is none yet. */
static const struct said_own *
own_alike(const struct said *said, const struct conf_link *link)
{
    for (size_t i = 0; i < said->own_n; i++) {
        if (conf_says_alike(said->route->conf, said->own[i].link, link)) {
            return &said->own[i];
        }
    }
    return NULL;
}

/* One more link, unless it says what the channel says. */
static void
add_link(struct said *said, struct link *link, struct composer *composer)
{
    const struct conf_link *conf = link_conf(link);
    const struct conf_channel *channel = said->route->conf;
    const struct said_own *same = own_alike(said, conf);
    struct said_own *own = &said->own[said->own_n];
    struct err err = {0};
    if (said->first && conf_says_alike(channel, said->first, conf)) {
        return;
    }
    composer->limits = link_limits(link);
    *own = (struct said_own){.link = conf};
    if (same) {
        own->text = same->text;
        own->why = same->why;
    } else if (compose(composer, channel, conf, &own->text, &err) != 0) {
        own->why = arena_strndup(composer->arena, err.text, strlen(err.text));
    } else if (!said->first) {
        said->first = conf;
        said->text = own->text;
        return;
    }
    said->own_n++;
}

/* Why the link cannot say it; NULL: it can. */
static const char *
why_not(const struct said *said, const struct link *link)
{
    for (size_t i = 0; i < said->own_n; i++) {
        if (said->own[i].link == link_conf(link)) {
            return said->own[i].why;
        }
    }
    return NULL;
}

/* Whether one of the route's links can say it. */
static int
check_route(const struct said *said, const struct route *route, struct err *err)
{
    const struct link *first = route->carriers[0]->link;
    for (size_t i = 0; i < route->carriers_n; i++) {
        if (!why_not(said, route->carriers[i]->link)) {
            return 0;
        }
    }
    (void)err_set(err, ERR_INPUT, "%s", why_not(said, first));
    return route->conf->links_n > 1 ? err_prefix(err, "link %s: ", link_conf(first)->name) : -1;
}

static int
check_routes(const struct said *said, const struct routes *routes, struct err *err)
{
    for (size_t i = 0; i < routes->n; i++) {
        const struct route *route = &routes->route[i];
        if (route->conf == said->route->conf && !route->adopted &&
            check_route(said, route, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int
said_compose(struct said *said, const struct routes *routes, struct composer *composer,
             struct err *err)
{
    const struct conf_channel *channel = said->route->conf;
    bool any = false;
    said->first = NULL;
    said->own_n = 0;
    for (size_t i = 0; i < channel->links_n && said->own_n < CARRIERS_MAX; i++) {
        struct link *link = link_named(routes, channel->links[i]);
        any = any || link;
        if (link) {
            add_link(said, link, composer);
        }
    }
    if (!any) {
        add_link(said, said->route->carriers[0]->link, composer);
    }
    return check_routes(said, routes, err);
}

const struct composed *
said_by(const struct said *said, const struct conf_link *link)
{
    for (size_t i = 0; i < said->own_n; i++) {
        if (said->own[i].link == link) {
            return said->own[i].why ? NULL : &said->own[i].text;
        }
    }
    return &said->text;
}

size_t
said_texts(const struct said *said, struct broadcast_text out[SAID_TEXTS])
{
    const char *channel = said->route->conf->name;
    size_t n = 0;
    out[n++] = (struct broadcast_text){channel, NULL, said->text.text};
    for (size_t i = 0; i < said->own_n; i++) {
        const struct said_own *own = &said->own[i];
        struct str text = own->why ? (struct str){"", 0} : own->text.text;
        if (!str_equal(text, said->text.text)) {
            out[n++] = (struct broadcast_text){channel, own->link->name, text};
        }
    }
    return n;
}

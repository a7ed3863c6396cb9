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

/* The text of a link that says it as `link` does; NULL: there is none yet. */
static const struct composed *
known(const struct said *said, const struct conf_link *link)
{
    const struct conf_channel *channel = said->route->conf;
    if (!said->first) {
        return NULL;
    }
    if (conf_says_alike(channel, said->first, link)) {
        return &said->text;
    }
    for (size_t i = 0; i < said->own_n; i++) {
        if (conf_says_alike(channel, said->own[i].link, link)) {
            return &said->own[i].text;
        }
    }
    return NULL;
}

/* The text of one more link, unless it is the channel's. */
static int
add_link(struct said *said, struct link *link, struct composer *composer, struct err *err)
{
    const struct conf_link *conf = link_conf(link);
    const struct composed *same = known(said, conf);
    struct composed *text = said->first ? &said->own[said->own_n].text : &said->text;
    if (same == &said->text) {
        return 0;
    }
    composer->limits = link_limits(link);
    if (same) {
        *text = *same;
    } else if (compose(composer, said->route->conf, conf, text, err) != 0) {
        return said->first ? err_prefix(err, "link %s: ", conf->name) : -1;
    }
    if (said->first) {
        said->own[said->own_n++].link = conf;
    } else {
        said->first = conf;
    }
    return 0;
}

int
said_compose(struct said *said, const struct routes *routes, struct composer *composer,
             struct err *err)
{
    const struct conf_channel *channel = said->route->conf;
    said->first = NULL;
    said->own_n = 0;
    for (size_t i = 0; i < channel->links_n && said->own_n < CARRIERS_MAX; i++) {
        struct link *link = link_named(routes, channel->links[i]);
        if (link && add_link(said, link, composer, err) != 0) {
            return -1;
        }
    }
    return said->first ? 0 : add_link(said, said->route->carriers[0]->link, composer, err);
}

const struct composed *
said_by(const struct said *said, const struct conf_link *link)
{
    for (size_t i = 0; i < said->own_n; i++) {
        if (said->own[i].link == link) {
            return &said->own[i].text;
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
        struct str text = said->own[i].text.text;
        if (!str_equal(text, said->text.text)) {
            out[n++] = (struct broadcast_text){channel, said->own[i].link->name, text};
        }
    }
    return n;
}

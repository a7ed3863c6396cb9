/* What this process knows of broadcasts under way. */
// SPDX-License-Identifier: MIT
#include "gateway/broadcasts.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf_form.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "gateway/core/wording.h"

static const int64_t KEEP_US = INT64_C(60) * 1000000;

struct broadcasts {
    struct queue *queue;
    const struct route *route;
    /* Of the route's links those that may say it otherwise than the others: asked for by name. */
    const char *own[ROUTE_LINKS];
    size_t own_n;
    struct broadcast *list;
};

/* One question to Redis; the answer may find that another question brought the same broadcast. */
struct asked {
    struct broadcasts *broadcasts;
    broadcast_fn *fn;
    void *arg;
};

/* Whether `link` says it as all links of the route do. */
static bool
says_it_too(const struct route *route, const struct conf_link *link)
{
    bool alike = true;
    for (size_t i = 0; i < route->carriers_n && link; i++) {
        const struct conf_link *other = link_conf(route->carriers[i]->link);
        alike = alike && conf_says_alike(route->conf, link, other);
    }
    return alike;
}

/* Whether all links of the channel say it alike, as nearly always: then there is one text. */
static bool
says_one_thing(const struct route *route, const struct conf *conf)
{
    bool alike = true;
    for (size_t i = 0; i < route->conf->links_n; i++) {
        alike = alike && says_it_too(route, conf_link(conf, route->conf->links[i]));
    }
    return alike;
}

struct broadcasts *
broadcasts_new(struct queue *queue, const struct conf *conf, const struct route *route)
{
    struct broadcasts *b = xcalloc(1, sizeof *b);
    b->queue = queue;
    b->route = route;
    for (size_t i = 0; i < route->carriers_n && !says_one_thing(route, conf); i++) {
        b->own[b->own_n++] = link_conf(route->carriers[i]->link)->name;
    }
    return b;
}

static void
free_one(struct broadcast *b)
{
    for (size_t i = 0; i < ROUTE_LINKS; i++) {
        link_text_free(&b->texts[i]);
    }
    free(b->channels);
    free(b->routes);
    free(b);
}

void
broadcasts_free(struct broadcasts **broadcasts)
{
    if (!*broadcasts) {
        return;
    }
    while ((*broadcasts)->list) {
        struct broadcast *b = (*broadcasts)->list;
        (*broadcasts)->list = b->next;
        free_one(b);
    }
    free(*broadcasts);
    *broadcasts = NULL;
}

static struct broadcast *
find(const struct broadcasts *broadcasts, const char *id)
{
    struct broadcast *b = broadcasts->list;
    while (b && strcmp(b->id, id) != 0) {
        b = b->next;
    }
    return b;
}

/* The place of `name` in "viettel,vina"; -1: not there. */
static int
place_of(const char *list, const char *name)
{
    struct str rest = str_of(list);
    for (int code = 0; rest.p; code++) {
        if (str_equal_z(str_cut(&rest, ','), name)) {
            return code;
        }
    }
    return -1;
}

static enum link_names
names_in(struct str text, const struct route *route, const struct link *link)
{
    if (!wording_is_named(text)) {
        return NAMES_NONE;
    }
    return conf_is_plain(route->conf, link_conf(link)) ? NAMES_PLAIN : NAMES_ANY;
}

static const char *
nameless_in(struct str text)
{
    struct arena *arena = arena_new();
    bool english = template_language_of(arena, text) == TEMPLATE_EN;
    arena_free(&arena);
    return english ? "all" : "quý vị";
}

/* What goes by the route's link `i`; empty: it cannot say it. */
static struct str
text_by(const struct broadcasts *all, const struct broadcast_info *info, size_t i)
{
    const char *own = i < all->own_n ? info->own[i] : NULL;
    return str_of(own ? own : info->text);
}

/* Makes the text ready for each link of the route.  -1: no link can carry it. */
static int
prepare_texts(struct broadcast *b, const struct broadcasts *all, const struct broadcast_info *info,
              struct err *err)
{
    int usable = 0;
    const struct route *route = all->route;
    struct link_content content = {
        .reference = info->reference,
        .emergency = info->priority == PRIORITY_EMERGENCY,
        .expires_s = info->expires_s,
        .deliver_s = info->send_s,
        .broadcast = b->id,
        .title = str_of(info->title),
        .url = str_of(info->url),
    };
    b->nameless = nameless_in(str_of(info->text));
    for (size_t i = 0; i < route->carriers_n; i++) {
        struct link *link = route->carriers[i]->link;
        content.text = text_by(all, info, i);
        content.names = names_in(content.text, route, link);
        b->named = b->named || content.names != NAMES_NONE;
        b->texts[i] = content.text.n > 0 ? link_text_new(link, &content, err) : NULL;
        b->codes[i] = place_of(info->links, link_conf(link)->name);
        if (b->texts[i]) {
            b->parts[i] = link_text_parts(b->texts[i]);
            usable++;
        }
    }
    int channel = place_of(info->channels, route->conf->name);
    b->channel = channel > 0 ? (size_t)channel : 0;
    return usable > 0 ? 0 : -1;
}

static void
on_info(void *arg, const struct broadcast_info *info, const struct err *err)
{
    struct asked *asked = arg;
    struct broadcasts *all = asked->broadcasts;
    struct err why = err ? *err : (struct err){0};
    struct broadcast *b = info ? find(all, info->id) : NULL;
    if (!info && !err) {
        (void)err_set(&why, ERR_INPUT, "no such broadcast");
    }
    if (info && !b) {
        b = xcalloc(1, sizeof *b);
        memcpy(b->id, info->id, strnlen(info->id, sizeof b->id - 1));
        b->priority = info->priority;
        b->expires_s = info->expires_s;
        b->channels = xstrdup(info->channels);
        b->routes = xstrdup(info->routes);
        if (prepare_texts(b, all, info, &why) != 0) {
            free_one(b);
            b = NULL;
            why.code = ERR_INPUT;
        } else {
            b->next = all->list;
            all->list = b;
        }
    }
    if (b) {
        b->holders++;
    }
    asked->fn(asked->arg, b, b ? NULL : &why);
    free(asked);
}

void
broadcasts_take(struct broadcasts *broadcasts, const char *id, broadcast_fn *fn, void *arg)
{
    struct broadcast *b = find(broadcasts, id);
    if (b) {
        b->holders++;
        fn(arg, b, NULL);
        return;
    }
    struct asked *asked = xmalloc(sizeof *asked);
    *asked = (struct asked){broadcasts, fn, arg};
    const struct info_ask ask = {id, broadcasts->route->conf->name, broadcasts->own,
                                 broadcasts->own_n};
    broadcast_info(broadcasts->queue, &ask, on_info, asked);
}

void
broadcasts_give(struct broadcasts *broadcasts, struct broadcast *broadcast)
{
    (void)broadcasts;
    if (--broadcast->holders == 0) {
        broadcast->idle_us = clock_monotonic_us();
    }
}

void
broadcasts_tidy(struct broadcasts *broadcasts)
{
    int64_t now_us = clock_monotonic_us();
    for (struct broadcast **at = &broadcasts->list; *at;) {
        struct broadcast *b = *at;
        if (b->holders == 0 && now_us - b->idle_us > KEEP_US) {
            *at = b->next;
            free_one(b);
        } else {
            at = &b->next;
        }
    }
}

int
broadcasts_touched(struct broadcasts *broadcasts, bool all, const char **ids, int most)
{
    int n = 0;
    for (struct broadcast *b = broadcasts->list; b && n < most; b = b->next) {
        if (b->touched || all) {
            b->touched = false;
            ids[n++] = b->id;
        }
    }
    return n;
}

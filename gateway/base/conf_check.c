/* Channels and links, and what can only be seen once all is read. */
// SPDX-License-Identifier: MIT
#include "gateway/base/conf_read.h"
#include "gateway/base/conf_routing.h"

#include <string.h>

#include "gateway/core/nearest.h"

/* Which kinds a channel may name, in the order of conf_channel_names. */
static const unsigned channel_kinds[] = {
    1U << LINK_SMPP | 1U << LINK_HTTP_SMS,
    1U << LINK_ZALO_TEMPLATE | 1U << LINK_ZALO_OA,
    1U << LINK_TELEGRAM,
};

static int
channel_place(const char *name)
{
    for (size_t i = 0; i < sizeof channel_kinds / sizeof *channel_kinds; i++) {
        if (strcmp(conf_channel_names[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static void
read_channel(struct conf_reader *r, const struct conf_at *at, const yaml_node_pair_t *pair)
{
    yaml_node_t *key = yaml_document_get_node(&r->doc, pair->key);
    const char *name = conf_scalar(r, key, at->path, "sms, zalo or telegram");
    if (!name) {
        return;
    }
    const char *path = conf_format(r, "%s.%.64s", at->path, name);
    int place = channel_place(name);
    if (place < 0) {
        (void)conf_wrong(r, conf_line(key), path, "unknown channel%s",
                         conf_nearest(r, name, conf_channel_names));
        return;
    }
    if (conf_channel(r->conf, name)) {
        (void)conf_wrong(r, conf_line(key), path, "stands here twice; once would be right");
        return;
    }
    struct conf_channel *channel = &r->conf->channels[r->conf->channels_n++];
    channel->name = conf_channel_names[place];
    r->channel = channel;
    conf_read_section(r, yaml_document_get_node(&r->doc, pair->value), path, at->key->keys,
                      channel);
    r->channel = NULL;
}

void
conf_read_channels(struct conf_reader *r, const struct conf_at *at)
{
    if (at->node->type != YAML_MAPPING_NODE ||
        at->node->data.mapping.pairs.start == at->node->data.mapping.pairs.top) {
        (void)conf_wrong(r, conf_line(at->node), at->path,
                         "names no channel; sms: { links: [name] } would be right");
        return;
    }
    r->conf->channels = arena_alloc(r->conf->arena, sizeof channel_kinds / sizeof *channel_kinds *
                                                        sizeof *r->conf->channels);
    for (yaml_node_pair_t *pair = at->node->data.mapping.pairs.start;
         pair < at->node->data.mapping.pairs.top; pair++) {
        read_channel(r, at, pair);
    }
}

/* The scalar under `name` in a mapping, or NULL. */
static const char *
peek(struct conf_reader *r, const yaml_node_t *node, const char *name)
{
    if (node->type != YAML_MAPPING_NODE) {
        return NULL;
    }
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&r->doc, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&r->doc, pair->value);
        if (key->type == YAML_SCALAR_NODE && value->type == YAML_SCALAR_NODE &&
            strcmp((const char *)key->data.scalar.value, name) == 0) {
            return (const char *)value->data.scalar.value;
        }
    }
    return NULL;
}

static bool
name_is_plain(const char *name)
{
    return name[strspn(
               name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0';
}

/* Keys of an SMPP link that are right alone, but not together. */
static void
check_smpp(struct conf_reader *r, const struct conf_link *link, const char *path)
{
    if (link->interface_version == INTERFACE_33 && link->bind == BIND_TRANSCEIVER) {
        (void)conf_wrong(r, link->line, conf_format(r, "%s.bind", path),
                         "interface_version 3.3 knows no transceiver; transmitter, receiver or "
                         "pair would be right");
    }
    if (link->interface_version == INTERFACE_33 && link->long_sms != LONG_SMS_UDH) {
        (void)conf_wrong(r, link->line, conf_format(r, "%s.long_sms", path),
                         "interface_version 3.3 has no optional parameters; udh would be right");
    }
    if (!link->tls_certificate_file != !link->tls_key_file) {
        (void)conf_wrong(r, link->line, conf_format(r, "%s.tls", path),
                         "certificate_file and key_file belong together; both would be right");
    }
    if (link->outbind_listen && link->bind == BIND_TRANSMITTER) {
        (void)conf_wrong(r, link->line, conf_format(r, "%s.outbind_listen", path),
                         "asks for a receiver's bind; bind receiver, transceiver or pair would be "
                         "right");
    }
    if (link->outbind_listen && link->tls && !link->tls_certificate_file) {
        (void)conf_wrong(r, link->line, conf_format(r, "%s.outbind_listen", path),
                         "with tls whoever connects is shown our certificate; tls.certificate_file "
                         "and key_file would be right");
    }
}

/* What its platform takes a second, where the configuration does not say: Telegram 30 messages over
 * all chats, Zalo 4,000 requests a minute. */
static double
rate_of_kind(enum link_kind kind)
{
    switch (kind) {
    case LINK_TELEGRAM:
        return 30;
    case LINK_ZALO_TEMPLATE:
    case LINK_ZALO_OA:
        return 4000.0 / 60;
    case LINK_SMPP:
    case LINK_HTTP_SMS:
        return 0;
    }
    return 0;
}

static void
read_link(struct conf_reader *r, const struct conf_at *at, yaml_node_t *node, size_t place)
{
    const char *name = peek(r, node, "name");
    const char *path = name && *name ? conf_format(r, "%s.%.32s", at->path, name)
                                     : conf_format(r, "%s[%zu]", at->path, place);
    struct conf_link *link = &r->conf->links[r->conf->links_n];
    memset(link, 0, sizeof *link);
    link->line = conf_line(node);
    const char *kind = peek(r, node, "kind");
    r->kind_known = false;
    for (int i = 0; kind && conf_kind_names[i]; i++) {
        if (strcmp(kind, conf_kind_names[i]) == 0) {
            r->kinds = 1U << i;
            r->kind_known = true;
        }
    }
    conf_read_section(r, node, path, at->key->keys, link);
    r->kinds = KIND_ANY;
    r->kind_known = false;
    link->rate = link->rate > 0 ? link->rate : rate_of_kind(link->kind);
    if (link->provider_file) {
        conf_read_provider(r, link, path);
    }
    if (!link->name) {
        link->name = "";
        return; /* said already */
    }
    if (link->kind == LINK_SMPP) {
        check_smpp(r, link, path);
    }
    if (!name_is_plain(link->name)) {
        (void)conf_wrong(r, link->line, conf_format(r, "%s.name", path),
                         "not a plain name; letters, digits, - _ and . would be right");
    }
    const struct conf_link *same = conf_link(r->conf, link->name);
    if (same) {
        (void)conf_wrong(r, link->line, conf_format(r, "%s.name", path),
                         "is the name of the link in line %d; another name would be right",
                         same->line);
    }
    r->conf->links_n++;
}

void
conf_read_links(struct conf_reader *r, const struct conf_at *at)
{
    const yaml_node_t *node = at->node;
    size_t n = node->type == YAML_SEQUENCE_NODE
                   ? (size_t)(node->data.sequence.items.top - node->data.sequence.items.start)
                   : 0;
    if (n == 0 || n > CONF_LINKS_MAX) {
        (void)conf_wrong(r, conf_line(node), at->path,
                         "is no list of links; '- name: …' lines, at most %d, would be right",
                         CONF_LINKS_MAX);
        return;
    }
    r->conf->links = arena_alloc(r->conf->arena, n * sizeof *r->conf->links);
    for (size_t i = 0; i < n; i++) {
        read_link(r, at, yaml_document_get_node(&r->doc, node->data.sequence.items.start[i]), i);
    }
}

const char *
conf_nearest(struct conf_reader *r, const char *word, const char *const *names)
{
    size_t n = 0;
    while (names[n]) {
        n++;
    }
    const char *near = nearest_find(str_of(word), names, n);
    if (near) {
        return conf_format(r, "; did you mean '%s'?", near);
    }
    const char *all = n > 0 ? "; " : "";
    for (size_t i = 0; i < n; i++) {
        const char *between = i == 0 ? "" : i + 1 < n ? ", " : " or ";
        all = conf_format(r, "%s%s%s", all, between, names[i]);
    }
    return n > 0 ? conf_format(r, "%s would be right", all) : "";
}

static void
check_link_ref(struct conf_reader *r, const struct conf_ref *ref)
{
    const struct conf_link *link = conf_link(r->conf, ref->name);
    if (!link) {
        const char *names[CONF_LINKS_MAX + 1];
        for (size_t i = 0; i < r->conf->links_n; i++) {
            names[i] = r->conf->links[i].name;
        }
        names[r->conf->links_n] = NULL;
        (void)conf_wrong(r, ref->line, ref->path, "there is no link '%.40s'%s", ref->name,
                         conf_nearest(r, ref->name, names));
        return;
    }
    int place = channel_place(ref->channel->name);
    if (place < 0 || !(channel_kinds[place] & 1U << link->kind)) {
        (void)conf_wrong(r, ref->line, ref->path,
                         "the link '%.40s' is of kind %s, which does not carry %s", ref->name,
                         conf_kind_names[link->kind], ref->channel->name);
    }
}

static void
check_channel_ref(struct conf_reader *r, const struct conf_ref *ref)
{
    if (conf_channel(r->conf, ref->name)) {
        return;
    }
    const char *names[sizeof channel_kinds / sizeof *channel_kinds + 1] = {NULL};
    for (size_t i = 0; i < r->conf->channels_n; i++) {
        names[i] = r->conf->channels[i].name;
    }
    (void)conf_wrong(r, ref->line, ref->path, "there is no channel '%.40s'%s", ref->name,
                     conf_nearest(r, ref->name, names));
}

static bool
is_named_before(const struct conf_reader *r, const struct conf_ref *ref)
{
    for (const struct conf_ref *other = r->refs; other != ref; other = other->next) {
        if (other->channel == ref->channel && strcmp(other->path, ref->path) == 0 &&
            strcmp(other->name, ref->name) == 0) {
            return true;
        }
    }
    return false;
}

static void
check_refs(struct conf_reader *r)
{
    for (const struct conf_ref *ref = r->refs; ref; ref = ref->next) {
        if (is_named_before(r, ref)) {
            (void)conf_wrong(r, ref->line, ref->path, "names '%.40s' twice; once would be right",
                             ref->name);
        } else if (ref->channel) {
            check_link_ref(r, ref);
        } else {
            check_channel_ref(r, ref);
        }
    }
}

/* Where a key of the top level stands. */
static int
line_of(struct conf_reader *r, const char *name)
{
    const yaml_node_t *root = yaml_document_get_root_node(&r->doc);
    if (root->type != YAML_MAPPING_NODE) {
        return 1;
    }
    for (yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&r->doc, pair->key);
        if (key->type == YAML_SCALAR_NODE &&
            strcmp((const char *)key->data.scalar.value, name) == 0) {
            return conf_line(key);
        }
    }
    return 1;
}

/* More could be kept only by sending some numbers another way than it says. */
static void
check_routes(struct conf_reader *r)
{
    struct routing routing;
    const struct conf_link *link = r->mistakes_n == 0 ? conf_routing(r->conf, &routing) : NULL;
    if (link) {
        (void)conf_wrong(r, link->line, conf_format(r, "links.%s.prefixes", link->name),
                         "too many: %d different ways for numbers in all, and %d prefixes that "
                         "lead one way; fewer would be right",
                         ROUTES_MAX, ROUTE_PREFIXES);
    }
}

/* Every number must have a link. */
static void
check_prefixes(struct conf_reader *r)
{
    for (size_t i = 0; i < r->conf->channels_n && r->mistakes_n == 0; i++) {
        const struct conf_channel *channel = &r->conf->channels[i];
        char gap[CONF_GAP_SIZE];
        if (strcmp(channel->name, "sms") == 0 && conf_routing_gap(r->conf, channel, gap)) {
            (void)conf_wrong(r, conf_link(r->conf, channel->links[0])->line, "channels.sms.links",
                             "no link carries numbers that begin with %s; one without prefixes "
                             "would be right",
                             gap);
        }
    }
}

/* Exactly one of url, sentinel and cluster. */
static void
check_redis(struct conf_reader *r)
{
    bool url = r->conf->redis.host || r->conf->redis.path;
    bool sentinel = r->conf->redis.sentinel_master;
    bool cluster = r->conf->redis.nodes && !sentinel;
    int line = line_of(r, "redis");
    if (url + sentinel + cluster > 1) {
        (void)conf_wrong(r, line, "redis", "one of url, sentinel and cluster would be right");
    } else if (r->mistakes_n == 0 && url + sentinel + cluster == 0) {
        (void)conf_wrong(r, line, "redis.url",
                         "is missing; redis://127.0.0.1:6379/0 or "
                         "unix:///run/redis/redis.sock?db=0 would be right");
    }
}

/* A command or an endpoint, not both. */
static void
check_summariser(struct conf_reader *r)
{
    const struct conf *c = r->conf;
    bool section = c->summariser_token || c->summariser_ca_file;
    if (c->summariser && c->summariser_url) {
        (void)conf_wrong(r, line_of(r, "summariser"), "summariser",
                         "one of command and url would be right");
    } else if (section && !c->summariser_url) {
        (void)conf_wrong(r, line_of(r, "summariser"), "summariser.url",
                         "is missing; token and ca_file are an endpoint's");
    }
}

/* What seals a grant in Redis: a Zalo link's app secret does where no key is set. */
static void
check_token_key(struct conf_reader *r)
{
    for (size_t i = 0; i < r->conf->links_n && r->mistakes_n == 0; i++) {
        const struct conf_link *link = &r->conf->links[i];
        if (provider_has_grant(link->provider) && !*r->conf->token_key) {
            (void)conf_wrong(r, link->line, "token_key",
                             "is missing: it seals the refresh token of link %s in Redis; "
                             "token_key_file: /etc/loa/token.key would be right",
                             link->name);
        }
    }
}

static void
fill_defaults(struct conf *conf)
{
    if (!conf->default_channels) {
        conf->default_channels_n = conf->channels_n;
        conf->default_channels =
            arena_alloc(conf->arena, (conf->channels_n + 1) * sizeof *conf->default_channels);
        for (size_t i = 0; i < conf->channels_n; i++) {
            conf->default_channels[i] = conf->channels[i].name;
        }
    }
    if (!conf->urgent_channels) {
        conf->urgent_channels = conf->default_channels;
        conf->urgent_channels_n = conf->default_channels_n;
    }
    if (!conf->emergency_channels) {
        conf->emergency_channels = conf->urgent_channels;
        conf->emergency_channels_n = conf->urgent_channels_n;
    }
    for (size_t i = 0; i < conf->links_n; i++) {
        struct conf_link *link = &conf->links[i];
        if (link->interface_version == INTERFACE_33) {
            link->user_message_reference = 0; /* an optional parameter: 3.3 has none */
        }
        bool told = link->provider && *link->provider->receipt_id; /* the provider posts receipts */
        if (link->kind == LINK_ZALO_TEMPLATE || link->kind == LINK_ZALO_OA || told) {
            link->receipts = RECEIPTS_FINAL;
        }
        if (link->on_uncertain == UNCERTAIN_UNSET) {
            link->on_uncertain = link->kind == LINK_SMPP ? conf->on_uncertain : UNCERTAIN_HOLD;
        }
    }
}

void
conf_check_all(struct conf_reader *r)
{
    check_redis(r);
    check_refs(r);
    if (r->conf->retry.first_ms > r->conf->retry.max_ms) {
        (void)conf_wrong(r, line_of(r, "retry"), "retry.first", "is longer than retry.max");
    }
    check_routes(r);
    check_prefixes(r);
    check_summariser(r);
    check_token_key(r);
    fill_defaults(r->conf);
}

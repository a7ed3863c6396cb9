/* Walks the YAML document by the tables of keys. */
// SPDX-License-Identifier: MIT
#include "gateway/base/conf_read.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/template.h"

enum { NAMES_MAX = 192, NAME_SIZE = 64, KEYS_MAX = 128 };

const char *
conf_scalar(struct conf_reader *r, yaml_node_t *node, const char *path, const char *wanted)
{
    if (node->type != YAML_SCALAR_NODE) {
        (void)conf_wrong(r, conf_line(node), path, "is a %s; %s would be right",
                         node->type == YAML_SEQUENCE_NODE ? "list" : "section", wanted);
        return NULL;
    }
    const char *text = (const char *)node->data.scalar.value;
    if (strlen(text) != node->data.scalar.length) {
        (void)conf_wrong(r, conf_line(node), path, "holds a NUL byte; %s would be right", wanted);
        return NULL;
    }
    bool plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (plain && (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0)) {
        (void)conf_wrong(r, conf_line(node), path, "is empty; %s would be right", wanted);
        return NULL;
    }
    return text;
}

static bool
is_for(const struct conf_reader *r, const struct conf_key *key)
{
    return !key->kinds || !r->kind_known || (key->kinds & r->kinds) != 0;
}

/* True when `name` is the key, or its NAME_file form (`*file`). */
static bool
key_matches(const struct conf_key *key, const char *name, bool *file)
{
    size_t n = strlen(key->name);
    *file = key->type == CONF_SECRET && strncmp(name, key->name, n) == 0 &&
            strcmp(name + n, "_file") == 0;
    return *file || strcmp(name, key->name) == 0;
}

static void
unknown_key(struct conf_reader *r, const char *path, int line, const char *name,
            const struct conf_key *keys)
{
    char forms[NAMES_MAX][NAME_SIZE];
    const char *names[NAMES_MAX + 1];
    size_t n = 0;
    for (const struct conf_key *k = keys; k->name && n + 2 < NAMES_MAX; k++) {
        if (!is_for(r, k)) {
            continue;
        }
        names[n++] = k->name;
        if (k->type == CONF_SECRET) {
            (void)snprintf(forms[n], NAME_SIZE, "%s_file", k->name);
            names[n] = forms[n];
            n++;
        }
    }
    names[n] = NULL;
    (void)conf_wrong(r, line, path, "unknown key%s", conf_nearest(r, name, names));
}

static const struct conf_key *
find_key(struct conf_reader *r, const char *path, int line, const char *name,
         const struct conf_key *keys, bool *file)
{
    for (const struct conf_key *k = keys; k->name; k++) {
        if (!key_matches(k, name, file)) {
            continue;
        }
        if (is_for(r, k)) {
            return k;
        }
        int kind = 0;
        while (kind < LINK_HTTP_SMS && !(r->kinds & (1U << kind))) {
            kind++;
        }
        (void)conf_wrong(r, line, path, "is no key of a link of kind %s; leave it out",
                         conf_kind_names[kind]);
        return NULL;
    }
    unknown_key(r, path, line, name, keys);
    return NULL;
}

/* "098", "8498", "+8498" as "8498"; NULL: no such thing. */
static const char *
plain_prefix(struct conf_reader *r, const char *text)
{
    const char *digits = *text == '+' ? text + 1 : text;
    size_t n = strlen(digits);
    if (n < 2 || n > 11 || strspn(digits, "0123456789") != n) {
        return NULL;
    }
    const char *plain =
        *digits == '0' ? conf_format(r, "84%s", digits + 1) : conf_format(r, "%s", digits);
    return strncmp(plain, "84", 2) == 0 && strlen(plain) > 2 ? plain : NULL;
}

/* One text of a list as it is kept; NULL after it said what is wrong. */
static const char *
list_item(struct conf_reader *r, const struct conf_at *at, yaml_node_t *item)
{
    const char *text = conf_scalar(r, item, at->path, "a name");
    if (text && at->key->type == CONF_NODES && !conf_is_host_port(text)) {
        (void)conf_wrong(r, conf_line(item), at->path,
                         "not host:port: '%.80s'; \"10.0.0.1:26379\" would be right", text);
        return NULL;
    }
    if (text && at->key->type == CONF_PREFIXES) {
        const char *plain = plain_prefix(r, text);
        if (!plain) {
            (void)conf_wrong(r, conf_line(item), at->path,
                             "no beginning of a Vietnamese number: '%.40s'; digits such as \"098\" "
                             "or \"8498\" would be right",
                             text);
        }
        return plain;
    }
    return text ? arena_strndup(r->conf->arena, text, strlen(text)) : NULL;
}

/* The text lists of CONF_NODES, CONF_PREFIXES and references. */
static void
read_list(struct conf_reader *r, const struct conf_at *at)
{
    const char *wanted = at->key->type == CONF_NODES      ? "a list of \"host:port\""
                         : at->key->type == CONF_PREFIXES ? "a list such as [\"098\", \"097\"]"
                                                          : "a list of names such as [a, b]";
    if (at->node->type != YAML_SEQUENCE_NODE) {
        (void)conf_wrong(r, conf_line(at->node), at->path, "is no list; %s would be right", wanted);
        return;
    }
    yaml_node_item_t *from = at->node->data.sequence.items.start;
    size_t n = (size_t)(at->node->data.sequence.items.top - from);
    const char **names = arena_alloc(r->conf->arena, (n + 1) * sizeof *names);
    size_t names_n = 0;
    for (size_t i = 0; i < n; i++) {
        yaml_node_t *item = yaml_document_get_node(&r->doc, from[i]);
        names[names_n] = list_item(r, at, item);
        if (!names[names_n]) {
            continue;
        }
        if (at->key->type == CONF_LINK_REFS || at->key->type == CONF_CHANNEL_REFS) {
            struct conf_ref *ref = arena_alloc(r->conf->arena, sizeof *ref);
            *ref = (struct conf_ref){conf_line(item), at->path, names[names_n],
                                     at->key->type == CONF_LINK_REFS ? r->channel : NULL, NULL};
            *r->refs_end = ref;
            r->refs_end = &ref->next;
        }
        names_n++;
    }
    if (n == 0) {
        (void)conf_wrong(r, conf_line(at->node), at->path, "is empty; %s would be right", wanted);
    }
    memcpy((char *)at->base + at->key->where, &names, sizeof names);
    memcpy((char *)at->base + at->key->count, &names_n, sizeof names_n);
}

/* What no announcement could fill is a mistake of the file's. */
static int
check_pattern(struct conf_reader *r, int line, const char *path, const char *text)
{
    struct template template;
    struct template_mistake why = {0};
    if (template_parse(str_of(text), TEMPLATE_PLAIN, r->conf->arena, &template, &why) == 0) {
        return 0;
    }
    return conf_wrong(r, line, path, "%s", why.err.text);
}

static int
read_pair(struct conf_reader *r, const struct conf_at *at, yaml_node_pair_t *pair,
          struct str_pair *out)
{
    yaml_node_t *value = yaml_document_get_node(&r->doc, pair->value);
    const char *name =
        conf_scalar(r, yaml_document_get_node(&r->doc, pair->key), at->path, "a name");
    if (!name) {
        return -1;
    }
    const char *path = conf_format(r, "%s.%.64s", at->path, name);
    const char *text = conf_scalar(r, value, path, "a text");
    if (!text) {
        return -1;
    }
    size_t n = strlen(name);
    if (at->key->type == CONF_SECRETS && n > 5 && strcmp(name + n - 5, "_file") == 0) {
        n -= 5;
        text = conf_read_secret(r, conf_line(value), path, text);
        if (!text) {
            return -1;
        }
    }
    if (at->key->type == CONF_PATTERNS && check_pattern(r, conf_line(value), path, text) != 0) {
        return -1;
    }
    out->name = arena_strndup(r->conf->arena, name, n);
    out->value = arena_strndup(r->conf->arena, text, strlen(text));
    return 0;
}

/* Whether the name of pairs[n] is one of the pairs before it. */
static bool
stands_before(const struct str_pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(pairs[i].name, pairs[n].name) == 0) {
            return true;
        }
    }
    return false;
}

/* {more} goes on where {summary} ended: each in one parameter, not in the same. */
static void
check_more(struct conf_reader *r, const struct conf_at *at, const struct str_pair *pairs, size_t n)
{
    size_t summaries = 0, mores = 0, both = 0;
    for (size_t i = 0; i < n; i++) {
        struct template t;
        struct template_mistake why = {0};
        bool read =
            template_parse(str_of(pairs[i].value), TEMPLATE_PLAIN, r->conf->arena, &t, &why) == 0;
        bool summary = read && template_uses(&t, WORD_SUMMARY);
        bool more = read && template_uses(&t, WORD_MORE);
        summaries += summary;
        mores += more;
        both += summary && more;
    }
    if (mores > 0 && (mores > 1 || summaries != 1 || both > 0)) {
        (void)conf_wrong(r, conf_line(at->node), at->path,
                         "{more} stands once, beside one other parameter with {summary}");
    }
}

static void
read_map(struct conf_reader *r, const struct conf_at *at)
{
    if (at->node->type != YAML_MAPPING_NODE) {
        (void)conf_wrong(r, conf_line(at->node), at->path,
                         "is no section; { name: \"value\", … } would be right");
        return;
    }
    yaml_node_pair_t *from = at->node->data.mapping.pairs.start;
    size_t n = (size_t)(at->node->data.mapping.pairs.top - from);
    if (n > CONF_PAIRS_MAX) {
        (void)conf_wrong(r, conf_line(at->node), at->path, "has more than %d names",
                         CONF_PAIRS_MAX);
        return;
    }
    struct str_pair *pairs = arena_alloc(r->conf->arena, (n + 1) * sizeof *pairs);
    size_t pairs_n = 0;
    for (size_t i = 0; i < n; i++) {
        if (read_pair(r, at, &from[i], &pairs[pairs_n]) != 0) {
            continue;
        }
        if (stands_before(pairs, pairs_n)) {
            (void)conf_wrong(r, conf_line(yaml_document_get_node(&r->doc, from[i].key)), at->path,
                             "'%.64s' stands here twice; once would be right", pairs[pairs_n].name);
        }
        pairs_n++;
    }
    if (at->key->type == CONF_PATTERNS) {
        check_more(r, at, pairs, pairs_n);
    }
    memcpy((char *)at->base + at->key->where, &pairs, sizeof pairs);
    memcpy((char *)at->base + at->key->count, &pairs_n, sizeof pairs_n);
}

/* "0x400-0x4ff: retry 5m", in this order the rules count. */
static void
read_statuses(struct conf_reader *r, const struct conf_at *at)
{
    const struct str_pair *pairs = NULL;
    size_t n = 0;
    read_map(r, at);
    memcpy(&pairs, (char *)at->base + at->key->where, sizeof pairs);
    memcpy(&n, (char *)at->base + at->key->count, sizeof n);
    struct status_rule *rules = arena_alloc(r->conf->arena, (n + 1) * sizeof *rules);
    for (size_t i = 0; i < n; i++) {
        if (!status_rule_read(str_of(pairs[i].name), str_of(pairs[i].value), &rules[i])) {
            (void)conf_wrong(r, conf_line(at->node), at->path,
                             "not right: '%.40s: %.40s'; %s would be right", pairs[i].name,
                             pairs[i].value, status_rule_wanted());
        }
    }
    memcpy((char *)at->base + at->key->where, &rules, sizeof rules);
}

static void
read_tls(struct conf_reader *r, const struct conf_at *at)
{
    bool on = at->node->type == YAML_MAPPING_NODE;
    if (on) {
        conf_read_section(r, at->node, at->path, at->key->keys, at->base);
    } else {
        const char *wanted = "false, true or { ca_file: …, server_name: … }";
        const char *text = conf_scalar(r, at->node, at->path, wanted);
        on = text && strcmp(text, "true") == 0;
        if (text && !on && strcmp(text, "false") != 0) {
            (void)conf_wrong(r, conf_line(at->node), at->path,
                             "neither false nor true: '%.40s'; %s would be right", text, wanted);
        }
    }
    memcpy((char *)at->base + at->key->where, &on, sizeof on);
}

static void
read_secret_file(struct conf_reader *r, const struct conf_at *at)
{
    const char *file = conf_scalar(r, at->node, at->path, "a file's name");
    if (!file) {
        return;
    }
    const char *text = conf_read_secret(r, conf_line(at->node), at->path, file);
    if (text) {
        (void)conf_read_value(r, at, text);
    }
}

static void
read_scalar(struct conf_reader *r, const struct conf_at *at)
{
    const char *text = conf_scalar(r, at->node, at->path, conf_wanted(r, at->key));
    if (text) {
        (void)conf_read_value(r, at, text);
    }
}

static void
read_node(struct conf_reader *r, const struct conf_at *at)
{
    switch (at->key->type) {
    case CONF_SECTION:
        conf_read_section(r, at->node, at->path, at->key->keys, at->base);
        return;
    case CONF_TLS:
        read_tls(r, at);
        return;
    case CONF_NODES:
    case CONF_PREFIXES:
    case CONF_LINK_REFS:
    case CONF_CHANNEL_REFS:
        read_list(r, at);
        return;
    case CONF_MAP:
    case CONF_PATTERNS:
    case CONF_SECRETS:
        read_map(r, at);
        return;
    case CONF_STATUSES:
        read_statuses(r, at);
        return;
    case CONF_CHANNELS:
        conf_read_channels(r, at);
        return;
    case CONF_LINKS:
        conf_read_links(r, at);
        return;
    case CONF_TEXT:
    case CONF_SENDER:
    case CONF_INT:
    case CONF_RATE:
    case CONF_MS:
    case CONF_WORD:
    case CONF_MINUTE:
    case CONF_ZONE:
    case CONF_URL:
    case CONF_LISTEN:
    case CONF_IP:
    case CONF_FILE:
    case CONF_SECRET:
    case CONF_REDIS_URL:
        read_scalar(r, at);
        return;
    }
}

static bool
has_defaults(const struct conf_key *keys)
{
    bool any = false;
    for (; keys->name; keys++) {
        any = any || keys->preset;
    }
    return any;
}

static void finish_section(struct conf_reader *r, const struct conf_at *section,
                           const struct conf_key *keys, const bool *seen);

/* A key was left out: its default, or that it is missing. */
static void
finish_key(struct conf_reader *r, const struct conf_at *section, const struct conf_key *key)
{
    const char *path =
        conf_format(r, "%s%s%s", section->path, *section->path ? "." : "", key->name);
    struct conf_at at = {key, section->node, path, section->base};
    if (key->required && (r->kind_known || !key->kinds)) {
        (void)conf_wrong(r, conf_line(section->node), path, "is missing (%s)", key->help);
    } else if (key->type == CONF_SECTION && has_defaults(key->keys)) {
        finish_section(r, &at, key->keys, NULL);
    } else if (key->preset && key->type != CONF_TLS) {
        (void)conf_read_value(r, &at, NULL);
    }
}

/* Finishes what `seen` (one a row; NULL: none) does not have. */
static void
finish_section(struct conf_reader *r, const struct conf_at *section, const struct conf_key *keys,
               const bool *seen)
{
    for (size_t i = 0; keys[i].name; i++) {
        if (!(seen && seen[i]) && is_for(r, &keys[i])) {
            finish_key(r, section, &keys[i]);
        }
    }
}

/* Reads one `name: value`; answers the row of `keys`, or -1. */
static int
read_key(struct conf_reader *r, const struct conf_at *section, const struct conf_key *keys,
         const yaml_node_pair_t *pair, const bool *seen)
{
    yaml_node_t *key_node = yaml_document_get_node(&r->doc, pair->key);
    const char *name = conf_scalar(r, key_node, section->path, "a key");
    if (!name) {
        return -1;
    }
    const char *path = conf_format(r, "%s%s%.64s", section->path, *section->path ? "." : "", name);
    bool file = false;
    int line = conf_line(key_node);
    const struct conf_key *key = find_key(r, path, line, name, keys, &file);
    if (!key) {
        return -1;
    }
    int row = (int)(key - keys);
    struct conf_at at = {key, yaml_document_get_node(&r->doc, pair->value), path, section->base};
    if (seen[row] && key->type == CONF_SECRET) {
        (void)conf_wrong(r, line, path, "is given twice; one of %s and %s_file would be right",
                         key->name, key->name);
        return row;
    }
    if (seen[row]) {
        (void)conf_wrong(r, line, path, "stands here twice; once would be right");
        return row;
    }
    if (file) {
        read_secret_file(r, &at);
    } else {
        read_node(r, &at);
    }
    return row;
}

void
conf_read_section(struct conf_reader *r, yaml_node_t *node, const char *path,
                  const struct conf_key *keys, void *base)
{
    if (node->type != YAML_MAPPING_NODE) {
        (void)conf_wrong(r, conf_line(node), path,
                         "is no section; keys with values (%s: …) would be right", keys[0].name);
        return;
    }
    struct conf_at section = {NULL, node, path, base};
    bool seen[KEYS_MAX] = {false};
    yaml_node_pair_t *end = node->data.mapping.pairs.top;
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++) {
        int row = read_key(r, &section, keys, pair, seen);
        if (row >= 0) {
            assert(row < KEYS_MAX);
            seen[row] = true;
        }
    }
    finish_section(r, &section, keys, seen);
}

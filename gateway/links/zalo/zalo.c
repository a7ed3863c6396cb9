/* Zalo: template messages by phone and by UID (kind zalo_template), and the OA's texts to those who
 * wrote to it within a week (kind zalo_oa). */
// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/escape.h"
#include "gateway/core/hash.h"
#include "gateway/core/tracking.h"
#include "gateway/links/http/http_link.h"

enum { PHONE_DIGITS = 11 };

/* A phone as the directory keeps it; a UID is longer. */
static bool
is_phone(const char *address)
{
    return strlen(address) == PHONE_DIGITS && strncmp(address, "84", 2) == 0;
}

static int
begin(struct http_link *l, struct err *err)
{
    const struct conf_link *conf = l->link.conf;
    l->needs_token = true;
    if (!*conf->oauth_url || !*conf->app_id || !*conf->app_secret) {
        return err_set(err, ERR_CONFIG,
                       "oauth_url, app_id and app_secret are needed: by them its "
                       "access token is renewed");
    }
    if (conf->kind == LINK_ZALO_OA && !*conf->oa_base_url && !*conf->base_url) {
        return err_set(err, ERR_CONFIG, "oa_base_url is missing");
    }
    if (conf->kind == LINK_ZALO_TEMPLATE && !*conf->template_id) {
        return err_set(err, ERR_CONFIG, "template_id is missing (the approved template's)");
    }
    return 0;
}

/* "name: value" lines as a template's JSON object. */
static json_t *
parameters_of(struct str lines)
{
    json_t *object = json_object();
    while (lines.p && lines.n > 0) {
        struct str value = str_cut(&lines, '\n'), name = str_cut(&value, ':');
        struct str text = str_trim(value.p ? value : (struct str){"", 0});
        json_t *string = json_stringn(text.n ? text.p : "", text.n);
        char key[128];
        (void)snprintf(key, sizeof key, "%.*s", (int)name.n, name.p);
        (void)json_object_set_new(object, key, string);
    }
    return object;
}

static void
put_json(struct buf *out, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    buf_add_z(out, text ? text : "null");
    free(text);
    json_decref(value);
}

/* What follows the member's address in the body. */
static int
prepare(struct http_link *l, const struct link_content *content, struct buf *payload,
        struct err *err)
{
    const struct conf_link *conf = l->link.conf;
    if (content->text.n == 0) {
        return err_set(err, ERR_INPUT, "there is nothing to say by Zalo");
    }
    if (conf->kind == LINK_ZALO_OA) {
        buf_add_z(payload, ",\"message\":{\"text\":");
        put_json(payload, json_stringn(content->text.p, content->text.n));
        buf_add_z(payload, "}}");
        return 0;
    }
    buf_add_z(payload, ",\"template_id\":");
    put_json(payload, json_string(conf->template_id));
    buf_add_z(payload, ",\"template_data\":");
    put_json(payload, parameters_of(content->text));
    return 0;
}

static void
put_proof(const struct http_link *l, struct http_draft *draft)
{
    const struct conf_link *conf = l->link.conf;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char hex[2 * sizeof mac + 1];
    crypto_auth_hmacsha256_state state;
    if (!conf->appsecret_proof || !*conf->app_secret) {
        return;
    }
    (void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)conf->app_secret,
                                      strlen(conf->app_secret));
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)l->token, strlen(l->token));
    (void)crypto_auth_hmacsha256_final(&state, mac);
    draft_header(draft, "appsecret_proof",
                 str_of(sodium_bin2hex(hex, sizeof hex, mac, sizeof mac)));
}

/* By UID everything goes to the OA's host. */
static const char *
oa_host(const struct conf_link *conf)
{
    return *conf->oa_base_url ? conf->oa_base_url : conf->base_url;
}

static void
fill_template(const struct http_link *l, const struct link_message *m, struct http_draft *draft)
{
    const struct conf_link *conf = l->link.conf;
    const struct http_text *text = (const struct http_text *)m->text;
    char hash[HASH_HEX], tracking[TRACKING_ROOM];
    if (!is_phone(m->address)) {
        buf_add_format(&draft->url, "%s/v3.0/oa/message/template", oa_host(conf));
        buf_add_format(&draft->body, "{\"user_id\":\"%s\"", m->address);
        http_text_put(m, escape_json, &draft->body);
        buf_add_z(&draft->body, "}");
        return;
    }
    buf_add_format(&draft->url, "%s/message/template%s", conf->base_url,
                   conf->hash_phone ? "/hashphone" : "");
    if (conf->hash_phone) {
        hash_sha256_hex(str_of(m->address), hash);
        buf_add_format(&draft->body, "{\"hash_phone\":\"%s\"", hash);
    } else {
        buf_add_format(&draft->body, "{\"phone\":\"%s\"", m->address);
    }
    tracking_make(text->broadcast, m->index, m->attempt, tracking);
    http_text_put(m, escape_json, &draft->body);
    buf_add_format(&draft->body, ",\"tracking_id\":\"%s\"}", tracking);
}

static int
fill(struct http_link *l, const struct link_message *m, struct http_draft *draft, struct err *err)
{
    const struct conf_link *conf = l->link.conf;
    if (strspn(m->address, "0123456789") != strlen(m->address) || !m->address[0]) {
        return err_set(err, ERR_INPUT, "neither a phone nor a UID");
    }
    if (conf->kind == LINK_ZALO_TEMPLATE) {
        fill_template(l, m, draft);
    } else {
        buf_add_format(&draft->url, "%s/v3.0/oa/message/cs", oa_host(conf));
        buf_add_format(&draft->body, "{\"recipient\":{\"user_id\":\"%s\"}", m->address);
        http_text_put(m, escape_json, &draft->body);
    }
    draft_header(draft, "Content-Type", STR("application/json"));
    draft_header(draft, "access_token", str_of(l->token));
    put_proof(l, draft);
    return 0;
}

static void
read_answer(struct http_link *l, const struct link_message *m, const struct answer_reply *reply,
            struct answer *out)
{
    bool business = l->link.conf->kind == LINK_ZALO_TEMPLATE && is_phone(m->address);
    answer_zalo(business ? ZALO_BUSINESS : ZALO_OA, reply, out);
}

static void
want_token(struct http_link *l)
{
    l->events.on_token_wanted(l->events.ctx, &l->link);
}

static struct link *open_link(struct event_base *base, const struct conf_link *conf,
                              const struct link_events *events, struct err *err);

const struct link_kind_ops zalo_ops = {
    .open = open_link,
    .set_token = http_link_set_token,
    HTTP_LINK_OPS,
};

static const struct http_kind kind = {
    .ops = &zalo_ops,
    .size = sizeof(struct http_link),
    .begin = begin,
    .prepare = prepare,
    .fill = fill,
    .read = read_answer,
    .want_token = want_token,
};

static struct link *
open_link(struct event_base *base, const struct conf_link *conf, const struct link_events *events,
          struct err *err)
{
    return http_link_new(&kind, base, conf, events, err);
}

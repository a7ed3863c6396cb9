/* Zalo: template messages by phone and by UID (kind zalo_template), and the OA's texts to those who
 * wrote to it within a week (kind zalo_oa). */
// SPDX-License-Identifier: MIT
#include "gateway/links/zalo/zalo.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/escape.h"
#include "gateway/core/hash.h"
#include "gateway/core/quiet.h"
#include "gateway/core/time.h"
#include "gateway/core/tracking.h"
#include "gateway/links/http/text.h"

enum { PHONE_DIGITS = 11, MORNING_S = 300, SPREAD_S = 1200 };

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
    zalo_questions_begin(l);
    return 0;
}

/* Puts one "name: value" line into the template's object, as its parameter takes it. */
static int
put_parameter(const struct zalo *z, struct str line, json_t *object, struct err *err)
{
    char key[ZALO_PARAMETER_NAME];
    struct str value = line, name = str_cut(&value, ':');
    struct str text = str_trim(value.p ? value : (struct str){"", 0});
    (void)snprintf(key, sizeof key, "%.*s", (int)name.n, name.p);
    const struct zalo_parameter *p = zalo_template_find(&z->template, key);
    if (p && zalo_parameter_fit(p, text, &text, err) != 0) {
        return -1;
    }
    (void)json_object_set_new(object, key, json_stringn(text.n ? text.p : "", text.n));
    return 0;
}

/* NULL: a value is none that the template takes. */
static json_t *
parameters_of(const struct zalo *z, struct str lines, struct err *err)
{
    json_t *object = json_object();
    while (lines.p && lines.n > 0) {
        if (put_parameter(z, str_cut(&lines, '\n'), object, err) != 0) {
            json_decref(object);
            return NULL;
        }
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
    json_t *parameters = parameters_of((struct zalo *)l, content->text, err);
    if (!parameters) { /* nothing is sent: each of its messages fails for good */
        log_event(LOG_WARNING, "text.refused", "link=%s broadcast=%s why=%s", conf->name,
                  content->broadcast ? content->broadcast : "-", log_value(str_of(err->text)));
        return 0;
    }
    buf_add_z(payload, ",\"template_id\":");
    put_json(payload, json_string(conf->template_id));
    buf_add_z(payload, ",\"template_data\":");
    put_json(payload, parameters);
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

void
zalo_put_token(const struct http_link *l, struct http_draft *draft)
{
    draft_header(draft, "access_token", str_of(l->token));
    put_proof(l, draft);
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
    if (((const struct http_text *)m->text)->payload.n == 0) {
        return err_set(err, ERR_INPUT, "its values are none that the template takes");
    }
    if (conf->kind == LINK_ZALO_TEMPLATE) {
        fill_template(l, m, draft);
    } else {
        buf_add_format(&draft->url, "%s/v3.0/oa/message/cs", oa_host(conf));
        buf_add_format(&draft->body, "{\"recipient\":{\"user_id\":\"%s\"}", m->address);
        http_text_put(m, escape_json, &draft->body);
    }
    draft_header(draft, "Content-Type", STR("application/json"));
    zalo_put_token(l, draft);
    return 0;
}

/* By UID it is another quota, of which nothing is told before. */
static bool
counts(const struct http_link *l, const struct link_message *m)
{
    return l->link.conf->kind == LINK_ZALO_TEMPLATE && is_phone(m->address);
}

static void
read_answer(struct http_link *l, const struct link_message *m, const struct answer_reply *reply,
            struct answer *out)
{
    bool business = counts(l, m);
    answer_zalo(business ? ZALO_BUSINESS : ZALO_OA, reply, out);
    out->quota_left = !business                        ? -1 /* by UID it is another one */
                      : strcmp(out->code, "-144") == 0 ? 0
                                                       : out->quota_left;
}

/* At night no template goes to a phone; in the morning not all at once. */
static int64_t
not_before(struct http_link *l, const struct link_message *m, int64_t now_us, int64_t *later_ms)
{
    const struct conf_link *conf = l->link.conf;
    int64_t now_s = clock_unix_ms() / 1000;
    struct quiet night = quiet_span(conf->night_from_min, conf->night_to_min, now_s, TIME_VIETNAM);
    if (conf->kind == LINK_ZALO_TEMPLATE && is_phone(m->address) && now_s >= night.begins_s &&
        now_s < night.ends_s) {
        *later_ms = (night.ends_s + MORNING_S + randombytes_uniform(SPREAD_S)) * 1000;
    }
    return now_us;
}

static int
ask(struct http_link *l, const char *message_id, struct http_draft *draft, struct err *err)
{
    (void)err;
    buf_add_format(&draft->url, "%s/message/status?message_id=", l->link.conf->base_url);
    escape_url(&draft->url, str_of(message_id));
    zalo_put_token(l, draft);
    return 0;
}

static enum receipt_state
told(struct http_link *l, const struct answer_reply *reply)
{
    (void)l;
    return answer_zalo_status(reply) == DELIVERY_DONE ? RECEIPT_DELIVERED : RECEIPT_INTERMEDIATE;
}

static struct str
limits(const struct link *link)
{
    return str_of(((const struct zalo *)link)->limits);
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
    .limits = limits,
    HTTP_LINK_OPS,
};

static const struct http_kind kind = {
    .ops = &zalo_ops,
    .size = sizeof(struct zalo),
    .begin = begin,
    .end = zalo_questions_end,
    .ready = zalo_is_ready,
    .not_before = not_before,
    .counts = counts,
    .ask_quota = zalo_ask_quota,
    .ask = ask,
    .told = told,
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

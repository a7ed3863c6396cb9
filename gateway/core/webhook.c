/* What platforms post to us. */
// SPDX-License-Identifier: MIT
#include "gateway/core/webhook.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MAC_HEX = 2 * crypto_hash_sha256_BYTES, STAMP_MOST = 20, INFO_MOST = 4096 };

/* ---- Whose is it. */

bool
webhook_secret_equal(struct str given, struct str secret)
{
    unsigned char a[crypto_hash_sha256_BYTES], b[sizeof a];
    const unsigned char *text = (const unsigned char *)(given.n > 0 ? given.p : "");
    if (secret.n == 0) {
        return false;
    }
    (void)crypto_hash_sha256(a, text, given.n); /* of one length, whatever was given */
    (void)crypto_hash_sha256(b, (const unsigned char *)secret.p, secret.n);
    return sodium_memcmp(a, b, sizeof a) == 0;
}

static void
add(crypto_hash_sha256_state *state, struct str s)
{
    (void)crypto_hash_sha256_update(state, (const unsigned char *)(s.n > 0 ? s.p : ""), s.n);
}

static bool
is_mac_of(const unsigned char mac[crypto_hash_sha256_BYTES], struct str body, struct str stamp,
          struct str app_id, struct str key)
{
    unsigned char own[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    add(&state, app_id);
    add(&state, body);
    add(&state, stamp);
    add(&state, key);
    (void)crypto_hash_sha256_final(&state, own);
    return key.n > 0 && sodium_memcmp(own, mac, sizeof own) == 0;
}

static bool
read_mac(struct str header, unsigned char mac[crypto_hash_sha256_BYTES])
{
    struct str hex = str_trim(header);
    if (hex.n > 4 && strncasecmp(hex.p, "mac=", 4) == 0) {
        hex = str_from(hex, 4);
    }
    size_t n = 0;
    return hex.n == MAC_HEX &&
           sodium_hex2bin(mac, crypto_hash_sha256_BYTES, hex.p, hex.n, NULL, &n, NULL) == 0 &&
           n == crypto_hash_sha256_BYTES;
}

/* The body's own timestamp as text, into `out`. */
static struct str
stamp_of(const json_t *root, char out[STAMP_MOST + 1])
{
    const json_t *stamp = json_object_get(root, "timestamp");
    if (json_is_integer(stamp)) {
        (void)snprintf(out, STAMP_MOST + 1, "%lld", (long long)json_integer_value(stamp));
    } else {
        const char *text = json_string_value(stamp);
        (void)snprintf(out, STAMP_MOST + 1, "%s", text ? text : "");
    }
    return str_of(out);
}

enum webhook_signer
webhook_zalo_signer(struct str body, struct str header, const struct webhook_keys *keys)
{
    unsigned char mac[crypto_hash_sha256_BYTES];
    char stamp[STAMP_MOST + 1];
    if (body.n == 0 || !read_mac(header, mac)) {
        return SIGNER_NONE;
    }
    json_t *root = json_loadb(body.p, body.n, 0, NULL);
    struct str at = stamp_of(root, stamp);
    json_decref(root);
    if (is_mac_of(mac, body, at, keys->app_id, keys->oa_secret)) {
        return SIGNER_OA_SECRET;
    }
    return is_mac_of(mac, body, at, keys->app_id, keys->app_secret) ? SIGNER_APP_SECRET
                                                                    : SIGNER_NONE;
}

/* ---- What does it say. */

static struct str
keep(struct arena *arena, const json_t *value)
{
    char digits[24];
    const char *text = json_string_value(value);
    size_t n = json_string_length(value);
    if (json_is_integer(value)) {
        (void)snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
        text = digits;
        n = strlen(digits);
    }
    return n > 0 ? (struct str){arena_strndup(arena, text, n), n} : (struct str){"", 0};
}

static const json_t *
at(const json_t *root, const char *first, const char *second)
{
    return json_object_get(json_object_get(root, first), second);
}

/* By name, the first that fits (a name may be a beginning). */
static const struct {
    const char *name;
    enum webhook_kind kind;
} zalo_events[] = {
    {"user_received_message", WEBHOOK_DELIVERED},
    {"user_send_", WEBHOOK_TEXT},
    {"user_submit_info", WEBHOOK_INFO},
    {"user_feedback", WEBHOOK_FEEDBACK},
    {"follow", WEBHOOK_FOLLOW},
    {"unfollow", WEBHOOK_UNFOLLOW},
    {"change_template_status", WEBHOOK_TEMPLATE},
    {"change_oa_daily_quota", WEBHOOK_QUOTA},
};

static enum webhook_kind
zalo_kind(const json_t *root, struct str name)
{
    for (size_t i = 0; i < sizeof zalo_events / sizeof *zalo_events; i++) {
        enum webhook_kind kind = zalo_events[i].kind;
        if (!str_starts(name, str_of(zalo_events[i].name))) {
            continue;
        }
        /* The same name stands for a chat message of the OA, which has no such time. */
        bool receipt = at(root, "message", "delivery_time") != NULL;
        return kind == WEBHOOK_DELIVERED && !receipt ? WEBHOOK_OTHER : kind;
    }
    return WEBHOOK_OTHER;
}

static const json_t *
zalo_text(const json_t *root, enum webhook_kind kind)
{
    switch (kind) {
    case WEBHOOK_TEXT:
        return at(root, "message", "text");
    case WEBHOOK_FEEDBACK:
        return at(root, "message", "note");
    case WEBHOOK_TEMPLATE:
        return at(root, "status", "new_status");
    case WEBHOOK_QUOTA:
        return at(root, "quota", "new_value");
    case WEBHOOK_INFO: /* several values: zalo_info() */
    case WEBHOOK_OTHER:
    case WEBHOOK_DELIVERED:
    case WEBHOOK_START:
    case WEBHOOK_FOLLOW:
    case WEBHOOK_UNFOLLOW:
        break;
    }
    return NULL;
}

/* "name: An; phone: 84900000001; …": what a member shares of himself. */
static struct str
zalo_info(const json_t *root, struct arena *arena)
{
    static const char *const names[] = {"name", "phone", "address", "ward", "district", "city"};
    struct buf text;
    buf_init(&text, INFO_MOST);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str value = keep(arena, at(root, "info", names[i]));
        if (value.n > 0) {
            buf_add_str(&text, text.n > 0 ? STR("; ") : STR(""));
            buf_add_str(&text, str_of(names[i]));
            buf_add_str(&text, STR(": "));
            buf_add_str(&text, value);
        }
    }
    struct str out = {arena_strndup(arena, text.p ? text.p : "", text.n), text.n};
    buf_deinit(&text);
    return out;
}

int
webhook_zalo(struct str body, struct arena *arena, struct webhook_event *out, struct err *err)
{
    json_t *root = body.n > 0 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    *out = (struct webhook_event){.name = keep(arena, json_object_get(root, "event_name"))};
    if (out->name.n == 0) {
        json_decref(root);
        return err_set(err, ERR_INPUT, "no JSON object with an event_name");
    }
    out->kind = zalo_kind(root, out->name);
    const json_t *from = at(root, out->kind == WEBHOOK_DELIVERED ? "recipient" : "sender", "id");
    const json_t *id = at(root, "message", "msg_id");
    out->from = keep(arena, from ? from : at(root, "follower", "id"));
    out->text = out->kind == WEBHOOK_INFO ? zalo_info(root, arena)
                                          : keep(arena, zalo_text(root, out->kind));
    out->id = keep(arena, id ? id : json_object_get(root, "timestamp"));
    out->tracking_id = keep(arena, at(root, "message", "tracking_id"));
    json_decref(root);
    return 0;
}

/* "/start CODE" and "/stop" are what the bot's buttons send. */
static void
put_telegram_text(struct webhook_event *out)
{
    if (str_starts(out->text, STR("/start"))) {
        out->kind = WEBHOOK_START;
        out->text = str_trim(str_from(out->text, strlen("/start")));
    } else if (str_equal_z(out->text, "/stop")) {
        out->kind = WEBHOOK_UNFOLLOW;
    }
}

static bool
has_left(const json_t *member)
{
    const char *status = json_string_value(at(member, "new_chat_member", "status"));
    return status && (strcmp(status, "kicked") == 0 || strcmp(status, "left") == 0);
}

int
webhook_telegram(struct str body, struct arena *arena, struct webhook_event *out, struct err *err)
{
    json_t *root = body.n > 0 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    const json_t *message = json_object_get(root, "message");
    const json_t *member = json_object_get(root, "my_chat_member");
    *out = (struct webhook_event){.id = keep(arena, json_object_get(root, "update_id"))};
    if (out->id.n == 0) {
        json_decref(root);
        return err_set(err, ERR_INPUT, "no JSON object with an update_id");
    }
    out->from = keep(arena, at(message ? message : member, "chat", "id"));
    out->text = keep(arena, json_object_get(message, "text"));
    out->name = message ? STR("message") : member ? STR("my_chat_member") : STR("update");
    out->kind = member && has_left(member) ? WEBHOOK_UNFOLLOW : WEBHOOK_OTHER;
    if (message && out->text.n > 0) {
        out->kind = WEBHOOK_TEXT;
        put_telegram_text(out);
    }
    json_decref(root);
    return 0;
}

/* Zalo as the tests need it: OAuth with single-use refresh tokens, template messages, OA texts,
 * quota, status. */
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "tests/sim/platform/platform.h"

enum { UNSET_QUOTA = 500000 };

static void
answer_error(struct platform *p, const struct request *r, int code)
{
    char body[160];
    snprintf(body, sizeof body, "{\"error\":%d,\"message\":\"case\"}", code);
    platform_answer(p, r, 200, body, HOW_WHOLE);
}

/* ---- Tokens. */

static void
form_value(const char *body, const char *name, char *out, size_t room)
{
    size_t n = strlen(name);
    out[0] = '\0';
    for (const char *at = body; at && *at; at = strchr(at, '&') ? strchr(at, '&') + 1 : NULL) {
        if (strncmp(at, name, n) == 0 && at[n] == '=') {
            snprintf(out, room, "%.*s", (int)strcspn(at + n + 1, "&"), at + n + 1);
            return;
        }
    }
}

static void
next_pair(struct platform *p)
{
    p->token_number++;
    snprintf(p->access, sizeof p->access, "access-%" PRId64, p->token_number);
    snprintf(p->refresh, sizeof p->refresh, "refresh-%" PRId64, p->token_number);
}

/* The first grant, by the code that an admin got. */
static void
serve_grant(struct platform *p, const struct request *r)
{
    char body[ANSWER_SIZE], code[128], verifier[128];
    form_value(r->body, "code", code, sizeof code);
    form_value(r->body, "code_verifier", verifier, sizeof verifier);
    bool good = strcmp(code, "old-code") != 0;
    fprintf(p->journal, "grant\t%" PRId64 "\t%s\t%s\t%s\n", platform_now_us(),
            good ? "granted" : "expired", code, verifier);
    fflush(p->journal);
    if (!good) {
        platform_answer(p, r, 200, "{\"error\":-14019,\"error_name\":\"code expired\"}", HOW_WHOLE);
        return;
    }
    next_pair(p);
    snprintf(body, sizeof body,
             "{\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"expires_in\":\"%" PRId64 "\"}",
             p->access, p->refresh, p->behaviour.expires_s);
    platform_answer(p, r, 200, body, HOW_WHOLE);
}

static void
serve_token(struct platform *p, const struct request *r)
{
    char body[ANSWER_SIZE], refresh[128], secret[128];
    struct behaviour *b = &p->behaviour;
    form_value(r->body, "grant_type", body, sizeof body);
    if (strcmp(body, "authorization_code") == 0) {
        serve_grant(p, r);
        return;
    }
    form_value(r->body, "refresh_token", refresh, sizeof refresh);
    request_header(r, "secret_key", secret, sizeof secret);
    bool good = strcmp(refresh, p->refresh) == 0;
    fprintf(p->journal, "token\t%" PRId64 "\t%s\t%s\n", platform_now_us(),
            good ? "renewed" : "burnt", refresh);
    fflush(p->journal);
    if (b->app_secret[0] && strcmp(secret, b->app_secret) != 0) {
        platform_answer_in(p, r, b->oauth_us, 200, "{\"error\":-14004,\"error_name\":\"secret\"}");
        return;
    }
    if (b->oauth_status > 0) {
        b->oauth_status--;
        platform_answer_in(p, r, b->oauth_us, 500, "busy");
        return;
    }
    if (!good) {
        p->burnt++;
        platform_answer_in(p, r, b->oauth_us, 200,
                           "{\"error\":-14014,\"error_name\":\"Invalid refresh token\","
                           "\"error_reason\":\"\",\"ref_doc\":\"\"}");
        return;
    }
    p->refreshes++;
    next_pair(p);
    snprintf(body, sizeof body,
             "{\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"expires_in\":\"%" PRId64 "\"}",
             p->access, p->refresh, b->expires_s);
    if (b->oauth_cut > 0) {
        b->oauth_cut--;
        platform_answer(p, r, 200, body, HOW_RESET);
        return;
    }
    platform_answer_in(p, r, b->oauth_us, 200, body);
}

/* ---- Messages. */

static bool
proof_is_right(const struct platform *p, const struct request *r, const char *token)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char hex[2 * sizeof mac + 1], given[128];
    const char *secret = p->behaviour.app_secret;
    crypto_auth_hmacsha256_state state;
    if (!secret[0]) {
        return true;
    }
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)token, strlen(token));
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
    request_header(r, "appsecret_proof", given, sizeof given);
    return strcmp(hex, given) == 0;
}

/* 0, or the code that refuses the request before its content is looked at. */
static int
gate(struct platform *p, const struct request *r)
{
    char token[128];
    struct behaviour *b = &p->behaviour;
    request_header(r, "access_token", token, sizeof token);
    if (b->expire_after > 0 && p->sends == b->expire_after) {
        b->expire_after = 0;
        next_pair(p); /* as if another had renewed it: the old pair is of no use */
        snprintf(p->refresh, sizeof p->refresh, "refresh-%" PRId64, p->token_number - 1);
    }
    if (p->access[0] && strcmp(token, p->access) != 0) {
        return -124;
    }
    return proof_is_right(p, r, token) ? 0 : -1241;
}

static void
put(char *out, size_t room, const json_t *value)
{
    const char *text = json_string_value(value);
    snprintf(out, room, "%s", text ? text : "");
}

static const char *
read_message(struct sent *s, const json_t *root, const char *path)
{
    if (strncmp(path, "/v3.0/oa/message/cs", 19) == 0) {
        s->kind = "cs";
        put(s->address, sizeof s->address,
            json_object_get(json_object_get(root, "recipient"), "user_id"));
        return "text";
    }
    s->kind = strstr(path, "/v3.0/") ? "uid" : strstr(path, "hashphone") ? "hash" : "phone";
    put(s->address, sizeof s->address,
        json_object_get(root, strcmp(s->kind, "uid") == 0    ? "user_id"
                              : strcmp(s->kind, "hash") == 0 ? "hash_phone"
                                                             : "phone"));
    put(s->tracking, sizeof s->tracking, json_object_get(root, "tracking_id"));
    return NULL;
}

/* What stands wrong in the message itself: 0 or a code. */
static int
fault(const struct platform *p, const struct sent *s, const json_t *root)
{
    if (!root) {
        return -122;
    }
    if (!s->address[0]) {
        return -108;
    }
    const json_t *data = json_object_get(root, "template_data");
    if (strcmp(s->kind, "cs") != 0 && !json_is_object(data)) {
        return -111;
    }
    if (strcmp(s->kind, "cs") != 0 && template_fault(p, data) != 0) {
        return template_fault(p, data);
    }
    return strlen(s->tracking) > 48 ? -132 : 0;
}

static void
put_taken(struct platform *p, struct sent *s, char body[ANSWER_SIZE])
{
    char quota[96] = "";
    bool business = strcmp(s->kind, "phone") == 0 || strcmp(s->kind, "hash") == 0;
    snprintf(s->id, sizeof s->id, "z%016" PRIx64, (uint64_t)++p->messages);
    snprintf(s->code, sizeof s->code, "0");
    if (p->behaviour.quota >= 0) {
        p->quota_left--;
        snprintf(quota, sizeof quota,
                 ",\"quota\":{\"dailyQuota\":\"%" PRId64 "\",\"remainingQuota\":\"%" PRId64 "\"}",
                 p->behaviour.quota, p->quota_left);
    }
    snprintf(body, ANSWER_SIZE,
             "{\"error\":0,\"message\":\"Success\",\"data\":{\"%s\":\"%s\",\"sent_time\":\"1\"%s}}",
             business ? "msg_id" : "message_id", s->id, quota);
}

static int
refusal(struct platform *p, const struct request *r, const struct sent *s, const json_t *root)
{
    int code = gate(p, r);
    code = code ? code : fault(p, s, root);
    code = code ? code : platform_rate_lets(p) ? 0 : -32;
    return code ? code : p->behaviour.quota >= 0 && p->quota_left <= 0 ? -144 : 0;
}

static void
serve_message(struct platform *p, const struct request *r)
{
    struct sent s = {.text = "", .how = HOW_WHOLE};
    char body[ANSWER_SIZE];
    json_t *root = json_loadb(r->body, r->body_n, 0, NULL);
    const char *text = read_message(&s, root, r->path);
    const json_t *data =
        text ? json_object_get(root, "message") : json_object_get(root, "template_data");
    char *dumped = data ? json_dumps(data, JSON_COMPACT) : NULL;
    s.text = dumped ? dumped : "";
    int code = refusal(p, r, &s, root);
    struct case_rule *rule = code == 0 ? platform_take(p, &s) : NULL;
    bool status = rule && rule->what == CASE_STATUS;
    code = rule && rule->what == CASE_ERROR ? rule->code : code;
    if (code != 0 || status || (rule && rule->what == CASE_RESET)) {
        snprintf(s.code, sizeof s.code, "%d", status ? rule->code : code);
        platform_journal(p, &s, false);
        snprintf(body, sizeof body, status ? "<html>" : "{\"error\":%d,\"message\":\"case\"}",
                 code);
        platform_answer(p, r, status ? rule->code : 200, body, s.how);
    } else {
        put_taken(p, &s, body);
        platform_journal(p, &s, true);
        platform_answer(p, r, 200, body, s.how);
        if (!rule || rule->what != CASE_LOST) {
            platform_receipt(p, &s);
        }
    }
    free(dumped);
    json_decref(root);
}

static void
serve_quota(struct platform *p, const struct request *r)
{
    char body[256];
    if (gate(p, r) != 0) {
        answer_error(p, r, -124);
        return;
    }
    snprintf(body, sizeof body,
             "{\"error\":0,\"message\":\"success\",\"data\":{\"dailyQuota\":%" PRId64
             ",\"remainingQuota\":%" PRId64 "}}",
             p->behaviour.quota < 0 ? UNSET_QUOTA : p->behaviour.quota,
             p->behaviour.quota < 0 ? UNSET_QUOTA - p->taken : p->quota_left);
    platform_answer(p, r, 200, body, HOW_WHOLE);
}

static void
serve_status(struct platform *p, const struct request *r)
{
    char id[64], body[256];
    request_query(r, "message_id", id, sizeof id);
    bool known = id[0] == 'z' && strtoll(id + 1, NULL, 16) <= p->messages;
    fprintf(p->journal, "status\t%" PRId64 "\t%s\n", platform_now_us(), id);
    fflush(p->journal);
    snprintf(body, sizeof body,
             "{\"error\":0,\"message\":\"Success\",\"data\":{\"delivery_time\":\"1600328011517\","
             "\"message\":\"case\",\"status\":%d}}",
             known ? 1 : -1);
    platform_answer(p, r, 200, body, HOW_WHOLE);
}

bool
zalo_serve(struct platform *p, const struct request *r)
{
    static const struct {
        const char *path;
        void (*serve)(struct platform *p, const struct request *r);
    } paths[] = {
        {"/v4/oa/access_token", serve_token},
        {"/message/template", serve_message},
        {"/v3.0/oa/message/template", serve_message},
        {"/v3.0/oa/message/cs", serve_message},
        {"/message/quota", serve_quota},
        {"/message/status", serve_status},
        {"/template/info/v2", template_serve},
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (strncmp(r->path, paths[i].path, strlen(paths[i].path)) == 0) {
            paths[i].serve(p, r);
            return true;
        }
    }
    return false;
}

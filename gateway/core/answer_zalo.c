/* Zalo's codes and answers. */
// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/answer.h"
#include "gateway/core/mem.h"

enum { ON_BUSINESS = 1 << ZALO_BUSINESS, ON_OA = 1 << ZALO_OA, ON_BOTH = ON_BUSINESS | ON_OA };

/* A code means what it says on the hosts named; on the other it is unknown, but for those that were
 * seen on both. */
struct code {
    int code;
    int hosts;
    enum answer_class class;
    enum answer_until until;
    const char *word;
};

#define CONFIG(code, word)                                                                         \
    {                                                                                              \
        code, ON_BUSINESS, ANSWER_CONFIG, UNTIL_BACKOFF, word                                      \
    }
#define MESSAGE(code, word)                                                                        \
    {                                                                                              \
        code, ON_BUSINESS, ANSWER_MESSAGE, UNTIL_BACKOFF, word                                     \
    }
#define RECIPIENT(code, word)                                                                      \
    {                                                                                              \
        code, ON_BUSINESS, ANSWER_RECIPIENT, UNTIL_BACKOFF, word                                   \
    }
#define OA_CONFIG(code, word)                                                                      \
    {                                                                                              \
        code, ON_OA, ANSWER_CONFIG, UNTIL_BACKOFF, word                                            \
    }
#define OA_RECIPIENT(code, word)                                                                   \
    {                                                                                              \
        code, ON_OA, ANSWER_RECIPIENT, UNTIL_BACKOFF, word                                         \
    }

static const struct code codes[] = {
    {-32, ON_BOTH, ANSWER_THROTTLE, UNTIL_MINUTE, "request-limit"},
    {-100, ON_BUSINESS, ANSWER_AMBIGUOUS, UNTIL_BACKOFF, "unknown-error"},
    {-100, ON_OA, ANSWER_MESSAGE, UNTIL_BACKOFF, "attachment-expired"},
    CONFIG(-101, "app-invalid"),
    CONFIG(-102, "app-unknown"),
    CONFIG(-103, "app-not-activated"),
    CONFIG(-104, "app-secret-invalid"),
    CONFIG(-105, "app-not-linked"),
    CONFIG(-106, "method-unsupported"),
    MESSAGE(-107, "message-id-invalid"),
    RECIPIENT(-108, "phone-invalid"),
    CONFIG(-109, "template-invalid"),
    RECIPIENT(-110, "zalo-version-unsupported"),
    MESSAGE(-111, "template-data-empty"),
    MESSAGE(-112, "parameter-undefined"),
    MESSAGE(-1121, "parameter-too-long"),
    MESSAGE(-1122, "parameter-missing"),
    MESSAGE(-1123, "qr-failed"),
    MESSAGE(-1124, "parameter-format"),
    MESSAGE(-113, "button-invalid"),
    MESSAGE(-1131, "button-link-format"),
    RECIPIENT(-114, "inactive-or-refused"),
    {-115, ON_BUSINESS, ANSWER_QUOTA, UNTIL_MIDNIGHT, "out-of-quota"},
    MESSAGE(-116, "content-invalid"),
    CONFIG(-117, "template-not-permitted"),
    RECIPIENT(-118, "no-zalo-account"),
    RECIPIENT(-119, "cannot-receive"),
    CONFIG(-120, "feature-not-permitted"),
    CONFIG(-1201, "promotion-not-permitted"),
    CONFIG(-1202, "media-not-permitted"),
    MESSAGE(-121, "body-empty"),
    MESSAGE(-122, "body-no-json"),
    CONFIG(-123, "rsa-key"),
    CONFIG(-128, "rsa-key"),
    CONFIG(-129, "rsa-key"),
    CONFIG(-142, "rsa-key"),
    CONFIG(-143, "rsa-key"),
    {-124, ON_BOTH, ANSWER_REFRESH_TOKEN, UNTIL_BACKOFF, "token-invalid"},
    CONFIG(-1241, "appsecret-proof-invalid"),
    OA_CONFIG(-242, "appsecret-proof-invalid"),
    CONFIG(-125, "oa-invalid"),
    CONFIG(-126, "development-wallet-empty"),
    CONFIG(-127, "test-template-only-to-admins"),
    MESSAGE(-130, "content-too-long"),
    CONFIG(-131, "template-not-approved"),
    MESSAGE(-132, "parameter-invalid"),
    {-133, ON_BUSINESS, ANSWER_RETRY_LATER, UNTIL_MORNING, "not-at-night"},
    RECIPIENT(-134, "not-opted-in"),
    CONFIG(-135, "oa-may-not-send"),
    CONFIG(-1351, "oa-blocked"),
    CONFIG(-136, "cloud-account-missing"),
    CONFIG(-137, "charge-failed"),
    CONFIG(-138, "app-not-permitted"),
    CONFIG(-1381, "extension-not-granted"),
    RECIPIENT(-139, "refuses-content-type"),
    RECIPIENT(-140, "not-eligible"),
    RECIPIENT(-141, "refuses-this-oa"),
    {-144, ON_BUSINESS, ANSWER_QUOTA, UNTIL_MIDNIGHT, "daily-limit"},
    {-1441, ON_BUSINESS, ANSWER_QUOTA, UNTIL_MONTH, "promotion-limit"},
    CONFIG(-145, "content-type-not-permitted"),
    CONFIG(-146, "template-disabled"),
    {-147, ON_BUSINESS, ANSWER_QUOTA, UNTIL_MIDNIGHT, "template-daily-limit"},
    RECIPIENT(-1471, "follow-up-cap"),
    RECIPIENT(-1472, "promotion-cap"),
    CONFIG(-148, "journey-token"),
    CONFIG(-149, "journey-token"),
    CONFIG(-1491, "journey-token"),
    CONFIG(-150, "journey-token"),
    CONFIG(-151, "e2ee-template"),
    CONFIG(-152, "e2ee-template"),
    CONFIG(-153, "e2ee-template"),
    CONFIG(-161, "sending-mode"),
    CONFIG(-162, "sending-mode"),
    {-200, ON_OA, ANSWER_AMBIGUOUS, UNTIL_BACKOFF, "send-failed"},
    {-201, ON_OA, ANSWER_MESSAGE, UNTIL_BACKOFF, "field-invalid"},
    OA_CONFIG(-204, "oa-disabled"),
    OA_CONFIG(-205, "oa-unknown"),
    OA_CONFIG(-209, "app-not-activated"),
    {-210, ON_OA, ANSWER_MESSAGE, UNTIL_BACKOFF, "parameter-limit"},
    {-211, ON_OA, ANSWER_QUOTA, UNTIL_MIDNIGHT, "out-of-quota"},
    OA_CONFIG(-212, "api-not-registered"),
    OA_RECIPIENT(-213, "not-a-follower"),
    {-214, ON_OA, ANSWER_RETRY_LATER, UNTIL_BACKOFF, "article-in-progress"},
    {-216, ON_BOTH, ANSWER_REFRESH_TOKEN, UNTIL_BACKOFF, "token-invalid"},
    {-220, ON_BOTH, ANSWER_REFRESH_TOKEN, UNTIL_BACKOFF, "token-expired"},
    OA_RECIPIENT(-217, "blocked-invitations"),
    OA_RECIPIENT(-218, "receive-quota-used"),
    OA_CONFIG(-219, "app-removed"),
    OA_CONFIG(-221, "oa-not-verified"),
    OA_CONFIG(-223, "api-not-authorised"),
    OA_CONFIG(-224, "oa-tier"),
    OA_RECIPIENT(-227, "banned-or-inactive"),
    OA_RECIPIENT(-230, "no-interaction-7-days"),
    OA_RECIPIENT(-232, "interaction-expired"),
    OA_CONFIG(-233, "message-type-unsupported"),
    {-234, ON_OA, ANSWER_RETRY_LATER, UNTIL_MORNING, "not-at-night"},
    OA_CONFIG(-235, "oa-type-unsupported"),
    OA_CONFIG(-237, "group-disabled"),
    OA_CONFIG(-240, "api-gone"),
    OA_RECIPIENT(-244, "restricts-message-type"),
    {-248, ON_OA, ANSWER_MESSAGE, UNTIL_BACKOFF, "violates-standards"},
    OA_CONFIG(-249, "template-without-uid"),
    OA_CONFIG(-320, "cloud-account-missing"),
    OA_CONFIG(-321, "no-money"),
};

static const struct code *
find_code(json_int_t code, int hosts)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].code == code && (codes[i].hosts & hosts)) {
            return &codes[i];
        }
    }
    return NULL;
}

const char *
answer_zalo_word(int64_t code)
{
    const struct code *row = find_code(code, ON_BOTH);
    return row ? row->word : NULL;
}

/* ---- JSON that may hold a number as a number or as text. */

static bool
number_of(const json_t *value, int64_t *out)
{
    if (json_is_integer(value)) {
        *out = json_integer_value(value);
        return true;
    }
    uint64_t n = 0;
    bool ok = json_is_string(value) && str_to_u64(str_of(json_string_value(value)), INT64_MAX, &n);
    *out = ok ? (int64_t)n : *out;
    return ok;
}

/* The answer's object; NULL when it is no JSON object. The caller gives it to json_decref(). */
static json_t *
parse(const struct answer_reply *reply)
{
    json_t *root = reply->body.n > 0 ? json_loadb(reply->body.p, reply->body.n, 0, NULL) : NULL;
    if (root && !json_is_object(root)) {
        json_decref(root);
        root = NULL;
    }
    return root;
}

static void
put_success(const json_t *data, struct answer *out)
{
    const json_t *id = json_object_get(data, "msg_id");
    const char *text = json_string_value(id ? id : json_object_get(data, "message_id"));
    const json_t *quota = json_object_get(data, "quota");
    if (!text || !*text || strlen(text) >= ANSWER_ID) {
        return; /* taken or not: nobody can tell */
    }
    out->class = ANSWER_OK;
    out->reason[0] = '\0';
    memcpy(out->id, text, strlen(text) + 1);
    (void)number_of(json_object_get(quota, "dailyQuota"), &out->quota_day);
    if (!number_of(json_object_get(quota, "remainingQuota"), &out->quota_left)) {
        (void)number_of(json_object_get(quota, "remain"), &out->quota_left);
    }
}

static void
put_code(enum answer_host host, json_int_t code, struct answer *out)
{
    const struct code *row = find_code(code, 1 << host);
    out->class = row ? row->class : ANSWER_AMBIGUOUS;
    out->until = row ? row->until : UNTIL_BACKOFF;
    out->unknown = !row;
    out->opt_out = row && code == -141; /* -139: this kind of content alone */
    (void)snprintf(out->code, sizeof out->code, "%lld", (long long)code % 1000000000);
    (void)snprintf(out->reason, sizeof out->reason, "z%04d", abs((int)(code % 10000)));
}

void
answer_zalo(enum answer_host host, const struct answer_reply *reply, struct answer *out)
{
    if (answer_by_transport(reply, out)) {
        return;
    }
    json_t *root = parse(reply);
    const json_t *code = json_object_get(root, "error");
    if (json_is_integer(code) && json_integer_value(code) != 0) {
        put_code(host, json_integer_value(code), out);
    } else if (json_is_integer(code)) {
        out->class = ANSWER_AMBIGUOUS;
        put_success(json_object_get(root, "data"), out);
    }
    json_decref(root);
}

enum answer_delivery
answer_zalo_status(const struct answer_reply *reply)
{
    int64_t status = -1;
    json_t *root = reply->transport == TRANSPORT_ANSWERED ? parse(reply) : NULL;
    const json_t *code = json_object_get(root, "error");
    if (json_is_integer(code) && json_integer_value(code) == 0) {
        (void)number_of(json_object_get(json_object_get(root, "data"), "status"), &status);
    }
    json_decref(root);
    return status == 1 ? DELIVERY_DONE : status == 0 ? DELIVERY_PUSHED : DELIVERY_UNKNOWN;
}

bool
answer_zalo_quota(const struct answer_reply *reply, int64_t *day, int64_t *left)
{
    json_t *root = reply->transport == TRANSPORT_ANSWERED ? parse(reply) : NULL;
    const json_t *code = json_object_get(root, "error"), *data = json_object_get(root, "data");
    bool ok = json_is_integer(code) && json_integer_value(code) == 0 &&
              number_of(json_object_get(data, "dailyQuota"), day) &&
              number_of(json_object_get(data, "remainingQuota"), left);
    json_decref(root);
    return ok;
}

/* ---- Tokens. */

static struct str
keep(struct arena *arena, const json_t *value)
{
    size_t n = json_string_length(value);
    return n > 0 ? (struct str){arena_strndup(arena, json_string_value(value), n), n}
                 : (struct str){NULL, 0};
}

void
answer_token(const struct answer_reply *reply, struct arena *arena, struct answer_token *out)
{
    *out = (struct answer_token){.class = ANSWER_AMBIGUOUS};
    if (reply->transport != TRANSPORT_ANSWERED) {
        out->class = reply->transport == TRANSPORT_NOT_SENT ? ANSWER_RETRY_LATER : ANSWER_AMBIGUOUS;
        return;
    }
    json_t *root = parse(reply);
    const json_t *error = json_object_get(root, "error");
    if (reply->status == 200 && root && !error) {
        out->access = keep(arena, json_object_get(root, "access_token"));
        out->refresh = keep(arena, json_object_get(root, "refresh_token"));
        bool whole = number_of(json_object_get(root, "expires_in"), &out->expires_s) &&
                     out->expires_s > 0 && out->access.n > 0 && out->refresh.n > 0;
        out->class = whole ? ANSWER_OK : ANSWER_AMBIGUOUS;
    } else if (json_is_integer(error)) {
        json_int_t code = json_integer_value(error);
        (void)snprintf(out->code, sizeof out->code, "%lld", (long long)code % 1000000000);
        static const int fatal[] = {-14002, -14003, -14004, -14014, -14019, -14020};
        for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
            out->class = code == fatal[i] ? ANSWER_CONFIG : out->class;
        }
    }
    json_decref(root);
}

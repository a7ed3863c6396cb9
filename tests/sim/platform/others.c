/* Telegram's sendMessage, and an SMS provider that answers as eSMS does. */
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/platform/platform.h"

static void
put_address(struct sent *s, const json_t *value)
{
    const char *text = json_string_value(value);
    if (json_is_integer(value)) {
        snprintf(s->address, sizeof s->address, "%lld", (long long)json_integer_value(value));
    } else {
        snprintf(s->address, sizeof s->address, "%s", text ? text : "");
    }
}

/* False: the chat had a message too short a time ago. */
static bool
chat_lets(struct platform *p, const struct sent *s)
{
    int64_t now_us = platform_now_us();
    int64_t *last_us = &p->chat_us[strtoull(s->address, NULL, 10) % PLATFORM_CHATS];
    if (p->behaviour.chat > 0 && now_us - *last_us < 1000000 / p->behaviour.chat) {
        return false;
    }
    *last_us = now_us;
    return true;
}

/* A refusal that a rule or the rate asks for: the HTTP status, or 0. */
static int
refused(struct platform *p, struct sent *s, struct case_rule **rule)
{
    if (!platform_rate_lets(p) || !chat_lets(p, s)) {
        *rule = NULL;
        return 429;
    }
    *rule = platform_take(p, s);
    bool decides = *rule && ((*rule)->what == CASE_ERROR || (*rule)->what == CASE_STATUS);
    return decides ? (*rule)->code : *rule && (*rule)->what == CASE_RESET ? 500 : 0;
}

/* A chat that moved is refused with 400 and a wait. */
static void
put_refusal(int status, const struct case_rule *rule, char body[ANSWER_SIZE])
{
    int wait_s = rule ? rule->wait_s : 0;
    char parameters[64] = "";
    const char *says = status == 403 ? "Forbidden: bot was blocked by the user" : "case";
    if (status == 400) {
        says = wait_s ? "Bad Request: group chat was upgraded to a supergroup chat"
                      : "Bad Request: chat not found";
    }
    if (status == 400 && wait_s) {
        snprintf(parameters, sizeof parameters, "\"migrate_to_chat_id\":-100%d", wait_s);
    } else if (status == 429) {
        snprintf(parameters, sizeof parameters, "\"retry_after\":%d", wait_s ? wait_s : 1);
    }
    snprintf(body, ANSWER_SIZE,
             "{\"ok\":false,\"error_code\":%d,\"description\":\"%s\",\"parameters\":{%s}}", status,
             says, parameters);
}

bool
telegram_serve(struct platform *p, const struct request *r)
{
    struct sent s = {.kind = "telegram", .how = HOW_WHOLE};
    struct case_rule *rule;
    char body[ANSWER_SIZE];
    if (strncmp(r->path, "/bot", 4) != 0 || !strstr(r->path, "/sendMessage")) {
        return false;
    }
    json_t *root = json_loadb(r->body, r->body_n, 0, NULL);
    const char *text = json_string_value(json_object_get(root, "text"));
    put_address(&s, json_object_get(root, "chat_id"));
    s.text = text ? text : "";
    int status = refused(p, &s, &rule);
    if (status != 0) {
        snprintf(s.code, sizeof s.code, "%d", status);
        put_refusal(status, rule, body);
    } else {
        snprintf(s.code, sizeof s.code, "0");
        snprintf(s.id, sizeof s.id, "%" PRId64, ++p->messages);
        snprintf(body, sizeof body, "{\"ok\":true,\"result\":{\"message_id\":%s}}", s.id);
    }
    platform_journal(p, &s, status == 0);
    platform_answer(p, r, status ? status : 200, body, s.how);
    json_decref(root);
    return true;
}

static void
read_esms(struct sent *s, const json_t *root)
{
    const char *phone = json_string_value(json_object_get(root, "Phone"));
    const char *text = json_string_value(json_object_get(root, "Content"));
    const char *request_id = json_string_value(json_object_get(root, "RequestId"));
    snprintf(s->address, sizeof s->address, "%s", phone ? phone : "");
    snprintf(s->tracking, sizeof s->tracking, "%s", request_id ? request_id : "");
    s->text = text ? text : "";
}

/* What became of a message: all arrive but those whose id ends in 3. */
static void
serve_esms_state(struct platform *p, const struct request *r)
{
    char id[64], body[256];
    request_query(r, "RefId", id, sizeof id);
    size_t n = strlen(id);
    bool failed = n > 0 && id[n - 1] == '3';
    fprintf(p->journal, "status\t%" PRId64 "\t%s\n", platform_now_us(), id);
    fflush(p->journal);
    snprintf(body, sizeof body,
             "{\"CodeResponse\":\"100\",\"SMSID\":\"%s\",\"SendStatus\":5,\"SendSuccess\":%d,"
             "\"SendFailed\":%d}",
             id, !failed, failed);
    platform_answer(p, r, 200, body, HOW_WHOLE);
}

bool
provider_serve(struct platform *p, const struct request *r)
{
    struct sent s = {.kind = "esms", .how = HOW_WHOLE};
    struct case_rule *rule = NULL;
    char body[ANSWER_SIZE];
    if (strncmp(r->path, "/esms", 5) != 0) {
        return false;
    }
    if (strstr(r->path, "GetSendStatus")) {
        serve_esms_state(p, r);
        return true;
    }
    json_t *root = json_loadb(r->body, r->body_n, 0, NULL);
    read_esms(&s, root);
    bool again = s.tracking[0] && platform_seen(p, s.tracking);
    int code = again ? 124 : refused(p, &s, &rule);
    bool status = code == 429 || (rule && rule->what == CASE_STATUS);
    snprintf(s.code, sizeof s.code, "%d", code);
    snprintf(s.id, sizeof s.id, "e%" PRId64, ++p->messages);
    snprintf(body, sizeof body, "{\"CodeResult\":\"%d\",\"SMSID\":\"%s\"}", code ? code : 100,
             code ? "" : s.id);
    platform_journal(p, &s, code == 0);
    platform_answer(p, r, status ? code : 200, body, s.how);
    json_decref(root);
    return true;
}

/* Telegram's answers. */
// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "gateway/core/answer.h"

/* By error_code, then by what stands in the description, the first that fits; "" fits all. */
static const struct {
    int code;
    const char *says;
    enum answer_class class;
} rows[] = {
    {400, "chat not found", ANSWER_RECIPIENT},
    {400, "user not found", ANSWER_RECIPIENT},
    {400, "PEER_ID_INVALID", ANSWER_RECIPIENT},
    {400, "can't parse entities", ANSWER_MESSAGE},
    {400, "message is too long", ANSWER_MESSAGE},
    {400, "message text is empty", ANSWER_MESSAGE},
    {401, "", ANSWER_CONFIG},
    {404, "", ANSWER_CONFIG},
    {403, "bot was blocked", ANSWER_RECIPIENT},
    {403, "user is deactivated", ANSWER_RECIPIENT},
    {403, "can't initiate conversation", ANSWER_RECIPIENT},
    {403, "bot was kicked", ANSWER_RECIPIENT},
    {403, "bot is not a member", ANSWER_RECIPIENT},
    {429, "", ANSWER_THROTTLE},
};

enum { WAIT_MOST = 86400, WAIT_UNSAID = 30 };

static void
put_error(const json_t *root, struct answer *out)
{
    json_int_t code = json_integer_value(json_object_get(root, "error_code"));
    const char *says = json_string_value(json_object_get(root, "description"));
    const json_t *parameters = json_object_get(root, "parameters");
    const json_t *chat = json_object_get(parameters, "migrate_to_chat_id");
    (void)snprintf(out->code, sizeof out->code, "%d", (int)(code % 10000));
    (void)snprintf(out->reason, sizeof out->reason, "t%04u", (unsigned)code % 10000);
    out->class = ANSWER_AMBIGUOUS;
    out->unknown = code < 500;
    if (code == 400 && json_is_integer(chat)) { /* sent again to the chat's new id */
        out->class = ANSWER_RETRY_LATER;
        out->unknown = false;
        (void)snprintf(out->migrate_to, sizeof out->migrate_to, "%lld",
                       (long long)json_integer_value(chat));
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].code == code && strcasestr(says ? says : "", rows[i].says)) {
            out->class = rows[i].class;
            out->unknown = false;
            break;
        }
    }
    out->plain = out->class == ANSWER_MESSAGE && says && strcasestr(says, "parse entities");
    if (out->class == ANSWER_THROTTLE) {
        json_int_t wait = json_integer_value(json_object_get(parameters, "retry_after"));
        out->until = UNTIL_SECONDS;
        out->wait_s = wait > 0 && wait < WAIT_MOST ? (int)wait : WAIT_UNSAID;
    }
}

void
answer_telegram(const struct answer_reply *reply, struct answer *out)
{
    if (answer_by_transport(reply, out)) {
        return;
    }
    json_t *root = reply->body.n > 0 ? json_loadb(reply->body.p, reply->body.n, 0, NULL) : NULL;
    const json_t *ok = json_object_get(root, "ok");
    if (json_is_true(ok)) {
        const json_t *id = json_object_get(json_object_get(root, "result"), "message_id");
        out->class = json_is_integer(id) ? ANSWER_OK : ANSWER_AMBIGUOUS;
        if (json_is_integer(id)) {
            out->reason[0] = '\0';
            (void)snprintf(out->id, sizeof out->id, "%lld", (long long)json_integer_value(id));
        }
    } else if (json_is_false(ok)) {
        put_error(root, out);
    }
    json_decref(root);
}

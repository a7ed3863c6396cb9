/* Telegram's Bot API: sendMessage with HTML. */
// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/escape.h"
#include "gateway/links/http/http_link.h"

static int
begin(struct http_link *l, struct err *err)
{
    if (!*l->link.conf->token) {
        return err_set(err, ERR_CONFIG, "token is missing (the bot's, of @BotFather)");
    }
    return 0;
}

static int
prepare(struct http_link *l, const struct link_content *content, struct buf *payload,
        struct err *err)
{
    (void)l;
    json_t *string = json_stringn(content->text.n ? content->text.p : "", content->text.n);
    char *quoted = string && content->text.n > 0 ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    json_decref(string);
    if (!quoted) {
        return err_set(err, ERR_INPUT, "there is nothing to say by Telegram");
    }
    buf_add_format(payload,
                   ",\"text\":%s,\"parse_mode\":\"HTML\","
                   "\"link_preview_options\":{\"is_disabled\":true}}",
                   quoted);
    free(quoted);
    return 0;
}

/* Of HTML in a JSON string. */
static void
escape_shown(struct buf *out, struct str s)
{
    struct buf html;
    buf_init(&html, HTTP_BODY_MOST);
    escape_xml(&html, s);
    escape_json(out, buf_str(&html));
    buf_deinit(&html);
}

static int
fill(struct http_link *l, const struct link_message *m, struct http_draft *draft, struct err *err)
{
    const char *digits = m->address + (m->address[0] == '-');
    if (!*digits || strspn(digits, "0123456789") != strlen(digits)) {
        return err_set(err, ERR_INPUT, "not a chat's number");
    }
    buf_add_format(&draft->url, "%s/bot%s/sendMessage", l->link.conf->base_url,
                   l->link.conf->token);
    buf_add_format(&draft->body, "{\"chat_id\":%s", m->address);
    http_text_put(m, escape_shown, &draft->body);
    draft_header(draft, "Content-Type", STR("application/json"));
    return 0;
}

static void
read_answer(struct http_link *l, const struct link_message *m, const struct answer_reply *reply,
            struct answer *out)
{
    (void)l, (void)m;
    answer_telegram(reply, out);
}

static struct link *open_link(struct event_base *base, const struct conf_link *conf,
                              const struct link_events *events, struct err *err);

const struct link_kind_ops telegram_ops = {.open = open_link, HTTP_LINK_OPS};

static const struct http_kind kind = {
    .ops = &telegram_ops,
    .size = sizeof(struct http_link),
    .begin = begin,
    .prepare = prepare,
    .fill = fill,
    .read = read_answer,
};

static struct link *
open_link(struct event_base *base, const struct conf_link *conf, const struct link_events *events,
          struct err *err)
{
    return http_link_new(&kind, base, conf, events, err);
}

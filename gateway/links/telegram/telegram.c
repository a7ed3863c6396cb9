/* Telegram's Bot API: sendMessage with HTML.
 *
 * Over all chats the link's rate counts; beside that a chat gets a message a second, a group one
 * each three seconds, from all processes.  When a chat got its last one of this process is kept in
 * a table by the chat's hash, so that nothing is asked meanwhile, and the limit holds without a
 * share: a chat that another one drove out of it is let through then, and Telegram says 429 if it
 * must. */
// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/escape.h"
#include "gateway/core/hash.h"
#include "gateway/links/http/text.h"

enum { CHATS = 4096, CHAT_MS = 1000, GROUP_MS = 3000 };

struct chat {
    uint64_t hash;
    int64_t next_us;
};

struct telegram {
    struct http_link http;
    struct chat chats[CHATS];
};

static struct chat *
chat_of(struct http_link *l, const struct link_message *m, uint64_t *hash)
{
    struct telegram *t = (struct telegram *)l;
    *hash = hash_fnv64(str_of(m->address));
    return &t->chats[*hash % CHATS];
}

static int64_t
not_before(struct http_link *l, const struct link_message *m, int64_t now_us, int64_t *later_ms)
{
    uint64_t hash;
    const struct chat *chat = chat_of(l, m, &hash);
    (void)later_ms;
    return chat->hash == hash ? chat->next_us : now_us;
}

static int
turn_ms(const struct link_message *m)
{
    return m->address[0] == '-' ? GROUP_MS : CHAT_MS;
}

static void
leaves(struct http_link *l, const struct link_message *m, int64_t now_us)
{
    uint64_t hash;
    struct chat *chat = chat_of(l, m, &hash);
    *chat = (struct chat){hash, now_us + (int64_t)turn_ms(m) * 1000};
}

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
    .size = sizeof(struct telegram),
    .begin = begin,
    .prepare = prepare,
    .fill = fill,
    .read = read_answer,
    .not_before = not_before,
    .leaves = leaves,
    .turn_ms = turn_ms,
};

static struct link *
open_link(struct event_base *base, const struct conf_link *conf, const struct link_events *events,
          struct err *err)
{
    return http_link_new(&kind, base, conf, events, err);
}

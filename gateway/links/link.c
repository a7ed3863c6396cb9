/* Links of every kind: hands each call to the link's kind. */
// SPDX-License-Identifier: MIT
#include "gateway/links/link.h"

#include "gateway/links/kind.h"

/* Every kind, by its place in enum link_kind; NULL: this release has none of it. */
static const struct link_kind_ops *const kinds[] = {
    [LINK_SMPP] = &smpp_ops,         [LINK_ZALO_TEMPLATE] = &zalo_ops, [LINK_ZALO_OA] = &zalo_ops,
    [LINK_TELEGRAM] = &telegram_ops, [LINK_HTTP_SMS] = &http_sms_ops,
};

bool
link_kind_is_known(enum link_kind kind)
{
    return kinds[kind] != NULL;
}

struct link *
link_new(struct event_base *base, const struct conf_link *conf, const struct link_events *events,
         struct err *err)
{
    if (!link_kind_is_known(conf->kind)) {
        (void)err_set(err, ERR_CONFIG, "link %s: this release does not send by its kind",
                      conf->name);
        return NULL;
    }
    return kinds[conf->kind]->open(base, conf, events, err);
}

void
link_free(struct link **link)
{
    if (*link) {
        (*link)->ops->free(*link);
        *link = NULL;
    }
}

void
link_start(struct link *link)
{
    link->ops->start(link);
}

void
link_drain(struct link *link, int64_t wait_ms)
{
    link->ops->drain(link, wait_ms);
}

const struct conf_link *
link_conf(const struct link *link)
{
    return link->conf;
}

enum link_state
link_state(const struct link *link)
{
    return link->ops->state(link);
}

void
link_stats(const struct link *link, struct link_stats *out)
{
    link->ops->stats(link, out);
}

int
link_room(const struct link *link, int parts)
{
    return link->ops->room(link, parts);
}

void
link_set_rate(struct link *link, double rate)
{
    link->ops->set_rate(link, rate);
}

double
link_rate(const struct link *link)
{
    return link->ops->rate(link);
}

void
link_share(struct link *link)
{
    if (link->ops->share) {
        link->ops->share(link);
    }
}

int
link_wants(const struct link *link)
{
    return link->ops->wants ? link->ops->wants(link) : 0;
}

void
link_grant(struct link *link, const struct lease *lease)
{
    if (link->ops->grant) {
        link->ops->grant(link, lease);
    }
}

void
link_grant_none(struct link *link)
{
    if (link->ops->grant) {
        link->ops->grant(link, NULL);
    }
}

void
link_trace(struct link *link, enum link_trace trace)
{
    if (link->ops->trace) {
        link->ops->trace(link, trace);
    }
}

bool
link_can_ask(const struct link *link)
{
    const struct conf_link *conf = link->conf;
    bool polls = conf->provider && *conf->provider->poll;
    return link->ops->ask && conf->ask_after_ms > 0 && (conf->kind == LINK_ZALO_TEMPLATE || polls);
}

void
link_ask(struct link *link, const char *message_id)
{
    if (link_can_ask(link)) {
        link->ops->ask(link, message_id);
    }
}

struct str
link_limits(const struct link *link)
{
    return link->ops->limits ? link->ops->limits(link) : (struct str){NULL, 0};
}

void
link_set_limit(struct link *link, int limit, int others)
{
    if (link->ops->set_limit) {
        link->ops->set_limit(link, limit, others);
    }
}

bool
link_quota_report(struct link *link, struct quota_report *report)
{
    return link->ops->quota_report && link->ops->quota_report(link, report);
}

void
link_quota_answer(struct link *link, const struct quota_report *report,
                  const struct quota_answer *answer, int64_t told_us)
{
    link->ops->quota_answer(link, report, answer, told_us);
}

bool
link_chats_asked(struct link *link, struct chat_asks *asks)
{
    return link->ops->chats_asked && link->ops->chats_asked(link, asks);
}

void
link_chats_answer(struct link *link, const struct chat_asks *asks)
{
    link->ops->chats_answer(link, asks);
}

int
link_reread(struct link *link, struct err *err)
{
    return link->ops->reread ? link->ops->reread(link, err) : 0;
}

int
link_window(const struct link *link)
{
    return link->conf->kind == LINK_SMPP ? link->conf->window : link->conf->concurrency;
}

void
link_set_token(struct link *link, const char *token, const char *why)
{
    if (link->ops->set_token) {
        link->ops->set_token(link, token, why);
    }
}

struct link_text *
link_text_new(struct link *link, const struct link_content *content, struct err *err)
{
    return link->ops->text_new(link, content, err);
}

void
link_text_free(struct link_text **text)
{
    if (*text) {
        (*text)->ops->text_free(*text);
        *text = NULL;
    }
}

int
link_text_parts(const struct link_text *text)
{
    return text->parts;
}

void
link_submit(struct link *link, struct link_message *message)
{
    link->ops->submit(link, message);
}

void
link_answer(struct link *link, uint64_t token, bool stored)
{
    link->ops->answer(link, token, stored);
}

const char *
link_state_name(enum link_state state)
{
    switch (state) {
    case LINK_DOWN:
        return "down";
    case LINK_CONNECTING:
        return "connecting";
    case LINK_BOUND:
        return "bound";
    case LINK_THROTTLED:
        return "throttled";
    case LINK_STOPPED:
        return "stopped";
    }
    return "";
}

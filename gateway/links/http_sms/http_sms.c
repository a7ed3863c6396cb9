/* An SMS provider's HTTP API, as the link's provider_file describes it (core/provider.h). */
// SPDX-License-Identifier: MIT
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "gateway/core/segment.h"
#include "gateway/core/tracking.h"
#include "gateway/core/unicode.h"
#include "gateway/links/http/text.h"
#include "gateway/links/http/token.h"

enum { TOKEN_AGAIN_S = 60, TOKEN_SPARE_S = 120 };

struct http_sms {
    struct http_link http;
    struct event *renew; /* the token, before it ends */
};

static struct provider_values
values_of(const struct http_link *l)
{
    const struct conf_link *conf = l->link.conf;
    return (struct provider_values){.brand = str_of(conf->source),
                                    .receipt_url = str_of(conf->receipt_url),
                                    .token = str_of(l->token),
                                    .secrets = {conf->secrets, conf->secrets_n}};
}

/* ---- A provider's access token. */

static void
renew_in(struct http_sms *s, int64_t seconds)
{
    struct timeval wait = {.tv_sec = seconds};
    (void)event_add(s->renew, &wait);
}

static void
on_token(void *arg, const struct answer_reply *reply)
{
    struct http_sms *s = arg;
    struct link *link = &s->http.link;
    struct arena *arena = arena_new();
    struct answer_token token;
    token_answer(link->conf, reply, arena, &token);
    if (token.class == ANSWER_OK) {
        http_link_set_token(link, token.access.p, NULL);
        renew_in(s, token.expires_s > (int64_t)2 * TOKEN_SPARE_S ? token.expires_s - TOKEN_SPARE_S
                                                                 : token.expires_s / 2 + 1);
    } else {
        log_event(LOG_WARNING, "token.refused", "link=%s status=%d", link->conf->name,
                  reply->status);
        http_link_set_token(link, NULL,
                            "the provider gives no access token: are its secrets right?");
        renew_in(s, TOKEN_AGAIN_S);
    }
    arena_free(&arena);
}

/* By a grant that all processes share, or each its own. */
static void
want_token(struct http_link *l)
{
    struct err err = {0};
    if (token_by_grant(l->link.conf)) {
        l->events.on_token_wanted(l->events.ctx, &l->link);
    } else if (token_request(l->client, l->link.conf, "", on_token, l, &err) != 0) {
        http_link_stop(l, err.text);
    }
}

static void
on_renew(evutil_socket_t fd, short what, void *arg)
{
    struct http_link *l = arg;
    (void)fd, (void)what;
    want_token(l);
}

/* ---- Messages. */

static int
begin(struct http_link *l, struct err *err)
{
    struct http_sms *s = (struct http_sms *)l;
    (void)err;
    l->needs_token = *l->link.conf->provider->token_url != '\0';
    s->renew = evtimer_new(event_get_base(l->pump), on_renew, l);
    return 0;
}

static void
end(struct http_link *l)
{
    struct http_sms *s = (struct http_sms *)l;
    if (s->renew) {
        event_free(s->renew);
    }
}

static int
prepare(struct http_link *l, const struct link_content *content, struct buf *payload,
        struct err *err)
{
    (void)l;
    if (content->text.n == 0) {
        return err_set(err, ERR_INPUT, "there is no text");
    }
    buf_add_str(payload, content->text);
    return 0;
}

/* As the provider will count them, by our own measure. */
static int
parts_of(const struct http_link *l, struct str text)
{
    struct segments *segments = xmalloc(sizeof *segments);
    struct arena *arena = arena_new();
    bool accents = provider_keeps_accents(l->link.conf->provider);
    struct str sent = accents ? text : unicode_strip(arena, text);
    int n = segment_split(sent, SEGMENT_MAX, segments, NULL) == 0 ? segments->n : 1;
    arena_free(&arena);
    free(segments);
    return n;
}

static bool
is_unicode(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] >= 0x80) {
            return true;
        }
    }
    return false;
}

static int
put_headers(const struct provider *p, const struct provider_values *values,
            struct http_draft *draft, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < p->headers.n && rc == 0; i++) {
        struct buf value;
        buf_init(&value, HTTP_HEADER_MOST);
        rc = provider_fill(p, p->headers.at[i].value, values, &value, err);
        draft_header(draft, p->headers.at[i].name, buf_str(&value));
        buf_deinit(&value);
    }
    return rc;
}

static int
fill(struct http_link *l, const struct link_message *m, struct http_draft *draft, struct err *err)
{
    const struct provider *p = l->link.conf->provider;
    const struct http_text *text = (const struct http_text *)m->text;
    struct provider_values values = values_of(l);
    char tracking[TRACKING_ROOM];
    struct buf said;
    /* The same for every try, so that a provider that knows a repetition refuses it. */
    tracking_make(text->broadcast, m->index, 0, tracking);
    buf_init(&said, HTTP_BODY_MOST);
    http_text_put(m, buf_add_str, &said);
    values.text = buf_str(&said);
    values.unicode = is_unicode(values.text);
    values.to = str_of(m->address);
    values.attempt_id = str_of(tracking);
    draft->method = p->method;
    int rc = provider_fill(p, p->url, &values, &draft->url, err);
    rc = rc == 0 ? provider_fill(p, p->body, &values, &draft->body, err) : rc;
    rc = rc == 0 ? put_headers(p, &values, draft, err) : rc;
    buf_deinit(&said);
    return rc;
}

static int
ask(struct http_link *l, const char *message_id, struct http_draft *draft, struct err *err)
{
    const struct provider *p = l->link.conf->provider;
    struct provider_values values = values_of(l);
    values.message_id = str_of(message_id);
    int rc = provider_fill(p, p->poll, &values, &draft->url, err);
    return rc == 0 ? put_headers(p, &values, draft, err) : rc;
}

static enum receipt_state
told(struct http_link *l, const struct answer_reply *reply)
{
    const struct provider *p = l->link.conf->provider;
    struct provider_receipt receipt = {.state = STATE_PENDING};
    if (reply->transport == TRANSPORT_ANSWERED && reply->status == 200) {
        (void)provider_receipt(p, p->reply, reply->body, &receipt); /* whose it is we know */
    }
    return receipt.state == STATE_DELIVERED ? RECEIPT_DELIVERED
           : receipt.state == STATE_FAILED  ? RECEIPT_UNDELIVERED
                                            : RECEIPT_INTERMEDIATE;
}

static void
read_answer(struct http_link *l, const struct link_message *m, const struct answer_reply *reply,
            struct answer *out)
{
    (void)m;
    provider_answer(l->link.conf->provider, reply, out);
}

static struct link *open_link(struct event_base *base, const struct conf_link *conf,
                              const struct link_events *events, struct err *err);

const struct link_kind_ops http_sms_ops = {
    .open = open_link, .set_token = http_link_set_token, HTTP_LINK_OPS};

static const struct http_kind kind = {
    .ops = &http_sms_ops,
    .size = sizeof(struct http_sms),
    .begin = begin,
    .end = end,
    .prepare = prepare,
    .parts = parts_of,
    .fill = fill,
    .read = read_answer,
    .ask = ask,
    .told = told,
    .want_token = want_token,
};

static struct link *
open_link(struct event_base *base, const struct conf_link *conf, const struct link_events *events,
          struct err *err)
{
    return http_link_new(&kind, base, conf, events, err);
}

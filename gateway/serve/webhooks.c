/* What platforms post to us. */
// SPDX-License-Identifier: MIT
#include "gateway/serve/webhooks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/intent.h"
#include "gateway/core/mem.h"
#include "gateway/core/tracking.h"
#include "gateway/core/webhook.h"
#include "queue/receipt.h"
#include "queue/webhook.h"

/* Zalo waits for two seconds. */
enum { ANSWER_MS = 1500, LOOK_MS = 100 };

/* A post that is on its way into Redis. */
struct posted {
    TAILQ_ENTRY(posted) all;
    struct webhooks *webhooks;
    struct http_request *request; /* NULL: it was answered, Redis took too long */
    const char *answer;
    int64_t since_us;
};

struct webhooks {
    const struct conf *conf;
    struct queue *queue;
    struct event *look;
    TAILQ_HEAD(posts, posted) posts; /* not answered yet, the oldest first */
    int refused;                     /* not counted in Redis yet */
};

static void
refuse(struct webhooks *w, struct http_request *request, int status, const char *sentence)
{
    w->refused++;
    if (queue_is_up(w->queue)) { /* else the next one counts for both */
        webhook_refused(w->queue, w->refused);
        w->refused = 0;
    }
    http_say(request, status, sentence);
}

static void
answer(struct posted *p, int status, const char *sentence)
{
    TAILQ_REMOVE(&p->webhooks->posts, p, all);
    http_say(p->request, status, sentence);
    p->request = NULL;
}

static void
on_stored(void *arg, const struct err *err)
{
    struct posted *p = arg;
    if (p->request) {
        answer(p, err ? 503 : 200, err ? "not stored: again, please" : p->answer);
    }
    free(p);
}

static void
look_later(struct webhooks *w)
{
    const struct timeval wait = clock_timeval(LOOK_MS);
    if (!TAILQ_EMPTY(&w->posts) && !event_pending(w->look, EV_TIMEOUT, NULL)) {
        (void)event_add(w->look, &wait);
    }
}

/* Told again it is stored once. */
static void
on_look(evutil_socket_t fd, short what, void *arg)
{
    struct webhooks *w = arg;
    int64_t oldest_us = clock_monotonic_us() - (int64_t)ANSWER_MS * 1000;
    (void)fd, (void)what;
    for (struct posted *p = TAILQ_FIRST(&w->posts), *next; p && p->since_us < oldest_us; p = next) {
        next = TAILQ_NEXT(p, all);
        answer(p, 503, "not stored in time: again, please");
    }
    look_later(w);
}

static struct posted *
posted_new(struct webhooks *w, struct http_request *request, const char *answer)
{
    struct posted *p = xcalloc(1, sizeof *p);
    p->webhooks = w;
    p->request = request;
    p->answer = *answer ? answer : "ok";
    p->since_us = clock_monotonic_us();
    TAILQ_INSERT_TAIL(&w->posts, p, all);
    look_later(w);
    return p;
}

/* ---- Zalo and Telegram. */

static void
take_receipt(struct webhooks *w, const struct conf_link *link, const struct webhook_event *e,
             struct http_request *request)
{
    char broadcast[TRACKING_BROADCAST], id[65];
    struct tracked_receipt receipt = {
        .broadcast = broadcast, .link = link->name, .at_s = clock_unix_ms() / 1000};
    struct posted *p = posted_new(w, request, "ok");
    if (tracking_read(e->tracking_id, broadcast, &receipt.index, &receipt.attempt)) {
        webhook_delivered(w->queue, &receipt, on_stored, p);
        return;
    }
    (void)snprintf(id, sizeof id, "%.*s", e->id.n < 64 ? (int)e->id.n : 64, e->id.p);
    const struct receipt_entry entry = {
        .message_id = id, .delivered = true, .at_s = clock_unix_ms() / 1000};
    receipt_record(w->queue, link->name, &entry, 1, on_stored, p);
}

/* What a member's words, or their coming and going, mean.  `confirms`: they can be told so. */
struct meant {
    bool known, confirms;
    const char *intent;
    enum webhook_consent consent;
};

static struct meant
meant_by_text(struct str text)
{
    enum intent intent = intent_of(text);
    bool wish = intent == INTENT_STOP || intent == INTENT_START;
    return (struct meant){true, wish, intent_name(intent),
                          !wish                   ? CONSENT_SAME
                          : intent == INTENT_STOP ? CONSENT_OUT
                                                  : CONSENT_IN};
}

static struct meant
meant_by(const struct webhook_event *e)
{
    switch (e->kind) {
    case WEBHOOK_TEXT:
        return meant_by_text(e->text);
    case WEBHOOK_START:
        return (struct meant){true, true, "start", CONSENT_IN};
    case WEBHOOK_FOLLOW:
        return (struct meant){true, false, "start", CONSENT_IN};
    case WEBHOOK_UNFOLLOW: /* a chat that was left, or blocked, takes no answer */
        return (struct meant){true, e->text.n > 0, "stop", CONSENT_OUT};
    case WEBHOOK_INFO:
        return (struct meant){true, false, "", CONSENT_SAME};
    case WEBHOOK_FEEDBACK:
        return (struct meant){true, false, "report", CONSENT_SAME};
    case WEBHOOK_OTHER:
    case WEBHOOK_DELIVERED:
    case WEBHOOK_TEMPLATE:
    case WEBHOOK_QUOTA:
        break;
    }
    return (struct meant){0};
}

/* The link by which one may write freely to who wrote to `link`; NULL: there is none. */
static const char *
answers_for(const struct conf *conf, const struct conf_link *link)
{
    if (link->kind == LINK_TELEGRAM || link->kind == LINK_ZALO_OA) {
        return link->name;
    }
    for (size_t i = 0; i < conf->links_n; i++) {
        const struct conf_link *other = &conf->links[i];
        if (other->kind == LINK_ZALO_OA && strcmp(other->app_id, link->app_id) == 0) {
            return other->name;
        }
    }
    return NULL;
}

static void
take_reply(struct webhooks *w, const struct conf_link *link, const struct webhook_event *e,
           const struct meant *meant, struct http_request *request)
{
    char from[WEBHOOK_FROM], id[160];
    (void)snprintf(from, sizeof from, "%.*s", e->from.n < 63 ? (int)e->from.n : 63, e->from.p);
    (void)snprintf(id, sizeof id, "%.*s:%.*s", e->name.n < 60 ? (int)e->name.n : 60, e->name.p,
                   e->id.n < 80 ? (int)e->id.n : 80, e->id.p);
    const struct webhook_reply reply = {
        .id = id,
        .channel = link->kind == LINK_TELEGRAM ? "telegram" : "zalo",
        .link = link->name,
        .from = from,
        .text = e->text,
        .intent = meant->intent,
        .consent = meant->consent,
        .confirm_by = meant->confirms ? answers_for(w->conf, link) : NULL};
    webhook_heard(w->queue, &reply, on_stored, posted_new(w, request, "ok"));
}

static void
take_event(struct webhooks *w, const struct conf_link *link, const struct webhook_event *e,
           struct http_request *request)
{
    const struct meant meant = meant_by(e);
    if (e->kind == WEBHOOK_DELIVERED) {
        take_receipt(w, link, e, request);
        return;
    }
    if (e->kind == WEBHOOK_TEMPLATE || e->kind == WEBHOOK_QUOTA) {
        log_event(LOG_WARNING, "platform.changed", "link=%s event=%s now=%s", link->name,
                  log_value(e->name), log_value(e->text));
    }
    if (meant.known && e->from.n > 0) {
        take_reply(w, link, e, &meant, request);
    } else {
        http_say(request, 200, "ok");
    }
}

/* Whose signature it is: a Zalo link's, by the key that its page or its app has. */
static const struct conf_link *
signer_of(const struct webhooks *w, struct http_request *request)
{
    const char *mac = http_header(request, "X-ZEvent-Signature");
    for (size_t i = 0; mac && i < w->conf->links_n; i++) {
        const struct conf_link *link = &w->conf->links[i];
        if (link->kind != LINK_ZALO_TEMPLATE && link->kind != LINK_ZALO_OA) {
            continue;
        }
        const struct webhook_keys keys = {str_of(link->app_id), str_of(link->oa_secret),
                                          str_of(link->app_secret)};
        enum webhook_signer signer = webhook_zalo_signer(http_body(request), str_of(mac), &keys);
        if (signer != SIGNER_NONE) {
            log_event(LOG_DEBUG, "webhook.signed", "link=%s key=%s", link->name,
                      signer == SIGNER_OA_SECRET ? "oa_secret" : "app_secret");
            return link;
        }
    }
    return NULL;
}

static void
on_zalo(void *arg, struct http_request *request)
{
    struct webhooks *w = arg;
    const struct conf_link *link = signer_of(w, request);
    struct arena *arena = arena_new();
    struct webhook_event event;
    if (!link) {
        refuse(w, request, 401, "the signature is not right");
    } else if (webhook_zalo(http_body(request), arena, &event, NULL) != 0) {
        refuse(w, request, 400, "not an event");
    } else {
        take_event(w, link, &event, request);
    }
    arena_free(&arena);
}

static void
on_telegram(void *arg, struct http_request *request)
{
    struct webhooks *w = arg;
    const char *secret = http_header(request, "X-Telegram-Bot-Api-Secret-Token");
    const struct conf_link *link = NULL;
    for (size_t i = 0; secret && i < w->conf->links_n; i++) {
        const struct conf_link *one = &w->conf->links[i];
        if (one->kind == LINK_TELEGRAM &&
            webhook_secret_equal(str_of(secret), str_of(one->webhook_secret))) {
            link = one;
        }
    }
    struct arena *arena = arena_new();
    struct webhook_event event;
    if (!link) {
        refuse(w, request, 401, "the secret is not right");
    } else if (webhook_telegram(http_body(request), arena, &event, NULL) != 0) {
        refuse(w, request, 400, "not an update");
    } else {
        take_event(w, link, &event, request);
    }
    arena_free(&arena);
}

/* ---- Providers: /webhooks/sms/LINK, or LINK/SECRET when the link has a webhook_secret. */

static void
take_callback(struct webhooks *w, const struct conf_link *link, struct http_request *request)
{
    const struct provider *p = link->provider;
    struct provider_receipt receipt;
    bool posted = http_method(request) == HTTP_POST && http_body(request).n > 0;
    struct str content = posted ? http_body(request) : http_query(request);
    bool form = !posted || (content.n > 0 && content.p[0] != '{' && content.p[0] != '<');
    if (!*p->receipt_id ||
        !provider_receipt(p, form ? PROVIDER_FORM : p->reply, content, &receipt)) {
        refuse(w, request, 400, "no receipt");
        return;
    }
    if (receipt.state == STATE_PENDING) {
        http_say(request, 200, *p->receipt_answer ? p->receipt_answer : "ok");
        return;
    }
    bool delivered = receipt.state == STATE_DELIVERED;
    struct receipt_entry entry = {
        .message_id = receipt.id, .delivered = delivered, .at_s = clock_unix_ms() / 1000};
    (void)snprintf(entry.reason, sizeof entry.reason, "%s", delivered ? "" : "undel");
    receipt_record(w->queue, link->name, &entry, 1, on_stored,
                   posted_new(w, request, p->receipt_answer));
}

static void
on_sms(void *arg, struct http_request *request)
{
    struct webhooks *w = arg;
    struct str secret = http_rest(request);
    struct str name = str_cut(&secret, '/');
    char text[64];
    (void)snprintf(text, sizeof text, "%.*s", name.n < 63 ? (int)name.n : 63, name.p);
    const struct conf_link *link = conf_link(w->conf, text);
    bool known = link && link->provider;
    bool open = known && !*link->webhook_secret;
    if (!known || (!open && !webhook_secret_equal(secret, str_of(link->webhook_secret)))) {
        refuse(w, request, 404, "no such callback");
        return;
    }
    take_callback(w, link, request);
}

/* ---- The table. */

struct webhooks *
webhooks_new(struct event_base *base, struct http *http, const struct conf *conf,
             struct queue *queue)
{
    struct webhooks *w = xcalloc(1, sizeof *w);
    w->conf = conf;
    w->queue = queue;
    w->look = evtimer_new(base, on_look, w);
    TAILQ_INIT(&w->posts);
    const struct http_row rows[] = {
        {HTTP_POST, "/webhooks/zalo", false, on_zalo, w},
        {HTTP_POST, "/webhooks/telegram", false, on_telegram, w},
        {HTTP_GET | HTTP_POST, "/webhooks/sms/", true, on_sms, w},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        http_add(http, &rows[i]);
    }
    return w;
}

void
webhooks_free(struct webhooks **webhooks)
{
    struct webhooks *w = *webhooks;
    if (!w) {
        return;
    }
    event_free(w->look);
    free(w);
    *webhooks = NULL;
}

/* What a Zalo link asks beside sending: its template's parameters and the day's quota. */
// SPDX-License-Identifier: MIT
#include <event2/event.h>

#include "gateway/base/log.h"
#include "gateway/core/escape.h"
#include "gateway/links/zalo/zalo.h"

enum { ANSWER_WAIT_MS = 5000, QUOTA_EVERY_S = 900, NAMES_MOST = 64 };

static void
ask(struct zalo *z, const char *path, const char *value, http_done_fn *fn)
{
    struct http_draft draft;
    http_draft_init(&draft, METHOD_GET);
    buf_add_format(&draft.url, "%s%s", z->http.link.conf->base_url, path);
    escape_url(&draft.url, str_of(value));
    zalo_put_token(&z->http, &draft);
    http_link_send(&z->http, &draft, ANSWER_WAIT_MS, fn, z);
    http_draft_free(&draft);
}

/* ---- The template. */

static void
check_template(struct zalo *z)
{
    const struct conf_link *conf = z->http.link.conf;
    const char *names[NAMES_MOST];
    size_t n = conf->parameters_n < NAMES_MOST ? conf->parameters_n : NAMES_MOST;
    struct err err = {0};
    for (size_t i = 0; i < n; i++) {
        names[i] = conf->parameters[i].name;
    }
    if (zalo_template_check(&z->template, names, n, &err) != 0) {
        (void)err_prefix(&err, "template %.40s: ", conf->template_id);
        http_link_stop(&z->http, err.text);
    }
}

static void
on_template(void *arg, const struct answer_reply *reply)
{
    struct zalo *z = arg;
    z->asking = false;
    z->asked = true;
    if (zalo_template_read(reply, &z->template)) {
        zalo_limits_write(&z->template, z->http.link.conf->template_id, z->limits);
        check_template(z);
    } else {
        log_event(LOG_WARNING, "template.unknown", "link=%s status=%d why=%s",
                  z->http.link.conf->name, reply->status,
                  "\"Zalo does not tell what its parameters take: values may be too long\"");
    }
    event_active(z->http.pump, EV_TIMEOUT, 0);
}

/* ---- The quota. */

static void
on_quota(void *arg, const struct answer_reply *reply)
{
    struct zalo *z = arg;
    int64_t day = -1, left = -1;
    if (answer_zalo_quota(reply, &day, &left)) {
        quota_told(&z->http.quota, &z->quota, day, left);
    }
    quota_asked(&z->http.quota, &z->quota);
    event_active(z->http.pump, EV_TIMEOUT, 0);
}

void
zalo_ask_quota(struct http_link *l)
{
    struct zalo *z = (struct zalo *)l;
    const struct timeval wait = {.tv_sec = QUOTA_EVERY_S};
    z->quota = quota_asks(&l->quota);
    ask(z, "/message/quota", "", on_quota);
    (void)event_add(z->again, &wait);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
    struct zalo *z = arg;
    (void)fd, (void)what;
    if (z->http.token && z->http.state == LINK_BOUND) {
        zalo_ask_quota(&z->http);
    }
}

bool
zalo_is_ready(struct http_link *l)
{
    struct zalo *z = (struct zalo *)l;
    if (l->link.conf->kind != LINK_ZALO_TEMPLATE || z->asked) {
        return true;
    }
    if (!z->asking) {
        z->asking = true;
        ask(z, "/template/info/v2?template_id=", l->link.conf->template_id, on_template);
    }
    return false;
}

void
zalo_questions_begin(struct http_link *l)
{
    struct zalo *z = (struct zalo *)l;
    z->again = evtimer_new(event_get_base(l->pump), on_again, z);
}

void
zalo_questions_end(struct http_link *l)
{
    struct zalo *z = (struct zalo *)l;
    if (z->again) {
        event_free(z->again);
    }
}

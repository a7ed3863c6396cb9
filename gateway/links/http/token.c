/* The request that renews an access token. */
// SPDX-License-Identifier: MIT
#include "gateway/links/http/token.h"

#include <sodium.h>

#include "gateway/base/clock.h"
#include "gateway/core/escape.h"

enum { WAIT_MS = 30000, URL_MOST = 8192, BODY_MOST = 32768, HEADER_MOST = 8192 };

/* A request being made; its parts are wiped. */
struct making {
    struct buf url, body, headers[HTTP_HEADERS];
    size_t headers_n;
};

static void
put_header(struct making *m, const char *name, struct str value)
{
    struct buf *b = &m->headers[m->headers_n++];
    buf_init(b, HEADER_MOST);
    buf_add_format(b, "%s: %.*s", name, (int)value.n, value.n ? value.p : "");
}

static void
make_zalo(struct making *m, const struct conf_link *conf, const char *refresh)
{
    buf_add_format(&m->url, "%s/v4/oa/access_token", conf->oauth_url);
    put_header(m, "Content-Type", STR("application/x-www-form-urlencoded"));
    put_header(m, "secret_key", str_of(conf->app_secret));
    buf_add_z(&m->body, "refresh_token=");
    escape_form(&m->body, str_of(refresh));
    buf_add_z(&m->body, "&app_id=");
    escape_form(&m->body, str_of(conf->app_id));
    buf_add_z(&m->body, "&grant_type=refresh_token");
}

static int
make_provider(struct making *m, const struct conf_link *conf, const char *refresh, struct err *err)
{
    const struct provider *p = conf->provider;
    const struct provider_values values = {.refresh = str_of(refresh),
                                           .secrets = {conf->secrets, conf->secrets_n}};
    int rc = provider_fill(p, p->token_url, &values, &m->url, err);
    rc = rc == 0 ? provider_fill(p, p->token_body, &values, &m->body, err) : rc;
    put_header(m, "Content-Type", STR("application/json"));
    for (size_t i = 0; i < p->token_headers.n && m->headers_n + 1 < HTTP_HEADERS && rc == 0; i++) {
        struct buf value;
        buf_init(&value, HEADER_MOST);
        rc = provider_fill(p, p->token_headers.at[i].value, &values, &value, err);
        put_header(m, p->token_headers.at[i].name, buf_str(&value));
        sodium_memzero(value.p, value.n);
        buf_deinit(&value);
    }
    return rc == 0 && m->url.n == 0 ? err_set(err, ERR_CONFIG, "token_url is empty") : rc;
}

static void
wipe(struct making *m)
{
    sodium_memzero(m->body.p, m->body.n);
    buf_deinit(&m->url);
    buf_deinit(&m->body);
    for (size_t i = 0; i < m->headers_n; i++) {
        sodium_memzero(m->headers[i].p, m->headers[i].n);
        buf_deinit(&m->headers[i]);
    }
}

int
token_request(struct http_client *client, const struct conf_link *conf, const char *refresh,
              http_done_fn *fn, void *arg, struct err *err)
{
    struct making m = {.headers_n = 0};
    int rc = 0;
    buf_init(&m.url, URL_MOST);
    buf_init(&m.body, BODY_MOST);
    if (conf->provider) {
        rc = make_provider(&m, conf, refresh, err);
    } else {
        make_zalo(&m, conf, refresh);
    }
    if (rc == 0) {
        struct http_ask request = {.method = METHOD_POST,
                                   .url = m.url.p,
                                   .body = buf_str(&m.body),
                                   .wait_ms = WAIT_MS,
                                   .fresh = true};
        for (size_t i = 0; i < m.headers_n; i++) {
            request.headers[i] = m.headers[i].p;
        }
        http_send(client, &request, fn, arg);
    }
    wipe(&m);
    return rc;
}

void
token_answer(const struct conf_link *conf, const struct answer_reply *reply, struct arena *arena,
             struct answer_token *out)
{
    if (conf->provider) {
        provider_token(conf->provider, reply, clock_unix_ms() / 1000, arena, out);
    } else {
        answer_token(reply, arena, out);
    }
}

bool
token_by_grant(const struct conf_link *conf)
{
    return conf->kind == LINK_ZALO_TEMPLATE || conf->kind == LINK_ZALO_OA ||
           provider_has_grant(conf->provider);
}

/* Which page is answered by whom. */
// SPDX-License-Identifier: MIT
#include "gateway/web.h"

#include <stdlib.h>

#include "gateway/core/mem.h"
#include "gateway/serve/metrics.h"
#include "gateway/serve/short.h"
#include "gateway/serve/webhooks.h"

struct web {
    struct http *http;
    struct health health;
    struct metrics *metrics;
    struct webhooks *webhooks;
};

struct web *
web_new(struct event_base *base, const struct conf *conf, struct queue *queue,
        const struct health *health)
{
    if (!conf->http_listen) {
        return NULL;
    }
    struct web *web = xcalloc(1, sizeof *web);
    web->http = http_new(base, conf->http_listen);
    web->health = *health;
    health_add(web->http, &web->health);
    web->metrics = metrics_new(web->http, queue);
    web->webhooks = webhooks_new(base, web->http, conf, queue);
    short_add(web->http, queue);
    return web;
}

void
web_free(struct web **web_)
{
    struct web *web = *web_;
    if (web) {
        *web_ = NULL;
        http_free(&web->http);
        metrics_free(&web->metrics);
        webhooks_free(&web->webhooks);
        free(web);
    }
}

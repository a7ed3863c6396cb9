/* The daemon's HTTP side: opens the server of `http.listen` and fills its table of paths.  Who
 * brings a page (webhooks, short links) adds its rows in web_new(). */
#ifndef LOA_GATEWAY_WEB_H
#define LOA_GATEWAY_WEB_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf.h"
#include "gateway/serve/health.h"
#include "queue/queue.h"

struct web;

/* Gives NULL when the configuration has no `http`. */
struct web *web_new(struct event_base *base, const struct conf *conf, struct queue *queue,
                    const struct health *health);
/* After queue_close(), which answers what the pages still wait for. */
void web_free(struct web **web);

#endif

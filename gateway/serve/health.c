/* Alive: the loop turns, so it answers.  Ready: what the daemon says. */
// SPDX-License-Identifier: MIT
#include "gateway/serve/health.h"

static void
on_alive(void *arg, struct http_request *request)
{
    (void)arg;
    http_set_header(request, "Cache-Control", "no-store");
    http_say(request, 200, "alive");
}

static void
on_ready(void *arg, struct http_request *request)
{
    const struct health *health = arg;
    struct err why = {0};
    http_set_header(request, "Cache-Control", "no-store");
    if (health->ready(health->arg, &why)) {
        http_say(request, 200, "ready");
    } else {
        http_say(request, 503, why.text);
    }
}

void
health_add(struct http *http, struct health *health)
{
    http_add(http, &(struct http_row){.methods = HTTP_GET, .path = "/healthz", .fn = on_alive});
    http_add(http, &(struct http_row){
                       .methods = HTTP_GET, .path = "/readyz", .fn = on_ready, .arg = health});
}

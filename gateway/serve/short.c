/* Redirects short links. */
// SPDX-License-Identifier: MIT
#include "gateway/serve/short.h"

#include <string.h>

#include "gateway/core/short_link.h"
#include "queue/short.h"

enum { URL_MOST = 4096 };

static void
on_url(void *arg, struct str url, const struct err *err)
{
    struct http_request *request = arg;
    char location[URL_MOST];
    http_set_header(request, "Cache-Control", "no-store");
    http_set_header(request, "Referrer-Policy", "no-referrer");
    if (err) {
        http_say(request, 503, "try again in a minute");
    } else if (url.n == 0 || url.n >= sizeof location || memchr(url.p, '\n', url.n) ||
               memchr(url.p, '\r', url.n)) {
        http_say(request, 404, "there is no such link");
    } else {
        memcpy(location, url.p, url.n);
        location[url.n] = '\0';
        http_set_header(request, "Location", location);
        http_answer(request, 302, NULL, (struct str){"", 0});
    }
}

static void
on_short(void *arg, struct http_request *request)
{
    struct queue *queue = arg;
    char code[SHORT_CODE_ROOM];
    if (!short_code_read(http_rest(request), code)) {
        http_say(request, 404, "there is no such link");
        return;
    }
    short_follow(queue, code, on_url, request);
}

void
short_add(struct http *http, struct queue *queue)
{
    http_add(http,
             &(struct http_row){
                 .methods = HTTP_GET, .path = "/s/", .prefix = true, .fn = on_short, .arg = queue});
}

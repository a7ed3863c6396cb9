/* HTTP requests on the event loop.
 *
 * libcurl repeats a request by itself on a new connection when a kept one dies before the first
 * byte of the answer.  A message must not go out twice: the body is handed over by a reader that
 * cannot go back, so that libcurl gives up instead (CURLE_SEND_FAIL_REWIND), which is ambiguous. */
// SPDX-License-Identifier: MIT
#include "gateway/links/http/client.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"

enum { CONNECT_MS = 5000, IDLE_S = 20 };

/* A request under way. */
struct transfer {
    struct transfer *next, **self;
    struct http_client *client;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    size_t body_n, read_n;
    struct buf answer;
    http_done_fn *fn;
    void *arg;
};

/* A socket that libcurl wants watched. */
struct watched {
    struct watched *next, **self;
    struct event *event;
};

struct http_client {
    struct event_base *base;
    struct http_options options;
    CURLM *multi;
    struct event *timer;
    struct transfer *transfers;
    struct watched *sockets;
    int under_way;
    char last_error[120];
};

/* ---- What became of it. */

/* The body did not leave as a whole, so that nobody can have taken the request: libcurl never asked
 * for its end, or failed to write what it had.  (What libcurl counts as written begins anew when it
 * repeats a request, which does not end in SEND_ERROR; what it has asked for does not.)  Not when
 * an answer has begun: whoever answers early may have acted. */
static bool
was_cut_short(const struct transfer *t, CURLcode code)
{
    curl_off_t written = 0;
    long status = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &written);
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    bool unwritten = code == CURLE_SEND_ERROR && written < (curl_off_t)t->body_n;
    return status == 0 && t->body_n > 0 && (t->read_n < t->body_n || unwritten);
}

/* Of a request with a body only its body tells: the code may be that of a second connection (which
 * was refused), after the first one, kept from before, took all of it and died; or a strange answer
 * is called an unknown protocol.  One without a body has left once the connection was ready. */
static enum answer_transport
transport_of(const struct transfer *t, CURLcode code)
{
    curl_off_t ready_us = 0;
    if (code == CURLE_OK) {
        return TRANSPORT_ANSWERED;
    }
    if (t->body_n > 0) {
        return was_cut_short(t, code) ? TRANSPORT_NOT_SENT : TRANSPORT_LOST;
    }
    (void)curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    return ready_us == 0 ? TRANSPORT_NOT_SENT : TRANSPORT_LOST;
}

static void
transfer_free(struct transfer *t)
{
    (void)curl_multi_remove_handle(t->client->multi, t->easy);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    *t->self = t->next;
    if (t->next) {
        t->next->self = t->self;
    }
    t->client->under_way--;
    buf_deinit(&t->answer);
    free(t->body);
    free(t);
}

static void
finish(struct transfer *t, CURLcode code)
{
    struct http_client *client = t->client;
    struct answer_reply reply = {.transport = transport_of(t, code), .body = buf_str(&t->answer)};
    long status = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    reply.status = (int)status;
    curl_off_t wait_s = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &wait_s);
    reply.retry_after_s = wait_s;
    if (code != CURLE_OK) {
        (void)snprintf(client->last_error, sizeof client->last_error, "%s",
                       curl_easy_strerror(code));
    }
    http_done_fn *fn = t->fn;
    void *arg = t->arg;
    char *body = t->answer.p; /* the transfer goes first: the callback may send the next one */
    t->answer = (struct buf){0};
    transfer_free(t);
    fn(arg, &reply);
    free(body);
}

static void
collect(struct http_client *client)
{
    int left = 0;
    for (CURLMsg *m = curl_multi_info_read(client->multi, &left); m;
         m = curl_multi_info_read(client->multi, &left)) {
        struct transfer *t = NULL;
        if (m->msg == CURLMSG_DONE) {
            CURLcode code = m->data.result;
            (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
            finish(t, code);
        }
    }
}

/* ---- libcurl's sockets and timer as the loop's events. */

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
    struct http_client *client = arg;
    int running = 0, mask = 0;
    mask |= what & EV_READ ? CURL_CSELECT_IN : 0;
    mask |= what & EV_WRITE ? CURL_CSELECT_OUT : 0;
    (void)curl_multi_socket_action(client->multi, fd, mask, &running);
    collect(client);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct http_client *client = arg;
    int running = 0;
    (void)fd, (void)what;
    (void)curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(client);
}

static int
want_timer(CURLM *multi, long wait_ms, void *arg)
{
    struct http_client *client = arg;
    (void)multi;
    if (wait_ms < 0) {
        (void)event_del(client->timer);
    } else {
        struct timeval wait = clock_timeval(wait_ms);
        (void)event_add(client->timer, &wait);
    }
    return 0;
}

static void
unwatch(struct watched *w)
{
    event_free(w->event);
    *w->self = w->next;
    if (w->next) {
        w->next->self = w->self;
    }
    free(w);
}

static int
want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *own)
{
    struct http_client *client = arg;
    struct watched *w = own;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w) {
            unwatch(w);
        }
        (void)curl_multi_assign(client->multi, fd, NULL);
        return 0;
    }
    if (!w) {
        w = xcalloc(1, sizeof *w);
        w->event = event_new(client->base, fd, 0, on_socket, client);
        w->next = client->sockets;
        w->self = &client->sockets;
        if (w->next) {
            w->next->self = &w->next;
        }
        client->sockets = w;
        (void)curl_multi_assign(client->multi, fd, w);
    }
    short events = EV_PERSIST;
    events |= what & CURL_POLL_IN ? EV_READ : 0;
    events |= what & CURL_POLL_OUT ? EV_WRITE : 0;
    (void)event_del(w->event);
    (void)event_assign(w->event, client->base, fd, events, on_socket, client);
    (void)event_add(w->event, NULL);
    return 0;
}

/* ---- One request. */

static size_t
read_body(char *out, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    size_t room = size * n, left = t->body_n - t->read_n, take = left < room ? left : room;
    if (take > 0) {
        memcpy(out, t->body + t->read_n, take);
        t->read_n += take;
    }
    return take;
}

static int
seek_body(void *arg, curl_off_t offset, int origin)
{
    (void)arg, (void)offset, (void)origin;
    return CURL_SEEKFUNC_FAIL;
}

static size_t
take_answer(char *bytes, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    buf_add(&t->answer, bytes, size * n);
    return t->answer.overflow ? 0 : size * n;
}

static bool
is_set(const char *text)
{
    return text && *text;
}

static void
set_connection(CURL *easy, const struct http_options *options)
{
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_S);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, is_set(options->proxy) ? options->proxy : "");
    if (is_set(options->ca_file)) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (is_set(options->pinned_key)) {
        curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, options->pinned_key);
    }
}

static void
set_body(struct transfer *t, const struct http_ask *request)
{
    CURL *easy = t->easy;
    if (request->method == METHOD_GET) {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        return;
    }
    t->body = xmalloc(request->body.n + 1);
    t->body_n = request->body.n;
    if (t->body_n > 0) {
        memcpy(t->body, request->body.p, t->body_n);
    }
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_n);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, t);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek_body);
    if (request->method == METHOD_PUT) {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT");
    }
}

void
http_send(struct http_client *client, const struct http_ask *request, http_done_fn *fn, void *arg)
{
    struct transfer *t = xcalloc(1, sizeof *t);
    t->client = client;
    t->fn = fn;
    t->arg = arg;
    t->easy = curl_easy_init();
    if (!t->easy) {
        abort(); /* out of memory */
    }
    buf_init(&t->answer, HTTP_ANSWER_MOST);
    t->headers = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; i < HTTP_HEADERS && request->headers[i]; i++) {
        t->headers = curl_slist_append(t->headers, request->headers[i]);
    }
    set_connection(t->easy, &client->options);
    set_body(t, request);
    curl_easy_setopt(t->easy, CURLOPT_URL, request->url);
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)request->wait_ms);
    curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, request->fresh ? 1L : 0L);
    curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, request->fresh ? 1L : 0L);
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    t->next = client->transfers;
    t->self = &client->transfers;
    if (t->next) {
        t->next->self = &t->next;
    }
    client->transfers = t;
    client->under_way++;
    (void)curl_multi_add_handle(client->multi, t->easy);
}

/* ---- The client. */

struct http_client *
http_client_new(struct event_base *base, const struct http_options *options, struct err *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) { /* counted: one cleanup each */
        (void)err_set(err, ERR_CONFIG, "libcurl does not start");
        return NULL;
    }
    struct http_client *client = xcalloc(1, sizeof *client);
    client->base = base;
    client->options = *options;
    client->multi = curl_multi_init();
    client->timer = evtimer_new(base, on_timer, client);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)options->connections);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)options->connections);
    return client;
}

void
http_client_free(struct http_client **client)
{
    struct http_client *c = *client;
    if (!c) {
        return;
    }
    for (struct transfer *at = c->transfers, *next; at; at = next) {
        next = at->next;
        transfer_free(at);
    }
    (void)curl_multi_cleanup(c->multi);
    for (struct watched *at = c->sockets, *next; at; at = next) {
        next = at->next;
        unwatch(at);
    }
    event_free(c->timer);
    free(c);
    curl_global_cleanup();
    *client = NULL;
}

int
http_under_way(const struct http_client *client)
{
    return client->under_way;
}

const char *
http_last_error(const struct http_client *client)
{
    return client->last_error;
}

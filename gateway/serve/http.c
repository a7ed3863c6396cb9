/* evhttp behind a table of paths.
 *
 * evhttp 2.1 limits headers, bodies and silence, but not how many connections there are nor how
 * slowly a request may trickle in, and does not tell when a connection is gone.  So we keep a list
 * of them by their socket: descriptor and inode, which no later socket has.  To end one its socket
 * is shut down, which evhttp reads as the peer's end. */
// SPDX-License-Identifier: MIT
#include "gateway/serve/http.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"

enum { ROWS_MAX = 32, LOOK_MS = 500, LISTEN_AGAIN_MS = 5000, BACKLOG = 1024 };

/* A connection. */
struct peer {
    TAILQ_ENTRY(peer) all;        /* the longest-waiting first */
    struct bufferevent *accepted; /* until the loop's turn is over; a reference of our own */
    evutil_socket_t fd;           /* -1: not known yet */
    ino_t inode;
    int64_t since_ms; /* accepted, or answered last */
    bool asking;      /* a whole request came and is not answered yet */
};

struct http_request {
    LIST_ENTRY(http_request) open;
    struct http *http;
    struct evhttp_request *req; /* NULL: the server is gone */
    const struct http_row *row;
};

struct http {
    struct event_base *base;
    struct evhttp *evhttp;
    char *listen;
    struct event *look, *again, *accepted;
    struct http_row rows[ROWS_MAX];
    size_t rows_n, peers_n;
    TAILQ_HEAD(peers, peer) peers;
    LIST_HEAD(requests, http_request) requests;
};

static int64_t
now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

/* ---- Connections ---- */

static void
peer_forget(struct http *http, struct peer *peer)
{
    TAILQ_REMOVE(&http->peers, peer, all);
    http->peers_n--;
    if (peer->accepted) {
        (void)bufferevent_decref(peer->accepted);
    }
    free(peer);
}

static bool
inode_of(evutil_socket_t fd, ino_t *inode)
{
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        return false;
    }
    *inode = st.st_ino;
    return true;
}

static bool
peer_is_open(const struct peer *peer)
{
    ino_t inode;
    return peer->accepted || (inode_of(peer->fd, &inode) && inode == peer->inode);
}

/* Forgets those that are closed; ends those whose request is not whole by now. */
static void
look(struct http *http)
{
    int64_t oldest = now_ms() - HTTP_REQUEST_MS;
    struct peer *next;
    for (struct peer *peer = TAILQ_FIRST(&http->peers); peer; peer = next) {
        next = TAILQ_NEXT(peer, all);
        if (!peer_is_open(peer)) {
            peer_forget(http, peer);
        } else if (!peer->asking && !peer->accepted && peer->since_ms <= oldest) {
            (void)shutdown(peer->fd, SHUT_RDWR);
        }
    }
}

/* There are too many: who waits longest without having asked anything goes. */
static void
make_room(struct http *http)
{
    look(http);
    struct peer *peer = TAILQ_FIRST(&http->peers);
    while (http->peers_n >= HTTP_CONNECTIONS && peer) {
        struct peer *next = TAILQ_NEXT(peer, all);
        if (!peer->asking && !peer->accepted) {
            log_event(LOG_WARNING, "http.crowded", "connections=%d", HTTP_CONNECTIONS);
            (void)shutdown(peer->fd, SHUT_RDWR);
            peer_forget(http, peer);
        }
        peer = next;
    }
}

static void
look_later(struct http *http)
{
    if (!event_pending(http->look, EV_TIMEOUT, NULL)) {
        struct timeval tv = clock_timeval(LOOK_MS);
        (void)event_add(http->look, &tv);
    }
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct http *http = arg;
    look(http);
    if (http->peers_n > 0) {
        look_later(http);
    }
}

static void
on_accepted(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct http *http = arg;
    struct peer *peer;
    TAILQ_FOREACH(peer, &http->peers, all)
    {
        if (peer->accepted) {
            peer->fd = bufferevent_getfd(peer->accepted);
            (void)inode_of(peer->fd, &peer->inode);
            (void)bufferevent_decref(peer->accepted);
            peer->accepted = NULL;
        }
    }
}

/* The socket is put into the buffer when this has returned. */
static struct bufferevent *
on_accept(struct event_base *base, void *arg)
{
    struct http *http = arg;
    if (http->peers_n >= HTTP_CONNECTIONS) {
        make_room(http);
    }
    struct peer *peer = xcalloc(1, sizeof *peer);
    peer->accepted = bufferevent_socket_new(base, -1, 0);
    if (!peer->accepted) {
        abort(); /* out of memory */
    }
    bufferevent_incref(peer->accepted);
    peer->fd = -1;
    peer->since_ms = now_ms();
    TAILQ_INSERT_TAIL(&http->peers, peer, all);
    http->peers_n++;
    event_active(http->accepted, EV_TIMEOUT, 0);
    look_later(http);
    return peer->accepted;
}

/* NULL: it was ended, what it asked before is still answered. */
static struct peer *
peer_of(struct http *http, struct evhttp_request *req)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(req);
    evutil_socket_t fd =
        connection ? bufferevent_getfd(evhttp_connection_get_bufferevent(connection)) : -1;
    struct peer *peer = fd >= 0 ? TAILQ_LAST(&http->peers, peers) : NULL;
    while (peer && (peer->fd != fd || !peer_is_open(peer))) {
        peer = TAILQ_PREV(peer, peers, all);
    }
    return peer;
}

/* ---- Requests ---- */

static enum http_method
method_of(const struct evhttp_request *req)
{
    switch (evhttp_request_get_command(req)) {
    case EVHTTP_REQ_GET:
    case EVHTTP_REQ_HEAD:
        return HTTP_GET;
    case EVHTTP_REQ_POST:
        return HTTP_POST;
    default: /* on_request() is given no other */
        return 0;
    }
}

static const char *
path_of(const struct evhttp_request *req)
{
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));
    return path && *path ? path : "/";
}

static const struct http_row *
row_of(const struct http *http, const char *path)
{
    const struct http_row *best = NULL;
    for (size_t i = 0; i < http->rows_n; i++) {
        const struct http_row *row = &http->rows[i];
        size_t n = strlen(row->path);
        bool fits = row->prefix ? strncmp(path, row->path, n) == 0 : strcmp(path, row->path) == 0;
        if (fits && (!best || n > strlen(best->path))) {
            best = row;
        }
    }
    return best;
}

static void
on_request(struct evhttp_request *req, void *arg)
{
    struct http *http = arg;
    struct peer *peer = peer_of(http, req);
    struct http_request *request = xcalloc(1, sizeof *request);
    request->http = http;
    request->req = req;
    LIST_INSERT_HEAD(&http->requests, request, open);
    if (peer) {
        peer->asking = true;
    }
    request->row = row_of(http, path_of(req));
    if (!request->row) {
        http_say(request, HTTP_NOTFOUND, "there is nothing here");
    } else if (!(request->row->methods & method_of(req))) {
        bool get = request->row->methods & HTTP_GET;
        bool post = request->row->methods & HTTP_POST;
        http_set_header(request, "Allow", !post ? "GET, HEAD" : get ? "GET, HEAD, POST" : "POST");
        http_say(request, HTTP_BADMETHOD, "not with this method");
    } else {
        request->row->fn(request->row->arg, request);
    }
}

enum http_method
http_method(const struct http_request *request)
{
    return method_of(request->req);
}

struct str
http_path(const struct http_request *request)
{
    return str_of(path_of(request->req));
}

struct str
http_rest(const struct http_request *request)
{
    return str_from(http_path(request), strlen(request->row->path));
}

struct str
http_query(const struct http_request *request)
{
    return str_of(evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request->req)));
}

struct str
http_body(const struct http_request *request)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(request->req);
    size_t n = evbuffer_get_length(in);
    return (struct str){n ? (const char *)evbuffer_pullup(in, -1) : "", n};
}

const char *
http_header(const struct http_request *request, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(request->req), name);
}

void
http_set_header(struct http_request *request, const char *name, const char *value)
{
    if (request->req) {
        (void)evhttp_add_header(evhttp_request_get_output_headers(request->req), name, value);
    }
}

/* The connection may ask again, and waits from now on. */
static void
peer_answered(struct http *http, struct evhttp_request *req)
{
    struct peer *peer = peer_of(http, req);
    if (peer) {
        peer->asking = false;
        peer->since_ms = now_ms();
        TAILQ_REMOVE(&http->peers, peer, all);
        TAILQ_INSERT_TAIL(&http->peers, peer, all);
    }
}

void
http_answer(struct http_request *request, int status, const char *type, struct str body)
{
    struct evhttp_request *req = request->req;
    if (!req) {
        free(request);
        return;
    }
    struct evbuffer *out = evbuffer_new();
    if (!out || evbuffer_add(out, body.p, body.n) != 0) {
        abort(); /* out of memory */
    }
    http_set_header(request, "X-Content-Type-Options", "nosniff");
    http_set_header(request, "Content-Type", type ? type : "text/plain; charset=utf-8");
    peer_answered(request->http, req);
    LIST_REMOVE(request, open);
    free(request);
    evhttp_send_reply(req, status, NULL, out);
    evbuffer_free(out);
}

void
http_say(struct http_request *request, int status, const char *sentence)
{
    struct buf text;
    buf_init(&text, 1024);
    buf_add_format(&text, "%.1000s\n", sentence);
    http_answer(request, status, NULL, buf_str(&text));
    buf_deinit(&text);
}

/* ---- Listening ---- */

/* "host:port", "[::1]:port"; both are checked when the configuration is read. */
static struct addrinfo *
address_of(const char *listen_on)
{
    struct buf host;
    const char *colon = strrchr(listen_on, ':');
    struct str name = {listen_on, (size_t)(colon - listen_on)};
    if (name.n > 2 && name.p[0] == '[') {
        name = (struct str){name.p + 1, name.n - 2};
    }
    buf_init(&host, 300);
    buf_add_str(&host, name);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int rc = getaddrinfo(host.p, colon + 1, &hints, &found);
    buf_deinit(&host);
    return rc == 0 ? found : NULL;
}

/* The port that it got: of `listen` port 0 the kernel chose one. */
static int
port_of(struct evconnlistener *listener)
{
    struct sockaddr_storage own;
    socklen_t n = sizeof own;
    char port[8] = "0";
    if (getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&own, &n) == 0) {
        (void)getnameinfo((struct sockaddr *)&own, n, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    }
    return (int)strtol(port, NULL, 10);
}

static void
listen_now(struct http *http)
{
    struct addrinfo *address = address_of(http->listen);
    struct evconnlistener *listener = NULL;
    unsigned flags =
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE | LEV_OPT_REUSEABLE_PORT;
    errno = 0;
    if (address) {
        listener = evconnlistener_new_bind(http->base, NULL, NULL, flags, BACKLOG, address->ai_addr,
                                           (int)address->ai_addrlen);
        freeaddrinfo(address);
    }
    if (listener && evhttp_bind_listener(http->evhttp, listener)) {
        log_event(LOG_INFO, "http.listening", "on=%.*s:%d",
                  (int)(strrchr(http->listen, ':') - http->listen), http->listen,
                  port_of(listener));
        return;
    }
    log_event(LOG_ERROR, "http.refused", "on=%s why=%s", http->listen,
              log_value(str_of(errno ? strerror(errno) : "no such address")));
    struct timeval tv = clock_timeval(LISTEN_AGAIN_MS);
    (void)event_add(http->again, &tv);
}

static void
on_listen_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    listen_now(arg);
}

struct http *
http_new(struct event_base *base, const char *listen_on)
{
    struct http *http = xcalloc(1, sizeof *http);
    TAILQ_INIT(&http->peers);
    LIST_INIT(&http->requests);
    http->base = base;
    http->listen = xstrdup(listen_on);
    http->evhttp = evhttp_new(base);
    http->look = event_new(base, -1, 0, on_look, http);
    http->again = event_new(base, -1, 0, on_listen_again, http);
    http->accepted = event_new(base, -1, 0, on_accepted, http);
    if (!http->evhttp || !http->look || !http->again || !http->accepted) {
        abort();
    }
    evhttp_set_max_headers_size(http->evhttp, HTTP_HEAD_BYTES);
    evhttp_set_max_body_size(http->evhttp, HTTP_BODY_BYTES);
    evhttp_set_timeout(http->evhttp, HTTP_IDLE_S);
    evhttp_set_default_content_type(http->evhttp, NULL);
    evhttp_set_allowed_methods(http->evhttp, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST);
    evhttp_set_bevcb(http->evhttp, on_accept, http);
    evhttp_set_gencb(http->evhttp, on_request, http);
    listen_now(http);
    return http;
}

void
http_free(struct http **http_)
{
    struct http *http = *http_;
    if (!http) {
        return;
    }
    *http_ = NULL;
    struct http_request *request;
    LIST_FOREACH(request, &http->requests, open)
    {
        request->req = NULL;
    }
    for (struct peer *peer = TAILQ_FIRST(&http->peers), *next; peer; peer = next) {
        next = TAILQ_NEXT(peer, all);
        peer_forget(http, peer);
    }
    evhttp_free(http->evhttp);
    event_free(http->look);
    event_free(http->again);
    event_free(http->accepted);
    free(http->listen);
    free(http);
}

void
http_add(struct http *http, const struct http_row *row)
{
    if (http->rows_n == ROWS_MAX) {
        abort(); /* a mistake of ours */
    }
    http->rows[http->rows_n++] = *row;
}

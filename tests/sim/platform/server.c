/* A small HTTP/1.1 server for the simulator. */
// SPDX-License-Identifier: MIT
#include "tests/sim/platform/server.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "gateway/core/mem.h"

struct client {
    struct client *next, **self;
    struct server *server;
    struct bufferevent *bev;
    uint64_t ticket; /* of the request under way, 0: none */
    bool closing;
};

struct server {
    struct event_base *base;
    struct evconnlistener *listener;
    server_fn *fn;
    void *arg;
    struct client *clients;
    uint64_t tickets;
    int64_t connections;
};

static void
client_free(struct client *c)
{
    *c->self = c->next;
    if (c->next) {
        c->next->self = c->self;
    }
    bufferevent_free(c->bev);
    free(c);
}

/* ---- Requests. */

void
request_header(const struct request *r, const char *name, char *out, size_t room)
{
    size_t n = strlen(name);
    out[0] = '\0';
    for (const char *line = r->headers; *line; line = strstr(line, "\r\n") + 2) {
        if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
            const char *value = line + n + 1 + strspn(line + n + 1, " ");
            snprintf(out, room, "%.*s", (int)strcspn(value, "\r"), value);
            return;
        }
    }
}

static size_t
unescape(const char *from, size_t n, char *out, size_t room)
{
    size_t used = 0;
    for (size_t i = 0; i < n && used + 1 < room; i++) {
        char hex[3] = {0};
        if (from[i] == '%' && i + 2 < n) {
            memcpy(hex, from + i + 1, 2);
            out[used++] = (char)strtol(hex, NULL, 16);
            i += 2;
        } else {
            out[used++] = (char)(from[i] == '+' ? ' ' : from[i]);
        }
    }
    out[used] = '\0';
    return used;
}

void
request_query(const struct request *r, const char *name, char *out, size_t room)
{
    const char *at = strchr(r->path, '?');
    size_t n = strlen(name);
    out[0] = '\0';
    for (at = at ? at + 1 : NULL; at && *at; at = strchr(at, '&') ? strchr(at, '&') + 1 : NULL) {
        if (strncmp(at, name, n) == 0 && at[n] == '=') {
            unescape(at + n + 1, strcspn(at + n + 1, "&"), out, room);
            return;
        }
    }
}

/* Takes one whole request off the input; false: there is none yet, or nonsense (closed). */
static bool
take_request(struct client *c, struct evbuffer *in)
{
    static char head[SERVER_HEADERS + 1], body[SERVER_BODY + 1];
    struct request r = {.client = c, .headers = "", .body = body};
    char length[24];
    struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
    if (end.pos < 0) {
        return false;
    }
    size_t head_n = (size_t)end.pos + 4;
    if (head_n > SERVER_HEADERS || evbuffer_copyout(in, head, head_n) != (ssize_t)head_n) {
        client_free(c);
        return false;
    }
    head[head_n - 2] = '\0';
    const char *space = strchr(head, ' '), *line_end = strstr(head, "\r\n");
    snprintf(r.method, sizeof r.method, "%.*s", space ? (int)(space - head) : 0, head);
    snprintf(r.path, sizeof r.path, "%.*s", space ? (int)strcspn(space + 1, " ") : 0,
             space ? space + 1 : "");
    r.headers = line_end ? line_end + 2 : "";
    request_header(&r, "Content-Length", length, sizeof length);
    r.body_n = strtoul(length, NULL, 10);
    if (r.body_n > SERVER_BODY || evbuffer_get_length(in) < head_n + r.body_n) {
        return false;
    }
    evbuffer_drain(in, head_n);
    evbuffer_remove(in, body, r.body_n);
    body[r.body_n] = '\0';
    c->ticket = ++c->server->tickets;
    c->server->fn(c->server->arg, &r);
    return true;
}

static void
on_read(struct bufferevent *bev, void *arg)
{
    struct client *c = arg;
    if (c->ticket == 0 && !c->closing) { /* one at a time: what follows waits */
        (void)take_request(c, bufferevent_get_input(bev));
    }
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
    (void)bev, (void)what;
    client_free(arg);
}

static void
on_written(struct bufferevent *bev, void *arg)
{
    struct client *c = arg;
    (void)bev;
    if (c->closing) {
        client_free(c);
    }
}

/* ---- Answers. */

uint64_t
server_ticket(struct server *server, struct client *client)
{
    (void)server;
    return client->ticket;
}

/* The next close sends a reset. */
static void
arm_reset(struct bufferevent *bev)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(bufferevent_getfd(bev), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void
server_answer(struct server *server, uint64_t ticket, int status, const char *body,
              enum answer_how how)
{
    struct client *c = server->clients;
    while (c && c->ticket != ticket) {
        c = c->next;
    }
    if (!c || how == HOW_NEVER) {
        return;
    }
    if (how == HOW_RESET) {
        arm_reset(c->bev);
        client_free(c);
        return;
    }
    struct evbuffer *out = bufferevent_get_output(c->bev);
    size_t n = strlen(body);
    evbuffer_add_printf(out,
                        "HTTP/1.1 %d x\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        status, n);
    evbuffer_add(out, body, how == HOW_HALF ? n / 2 : n);
    c->ticket = 0;
    c->closing = how == HOW_HALF;
    if (!c->closing && evbuffer_get_length(bufferevent_get_input(c->bev)) > 0) {
        (void)take_request(c, bufferevent_get_input(c->bev));
    }
}

/* ---- The server. */

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer, int n,
          void *arg)
{
    struct server *server = arg;
    struct client *c = xcalloc(1, sizeof *c);
    int on = 1;
    (void)listener, (void)peer, (void)n;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->server = server;
    c->bev = bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
    c->next = server->clients;
    c->self = &server->clients;
    if (c->next) {
        c->next->self = &c->next;
    }
    server->clients = c;
    server->connections++;
    bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

struct server *
server_new(struct event_base *base, const char *address, server_fn *fn, void *arg, uint16_t *port)
{
    struct sockaddr_in where = {.sin_family = AF_INET};
    char host[64] = "127.0.0.1";
    const char *colon = strrchr(address, ':');
    if (colon) {
        snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    }
    where.sin_port = htons((uint16_t)strtoul(colon ? colon + 1 : address, NULL, 10));
    if (inet_pton(AF_INET, host, &where.sin_addr) != 1) {
        return NULL;
    }
    struct server *server = xcalloc(1, sizeof *server);
    server->base = base;
    server->fn = fn;
    server->arg = arg;
    server->listener =
        evconnlistener_new_bind(base, on_accept, server, LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE,
                                512, (struct sockaddr *)&where, sizeof where);
    if (!server->listener) {
        free(server);
        return NULL;
    }
    socklen_t size = sizeof where;
    getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr *)&where, &size);
    *port = ntohs(where.sin_port);
    return server;
}

void
server_free(struct server *server)
{
    for (struct client *at = server->clients, *next; at; at = next) {
        next = at->next;
        client_free(at);
    }
    evconnlistener_free(server->listener);
    free(server);
}

int64_t
server_connections(const struct server *server)
{
    return server->connections;
}

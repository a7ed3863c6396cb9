/* One TCP connection that carries PDUs. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>

#include "gateway/core/mem.h"
#include "gateway/links/smpp/pdu.h"
#include "gateway/links/smpp/tls.h"

enum {
    IN_SIZE = 64 * 1024,   /* one read */
    OUT_FLUSH = 48 * 1024, /* one write */
    OUT_FIRST = 64 * 1024,
    OUT_MAX = 1024 * 1024, /* answers that a peer does not take */
    READS_A_TURN = 4,
    RESERVE_MAX = 4096,
    KEEPALIVE_ASKS = 3,
};

struct conn {
    struct event_base *base;
    struct conn_events events;
    struct conn_to to;
    struct sockaddr_storage peer; /* family 0: none yet */
    int fd;
    struct bufferevent *tls; /* has the socket once TLS began */
    struct event *read_ev, *write_ev, *gone_ev;
    struct evdns_base *dns; /* made for the first name */
    struct evdns_getaddrinfo_request *asking;
    struct evutil_addrinfo *addresses, *address; /* owned; the one being tried */
    bool open, failed, blocked;                  /* blocked: the last write took less than all */
    bool traced, adopted;                        /* adopted: the peer connected it */
    char why[120];
    uint8_t *in, *out;
    size_t in_n, out_at, out_n, out_room; /* out[out_at … out_n) is unwritten */
    uint64_t written;                     /* to the kernel; with TLS: to the bufferevent */
};

static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);
static void try_next(struct conn *c);

static void
on_gone(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct conn *c = arg;
    c->events.on_gone(c->events.ctx, c->why);
}

struct conn *
conn_new(struct event_base *base, const struct conn_events *events)
{
    struct conn *c = xcalloc(1, sizeof *c);
    c->base = base;
    c->events = *events;
    c->fd = -1;
    c->in = xmalloc(IN_SIZE);
    c->out = xmalloc(OUT_FIRST);
    c->out_room = OUT_FIRST;
    c->gone_ev = event_new(base, -1, 0, on_gone, c);
    return c;
}

void
conn_free(struct conn **conn)
{
    struct conn *c = *conn;
    if (!c) {
        return;
    }
    conn_close(c);
    event_free(c->gone_ev);
    if (c->dns) {
        evdns_base_free(c->dns, 0);
    }
    free(c->in);
    free(c->out);
    free(c);
    *conn = NULL;
}

static void
drop_socket(struct conn *c)
{
    if (c->read_ev) {
        event_free(c->read_ev);
        event_free(c->write_ev);
        c->read_ev = c->write_ev = NULL;
    }
    if (c->tls) {
        tls_close(c->tls);
        c->tls = NULL;
        c->fd = -1;
    }
    if (c->fd >= 0) {
        (void)close(c->fd);
        c->fd = -1;
    }
    c->open = false;
}

void
conn_close(struct conn *c)
{
    if (c->asking) {
        evdns_getaddrinfo_cancel(
            c->asking); /* its callback comes once more, with EVUTIL_EAI_CANCEL */
        c->asking = NULL;
    }
    if (c->addresses) {
        evutil_freeaddrinfo(c->addresses);
        c->addresses = c->address = NULL;
    }
    drop_socket(c);
    (void)event_del(c->gone_ev);
    c->failed = c->blocked = c->adopted = false;
    c->in_n = c->out_at = c->out_n = 0;
    c->written = 0;
}

const struct sockaddr *
conn_peer(const struct conn *c)
{
    return c->peer.ss_family ? (const struct sockaddr *)&c->peer : NULL;
}

void
conn_fail(struct conn *c, const char *why)
{
    if (c->failed) {
        return;
    }
    c->failed = true;
    (void)snprintf(c->why, sizeof c->why, "%s", why);
    if (c->read_ev) {
        (void)event_del(c->read_ev);
        (void)event_del(c->write_ev);
    }
    if (c->tls) {
        (void)bufferevent_disable(c->tls, EV_READ | EV_WRITE);
    }
    event_active(c->gone_ev, EV_TIMEOUT, 0);
}

static void
set_option(int fd, int level, int name, int value)
{
    (void)setsockopt(fd, level, name, &value, sizeof value);
}

/* A peer that is gone without a word is found out: by TCP's own questions when nothing is said, and
 * by the time that it may leave octets of ours unacknowledged. */
static void
set_options(const struct conn *c)
{
    set_option(c->fd, IPPROTO_TCP, TCP_NODELAY, 1);
    int idle_s = (int)(c->to.keepalive_ms / 1000);
    if (idle_s > 0) {
        int each_s = idle_s / KEEPALIVE_ASKS > 0 ? idle_s / KEEPALIVE_ASKS : 1;
        set_option(c->fd, SOL_SOCKET, SO_KEEPALIVE, 1);
        set_option(c->fd, IPPROTO_TCP, TCP_KEEPIDLE, idle_s);
        set_option(c->fd, IPPROTO_TCP, TCP_KEEPINTVL, each_s);
        set_option(c->fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_ASKS);
        set_option(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (idle_s + each_s * KEEPALIVE_ASKS) * 1000);
    }
}

static void on_tls_read(struct bufferevent *bev, void *arg);
static void on_tls_write(struct bufferevent *bev, void *arg);
static void on_tls_event(struct bufferevent *bev, short what, void *arg);

/* on_open comes when the handshake is over. */
static void
begin_tls(struct conn *c)
{
    struct err err = {0};
    event_free(c->read_ev);
    event_free(c->write_ev);
    c->read_ev = c->write_ev = NULL;
    c->tls = c->adopted ? tls_accept(c->to.tls, c->base, c->fd, &err)
                        : tls_open(c->to.tls, c->base, c->fd, &err);
    if (!c->tls) {
        conn_fail(c, err.text);
        return;
    }
    bufferevent_setcb(c->tls, on_tls_read, on_tls_write, on_tls_event, c);
    bufferevent_setwatermark(c->tls, EV_READ, 0, IN_SIZE);
    (void)bufferevent_enable(c->tls, EV_READ | EV_WRITE);
}

static void
opened(struct conn *c)
{
    c->open = true;
    if (!c->adopted) {
        c->events.on_open(c->events.ctx);
    }
}

static void
begin_reading(struct conn *c)
{
    set_options(c);
    if (c->to.tls) {
        begin_tls(c);
        return;
    }
    (void)event_add(c->read_ev, NULL);
    opened(c);
}

/* The connect ended, one way or the other. */
static void
on_connected(struct conn *c)
{
    int error = 0;
    socklen_t n = sizeof error;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0) {
        error = errno;
    }
    if (error == 0) {
        memcpy(&c->peer, c->address->ai_addr, c->address->ai_addrlen);
        begin_reading(c);
        return;
    }
    (void)snprintf(c->why, sizeof c->why, "cannot connect: %s", strerror(error));
    drop_socket(c);
    c->address = c->address->ai_next;
    try_next(c);
}

/* Our end is what the configuration says, any port of it. */
static bool
bind_end(const struct conn *c)
{
    struct sockaddr_storage from;
    int n = sizeof from;
    if (!c->to.bind_address) {
        return true;
    }
    if (evutil_parse_sockaddr_port(c->to.bind_address, (struct sockaddr *)&from, &n) != 0 ||
        from.ss_family != c->address->ai_family) {
        errno = EAFNOSUPPORT;
        return false;
    }
    set_option(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    return bind(c->fd, (struct sockaddr *)&from, (socklen_t)n) == 0;
}

static void
watch_socket(struct conn *c)
{
    c->read_ev = event_new(c->base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
    c->write_ev = event_new(c->base, c->fd, EV_WRITE, on_writable, c);
}

static bool
try_address(struct conn *c)
{
    const struct evutil_addrinfo *a = c->address;
    c->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool begun = c->fd >= 0 && bind_end(c) &&
                 (connect(c->fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS);
    if (!begun) {
        (void)snprintf(c->why, sizeof c->why, "cannot connect: %s", strerror(errno));
        drop_socket(c);
        return false;
    }
    watch_socket(c);
    (void)event_add(c->write_ev, NULL);
    return true;
}

static void
try_next(struct conn *c)
{
    for (; c->address; c->address = c->address->ai_next) {
        if (try_address(c)) {
            return;
        }
    }
    char why[sizeof c->why];
    memcpy(why, c->why, sizeof why);
    conn_fail(c, why);
}

static void
on_resolved(int result, struct evutil_addrinfo *addresses, void *arg)
{
    struct conn *c = arg;
    if (result == EVUTIL_EAI_CANCEL) {
        return;
    }
    c->asking = NULL;
    if (result != 0) {
        char why[sizeof c->why];
        (void)snprintf(why, sizeof why, "cannot find the host: %s", evutil_gai_strerror(result));
        conn_fail(c, why);
        return;
    }
    c->addresses = c->address = addresses;
    try_next(c);
}

static struct evdns_base *
resolver(struct conn *c)
{
    if (!c->dns) {
        int flags = EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE;
        c->dns = evdns_base_new(c->base, flags);
    }
    if (!c->dns) { /* no name server: /etc/hosts is left */
        c->dns = evdns_base_new(c->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
        (void)evdns_base_load_hosts(c->dns, "/etc/hosts");
    }
    return c->dns;
}

void
conn_adopt(struct conn *c, int fd, const struct conn_to *to)
{
    conn_close(c);
    c->to = *to;
    c->fd = fd;
    c->adopted = true;
    watch_socket(c);
    begin_reading(c);
}

void
conn_open(struct conn *c, const struct conn_to *to)
{
    conn_close(c);
    c->to = *to;
    char service[8];
    (void)snprintf(service, sizeof service, "%d", to->port);
    struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_protocol = IPPROTO_TCP,
                                    .ai_flags = EVUTIL_AI_NUMERICHOST | EVUTIL_AI_NUMERICSERV};
    struct evutil_addrinfo *literal = NULL;
    if (evutil_getaddrinfo(to->host, service, &hints, &literal) == 0) {
        on_resolved(0, literal, c);
        return;
    }
    hints.ai_flags = EVUTIL_AI_NUMERICSERV;
    /* When it answers at once it has called on_resolved() already, and returns NULL. */
    c->asking = evdns_getaddrinfo(resolver(c), to->host, service, &hints, on_resolved, c);
}

/* Tells every whole PDU of in[], and moves what is left to its front. */
static void
tell_pdus(struct conn *c)
{
    size_t at = 0;
    uint32_t total = 0;
    int whole = 0;
    while (!c->failed && (whole = pdu_frame(c->in + at, c->in_n - at, &total)) == 1) {
        if (c->traced) {
            c->events.on_trace(c->events.ctx, false, c->in + at, total);
        }
        c->events.on_pdu(c->events.ctx, c->in + at, total);
        at += total;
    }
    if (whole < 0) {
        conn_fail(c, "a PDU with an impossible length came");
    }
    c->in_n -= at;
    if (at > 0 && c->in_n > 0) {
        memmove(c->in, c->in + at, c->in_n);
    }
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct conn *c = arg;
    for (int i = 0; i < READS_A_TURN && !c->failed; i++) {
        size_t room = IN_SIZE - c->in_n;
        ssize_t n = recv(fd, c->in + c->in_n, room, 0);
        if (n > 0) {
            c->in_n += (size_t)n;
            tell_pdus(c);
        } else if (n == 0) {
            conn_fail(c, "the peer closed the connection");
        } else if (errno != EAGAIN && errno != EINTR) {
            conn_fail(c, strerror(errno));
        }
        if (n < (ssize_t)room) {
            break;
        }
    }
    c->events.on_turn(c->events.ctx);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct conn *c = arg;
    if (!c->open) {
        on_connected(c);
        return;
    }
    c->blocked = false;
    c->events.on_writable(c->events.ctx);
}

/* Its input is never more than one read's. */
static void
on_tls_read(struct bufferevent *bev, void *arg)
{
    struct conn *c = arg;
    int n = 0;
    while (!c->failed && (n = evbuffer_remove(bufferevent_get_input(bev), c->in + c->in_n,
                                              IN_SIZE - c->in_n)) > 0) {
        c->in_n += (size_t)n;
        tell_pdus(c);
    }
    c->events.on_turn(c->events.ctx);
}

static void
on_tls_write(struct bufferevent *bev, void *arg)
{
    (void)bev;
    struct conn *c = arg;
    if (c->blocked && !c->failed) {
        c->blocked = false;
        c->events.on_writable(c->events.ctx);
    }
}

static void
on_tls_event(struct bufferevent *bev, short what, void *arg)
{
    struct conn *c = arg;
    char why[sizeof c->why];
    if ((what & BEV_EVENT_CONNECTED) != 0) {
        opened(c);
    } else if ((what & BEV_EVENT_EOF) != 0) {
        conn_fail(c, "the peer closed the connection");
    } else if ((what & BEV_EVENT_ERROR) != 0) {
        tls_why(bev, why, sizeof why);
        conn_fail(c, why);
    }
}

/* The bufferevent writes when the loop next turns: until then the connection is full. */
static void
flush_tls(struct conn *c)
{
    size_t n = c->out_n - c->out_at;
    if (c->open && !c->failed && !c->blocked && n > 0) {
        (void)bufferevent_write(c->tls, c->out + c->out_at, n);
        c->written += n;
        c->out_at = c->out_n = 0;
        c->blocked = true;
    }
}

uint8_t *
conn_reserve(struct conn *c, size_t n)
{
    if (c->out_n + n > c->out_room) {
        c->out_room *= 2;
        c->out = xrealloc(c->out, c->out_room);
    }
    return c->out + c->out_n;
}

void
conn_trace(struct conn *c, bool on)
{
    c->traced = on && c->events.on_trace;
}

void
conn_commit(struct conn *c, size_t n)
{
    if (c->traced && n > 0) {
        c->events.on_trace(c->events.ctx, true, c->out + c->out_n, n);
    }
    c->out_n += n;
    if (c->out_n - c->out_at > OUT_MAX) {
        conn_fail(c, "the peer does not read");
    }
    if (c->out_n > OUT_MAX + RESERVE_MAX) { /* only when it failed: nothing of it goes out */
        c->out_n -= n;
    }
}

void
conn_flush(struct conn *c)
{
    if (c->tls) {
        flush_tls(c);
        return;
    }
    while (c->open && !c->failed && !c->blocked && c->out_at < c->out_n) {
        ssize_t n = send(c->fd, c->out + c->out_at, c->out_n - c->out_at, MSG_NOSIGNAL);
        if (n >= 0) {
            c->out_at += (size_t)n;
            c->written += (uint64_t)n;
        } else if (errno == EAGAIN) {
            c->blocked = true;
            (void)event_add(c->write_ev, NULL);
        } else if (errno != EINTR) {
            conn_fail(c, strerror(errno));
        }
    }
    if (c->out_at == c->out_n) {
        c->out_at = c->out_n = 0;
    } else if (c->out_at >= OUT_FLUSH) {
        memmove(c->out, c->out + c->out_at, c->out_n - c->out_at);
        c->out_n -= c->out_at;
        c->out_at = 0;
    }
}

bool
conn_is_full(const struct conn *c)
{
    return c->blocked || c->failed || !c->open;
}

bool
conn_wants_flush(const struct conn *c)
{
    return c->out_n - c->out_at >= OUT_FLUSH;
}

uint64_t
conn_committed(const struct conn *c)
{
    return c->written + (c->out_n - c->out_at);
}

uint64_t
conn_written(const struct conn *c)
{
    return c->written - (c->tls ? evbuffer_get_length(bufferevent_get_output(c->tls)) : 0);
}

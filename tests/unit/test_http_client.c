/* How far a request came, against a server that goes away at different moments. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/links/http/client.h"

enum { WAIT_MS = 1500, LONG_BODY = 16 << 20, SHORT_BODY = 200 };

/* Reads that many octets of the first connection, or up to the end of the headers; writes an
 * answer; then resets it, or keeps silent.  With `first` it answers a request before. */
struct server {
    int fd, port;
    size_t reads; /* 0: the headers; else as many octets */
    const char *says;
    bool silent, first;
    pthread_t thread;
};

static void
reset(int fd)
{
    const struct linger now = {1, 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    (void)close(fd);
}

/* So many octets, or (0) the headers. */
static void
take(int fd, size_t octets)
{
    static char into[1 << 16];
    ssize_t got = 1;
    for (size_t n = 0, all = 0; got > 0 && all < (octets ? octets : 1); n += (size_t)got) {
        got = recv(fd, into, octets ? sizeof into : 1, 0);
        all += octets ? (size_t)got : n > 0 && into[0] == '\n';
    }
}

static void *
serve(void *arg)
{
    static const char kept[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    struct server *s = arg;
    int fd = accept(s->fd, NULL, NULL);
    (void)close(s->fd); /* nobody else comes in */
    if (s->first) {
        take(fd, SHORT_BODY + 100);
        (void)send(fd, kept, strlen(kept), MSG_NOSIGNAL);
    }
    take(fd, s->reads);
    if (s->says) {
        (void)send(fd, s->says, strlen(s->says), MSG_NOSIGNAL);
    }
    if (s->silent) {
        (void)usleep((WAIT_MS + 500) * 1000);
    }
    reset(fd);
    return NULL;
}

static void
listen_on(struct server *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at;
    int little = 4096; /* what the kernel takes for us is not what the server has read */
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little), 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(s->fd, 4), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &size), 0);
    s->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

struct told {
    struct event_base *base;
    enum answer_transport transport;
    bool done;
};

static void
on_done(void *arg, const struct answer_reply *reply)
{
    struct told *told = arg;
    told->transport = reply->transport;
    told->done = true;
    (void)event_base_loopbreak(told->base);
}

/* Posts to that port, once or a second time on the connection that is kept. */
static enum answer_transport
post(int port, size_t body_n, bool again)
{
    struct told told = {.base = event_base_new()};
    const struct http_options options = {2, "", "", ""};
    struct err err = {0};
    struct http_client *client = http_client_new(told.base, &options, &err);
    char url[64], *body = malloc(body_n);
    memset(body, 'x', body_n);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    const struct http_ask ask = {
        .method = METHOD_POST, .url = url, .body = {body, body_n}, .wait_ms = WAIT_MS};
    for (int i = 0; i < (again ? 2 : 1); i++) {
        told.done = false;
        http_send(client, &ask, on_done, &told);
        while (!told.done && event_base_dispatch(told.base) == 0) {
        }
        assert_true(told.done);
    }
    http_client_free(&client);
    event_base_free(told.base);
    free(body);
    return told.transport;
}

static void
test_what_certainly_did_not_go_as_a_whole(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t reads, body_n;
        const char *says;
        bool silent;
        enum answer_transport told;
    } cases[] = {
        {"reset after the headers, most of the body unread", 0, LONG_BODY, NULL, false,
         TRANSPORT_NOT_SENT},
        {"reset in the middle of the body", 1 << 20, LONG_BODY, NULL, false, TRANSPORT_NOT_SENT},
        {"nobody reads on, and time is over", 0, LONG_BODY, NULL, true, TRANSPORT_NOT_SENT},
        {"an answer began before the body's end", 0, LONG_BODY, "HTTP/1.1 200 OK\r\nContent-", true,
         TRANSPORT_LOST},
        {"read as a whole, then reset", SHORT_BODY + 100, SHORT_BODY, NULL, false, TRANSPORT_LOST},
        {"read as a whole, then silence", 0, SHORT_BODY, NULL, true, TRANSPORT_LOST},
        {"an answer that is none", SHORT_BODY + 100, SHORT_BODY, "HTTP/1.1 -118 what\r\n\r\n", true,
         TRANSPORT_LOST},
        {"half an answer", SHORT_BODY + 100, SHORT_BODY,
         "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", false, TRANSPORT_LOST},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server s = {
            .reads = cases[i].reads, .says = cases[i].says, .silent = cases[i].silent};
        listen_on(&s);
        enum answer_transport told = post(s.port, cases[i].body_n, false);
        (void)pthread_join(s.thread, NULL);
        if (told != cases[i].told) {
            fail_msg("%s: %d", cases[i].name, (int)told);
        }
    }
}

/* A kept connection takes all of it and dies, and then nobody listens any more: libcurl tries once
 * more by itself, and tells that it could not connect. */
static void
test_a_second_connection_that_is_refused_says_nothing_of_the_first(void **state)
{
    (void)state;
    struct server s = {.reads = SHORT_BODY + 100, .first = true};
    listen_on(&s);
    assert_int_equal(post(s.port, SHORT_BODY, true), TRANSPORT_LOST);
    (void)pthread_join(s.thread, NULL);
    assert_int_equal(post(s.port, SHORT_BODY, false), TRANSPORT_NOT_SENT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_certainly_did_not_go_as_a_whole),
        cmocka_unit_test(test_a_second_connection_that_is_refused_says_nothing_of_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

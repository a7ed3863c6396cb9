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
 * answer; then resets it, or keeps silent. */
struct server {
    int fd, port;
    size_t reads; /* 0: the headers; else as many octets */
    const char *says;
    bool silent;
    pthread_t thread;
};

static void
reset(int fd)
{
    const struct linger now = {1, 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    (void)close(fd);
}

static void *
serve(void *arg)
{
    struct server *s = arg;
    static char octets[1 << 16];
    int fd = accept(s->fd, NULL, NULL), got = 1;
    for (size_t n = 0, all = 0; got > 0 && all < (s->reads ? s->reads : 1); n += (size_t)got) {
        got = (int)recv(fd, octets, s->reads ? sizeof octets : 1, 0);
        all += s->reads ? (size_t)got : n > 0 && octets[0] == '\n';
    }
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

static enum answer_transport
post(int port, size_t body_n)
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
    http_send(client, &ask, on_done, &told);
    while (!told.done && event_base_dispatch(told.base) == 0) {
    }
    http_client_free(&client);
    event_base_free(told.base);
    free(body);
    assert_true(told.done);
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
        {"half an answer", SHORT_BODY + 100, SHORT_BODY,
         "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", false, TRANSPORT_LOST},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server s = {
            .reads = cases[i].reads, .says = cases[i].says, .silent = cases[i].silent};
        listen_on(&s);
        enum answer_transport told = post(s.port, cases[i].body_n);
        (void)pthread_join(s.thread, NULL);
        (void)close(s.fd);
        if (told != cases[i].told) {
            fail_msg("%s: %d", cases[i].name, (int)told);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_certainly_did_not_go_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

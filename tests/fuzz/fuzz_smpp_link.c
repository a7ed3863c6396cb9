/* Any octets from an SMSC at a whole link, messages under way: whatever comes, each message is told
 * exactly once, and the link goes down, not the process.  The first octet says whether the bind is
 * answered before. */
// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "gateway/base/log.h"
#include "gateway/links/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGES = 3, TURNS_MAX = 20000 };

static struct event_base *base;
static int listener = -1;
static struct conf_link conf = {.name = "fuzz",
                                .kind = LINK_SMPP,
                                .host = "127.0.0.1",
                                .system_id = "loa",
                                .source = "QUANBTL",
                                .bind = BIND_TRANSCEIVER,
                                .window = 4,
                                .receipts = RECEIPTS_FINAL};
static struct link_message messages[MESSAGES];
static int told[MESSAGES];
static bool down;

static void
must(bool what)
{
    if (!what) {
        abort();
    }
}

static void
on_outcome(void *ctx, struct link *link, struct link_message *message)
{
    (void)ctx, (void)link;
    told[message - messages]++;
}

static void
on_receipt(void *ctx, struct link *link, const struct link_receipt *r, uint64_t token)
{
    (void)ctx;
    must(r->id.n <= 64);
    link_answer(link, token, r->state == RECEIPT_DELIVERED);
}

static void
on_reply(void *ctx, struct link *link, const struct link_reply *r, uint64_t token)
{
    (void)ctx, (void)r;
    link_answer(link, token, true);
}

static void
on_state(void *ctx, struct link *link, enum link_state state, const char *why)
{
    (void)ctx, (void)link, (void)why;
    down = down || state == LINK_DOWN || state == LINK_STOPPED;
}

static void
on_turn(void *ctx, struct link *link)
{
    (void)ctx, (void)link;
}

static const struct link_events events = {.on_outcome = on_outcome,
                                          .on_receipt = on_receipt,
                                          .on_reply = on_reply,
                                          .on_state = on_state,
                                          .on_turn = on_turn};

static void
open_listener(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    log_set_level(LOG_ERROR);
    base = event_base_new();
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    must(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 4) == 0);
    must(getsockname(listener, (struct sockaddr *)&at, &n) == 0);
    conf.port = ntohs(at.sin_port);
}

static void
turn(int times)
{
    for (int i = 0; i < times; i++) {
        (void)event_base_loop(base, EVLOOP_NONBLOCK);
    }
}

/* On a slow machine the link of the input before has tried again. */
static void
forget_connections(void)
{
    for (int fd = -1; (fd = accept(listener, NULL, NULL)) >= 0;) {
        (void)close(fd);
    }
}

static int
accept_link(void)
{
    int fd = -1;
    for (int i = 0; i < TURNS_MAX && fd < 0; i++) {
        turn(1);
        fd = accept(listener, NULL, NULL);
    }
    must(fd >= 0);
    return fd;
}

/* Reads the bind and answers it. */
static void
answer_bind(int fd)
{
    static const uint8_t answer[] = {0, 0, 0, 17, 0x80, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    uint8_t in[256];
    ssize_t n = -1;
    for (int i = 0; i < TURNS_MAX && n < 0; i++) {
        turn(1);
        n = recv(fd, in, sizeof in, MSG_DONTWAIT);
    }
    must(n > 16 && send(fd, answer, sizeof answer, MSG_NOSIGNAL) == (ssize_t)sizeof answer);
}

/* In two pieces, then the end of the connection. */
static void
feed(int fd, const uint8_t *data, size_t size)
{
    size_t half = size / 2;
    (void)send(fd, data, half, MSG_NOSIGNAL | MSG_DONTWAIT);
    turn(3);
    (void)send(fd, data + half, size - half, MSG_NOSIGNAL | MSG_DONTWAIT);
    turn(3);
    const struct linger hard = {1, 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    (void)close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    if (size < 1 || size > 60000) {
        return 0;
    }
    if (listener < 0) {
        open_listener();
    }
    forget_connections();
    down = false;
    struct link *link = link_new(base, &conf, &events, &err);
    must(link != NULL);
    const struct link_content content = {.text = str_of("Moi hop."), .reference = 7};
    struct link_text *text = link_text_new(link, &content, &err);
    must(text != NULL);
    link_start(link);
    int fd = accept_link();
    if ((data[0] & 1) != 0) {
        answer_bind(fd);
        turn(3);
    }
    for (int i = 0; i < MESSAGES; i++) {
        told[i] = 0;
        messages[i] = (struct link_message){.text = text, .address = "84900000001"};
        link_submit(link, &messages[i]);
    }
    turn(2);
    feed(fd, data + 1, size - 1);
    for (int i = 0; i < TURNS_MAX && !down; i++) {
        turn(1);
    }
    must(down);
    for (int i = 0; i < MESSAGES; i++) {
        must(told[i] == 1);
    }
    link_text_free(&text);
    link_free(&link);
    return 0;
}

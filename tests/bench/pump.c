/* One SMPP connection of the raw pumps: bind, window, submit_sm out and its answers in. */
// SPDX-License-Identifier: MIT
#include "tests/bench/pump.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { PDU_ROOM = 512 };

static const char text[] =
    "Hop to dan pho so 7 luc 19h30 thu Tu ngay 02/12 tai nha van hoa. Moi cac "
    "ho dan den dung gio.......";

_Noreturn void
pump_die(const char *what)
{
    (void)fprintf(stderr, "pump: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void
write_all(int fd, const uint8_t *b, size_t n)
{
    while (n > 0) {
        ssize_t written = send(fd, b, n, MSG_NOSIGNAL);
        if (written <= 0) {
            pump_die("send");
        }
        b += written;
        n -= (size_t)written;
    }
}

static void
connect_and_bind(struct pump *p, const char *host, int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int yes = 1;
    p->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (inet_pton(AF_INET, host, &a.sin_addr) != 1 ||
        connect(p->fd, (struct sockaddr *)&a, sizeof a) != 0) {
        pump_die("connect");
    }
    (void)setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct pdu bind = {.id = PDU_BIND_TRANSCEIVER, .sequence = 1, .system_id = "loa"};
    memcpy(bind.password, "secret", 7);
    bind.interface_version = PDU_VERSION;
    uint8_t b[PDU_ROOM];
    size_t n = 0;
    if (pdu_encode(&bind, b, sizeof b, &n) != PDU_OK) {
        pump_die("bind");
    }
    write_all(p->fd, b, n);
    uint32_t total = 0;
    n = 0;
    while (pdu_frame(b, n, &total) == 0) {
        ssize_t got = recv(p->fd, b + n, sizeof b - n, 0);
        if (got <= 0) {
            pump_die("bind");
        }
        n += (size_t)got;
    }
    if (pdu_head(b).status != 0) {
        pump_die("bind refused");
    }
}

static void
prepare(struct pump *p)
{
    struct pdu pdu = {.id = PDU_SUBMIT_SM, .source_ton = 5, .source = "LOA"};
    pdu.dest_ton = pdu.dest_npi = 1;
    pdu.message_n = sizeof text - 1;
    memcpy(pdu.message, text, pdu.message_n);
    struct err err;
    if (pdu_template_init(&p->template, &pdu, &err) != 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    p->submit.command_id = SUBMIT_SM;
    p->submit.source_addr_ton = 5;
    memcpy(p->submit.source_addr, "LOA", 4);
    p->submit.dest_addr_ton = p->submit.dest_addr_npi = 1;
    p->submit.sm_length = sizeof text - 1;
    memcpy(p->submit.short_message, text, sizeof text - 1);
}

static void
put_one(struct pump *p)
{
    char digits[PDU_ADDRESS_MAX + 1];
    uint64_t number = 84900000000u + (uint64_t)p->sent;
    for (int i = 10; i >= 0; i--, number /= 10) {
        digits[i] = (char)('0' + number % 10);
    }
    digits[11] = '\0';
    uint32_t sequence = (uint32_t)p->sent + 2;
    uint8_t *out = p->out + p->out_n;
    if (!p->lib) {
        p->out_n += pdu_template_emit(&p->template, sequence, (struct str){digits, 11}, out);
        return;
    }
    int n = 0;
    p->submit.sequence_number = sequence;
    memcpy(p->submit.destination_addr, digits, 12);
    if (smpp34_pack2(out, PDU_ROOM, &n, &p->submit) != 0) {
        pump_die("pack");
    }
    p->out_n += (size_t)n;
}

void
pump_fill(struct pump *p)
{
    while (p->sent < p->allowed && p->sent - p->answered < p->window &&
           p->out_n + PDU_TEMPLATE_MAX < sizeof p->out) {
        put_one(p);
        p->sent++;
    }
    ssize_t n = send(p->fd, p->out + p->out_at, p->out_n - p->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) {
        pump_die("send");
    }
    p->out_at += n > 0 ? (size_t)n : 0;
    if (p->out_at == p->out_n) {
        p->out_at = p->out_n = 0;
    }
}

static void
take_one(struct pump *p, const uint8_t *b, uint32_t n)
{
    struct pdu_head head = pdu_head(b);
    if (head.id == (PDU_ENQUIRE_LINK | PDU_RESP) || head.id == PDU_ENQUIRE_LINK) {
        return;
    }
    bool ok = false;
    if (p->lib) {
        submit_sm_resp_t resp;
        memset(&resp, 0, sizeof resp);
        ok = smpp34_unpack2(&resp, b, (int)n) == 0 && resp.message_id[0] != '\0';
    } else {
        ok = head.status == 0 && pdu_answer_id(b, n).n > 0;
    }
    if (!ok) {
        pump_die("an answer that is none");
    }
    p->answered++;
}

void
pump_take(struct pump *p)
{
    ssize_t got = recv(p->fd, p->in + p->in_n, sizeof p->in - p->in_n, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        pump_die("recv");
    }
    p->in_n += got > 0 ? (size_t)got : 0;
    size_t at = 0;
    uint32_t total = 0;
    while (pdu_frame(p->in + at, p->in_n - at, &total) == 1) {
        take_one(p, p->in + at, total);
        at += total;
    }
    p->in_n -= at;
    memmove(p->in, p->in + at, p->in_n);
}

double
pump_cpu_seconds(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

void
pump_open(struct pump *p, const char *host, int port)
{
    connect_and_bind(p, host, port);
    prepare(p);
}

short
pump_events(const struct pump *p)
{
    return (short)(p->out_n > 0 ? POLLIN | POLLOUT : POLLIN);
}

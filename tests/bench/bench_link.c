/* The SMPP link alone, without Redis: bench_link HOST PORT WINDOW N
 * What it takes beyond bench_pump is the price of the window, the outcomes and the event loop. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "gateway/links/link.h"

struct bench {
    struct event_base *base;
    struct link_text *text;
    struct link_message *pool, *free; /* free: a list by `next` */
    long total, sent, told;
    int64_t began_us;
    double cpu;
};

static double
cpu_seconds(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void
set_address(struct link_message *m, uint64_t number)
{
    for (int i = 10; i >= 0; i--, number /= 10) {
        m->address[i] = (char)('0' + number % 10);
    }
    m->address[11] = '\0';
}

static void
fill(struct bench *b, struct link *link)
{
    for (int room = link_room(link, 1); room > 0 && b->sent < b->total && b->free; room--) {
        struct link_message *m = b->free;
        b->free = m->next;
        set_address(m, 84900000000u + (uint64_t)b->sent++);
        m->text = b->text;
        link_submit(link, m);
    }
}

static void
on_outcome(void *ctx, struct link *link, struct link_message *message)
{
    struct bench *b = ctx;
    (void)link;
    if (message->result != LINK_ACCEPTED) {
        (void)fprintf(stderr, "bench_link: result %d status %x\n", message->result,
                      message->status);
        exit(1);
    }
    message->next = b->free;
    b->free = message;
    if (++b->told == b->total) {
        (void)event_base_loopbreak(b->base);
    }
}

static void
on_turn(void *ctx, struct link *link)
{
    fill(ctx, link);
}

static void
on_state(void *ctx, struct link *link, enum link_state state, const char *why)
{
    struct bench *b = ctx;
    if (state == LINK_DOWN) {
        (void)fprintf(stderr, "bench_link: %s\n", why);
        exit(1);
    }
    if (state == LINK_BOUND) {
        b->began_us = clock_monotonic_us();
        b->cpu = cpu_seconds();
        fill(b, link);
    }
}

int
main(int argc, char **argv)
{
    if (argc != 5) {
        (void)fputs("usage: bench_link HOST PORT WINDOW N\n", stderr);
        return 2;
    }
    struct conf_link conf = {.name = "bench",
                             .kind = LINK_SMPP,
                             .host = argv[1],
                             .system_id = "loa",
                             .password = "secret",
                             .source = "LOA",
                             .bind = BIND_TRANSCEIVER};
    conf.port = (int)strtol(argv[2], NULL, 10);
    conf.window = (int)strtol(argv[3], NULL, 10);
    struct bench b = {.base = event_base_new(), .total = strtol(argv[4], NULL, 10)};
    struct link_events events = {
        .ctx = &b, .on_outcome = on_outcome, .on_state = on_state, .on_turn = on_turn};
    struct err err = {0};
    struct link *link = link_new(b.base, &conf, &events, &err);
    char octets[100];
    memset(octets, 'x', sizeof octets);
    const struct link_content content = {.text = {octets, sizeof octets}};
    b.text = link ? link_text_new(link, &content, &err) : NULL;
    if (!b.text) {
        (void)fprintf(stderr, "bench_link: %s\n", err.text);
        return 1;
    }
    b.pool = xcalloc((size_t)conf.window, sizeof *b.pool);
    for (int i = 0; i < conf.window; i++) {
        b.pool[i].next = b.free;
        b.free = &b.pool[i];
    }
    link_start(link);
    (void)event_base_dispatch(b.base);
    double seconds = (double)(clock_monotonic_us() - b.began_us) / 1e6;
    printf("{\"window\": %d, \"messages\": %ld, \"seconds\": %.3f, \"messages_per_second\": %.0f, "
           "\"cpu_us_per_message\": %.3f}\n",
           conf.window, b.total, seconds, (double)b.total / seconds,
           (cpu_seconds() - b.cpu) * 1e6 / (double)b.total);
    link_text_free(&b.text);
    link_free(&link);
    event_base_free(b.base);
    free(b.pool);
    return 0;
}

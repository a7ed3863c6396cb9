/* platforms: Zalo, Telegram and an SMS provider on one port, with a behaviour that is a case file.
 * Command line, journal, latency, receipts. */
// SPDX-License-Identifier: MIT
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <sodium.h>

#include "gateway/core/mem.h"
#include "tests/sim/platform/platform.h"

static const char usage[] =
    "usage: platforms [--listen HOST:PORT] [--case FILE] [--log FILE] [--phones FILE]\n"
    "Prints the port that it listens on (PORT 0: a free one).  SIGHUP reads the case again.\n";

/* A request id that the provider saw. */
struct seen {
    struct seen *next;
    char id[96];
};
enum { SEEN_SLOTS = 4096, MINUTE_US = 60000000 };

int64_t
platform_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

bool
platform_seen(struct platform *p, const char *id)
{
    unsigned hash = 5381;
    for (const char *c = id; *c; c++) {
        hash = hash * 33 + (unsigned char)*c;
    }
    struct seen **slot = &((struct seen **)(void *)p->seen)[hash % SEEN_SLOTS];
    for (struct seen *s = *slot; s; s = s->next) {
        if (strcmp(s->id, id) == 0) {
            return true;
        }
    }
    struct seen *s = xcalloc(1, sizeof *s);
    s->next = *slot;
    snprintf(s->id, sizeof s->id, "%s", id);
    *slot = s;
    return false;
}

/* ---- Answers after a while. */

struct later {
    struct platform *p;
    struct event *timer;
    uint64_t ticket;
    int status;
    enum answer_how how;
    char *body;
};

static void
on_later(evutil_socket_t fd, short what, void *arg)
{
    struct later *l = arg;
    (void)fd, (void)what;
    server_answer(l->p->server, l->ticket, l->status, l->body, l->how);
    event_free(l->timer);
    free(l->body);
    free(l);
}

static void
answer_in(struct platform *p, struct later later, int64_t wait_us)
{
    struct later *l = xmalloc(sizeof *l);
    struct timeval wait = {wait_us / 1000000, wait_us % 1000000};
    *l = later;
    l->body = xstrdup(later.body);
    l->timer = evtimer_new(p->base, on_later, l);
    evtimer_add(l->timer, &wait);
}

void
platform_answer_in(struct platform *p, const struct request *r, int64_t wait_us, int status,
                   const char *body)
{
    char copy[ANSWER_SIZE];
    snprintf(copy, sizeof copy, "%s", body);
    answer_in(p,
              (struct later){p, NULL, server_ticket(p->server, r->client), status, HOW_WHOLE, copy},
              wait_us);
}

void
platform_answer(struct platform *p, const struct request *r, int status, const char *body,
                enum answer_how how)
{
    const struct behaviour *b = &p->behaviour;
    char copy[ANSWER_SIZE];
    int64_t span = b->latency_most_us - b->latency_us;
    int64_t wait_us = b->latency_us + (span > 0 ? (int64_t)(rand() % (int)span) : 0);
    snprintf(copy, sizeof copy, "%s", body);
    answer_in(p, (struct later){p, NULL, server_ticket(p->server, r->client), status, how, copy},
              wait_us);
}

/* ---- Messages. */

struct case_rule *
platform_take(struct platform *p, struct sent *s)
{
    static const enum answer_how hows[] = {
        [CASE_ERROR] = HOW_WHOLE, [CASE_STATUS] = HOW_WHOLE, [CASE_RESET] = HOW_RESET,
        [CASE_CUT] = HOW_RESET,   [CASE_HALF] = HOW_HALF,    [CASE_SILENT] = HOW_NEVER,
        [CASE_LOST] = HOW_WHOLE};
    struct case_rule *rule = case_rule(&p->behaviour, s->address, ++p->taken);
    s->how = rule ? hows[rule->what] : HOW_WHOLE;
    return rule;
}

bool
platform_rate_lets(struct platform *p)
{
    int64_t second = platform_now_us() / 1000000;
    if (second != p->rate_second) {
        p->rate_second = second;
        p->rate_taken = 0;
    }
    if (p->behaviour.minute > 0 && second * 1000000 >= p->minute_us + MINUTE_US) {
        p->minute_us = second * 1000000;
        p->minute_taken = 0;
    }
    if (p->behaviour.minute > 0 && p->minute_taken++ >= p->behaviour.minute) {
        return false;
    }
    return p->behaviour.rate == 0 || p->rate_taken++ < p->behaviour.rate;
}

static void
put_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n' || *text == '\t') {
            fputs(*text == '\n' ? "\\n" : "\\t", out);
        } else {
            fputc(*text, out);
        }
    }
    fputc('\n', out);
}

void
platform_journal(struct platform *p, const struct sent *s, bool delivered)
{
    static const char *const hows[] = {"whole", "half", "reset", "never"};
    p->sends++;
    p->delivered += delivered;
    fprintf(p->journal, "send\t%" PRId64 "\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t", platform_now_us(),
            s->kind, s->address, s->code, s->id, s->tracking, hows[s->how],
            delivered ? "delivered" : "refused");
    put_text(p->journal, s->text);
    fflush(p->journal);
    if (delivered && p->phones) {
        fprintf(p->phones, "%s\t%s\t", s->address, s->kind);
        put_text(p->phones, s->text);
        fflush(p->phones);
    }
}

/* ---- Receipts. */

struct posting {
    struct platform *p;
    struct event *timer;
    char address[96], id[48], tracking[96];
    bool again;
};

static void
on_posted(struct evhttp_request *r, void *arg)
{
    struct platform *p = arg;
    fprintf(p->journal, "webhook\t%" PRId64 "\t%d\n", platform_now_us(),
            r ? evhttp_request_get_response_code(r) : 0);
    fflush(p->journal);
}

static void
sign(const struct behaviour *b, const char *body, const char *stamp, char out[80])
{
    unsigned char mac[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof mac + 1];
    crypto_hash_sha256_state state;
    const char *pieces[] = {b->app_id, body, stamp, b->oa_secret};
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < 4; i++) {
        crypto_hash_sha256_update(&state, (const unsigned char *)pieces[i], strlen(pieces[i]));
    }
    crypto_hash_sha256_final(&state, mac);
    snprintf(out, 80, "mac=%s", sodium_bin2hex(hex, sizeof hex, mac, sizeof mac));
}

static void
post(struct platform *p, const struct posting *what)
{
    char body[1024], stamp[24], mac[80], host[256];
    struct evhttp_uri *uri = evhttp_uri_parse(p->behaviour.webhook);
    if (!uri || !evhttp_uri_get_host(uri)) {
        return;
    }
    snprintf(stamp, sizeof stamp, "%lld", (long long)time(NULL) * 1000);
    snprintf(body, sizeof body,
             "{\"sender\":{\"id\":\"1\"},\"recipient\":{\"id\":\"%s\"},\"event_name\":"
             "\"user_received_message\",\"message\":{\"delivery_time\":\"%s\",\"msg_id\":\"%s\","
             "\"tracking_id\":\"%s\"},\"app_id\":\"%s\",\"timestamp\":\"%s\"}",
             what->address, stamp, what->id, what->tracking, p->behaviour.app_id, stamp);
    sign(&p->behaviour, body, stamp, mac);
    snprintf(host, sizeof host, "%s", evhttp_uri_get_host(uri));
    struct evhttp_connection *c =
        evhttp_connection_base_new(p->base, NULL, host, (unsigned short)evhttp_uri_get_port(uri));
    struct evhttp_request *r = evhttp_request_new(on_posted, p);
    evhttp_connection_free_on_completion(c);
    evhttp_add_header(evhttp_request_get_output_headers(r), "Host", host);
    evhttp_add_header(evhttp_request_get_output_headers(r), "Content-Type", "application/json");
    evhttp_add_header(evhttp_request_get_output_headers(r), "X-ZEvent-Signature", mac);
    evhttp_add_header(evhttp_request_get_output_headers(r), "Connection", "close");
    evbuffer_add(evhttp_request_get_output_buffer(r), body, strlen(body));
    evhttp_make_request(c, r, EVHTTP_REQ_POST, evhttp_uri_get_path(uri));
    evhttp_uri_free(uri);
}

static void
on_post(evutil_socket_t fd, short what, void *arg)
{
    struct posting *posting = arg;
    (void)fd, (void)what;
    post(posting->p, posting);
    if (posting->again) {
        post(posting->p, posting);
    }
    event_free(posting->timer);
    free(posting);
}

void
platform_receipt(struct platform *p, const struct sent *s)
{
    const struct behaviour *b = &p->behaviour;
    if (!b->receipts || !b->webhook[0]) {
        return;
    }
    struct posting *posting = xcalloc(1, sizeof *posting);
    struct timeval wait = {b->receipts_us / 1000000, b->receipts_us % 1000000};
    posting->p = p;
    posting->again = b->receipts_twice;
    snprintf(posting->address, sizeof posting->address, "%s", s->address);
    snprintf(posting->id, sizeof posting->id, "%s", s->id);
    snprintf(posting->tracking, sizeof posting->tracking, "%s", s->tracking);
    posting->timer = evtimer_new(p->base, on_post, posting);
    evtimer_add(posting->timer, &wait);
}

/* ---- The program. */

static void
serve(void *arg, const struct request *r)
{
    struct platform *p = arg;
    if (!zalo_serve(p, r) && !telegram_serve(p, r) && !provider_serve(p, r)) {
        platform_answer(p, r, 404, "{\"error\":404}", HOW_WHOLE);
    }
}

static int
read_case(struct platform *p)
{
    char why[300];
    struct behaviour b;
    if (case_read(&b, p->case_file, why, sizeof why) != 0) {
        fprintf(stderr, "platforms: %s\n", why);
        return -1;
    }
    p->behaviour = b;
    p->quota_left = b.quota;
    if (b.access[0] || b.refresh[0]) {
        snprintf(p->access, sizeof p->access, "%s", b.access);
        snprintf(p->refresh, sizeof p->refresh, "%s", b.refresh);
    }
    return 0;
}

static void
on_hangup(evutil_socket_t fd, short what, void *arg)
{
    struct platform *p = arg;
    (void)fd, (void)what;
    if (read_case(p) == 0) {
        fprintf(p->journal, "case\t%" PRId64 "\n", platform_now_us());
        fflush(p->journal);
    }
}

static void
on_terminate(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    event_base_loopbreak(arg);
}

static int
read_options(struct platform *p, int argc, char **argv, const char **listen)
{
    static const struct option longs[] = {{"listen", required_argument, NULL, 'l'},
                                          {"case", required_argument, NULL, 'c'},
                                          {"log", required_argument, NULL, 'L'},
                                          {"phones", required_argument, NULL, 'p'},
                                          {NULL, 0, NULL, 0}};
    int c;
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (c) {
        case 'l':
            *listen = optarg;
            break;
        case 'c':
            p->case_file = optarg;
            break;
        case 'L':
            p->journal = fopen(optarg, "w");
            break;
        case 'p':
            p->phones = fopen(optarg, "w");
            break;
        default:
            fputs(usage, stderr);
            return -1;
        }
    }
    return p->journal ? 0 : -1;
}

int
main(int argc, char **argv)
{
    static struct platform p;
    static struct seen *seen[SEEN_SLOTS];
    const char *listen = "127.0.0.1:0";
    uint16_t port = 0;
    p.journal = stderr;
    p.seen = (struct seen *)(void *)seen;
    if (sodium_init() < 0 || read_options(&p, argc, argv, &listen) != 0 || read_case(&p) != 0) {
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    p.base = event_base_new();
    p.server = server_new(p.base, listen, serve, &p, &port);
    if (!p.server) {
        fprintf(stderr, "platforms: cannot listen on %s\n", listen);
        return 1;
    }
    printf("%u\n", port);
    fflush(stdout);
    struct event *ends[] = {evsignal_new(p.base, SIGTERM, on_terminate, p.base),
                            evsignal_new(p.base, SIGINT, on_terminate, p.base),
                            evsignal_new(p.base, SIGHUP, on_hangup, &p)};
    for (size_t i = 0; i < 3; i++) {
        event_add(ends[i], NULL);
    }
    event_base_dispatch(p.base);
    fprintf(p.journal, "end\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\n", platform_now_us(), p.sends,
            server_connections(p.server));
    fclose(p.journal);
    return 0;
}

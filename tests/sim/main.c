/* smsc: an SMSC whose behaviour is a case file.  Command line, listener, summary. */
// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <event2/event.h>
#include <event2/listener.h>

#include "gateway/core/mem.h"
#include "tests/sim/smsc.h"

static const char usage[] =
    "usage: smsc [--listen HOST:PORT] [--case FILE] [--log FILE] [--phones FILE] [--pcap FILE]\n"
    "            [--summary FILE] [--quiet]\n"
    "Prints the port that it listens on (PORT 0: a free one).  SIGUSR1 writes the summary (JSON),\n"
    "SIGHUP reads the case again, SIGTERM writes the summary and ends.\n";

struct options {
    const char *listen, *case_file, *log, *phones, *pcap, *summary;
    bool quiet;
};

void
smsc_id(const struct smsc *smsc, uint64_t message, enum id_form form, char out[40])
{
    uint64_t id = smsc->id_base + message;
    switch (form) {
    case IDS_NONE:
    case IDS_FORMS:
        out[0] = '\0';
        break;
    case IDS_HEX:
        snprintf(out, 40, "%llx", (unsigned long long)id);
        break;
    case IDS_UPPER:
        snprintf(out, 40, "%llX", (unsigned long long)id);
        break;
    case IDS_PADDED:
        snprintf(out, 40, "%018llx", (unsigned long long)id);
        break;
    case IDS_DECIMAL:
        snprintf(out, 40, "%llu", (unsigned long long)id);
        break;
    case IDS_UUID:
        snprintf(out, 40, "%08x-10a0-4000-8000-%012llx", (unsigned)(id >> 32),
                 (unsigned long long)message & 0xffffffffffffU);
        break;
    }
}

uint64_t
smsc_random(struct smsc *smsc)
{
    smsc->random = smsc->random * 6364136223846793005U + 1442695040888963407U;
    return smsc->random >> 33;
}

static void
put_summary(const struct smsc *smsc, FILE *out)
{
    const struct smsc_counts *c = &smsc->counts;
    int64_t waiting = 0;
    for (const struct session *s = smsc->sessions; s; s = s->next) {
        waiting += s->waiting_n;
    }
    const struct {
        const char *name;
        int64_t value;
    } rows[] = {{"submits", c->submits},
                {"accepted", c->accepted},
                {"refused", c->refused},
                {"throttled", c->throttled},
                {"unique_numbers", (int64_t)smsc->numbers.used},
                {"duplicates", c->duplicates},
                {"unanswered", c->silent},
                {"max_per_second", smsc->all.most},
                {"max_accepted_per_second", smsc->accepted.most},
                {"max_in_flight", c->most_unanswered},
                {"sessions", c->sessions},
                {"binds", c->binds},
                {"binds_refused", c->binds_refused},
                {"unbinds", c->unbinds},
                {"enquiries", c->enquiries},
                {"receipts_sent", c->receipts_sent},
                {"receipts_answered", c->receipts_answered},
                {"receipts_refused", c->receipts_refused},
                {"replies_sent", c->replies_sent},
                {"deliveries_waiting", waiting},
                {"errors", c->faults},
                {"first_us", c->first_us},
                {"last_us", c->last_us}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fprintf(out, "%s\"%s\": %lld", i ? ", " : "{", rows[i].name, (long long)rows[i].value);
    }
    fputs("}\n", out);
}

/* Whole or not at all: written beside, then renamed. */
static void
write_summary(const struct smsc *smsc)
{
    char beside[4096];
    if (!smsc->summary_file) {
        put_summary(smsc, stdout);
        fflush(stdout);
        return;
    }
    snprintf(beside, sizeof beside, "%s.new", smsc->summary_file);
    FILE *out = fopen(beside, "w");
    if (out) {
        put_summary(smsc, out);
        fclose(out);
        rename(beside, smsc->summary_file);
    }
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer, int n,
          void *arg)
{
    (void)listener;
    (void)n;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    uint16_t port = peer->sa_family == AF_INET
                        ? ntohs(((const struct sockaddr_in *)(void *)peer)->sin_port)
                        : 0;
    session_accept(arg, fd, port);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    smsc_turn_begin(arg);
    smsc_turn_end(arg);
}

static void
on_terminate(evutil_socket_t fd, short what, void *arg)
{
    const struct smsc *smsc = arg;
    (void)fd;
    (void)what;
    event_base_loopbreak(smsc->base);
}

static void
on_summary(evutil_socket_t fd, short what, void *arg)
{
    struct smsc *smsc = arg;
    (void)fd;
    (void)what;
    journal_flush(&smsc->journal);
    write_summary(smsc);
}

static void
on_reload(evutil_socket_t fd, short what, void *arg)
{
    struct smsc *smsc = arg;
    struct behaviour b;
    char why[512];
    (void)fd;
    (void)what;
    if (behaviour_read(&b, smsc->case_file, why, sizeof why) != 0) {
        fprintf(stderr, "smsc: %s\n", why);
        return;
    }
    smsc->behaviour = b;
    smsc->case_submits = smsc->case_binds = smsc->case_enquiries = 0;
    tally_deinit(&smsc->refusals);
    journal_event(&smsc->journal, "case", 0, "%s", smsc->case_file ? smsc->case_file : "");
    journal_flush(&smsc->journal);
}

static int
read_options(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {{"listen", required_argument, NULL, 'l'},
                                          {"case", required_argument, NULL, 'c'},
                                          {"log", required_argument, NULL, 'L'},
                                          {"phones", required_argument, NULL, 'p'},
                                          {"pcap", required_argument, NULL, 'P'},
                                          {"summary", required_argument, NULL, 's'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"log-format", required_argument, NULL, 'f'},
                                          {NULL, 0, NULL, 0}};
    const char **const into[128] = {
        ['l'] = &o->listen, ['c'] = &o->case_file, ['L'] = &o->log,
        ['p'] = &o->phones, ['P'] = &o->pcap,      ['s'] = &o->summary,
    };
    int c;
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (c == 'q') {
            o->quiet = true;
        } else if (c > 0 && c < 128 && into[c]) {
            *into[c] = optarg;
        } else if (c != 'f' || strcmp(optarg, "tsv") != 0) {
            fputs(usage, c == 'h' ? stdout : stderr);
            return c == 'h' ? 1 : -1;
        }
    }
    return optind == argc ? 0 : -1;
}

/* HOST:PORT of IPv4; port 0 is any free one, "0" alone a free one of 127.0.0.1. */
static int
parse_address(const char *address, struct sockaddr_in *out)
{
    char host[64] = "127.0.0.1", *end = NULL;
    const char *colon = strrchr(address, ':'), *port = colon ? colon + 1 : address;
    if (colon && (size_t)(colon - address) < sizeof host) {
        memcpy(host, address, (size_t)(colon - address));
        host[colon - address] = '\0';
    }
    unsigned long number = strtoul(port, &end, 10);
    *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)number)};
    bool ok = end != port && *end == '\0' && number <= UINT16_MAX;
    return ok && inet_pton(AF_INET, host, &out->sin_addr) == 1 ? 0 : -1;
}

static struct evconnlistener *
listen_on(struct smsc *smsc, const char *address)
{
    struct sockaddr_in where;
    if (parse_address(address, &where) != 0) {
        return NULL;
    }
    struct evconnlistener *l = evconnlistener_new_bind(
        smsc->base, on_accept, smsc, LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE, 128,
        (struct sockaddr *)&where, sizeof where);
    struct sockaddr_in bound = {0};
    socklen_t size = sizeof bound;
    if (l && getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&bound, &size) == 0) {
        printf("%u\n", ntohs(bound.sin_port));
        fflush(stdout);
    }
    return l;
}

static void
run(struct smsc *smsc)
{
    const struct {
        int signal;
        event_callback_fn fn;
    } signals[] = {{SIGTERM, on_terminate},
                   {SIGINT, on_terminate},
                   {SIGUSR1, on_summary},
                   {SIGHUP, on_reload}};
    struct event *events[4];
    for (size_t i = 0; i < 4; i++) {
        events[i] = evsignal_new(smsc->base, signals[i].signal, signals[i].fn, smsc);
        event_add(events[i], NULL);
    }
    smsc->timer = evtimer_new(smsc->base, on_timer, smsc);
    event_base_dispatch(smsc->base);
    write_summary(smsc);
    for (size_t i = 0; i < 4; i++) {
        event_free(events[i]);
    }
}

static void
release(struct smsc *smsc)
{
    for (struct session *s = smsc->sessions; s; s = s->next) {
        session_close(s, "the SMSC ends");
    }
    smsc->now_us = 0;
    smsc_turn_end(smsc);
    for (size_t i = 0; i < smsc->heap_n; i++) {
        free(smsc->heap[i].delivery);
    }
    while (smsc->ready) {
        struct delivery *d = smsc->ready;
        smsc->ready = d->next;
        free(d);
    }
    free(smsc->heap);
    event_free(smsc->timer);
    if (smsc->killer) {
        event_free(smsc->killer);
    }
    tally_deinit(&smsc->numbers);
    tally_deinit(&smsc->messages);
    tally_deinit(&smsc->refusals);
    meter_deinit(&smsc->all);
    meter_deinit(&smsc->accepted);
    journal_close(&smsc->journal);
    event_base_free(smsc->base);
}

int
main(int argc, char **argv)
{
    struct options o = {.listen = "127.0.0.1:0"};
    static struct smsc smsc;
    char why[512];
    int help = read_options(argc, argv, &o);
    if (help != 0) {
        return help < 0 ? 2 : 0;
    }
    smsc.case_file = o.case_file;
    smsc.summary_file = o.summary;
    smsc.quiet = o.quiet;
    smsc.ready_end = &smsc.ready;
    if (behaviour_read(&smsc.behaviour, o.case_file, why, sizeof why) != 0) {
        fprintf(stderr, "smsc: %s\n", why);
        return 2;
    }
    if (journal_open(&smsc.journal, o.log, o.phones, o.pcap) != 0) {
        fprintf(stderr, "smsc: %s\n", strerror(errno));
        return 1;
    }
    uint32_t high = 0;
    if (getrandom(&high, sizeof high, 0) < 0) {
        high = (uint32_t)journal_now_us();
    }
    smsc.id_base = (uint64_t)(high & 0x7fffffff) << 32;
    smsc.random = 1;
    signal(SIGPIPE, SIG_IGN);
    smsc.base = event_base_new();
    struct evconnlistener *listener = listen_on(&smsc, o.listen);
    if (!listener) {
        fprintf(stderr, "smsc: cannot listen on %s\n", o.listen);
        return 1;
    }
    run(&smsc);
    evconnlistener_free(listener);
    release(&smsc);
    return 0;
}

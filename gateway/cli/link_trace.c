/* `loa link trace`: an SMPP link's PDUs as a capture file on stdout. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/pcap.h"
#include "gateway/cli/session.h"
#include "gateway/cli/text.h"
#include "queue/trace.h"

enum { SECONDS_MOST = 3600, LOOK_MS = 200, STREAMS_MAX = 256, KEY_SIZE = 96 };

/* A connection of some gateway, by its worker and bind. */
struct seen {
    char key[KEY_SIZE];
    struct pcap_stream stream;
};

struct tracing {
    struct session *session;
    const struct conf_link *link;
    char from[QUEUE_ENTRY_SIZE];
    struct seen seen[STREAMS_MAX];
    int seen_n;
    uint64_t pdus, cut;
};

static struct pcap_stream *
stream_of(struct tracing *t, const struct trace_pdu *pdu)
{
    char key[KEY_SIZE];
    (void)snprintf(key, sizeof key, "%.*s %d", (int)(pdu->worker.n > 64 ? 64 : pdu->worker.n),
                   pdu->worker.p, pdu->bind);
    for (int i = 0; i < t->seen_n; i++) {
        if (strcmp(t->seen[i].key, key) == 0) {
            return &t->seen[i].stream;
        }
    }
    struct seen *seen = &t->seen[t->seen_n < STREAMS_MAX ? t->seen_n++ : STREAMS_MAX - 1];
    memcpy(seen->key, key, sizeof key);
    seen->stream = (struct pcap_stream){.number = (int)(seen - t->seen)};
    return &seen->stream;
}

/* A dissector cannot read what was cut. */
static void
on_pdu(void *arg, const struct trace_pdu *pdu)
{
    struct tracing *t = arg;
    if (pdu->whole > (int64_t)pdu->octets.n) {
        t->cut++;
        return;
    }
    t->pdus++;
    pcap_add(stdout, stream_of(t, pdu), t->link->port, pdu->out, pdu->at_us, pdu->octets);
}

static void
on_done(void *arg, const struct err *err)
{
    struct tracing *t = arg;
    session_answer(t->session, err);
}

static int
read_all(struct tracing *t)
{
    uint64_t before;
    do {
        before = t->pdus + t->cut;
        session_begin(t->session);
        trace_read(t->session->queue, t->link->name, t->from, on_pdu, on_done, t);
        if (session_wait(t->session) != 0) {
            return -1;
        }
    } while (t->pdus + t->cut > before);
    (void)fflush(stdout);
    return 0;
}

static int
trace(struct tracing *t, int64_t seconds, bool full)
{
    int64_t until_us = clock_monotonic_us() + seconds * 1000000;
    session_begin(t->session);
    trace_begin(t->session->queue, t->link->name, seconds, full, on_done, t);
    if (session_wait(t->session) != 0) {
        return -1;
    }
    pcap_begin(stdout);
    do {
        session_pause(t->session, LOOK_MS);
        if (read_all(t) != 0) {
            return -1;
        }
    } while (clock_monotonic_us() < until_us && !ferror(stdout));
    session_pause(t->session, LOOK_MS);
    int rc = read_all(t);
    session_begin(t->session);
    trace_end(t->session->queue, t->link->name, on_done, t);
    return session_wait(t->session) == 0 ? rc : -1;
}

static int
check_call(const struct cli_call *call, const struct conf_link *link, uint64_t *seconds)
{
    const struct trace_options *options = call->options;
    if (!options->seconds || !str_to_u64(str_of(options->seconds), SECONDS_MOST, seconds) ||
        *seconds == 0) {
        return cli_fail(call, CLI_USAGE, text_of("--seconds: a number from 1 to %d would be right"),
                        SECONDS_MOST);
    }
    if (link->kind != LINK_SMPP) {
        return cli_fail(call, CLI_FAILED, text_of("%s is no SMPP link: it has no PDUs"),
                        link->name);
    }
    if (isatty(STDOUT_FILENO)) {
        return cli_fail(call, CLI_USAGE, "%s",
                        text_of("a capture is no text: write it to a file, or into tshark -r -"));
    }
    return CLI_DONE;
}

int
cmd_link_trace(const struct cli_call *call)
{
    const struct trace_options *options = call->options;
    struct session s;
    uint64_t seconds = 0;
    int code = session_open(&s, call);
    if (code != CLI_DONE) {
        return code;
    }
    struct tracing t = {.session = &s, .from = "0"};
    t.link = session_link(&s, call->operands[0]);
    code = t.link ? check_call(call, t.link, &seconds) : CLI_FAILED;
    if (code == CLI_DONE) {
        code = trace(&t, (int64_t)seconds, options->full) == 0 ? CLI_DONE : CLI_FAILED;
        (void)fprintf(stderr, text_of("%llu PDUs\n"), (unsigned long long)t.pdus);
    }
    session_close(&s);
    return code;
}

/* The log, the phones' texts and the packets of the simulator. */
// SPDX-License-Identifier: MIT
#include "tests/sim/journal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "gateway/core/mem.h"
#include "tests/sim/text.h"

enum { PARTS_MAX = 16, PACKET_MAX = 60000, DLT_RAW = 101, PCAP_PORT = 2775 };

static int64_t
clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
journal_now_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

int64_t
journal_wall_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

static void
pcap_begin(FILE *out)
{
    const uint32_t head[6] = {0xa1b2c3d4, 2U | 4U << 16, 0, 0, 65535, DLT_RAW};
    fwrite(head, sizeof head, 1, out);
}

static int
open_one(FILE **file, const char *name)
{
    *file = name ? fopen(name, "w") : NULL;
    return name && !*file ? -1 : 0;
}

int
journal_open(struct journal *j, const char *log, const char *phones, const char *pcap)
{
    *j = (struct journal){0};
    if (open_one(&j->log, log) != 0 || open_one(&j->phones, phones) != 0 ||
        open_one(&j->pcap, pcap) != 0) {
        return -1;
    }
    if (j->pcap) {
        (void)getrandom(&j->gateway, sizeof j->gateway, 0);
        j->gateway = 0x0a000000 | (j->gateway & 0xffffff);
        pcap_begin(j->pcap);
    }
    return 0;
}

void
journal_flush(struct journal *j)
{
    FILE *const files[] = {j->log, j->phones, j->pcap};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (files[i]) {
            fflush(files[i]);
        }
    }
}

static void
put_escaped(FILE *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\t' || *p == '\n' || *p == '\r' || *p == '\\') {
            fputc('\\', out);
        }
        fputc(*p == '\t' ? 't' : *p == '\n' ? 'n' : *p == '\r' ? 'r' : *p, out);
    }
}

static void
put_head(FILE *log, const char *event, uint32_t session)
{
    fprintf(log, "%s\t%lld\t%lld\t%u", event, (long long)journal_now_us(),
            (long long)journal_wall_us(), session);
}

void
journal_event(struct journal *j, const char *event, uint32_t session, const char *format, ...)
{
    if (!j->log) {
        return;
    }
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put_head(j->log, event, session);
    fprintf(j->log, "\t%s\n", text);
}

void
journal_submit(struct journal *j, const struct journal_submit *entry)
{
    if (!j->log) {
        return;
    }
    const struct wire_submit *s = entry->s;
    char text[TEXT_MAX];
    text_decode(s->octets, s->octets_n, s->data_coding, text, sizeof text);
    put_head(j->log, "submit", entry->session);
    fprintf(j->log, "\t%u\t%s\t0x%08x\t%s\t%u\t%u\t%d\t%d\t%d\t%s\t%s\t%u\t", entry->sequence,
            s->destination, entry->status, entry->id, s->esm_class, s->data_coding, s->ref,
            s->total, s->part, entry->answered ? "yes" : "never", s->source, s->registered);
    put_escaped(j->log, text);
    fputc('\n', j->log);
}

/* A message whose parts are still coming. */
struct phone_message {
    struct phone_message *next;
    char number[21];
    int ref, total, have;
    char *parts[PARTS_MAX];
};

static void
put_phone(struct journal *j, const struct wire_submit *s, char *const *parts, int n)
{
    fprintf(j->phones, "%s\t%s\t%d\t%s\t", s->destination, s->source, n,
            s->data_coding == 8 ? "ucs2" : "gsm7");
    for (int i = 0; i < n; i++) {
        put_escaped(j->phones, parts[i]);
    }
    fputc('\n', j->phones);
}

static struct phone_message **
find_pending(struct journal *j, const struct wire_submit *s)
{
    uint64_t hash = text_hash(s->destination, strlen(s->destination), (uint64_t)s->ref);
    struct phone_message **at = &j->pending[hash % (sizeof j->pending / sizeof *j->pending)];
    while (*at && ((*at)->ref != s->ref || (*at)->total != s->total ||
                   strcmp((*at)->number, s->destination) != 0)) {
        at = &(*at)->next;
    }
    return at;
}

static void
free_message(struct phone_message *m)
{
    for (int i = 0; i < PARTS_MAX; i++) {
        free(m->parts[i]);
    }
    free(m);
}

void
journal_phone(struct journal *j, const struct wire_submit *s)
{
    char text[TEXT_MAX], *only = text;
    if (!j->phones || s->total > PARTS_MAX) {
        return;
    }
    text_decode(s->octets, s->octets_n, s->data_coding, text, sizeof text);
    if (s->total < 2 || s->part < 1 || s->part > s->total) {
        put_phone(j, s, &only, 1);
        return;
    }
    struct phone_message **at = find_pending(j, s);
    if (!*at) {
        *at = xcalloc(1, sizeof **at);
        memcpy((*at)->number, s->destination, strlen(s->destination) + 1);
        (*at)->ref = s->ref;
        (*at)->total = s->total;
    }
    struct phone_message *m = *at;
    if (!m->parts[s->part - 1]) {
        m->parts[s->part - 1] = xstrdup(text);
        m->have++;
    }
    if (m->have == m->total) {
        put_phone(j, s, m->parts, m->total);
        *at = m->next;
        free_message(m);
    }
}

static void
be16_put(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void
be32_put(uint8_t *p, uint32_t v)
{
    be16_put(p, v >> 16);
    be16_put(p + 2, v);
}

/* IPv4 and TCP headers between the gateway (10.…, another one for each journal, so that
 * captures can be put together) and the SMSC (192.0.2.1, the port that is SMPP's). */
static void
frame_put(uint8_t head[40], uint32_t gateway, const struct journal_stream *s, bool from_smsc,
          size_t n)
{
    const uint32_t smsc = 0xc0000201;
    memset(head, 0, 40);
    head[0] = 0x45;
    be16_put(head + 2, (uint32_t)(40 + n));
    head[8] = 64;
    head[9] = 6;
    be32_put(head + 12, from_smsc ? smsc : gateway);
    be32_put(head + 16, from_smsc ? gateway : smsc);
    be16_put(head + 20, from_smsc ? PCAP_PORT : s->client_port);
    be16_put(head + 22, from_smsc ? s->client_port : PCAP_PORT);
    be32_put(head + 24, 1 + s->sent[from_smsc]);
    be32_put(head + 28, 1 + s->sent[!from_smsc]);
    head[32] = 0x50;
    head[33] = 0x18;
    be16_put(head + 34, 65535);
}

void
journal_packet(struct journal *j, struct journal_stream *stream, bool from_smsc,
               const uint8_t *octets, size_t n)
{
    while (j->pcap && n > 0) {
        size_t now = n < PACKET_MAX ? n : PACKET_MAX;
        uint8_t head[40];
        int64_t us = journal_wall_us();
        uint32_t record[4] = {(uint32_t)(us / 1000000), (uint32_t)(us % 1000000),
                              (uint32_t)(now + sizeof head), (uint32_t)(now + sizeof head)};
        frame_put(head, j->gateway, stream, from_smsc, now);
        fwrite(record, sizeof record, 1, j->pcap);
        fwrite(head, sizeof head, 1, j->pcap);
        fwrite(octets, now, 1, j->pcap);
        stream->sent[from_smsc] += (uint32_t)now;
        octets += now;
        n -= now;
    }
}

void
journal_close(struct journal *j)
{
    FILE *const files[] = {j->log, j->phones, j->pcap};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (files[i]) {
            fclose(files[i]);
        }
    }
    for (size_t i = 0; i < sizeof j->pending / sizeof *j->pending; i++) {
        while (j->pending[i]) {
            struct phone_message *m = j->pending[i];
            j->pending[i] = m->next;
            free_message(m);
        }
    }
}

/* Connections: bytes in, frames out of them, bytes out. */
// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "gateway/core/mem.h"
#include "tests/sim/smsc.h"

enum { IN_ROOM = 256 * 1024, OUT_FULL = 8 << 20 };

struct session *
session_find(struct smsc *smsc, uint32_t id)
{
    for (struct session *s = smsc->sessions; s; s = s->next) {
        if (s->id == id && !s->closed) {
            return s;
        }
    }
    return NULL;
}

void
session_fault(struct session *s, const char *format, ...)
{
    char text[240];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    s->smsc->counts.faults++;
    journal_event(&s->smsc->journal, "error", s->id, "%s", text);
}

void
session_close(struct session *s, const char *why)
{
    if (!s->closed) {
        s->closed = true;
        journal_event(&s->smsc->journal, "close", s->id, "%s\t%lld", why, (long long)s->unanswered);
    }
}

static void
make_room(struct session *s, size_t n)
{
    if (s->out_n + n > s->out_room) {
        s->out_room = (s->out_n + n) * 2 + IN_ROOM;
        s->out = xrealloc(s->out, s->out_room);
    }
}

uint8_t *
session_room(struct session *s)
{
    make_room(s, WIRE_SMALL);
    return s->out + s->out_n;
}

void
session_wrote(struct session *s, size_t n)
{
    s->out_n += n;
}

void
session_put(struct session *s, const void *octets, size_t n)
{
    make_room(s, n);
    memcpy(s->out + s->out_n, octets, n);
    s->out_n += n;
}

static void
on_drip(evutil_socket_t fd, short what, void *arg)
{
    struct session *s = arg;
    (void)fd;
    (void)what;
    smsc_turn_begin(s->smsc);
    smsc_turn_end(s->smsc);
}

/* How many octets may be written now; 0: the next ones have their time. */
static size_t
drops(struct session *s)
{
    const struct behaviour *b = &s->smsc->behaviour;
    size_t n = s->out_n - s->out_sent;
    if (b->drip == 0 || n == 0) {
        return n;
    }
    if (!s->drip_event) {
        s->drip_event = evtimer_new(s->smsc->base, on_drip, s);
    } else if (event_pending(s->drip_event, EV_TIMEOUT, NULL)) {
        return 0;
    }
    event_add(s->drip_event, &(struct timeval){b->drip_us / 1000000, b->drip_us % 1000000});
    return n < (size_t)b->drip ? n : (size_t)b->drip;
}

void
session_freeze(struct session *s)
{
    s->frozen = true;
    event_del(s->read_event);
    event_del(s->write_event);
}

void
session_flush(struct session *s)
{
    while (!s->closed && !s->frozen && s->out_sent < s->out_n) {
        size_t some = drops(s);
        if (some == 0) {
            return;
        }
        ssize_t n = write(s->fd, s->out + s->out_sent, some);
        if (n > 0) {
            journal_packet(&s->smsc->journal, &s->stream, true, s->out + s->out_sent, (size_t)n);
            s->out_sent += (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            event_add(s->write_event, NULL);
            return;
        } else if (n < 0 && errno != EINTR) {
            session_close(s, strerror(errno));
        }
    }
    if (!s->frozen) {
        s->out_n = s->out_sent = 0;
    }
}

/* Frees it; what it had sent without an answer goes again on another. */
static void
session_free(struct session *s)
{
    for (int i = 0; i < SESSION_SLOTS; i++) {
        if (s->waiting[i]) {
            deliver_again(s->smsc, s->waiting[i]);
        }
    }
    event_free(s->read_event);
    event_free(s->write_event);
    struct event *own[] = {s->enquire_event, s->drip_event};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (own[i]) {
            event_free(own[i]);
        }
    }
    close(s->fd);
    free(s->in);
    free(s->out);
    free(s);
}

static void
reap(struct smsc *smsc)
{
    for (struct session **at = &smsc->sessions; *at;) {
        struct session *s = *at;
        if (s->closed) {
            *at = s->next;
            session_free(s);
        } else {
            at = &s->next;
        }
    }
}

void
smsc_turn_begin(struct smsc *smsc)
{
    smsc->now_us = journal_now_us();
}

static void
arm(struct smsc *smsc)
{
    int64_t next = later_next_us(smsc);
    if (next >= 0) {
        int64_t wait = next > smsc->now_us ? next - smsc->now_us : 0;
        event_add(smsc->timer, &(struct timeval){wait / 1000000, wait % 1000000});
    }
}

static void
keep_log(struct smsc *smsc)
{
    if (!smsc->quiet) {
        journal_flush(&smsc->journal);
    }
}

void
smsc_turn_end(struct smsc *smsc)
{
    later_run(smsc);
    deliver_pump(smsc);
    keep_log(smsc); /* before the peer can know of it */
    for (struct session *s = smsc->sessions; s; s = s->next) {
        session_flush(s);
    }
    reap(smsc);
    arm(smsc);
    keep_log(smsc);
}

/* Takes every whole PDU out of what has come. */
static void
take_frames(struct session *s)
{
    size_t at = 0;
    while (!s->closed && s->in_n - at >= WIRE_HEADER) {
        struct wire_header h;
        wire_read_header(s->in + at, &h);
        if (h.length < WIRE_HEADER || h.length > WIRE_PDU_MAX) {
            session_fault(s, "command_length %u", h.length);
            session_close(s, "bad command_length");
            return;
        }
        if (h.length > s->in_n - at) {
            break;
        }
        dialogue_take(s, &h, s->in + at);
        at += h.length;
    }
    memmove(s->in, s->in + at, s->in_n - at);
    s->in_n -= at;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct session *s = arg;
    struct smsc *smsc = s->smsc;
    (void)what;
    smsc_turn_begin(smsc);
    ssize_t n = read(fd, s->in + s->in_n, IN_ROOM - s->in_n);
    if (n > 0) {
        journal_packet(&smsc->journal, &s->stream, false, s->in + s->in_n, (size_t)n);
        s->in_n += (size_t)n;
        take_frames(s);
        if (s->out_n - s->out_sent > OUT_FULL) {
            session_close(s, "the peer does not read its answers");
        }
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        session_close(s, n == 0 ? "closed by the peer" : strerror(errno));
    }
    smsc_turn_end(smsc);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct session *s = arg;
    (void)fd;
    (void)what;
    smsc_turn_begin(s->smsc);
    smsc_turn_end(s->smsc);
}

void
session_accept(struct smsc *smsc, int fd, uint16_t client_port)
{
    struct session *s = xcalloc(1, sizeof *s);
    s->smsc = smsc;
    s->fd = fd;
    s->id = ++smsc->sessions_n;
    s->in = xmalloc(IN_ROOM);
    s->stream.client_port = client_port;
    s->read_event = event_new(smsc->base, fd, EV_READ | EV_PERSIST, on_readable, s);
    s->write_event = event_new(smsc->base, fd, EV_WRITE, on_writable, s);
    event_add(s->read_event, NULL);
    s->next = smsc->sessions;
    smsc->sessions = s;
    smsc->counts.sessions++;
    journal_event(&smsc->journal, "connect", s->id, "%u", client_port);
}

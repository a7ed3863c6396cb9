/* An SMPP link from the inside: what session.c (its life), submit.c (messages out), incoming.c
 * (PDUs in) and text.c (templates) share.
 *
 *   STOPPED ─start─▶ WAITING ─▶ CONNECTING ─▶ BINDING ─▶ BOUND ─drain─▶ UNBINDING ─▶ STOPPED
 *                      ▲            │           │        │ └─unbind in─▶ LEAVING
 *                      └────────────┴───────────┴────────┴──────────────────┘ lost, refused
 */
#ifndef LOA_LINKS_SMPP_SESSION_H
#define LOA_LINKS_SMPP_SESSION_H
// SPDX-License-Identifier: MIT

#include "gateway/core/rate.h"
#include "gateway/core/throttle.h"
#include "gateway/links/kind.h"
#include "gateway/links/smpp/conn.h"
#include "gateway/links/smpp/pdu.h"
#include "gateway/links/smpp/window.h"

struct event;

enum phase {
    PHASE_STOPPED,
    PHASE_WAITING,
    PHASE_CONNECTING,
    PHASE_BINDING,
    PHASE_BOUND,
    PHASE_LEAVING,
    PHASE_UNBINDING,
};

/* A part that was answered "throttled" and goes again. */
struct held_part {
    struct link_message *message;
    uint32_t part;
};

/* One SMPP link. */
struct session {
    struct link link;
    struct link_events events;
    struct event_base *base;
    struct conn *conn;
    struct rate *rate; /* NULL: none set */
    struct window window;
    enum phase phase;
    enum link_state told;           /* the state last told */
    bool draining, heard, outcomes; /* since the last turn: octets came, outcomes were told */
    struct event *tick, *pump, *wake, *retry;
    int64_t enquire_us, response_us;
    int64_t phase_us, heard_us, enquired_us, drain_until_us; /* enquired_us 0: not under way */
    uint32_t bind_sequence, generation;
    unsigned failures;    /* connections in a row that came to nothing */
    bool credentials_bad; /* wait long before the next bind */
    int tokens;           /* receipts and replies not answered yet */

    /* Messages not wholly written, in order; only the first may have begun. */
    struct link_message *first, **last;
    int waiting_parts;      /* of them, unwritten */
    struct held_part *held; /* ring of window.size */
    int held_at, held_n;
    struct throttle throttle;
    struct rate *pace; /* keeps throttle.limit; NULL: none found */
    int64_t now_us;    /* when this turn's first PDU came */

    uint64_t submitted; /* parts committed to the connection */
    struct link_stats stats;
};

/* session.c */
void session_bound(struct session *s);
void session_refused(struct session *s, uint32_t status); /* the bind was */
void session_left(struct session *s);                     /* the peer unbinds */
/* Tells the state if it is another than told before (or `always`). */
void session_tell(struct session *s, const char *why, bool always);
void session_error(struct session *s, const char *format, ...) PRINTF_LIKE(2, 3); /* last_error */
void session_put_plain(struct session *s, uint32_t id, uint32_t status, uint32_t sequence);

/* submit.c */
void submit_take(struct session *s, struct link_message *m);
/* Sends what may be sent, and arms the timer for what may not yet. */
void submit_pump(struct session *s, int64_t now_us);
void submit_answered(struct session *s, uint32_t sequence, uint32_t status, struct str id);
void submit_time_out(struct session *s, int64_t now_us);
/* A part stands in the connection's buffer, none of it written, and its lease is over. */
bool submit_is_stale(const struct session *s, int64_t now_us);
void submit_watch_pace(struct session *s, int64_t now_us);
/* The rate that is set, or the limit that was found, is another one now. */
void submit_pace_changed(struct session *s);
void submit_lose(struct session *s); /* the connection is gone: every message goes back */
int submit_room(const struct session *s, int parts);
int submit_rate(const struct session *s);
uint64_t submit_count(const struct session *s); /* parts written to the socket */

/* incoming.c */
void incoming_pdu(struct session *s, const uint8_t *b, size_t n);
void incoming_answer(struct session *s, uint64_t token, bool stored);

/* text.c */
struct link_text *text_new(struct link *link, const struct link_content *content,
                           struct err *err) MUST_CHECK;
void text_free(struct link_text *text);
/* Writes part `part` for `m` to `out` (room for PDU_TEMPLATE_MAX).  Returns its length. */
size_t text_emit(const struct link_message *m, uint32_t part, uint32_t sequence, uint8_t *out);

#endif

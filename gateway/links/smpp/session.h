/* An SMPP link from the inside: what smpp.c (the link: its sessions together), session.c (the life
 * of one bind), submit.c (messages out) and incoming.c (PDUs in) share.  Templates: text.h.
 *
 *   STOPPED ─start─▶ WAITING ─▶ CONNECTING ─▶ BINDING ─▶ BOUND ─drain─▶ UNBINDING ─▶ STOPPED
 *                      ▲            │           │        │ └─unbind in─▶ LEAVING
 *                      └────────────┴───────────┴────────┴──────────────────┘ lost, refused
 *
 * A link has `binds` sessions (a pair: twice as many).  They share the rate and the window; a
 * message goes out on one of them, all its parts; a lost session makes only its own uncertain. */
#ifndef LOA_LINKS_SMPP_SESSION_H
#define LOA_LINKS_SMPP_SESSION_H
// SPDX-License-Identifier: MIT

#include "gateway/core/rate.h"
#include "gateway/core/throttle.h"
#include "gateway/links/kind.h"
#include "gateway/links/smpp/conn.h"
#include "gateway/links/smpp/late.h"
#include "gateway/links/smpp/pause.h"
#include "gateway/links/smpp/pdu.h"
#include "gateway/links/smpp/window.h"

struct event;
struct outbind;

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

/* One bind of a link: its connection, its part of the window, its messages. */
struct session {
    struct smpp *smpp;
    enum bind_mode mode; /* never BIND_PAIR */
    int number;          /* for the log: 1 … */
    struct conn *conn;
    struct window window; /* each could take the link's whole window */
    struct late late;
    enum phase phase;
    bool heard;    /* octets came since the last turn */
    bool doubtful; /* a part has no answer, nor was anything heard since: asked before more goes */
    bool passive;  /* the SMSC connects it (outbind): not tried by itself */
    bool barred;   /* refused for good: stops, and is not tried again by itself */
    bool renewing; /* unbound by ourselves, to bind anew */
    struct event *retry;
    int64_t phase_us, heard_us, enquired_us; /* enquired_us 0: not under way */
    int64_t assured_us;                      /* when it was doubtful last, and then heard */
    int64_t busy_us;                         /* when the last message went or came */
    uint32_t bind_sequence, generation;      /* generation: of this connection, in the link */
    unsigned failures;                       /* connections in a row that came to nothing */
    int faults;                              /* PDUs that were refused, less those that were not */
    int tokens;                              /* receipts and replies not answered yet */

    /* Messages not wholly written, in order; only the first may have begun. */
    struct link_message *first, **last;
    int waiting_parts;      /* of them, unwritten */
    struct held_part *held; /* ring of window.size */
    int held_at, held_n;
    int64_t now_us;     /* when this turn's first PDU came */
    uint64_t submitted; /* parts committed to the connection */
};

/* One SMPP link: what its sessions share. */
struct smpp {
    struct link link;
    struct link_events events;
    struct event_base *base;
    struct conn_to to;
    struct session *sessions;
    struct outbind *outbind; /* NULL: none; its session is the last */
    int sessions_n, turn;    /* turn: whose it is to take the next message */
    int window;              /* parts without an answer, of all sessions */
    struct rate *rate;       /* NULL: none set */
    struct rate *pace;       /* keeps throttle.limit; NULL: none found */
    struct throttle throttle;
    struct pause pause;
    bool references;            /* user_message_reference goes along: until the SMSC refuses it */
    struct allowance allowance; /* of a shared rate */
    bool shared;                /* other processes have a part of the rate */
    enum link_trace trace;
    enum link_state told;    /* the state last told */
    bool draining, outcomes; /* outcomes were told since the last turn */
    struct event *tick, *pump, *wake;
    int64_t enquire_us, response_us, drain_until_us;
    uint32_t generations;
    struct link_stats stats;
};

/* smpp.c */
bool smpp_has_bound(const struct smpp *l); /* any session */
int smpp_taken(const struct smpp *l);      /* parts without an answer, of all sessions */
int smpp_used(const struct smpp *l);       /* … and those that are held back */
int smpp_waiting_parts(const struct smpp *l);
/* Sends what may be sent, and arms the timer for what may not yet. */
void smpp_pump(struct smpp *l);
void smpp_turn(struct smpp *l);
/* Tells the state if it is another than told before (or `always`). */
void smpp_tell(struct smpp *l, const char *why, bool always);
void smpp_error(struct smpp *l, const char *format, ...) PRINTF_LIKE(2, 3); /* last_error */
void smpp_bound(struct smpp *l);                    /* a session is: the others may follow */
void smpp_stopped(struct smpp *l, const char *why); /* a session has */

/* session.c */
void session_init(struct session *s, struct smpp *l, int number, enum bind_mode mode);
void session_deinit(struct session *s);
void session_start(struct session *s);                 /* connects at once; one that runs goes on */
void session_stop(struct session *s);                  /* at once */
void session_follow(struct session *s);                /* one that waited for a first bind */
void session_watch(struct session *s, int64_t now_us); /* its timers, each tick */
/* Draining goes on with what has begun, and ends with an unbind. */
void session_drain(struct session *s, int64_t now_us);
bool session_takes(const struct session *s); /* it is bound, may send, and is alive */
/* False: this session has a connection already. */
bool session_adopt(struct session *s, int fd) MUST_CHECK;
void session_bind(struct session *s); /* sends the bind */
void session_bound(struct session *s);
void session_refused(struct session *s, uint32_t status); /* the bind was */
void session_left(struct session *s);                     /* the peer unbinds */
void session_put_plain(struct session *s, uint32_t id, uint32_t status, uint32_t sequence);

/* submit.c */
void submit_take(struct session *s, struct link_message *m);
/* On a session that is not bound, or a link that drains: nothing new begins. */
void submit_give_back(struct session *s);
void submit_held(struct session *s, int64_t now_us);    /* what was throttled goes again */
void submit_waiting(struct session *s, int64_t now_us); /* then what was not begun */
void submit_answered(struct session *s, uint32_t sequence, uint32_t status, struct str id);
void submit_time_out(struct session *s, int64_t now_us);
/* A part stands in the connection's buffer, none of it written, and its lease is over. */
bool submit_is_stale(const struct session *s, int64_t now_us);
void submit_lose(struct session *s); /* the connection is gone: every message goes back */
uint64_t submit_count(const struct session *s); /* parts written to the socket */

/* incoming.c */
void incoming_pdu(struct session *s, const uint8_t *b, size_t n);
void incoming_answer(struct smpp *l, uint64_t token, bool stored);

#endif

/* The simulated SMSC: its sessions, what it has counted, and what it will do later. */
#ifndef LOA_SIM_SMSC_H
#define LOA_SIM_SMSC_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/behaviour.h"
#include "tests/sim/journal.h"
#include "tests/sim/tally.h"
#include "tests/sim/wire.h"

struct event;
struct event_base;

/* A deliver_sm to be sent, and sent again until it is answered. */
struct delivery {
    struct delivery *next;
    uint64_t message; /* whose receipt it is */
    uint32_t session; /* where the message came in */
    int state;        /* message_state, 0: a member's message */
    int reference;    /* user_message_reference of its submit, -1: none */
    int64_t accepted_s;
    char from[21], to[21]; /* as they stand in the deliver_sm */
    char text[160];
};

/* Something that waits for its time: an answer, or a delivery. */
struct later {
    int64_t due_us;
    uint64_t order;
    struct delivery *delivery; /* NULL: an answer */
    uint64_t message;
    uint32_t session, sequence, status;
    bool nack;   /* the answer is a generic_nack */
    bool astray; /* … names a submit that was never made */
};

enum { SESSION_SLOTS = 1024 };

/* One connection of an ESME.  Owns its buffers; freed at the end of the turn that closed it. */
struct session {
    struct session *next;
    struct smsc *smsc;
    struct event *read_event, *write_event, *enquire_event, *drip_event;
    uint32_t id, bound; /* the command that bound it, 0: not yet */
    int fd;
    bool injected;                                /* raw octets: their answers answer something */
    bool closed, frozen, unbinding, unbound_here; /* unbound_here: the unbind was the case's */
    char system_id[17];
    uint8_t *in, *out;
    size_t in_n, out_n, out_sent, out_room;
    uint32_t last_sequence, next_sequence;
    int64_t submits, unanswered;
    struct delivery *waiting[SESSION_SLOTS]; /* deliver_sm without an answer, by sequence */
    int waiting_n;
    struct journal_stream stream;
};

struct smsc_counts {
    int64_t submits, accepted, refused, throttled, duplicates, silent, binds, binds_refused;
    int64_t sessions, most_unanswered, receipts_sent, receipts_answered, receipts_refused;
    int64_t replies_sent, enquiries, unbinds, faults;
    int64_t first_us, last_us;
};

struct smsc {
    struct event_base *base;
    struct behaviour behaviour;
    const char *case_file, *summary_file;
    struct journal journal;
    bool quiet;
    struct session *sessions;
    uint32_t sessions_n;
    struct smsc_counts counts;
    int64_t case_submits, case_binds, case_enquiries; /* since the case was read */
    struct tally numbers, messages, refusals;
    struct meter all, accepted;
    uint64_t id_base, message, order, random;
    int64_t now_us; /* CLOCK_MONOTONIC of this turn */
    struct later *heap;
    size_t heap_n, heap_room;
    struct event *timer, *killer;
    uint32_t killed; /* the session that was last */
    struct delivery *ready, **ready_end;
};

/* session.c: bytes in and out. */
void session_accept(struct smsc *smsc, int fd, uint16_t client_port);
void session_close(struct session *s, const char *why);
struct session *session_find(struct smsc *smsc, uint32_t id);
/* Room for one small PDU at the end of what will be written; session_wrote() takes it over. */
uint8_t *session_room(struct session *s);
void session_wrote(struct session *s, size_t n);
void session_put(struct session *s, const void *octets, size_t n);
void session_flush(struct session *s);
/* Neither read nor written any more, as behind a broken line: it stays open. */
void session_freeze(struct session *s);
/* A fault of the peer: counted and logged as `error`. */
void session_fault(struct session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Writes what waits, frees what is closed, arms the timer.  Ends every turn of the loop. */
void smsc_turn_begin(struct smsc *smsc);
void smsc_turn_end(struct smsc *smsc);

/* dialogue.c: what each PDU does. */
void dialogue_take(struct session *s, const struct wire_header *h, const uint8_t *pdu);

/* submit.c */
void submit_happen(struct session *s, bool before_bind);
void submit_take(struct session *s, const struct wire_header *h, const uint8_t *pdu);
void submit_answer_now(struct session *s, const struct later *answer);

/* deliver.c */
void deliver_schedule(struct session *s, const struct wire_submit *m, uint64_t message);
void deliver_reply(struct session *s, const struct happening *h);
void deliver_ready(struct smsc *smsc, struct delivery *d);
void deliver_again(struct smsc *smsc, struct delivery *d); /* before all others */
void deliver_pump(struct smsc *smsc);
void deliver_answered(struct session *s, const struct wire_header *h);

/* later.c */
void later_add(struct smsc *smsc, const struct later *l);
void later_run(struct smsc *smsc);              /* what is due now */
int64_t later_next_us(const struct smsc *smsc); /* -1: nothing */

/* The message id in a form; `out` holds 40. */
void smsc_id(const struct smsc *smsc, uint64_t message, enum id_form form, char out[40]);
uint64_t smsc_random(struct smsc *smsc);

#endif

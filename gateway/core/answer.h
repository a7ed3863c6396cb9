/* What a platform's HTTP answer means for the message that it answers: one class for every outcome,
 * whatever the platform.  Pure: bytes in, a verdict out.
 * A code that no table names may mean that the message went out: it is ambiguous, and said. */
#ifndef LOA_CORE_ANSWER_H
#define LOA_CORE_ANSWER_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

#include "gateway/core/str.h"

enum answer_class {
    ANSWER_OK,            /* taken by the platform, not delivered yet */
    ANSWER_OK_ALREADY,    /* an earlier try with the same key was taken: it counts as sent */
    ANSWER_RETRY_LATER,   /* certainly not sent; again after a while, or at `until` */
    ANSWER_THROTTLE,      /* certainly not sent; the whole link waits until `until` */
    ANSWER_REFRESH_TOKEN, /* certainly not sent; once more with a newer token */
    ANSWER_QUOTA,         /* certainly not sent; the link stops until `until` */
    ANSWER_RECIPIENT,     /* this member cannot be reached here: the next channel */
    ANSWER_CONFIG,        /* the link is broken until a person acts */
    ANSWER_MESSAGE,       /* only this message is malformed */
    ANSWER_AMBIGUOUS,     /* may have been sent: never again blindly */
    ANSWER_CLASSES
};

/* How far a request came, as the transport saw it. */
enum answer_transport {
    TRANSPORT_ANSWERED, /* a whole answer with a status */
    TRANSPORT_NOT_SENT, /* certainly not all of it left: no connection, no TLS, no end of its body
                         */
    TRANSPORT_LOST,     /* it may have left, and no whole answer came */
};

/* When it may go on. */
enum answer_until {
    UNTIL_BACKOFF,  /* the usual wait between tries */
    UNTIL_SECONDS,  /* in `wait_s` seconds */
    UNTIL_MINUTE,   /* when the next minute begins */
    UNTIL_MORNING,  /* 06:05 in Vietnam, when templates may go again */
    UNTIL_MIDNIGHT, /* when the day ends in Vietnam */
    UNTIL_MONTH,    /* when the month ends there */
};

enum { ANSWER_ID = 65, ANSWER_CODE = 12, ANSWER_CHAT = 24, ANSWER_REASON = 6 };

/* What the transport brought. */
struct answer_reply {
    enum answer_transport transport;
    int status; /* HTTP; 0 when none came */
    struct str body;
    int64_t retry_after_s; /* its header of that name (RFC 9110 §10.2.3); 0: none */
};

/* The verdict. */
struct answer {
    enum answer_class class;
    enum answer_until until;
    int wait_s;
    bool unknown;                  /* no table names the code: a person should be told */
    bool opt_out;                  /* the member refused this sender there */
    bool plain;                    /* the same text without formatting would be taken */
    char code[ANSWER_CODE];        /* the platform's: "-118", "403", "104"; "" if there was none */
    char reason[ANSWER_REASON];    /* the ledger's code (core/reason.h) */
    char id[ANSWER_ID];            /* the platform's message id, "" if none */
    char migrate_to[ANSWER_CHAT];  /* Telegram: the chat's new id, "" if it has not moved */
    int64_t quota_day, quota_left; /* Zalo: as told with a success, -1: not told */
};

/* "ok", "retry-later", "perm-config/msg" …: the names of the wire reference. */
const char *answer_class_name(enum answer_class class);
/* True when nothing of it can have reached the member: it may be sent again, or elsewhere. */
bool answer_not_sent(enum answer_class class);
/* What was certainly not sent and has no time of its own goes on when the reply's header says. */
void answer_retry_after(const struct answer_reply *reply, struct answer *out);
/* Unix ms from which on it may go again; 0 for UNTIL_BACKOFF.  `offset_min` of the time zone. */
int64_t answer_until_ms(const struct answer *answer, int64_t now_ms, int offset_min);

/* Zalo: business.openapi.zalo.me (template messages) and openapi.zalo.me (OA) have tables of their
 * own. */
enum answer_host { ZALO_BUSINESS, ZALO_OA };
void answer_zalo(enum answer_host host, const struct answer_reply *reply, struct answer *out);
/* The meaning of a Zalo code in a word ("no-zalo-account"), NULL for one that no table names. */
const char *answer_zalo_word(int64_t code);

/* The answer to sendMessage. */
void answer_telegram(const struct answer_reply *reply, struct answer *out);

/* A token endpoint's answer. */
struct answer_token {
    enum answer_class class; /* OK, CONFIG, RETRY_LATER, AMBIGUOUS */
    char code[ANSWER_CODE];
    struct str access, refresh; /* in `body` or in `arena` */
    int64_t expires_s;          /* how long the access token lives */
};
struct arena;
void answer_token(const struct answer_reply *reply, struct arena *arena, struct answer_token *out);

/* message/status. */
enum answer_delivery { DELIVERY_UNKNOWN, DELIVERY_PUSHED, DELIVERY_DONE };
enum answer_delivery answer_zalo_status(const struct answer_reply *reply);
/* message/quota: false when it could not be read. */
bool answer_zalo_quota(const struct answer_reply *reply, int64_t *day, int64_t *left);

/* For the platforms' own files: no JSON to go by, so the transport and the HTTP status decide.
 * True: `out` is decided.  False: a whole answer with a body that must be read. */
bool answer_by_transport(const struct answer_reply *reply, struct answer *out);

#endif

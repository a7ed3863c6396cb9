/* A link: one connection to the outside.  It knows nothing of Redis: it is handed messages and
 * reports outcomes.  Everything happens on the one event loop; no call blocks. */
#ifndef LOA_LINKS_LINK_H
#define LOA_LINKS_LINK_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/conf.h"
#include "gateway/core/segment.h"

struct event_base;
struct link;
struct link_text; /* a text made ready for one link: packed PDU templates, one a part */

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_BOUND, LINK_THROTTLED, LINK_STOPPED };

enum link_result {
    LINK_ACCEPTED,    /* every part has a positive answer */
    LINK_TEMPORARY,   /* refused, may be tried again later */
    LINK_REFUSED,     /* this link can carry nothing now, whatever it is: elsewhere, or later */
    LINK_PERMANENT,   /* refused for good */
    LINK_UNCERTAIN,   /* bytes may be on the wire, no answer (time-out, connection lost) */
    LINK_NOT_WRITTEN, /* no byte of it reached the socket */
};

enum { LINK_ID_SIZE = 65, LINK_ADDRESS_SIZE = 33 };

/* One message under way.  The daemon owns it (a preallocated pool); from link_submit() until
 * on_outcome() the link has it and may write the fields below `result`. */
struct link_message {
    const struct link_text *text;
    char address[LINK_ADDRESS_SIZE]; /* a phone (international digits, no plus), a uid, a chat */
    uint32_t owner, place;           /* the daemon's own: which chunk, which member */
    /* CLOCK_MONOTONIC microseconds, the chunk's lease: past it no byte of the message is written
     * any more; nothing written yet → LINK_NOT_WRITTEN, a part throttled → LINK_TEMPORARY, else
     * LINK_UNCERTAIN.  NULL: no such time. */
    const int64_t *write_before_us;
    struct link_message *next; /* the link's own: its waiting list */
    enum link_result result;
    uint32_t status;  /* command_status of the worst answer; 0 when accepted */
    int64_t retry_ms; /* TEMPORARY, REFUSED: not again before so long a wait */
    uint8_t parts_n, parts_written, parts_answered;
    uint8_t queue_full;                  /* the link's own: answers that the SMSC's queue is full */
    uint8_t parts_open;                  /* the link's own: written or held back, not answered */
    int64_t submitted_s;                 /* Unix seconds of the first part's write */
    char ids[SEGMENT_MAX][LINK_ID_SIZE]; /* message_id of each part, "" if none was given */
};

/* What a broadcast, or a single answer, says: the link cuts and packs it as its network wants it.
 * Borrowed during link_text_new(). */
struct link_content {
    struct str text;    /* UTF-8, NFC; of a template its parameters as "name: value" lines */
    uint16_t reference; /* joins the parts of a message: another one for each content */
    bool emergency;
    bool no_receipt;       /* whatever the link asks for else */
    int64_t expires_s;     /* Unix seconds after which nobody wants it any more, 0: none */
    const char *broadcast; /* its ID; NULL: none, a single answer */
    struct str title, url; /* the announcement's; "": none */
};

/* A delivery report, decoded.  Borrowed during the callback. */
enum receipt_state { RECEIPT_DELIVERED, RECEIPT_UNDELIVERED, RECEIPT_INTERMEDIATE };
struct link_receipt {
    struct str id; /* the SMSC's message id as it stands there, at most 64 characters */
    enum receipt_state state;
    char reason[9]; /* short word for the report: "EXPIRED", "REJECTD", "UNDELIV"…; "" if delivered
                     */
    int error;      /* err: or network_error_code, -1 if none */
};

/* A member's message, raw (SMPP deliver_sm that is no receipt).  Borrowed during the callback. */
struct link_reply {
    char from[LINK_ADDRESS_SIZE], to[LINK_ADDRESS_SIZE];
    int data_coding, esm_class;
    uint16_t sar_reference; /* of the part that it is by SAR parameters; total 0: of none */
    uint8_t sar_total, sar_number;
    struct str octets; /* short_message or message_payload as they came */
};

/* What a link tells the daemon.  `ctx` is given back.  Callbacks come from the event loop, never
 * from inside link_submit(). */
struct link_events {
    void *ctx;
    void (*on_outcome)(void *ctx, struct link *link, struct link_message *message);
    /* `token` goes back through link_answer() once the receipt or reply is in Redis. */
    void (*on_receipt)(void *ctx, struct link *link, const struct link_receipt *r, uint64_t token);
    void (*on_reply)(void *ctx, struct link *link, const struct link_reply *r, uint64_t token);
    void (*on_state)(void *ctx, struct link *link, enum link_state state, const char *why);
    /* After a batch of callbacks of one read: the time to send Redis what was gathered; also when
     * the window or the rate has room again. */
    void (*on_turn)(void *ctx, struct link *link);
};

/* Of this process, since it began. */
struct link_stats {
    uint64_t parts_submitted, throttled, receipts, replies;
    uint64_t unknown_answers; /* that match no part: late, or the peer's mistake */
    int in_flight;            /* parts without an answer */
    int rate_now;             /* parts a second allowed at this moment, 0: unlimited */
    char last_error[120];
    int64_t since_s; /* in this state since (Unix seconds) */
};

/* Whether this release can send by that kind. */
bool link_kind_is_known(enum link_kind kind);
/* Gives a link (stopped).  `conf` and `events` must outlive it. */
struct link *link_new(struct event_base *base, const struct conf_link *conf,
                      const struct link_events *events, struct err *err) MUST_CHECK;
/* Not from a callback.  Messages that it still has are not told. */
void link_free(struct link **link);
void link_start(struct link *link); /* connects, and again and again with backoff and jitter */
/* No new submits; waits for answers at most `wait_ms`, then unbinds and closes; state LINK_STOPPED
 * is told when it is over.  Messages that waited unwritten come back as LINK_NOT_WRITTEN. */
void link_drain(struct link *link, int64_t wait_ms);
const struct conf_link *link_conf(const struct link *link);
enum link_state link_state(const struct link *link);
void link_stats(const struct link *link, struct link_stats *out);

/* How many parts could be handed in now, as messages of `parts` parts each: the free window minus
 * what waits unwritten, held to what the rate lets out in the next 20 ms (rounded up to a whole
 * message).  0 when not bound, and while a throttled link pauses.  Messages with more parts than
 * the window go one at a time: the whole window when nothing else is under way, else 0. */
int link_room(const struct link *link, int parts);
/* Parts a second allowed at this moment (set, or found by throttling), 0: unlimited. */
int link_rate(const struct link *link);
/* Another rate from now on, in parts a second; 0: as fast as the link takes them. */
void link_set_rate(struct link *link, int rate);
int link_window(const struct link *link);

/* Makes a text ready for this link; gives what must outlive its messages. */
struct link_text *link_text_new(struct link *link, const struct link_content *content,
                                struct err *err) MUST_CHECK;
void link_text_free(struct link_text **text);
int link_text_parts(const struct link_text *text);

/* Takes the message until its on_outcome().  Parts of one message leave in order.  On a link that
 * is not bound it comes back as LINK_NOT_WRITTEN. */
void link_submit(struct link *link, struct link_message *message);

/* Answers a receipt or reply: stored true → ESME_ROK, false → a temporary error (it comes again).
 */
void link_answer(struct link *link, uint64_t token, bool stored);

const char *
link_state_name(enum link_state state); /* "down", "connecting", … as in loa:stats:link */

#endif

/* What passes between a link and the daemon: messages and what they say, receipts, replies. */
#ifndef LOA_LINKS_MESSAGE_H
#define LOA_LINKS_MESSAGE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/core/chat.h"
#include "gateway/core/segment.h"

struct link_text; /* a text made ready for one link: packed PDU templates, one a part */

enum link_result {
    LINK_ACCEPTED,    /* every part has a positive answer */
    LINK_TEMPORARY,   /* refused, may be tried again later */
    LINK_REFUSED,     /* this link can carry nothing now, whatever it is: elsewhere, or later */
    LINK_PERMANENT,   /* refused for good */
    LINK_UNCERTAIN,   /* bytes may be on the wire, no answer (time-out, connection lost) */
    LINK_NOT_WRITTEN, /* certainly not sent, through no fault of the message: begin it again */
    LINK_ELSEWHERE,   /* certainly not sent, and not by this channel (before `retry_ms`) */
};

enum { LINK_ID_SIZE = 65, LINK_ADDRESS_SIZE = 33 };

/* One message under way.  The daemon owns it (a preallocated pool); from link_submit() until
 * on_outcome() the link has it and may write the fields below `result`. */
struct link_message {
    const struct link_text *text;
    char address[LINK_ADDRESS_SIZE]; /* a phone (international digits, no plus), a uid, a chat */
    struct str name; /* of a text with names (link_content.names); borrowed until on_outcome() */
    uint32_t owner, place; /* the daemon's own: which chunk, which member */
    uint32_t index;        /* the member's, in the broadcast */
    uint8_t attempt;       /* from 1 on */
    uint16_t
        reference; /* of its first part, and so on: a receipt may name it (receipt.reference) */
    /* CLOCK_MONOTONIC microseconds, the chunk's lease: past it no byte of the message is written
     * any more; nothing written yet → LINK_NOT_WRITTEN, a part throttled → LINK_TEMPORARY, else
     * LINK_UNCERTAIN.  NULL: no such time. */
    const int64_t *write_before_us;
    struct link_message *next; /* the link's own: its waiting list */
    enum link_result result;
    uint32_t status;     /* command_status of the worst answer; 0 when accepted */
    char reason[6];      /* the ledger's code where there is no command_status, else "" */
    int64_t retry_ms;    /* TEMPORARY, REFUSED, ELSEWHERE: not again before so long a wait */
    uint8_t token_tries; /* the link's own: how often it waited for a newer token */
    /* Parts that need not go: an earlier try of the same message was accepted with them (bit i,
     * with its id in `ids`).  The link adds those of this try. */
    uint16_t parts_taken;
    uint8_t parts_n, parts_written, parts_answered; /* written, answered: of this try */
    uint8_t chain;                /* the daemon's own: the first try of this message, 0: this */
    uint8_t parts_due, next_part; /* the link's own: to be written in all; which comes next */
    bool refused_alone;           /* REFUSED, while the link took others */
    bool opted_out;               /* ELSEWHERE: the member wants nothing of this sender there */
    struct chat_turn turn;        /* the link's own: in its chat, among all processes */
    uint8_t queue_full;           /* the link's own: answers that the SMSC's queue is full */
    uint8_t parts_open;           /* the link's own: written or held back, not answered */
    int64_t submitted_s;          /* Unix seconds of the first part's write */
    char ids[SEGMENT_MAX][LINK_ID_SIZE]; /* message_id of each part, "" if none was given */
};

/* What a broadcast, or a single answer, says: the link cuts and packs it as its network wants it.
 * Borrowed during link_text_new(). */
struct link_content {
    struct str text;    /* UTF-8, NFC; of a template its parameters as "name: value" lines */
    uint16_t reference; /* joins the parts of a message: another one for each content */
    bool emergency;
    bool no_receipt;   /* whatever the link asks for else */
    int64_t expires_s; /* Unix seconds after which nobody wants it any more, 0: none */
    int64_t deliver_s; /* … before which no phone shall have it; over, or 0: at once */
    /* "{name}" stands in it, for each message's own; PLAIN: no name has diacritics. */
    enum link_names { NAMES_NONE, NAMES_ANY, NAMES_PLAIN } names;
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
    int reference;  /* link_message.reference plus the part, -1 if it names none */
    char from[LINK_ADDRESS_SIZE], to[LINK_ADDRESS_SIZE]; /* as they stand there */
};

/* An answer that came after its message was told uncertain: a part of it was accepted after all.
 * Borrowed during the callback. */
struct link_late {
    struct str id;       /* the part's, at most 64 characters; empty: none was given */
    const char *address; /* link_message.address, .owner */
    uint32_t owner;
    uint16_t reference; /* link_message.reference plus the part */
    bool whole;         /* with it every part of the message is accepted */
};

/* A member's message, raw (SMPP deliver_sm that is no receipt).  Borrowed during the callback. */
struct link_reply {
    char from[LINK_ADDRESS_SIZE], to[LINK_ADDRESS_SIZE];
    int data_coding, esm_class;
    uint16_t sar_reference; /* of the part that it is by SAR parameters; total 0: of none */
    uint8_t sar_total, sar_number;
    struct str octets; /* short_message or message_payload as they came */
};

#endif

/* How the simulated SMSC behaves: read from a case file, one setting a line. */
#ifndef LOA_SIM_BEHAVIOUR_H
#define LOA_SIM_BEHAVIOUR_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

enum { BEHAVIOUR_RULES = 64, BEHAVIOUR_PATTERN = 40 };

/* What happens to the numbers of a pattern (fnmatch); the first rule that fits counts. */
enum rule_kind { RULE_ERROR, RULE_SILENT, RULE_STATE, RULE_ASTRAY };
struct rule {
    enum rule_kind kind;
    char pattern[BEHAVIOUR_PATTERN];
    uint32_t status; /* RULE_ERROR */
    bool nack;       /* RULE_ERROR: by generic_nack instead of submit_sm_resp */
    int64_t times;   /* RULE_ERROR, RULE_ASTRAY: how often for each number, 0: always */
    int state;       /* RULE_STATE: message_state */
};

/* Something that happens once `after` submits have come, or before a bind is answered. */
struct happening {
    int64_t after;
    bool before_bind;
    bool done;
    char from[21];    /* of a member's message; empty: raw octets */
    char text[160];   /* of a member's message */
    uint8_t raw[256]; /* octets to inject */
    int raw_n;
};

enum bind_answer { BIND_OK, BIND_STATUS, BIND_NEVER, BIND_ASTRAY };
enum id_form { IDS_HEX, IDS_DECIMAL, IDS_UUID, IDS_NONE, IDS_UPPER, IDS_PADDED, IDS_FORMS };
enum receipt_form { RECEIPT_BOTH, RECEIPT_TLV, RECEIPT_TEXT };

struct behaviour {
    enum bind_answer bind;
    uint32_t bind_status;
    int64_t bind_times;               /* how many binds are answered so, 0: all */
    char system_id[17], password[10]; /* empty: any */
    int64_t latency_us, latency_most_us;
    bool reorder, answer_twice;
    int64_t throttle; /* accepted submits in any second, 0: no limit */
    uint32_t throttle_status;
    int64_t drop_after, drop_every, unbind_after, silent_after, close_after_bind; /* 0: never */
    int64_t freeze_after, enquire_mute; /* enquire_mute: how many enquire_link have no answer */
    int64_t drip, drip_us;              /* octets at a time, each so much later; 0: as they are */
    bool receipts, receipt_first, receipt_twice, receipt_elsewhere;
    int64_t receipts_us;
    enum receipt_form receipt_form;
    int64_t receipt_window;
    enum id_form ids, receipt_ids;       /* receipt_ids IDS_FORMS: as in the answers */
    bool echo_reference;                 /* of user_message_reference, in receipts */
    int64_t enquire_us, kill_us, window; /* 0: none */
    int rules_n, happenings_n;
    struct rule rules[BEHAVIOUR_RULES];
    struct happening happenings[BEHAVIOUR_RULES];
};

/* Reads the case file (NULL: an SMSC that accepts everything at once).  Returns -1 with the mistake
 * in `why`: "FILE:LINE: what". */
int behaviour_read(struct behaviour *b, const char *file, char *why, unsigned room);

/* The first rule of `kind` that fits the number, NULL if none. */
const struct rule *behaviour_rule(const struct behaviour *b, enum rule_kind kind,
                                  const char *number);

/* The word of a receipt for a message_state ("DELIVRD"), NULL for an unknown one. */
const char *behaviour_state_name(int state);

#endif

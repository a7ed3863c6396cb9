/* The ledger's record: what `loa report` prints of one member, 48 printable bytes in Redis.  Pure.
 */
#ifndef LOA_CORE_LEDGER_H
#define LOA_CORE_LEDGER_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

/* Layout, blanks where empty: channel 1 (s z t), link 2 (base 36, its place in the broadcast's
 * `links`), attempts 2, parts 2, reason 5, submitted 7 and final 7 (Unix seconds, base 36),
 * message id 22 ("*" : it stands in `…:details` under id:INDEX). */
enum { LEDGER_SIZE = 48, LEDGER_ID = 22, LEDGER_REASON = 5 };

/* A record, unpacked. */
struct ledger {
    char channel; /* 's', 'z', 't', ' ' for none */
    int link;     /* -1: none */
    int attempts, parts;
    char
        reason[LEDGER_REASON + 1]; /* a code of core/reason.h, or SMPP status "s000b"; "" if none */
    int64_t submitted_s, final_s;  /* 0: not */
    char id[LEDGER_ID + 1];        /* "" none, "*" in the details */
};

void ledger_pack(const struct ledger *ledger, char out[LEDGER_SIZE]);
/* A record of NULs (never written) gives an empty ledger.  False when it is no record. */
bool ledger_unpack(const char in[LEDGER_SIZE], struct ledger *out);

/* "sms", "zalo", "telegram" of a record's letter; "" if it is none. */
const char *ledger_channel_name(char letter);

#endif

/* Why a message was skipped, failed or stayed undelivered: the ledger's codes and their words.
 * Pure. */
#ifndef LOA_CORE_REASON_H
#define LOA_CORE_REASON_H
// SPDX-License-Identifier: MIT

#include <stdint.h>

#include "gateway/core/str.h"

enum reason {
    REASON_OPTED_OUT,
    REASON_DUPLICATE,
    REASON_INVALID_ADDRESS,
    REASON_NO_ADDRESS,
    REASON_CAP,
    REASON_CANCELLED,
    REASON_ATTEMPTS, /* used up */
    REASON_RESPONSE, /* no answer came in time */
    REASON_NO_WAY,   /* no connection to the platform */
    REASON_NIGHT,    /* its template may not go at this time of the day */
    REASON_QUOTA,    /* the platform takes no more this day */
    REASON_EXPIRED,
    REASON_UNCONFIRMED, /* no receipt in time: the next channel's turn */
    REASON_N
};

/* The code in the ledger, at most five characters: "optou". */
const char *reason_code(enum reason reason);
/* The code of an SMPP command_status: "s000b"; out[6]. */
void reason_of_status(uint32_t status, char out[6]);

/* The words of a code: "opted-out"; of an SMPP status "invalid-destination (0x0000000b)"; of a
 * receipt's word ("undel") "undeliverable"; of a platform's answer (core/answer.h)
 * "no-zalo-account (-118)".  In Vietnamese the sentence is for people, the
 * English word is the contract.  What is not known stands as it is. */
void reason_words(struct str code, bool vietnamese, char *out, size_t room);

#endif

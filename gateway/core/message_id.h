/* Message ids as an SMSC writes them in its answers and in its receipts, which need not be alike:
 * one form of both to look them up by.  Pure. */
#ifndef LOA_CORE_MESSAGE_ID_H
#define LOA_CORE_MESSAGE_ID_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

enum message_id_form {
    ID_SAME,         /* octet by octet */
    ID_FOLDED,       /* case and leading zeros do not count */
    ID_HEX_ANSWERS,  /* hexadecimal in submit_sm_resp, decimal in receipts */
    ID_HEX_RECEIPTS, /* the other way round */
};

enum { MESSAGE_ID_ROOM = 65 };

/* Writes the form of `id` (at most 64 characters) that answer and receipt of one message have in
 * common.  What is no number of its base is folded. */
void message_id_common(struct str id, enum message_id_form form, bool in_receipt,
                       char out[MESSAGE_ID_ROOM]);

#endif

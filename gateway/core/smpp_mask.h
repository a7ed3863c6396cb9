/* Takes texts and passwords out of an SMPP PDU that somebody else is to see.  Pure. */
#ifndef LOA_CORE_SMPP_MASK_H
#define LOA_CORE_SMPP_MASK_H
// SPDX-License-Identifier: MIT

#include <stddef.h>
#include <stdint.h>

/* Overwrites with 'x' the password of a bind and of an outbind, and the text of submit_sm,
 * deliver_sm, data_sm and submit_multi (short_message but for its user data header, and
 * message_payload); every length stays.  What cannot be walked through becomes 'x' from there on:
 * nothing is shown by mistake. */
void smpp_mask(uint8_t *pdu, size_t n);

#endif

/* Delivery receipts: is a deliver_sm one, and what does it say.  Pure. */
#ifndef LOA_LINKS_SMPP_RECEIPT_H
#define LOA_LINKS_SMPP_RECEIPT_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>

#include "gateway/links/link.h"
#include "gateway/links/smpp/pdu.h"

/* By esm_class; an SMSC that leaves that empty is known by the TLV receipted_message_id. */
bool receipt_is(const struct pdu *pdu);

/* Reads the TLVs (receipted_message_id, message_state, network_error_code), and what they leave out
 * from the text ("id:… stat:… err:…", in any case, any of them missing).  A TLV wins over the text.
 * Without any state it is RECEIPT_INTERMEDIATE.  `out->id` points into the PDU's octets; it is
 * empty when the receipt does not name its message. */
void receipt_read(const struct pdu *pdu, struct link_receipt *out);

#endif

/* Who a message is from and to: numbers with their TON and NPI.  Pure. */
#ifndef LOA_LINKS_SMPP_ADDRESS_H
#define LOA_LINKS_SMPP_ADDRESS_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf_link.h"
#include "gateway/links/smpp/pdu.h"

/* A name of at most 11 plain characters, or a number of at most 15 digits; -1 with ERR_CONFIG. */
int address_check_source(const char *source, struct err *err) MUST_CHECK;

/* Sets source and destination type of a submit_sm (not the destination's digits).  The source's by
 * its kind: a brand name 5/0, a short code 3/0, a number 1/1; the destination 1/1; what the
 * configuration names wins. */
void address_set(struct pdu *pdu, const struct conf_link *conf);

#endif

/* What an SMSC has accepted of a message in parts whose others it refused for now: the next try, on
 * the same link, sends only those others.  As text in …:details, `kept:INDEX`.  Pure. */
#ifndef LOA_GATEWAY_KEPT_H
#define LOA_GATEWAY_KEPT_H
// SPDX-License-Identifier: MIT

#include "gateway/links/message.h"

/* Room for one. */
enum { KEPT_SIZE = 64 + SEGMENT_MAX * LINK_ID_SIZE };

/* Whether the next try need not send all of it. */
bool kept_is_worth(const struct link_message *m);
/* "BASE LAST LEFT LINK MASK ID;ID;": tries BASE … LAST are one message to receipts, LAST being the
 * next one, of which LEFT parts are to go; `attempt` is this try, `link` its code in the ledger. */
size_t kept_put(const struct link_message *m, uint8_t attempt, int link, char out[KEPT_SIZE]);
/* Marks in `m`, which is about to be tried as `attempt` over `link`, what need not go.  What is
 * about another try, another link or another number of parts changes nothing. */
void kept_take(struct str text, uint8_t attempt, int link, struct link_message *m);

#endif

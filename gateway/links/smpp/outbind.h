/* Outbind (SMPP 3.4 §2.2.1): the SMSC connects to us and asks for a receiver's bind. */
#ifndef LOA_LINKS_SMPP_OUTBIND_H
#define LOA_LINKS_SMPP_OUTBIND_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>

#include "gateway/core/err.h"

struct outbind;
struct session;
struct smpp;

/* Gives a listener at the link's outbind_listen that hands what connects from the SMSC's own
 * address to `session`; nothing is taken before outbind_enable(). */
struct outbind *outbind_new(struct smpp *smpp, struct session *session, struct err *err) MUST_CHECK;
void outbind_free(struct outbind **outbind);
void outbind_enable(struct outbind *outbind, bool on);

#endif

/* What goes over a link's sessions, for others to see. */
#ifndef LOA_LINKS_SMPP_TRACE_H
#define LOA_LINKS_SMPP_TRACE_H
// SPDX-License-Identifier: MIT

#include "gateway/links/link.h"

struct smpp;

/* A PDU that session number `bind` wrote or read. */
void smpp_trace_pdu(struct smpp *l, int bind, bool out, struct str pdu);
void smpp_trace(struct link *link, enum link_trace trace); /* as link_trace() */

#endif

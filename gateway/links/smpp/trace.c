/* An SMPP link's PDUs for others to see. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/trace.h"

#include <string.h>

#include "gateway/core/smpp_mask.h"
#include "gateway/links/smpp/session.h"

enum { SHOWN_MAX = 4096 }; /* of a PDU that is longer, so much */

void
smpp_trace_pdu(struct smpp *l, int bind, bool out, struct str pdu)
{
    uint8_t copy[SHOWN_MAX];
    size_t n = pdu.n < sizeof copy ? pdu.n : sizeof copy;
    if (l->trace == LINK_TRACE_OFF || !l->events.on_trace) {
        return;
    }
    memcpy(copy, pdu.p, n);
    if (l->trace == LINK_TRACE_MASKED) {
        smpp_mask(copy, n);
    }
    const struct link_pdu told = {out, bind, {(const char *)copy, n}, pdu.n};
    l->events.on_trace(l->events.ctx, &l->link, &told);
}

void
smpp_trace(struct link *link, enum link_trace trace)
{
    struct smpp *l = (struct smpp *)(void *)link;
    l->trace = trace;
    for (int i = 0; i < l->sessions_n; i++) {
        conn_trace(l->sessions[i].conn, trace != LINK_TRACE_OFF);
    }
}

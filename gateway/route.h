/* A route of the running gateway: a channel and the links that may carry it, and the worker that
 * takes its chunks.  The daemon's own; nothing outside gateway/ includes it. */
#ifndef LOA_GATEWAY_ROUTE_H
#define LOA_GATEWAY_ROUTE_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf.h"
#include "gateway/links/link.h"
#include "queue/queue.h"

enum { ROUTE_LINKS = 16 };

/* A channel's links, those that send first. */
struct route {
    const char *name; /* the channel's: "sms" */
    char letter;      /* in the ledger: 's' */
    const struct conf_channel *channel;
    struct link *links[ROUTE_LINKS];
    size_t links_n;
    size_t senders_n; /* the first of them: the channel's own */
};

/* How many chunks of one broadcast stand ahead: about a second of what the links may send, 16 when
 * none has a rate, at least 2 so that one can be fetched while another is sent. */
int route_ahead(const struct route *route);

/* The place of `link` in the route; links_n when it is none of its. */
size_t route_link_index(const struct route *route, const struct link *link);

/* Whose message ids the receipts on `link` are about: its own, or, for a receiver, those of the
 * sender to the same SMSC (host, port, system_id). */
const char *route_ids_name(const struct route *route, const struct link *link);

#endif

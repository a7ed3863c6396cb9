/* Routes: which links may carry a member's message.  Pure. */
#ifndef LOA_CORE_ROUTING_H
#define LOA_CORE_ROUTING_H
// SPDX-License-Identifier: MIT

#include "gateway/core/recipients.h"

enum {
    ROUTE_PREFIXES = 64,
    ROUTES_MAX = 16,
    ROUTE_NAME_SIZE = 64,
    ROUTES_TEXT = ROUTES_MAX * (ROUTE_NAME_SIZE + 2)
};

/* One route: a channel, and of its numbers those that begin with one of the prefixes (those of no
 * other route of the channel when there are none). */
struct routing_route {
    char name[ROUTE_NAME_SIZE]; /* "sms", "sms.viettel+vina": no '=', ',', ';', ':' or blank */
    char letter;                /* in …:routes: 's', 'z', 't' of a whole channel, else 'A' … */
    const char *channel;
    const char *prefixes[ROUTE_PREFIXES]; /* international, digits only: "8498" */
    size_t prefixes_n;
};

/* All routes of a gateway, those of one channel in a row. */
struct routing {
    struct routing_route route[ROUTES_MAX];
    size_t n;
};

/* The route of an address on a channel: by the longest prefix.  NULL: the channel has none. */
const struct routing_route *routing_find(const struct routing *routing, const char *channel,
                                         struct str address);

/* The letter of the route `name` in a broadcast's `routes` ("s=sms,z=zalo"); '\0': not there. */
char routing_letter(struct str routes, const char *name);

/* The letter of `channel` in a ledger record: 's', 'z', 't'; '\0': no such channel. */
char channel_letter(const char *channel);
/* How a channel reaches people.  False: no such channel. */
bool channel_address(const char *channel, enum address_kind *kind);

#endif

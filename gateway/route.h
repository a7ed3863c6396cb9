/* Routes of the running gateway: which links may carry whose messages, and what each link has on
 * its way for all routes together.  The daemon's own; nothing outside gateway/ includes it. */
#ifndef LOA_GATEWAY_ROUTE_H
#define LOA_GATEWAY_ROUTE_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf.h"
#include "gateway/core/routing.h"
#include "gateway/links/link.h"
#include "queue/queue.h"

enum { ROUTE_LINKS = 16, CARRIERS_MAX = 64 };

/* What became of a link's messages since this process began, as loa:stats:link counts it. */
struct link_tally {
    uint64_t accepted, failed, retried, uncertain, parts_submitted;
};

/* A link of this process. */
struct carrier {
    struct link *link;
    double rate;         /* that is set; 0: none */
    const char *channel; /* that it carries; of a receiver that stands in none: "sms" */
    /* Parts of its window: with the link, kept for begins under way, and answered but not yet
     * recorded.  Their sum never passes the window, so neither do the letters s in Redis. */
    int in_flight, kept, unrecorded;
    int begins;    /* under way */
    int passed_by; /* parts begun while a lower priority waited, since that had its turn */
    struct link_tally tally;
    uint32_t throttled_seen; /* of link_stats.throttled, already recorded */
    bool switched;           /* where the red switch stands is known: it was started, or left off */
};

/* A route: a channel and the links that may carry it. */
struct route {
    const char *name;
    char letter;  /* in …:routes */
    char channel; /* in the ledger */
    const struct conf_channel *conf;
    const struct routing *routing; /* all routes: where a message goes that this one cannot carry */
    struct carrier *carriers[ROUTE_LINKS]; /* those that go first stand first */
    int order[ROUTE_LINKS];                /* core/balance.h */
    size_t carriers_n;
    bool adopted; /* of an earlier configuration: nothing new begins on it */
    char own_name[ROUTE_NAME_SIZE];
};

/* All of this process. */
struct routes {
    struct routing routing;
    struct carrier carrier[CARRIERS_MAX]; /* those that send, then the receivers of no channel */
    size_t carriers_n, senders_n;         /* senders: the first of them */
    struct route route[ROUTES_MAX];       /* those that can be sent by */
    size_t n;
};

/* Opens every link that the configuration's channels name, and the receivers that stand in none:
 * they cannot send, yet they bring receipts and replies.  -1, ERR_CONFIG: nothing can be sent. */
int routes_open(struct routes *routes, struct event_base *base, const struct conf *conf,
                const struct link_events *events, struct err *err) MUST_CHECK;
void routes_close(struct routes *routes);

/* A route that some earlier configuration had goes on by the links of its channel that there are
 * now, those of the first route.  NULL: there are none, or no room. */
const struct route *routes_adopt(struct routes *routes, const char *name);
const struct route *routes_named(const struct routes *routes, const char *name); /* or NULL */

/* The carrier of a link of ours; its place is `- routes->carrier`. */
struct carrier *routes_carrier(struct routes *routes, const struct link *link);
/* The first route of a channel; NULL: it cannot be sent by. */
const struct route *routes_of_channel(const struct routes *routes, const char *channel);

/* How many chunks of one broadcast stand ahead: about a second of what the links may send, 16 when
 * none has a rate, at least 2 so that one can be fetched while another is sent. */
int route_ahead(const struct route *route);
/* The place of `link` in the route; carriers_n when it is none of its. */
size_t route_place(const struct route *route, const struct link *link);
/* Whether a message without an answer waits for an admin; by the route's first link. */
bool route_holds_uncertain(const struct route *route);
/* How long `resend` waits for a receipt: 0 when none can come. */
/* Receipts come on it: without them everybody would seem not to have been told. */
bool route_confirms(const struct route *route);
int64_t route_uncertain_wait_ms(const struct route *route, const struct conf *conf);

/* How long before its time an announcement's messages may leave: all of its links tell their SMSC
 * when to deliver.  0: not before it. */
int64_t route_schedule_s(const struct route *route);

/* Whose message ids the receipts on `link` are about: its own, or, for a receiver, those of the
 * sender to the same SMSC (host, port, system_id). */
const char *route_ids_name(const struct routes *routes, const struct link *link);

#endif

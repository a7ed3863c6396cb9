/* A link: one connection to the outside.  It knows nothing of Redis: it is handed messages and
 * reports outcomes.  Everything happens on the one event loop; no call blocks. */
#ifndef LOA_LINKS_LINK_H
#define LOA_LINKS_LINK_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/conf.h"
#include "gateway/links/message.h"

struct event_base;
struct link;

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_BOUND, LINK_THROTTLED, LINK_STOPPED };

/* What goes over an SMPP link, for others to see; borrowed during the callback. */
enum link_trace { LINK_TRACE_OFF, LINK_TRACE_MASKED, LINK_TRACE_FULL }; /* masked: no texts */
struct link_pdu {
    bool out;
    int bind; /* of the link's connections, from 1 */
    struct str octets;
    size_t whole; /* octets that it has in all */
};

/* What a link tells the daemon.  `ctx` is given back.  Callbacks come from the event loop, never
 * from inside link_submit(). */
struct link_events {
    void *ctx;
    void (*on_outcome)(void *ctx, struct link *link, struct link_message *message);
    /* `token` goes back through link_answer() once the receipt or reply is in Redis. */
    void (*on_receipt)(void *ctx, struct link *link, const struct link_receipt *r, uint64_t token);
    void (*on_reply)(void *ctx, struct link *link, const struct link_reply *r, uint64_t token);
    /* NULL where nobody asks. */
    void (*on_late)(void *ctx, struct link *link, const struct link_late *late);
    void (*on_state)(void *ctx, struct link *link, enum link_state state, const char *why);
    /* The link has no access token, or the platform refused the one it has: link_set_token()
     * brings another. */
    void (*on_token_wanted)(void *ctx, struct link *link);
    /* After a batch of callbacks of one read: the time to send Redis what was gathered; also when
     * the window or the rate has room again. */
    void (*on_turn)(void *ctx, struct link *link);
    /* Parts wait for grants: link_wants().  NULL where nothing is shared. */
    void (*on_want)(void *ctx, struct link *link);
    /* Messages wait for units of a quota: link_quota_report().  NULL likewise. */
    void (*on_quota)(void *ctx, struct link *link);
    /* Messages wait for their chats' turns: link_chats_asked().  NULL likewise. */
    void (*on_chats)(void *ctx, struct link *link);
    /* The link found another limit.  NULL where nobody shares it. */
    void (*on_limit)(void *ctx, struct link *link, int limit);
    /* An address has become another one: the directory should know.  NULL where it does not. */
    void (*on_moved)(void *ctx, struct link *link, const char *from, const char *to);
    /* While link_trace() asks for it.  NULL where nobody does. */
    void (*on_trace)(void *ctx, struct link *link, const struct link_pdu *pdu);
};

/* Of this process, since it began. */
struct link_stats {
    uint64_t parts_submitted, throttled, receipts, replies;
    uint64_t unknown_answers; /* that match no part: very late, or the peer's mistake */
    int in_flight;            /* parts without an answer */
    int64_t waiting_ms;       /* how long the oldest of them has been waiting */
    int taken;                /* parts accepted in the last second */
    double rate_now;          /* parts a second allowed at this moment, 0: unlimited */
    char last_error[120];
    int64_t since_s;               /* in this state since (Unix seconds) */
    int64_t quota_day, quota_left; /* messages, of all gateways; -1: nobody told */
};

/* Whether this release can send by that kind. */
bool link_kind_is_known(enum link_kind kind);
/* Gives a link (stopped).  `conf` and `events` must outlive it. */
struct link *link_new(struct event_base *base, const struct conf_link *conf,
                      const struct link_events *events, struct err *err) MUST_CHECK;
/* Not from a callback.  Messages that it still has are not told. */
void link_free(struct link **link);
void link_start(struct link *link); /* connects, and again and again with backoff and jitter */
/* No new submits; waits for answers at most `wait_ms`, then unbinds and closes; state LINK_STOPPED
 * is told when it is over.  Messages that waited unwritten come back as LINK_NOT_WRITTEN. */
void link_drain(struct link *link, int64_t wait_ms);
const struct conf_link *link_conf(const struct link *link);
enum link_state link_state(const struct link *link);
void link_stats(const struct link *link, struct link_stats *out);

/* How many parts could be handed in now, as messages of `parts` parts each: the free window minus
 * what waits unwritten, held to what the rate lets out in the next 20 ms (rounded up to a whole
 * message).  0 when not bound, and while a throttled link pauses.  Messages with more parts than
 * the window go one at a time: the whole window when nothing else is under way, else 0. */
int link_room(const struct link *link, int parts);
/* Parts a second allowed at this moment (set, or found by throttling), 0: unlimited. */
double link_rate(const struct link *link);
/* Another rate from now on, in parts a second; 0: as fast as the link takes them. */
void link_set_rate(struct link *link, double rate);
int link_window(const struct link *link);
/* Reads its certificates again, for connections that begin from now on.  -1, ERR_CONFIG: a file is
 * not right; all stays as it was. */
int link_reread(struct link *link, struct err *err) MUST_CHECK;

/* An access token to go on with (copied); NULL: there is none, and `why` in a sentence for people.
 */
void link_set_token(struct link *link, const char *token, const char *why);

/* Makes a text ready for this link; gives what must outlive its messages. */
struct link_text *link_text_new(struct link *link, const struct link_content *content,
                                struct err *err) MUST_CHECK;
void link_text_free(struct link_text **text);
int link_text_parts(const struct link_text *text); /* of one with names: at most so many */

/* Takes the message until its on_outcome().  Parts of one message leave in order.  On a link that
 * is not bound it comes back as LINK_NOT_WRITTEN. */
void link_submit(struct link *link, struct link_message *message);

/* Whether link_ask() can bring anything. */
bool link_can_ask(const struct link *link);
/* Asks what became of an accepted message, by its id.  What is known for good comes as
 * on_receipt() with token 0; nothing comes when nothing is known, or when the link is not bound. */
void link_ask(struct link *link, const char *message_id);
/* What its template's parameters take, as the platform told (core/zalo_template.h's line); empty:
 * it did not.  Borrowed until it asks again. */
struct str link_limits(const struct link *link);

void link_trace(struct link *link, enum link_trace trace); /* tells on_trace from now on, or not */

/* Answers a receipt or reply: not stored is a temporary error, and it comes again. */
void link_answer(struct link *link, uint64_t token, bool stored);

/* "down", "connecting", … as in loa:stats:link */
const char *link_state_name(enum link_state state);

#endif

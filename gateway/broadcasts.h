/* What this process knows of broadcasts under way: read once from Redis, their text packed once for
 * each link, kept while a chunk of them is held and a little longer. */
#ifndef LOA_GATEWAY_BROADCASTS_H
#define LOA_GATEWAY_BROADCASTS_H
// SPDX-License-Identifier: MIT

#include "gateway/route.h"
#include "queue/plan.h"

enum { BROADCAST_ID_SIZE = 65 };

/* A broadcast that this process works on. */
struct broadcast {
    char id[BROADCAST_ID_SIZE];
    enum priority priority;
    int64_t expires_s;
    struct link_text
        *texts[ROUTE_LINKS]; /* by the route's links; NULL: this link cannot carry it */
    int codes[ROUTE_LINKS];  /* the ledger's code of each link, -1: it has none */
    int parts[ROUTE_LINKS];  /* of the text, by each link */
    size_t channel;          /* the place of the route's channel among the broadcast's */
    char *channels, *routes; /* owned: "zalo,sms", "z=zalo,s=sms" */
    bool named;              /* its text has a name in it: each member's is asked for */
    const char *nameless;    /* stands for a member without one */
    bool touched;            /* its counters moved since they were last posted */
    int holders;             /* chunks that use it */
    int64_t turn;            /* the worker's: when a chunk of it was begun last */
    int64_t idle_us;         /* CLOCK_MONOTONIC when the last holder gave it back */
    struct broadcast *next;
};

struct broadcasts;
struct broadcasts *broadcasts_new(struct queue *queue, const struct conf *conf,
                                  const struct route *route);
void broadcasts_free(struct broadcasts **broadcasts); /* nobody holds one any more */

/* Answers with the broadcast, held once for the caller; NULL with `err` (ERR_INPUT: it is unknown
 * or no link can carry its text). */
typedef void broadcast_fn(void *arg, struct broadcast *broadcast, const struct err *err);
void broadcasts_take(struct broadcasts *broadcasts, const char *id, broadcast_fn *fn, void *arg);
void broadcasts_give(struct broadcasts *broadcasts, struct broadcast *broadcast);
/* Writes the IDs of up to `most` touched broadcasts (of all that are known, with `all`) to `ids`,
 * borrowed until broadcasts_tidy(), and calls them untouched.  Returns how many. */
int broadcasts_touched(struct broadcasts *broadcasts, bool all, const char **ids, int most);
/* Frees what nobody held for a minute. */
void broadcasts_tidy(struct broadcasts *broadcasts);

#endif

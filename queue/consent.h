/* Who wants no messages any more, or again.  queue/SCHEMA.md, "Directory". */
#ifndef LOA_QUEUE_CONSENT_H
#define LOA_QUEUE_CONSENT_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* Whose wish it is, and which. */
struct consent_wish {
    const char *channel; /* "sms" */
    const char *who;     /* an address ("84900000001"), or "#17": the member with that number */
    bool out;
};

/* What became of it. */
struct consent_answer {
    int64_t since_s; /* since when that is so; 0: "in" of somebody who is not in the directory */
    int64_t now_s;
    size_t members_n; /* who have this address */
    uint64_t skipped; /* messages under way that were left out */
};
typedef void consent_fn(void *arg, const struct consent_answer *answer, const struct err *err);

/* Keeps the wish, for everybody with that address and for who gets it later.  Whoever is out is
 * skipped in every broadcast under way before this answers: nothing is begun for him any more, in
 * no process; what is with a link goes out.  May be repeated. */
void consent_set(struct queue *queue, const struct consent_wish *wish, consent_fn *fn, void *arg);

#endif

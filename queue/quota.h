/* The quota that a platform gives for a day, shared by all gateways.  queue/SCHEMA.md, "Quotas". */
#ifndef LOA_QUEUE_QUOTA_H
#define LOA_QUEUE_QUOTA_H
// SPDX-License-Identifier: MIT

#include "gateway/core/quota.h"
#include "queue/queue.h"

/* Who reports: a link of this worker, and whose quota it shares (links of one app have one). */
struct quota_holder {
    const char *grant, *link;
    uint64_t run; /* another one for each process */
};

/* `answer` is borrowed; NULL with `err`. */
typedef void quota_fn(void *arg, const struct quota_answer *answer, const struct err *err);
void quota_share(struct queue *queue, const struct quota_holder *holder,
                 const struct quota_report *report, quota_fn *fn, void *arg);

#endif

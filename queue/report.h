/* Every member's outcome of a broadcast, streamed in the audience's order with bounded memory. */
#ifndef LOA_QUEUE_REPORT_H
#define LOA_QUEUE_REPORT_H
// SPDX-License-Identifier: MIT

#include "gateway/core/ledger.h"
#include "queue/queue.h"

enum { REPORT_BY = 3, REPORT_PASSED = 2 };

/* What became of a member on one of several channels at once. */
struct report_by {
    char channel, letter; /* the ledger's of the channel; OUTCOME_LETTERS */
    struct str link, ids; /* as in the row */
};

/* One member; strings borrowed during the callback. */
struct report_row {
    uint32_t index;     /* in the audience's order, from 0 */
    struct str member;  /* id; "" when it was erased since */
    struct str address; /* the whole one: mask it; "" if none */
    char letter;        /* OUTCOME_LETTERS */
    struct ledger ledger;
    struct str link;   /* its name, "" if none */
    struct str reason; /* the long one of the details, else the ledger's code; "" if none */
    /* In report_one(), of one who fell back: from which channels and why, in that order. */
    size_t passed_n;
    struct report_passed {
        char by, why[LEDGER_REASON + 1]; /* codes as in the ledger */
    } passed[REPORT_PASSED];
    int64_t due_ms; /* of one member at r, in report_one(): the next try, Unix ms; else 0 */
    struct str ids; /* message ids joined by ';', "" if none */
    /* By all channels at once: each of them; what stands above is of the best, attempts and parts
     * are those of all.  0: no such broadcast. */
    size_t by_n;
    struct report_by by[REPORT_BY];
};
/* Returns false to stop (then `fn` is still called). */
typedef bool report_row_fn(void *arg, const struct report_row *row);
/* `known` is false: no such broadcast. */
typedef void report_fn(void *arg, bool known, const struct err *err);
void report_read(struct queue *queue, const char *id, report_row_fn *row, report_fn *fn, void *arg);
/* Only the member of that directory number; no row: it is not in the audience. */
void report_one(struct queue *queue, const char *id, uint32_t number, report_row_fn *row,
                report_fn *fn, void *arg);

#endif

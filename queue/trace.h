/* A link's PDUs, while somebody asks for them.  queue/SCHEMA.md, "Links". */
#ifndef LOA_QUEUE_TRACE_H
#define LOA_QUEUE_TRACE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"
#include "queue/queue.h"

/* One PDU as it went over a link. */
struct trace_pdu {
    int64_t at_us; /* Unix microseconds */
    bool out;
    int bind;
    struct str worker; /* whose connection it was; trace_put() puts this one's */
    struct str octets;
    int64_t whole; /* octets in all, where `octets` was cut */
};

/* A gateway keeps one; what stands there is capped, and goes ten minutes after the last one. */
void trace_put(struct queue *queue, const char *link, const struct trace_pdu *pdu);

/* Asks all gateways to keep the link's PDUs for that long, and forgets those of before. */
void trace_begin(struct queue *queue, const char *link, int64_t seconds, bool full, queue_done *fn,
                 void *arg);
void trace_end(struct queue *queue, const char *link, queue_done *fn, void *arg);

/* Calls `each` for those behind `*from` ("0" at first), which is moved on; then `fn`. */
typedef void trace_each_fn(void *arg, const struct trace_pdu *pdu);
void trace_read(struct queue *queue, const char *link, char from[QUEUE_ENTRY_SIZE],
                trace_each_fn *each, queue_done *fn, void *arg);

#endif

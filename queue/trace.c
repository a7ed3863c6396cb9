/* A link's PDUs, while somebody asks for them. */
// SPDX-License-Identifier: MIT
#include "queue/trace.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/core/mem.h"
#include "queue/join.h"

enum { KEPT_MOST = 50000, KEPT_S = 600, READ_MOST = 1000 };

void
trace_put(struct queue *queue, const char *link, const struct trace_pdu *pdu)
{
    struct args a;
    args_init(&a, "XADD");
    args_format(&a, "loa:link:{%s}:pdus", link);
    args_z(&a, "MAXLEN");
    args_z(&a, "~");
    args_int(&a, KEPT_MOST);
    args_z(&a, "*");
    args_z(&a, "at_us");
    args_int(&a, pdu->at_us);
    args_z(&a, "out");
    args_int(&a, pdu->out);
    args_z(&a, "bind");
    args_int(&a, pdu->bind);
    args_z(&a, "worker");
    args_z(&a, queue_worker(queue));
    args_z(&a, "whole");
    args_int(&a, pdu->whole);
    args_z(&a, "pdu");
    args_str(&a, pdu->octets);
    queue_send_plain(queue, &a, queue_ignore, NULL);
    args_init(&a, "EXPIRE");
    args_format(&a, "loa:link:{%s}:pdus", link);
    args_int(&a, KEPT_S);
    queue_send_plain(queue, &a, queue_ignore, NULL);
}

static void
forget(struct queue *queue, const char *link, struct join *join)
{
    struct args a;
    args_init(&a, "DEL");
    args_format(&a, "loa:link:{%s}:trace", link);
    args_format(&a, "loa:link:{%s}:pdus", link);
    join_add(join);
    queue_send(queue, &a, join_reply, join);
}

void
trace_begin(struct queue *queue, const char *link, int64_t seconds, bool full, queue_done *fn,
            void *arg)
{
    struct join *join = join_new(fn, arg);
    struct args a;
    forget(queue, link, join);
    args_init(&a, "SET");
    args_format(&a, "loa:link:{%s}:trace", link);
    args_z(&a, full ? "full" : "masked");
    args_z(&a, "EX");
    args_int(&a, seconds);
    join_add(join);
    queue_send(queue, &a, join_reply, join);
    join_end(join);
}

void
trace_end(struct queue *queue, const char *link, queue_done *fn, void *arg)
{
    struct join *join = join_new(fn, arg);
    forget(queue, link, join);
    join_end(join);
}

struct reading {
    char *from;
    trace_each_fn *each;
    queue_done *fn;
    void *arg;
};

static void
on_read(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct reading *r = arg;
    for (size_t i = 0; i < reply_count(reply); i++) {
        const struct redisReply *entry = reply_at(reply, i), *fields = reply_at(entry, 1);
        struct str id = reply_str_at(entry, 0);
        const struct trace_pdu pdu = {
            .at_us = reply_int(reply_value(fields, "at_us"), 0),
            .out = reply_int(reply_value(fields, "out"), 0) != 0,
            .bind = (int)reply_int(reply_value(fields, "bind"), 0),
            .worker = reply_field(fields, "worker"),
            .octets = reply_field(fields, "pdu"),
            .whole = reply_int(reply_value(fields, "whole"), 0),
        };
        (void)snprintf(r->from, QUEUE_ENTRY_SIZE, "%.*s", (int)id.n, id.p);
        r->each(r->arg, &pdu);
    }
    r->fn(r->arg, err);
    free(r);
}

void
trace_read(struct queue *queue, const char *link, char from[QUEUE_ENTRY_SIZE], trace_each_fn *each,
           queue_done *fn, void *arg)
{
    struct reading *r = xmalloc(sizeof *r);
    struct args a;
    *r = (struct reading){from, each, fn, arg};
    args_init(&a, "XRANGE");
    args_format(&a, "loa:link:{%s}:pdus", link);
    args_format(&a, "(%s", from);
    args_z(&a, "+");
    args_z(&a, "COUNT");
    args_int(&a, READ_MOST);
    queue_send(queue, &a, on_read, r);
}

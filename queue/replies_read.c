/* Reading loa:replies: for the command line. */
// SPDX-License-Identifier: MIT
#include "queue/replies.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/core/mem.h"
#include "queue/redis.h"

struct reading {
    bool backwards;
    reply_row_fn *row;
    queue_done *fn;
    void *arg;
};

static void
tell_row(const struct reading *r, const struct redisReply *entry)
{
    const struct redisReply *fields = reply_at(entry, 1);
    const struct reply_row row = {
        .entry = reply_str_at(entry, 0),
        .from = reply_field(fields, "from"),
        .to = reply_field(fields, "to"),
        .member = reply_field(fields, "member"),
        .channel = reply_field(fields, "channel"),
        .link = reply_field(fields, "link"),
        .text = reply_field(fields, "text"),
        .intent = reply_field(fields, "intent"),
        .at = reply_field(fields, "at"),
    };
    r->row(r->arg, &row);
}

static void
on_entries(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct reading *r = arg;
    size_t n = reply_count(reply);
    for (size_t i = 0; i < n; i++) {
        tell_row(r, reply_at(reply, r->backwards ? n - 1 - i : i));
    }
    r->fn(r->arg, err);
    free(r);
}

/* Asks for a range, at most `most` of it. */
static void
read_range(struct queue *queue, const char *from, const char *to, int most, struct reading *r)
{
    struct args a;
    args_init(&a, r->backwards ? "XREVRANGE" : "XRANGE");
    args_z(&a, "loa:replies");
    args_z(&a, from);
    args_z(&a, to);
    args_z(&a, "COUNT");
    args_int(&a, most);
    queue_send(queue, &a, on_entries, r);
}

void
reply_read(struct queue *queue, const char *after, int most, reply_row_fn *row, queue_done *fn,
           void *arg)
{
    struct reading *r = xmalloc(sizeof *r);
    char from[QUEUE_ENTRY_SIZE + 1];
    *r = (struct reading){!*after, row, fn, arg};
    (void)snprintf(from, sizeof from, "%s%s", *after == '-' ? "" : "(", after);
    read_range(queue, r->backwards ? "+" : from, r->backwards ? "-" : "+", most, r);
}

void
reply_find(struct queue *queue, const char *entry, reply_row_fn *row, queue_done *fn, void *arg)
{
    struct reading *r = xmalloc(sizeof *r);
    *r = (struct reading){false, row, fn, arg};
    read_range(queue, entry, entry, 1, r);
}

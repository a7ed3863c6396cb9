/* The work streams of a route: feeding, ending and pumping them by Functions.  Reading: reader.c.
 */
// SPDX-License-Identifier: MIT
#include "queue/work.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "queue/join.h"
#include "queue/reader.h"

enum { FEED_MAX = 1000, PUMP_BATCH = 256 }; /* chunks a Function call; work.DUE_BATCH */

void
work_feed(struct queue *queue, const char *route, const struct work_chunks *feed, queue_done *fn,
          void *arg)
{
    struct join *join = join_new(fn, arg);
    int at = 0;
    do {
        struct args a;
        args_fcall(&a, "loa_work_feed", "loa:queued:{%s}", route);
        args_z(&a, priority_name(feed->priority));
        args_z(&a, feed->id);
        for (int i = 0; i < FEED_MAX && at < feed->n; i++) {
            uint32_t chunk = feed->chunks[at++];
            args_format(&a, "%s%u", chunk & WORK_NOW ? "+" : "", chunk & ~WORK_NOW);
        }
        join_add(join);
        queue_send(queue, &a, join_reply, join);
    } while (at < feed->n);
    join_end(join);
}

/* ---- finish ---- */

struct finish {
    struct queue *queue;
    char *route, *entry;
    queue_done *fn;
    void *arg;
};

static void
on_finish(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct finish *f = arg;
    (void)reply;
    if (!err) {
        reader_released(f->queue, f->route, f->entry);
    }
    f->fn(f->arg, err);
    free(f->route);
    free(f->entry);
    free(f);
}

void
work_finish(struct queue *queue, const char *route, const struct work_end *end, queue_done *fn,
            void *arg)
{
    struct finish *f = xmalloc(sizeof *f);
    *f = (struct finish){queue, xstrdup(route), xstrdup(end->entry), fn, arg};
    struct args a;
    args_fcall(&a, "loa_work_finish", "loa:queued:{%s}", route);
    args_z(&a, end->entry);
    args_z(&a, end->id);
    args_z(&a, priority_name(end->priority));
    args_int(&a, end->chunk);
    args_int(&a, end->successor);
    args_int(&a, end->due_ms);
    queue_send(queue, &a, on_finish, f);
}

/* ---- due ---- */

struct pump {
    struct queue *queue;
    char *route;
    queue_done *fn;
    void *arg;
};

static void on_pumped(void *arg, const struct redisReply *reply, const struct err *err);

static void
pump(struct pump *p)
{
    struct args a;
    args_fcall(&a, "loa_work_due", "loa:queued:{%s}", p->route);
    queue_send(p->queue, &a, on_pumped, p);
}

static void
on_pumped(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct pump *p = arg;
    if (!err && reply_int(reply, 0) >= PUMP_BATCH) {
        pump(p);
        return;
    }
    p->fn(p->arg, err);
    free(p->route);
    free(p);
}

void
work_pump_due(struct queue *queue, const char *route, queue_done *fn, void *arg)
{
    struct pump *p = xmalloc(sizeof *p);
    *p = (struct pump){queue, xstrdup(route), fn, arg};
    pump(p);
}

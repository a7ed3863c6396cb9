/* What platforms post to us, on its way into Redis. */
// SPDX-License-Identifier: MIT
#include "queue/webhook.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "gateway/core/time.h"
#include "queue/redis.h"
#include "queue/touched.h"

/* ---- Receipts. */

struct delivered {
    struct queue *queue;
    char *link;
    queue_done *fn;
    void *arg;
};

static void
on_settled(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct delivered *d = arg;
    if (!err) {
        struct args a;
        args_init(&a, "HINCRBY");
        args_format(&a, "loa:link:{%s}:totals", d->link);
        args_z(&a, "stat:receipts");
        args_int(&a, 1);
        queue_send(d->queue, &a, queue_ignore_reply, NULL);
        if (reply_int(reply, 0) < 0) { /* no such broadcast */
            args_init(&a, "HINCRBY");
            args_format(&a, "loa:link:{%s}:totals", d->link);
            args_z(&a, "stat:receipts_unmatched");
            args_int(&a, 1);
            queue_send(d->queue, &a, queue_ignore_reply, NULL);
        }
    }
    d->fn(d->arg, err);
    free(d->link);
    free(d);
}

void
webhook_delivered(struct queue *queue, const struct tracked_receipt *r, queue_done *fn, void *arg)
{
    struct delivered *d = xmalloc(sizeof *d);
    *d = (struct delivered){queue, xstrdup(r->link), fn, arg};
    struct args a;
    args_fcall(&a, "loa_settle", "loa:broadcast:{%s}", r->broadcast);
    args_int(&a, 1);
    args_int(&a, r->index);
    args_int(&a, 1);
    args_z(&a, "D");
    args_int(&a, r->attempt);
    args_int(&a, 1);
    args_int(&a, 1);
    args_z(&a, "-");
    args_int(&a, r->at_s);
    touched_add(queue, str_of(r->broadcast));
    queue_send(queue, &a, on_settled, d);
}

/* ---- Replies. */

struct heard {
    struct queue *queue;
    char *id, *channel, *link, *from, *intent, *text;
    size_t text_n;
    queue_done *fn;
    void *arg;
};

static void
heard_end(struct heard *h, const struct err *err)
{
    char *owned[] = {h->id, h->channel, h->link, h->from, h->intent, h->text};
    h->fn(h->arg, err);
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
        free(owned[i]);
    }
    free(h);
}

static void
on_kept(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply;
    heard_end(arg, err);
}

static void
on_consent(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct heard *h = arg;
    char at[TIME_ROOM];
    if (err) {
        heard_end(h, err);
        return;
    }
    time_format(clock_unix_ms() / 1000, 0, at);
    const struct {
        const char *name;
        struct str value;
    } fields[] = {
        {"from", str_of(h->from)}, {"member", reply_str(reply)},   {"channel", str_of(h->channel)},
        {"link", str_of(h->link)}, {"text", {h->text, h->text_n}}, {"intent", str_of(h->intent)},
        {"at", str_of(at)}};
    struct args a;
    args_fcall(&a, "loa_heard", "loa:replies");
    args_format(&a, "%s:%s", h->link, h->id);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        args_z(&a, fields[i].name);
        args_str(&a, fields[i].value);
    }
    queue_send(h->queue, &a, on_kept, h);
}

void
webhook_heard(struct queue *queue, const struct webhook_reply *r, queue_done *fn, void *arg)
{
    static const char *const words[] = {
        [CONSENT_SAME] = "", [CONSENT_OUT] = "out", [CONSENT_IN] = "in"};
    struct heard *h = xmalloc(sizeof *h);
    *h = (struct heard){.queue = queue,
                        .id = xstrdup(r->id),
                        .channel = xstrdup(r->channel),
                        .link = xstrdup(r->link),
                        .from = xstrdup(r->from),
                        .intent = xstrdup(r->intent),
                        .text = xstrndup(r->text.n ? r->text.p : "", r->text.n),
                        .text_n = r->text.n,
                        .fn = fn,
                        .arg = arg};
    struct args a;
    args_fcall(&a, "loa_hook_consent", QUEUE_DIRECTORY "numbers");
    args_z(&a, r->channel);
    args_z(&a, r->from);
    args_z(&a, words[r->consent]);
    queue_send(queue, &a, on_consent, h);
}

void
webhook_refused(struct queue *queue, int n)
{
    struct args a;
    args_init(&a, "HINCRBY");
    args_z(&a, "loa:stats");
    args_z(&a, "webhooks_refused");
    args_int(&a, n);
    queue_send(queue, &a, queue_ignore_reply, NULL);
}

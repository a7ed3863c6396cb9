/* What platforms post to us, on its way into Redis. */
// SPDX-License-Identifier: MIT
#include "queue/webhook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "gateway/core/time.h"
#include "gateway/core/tracking.h"
#include "queue/consent.h"
#include "queue/outbox.h"
#include "queue/redis.h"
#include "queue/retell.h"
#include "queue/touched.h"

enum { CODE_MOST = 64 }; /* of an invitation: as long as t.me takes them */

/* ---- Receipts. */

struct delivered {
    struct queue *queue;
    char *link;
    struct tracked_receipt receipt; /* without its texts, which are not ours */
    queue_done *fn;
    void *arg;
};

static void
count(const struct delivered *d, const char *counter)
{
    struct args a;
    args_init(&a, "HINCRBY");
    args_format(&a, "loa:link:{%s}:totals", d->link);
    args_z(&a, counter);
    args_int(&a, 1);
    queue_send(d->queue, &a, queue_ignore_reply, NULL);
}

static void
on_settled(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct delivered *d = arg;
    if (!err) {
        count(d, "stat:receipts");
        if (reply_int(reply, 0) < 0) { /* no such broadcast */
            count(d, "stat:receipts_unmatched");
        } else if (reply_int_at(reply, 1, 0) > 0) {
            count(d, "link:messages_delivered");
        }
    }
    d->fn(d->arg, err);
    free(d->link);
    free(d);
}

static void
settle_args(struct args *a, const struct tracked_receipt *r, int count)
{
    args_fcall(a, "loa_settle", "loa:broadcast:{%s}", r->broadcast);
    args_int(a, count);
    args_int(a, r->index);
    args_int(a, 1);
    args_z(a, "D");
    args_int(a, r->attempt);
    args_int(a, 1);
    args_int(a, 1);
    args_z(a, "-");
    args_int(a, r->at_s);
}

static void
settle(struct delivered *d, struct str broadcast)
{
    struct args a;
    char id[TRACKING_BROADCAST];
    struct tracked_receipt r = d->receipt;
    (void)snprintf(id, sizeof id, "%.*s", (int)broadcast.n, broadcast.n ? broadcast.p : "");
    r.broadcast = id;
    settle_args(&a, &r, 0);
    retell_keep(d->queue, &a); /* told again it counts no duplicate */
    settle_args(&a, &r, 1);
    if (broadcast.n > 0) {
        touched_add(d->queue, broadcast);
    }
    queue_send(d->queue, &a, on_settled, d);
}

/* Whose hash it is.  Without an answer the platform tells it again. */
static void
on_found(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct delivered *d = arg;
    if (err) {
        on_settled(d, NULL, err);
    } else {
        settle(d, reply_str(reply)); /* none: counted as unmatched */
    }
}

void
webhook_delivered(struct queue *queue, const struct tracked_receipt *r, queue_done *fn, void *arg)
{
    struct delivered *d = xmalloc(sizeof *d);
    *d = (struct delivered){queue, xstrdup(r->link), *r, fn, arg};
    if (r->broadcast[0] == '#') {
        struct args a;
        args_init(&a, "GET");
        args_format(&a, "loa:tracking:{%s}", r->broadcast + 1);
        queue_send(queue, &a, on_found, d);
    } else {
        settle(d, str_of(r->broadcast));
    }
}

/* ---- Replies: known already? → whose → consent → confirmation → loa:replies. */

enum { DAY_S = 86400 };

struct heard {
    struct queue *queue;
    char *id, *channel, *link, *from, *intent, *member, *text, *confirm_by;
    size_t text_n;
    enum webhook_consent consent;
    queue_done *fn;
    void *arg;
};

static void
heard_end(struct heard *h, const struct err *err)
{
    char *owned[] = {h->id,     h->channel, h->link, h->from,
                     h->intent, h->member,  h->text, h->confirm_by};
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
keep(struct heard *h)
{
    char at[TIME_ROOM];
    time_format(clock_unix_ms() / 1000, 0, at);
    const struct {
        const char *name;
        struct str value;
    } fields[] = {
        {"from", str_of(h->from)}, {"member", str_of(h->member)},  {"channel", str_of(h->channel)},
        {"link", str_of(h->link)}, {"text", {h->text, h->text_n}}, {"intent", str_of(h->intent)},
        {"at", str_of(at)}};
    struct args a;
    args_fcall(&a, "loa_heard", "loa:replies");
    args_format(&a, "%s:%s", h->link, h->id);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        args_z(&a, fields[i].name);
        args_str(&a, fields[i].value);
    }
    retell_keep(h->queue, &a);
    queue_send(h->queue, &a, on_kept, h);
}

static void
on_confirmed(void *arg, const struct err *err)
{
    if (err) {
        heard_end(arg, err);
    } else {
        keep(arg);
    }
}

/* Told once: the id is that of the wish since it first was made. */
static void
on_consent(void *arg, const struct consent_answer *answer, const struct err *err)
{
    struct heard *h = arg;
    const struct conf *conf = queue_conf(h->queue);
    bool out = h->consent == CONSENT_OUT;
    const char *words = out ? conf->replies_stop_chat : conf->replies_start_chat;
    if (err) {
        heard_end(h, err);
        return;
    }
    if (!*h->confirm_by || !*words || answer->since_s == 0 ||
        answer->now_s - answer->since_s > DAY_S) {
        keep(h);
        return;
    }
    char id[OUTBOX_ID_SIZE];
    const char *why = out ? "stop" : "start";
    (void)snprintf(id, sizeof id, "%s:%s:%s:%lld", why, h->channel, h->from,
                   (long long)answer->since_s);
    const struct outbox_entry entry = {id, h->from, words, h->confirm_by, why};
    outbox_add(h->queue, &entry, on_confirmed, h);
}

/* By the member's number, else by the address as the directory keeps it. */
static void
on_member(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct heard *h = arg;
    if (err) {
        heard_end(h, err);
        return;
    }
    struct str id = reply_str_at(reply, 0);
    long long number = reply_int_at(reply, 1, -1);
    h->member = xstrndup(id.n ? id.p : "", id.n);
    if (h->consent == CONSENT_SAME) {
        keep(h);
        return;
    }
    char who[WEBHOOK_FROM + 2];
    if (number >= 0) {
        (void)snprintf(who, sizeof who, "#%lld", number);
    } else {
        (void)snprintf(who, sizeof who, "%c:%s", h->channel[0], h->from);
    }
    const struct consent_wish wish = {h->channel, who, h->consent == CONSENT_OUT};
    consent_set(h->queue, &wish, on_consent, h);
}

static void
ask_member(struct heard *h)
{
    struct args a;
    args_fcall(&a, "loa_hook_member", QUEUE_DIRECTORY "numbers");
    args_z(&a, h->channel);
    args_z(&a, h->from);
    queue_send(h->queue, &a, on_member, h);
}

static void
on_invited(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply;
    if (err) {
        heard_end(arg, err);
    } else {
        ask_member(arg);
    }
}

/* An event that comes again must not undo what was wished since. */
static void
on_seen(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct heard *h = arg;
    if (err || !reply_is_nil(reply)) {
        heard_end(h, err);
        return;
    }
    bool code = strcmp(h->intent, "start") == 0 && h->text_n > 0 && h->text_n <= CODE_MOST;
    if (!code) {
        ask_member(h);
        return;
    }
    struct args a;
    args_fcall(&a, "loa_invited", QUEUE_DIRECTORY "numbers");
    args_z(&a, h->channel);
    args_z(&a, h->text);
    args_z(&a, h->from);
    queue_send(h->queue, &a, on_invited, h);
}

void
webhook_heard(struct queue *queue, const struct webhook_reply *r, queue_done *fn, void *arg)
{
    struct heard *h = xmalloc(sizeof *h);
    *h = (struct heard){.queue = queue,
                        .id = xstrdup(r->id),
                        .channel = xstrdup(r->channel),
                        .link = xstrdup(r->link),
                        .from = xstrdup(r->from),
                        .intent = xstrdup(r->intent),
                        .confirm_by = xstrdup(r->confirm_by ? r->confirm_by : ""),
                        .text = xstrndup(r->text.n ? r->text.p : "", r->text.n),
                        .text_n = r->text.n,
                        .consent = r->consent,
                        .fn = fn,
                        .arg = arg};
    struct args a;
    args_init(&a, "ZSCORE");
    args_z(&a, "loa:seen:{loa:replies}");
    args_format(&a, "%s:%s", h->link, h->id);
    queue_send(queue, &a, on_seen, h);
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

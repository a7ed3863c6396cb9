/* Retention, a few broadcasts a round.
 *
 *   loa:finished → [counters posted] → loa_archive → a round or more later: loa:posted and
 *   loa:finished forget it
 *
 * Its entry in loa:posted goes last: another gateway may just be posting what it read before, and
 * without the entry all of that would count again. */
// SPDX-License-Identifier: MIT
#include "queue/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "queue/join.h"
#include "queue/search.h"
#include "queue/stats.h"

enum { ROUND_MAX = 512, AFTER_RECEIPTS_S = 180 };

struct round {
    struct queue *queue;
    queue_done *fn;
    void *arg;
    struct join *join;
    int64_t before_s;
    int n;
    char ids[ROUND_MAX][80];
};

/* One of them. */
struct one {
    struct round *round;
    const char *id;
};

static void
on_round_over(void *arg, const struct err *err)
{
    struct round *r = arg;
    r->fn(r->arg, err);
    free(r);
}

static void
send_for(struct round *r, const struct args *args)
{
    join_add(r->join);
    queue_send(r->queue, args, join_reply, r->join);
}

static void
forget(struct round *r, const char *id)
{
    static const char *const indexes[] = {"loa:settling", "loa:finished"};
    struct args a;
    args_init(&a, "HDEL");
    args_z(&a, "loa:posted:{loa:stats}");
    args_format(&a, "broadcast:%s", id);
    send_for(r, &a);
    for (size_t i = 0; i < sizeof indexes / sizeof *indexes; i++) {
        args_init(&a, "ZREM");
        args_z(&a, indexes[i]);
        args_z(&a, id);
        send_for(r, &a);
    }
}

/* It was reopened and goes on: its end enters it again, a day later at the latest. */
static void
put_off(struct round *r, const char *id)
{
    struct args a;
    args_init(&a, "ZADD");
    args_z(&a, "loa:finished");
    args_z(&a, "XX");
    args_int(&a, r->before_s + 86400);
    args_z(&a, id);
    send_for(r, &a);
}

static void
on_archived(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct one *one = arg;
    struct str verdict = reply_str(reply);
    if (!err && (str_equal_z(verdict, "BEFORE") || str_equal_z(verdict, "GONE"))) {
        forget(one->round, one->id);
    } else if (!err && str_equal_z(verdict, "KEPT")) {
        put_off(one->round, one->id);
    }
    join_answer(one->round->join, err);
    free(one);
}

static void
on_posted(void *arg, const struct err *err)
{
    struct round *r = arg;
    for (int i = 0; i < r->n && !err; i++) {
        struct one *one = xmalloc(sizeof *one);
        *one = (struct one){r, r->ids[i]};
        struct args a;
        args_fcall(&a, "loa_archive", "loa:broadcast:{%s}", r->ids[i]);
        args_int(&a, r->before_s);
        join_add(r->join);
        queue_send(r->queue, &a, on_archived, one);
    }
    join_answer(r->join, err);
}

static void
on_old(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct round *r = arg;
    const char *ids[ROUND_MAX];
    for (size_t i = 0; i < reply_count(reply) && r->n < ROUND_MAX; i++) {
        struct str id = reply_str_at(reply, i);
        (void)snprintf(r->ids[r->n], sizeof r->ids[0], "%.*s", (int)id.n, id.p);
        ids[r->n] = r->ids[r->n];
        r->n++;
    }
    if (r->n > 0) {
        join_add(r->join);
        stats_post(r->queue, ids, r->n, on_posted, r);
    }
    join_answer(r->join, err);
}

static void
trim(struct round *r, const char *stream, int64_t before_ms)
{
    struct args a;
    args_init(&a, "XTRIM");
    args_z(&a, stream);
    args_z(&a, "MINID");
    args_format(&a, "%lld-0", (long long)before_ms);
    send_for(r, &a);
}

void
archive_round(struct queue *queue, queue_done *fn, void *arg)
{
    const struct conf *conf = queue_conf(queue);
    int64_t now_s = clock_unix_ms() / 1000;
    int64_t keep_s = conf->retention_ms / 1000;
    int64_t receipts_s = conf->receipts_wait_ms / 1000 + AFTER_RECEIPTS_S;
    struct round *r = xcalloc(1, sizeof *r);
    *r = (struct round){.queue = queue, .fn = fn, .arg = arg};
    r->before_s = now_s - (keep_s > receipts_s ? keep_s : receipts_s);
    r->join = join_new(on_round_over, r);
    trim(r, STREAM_REJECTED, (now_s - keep_s) * 1000);
    trim(r, "loa:replies", (now_s - keep_s) * 1000);
    struct args a;
    args_init(&a, "ZRANGEBYSCORE");
    args_z(&a, "loa:finished");
    args_z(&a, "-inf");
    args_int(&a, r->before_s);
    args_z(&a, "LIMIT");
    args_z(&a, "0");
    args_int(&a, ROUND_MAX);
    join_add(r->join);
    queue_send(queue, &a, on_old, r);
    join_end(r->join);
}

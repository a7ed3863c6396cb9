/* The self-audit: a SCAN over all keys of all masters, one look at each by what it is. */
// SPDX-License-Identifier: MIT
#include "queue/audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "gateway/core/outcome.h"
#include "queue/audit_parts.h"
#include "queue/place.h"

enum {
    SCAN_COUNT = 100,
    AGAIN_MS = LEASE_MS + 1000,
    KEY_ROOM = 200,
    DEAD_S = 86400 /* a worker that has not been heard of for so long */
};

void
audit_report(struct audit *a, bool repaired, const char *format, ...)
{
    char what[400];
    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(what, sizeof what, format, ap);
    va_end(ap);
    a->found_n++;
    a->repaired_n += repaired;
    a->found(a->arg, repaired, what);
}

/* ---- The end ---- */

static void
audit_free(struct audit *a)
{
    for (size_t i = 0; i < a->keys_n; i++) {
        free(a->keys[i]);
    }
    free((void *)a->keys);
    event_free(a->timer);
    free(a);
}

static void
on_counted(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    (void)reply;
    a->fn(a->arg, err);
    audit_free(a);
}

void
audit_over(struct audit *a, const struct err *err)
{
    struct args args;
    if (err) {
        on_counted(a, NULL, err);
        return;
    }
    args_init(&args, "HINCRBY");
    args_z(&args, "loa:stats");
    args_z(&args, "audit_repaired");
    args_int(&args, (int64_t)a->repaired_n);
    queue_send(a->queue, &args, queue_ignore_reply, NULL);
    args.n = 0;
    args_init(&args, "HINCRBY");
    args_z(&args, "loa:stats");
    args_z(&args, "audit_findings");
    args_int(&args, (int64_t)a->found_n);
    queue_send(a->queue, &args, on_counted, a);
}

/* ---- Other keys ---- */

static void
on_hash_exists(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    if (!err && reply_int(reply, 1) == 0) {
        audit_report(a, false, "%s belongs to no broadcast; 'redis-cli UNLINK' takes it away",
                     a->keys[a->at - 1]);
    }
    audit_next_key(a);
}

static void
on_ttl(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    const char *key = a->keys[a->at - 1];
    if (!err && reply_int(reply, 0) == -1) {
        int64_t wait_s = queue_conf(a->queue)->receipts_wait_ms / 1000;
        int64_t keep_s = strstr(key, ":ids:") ? wait_s + 86400 : 172800;
        struct args args;
        args_init(&args, "EXPIRE");
        args_z(&args, key);
        args_int(&args, keep_s);
        if (a->way.repair) {
            queue_send(a->queue, &args, queue_ignore_reply, NULL);
        }
        audit_report(a, a->way.repair, "%s would never have ended", key);
    }
    audit_next_key(a);
}

static void
on_work(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    int64_t left = reply_int_at(reply, 0, 0);
    int64_t dangling = reply_int_at(reply, 1, 0);
    if (!err && left > 0) {
        audit_report(a, a->way.repair, "%s: %lld acknowledged entries were left in the streams",
                     a->keys[a->at - 1], (long long)left);
    }
    if (!err && dangling > 0) {
        audit_report(a, a->way.repair, "%s: %lld marks of entries that are not there",
                     a->keys[a->at - 1], (long long)dangling);
    }
    audit_next_key(a);
}

static void
on_tidied(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply, (void)err; /* it is done the next time, then */
    audit_next_key(arg);
}

/* Who is gone for good is no finding. */
static void
tidy(struct audit *a, const char *function, int64_t age)
{
    struct args args;
    if (!a->way.repair) {
        audit_next_key(a);
        return;
    }
    args_fcall(&args, function, "%s", a->keys[a->at - 1]);
    args_int(&args, age);
    queue_send(a->queue, &args, on_tidied, a);
}

static void
look_at(struct audit *a, const char *key)
{
    static const char broadcast[] = "loa:broadcast:{";
    struct args args;
    const char *brace = strchr(key, '}');
    if (strncmp(key, broadcast, sizeof broadcast - 1) == 0 && brace) {
        (void)snprintf(a->id, sizeof a->id, "%.*s", (int)(brace - key - (sizeof broadcast - 1)),
                       key + sizeof broadcast - 1);
        if (brace[1] == '\0') {
            audit_broadcast(a);
            return;
        }
        args_init(&args, "EXISTS");
        args_format(&args, "loa:broadcast:{%s}", a->id);
        queue_send(a->queue, &args, on_hash_exists, a);
    } else if (strncmp(key, "loa:stats:minute:", 17) == 0 || strstr(key, ":ids:") ||
               strncmp(key, "loa:content:", 12) == 0) {
        args_init(&args, "TTL");
        args_z(&args, key);
        queue_send(a->queue, &args, on_ttl, a);
    } else if (strncmp(key, "loa:queued:{", 12) == 0) {
        args_fcall(&args, "loa_work_audit", "%s", key);
        args_int(&args, a->way.repair ? 1 : 0);
        queue_send(a->queue, &args, on_work, a);
    } else if (strcmp(key, "loa:announcements") == 0 || strncmp(key, "loa:work:", 9) == 0) {
        tidy(a, "loa_work_consumers", (int64_t)DEAD_S * 1000);
    } else if (strcmp(key, "loa:workers") == 0) {
        tidy(a, "loa_work_workers", DEAD_S);
    } else {
        audit_next_key(a);
    }
}

/* ---- The scan ---- */

static void
on_scanned(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct audit *a = arg;
    const struct redisReply *keys = reply_at(reply, 1);
    struct str cursor = reply_str_at(reply, 0);
    if (err) {
        audit_over(a, err);
        return;
    }
    for (size_t i = 0; i < a->keys_n; i++) {
        free(a->keys[i]);
    }
    a->keys_n = reply_count(keys);
    a->at = 0;
    a->keys = xrealloc((void *)a->keys, (a->keys_n + 1) * sizeof *a->keys);
    for (size_t i = 0; i < a->keys_n; i++) {
        struct str key = reply_str_at(keys, i);
        a->keys[i] = xstrndup(key.p, key.n < KEY_ROOM ? key.n : KEY_ROOM);
    }
    (void)snprintf(a->cursor, sizeof a->cursor, "%.*s", (int)cursor.n, cursor.p);
    if (str_equal_z(cursor, "0")) {
        a->scanned = !places_each(queue_places(a->queue), (size_t)++a->master);
    }
    audit_next_key(a);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct audit *a = arg;
    if (a->scanned) {
        audit_second_look(a);
        return;
    }
    struct args args;
    args_init(&args, "SCAN");
    args.master = a->master;
    args_z(&args, a->cursor);
    args_z(&args, "MATCH");
    args_z(&args, "loa:*");
    args_z(&args, "COUNT");
    args_int(&args, SCAN_COUNT);
    queue_send(a->queue, &args, on_scanned, a);
}

static void
later(struct audit *a, int64_t ms)
{
    struct timeval tv = clock_timeval(ms);
    (void)event_add(a->timer, &tv);
}

void
audit_next_key(struct audit *a)
{
    if (!queue_is_up(a->queue)) {
        struct err gone;
        (void)err_set(&gone, ERR_GONE, "Redis went away while it was being audited");
        audit_over(a, &gone);
    } else if (a->at < a->keys_n) {
        look_at(a, a->keys[a->at++]);
    } else if (!a->scanned) {
        later(a, a->way.pause_ms);
    } else if (a->suspects_n > 0) {
        later(a, AGAIN_MS);
    } else {
        audit_over(a, NULL);
    }
}

struct audit *
audit_run(struct queue *queue, const struct audit_way *way, audit_found_fn *found, queue_done *fn,
          void *arg)
{
    struct audit *a = xcalloc(1, sizeof *a);
    a->queue = queue;
    a->way = *way;
    a->found = found;
    a->fn = fn;
    a->arg = arg;
    memcpy(a->cursor, "0", 2);
    a->timer = event_new(queue_base(queue), -1, 0, on_timer, a);
    later(a, 0);
    return a;
}

void
audit_stop(struct audit **audit)
{
    if (*audit) {
        audit_free(*audit);
        *audit = NULL;
    }
}

/* The master that Sentinel names: asked every second, so that a failover is followed also when the
 * old master still answers. */
// SPDX-License-Identifier: MIT
#include "queue/place.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/base/log.h"
#include "gateway/core/mem.h"

struct sentinel {
    struct queue *queue;
    struct scout *scout;
    bool known;
    struct redis_place master;
    char why[200];
};

static void
question(void *arg, struct args *a)
{
    const struct sentinel *s = arg;
    args_init(a, "SENTINEL");
    args_z(a, "GET-MASTER-ADDR-BY-NAME");
    args_z(a, queue_conf(s->queue)->redis.sentinel_master);
}

static void
say(struct sentinel *s, const char *why)
{
    (void)snprintf(s->why, sizeof s->why, "%s", why);
    log_event(LOG_WARNING, "sentinel.failed", "why=%s", log_value(str_of(s->why)));
}

static bool
on_answer(void *arg, const struct redisReply *reply, const struct redis_place *from)
{
    struct sentinel *s = arg;
    struct redis_place master = {.port = (int)reply_int_at(reply, 1, 0)};
    struct str host = reply_str_at(reply, 0);
    if (host.n == 0 || host.n >= sizeof master.host || master.port <= 0) {
        char why[200];
        (void)snprintf(why, sizeof why, "Sentinel at %.80s:%d: knows no master '%.60s'", from->host,
                       from->port, queue_conf(s->queue)->redis.sentinel_master);
        say(s, why);
        return false;
    }
    (void)snprintf(master.host, sizeof master.host, "%.*s", (int)host.n, host.p);
    if (!s->known || !redis_place_equal(&master, &s->master)) {
        log_event(LOG_INFO, "sentinel.named", "master=%s:%d", master.host, master.port);
    }
    s->known = true;
    s->master = master;
    return true;
}

static void
on_silence(void *arg, const char *why)
{
    say(arg, why);
}

struct sentinel *
sentinel_open(struct queue *queue)
{
    struct sentinel *s = xcalloc(1, sizeof *s);
    s->queue = queue;
    s->scout = scout_open(queue, &(struct scout_ask){.arg = s,
                                                     .target = {.bare = true},
                                                     .question = question,
                                                     .on_answer = on_answer,
                                                     .on_silence = on_silence});
    return s;
}

void
sentinel_close(struct sentinel **sentinel)
{
    struct sentinel *s = *sentinel;
    if (s) {
        scout_close(&s->scout);
        free(s);
        *sentinel = NULL;
    }
}

int
sentinel_place(const struct sentinel *s, struct redis_place *out, struct err *err)
{
    if (!s->known) {
        return err_set(err, ERR_GONE, "%s", *s->why ? s->why : "no Sentinel has answered yet");
    }
    *out = s->master;
    return 0;
}

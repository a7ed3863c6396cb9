/* A Redis Cluster: which master has which slot, a connection to each, MOVED and ASK.
 *
 * The map is asked for every second, at once when a redirection tells of a change.  The queue is up
 * only while every slot has a master and all of them answer: a broadcast stands on one of them, but
 * counters, work and intake stand on the others. */
// SPDX-License-Identifier: MIT
#include "queue/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/core/mem.h"

enum { SLOTS = 16384, MASTERS_MAX = 200, NOBODY = 255 };

struct cluster {
    struct queue *queue;
    struct scout *scout;
    struct master *masters[MASTERS_MAX];
    size_t masters_n;
    uint8_t owner[SLOTS];
    int without; /* slots without a master */
    char why[200];
};

/* CRC-16/XMODEM, as the cluster specification says. */
static uint16_t
crc16(struct str s)
{
    uint16_t crc = 0;
    for (size_t i = 0; i < s.n; i++) {
        crc = (uint16_t)(crc ^ ((unsigned char)s.p[i] << 8));
        for (int bit = 0; bit < 8; bit++) {
            crc = (uint16_t)(crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1);
        }
    }
    return crc;
}

static unsigned
slot_of(struct str key)
{
    return crc16(place_tag(key)) % SLOTS;
}

static size_t
find_master(const struct cluster *c, const struct redis_place *place)
{
    size_t i = 0;
    while (i < c->masters_n &&
           !redis_place_equal(redis_place(master_redis(c->masters[i])), place)) {
        i++;
    }
    return i;
}

/* ---- The map ---- */

static void
question(void *arg, struct args *a)
{
    (void)arg;
    args_init(a, "CLUSTER");
    args_z(a, "SLOTS");
}

/* [first, last, [host, port, id, …], replicas…]; an unknown host is the one that was asked. */
static bool
read_range(const struct redisReply *range, const struct redis_place *from,
           struct redis_place *place)
{
    const struct redisReply *master = reply_at(range, 2);
    struct str host = reply_str_at(master, 0);
    memset(place, 0, sizeof *place);
    place->port = (int)reply_int_at(master, 1, 0);
    if (host.n >= sizeof place->host || place->port <= 0) {
        return false;
    }
    (void)snprintf(place->host, sizeof place->host, "%.*s", host.n ? (int)host.n : 255,
                   host.n ? host.p : from->host);
    return true;
}

static void
take_range(struct cluster *c, const struct redisReply *range, const struct redis_place *from)
{
    struct redis_place place;
    int64_t first = reply_int_at(range, 0, -1), last = reply_int_at(range, 1, -1);
    if (first < 0 || last < first || last >= SLOTS || !read_range(range, from, &place)) {
        return;
    }
    size_t i = find_master(c, &place);
    if (i == c->masters_n) {
        if (i == MASTERS_MAX) {
            return;
        }
        log_event(LOG_INFO, "cluster.master", "at=%s:%d", place.host, place.port);
        c->masters[c->masters_n++] = master_open(c->queue, &(struct redis_target){.place = &place});
    }
    memset(c->owner + first, (int)i, (size_t)(last - first + 1));
    c->without -= (int)(last - first + 1);
}

/* Who has no slot any more goes, and the places of those behind it move up. */
static void
drop_unused(struct cluster *c)
{
    for (size_t i = c->masters_n; i-- > 0;) {
        if (memchr(c->owner, (int)i, SLOTS)) {
            continue;
        }
        struct master *gone = c->masters[i];
        memmove(c->masters + i, c->masters + i + 1, (--c->masters_n - i) * sizeof *c->masters);
        for (size_t slot = 0; slot < SLOTS; slot++) {
            c->owner[slot] =
                (uint8_t)(c->owner[slot] - (c->owner[slot] > i && c->owner[slot] != NOBODY));
        }
        master_close(&gone);
    }
}

static bool
on_answer(void *arg, const struct redisReply *reply, const struct redis_place *from)
{
    struct cluster *c = arg;
    memset(c->owner, NOBODY, sizeof c->owner);
    c->without = SLOTS;
    for (size_t i = 0; i < reply_count(reply); i++) {
        take_range(c, reply_at(reply, i), from);
    }
    drop_unused(c);
    c->why[0] = '\0';
    if (c->without > 0) {
        (void)snprintf(c->why, sizeof c->why, "the cluster has no master for %d of %d slots",
                       c->without, SLOTS);
        log_event(LOG_WARNING, "cluster.incomplete", "why=%s", log_value(str_of(c->why)));
    }
    queue_look(c->queue);
    return reply_count(reply) > 0;
}

static void
on_silence(void *arg, const char *why)
{
    struct cluster *c = arg;
    (void)snprintf(c->why, sizeof c->why, "%s", why);
    log_event(LOG_WARNING, "cluster.silent", "why=%s", log_value(str_of(why)));
}

/* Masters that answered yesterday's question, should those of the configuration be gone. */
static bool
another(void *arg, size_t i, struct redis_place *out)
{
    const struct cluster *c = arg;
    if (i >= c->masters_n) {
        return false;
    }
    *out = *redis_place(master_redis(c->masters[i]));
    return true;
}

struct redis *
cluster_redirected(struct cluster *c, struct str text)
{
    struct redis_place place = {.port = 0};
    uint64_t slot = 0, port = 0;
    struct str word = str_cut(&text, ' ');
    struct str number = str_cut(&text, ' ');
    const char *colon = text.n ? memrchr(text.p, ':', text.n) : NULL;
    scout_hurry(c->scout);
    if (!colon || !str_to_u64(number, SLOTS - 1, &slot) ||
        !str_to_u64(str_from(text, (size_t)(colon + 1 - text.p)), 65535, &port)) {
        return NULL;
    }
    (void)snprintf(place.host, sizeof place.host, "%.*s", (int)(colon - text.p), text.p);
    place.port = (int)port;
    size_t i = find_master(c, &place);
    if (i == c->masters_n) {
        return NULL; /* a new one: the map will name it */
    }
    if (str_equal_z(word, "MOVED")) {
        c->owner[slot] = (uint8_t)i;
    }
    return master_redis(c->masters[i]);
}

/* ---- Asked by place.c ---- */

bool
cluster_is_whole(const struct cluster *c)
{
    return c->without == 0;
}

struct master *
cluster_master(const struct cluster *c, size_t i)
{
    return i < c->masters_n ? c->masters[i] : NULL;
}

struct master *
cluster_master_of(const struct cluster *c, struct str key)
{
    return cluster_master(c, c->owner[slot_of(key)]);
}

const char *
cluster_why(const struct cluster *c)
{
    return c->why;
}

struct cluster *
cluster_open(struct queue *queue)
{
    struct cluster *c = xcalloc(1, sizeof *c);
    c->queue = queue;
    c->without = SLOTS;
    memset(c->owner, NOBODY, sizeof c->owner);
    c->scout = scout_open(queue, &(struct scout_ask){.arg = c,
                                                     .target = {.any = true},
                                                     .question = question,
                                                     .on_answer = on_answer,
                                                     .on_silence = on_silence,
                                                     .another = another});
    return c;
}

void
cluster_close(struct cluster **cluster)
{
    struct cluster *c = *cluster;
    if (c) {
        scout_close(&c->scout);
        while (c->masters_n > 0) {
            master_close(&c->masters[--c->masters_n]);
        }
        free(c);
        *cluster = NULL;
    }
}

/* Which master has a key, and by which connection a command goes. */
// SPDX-License-Identifier: MIT
#include "queue/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"

/* One master, where the configuration or Sentinel says; or a cluster. */
struct places {
    struct queue *queue;
    struct master *only;
    struct sentinel *sentinel;
    struct cluster *cluster;
};

static bool
wants_sentinel(const struct conf *conf)
{
    return conf->redis.sentinel_master != NULL;
}

static bool
wants_cluster(const struct conf *conf)
{
    return !wants_sentinel(conf) && conf->redis.nodes_n > 0;
}

struct places *
places_open(struct queue *queue)
{
    const struct conf *conf = queue_conf(queue);
    struct places *p = xcalloc(1, sizeof *p);
    p->queue = queue;
    if (wants_cluster(conf)) {
        p->cluster = cluster_open(queue);
        return p;
    }
    if (wants_sentinel(conf)) {
        p->sentinel = sentinel_open(queue);
    }
    p->only = master_open(queue, &(struct redis_target){.key = ""});
    return p;
}

void
places_close(struct places **places)
{
    struct places *p = *places;
    if (p) {
        master_close(&p->only);
        sentinel_close(&p->sentinel);
        cluster_close(&p->cluster);
        free(p);
        *places = NULL;
    }
}

struct master *
places_each(const struct places *p, size_t i)
{
    return p->cluster ? cluster_master(p->cluster, i) : i == 0 ? p->only : NULL;
}

bool
places_are_ready(const struct places *p)
{
    if (p->cluster && !cluster_is_whole(p->cluster)) {
        return false;
    }
    struct master *master;
    for (size_t i = 0; (master = places_each(p, i)) != NULL; i++) {
        if (!master_is_ready(master)) {
            return false;
        }
    }
    return true;
}

void
places_runs(const struct places *p, struct buf *out)
{
    struct master *master;
    for (size_t i = 0; (master = places_each(p, i)) != NULL; i++) {
        buf_add_z(out, redis_run_id(master_redis(master)));
        buf_add_char(out, ' ');
    }
}

const char *
places_why(const struct places *p)
{
    return p->cluster ? cluster_why(p->cluster) : "";
}

int
place_of(const struct queue *queue, const char *key, struct redis_place *out, struct err *err)
{
    const struct places *p = queue_places(queue);
    const struct conf *conf = queue_conf(queue);
    if (wants_cluster(conf)) {
        struct master *master = p ? cluster_master_of(p->cluster, str_of(key)) : NULL;
        if (!master) {
            return err_set(err, ERR_GONE, "no master of the cluster is known for %.60s", key);
        }
        *out = *redis_place(master_redis(master));
        return 0;
    }
    if (wants_sentinel(conf)) {
        return p ? sentinel_place(p->sentinel, out, err)
                 : err_set(err, ERR_GONE, "no Sentinel was asked yet");
    }
    memset(out, 0, sizeof *out);
    (void)snprintf(out->path, sizeof out->path, "%s", conf->redis.path ? conf->redis.path : "");
    (void)snprintf(out->host, sizeof out->host, "%s", conf->redis.host ? conf->redis.host : "");
    out->port = conf->redis.port;
    return 0;
}

bool
place_has_moved(const struct queue *queue, const char *key, const struct redis_place *from)
{
    const struct conf *conf = queue_conf(queue);
    struct redis_place now;
    return (wants_cluster(conf) || wants_sentinel(conf)) && place_of(queue, key, &now, NULL) == 0 &&
           !redis_place_equal(&now, from);
}

bool
place_is_cluster(const struct queue *queue)
{
    return wants_cluster(queue_conf(queue));
}

/* ---- The key of a command ---- */

static struct str
arg(const struct args *a, int i)
{
    return i < a->n ? (struct str){a->v[i], a->len[i]} : (struct str){NULL, 0};
}

static struct str
behind(const struct args *a, const char *word)
{
    int i = 1;
    while (i < a->n && !str_equal_z(arg(a, i), word)) {
        i++;
    }
    return arg(a, i + 1);
}

/* No key: .p is NULL. */
static struct str
key_of(const struct args *a)
{
    static const char *const without[] = {"FUNCTION", "PING", "INFO", "CONFIG", "CLIENT", "SCAN"};
    struct str command = arg(a, 0);
    if (a->near) {
        return str_of(a->near);
    }
    if (str_equal_z(command, "FCALL")) {
        return str_equal_z(arg(a, 2), "0") ? (struct str){NULL, 0} : arg(a, 3);
    }
    if (str_equal_z(command, "XREADGROUP")) {
        return behind(a, "STREAMS");
    }
    if (str_equal_z(command, "XGROUP")) {
        return arg(a, 2);
    }
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        if (str_equal_z(command, without[i])) {
            return (struct str){NULL, 0};
        }
    }
    return arg(a, 1);
}

struct redis *
place_for(const struct queue *queue, const struct args *args)
{
    const struct places *p = queue_places(queue);
    if (!p->cluster) {
        return master_redis(p->only);
    }
    struct str key = key_of(args);
    struct master *master = key.p ? cluster_master_of(p->cluster, key)
                                  : cluster_master(p->cluster, (size_t)args->master);
    return master ? master_redis(master) : NULL;
}

struct redis *
place_redirected(const struct queue *queue, struct str text)
{
    const struct places *p = queue_places(queue);
    return p && p->cluster ? cluster_redirected(p->cluster, text) : NULL;
}

struct str
place_tag(struct str key)
{
    const char *open = key.n ? memchr(key.p, '{', key.n) : NULL;
    const char *end = open ? memchr(open, '}', key.n - (size_t)(open - key.p)) : NULL;
    bool has_one = end && end > open + 1;
    return has_one ? (struct str){open + 1, (size_t)(end - open - 1)} : key;
}

bool
place_guard(const struct queue *queue, const struct args *args, char *out, size_t room)
{
    if (!place_is_cluster(queue) || !str_equal_z(arg(args, 0), "FCALL") ||
        str_equal_z(arg(args, 2), "0")) {
        return false;
    }
    struct str key = place_tag(arg(args, 3));
    (void)snprintf(out, room, "loa:moving:{%.*s}", (int)key.n, key.p);
    return true;
}

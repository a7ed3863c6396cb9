/* Internal to queue/: which master has a key: the one of the configuration, the one that Sentinel
 * names, or of a cluster's masters the one of the key's slot. */
#ifndef LOA_QUEUE_PLACE_H
#define LOA_QUEUE_PLACE_H
// SPDX-License-Identifier: MIT

#include "queue/handle.h"

struct places;
struct master;

/* Opens the connections that commands go by. */
struct places *places_open(struct queue *queue);
void places_close(struct places **places); /* answers what is under way with ERR_GONE, inside */
bool places_are_ready(const struct places *places); /* every master, and no slot without one */
/* The runs of all masters: another text once one of them was restarted or gave way to another. */
void places_runs(const struct places *places, struct buf *out);
struct master *places_each(const struct places *places, size_t i); /* NULL: no more of them */
const char *places_why(const struct places *places); /* what is missing, "" nothing that we know */

/* Where the master of `key` is now; -1 with a sentence: not known. */
int place_of(const struct queue *queue, const char *key, struct redis_place *out,
             struct err *err) MUST_CHECK;
bool place_has_moved(const struct queue *queue, const char *key, const struct redis_place *from);
bool place_is_cluster(const struct queue *queue);
/* The connection that this command goes by, NULL: none is known. */
struct redis *place_for(const struct queue *queue, const struct args *args);
/* "MOVED 3999 host:port" or "ASK …" was answered: remembers it, returns that master's connection,
 * NULL when there is none yet. */
struct redis *place_redirected(const struct queue *queue, struct str text);
/* What decides a key's slot: what stands between its first { and the next }, else all of it. */
struct str place_tag(struct str key);
/* The key that a Function's call names besides its own in a cluster (redis.c); false: none. */
bool place_guard(const struct queue *queue, const struct args *args, char *out, size_t room);

/* ---- cluster.c */
struct cluster;
struct cluster *cluster_open(struct queue *queue);
void cluster_close(struct cluster **cluster);
bool cluster_is_whole(const struct cluster *cluster); /* each slot has a master */
struct master *cluster_master(const struct cluster *cluster, size_t i);
struct master *cluster_master_of(const struct cluster *cluster, struct str key);
struct redis *cluster_redirected(struct cluster *cluster, struct str text);
const char *cluster_why(const struct cluster *cluster);

/* ---- sentinel.c */
struct sentinel;
struct sentinel *sentinel_open(struct queue *queue);
void sentinel_close(struct sentinel **sentinel);
int sentinel_place(const struct sentinel *sentinel, struct redis_place *out,
                   struct err *err) MUST_CHECK;

/* ---- scout.c: asks one of several servers the same question every second, and goes on to the next
 * when it does not answer as it should. */
struct scout;
struct scout_ask {
    void *arg;
    struct redis_target target; /* its place is filled in */
    void (*question)(void *arg, struct args *a);
    /* False: of no use, the next one is asked.  `from`: who answered. */
    bool (*on_answer)(void *arg, const struct redisReply *reply, const struct redis_place *from);
    void (*on_silence)(void *arg, const char *why);
    /* The i-th server that the configuration does not name; false: no such.  May be NULL. */
    bool (*another)(void *arg, size_t i, struct redis_place *out);
};
struct scout *scout_open(struct queue *queue, const struct scout_ask *ask);
void scout_close(struct scout **scout);
void scout_hurry(struct scout *scout); /* asks at once */

/* ---- master.c: a connection to a master, its Function library loaded and looked at. */
struct master *master_open(struct queue *queue, const struct redis_target *target);
void master_close(struct master **master);
bool master_is_ready(const struct master *master);
struct redis *master_redis(const struct master *master);
void master_check(struct master *master); /* looks at its library again */

/* ---- queue.c, told by these. */
struct places *queue_places(const struct queue *queue);
bool queue_is_gateway(const struct queue *queue);
void queue_look(struct queue *queue);                    /* is it ready by now? */
void queue_lose(struct queue *queue, const char *why);   /* a master is gone */
void queue_refuse(struct queue *queue, const char *why); /* waiting does not cure it */

#endif

/* Internal to queue/: connections to Redis on hiredis and libevent, commands with binary arguments,
 * and replies read without trusting their shape. */
#ifndef LOA_QUEUE_REDIS_H
#define LOA_QUEUE_REDIS_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

struct redisReply;

/* All keys of the directory begin so: one slot, the braces being part of the key. */
#define QUEUE_DIRECTORY "loa:members:{dir}:"

/* ---- Arguments.  On the stack; borrows what args_str() and args_bytes() are given until the send;
 * numbers and formatted keys live in `scratch`.  Too many arguments or too long a text: the send
 * answers ERR_LIMIT.  */
enum { ARGS_MAX = 1100, ARGS_SCRATCH = 24 * 1024 };
struct args {
    int n;
    bool overflow;
    /* Of a command that names no key: it goes where this key is, else to that master of all. */
    const char *near;
    int master;
    size_t used;
    const char *v[ARGS_MAX];
    size_t len[ARGS_MAX];
    char scratch[ARGS_SCRATCH];
};
void args_init(struct args *a, const char *command);
/* FCALL function 1 key: the Function's own arguments follow with args_…(). */
void args_fcall(struct args *a, const char *function, const char *key_format, ...)
    PRINTF_LIKE(3, 4);
/* Another Function is called with what was put together. */
void args_function(struct args *a, const char *function);
/* FCALL function 2 key other. */
void args_fcall2(struct args *a, const char *function, const char *key, const char *other);
void args_z(struct args *a, const char *z);
void args_str(struct args *a, struct str s);
void args_bytes(struct args *a, const void *bytes, size_t n);
void args_int(struct args *a, int64_t value);
void args_format(struct args *a, const char *format, ...) PRINTF_LIKE(2, 3);
/* One argument HEAD:N:N…, without printf: for what is sent a message. */
void args_joined(struct args *a, struct str head, const uint32_t *numbers, int n);

/* ---- Replies.  NULL or another type than asked for gives the empty value, never a crash. */
size_t reply_count(const struct redisReply *r);                          /* 0: no array */
const struct redisReply *reply_at(const struct redisReply *r, size_t i); /* NULL: none */
bool reply_is_nil(const struct redisReply *r);                           /* NULL too */
struct str reply_str(const struct redisReply *r);                        /* string or status */
struct str reply_str_at(const struct redisReply *r, size_t i);
/* An integer, or a string that is one in decimal; else `otherwise`. */
int64_t reply_int(const struct redisReply *r, int64_t otherwise);
int64_t reply_int_at(const struct redisReply *r, size_t i, int64_t otherwise);
/* The value of `name` in a flat array of names and values (HGETALL, a stream entry's fields). */
const struct redisReply *reply_value(const struct redisReply *r, const char *name); /* NULL: none */
struct str reply_field(const struct redisReply *r, const char *name);

/* Sets `err` from the text of an error reply, as said below. */
void reply_error(struct str text, struct err *err);

/* ---- Commands.  Answers exactly once, from the loop.  With `err` the reply is NULL.  Errors that
 * our Functions raise (redis.error_reply('LOA sentence')) are ERR_INPUT with that sentence; OOM,
 * LOADING, READONLY and their like ERR_AGAIN; a lost connection or a time-out ERR_GONE. */
typedef void redis_fn(void *arg, const struct redisReply *reply, const struct err *err);
void queue_ignore_reply(void *arg, const struct redisReply *reply, const struct err *err);
/* On the command connection.  A missing Function library is loaded again (and this call answered
 * ERR_AGAIN). */
void queue_send(struct queue *queue, const struct args *args, redis_fn *fn, void *arg);
/* Answers `fn` with `err` from the loop, as if Redis had: for what is refused before it is sent. */
void queue_fail(struct queue *queue, const struct err *err, redis_fn *fn, void *arg);
/* When only success matters. */
void queue_send_plain(struct queue *queue, const struct args *args, queue_done *fn, void *arg);

/* ---- Connections of one's own (blocking reads). */
struct redis;
struct redis_events {
    void *ctx;
    void (*on_up)(void *ctx, struct redis *redis);
    /* All calls under way were answered ERR_GONE before.  Told once until it is up again. */
    void (*on_down)(void *ctx, struct redis *redis, const char *why);
    void (*on_refused)(void *ctx, struct redis *redis, const char *why);
};
/* Where a server listens: a unix socket (`path`), or TCP. */
enum { REDIS_HOST_SIZE = 256 };
struct redis_place {
    char path[108], host[REDIS_HOST_SIZE];
    int port;
};
/* Where a connection leads: to the master that has `key` now (looked up at each try), or to a
 * place. */
struct redis_target {
    const char *key; /* must outlive the connection */
    const struct redis_place *place;
    bool bare; /* to no Redis but a Sentinel, which wants no handshake */
    bool any;  /* a replica will do */
};
/* Connects in the background, again and again; `name` goes into CLIENT SETNAME.  Up once the server
 * said that it is a master and has its data. */
struct redis *redis_open(struct queue *queue, const char *name, const struct redis_target *target,
                         const struct redis_events *events);
void redis_close(struct redis **redis); /* answers what is under way with ERR_GONE, inside */
bool redis_is_up(const struct redis *redis);
/* Of the server that it is or was connected to last: its run, a new one after each restart. */
const char *redis_run_id(const struct redis *redis);
const struct redis_place *redis_place(const struct redis *redis);
bool redis_place_equal(const struct redis_place *a, const struct redis_place *b);
/* Drops the connection from the loop, and connects anew. */
void redis_reconnect(struct redis *redis, const char *why);
/* Hands to the kernel what was sent, instead of at the loop's next turn. */
void redis_flush(struct redis *redis);
/* `block_ms`: how long the command may block in Redis by itself (0: it does not). */
void redis_send(struct redis *redis, const struct args *args, int64_t block_ms, redis_fn *fn,
                void *arg);

/* ---- Parts of the queue that keep state: found by their type's tag, told of up and down (the
 * command connection's, library loaded).  At queue_close() all are closed (close your connections),
 * then every open call is answered, then they are freed. */
struct queue_part {
    struct queue_part *next;
    const void *tag;                        /* the address of a static object of the part's file */
    void (*on_up)(struct queue_part *part); /* may be NULL */
    void (*on_down)(struct queue_part *part); /* may be NULL */
    void (*close)(struct queue_part *part);   /* may be NULL */
    void (*free)(struct queue_part *part);
};
void queue_part_add(struct queue *queue, struct queue_part *part);
struct queue_part *queue_part_find(struct queue *queue, const void *tag); /* the latest, NULL */
/* The one part of this kind, made on first use: `size` zeroed bytes that begin with `kind`, whose
 * tag is the address of `kind` itself. */
struct queue_part *queue_part_of(struct queue *queue, const struct queue_part *kind, size_t size);
/* For parts that own nothing else. */
void queue_part_free(struct queue_part *part);

struct event_base *queue_base(const struct queue *queue);
const struct conf *queue_conf(const struct queue *queue);
int64_t queue_now_ms(void); /* the monotonic clock */

#endif

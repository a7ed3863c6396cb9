/* One connection to Redis on hiredis and libevent: connect, handshake, commands with a time limit,
 * reconnect with backoff and jitter.
 *
 *   CLOSED --timer--> CONNECTING --socket--> GREETING --AUTH, SETNAME, SELECT, INFO--> UP
 *     ^                   |                     |                                      |
 *     +---- backoff ------+---------------------+----- error, time-out, EOF, replica --+
 *
 * hiredis frees its context itself when the peer goes away, after one last NULL reply to each call;
 * we free it (redisAsyncFree) only from our timer or from redis_close(), never inside one of its
 * callbacks.  Replies come in the order of the commands, so only the oldest call is timed. */
// SPDX-License-Identifier: MIT
#include "queue/redis.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <hiredis/adapters/libevent.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "queue/handle.h"
#include "queue/place.h"

enum { CONNECT_MS = 5000, COMMAND_MS = 5000, BACKOFF_FIRST_MS = 100, BACKOFF_MAX_MS = 5000 };

enum redis_state { REDIS_IS_CLOSED, REDIS_IS_CONNECTING, REDIS_IS_GREETING, REDIS_IS_UP };

/* A command under way. */
struct call {
    struct call *next;
    struct redis *redis;
    redis_fn *fn;
    void *arg;
    int64_t deadline_ms;
    char *command; /* as it was sent, to be sent elsewhere; NULL: it stays here */
    size_t command_n;
    int hops;
};

struct redis {
    struct queue *queue;
    struct redis_events events;
    char *name;
    const char *key; /* whose master it leads to; NULL: `place` is fixed */
    bool bare, any;
    struct redis_place place;
    char run_id[44];
    redisAsyncContext *ac;
    enum redis_state state;
    struct call *first, **last; /* under way, in order */
    struct call *spare;
    struct event *timer; /* reconnect when CLOSED, else the oldest deadline */
    int64_t backoff_ms;
    bool told_down, closing;
    bool doomed;  /* dropped by the timer as soon as hiredis is off the stack */
    bool refused; /* waiting does not cure it: no further try */
    char why[240];
};

int64_t
queue_now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

/* ---- Timer and connection ---- */

static void
arm(struct redis *r, int64_t wait_ms)
{
    struct timeval tv = clock_timeval(wait_ms);
    (void)event_add(r->timer, &tv);
}

static void
remember_why(struct redis *r, const char *what)
{
    const char *who = r->bare ? "Sentinel" : "Redis";
    if (*r->place.path) {
        (void)snprintf(r->why, sizeof r->why, "%s at %s: %s", who, r->place.path, what);
    } else {
        (void)snprintf(r->why, sizeof r->why, "%s at %.100s:%d: %s", who, r->place.host,
                       r->place.port, what);
    }
}

/* The connection is gone and all its calls are answered: says so once and waits to try again. */
static void
go_down(struct redis *r)
{
    r->ac = NULL;
    r->state = REDIS_IS_CLOSED;
    r->doomed = false;
    if (r->closing) {
        return;
    }
    if (!r->refused) {
        int64_t jitter = (int64_t)(queue_random(r->queue) % (uint64_t)(r->backoff_ms / 2 + 1));
        arm(r, r->backoff_ms / 2 + jitter);
        r->backoff_ms = r->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : r->backoff_ms * 2;
    }
    if (!r->told_down) {
        r->told_down = true;
        r->events.on_down(r->events.ctx, r, r->why);
    }
}

static void
on_disconnect(const redisAsyncContext *ac, int status)
{
    struct redis *r = ac->data;
    if (status != REDIS_OK && r->why[0] == '\0') {
        remember_why(r, ac->errstr && *ac->errstr ? ac->errstr : "connection lost");
    }
    go_down(r);
}

static void greet(struct redis *r);

static void
on_connect(const redisAsyncContext *ac, int status)
{
    struct redis *r = ac->data;
    if (status == REDIS_OK) {
        r->state = REDIS_IS_GREETING;
        greet(r);
        return;
    }
    /* hiredis frees the context after this without on_disconnect; no call can be under way. */
    remember_why(r, *ac->c.errstr ? ac->c.errstr : strerror(errno));
    go_down(r);
}

static void
connect_now(struct redis *r)
{
    struct err err;
    r->why[0] = '\0';
    if (r->key && place_of(r->queue, r->key, &r->place, &err) != 0) {
        (void)snprintf(r->why, sizeof r->why, "%s", err.text);
        go_down(r);
        return;
    }
    redisAsyncContext *ac = *r->place.path ? redisAsyncConnectUnix(r->place.path)
                                           : redisAsyncConnect(r->place.host, r->place.port);
    if (!ac || ac->err) {
        remember_why(r, ac && ac->errstr && *ac->errstr ? ac->errstr : "cannot connect");
        if (ac) {
            redisAsyncFree(ac);
        }
        go_down(r);
        return;
    }
    ac->data = r;
    r->ac = ac;
    r->state = REDIS_IS_CONNECTING;
    (void)redisLibeventAttach(ac, queue_base(r->queue));
    (void)redisAsyncSetConnectCallback(ac, on_connect);
    (void)redisAsyncSetDisconnectCallback(ac, on_disconnect);
    arm(r, CONNECT_MS);
}

/* Drops the connection from outside hiredis' callbacks. */
static void
drop(struct redis *r)
{
    bool was_connected = r->state >= REDIS_IS_GREETING;
    redisAsyncContext *ac = r->ac;
    if (ac) {
        redisAsyncFree(ac); /* answers the calls, then on_disconnect if it was connected */
        if (!was_connected) {
            go_down(r);
        }
    }
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct redis *r = arg;
    (void)fd;
    (void)what;
    if (r->state == REDIS_IS_CLOSED) {
        connect_now(r);
        return;
    }
    if (r->state == REDIS_IS_CONNECTING) {
        remember_why(r, "no connection within 5 s");
        drop(r);
        return;
    }
    if (r->doomed) {
        drop(r);
        return;
    }
    if (!r->first) {
        return;
    }
    int64_t left_ms = r->first->deadline_ms - queue_now_ms();
    if (left_ms > 0) {
        arm(r, left_ms);
        return;
    }
    remember_why(r, "no answer within 5 s");
    drop(r);
}

/* ---- Commands ---- */

static struct call *
call_new(struct redis *r, redis_fn *fn, void *arg, int64_t wait_ms)
{
    struct call *call = r->spare;
    if (call) {
        r->spare = call->next;
    } else {
        call = xmalloc(sizeof *call);
    }
    *call =
        (struct call){.redis = r, .fn = fn, .arg = arg, .deadline_ms = queue_now_ms() + wait_ms};
    return call;
}

static void
call_free(struct redis *r, struct call *call)
{
    free(call->command);
    call->command = NULL;
    call->next = r->spare;
    r->spare = call;
}

static void on_reply(redisAsyncContext *ac, void *reply, void *privdata);

/* At the end of what is under way. */
static void
append(struct redis *r, struct call *call)
{
    call->next = NULL;
    call->redis = r;
    *r->last = call;
    r->last = &call->next;
    if (r->first == call) {
        arm(r, call->deadline_ms - queue_now_ms());
    }
}

static void
forget(void *arg, const redisReply *reply, const struct err *err)
{
    (void)arg, (void)reply, (void)err;
}

/* The same command to the master that has the key now; behind an ASK with leave to look there while
 * the key is under way.  False: not to be had now. */
static bool
go_elsewhere(struct call *call, struct str text)
{
    static const char asking[] = "*1\r\n$6\r\nASKING\r\n";
    enum { HOPS_MAX = 5 };
    bool ask = str_starts(text, STR("ASK "));
    struct redis *to = place_redirected(call->redis->queue, text);
    if (!call->command || ++call->hops > HOPS_MAX || !to || to->state != REDIS_IS_UP) {
        return false;
    }
    if (ask) {
        struct call *leave = call_new(to, forget, NULL, COMMAND_MS);
        if (redisAsyncFormattedCommand(to->ac, on_reply, leave, asking, sizeof asking - 1) !=
            REDIS_OK) {
            call_free(to, leave);
            return false;
        }
        append(to, leave);
    }
    if (redisAsyncFormattedCommand(to->ac, on_reply, call, call->command, call->command_n) !=
        REDIS_OK) {
        return false;
    }
    append(to, call);
    return true;
}

/* What an error says about the connection itself: it leads to the wrong server by now. */
static void
look_at_error(struct redis *r, struct str text)
{
    bool moved = str_starts(text, STR("MOVED ")) || str_starts(text, STR("ASK "));
    if (str_starts(text, STR("ERR Function not found"))) {
        queue_on_library_missing(r->queue, r);
    } else if (str_starts(text, STR("READONLY")) || str_starts(text, STR("UNBLOCKED"))) {
        redis_reconnect(r, "is a replica now, it takes no writes");
    } else if (moved && r->key) {
        (void)place_redirected(r->queue, text);
        redis_reconnect(r, "has handed this key on");
    }
}

static void
on_reply(redisAsyncContext *ac, void *reply, void *privdata)
{
    struct call *call = privdata;
    struct redis *r = call->redis;
    const redisReply *got = reply;
    (void)ac;
    r->first = call->next;
    if (!r->first) {
        r->last = &r->first;
    }
    struct str text = got && got->type == REDIS_REPLY_ERROR ? (struct str){got->str, got->len}
                                                            : (struct str){NULL, 0};
    if ((str_starts(text, STR("MOVED ")) || str_starts(text, STR("ASK "))) && !r->key &&
        go_elsewhere(call, text)) {
        return;
    }
    struct call done = *call;
    call_free(r, call);
    struct err err;
    if (!got) {
        (void)err_set(&err, ERR_GONE, "%s", *r->why ? r->why : "the connection to Redis was lost");
        done.fn(done.arg, NULL, &err);
    } else if (text.p) {
        reply_error(text, &err);
        look_at_error(r, text);
        done.fn(done.arg, NULL, &err);
    } else {
        if (r->key && place_has_moved(r->queue, r->key, &r->place)) {
            redis_reconnect(r, "is not the master any more");
        }
        done.fn(done.arg, got, NULL);
    }
}

/* In a cluster a Function's call names one key more, which never exists: while its slot is under
 * way from one master to another, Redis then refuses the call as a whole (TRYAGAIN) instead of
 * stopping it in its middle at a key that has gone already. */
static long long
format_guarded(char **command, const struct args *args, const char *guard)
{
    const char *v[ARGS_MAX + 1];
    size_t len[ARGS_MAX + 1];
    char count[16];
    uint64_t keys = 0;
    (void)str_to_u64((struct str){args->v[2], args->len[2]}, 8, &keys);
    size_t head = 3 + (size_t)keys;
    (void)snprintf(count, sizeof count, "%d", (int)keys + 1);
    memcpy(v, args->v, head * sizeof *v);
    memcpy(len, args->len, head * sizeof *len);
    v[2] = count;
    len[2] = strlen(count);
    v[head] = guard;
    len[head] = strlen(guard);
    memcpy(v + head + 1, args->v + head, ((size_t)args->n - head) * sizeof *v);
    memcpy(len + head + 1, args->len + head, ((size_t)args->n - head) * sizeof *len);
    return redisFormatCommandArgv(command, args->n + 1, (const char **)(uintptr_t)v, len);
}

static int
push(struct redis *r, const struct args *args, int64_t block_ms, redis_fn *fn, void *arg)
{
    char guard[200];
    char *command = NULL;
    long long n = place_guard(r->queue, args, guard, sizeof guard)
                      ? format_guarded(&command, args, guard)
                      : redisFormatCommandArgv(&command, args->n, (const char **)(uintptr_t)args->v,
                                               args->len);
    if (n < 0) {
        abort(); /* out of memory */
    }
    struct call *call = call_new(r, fn, arg, block_ms + COMMAND_MS);
    bool sent = redisAsyncFormattedCommand(r->ac, on_reply, call, command, (size_t)n) == REDIS_OK;
    if (sent && !r->key && place_is_cluster(r->queue)) {
        call->command = command;
        call->command_n = (size_t)n;
    } else {
        free(command);
    }
    if (sent) {
        append(r, call);
    } else {
        call_free(r, call);
    }
    return sent ? 0 : -1;
}

void
redis_flush(struct redis *r)
{
    int all;
    if (r->state == REDIS_IS_UP) {
        (void)redisBufferWrite(&r->ac->c, &all); /* an error stays: the loop's write meets it */
    }
}

void
redis_send(struct redis *r, const struct args *args, int64_t block_ms, redis_fn *fn, void *arg)
{
    struct err err;
    if (args->overflow) {
        (void)err_set(&err, ERR_LIMIT, "a command for Redis is too long");
        queue_fail(r->queue, &err, fn, arg);
    } else if (r->state != REDIS_IS_UP || push(r, args, block_ms, fn, arg) != 0) {
        (void)err_set(&err, ERR_GONE, "%s", *r->why ? r->why : "no connection to Redis");
        queue_fail(r->queue, &err, fn, arg);
    }
}

/* ---- Handshake ---- */

/* A wrong password or database is told once and not tried again; LOADING and its like are. */
static void
on_greeting(void *arg, const redisReply *reply, const struct err *err)
{
    struct redis *r = arg;
    (void)reply;
    if (!err || err->code == ERR_GONE || r->doomed) {
        return;
    }
    struct str text = str_of(err->text);
    remember_why(r, str_starts(text, STR("Redis: ")) ? err->text + 7 : err->text);
    r->doomed = true;
    arm(r, 0);
    if (err->code == ERR_AGAIN && !str_starts(text, STR("Redis: NO"))) {
        return;
    }
    r->refused = true;
    r->told_down = true;
    if (r->events.on_refused) {
        r->events.on_refused(r->events.ctx, r, r->why);
    }
}

static void
is_up_now(struct redis *r)
{
    r->state = REDIS_IS_UP;
    r->backoff_ms = BACKOFF_FIRST_MS;
    r->told_down = false;
    r->events.on_up(r->events.ctx, r);
}

/* The last of the handshake: all before it were well if nothing refused.  A replica takes no writes
 * and one that loads its data answers nothing: both may pass. */
static void
on_info(void *arg, const redisReply *reply, const struct err *err)
{
    struct redis *r = arg;
    char role[16] = "", loading[4] = "", master[REDIS_HOST_SIZE] = "", why[180];
    on_greeting(arg, reply, err);
    if (err || r->doomed || r->state != REDIS_IS_GREETING) {
        return;
    }
    struct str info = reply_str(reply);
    server_info_value(info, "run_id", r->run_id, sizeof r->run_id);
    server_info_value(info, "role", role, sizeof role);
    server_info_value(info, "loading", loading, sizeof loading);
    server_info_value(info, "master_host", master, sizeof master);
    if (strcmp(role, "slave") == 0 && !r->any) {
        (void)snprintf(why, sizeof why, "is a read-only replica of %.100s", master);
        redis_reconnect(r, why);
    } else if (loading[0] == '1') {
        redis_reconnect(r, "loads its data");
    } else {
        is_up_now(r);
    }
}

static void
greet(struct redis *r)
{
    const struct conf *conf = queue_conf(r->queue);
    struct args a;
    if (r->bare) {
        is_up_now(r);
        return;
    }
    if (conf->redis.password) {
        args_init(&a, "AUTH");
        if (conf->redis.username) {
            args_z(&a, conf->redis.username);
        }
        args_z(&a, conf->redis.password);
        (void)push(r, &a, 0, on_greeting, r);
    }
    args_init(&a, "CLIENT");
    args_z(&a, "SETNAME");
    args_z(&a, r->name);
    (void)push(r, &a, 0, on_greeting, r);
    args_init(&a, "SELECT");
    args_int(&a, conf->redis.db);
    (void)push(r, &a, 0, on_greeting, r);
    args_init(&a, "INFO");
    (void)push(r, &a, 0, on_info, r);
}

/* ---- Life ---- */

/* CLIENT SETNAME takes no blanks or control characters. */
static char *
client_name(const char *name)
{
    char *copy = xstrdup(name);
    for (char *p = copy; *p; p++) {
        if (*p <= ' ' || *p > '~') {
            *p = '-';
        }
    }
    return copy;
}

struct redis *
redis_open(struct queue *queue, const char *name, const struct redis_target *target,
           const struct redis_events *events)
{
    struct redis *r = xcalloc(1, sizeof *r);
    r->queue = queue;
    r->events = *events;
    r->name = client_name(name);
    r->key = target->key;
    r->bare = target->bare;
    r->any = target->any;
    if (target->place) {
        r->place = *target->place;
    }
    r->last = &r->first;
    r->backoff_ms = BACKOFF_FIRST_MS;
    r->timer = event_new(queue_base(queue), -1, 0, on_timer, r);
    if (!r->timer) {
        abort();
    }
    arm(r, 0);
    return r;
}

void
redis_close(struct redis **redis)
{
    struct redis *r = *redis;
    if (!r) {
        return;
    }
    *redis = NULL;
    r->closing = true;
    drop(r);
    while (r->spare) {
        struct call *next = r->spare->next;
        free(r->spare);
        r->spare = next;
    }
    event_free(r->timer);
    free(r->name);
    free(r);
}

bool
redis_is_up(const struct redis *r)
{
    return r && r->state == REDIS_IS_UP;
}

const char *
redis_run_id(const struct redis *r)
{
    return r->run_id;
}

const struct redis_place *
redis_place(const struct redis *r)
{
    return &r->place;
}

bool
redis_place_equal(const struct redis_place *a, const struct redis_place *b)
{
    return strcmp(a->path, b->path) == 0 && strcmp(a->host, b->host) == 0 && a->port == b->port;
}

void
redis_reconnect(struct redis *r, const char *why)
{
    if (r->state >= REDIS_IS_GREETING && !r->doomed) {
        remember_why(r, why);
        r->doomed = true;
        arm(r, 0);
    }
}

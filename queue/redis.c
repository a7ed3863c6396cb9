/* One connection to Redis on hiredis and libevent: connect, handshake, commands with a time limit,
 * reconnect with backoff and jitter.
 *
 *   CLOSED --timer--> CONNECTING --socket--> GREETING --AUTH, SETNAME, SELECT--> UP
 *     ^                   |                     |                                |
 *     +---- backoff ------+---------------------+----- error, time-out, EOF -----+
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

enum { CONNECT_MS = 5000, COMMAND_MS = 5000, BACKOFF_FIRST_MS = 100, BACKOFF_MAX_MS = 5000 };

enum redis_state { REDIS_IS_CLOSED, REDIS_IS_CONNECTING, REDIS_IS_GREETING, REDIS_IS_UP };

/* A command under way. */
struct call {
    struct call *next;
    struct redis *redis;
    redis_fn *fn;
    void *arg;
    int64_t deadline_ms;
};

struct redis {
    struct queue *queue;
    struct redis_events events;
    char *name;
    redisAsyncContext *ac;
    enum redis_state state;
    struct call *first, **last; /* under way, in order */
    struct call *spare;
    struct event *timer; /* reconnect when CLOSED, else the oldest deadline */
    int64_t backoff_ms;
    bool told_down, closing;
    bool doomed;  /* dropped by the timer as soon as hiredis is off the stack */
    bool refused; /* waiting does not cure it: no further try */
    char why[160];
};

int64_t
queue_now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

/* ---- Errors ---- */

/* What Redis says when it cannot do it now; nothing was done. */
static bool
is_passing(struct str text)
{
    static const char *const words[] = {"OOM",         "LOADING", "READONLY",   "MASTERDOWN",
                                        "BUSY",        "MISCONF", "NOREPLICAS", "TRYAGAIN",
                                        "CLUSTERDOWN", "NOAUTH",  "NOPERM",     "UNBLOCKED"};
    if (str_starts(text, STR("ERR max number of clients")) ||
        str_starts(text, STR("ERR Function not found"))) {
        return true;
    }
    struct str word = str_cut(&text, ' ');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_equal_z(word, words[i])) {
            return true;
        }
    }
    return false;
}

/* Sets `err` from the text of an error reply. */
static void
read_error(struct str text, struct err *err)
{
    int n = text.n > 200 ? 200 : (int)text.n;
    if (str_starts(text, STR("LOA "))) {
        (void)err_set(err, ERR_INPUT, "%.*s", n - 4, text.p + 4);
    } else if (is_passing(text)) {
        (void)err_set(err, ERR_AGAIN, "Redis: %.*s", n, text.p);
    } else {
        (void)err_set(err, ERR_INPUT, "Redis: %.*s", n, text.p);
    }
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
    const struct conf *conf = queue_conf(r->queue);
    if (conf->redis.path) {
        (void)snprintf(r->why, sizeof r->why, "Redis at %s: %s", conf->redis.path, what);
    } else {
        (void)snprintf(r->why, sizeof r->why, "Redis at %s:%d: %s", conf->redis.host,
                       conf->redis.port, what);
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
    const struct conf *conf = queue_conf(r->queue);
    r->why[0] = '\0';
    redisAsyncContext *ac = conf->redis.path
                                ? redisAsyncConnectUnix(conf->redis.path)
                                : redisAsyncConnect(conf->redis.host, conf->redis.port);
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
on_reply(redisAsyncContext *ac, void *reply, void *privdata)
{
    struct call *call = privdata;
    struct redis *r = call->redis;
    const redisReply *got = reply;
    struct call done = *call;
    (void)ac;
    r->first = call->next;
    if (!r->first) {
        r->last = &r->first;
    }
    call->next = r->spare;
    r->spare = call;

    struct err err;
    if (!got) {
        (void)err_set(&err, ERR_GONE, "%s", *r->why ? r->why : "the connection to Redis was lost");
        done.fn(done.arg, NULL, &err);
    } else if (got->type == REDIS_REPLY_ERROR) {
        struct str text = {got->str, got->len};
        read_error(text, &err);
        if (str_starts(text, STR("ERR Function not found"))) {
            queue_on_library_missing(r->queue);
        }
        done.fn(done.arg, NULL, &err);
    } else {
        done.fn(done.arg, got, NULL);
    }
}

static int
push(struct redis *r, const struct args *args, int64_t block_ms, redis_fn *fn, void *arg)
{
    struct call *call = call_new(r, fn, arg, block_ms + COMMAND_MS);
    if (redisAsyncCommandArgv(r->ac, on_reply, call, args->n, (const char **)(uintptr_t)args->v,
                              args->len) != REDIS_OK) {
        call->next = r->spare;
        r->spare = call;
        return -1;
    }
    *r->last = call;
    r->last = &call->next;
    if (!call->next && r->first == call) {
        arm(r, block_ms + COMMAND_MS);
    }
    return 0;
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

/* The last of the handshake: all before it were well if nothing refused. */
static void
on_selected(void *arg, const redisReply *reply, const struct err *err)
{
    struct redis *r = arg;
    on_greeting(arg, reply, err);
    if (err || r->doomed || r->state != REDIS_IS_GREETING) {
        return;
    }
    r->state = REDIS_IS_UP;
    r->backoff_ms = BACKOFF_FIRST_MS;
    r->told_down = false;
    r->events.on_up(r->events.ctx, r);
}

static void
greet(struct redis *r)
{
    const struct conf *conf = queue_conf(r->queue);
    struct args a;
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
    (void)push(r, &a, 0, on_selected, r);
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
redis_open(struct queue *queue, const char *name, const struct redis_events *events)
{
    struct redis *r = xcalloc(1, sizeof *r);
    r->queue = queue;
    r->events = *events;
    r->name = client_name(name);
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

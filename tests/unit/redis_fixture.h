/* A private redis-server for a unit test of queue/: on a unix socket in a directory of its own. */
#ifndef LOA_TESTS_REDIS_FIXTURE_H
#define LOA_TESTS_REDIS_FIXTURE_H
// SPDX-License-Identifier: MIT

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "queue/queue.h"

struct fixture {
    char dir[64], socket[96];
    pid_t pid;
    struct conf conf;
    struct conf_link links[1];
    struct event_base *base;
    struct queue *queue;
    redisContext *redis; /* to look at Redis by itself */
};

static void
fixture_start_redis(struct fixture *f)
{
    f->pid = fork();
    if (f->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies leaves nothing running */
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, 1);
        (void)execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", f->socket,
                     "--dir", f->dir, "--save", "", "--appendonly", "yes", (char *)NULL);
        _exit(127);
    }
    assert_true(f->pid > 0);
    for (int i = 0; i < 500; i++) {
        f->redis = redisConnectUnix(f->socket);
        if (f->redis && !f->redis->err) {
            return;
        }
        redisFree(f->redis);
        (void)nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    fail_msg("no redis-server at %s", f->socket);
}

static void
fixture_stop_redis(struct fixture *f)
{
    redisFree(f->redis);
    f->redis = NULL;
    (void)kill(f->pid, SIGKILL);
    (void)waitpid(f->pid, NULL, 0);
    (void)unlink(f->socket);
}

static int
fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct err err;
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/loa-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->socket, sizeof f->socket, "%s/redis.sock", f->dir);
    fixture_start_redis(f);
    f->conf.redis.path = f->socket;
    f->conf.receipts_wait_ms = 1000;
    f->links[0].name = "viettel";
    f->conf.links = f->links;
    f->conf.links_n = 1;
    f->base = event_base_new();
    f->queue = queue_open_wait(f->base, &f->conf, 5000, &err);
    if (!f->queue) {
        fail_msg("%s", err.text);
    }
    *state = f;
    return 0;
}

static int
fixture_teardown(void **state)
{
    struct fixture *f = *state;
    queue_close(&f->queue);
    event_base_free(f->base);
    fixture_stop_redis(f);
    pid_t pid = fork();
    if (pid == 0) {
        (void)execlp("rm", "rm", "-rf", f->dir, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(pid, NULL, 0);
    free(f);
    return 0;
}

static inline int
fixture_flush(void **state)
{
    struct fixture *f = *state;
    freeReplyObject(redisCommand(f->redis, "FLUSHALL"));
    return 0;
}

static void
fixture_wait(struct fixture *f, const bool *answered)
{
    struct err err;
    if (queue_wait(f->queue, answered, 20000, &err) != 0) {
        fail_msg("%s", err.text);
    }
}

/* Turns the loop for that long. */
static inline void
fixture_turn(struct fixture *f, int64_t ms)
{
    struct timeval tv = clock_timeval(ms);
    (void)event_base_loopexit(f->base, &tv);
    (void)event_base_dispatch(f->base);
}

/* The queue of a gateway's worker in place of the one that is open. */
static inline void
fixture_become(struct fixture *f, const char *worker)
{
    static const struct queue_events none;
    queue_close(&f->queue);
    f->queue = queue_open(f->base, &f->conf, worker, &none);
    for (int i = 0; i < 2000 && !queue_is_up(f->queue); i++) {
        fixture_turn(f, 5);
    }
    assert_true(queue_is_up(f->queue));
}

/* The answer of a call that only succeeds or fails. */
struct fixture_answer {
    bool yes, failed;
    enum err_code code;
};

static inline void
fixture_on_answer(void *arg, const struct err *err)
{
    struct fixture_answer *a = arg;
    *a = (struct fixture_answer){true, err != NULL, err ? err->code : ERR_NONE};
}

static void
fixture_add_text(char *out, size_t room, const redisReply *r, int depth)
{
    size_t n = strlen(out);
    const char *gap = n ? " " : "";
    if (r->type == REDIS_REPLY_ARRAY && depth > 0) {
        for (size_t i = 0; i < r->elements; i++) {
            fixture_add_text(out, room, r->element[i], depth - 1);
        }
    } else if (r->type == REDIS_REPLY_INTEGER) {
        (void)snprintf(out + n, room - n, "%s%lld", gap, r->integer);
    } else {
        (void)snprintf(out + n, room - n, "%s%s", gap, r->str ? r->str : "-");
    }
}

static const char *
fixture_ask_list(struct fixture *f, int depth, const char *format, va_list list)
{
    static char slots[8][2000];
    static unsigned slot;
    char *out = slots[slot++ % 8];
    redisReply *r = redisvCommand(f->redis, format, list);
    assert_non_null(r);
    out[0] = '\0';
    if (r->type != REDIS_REPLY_NIL) {
        fixture_add_text(out, sizeof slots[0], r, depth);
    }
    freeReplyObject(r);
    return out;
}

/* Redis' answer to a plain command as text: a string, an integer in decimal, "" for nil, the
 * elements of an array joined by blanks ("-" for nil and for an array within).  Borrowed from one
 * of eight slots. */
static const char *
fixture_ask(struct fixture *f, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const char *text = fixture_ask_list(f, 1, format, list);
    va_end(list);
    return text;
}

/* The same with all that stands in arrays within. */
static inline const char *
fixture_ask_deep(struct fixture *f, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const char *text = fixture_ask_list(f, 9, format, list);
    va_end(list);
    return text;
}

#endif

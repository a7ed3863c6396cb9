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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "queue/queue.h"

struct fixture {
    char dir[64], socket[96];
    pid_t pid;
    struct conf conf;
    struct event_base *base;
    struct queue *queue;
    redisContext *redis; /* to look at Redis by itself */
};

static void
fixture_start_redis(struct fixture *f)
{
    f->pid = fork();
    if (f->pid == 0) {
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

static int
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

/* Redis' answer to a plain command as text: a string, an integer in decimal, "" for nil, the
 * elements of an array joined by blanks.  Borrowed from one of eight slots. */
static const char *
fixture_ask(struct fixture *f, const char *format, ...)
{
    static char slots[8][2000];
    static unsigned slot;
    char *out = slots[slot++ % 8];
    size_t n = 0;
    va_list list;
    va_start(list, format);
    redisReply *r = redisvCommand(f->redis, format, list);
    va_end(list);
    assert_non_null(r);
    out[0] = '\0';
    if (r->type == REDIS_REPLY_INTEGER) {
        (void)snprintf(out, sizeof slots[0], "%lld", r->integer);
    } else if (r->type == REDIS_REPLY_ARRAY) {
        for (size_t i = 0; i < r->elements && n < sizeof slots[0]; i++) {
            n += (size_t)snprintf(out + n, sizeof slots[0] - n, "%s%s", i ? " " : "",
                                  r->element[i]->str ? r->element[i]->str : "-");
        }
    } else if (r->str) {
        (void)snprintf(out, sizeof slots[0], "%s", r->str);
    }
    freeReplyObject(r);
    return out;
}

#endif

/* A private redis-server for a unit test of queue/, on a unix socket in a directory of its own, and
 * what it answers as text. */
#ifndef LOA_TESTS_REDIS_SERVER_H
#define LOA_TESTS_REDIS_SERVER_H
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

/* For the tests of queue/: a redis-server of one's own on a unix socket, a queue on it, and waiting
 * for an answer with a deadline. */
#ifndef LOA_TESTS_PRIVATE_REDIS_H
#define LOA_TESTS_PRIVATE_REDIS_H
// SPDX-License-Identifier: MIT

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "queue/redis.h"

enum { FIXTURE_WAIT_MS = 20000 };

struct fixture {
    char folder[64], socket[96];
    pid_t pid;
    struct conf conf;
    struct conf_link links[1];
    struct event_base *base;
    struct queue *queue;
};

/* One answer: set by the callbacks below. */
struct answered {
    bool yes, failed;
    enum err_code code;
    char text[1024];
};

static inline void
fixture_run(struct fixture *f)
{
    char *argv[] = {(char[]){"redis-server"},
                    (char[]){"--port"},
                    (char[]){"0"},
                    (char[]){"--unixsocket"},
                    f->socket,
                    (char[]){"--dir"},
                    f->folder,
                    (char[]){"--save"},
                    (char[]){""},
                    (char[]){"--appendonly"},
                    (char[]){"yes"},
                    (char[]){"--appendfsync"},
                    (char[]){"always"},
                    (char[]){"--logfile"},
                    (char[]){"log"},
                    NULL};
    f->pid = fork();
    assert_true(f->pid >= 0);
    if (f->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies leaves nothing running */
        (void)execvp(argv[0], argv);
        _exit(127);
    }
}

static inline void
fixture_kill(struct fixture *f)
{
    (void)kill(f->pid, SIGKILL);
    (void)waitpid(f->pid, NULL, 0);
}

/* Turns the loop until `*yes`. */
static inline void
fixture_wait(struct fixture *f, const bool *yes, const char *what)
{
    int64_t end_ms = queue_now_ms() + FIXTURE_WAIT_MS;
    while (!*yes) {
        struct timeval turn = {.tv_usec = 20000};
        (void)event_base_loopexit(f->base, &turn);
        (void)event_base_dispatch(f->base);
        if (queue_now_ms() > end_ms) {
            fail_msg("there was no %s", what);
        }
    }
}

static inline void
fixture_open(struct fixture *f, const char *worker)
{
    static const struct queue_events none;
    f->queue = queue_open(f->base, &f->conf, worker, &none);
    int64_t end_ms = queue_now_ms() + FIXTURE_WAIT_MS;
    while (!queue_is_up(f->queue)) {
        struct timeval turn = {.tv_usec = 5000};
        (void)event_base_loopexit(f->base, &turn);
        (void)event_base_dispatch(f->base);
        assert_true(queue_now_ms() < end_ms);
    }
}

static inline struct fixture *
fixture_new(void)
{
    struct fixture *f = calloc(1, sizeof *f);
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/loa-unit-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->socket, sizeof f->socket, "%s/redis.sock", f->folder);
    f->links[0].name = "viettel";
    f->conf.links = f->links;
    f->conf.links_n = 1;
    f->conf.redis.path = f->socket;
    f->conf.receipts_wait_ms = (int64_t)48 * 3600 * 1000;
    f->base = event_base_new();
    fixture_run(f);
    fixture_open(f, "w1");
    return f;
}

static inline void
fixture_free(struct fixture *f)
{
    queue_close(&f->queue);
    event_base_free(f->base);
    libevent_global_shutdown();
    fixture_kill(f);
    char *argv[] = {(char[]){"rm"}, (char[]){"-rf"}, f->folder, NULL};
    extern char **environ;
    pid_t pid;
    if (posix_spawnp(&pid, "rm", NULL, NULL, argv, environ) == 0) {
        (void)waitpid(pid, NULL, 0);
    }
    free(f);
}

/* ---- Answers ---- */

static inline void
on_answer(void *arg, const struct err *err)
{
    struct answered *a = arg;
    a->failed = err != NULL;
    a->code = err ? err->code : ERR_NONE;
    if (err) {
        (void)snprintf(a->text, sizeof a->text, "%s", err->text);
    }
    a->yes = true;
}

/* A reply as text: parts of an array joined by blanks, nil as "-". */
static inline void
add_reply(char *text, size_t room, const struct redisReply *reply)
{
    size_t n = strlen(text);
    if (reply_count(reply) > 0) {
        for (size_t i = 0; i < reply_count(reply); i++) {
            add_reply(text, room, reply_at(reply, i));
        }
    } else if (reply_is_nil(reply)) {
        (void)snprintf(text + n, room - n, "%s-", n ? " " : "");
    } else if (reply_str(reply).n) {
        struct str s = reply_str(reply);
        (void)snprintf(text + n, room - n, "%s%.*s", n ? " " : "", (int)s.n, s.p);
    } else if (reply_int(reply, INT64_MIN) != INT64_MIN) {
        (void)snprintf(text + n, room - n, "%s%lld", n ? " " : "", (long long)reply_int(reply, 0));
    }
}

static inline void
on_text(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct answered *a = arg;
    on_answer(arg, err);
    if (!err) {
        a->text[0] = '\0';
        add_reply(a->text, sizeof a->text, reply);
    }
}

/* Runs a command given as words parted by one blank and returns its reply as text, valid until the
 * next. */
static inline const char *
command(struct fixture *f, const char *words)
{
    static struct answered a;
    struct args args;
    char *copy = strdup(words), *rest = copy, *word = strsep(&rest, " ");
    args_init(&args, word);
    while ((word = strsep(&rest, " "))) {
        args_z(&args, word);
    }
    a = (struct answered){0};
    queue_send(f->queue, &args, on_text, &a);
    free(copy);
    fixture_wait(f, &a.yes, words);
    return a.text;
}

static inline void
expect(struct fixture *f, const char *words, const char *text)
{
    const char *got = command(f, words);
    if (strcmp(got, text) != 0) {
        fail_msg("%s: got '%s', not '%s'", words, got, text);
    }
}

#endif

/* A unit test of queue/: a private redis-server, a loop, and a queue on both. */
#ifndef LOA_TESTS_REDIS_FIXTURE_H
#define LOA_TESTS_REDIS_FIXTURE_H
// SPDX-License-Identifier: MIT

#include "tests/unit/redis_server.h"

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

#endif

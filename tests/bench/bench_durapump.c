/* The least that a durable gateway can cost: bench_durapump REDIS_SOCKET N AHEAD [HOST PORT WINDOW]
 *
 * A letter a member in Redis: each chunk of 256 is marked `s`, that is answered, its messages go
 * out, and when all are answered it is marked `a`, with exact counts.  No routing, rate, consent,
 * parts or claims: what those cost is what a gateway stays behind this.  AHEAD chunks are under way
 * at once. Without HOST it marks and sends nothing: the floor of Redis. */
// SPDX-License-Identifier: MIT
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "tests/bench/pump.h"

#define CHUNK 256L
enum { AHEAD_MOST = 64, ANSWERS_MOST = 2 * AHEAD_MOST };

static const char library[] =
    "#!lua name=loa_bench\n"
    "local function move(keys, argv, from, to, less, more)\n"
    "  local at, n = tonumber(argv[1]), tonumber(argv[2])\n"
    "  if redis.call('GETRANGE', keys[2], at, at + n - 1) ~= string.rep(from, n) then\n"
    "    return redis.error_reply('ERR not ' .. from)\n"
    "  end\n"
    "  redis.call('SETRANGE', keys[2], at, string.rep(to, n))\n"
    "  redis.call('HINCRBY', keys[1], less, -n)\n"
    "  return redis.call('HINCRBY', keys[1], more, n)\n"
    "end\n"
    "redis.register_function('loa_bench_begin', function(keys, argv)\n"
    "  return move(keys, argv, 'q', 's', 'queued', 'sending') end)\n"
    "redis.register_function('loa_bench_done', function(keys, argv)\n"
    "  return move(keys, argv, 's', 'a', 'sending', 'accepted') end)\n";

struct durapump {
    redisContext *redis;
    struct pump pump;
    bool sends;
    long chunks, ahead;
    long begins, begun, dones, done; /* chunks: asked for, and answered */
    bool is_done[ANSWERS_MOST];      /* kinds of the answers to come, in their order */
    long asked, answered;
};

static void
call(struct durapump *d, const char *function, long chunk)
{
    d->is_done[d->asked++ % ANSWERS_MOST] = function[10] == 'd';
    if (redisAppendCommand(d->redis, "FCALL %s 2 loa-bench:{b} loa-bench:{b}:states %ld %ld",
                           function, chunk * CHUNK, CHUNK) != REDIS_OK) {
        pump_die(d->redis->errstr);
    }
}

/* Asks for what may be asked: a begin while fewer than `ahead` are under way, a done for each chunk
 * that is answered as a whole (the SMSC answers in order). */
static void
ask(struct durapump *d)
{
    while (d->begins < d->chunks && d->begins - d->done < d->ahead) {
        call(d, "loa_bench_begin", d->begins++);
    }
    long whole = d->sends ? d->pump.answered / CHUNK : d->begun;
    while (d->dones < whole) {
        call(d, "loa_bench_done", d->dones++);
    }
}

static void
take_answers(struct durapump *d)
{
    void *reply = NULL;
    if (redisBufferRead(d->redis) != REDIS_OK) {
        pump_die(d->redis->errstr);
    }
    while (redisGetReplyFromReader(d->redis, &reply) == REDIS_OK && reply) {
        const redisReply *r = reply;
        if (r->type == REDIS_REPLY_ERROR) {
            pump_die(r->str);
        }
        if (d->is_done[d->answered++ % ANSWERS_MOST]) {
            d->done++;
        } else {
            d->begun++;
        }
        freeReplyObject(reply);
    }
    d->pump.allowed = d->begun * CHUNK;
}

static void
turn(struct durapump *d)
{
    int written = 0;
    ask(d);
    if (redisBufferWrite(d->redis, &written) != REDIS_OK) {
        pump_die(d->redis->errstr);
    }
    if (d->sends) {
        pump_fill(&d->pump);
    }
    struct pollfd fds[2] = {
        {.fd = d->redis->fd, .events = (short)(written ? POLLIN : POLLIN | POLLOUT)},
        {.fd = d->sends ? d->pump.fd : -1, .events = d->sends ? pump_events(&d->pump) : (short)0}};
    (void)poll(fds, 2, 1000);
    if ((fds[0].revents & (POLLIN | POLLHUP)) != 0) {
        take_answers(d);
    }
    if ((fds[1].revents & (POLLIN | POLLHUP)) != 0) {
        pump_take(&d->pump);
    }
}

static void
command(redisContext *redis, const char *format, const char *word)
{
    redisReply *reply = redisCommand(redis, format, word);
    if (!reply || reply->type == REDIS_REPLY_ERROR) {
        pump_die(reply ? reply->str : redis->errstr);
    }
    freeReplyObject(reply);
}

/* The library, and all members at `q`. */
static void
prepare(const char *path, long chunks)
{
    redisContext *redis = redisConnectUnix(path);
    if (!redis || redis->err) {
        pump_die(path);
    }
    size_t n = (size_t)(chunks * CHUNK);
    char *letters = malloc(n + 1);
    if (!letters) {
        pump_die("memory");
    }
    memset(letters, 'q', n);
    letters[n] = '\0';
    command(redis, "FUNCTION LOAD REPLACE %s", library);
    command(redis, "DEL loa-bench:{b}%s", "");
    command(redis, "SET loa-bench:{b}:states %s", letters);
    free(letters);
    redisFree(redis);
}

int
main(int argc, char **argv)
{
    static struct durapump d;
    if (argc != 4 && argc != 7) {
        (void)fputs("usage: bench_durapump REDIS_SOCKET N AHEAD [HOST PORT WINDOW]\n", stderr);
        return 2;
    }
    d.chunks = strtol(argv[2], NULL, 10) / CHUNK;
    d.ahead = strtol(argv[3], NULL, 10);
    d.sends = argc == 7;
    if (d.ahead < 1 || d.ahead > AHEAD_MOST) {
        pump_die("AHEAD");
    }
    prepare(argv[1], d.chunks);
    d.redis = redisConnectUnixNonBlock(argv[1]);
    if (!d.redis || d.redis->err) {
        pump_die("redis");
    }
    if (d.sends) {
        d.pump.window = strtol(argv[6], NULL, 10);
        pump_open(&d.pump, argv[4], (int)strtol(argv[5], NULL, 10));
    }
    double cpu = pump_cpu_seconds();
    int64_t began_us = clock_monotonic_us();
    while (d.done < d.chunks) {
        turn(&d);
    }
    double seconds = (double)(clock_monotonic_us() - began_us) / 1e6;
    double messages = (double)(d.chunks * CHUNK);
    printf("{\"messages_per_second\": %.0f, \"cpu_us_per_message\": %.3f}\n", messages / seconds,
           (pump_cpu_seconds() - cpu) * 1e6 / messages);
    redisFree(d.redis);
    return 0;
}

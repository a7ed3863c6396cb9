/* The Redis server's version and how durable it is, out of INFO and CONFIG GET. */
// SPDX-License-Identifier: MIT
#include "queue/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "queue/handle.h"

struct ask {
    struct queue *queue;
    struct queue_server server;
    server_fn *fn;
    void *arg;
};

void
server_info_value(struct str info, const char *name, char *out, size_t room)
{
    while (info.n > 0) {
        struct str line = str_trim(str_cut(&info, '\n'));
        struct str rest = line;
        struct str head = str_cut(&rest, ':');
        if (str_equal_z(head, name)) {
            (void)snprintf(out, room, "%.*s", (int)rest.n, rest.n ? rest.p : "");
            return;
        }
    }
}

static void
on_config(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct str fsync = err ? STR("?") : reply_field(reply, "appendfsync");
    (void)snprintf(ask->server.fsync, sizeof ask->server.fsync, "%.*s", (int)fsync.n,
                   fsync.n ? fsync.p : "?");
    ask->fn(ask->arg, &ask->server, NULL);
    free(ask);
}

static void
on_info(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    if (err) {
        ask->fn(ask->arg, NULL, err);
        free(ask);
        return;
    }
    char aof[4] = "";
    char limit[24] = "0";
    struct str info = reply_str(reply);
    server_info_value(info, "redis_version", ask->server.version, sizeof ask->server.version);
    server_info_value(info, "aof_enabled", aof, sizeof aof);
    server_info_value(info, "maxmemory", limit, sizeof limit);
    if (strcmp(limit, "0") != 0) {
        server_info_value(info, "maxmemory_policy", ask->server.policy, sizeof ask->server.policy);
    }
    ask->server.aof = aof[0] == '1';
    struct args a;
    args_init(&a, "CONFIG");
    args_z(&a, "GET");
    args_z(&a, "appendfsync");
    queue_send(ask->queue, &a, on_config, ask);
}

void
queue_server_ask(struct queue *queue, server_fn *fn, void *arg)
{
    struct ask *ask = xcalloc(1, sizeof *ask);
    ask->queue = queue;
    ask->fn = fn;
    ask->arg = arg;
    struct args a;
    args_init(&a, "INFO");
    queue_send(queue, &a, on_info, ask);
}

/* Internal to queue/: what redis.c and queue.c share beyond redis.h. */
#ifndef LOA_QUEUE_HANDLE_H
#define LOA_QUEUE_HANDLE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"
#include "queue/redis.h"

/* The Function library's text (library.c) and the schema version that it carries. */
extern const char queue_library[];
enum { QUEUE_SCHEMA = 1 };

/* A Function was not found on this connection's server: loads the library again. */
void queue_on_library_missing(struct queue *queue, struct redis *redis);
/* The value of "name:value
" in INFO's text; what is not there leaves `out` as it is. */
void server_info_value(struct str info, const char *name, char *out, size_t room);
/* Jitter only: xorshift, seeded when the queue was opened. */
uint64_t queue_random(struct queue *queue);

/* The call of loa_stats_minute that adds what loa_stats_post answered.  False: that was nothing. */
bool stats_minute(struct args *a, const struct redisReply *posted);

/* Whether a broadcast in that state goes on no more: done, cancelled, expired; nor one that was
 * rejected or is gone. */
bool queue_has_ended(struct str state);

/* The priority of that name; normal for anything else. */
enum priority queue_priority(struct str name);

#endif

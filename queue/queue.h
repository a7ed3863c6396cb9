/* Redis as the rest of Loa sees it: one handle, its connections, and calls that answer later.
 * Nothing outside queue/ includes hiredis or writes a Redis command. */
#ifndef LOA_QUEUE_QUEUE_H
#define LOA_QUEUE_QUEUE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/conf.h"
#include "gateway/core/err.h"
#include "gateway/core/str.h"

struct event_base;
struct queue;

/* What the queue tells its owner; a NULL one is not told. */
struct queue_events {
    void *ctx;
    /* Connected, the Function library loaded and its version right: calls may be made. */
    void (*on_up)(void *ctx, struct queue *queue);
    /* The connection is gone; all calls under way have been answered with ERR_GONE.  Told once; it
     * reconnects by itself with backoff.  Told, too, when the first connection fails. */
    void (*on_down)(void *ctx, struct queue *queue, const char *why);
    /* Cannot go on at all (a newer schema, a wrong password): `why` is the sentence for the admin.
     */
    void (*on_refused)(void *ctx, struct queue *queue, const char *why);
};

/* Every call takes one of these shapes and answers exactly once from the loop, never from inside
 * the call.  `err` is NULL when all went well; else ERR_GONE (connection lost: it may or may not
 * have been done), ERR_AGAIN (OOM, LOADING, read-only: not done), ERR_INPUT (a rule of ours). */
typedef void queue_done(void *arg, const struct err *err);
/* For what is made up for by the next round if it fails. */
void queue_ignore(void *arg, const struct err *err);

/* Connects in the background.  `worker`: host + instance, NULL for the command line. */
struct queue *queue_open(struct event_base *base, const struct conf *conf, const char *worker,
                         const struct queue_events *events);
/* Answers what is still under way with ERR_GONE, inside; never from a callback of the queue. */
void queue_close(struct queue **queue);
/* Redis begins with what was asked until now while the caller goes on; else it is told all of a
 * loop's turn at once, and its answers come together, after the last. */
void queue_flush(struct queue *queue);
bool queue_is_up(const struct queue *queue);
const char *queue_why(const struct queue *queue);    /* why it is not up: a sentence */
const char *queue_worker(const struct queue *queue); /* "cli" for the command line */

/* For the command line: connects and waits at most `wait_ms`. */
struct queue *queue_open_wait(struct event_base *base, const struct conf *conf, int64_t wait_ms,
                              struct err *err) MUST_CHECK;
/* Runs the loop until `*answered` is true or `wait_ms` have gone by (then -1, ERR_GONE). */
int queue_wait(struct queue *queue, const bool *answered, int64_t wait_ms,
               struct err *err) MUST_CHECK;

/* Version of hiredis, which the build links. */
const char *queue_library_version(void);

/* The protocol's limits: queue/SCHEMA.md. */
enum { CHUNK_MEMBERS = 256, LEASE_MS = 6000 };

/* Room for a stream entry's ID: "ms-sequence", twice 20 digits at most. */
enum { QUEUE_ENTRY_SIZE = 42 };

#endif

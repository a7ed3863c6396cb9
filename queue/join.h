/* Internal to queue/: many calls under way, one answer when the last of them is answered. */
#ifndef LOA_QUEUE_JOIN_H
#define LOA_QUEUE_JOIN_H
// SPDX-License-Identifier: MIT

#include "queue/redis.h"

struct join;

/* Gives a join that ends by itself: `fn` is called once, with the first error of all, when every
 * part and join_end() came. */
struct join *join_new(queue_done *fn, void *arg);
/* One call more is under way; its answer goes to join_answer() (a queue_done), or to
 * join_reply() where the reply itself is of no interest (a redis_fn), with the join as `arg`. */
void join_add(struct join *join);
void join_answer(void *arg, const struct err *err);
void join_reply(void *arg, const struct redisReply *reply, const struct err *err);
/* No more parts are added.  A join without parts answers at once, from inside: call it only from
 * the loop, or after at least one join_add(). */
void join_end(struct join *join);

#endif

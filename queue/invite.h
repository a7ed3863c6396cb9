/* Addresses that members bring by themselves: by an invitation, or as their chat moves.
 * queue/SCHEMA.md, "Directory". */
#ifndef LOA_QUEUE_INVITE_H
#define LOA_QUEUE_INVITE_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

enum { INVITE_CODE = 23 }; /* room for a code: 22 signs that nobody guesses, as t.me takes them */

/* Makes a code by which the member's chat will be known: t.me/BOT?start=CODE.  `found`: there is
 * such a member. */
typedef void invite_fn(void *arg, bool found, const struct err *err);
void invite_give(struct queue *queue, const char *member, int64_t good_s, char code[INVITE_CODE],
                 invite_fn *fn, void *arg);

/* A Telegram chat has another number: whoever has it keeps it by that. */
void invite_moved(struct queue *queue, const char *from, const char *to, queue_done *fn, void *arg);

#endif

/* Turns of a platform's chats, shared by all gateways.  queue/SCHEMA.md, "Chats". */
#ifndef LOA_QUEUE_CHAT_H
#define LOA_QUEUE_CHAT_H
// SPDX-License-Identifier: MIT

#include "gateway/core/chat.h"
#include "queue/queue.h"

/* `asks` as they were asked, with their answers, borrowed; with `err` without any. */
typedef void chat_fn(void *arg, const struct chat_asks *asks, const struct err *err);
/* Asks for the turns of the chats of that link. */
void chat_turns(struct queue *queue, const char *link, const struct chat_asks *asks, chat_fn *fn,
                void *arg);

#endif

/* Turns of chats: asks Redis for what the links of this process want to tell.  Fails open: without
 * Redis each process keeps a chat's rate by itself, and the platform has the last word. */
#ifndef LOA_GATEWAY_CHATS_H
#define LOA_GATEWAY_CHATS_H
// SPDX-License-Identifier: MIT

#include "gateway/route.h"

struct chats;
struct chats *chats_new(struct queue *queue, struct routes *routes);
/* After the queue was closed and the links were freed. */
void chats_free(struct chats **chats);
/* From link.h: turns are wanted. */
void chats_wanted(struct chats *chats, struct link *link);

#endif

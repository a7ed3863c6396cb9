/* Turns of a platform's chats, which all gateways share: a chat takes one message at a time.  What
 * links ask and what the share answers. */
#ifndef LOA_CORE_CHAT_H
#define LOA_CORE_CHAT_H
// SPDX-License-Identifier: MIT

#include <stddef.h>
#include <stdint.h>

enum { CHAT_ASKS = 64, CHAT_MINE = 0 };

/* One batch of questions. */
struct chat_asks {
    size_t n;
    struct chat_ask {
        uint64_t chat; /* its hash */
        int turn_ms;   /* how long nobody else may tell it anything */
        int wait_ms;   /* the answer: CHAT_MINE, or when to ask again */
    } ask[CHAT_ASKS];
};

/* Goes with a message while it waits.  Zeroed: its turn was not asked for. */
struct chat_turn {
    enum chat_state { CHAT_NONE, CHAT_WANTED, CHAT_ASKED, CHAT_OURS, CHAT_THEIRS } state;
    int64_t at_us; /* since (CLOCK_MONOTONIC); THEIRS: until */
};

#endif

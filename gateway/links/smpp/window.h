/* The window of an SMPP bind: parts that were written and have no answer yet, in a ring indexed by
 * sequence number.  Allocated once. */
#ifndef LOA_LINKS_SMPP_WINDOW_H
#define LOA_LINKS_SMPP_WINDOW_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

struct link_message;

/* A part that waits for its answer. */
struct slot {
    struct link_message *message; /* NULL: free */
    uint32_t sequence;
    uint8_t part;
    bool again;      /* it was throttled before */
    bool referenced; /* with its user_message_reference */
    int64_t written_us;
    uint64_t position; /* of its first octet in the connection's stream */
};

/* The ring; its slots are found by `sequence & mask`. */
struct window {
    struct slot *slots;
    uint32_t mask;
    uint32_t next;   /* sequence number of the next PDU, 1 … 0x7fffffff */
    uint32_t oldest; /* no slot before this one is taken */
    int size, taken;
};

void window_init(struct window *w, int size); /* at most `size` slots taken */
void window_deinit(struct window *w);
/* The next sequence number (for PDUs that take no slot). */
uint32_t window_sequence(struct window *w);
/* Takes the slot of the next free sequence number; there must be one (taken < size). */
struct slot *window_take(struct window *w);
struct slot *window_find(struct window *w, uint32_t sequence); /* NULL: no such part */
void window_release(struct window *w, struct slot *slot);
struct slot *window_oldest(struct window *w); /* the part that waits longest; NULL: none */

#endif

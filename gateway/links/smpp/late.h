/* Answers that come after their time-out: which part a late submit_sm_resp speaks of, as long as
 * the connection lives on which it was written (its sequence numbers mean nothing on another). */
#ifndef LOA_LINKS_SMPP_LATE_H
#define LOA_LINKS_SMPP_LATE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

#include "gateway/links/message.h"

struct slot;

/* A part whose answer did not come in time. */
struct late_part {
    struct link_message *message; /* NULL: it was told, what follows says whose it was */
    uint32_t sequence;            /* 0: free */
    uint16_t reference;           /* link_message.reference, .owner, .attempt, .address */
    uint32_t owner;
    uint8_t attempt;
    uint8_t part, missing; /* missing: parts of the message not accepted yet, 0: refused */
    bool counted;          /* the SMSC may still have it before it */
    char address[LINK_ADDRESS_SIZE];
};

/* A ring: the oldest is forgotten first.  Zeroed, it is empty. */
struct late {
    struct late_part *parts; /* owned */
    uint32_t size, next;
    int counted; /* of them: they still take places in the window */
    int untold;  /* … their message is still with the link */
};

void late_init(struct late *late, int window); /* room for a few windows */
void late_deinit(struct late *late);
void late_clear(struct late *late); /* the connection is gone */

/* `counted`: nothing came from the SMSC meanwhile.  It may take up its work with these parts, so
 * they take places in the window until they are answered or late_forgive(). */
void late_add(struct late *late, const struct slot *slot, bool counted);
void late_forgive(struct late *late); /* the SMSC had its time again: no part counts any more */
/* The message is told now, as uncertain or else: its late parts know it no more. */
void late_told(struct late *late, const struct link_message *m);
/* Takes the part with that number; false: no such part.  `*accepted_all`: this good answer was the
 * last that its message lacked (never while the message is still with the link). */
bool late_take(struct late *late, uint32_t sequence, bool accepted, struct late_part *out,
               bool *accepted_all);

#endif

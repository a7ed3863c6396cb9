/* The window of an SMPP bind.  The ring has at least twice as many slots as may be taken, so that a
 * part whose answer is late is stepped over when its number comes round again. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/window.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "gateway/core/mem.h"
#include "gateway/links/smpp/pdu.h"

static uint32_t
after(uint32_t sequence)
{
    return sequence == PDU_SEQUENCE_MAX ? 1 : sequence + 1;
}

void
window_init(struct window *w, int size)
{
    uint32_t n = 2;
    while (n < (uint32_t)size * 2) {
        n *= 2;
    }
    *w = (struct window){.mask = n - 1, .next = 1, .oldest = 1, .size = size};
    w->slots = xcalloc(n, sizeof *w->slots);
}

void
window_deinit(struct window *w)
{
    free(w->slots);
    *w = (struct window){.slots = NULL};
}

uint32_t
window_sequence(struct window *w)
{
    uint32_t sequence = w->next;
    w->next = after(w->next);
    return sequence;
}

struct slot *
window_take(struct window *w)
{
    assert(w->taken < w->size);
    while (w->slots[w->next & w->mask].message) {
        w->next = after(w->next);
    }
    if (w->taken == 0) {
        w->oldest = w->next;
    }
    w->taken++;
    struct slot *slot = &w->slots[w->next & w->mask];
    slot->sequence = window_sequence(w);
    return slot;
}

struct slot *
window_find(struct window *w, uint32_t sequence)
{
    struct slot *slot = &w->slots[sequence & w->mask];
    return slot->message && slot->sequence == sequence ? slot : NULL;
}

void
window_release(struct window *w, struct slot *slot)
{
    slot->message = NULL;
    w->taken--;
}

/* Steps over what was answered since; each sequence number is stepped over once. */
struct slot *
window_oldest(struct window *w)
{
    if (w->taken == 0) {
        w->oldest = w->next;
        return NULL;
    }
    while (!window_find(w, w->oldest)) {
        w->oldest = after(w->oldest);
    }
    return &w->slots[w->oldest & w->mask];
}

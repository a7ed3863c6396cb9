/* What waits for its time: a heap by due time. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "gateway/core/mem.h"
#include "tests/sim/smsc.h"

enum { HEAP_FIRST = 1024, TURN_BUDGET = 20000 };

static bool
is_before(const struct later *a, const struct later *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

void
later_add(struct smsc *smsc, const struct later *l)
{
    if (smsc->heap_n == smsc->heap_room) {
        smsc->heap_room = smsc->heap_room ? smsc->heap_room * 2 : HEAP_FIRST;
        smsc->heap = xrealloc(smsc->heap, smsc->heap_room * sizeof *smsc->heap);
    }
    struct later added = *l;
    added.order = smsc->order++;
    size_t i = smsc->heap_n++;
    for (; i > 0 && is_before(&added, &smsc->heap[(i - 1) / 2]); i = (i - 1) / 2) {
        smsc->heap[i] = smsc->heap[(i - 1) / 2];
    }
    smsc->heap[i] = added;
}

static struct later
take_first(struct smsc *smsc)
{
    struct later first = smsc->heap[0], last = smsc->heap[--smsc->heap_n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < smsc->heap_n && is_before(&smsc->heap[child + 1], &smsc->heap[child])) {
            child++;
        }
        if (child >= smsc->heap_n || !is_before(&smsc->heap[child], &last)) {
            break;
        }
        smsc->heap[i] = smsc->heap[child];
        i = child;
    }
    smsc->heap[i] = last;
    return first;
}

void
later_run(struct smsc *smsc)
{
    for (int n = 0; n < TURN_BUDGET && smsc->heap_n && smsc->heap[0].due_us <= smsc->now_us; n++) {
        struct later l = take_first(smsc);
        struct session *s = l.delivery ? NULL : session_find(smsc, l.session);
        if (l.delivery) {
            deliver_ready(smsc, l.delivery);
        } else if (s) {
            submit_answer_now(s, &l);
        }
    }
}

int64_t
later_next_us(const struct smsc *smsc)
{
    return smsc->heap_n ? smsc->heap[0].due_us : -1;
}

/* Broadcasts whose counters receipts have moved.  A gateway takes receipts of broadcasts that it
 * does not work on, or not any more: nobody else would post them soon. */
// SPDX-License-Identifier: MIT
#include "queue/touched.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"

struct touched {
    struct queue_part part;
    int n;
    char *ids[TOUCHED_MAX];
};

static void
touched_free(struct queue_part *part)
{
    struct touched *t = (struct touched *)part;
    for (int i = 0; i < t->n; i++) {
        free(t->ids[i]);
    }
    free(t);
}

static struct touched *
touched_of(struct queue *queue)
{
    static const struct queue_part kind = {.free = touched_free};
    return (struct touched *)queue_part_of(queue, &kind, sizeof(struct touched));
}

void
touched_add(struct queue *queue, struct str id)
{
    struct touched *t = touched_of(queue);
    for (int i = t->n; i-- > 0;) {
        if (str_equal_z(id, t->ids[i])) {
            return;
        }
    }
    if (t->n < TOUCHED_MAX) {
        t->ids[t->n++] = xstrndup(id.p, id.n);
    }
}

int
touched_take(struct queue *queue, char *ids[TOUCHED_MAX])
{
    struct touched *t = touched_of(queue);
    int n = t->n;
    memcpy(ids, t->ids, (size_t)n * sizeof *ids);
    t->n = 0;
    return n;
}

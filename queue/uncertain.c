/* References of messages that may have gone out: the call of loa_uncertain. */
// SPDX-License-Identifier: MIT
#include "queue/uncertain.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/core/hash.h"
#include "gateway/core/mem.h"
#include "queue/join.h"

enum { ARGS_A_CALL = 400 };

uint16_t
uncertain_reference(const char *broadcast, uint32_t index, int part)
{
    uint32_t hash = hash_fnv32(str_of(broadcast)) + index * UINT32_C(2654435761);
    return (uint16_t)((hash >> 16) + (uint32_t)part);
}

void
uncertain_key(uint16_t reference, const char *phone, char out[UNCERTAIN_KEY_SIZE])
{
    (void)snprintf(out, UNCERTAIN_KEY_SIZE, "%u:%s", (unsigned)reference, phone);
}

struct recording {
    int early;
    uncertain_fn *fn;
    void *arg;
    struct join *join;
};

static void
on_call(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct recording *r = arg;
    r->early += (int)reply_int(reply, 0);
    join_answer(r->join, err);
}

static void
on_all(void *arg, const struct err *err)
{
    struct recording *r = arg;
    r->fn(r->arg, r->early, err);
    free(r);
}

static void
add_parts(struct args *a, const struct uncertain_entry *e)
{
    for (int part = 0; part < e->parts; part++) {
        char key[UNCERTAIN_KEY_SIZE];
        uncertain_key(uncertain_reference(e->id, e->index, part), e->phone, key);
        args_format(a, "%s", key);
        args_format(a, "%s:%u:%u:%d:%u", e->id, (unsigned)e->index, e->attempt, part + 1, e->parts);
    }
}

void
uncertain_record(struct queue *queue, const char *link, const struct uncertain_entry *entries,
                 int n, uncertain_fn *fn, void *arg)
{
    struct recording *r = xcalloc(1, sizeof *r);
    r->fn = fn;
    r->arg = arg;
    r->join = join_new(on_all, r);
    for (int at = 0; at < n;) {
        struct args a;
        args_fcall(&a, "loa_uncertain", "loa:link:{%s}", link);
        do {
            add_parts(&a, &entries[at++]);
        } while (at < n && a.n < ARGS_A_CALL && a.used < ARGS_SCRATCH / 2);
        join_add(r->join);
        queue_send(queue, &a, on_call, r);
    }
    join_end(r->join);
}

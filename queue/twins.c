/* What a broadcast and its twins are together. */
// SPDX-License-Identifier: MIT
#include "queue/twins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "gateway/core/recipients.h"
#include "gateway/core/twin.h"
#include "queue/handle.h"
#include "queue/join.h"

/* ---- The audience ---- */

struct asked {
    twins_audience_fn *fn;
    void *arg;
};

static void
on_audience(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct asked *asked = arg;
    struct str bytes = reply_str(reply);
    struct bitmap audience = bitmap_copy(bytes.p, bytes.n);
    asked->fn(asked->arg, err ? NULL : &audience, err);
    bitmap_deinit(&audience);
    free(asked);
}

void
twins_audience(struct queue *queue, const char *id, twins_audience_fn *fn, void *arg)
{
    struct asked *asked = xmalloc(sizeof *asked);
    struct args a;
    *asked = (struct asked){fn, arg};
    args_init(&a, "GET");
    args_format(&a, "loa:broadcast:{%s}:audience", id);
    queue_send(queue, &a, on_audience, asked);
}

/* ---- The sum ---- */

enum { SETS = CHANNELS_MAX };

struct summing;
/* The letters of the broadcast, or of a twin. */
struct set {
    struct summing *summing;
    struct buf letters;
    bool archived;
};

struct summing {
    struct join *join;
    struct set set[SETS];
    size_t n;
    struct twins_sum sum;
    twins_sum_fn *fn;
    void *arg;
};

static void
on_letters(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct set *set = arg;
    set->archived = reply_is_nil(reply);
    buf_add_str(&set->letters, reply_str(reply));
    join_answer(set->summing->join, err);
}

/* state, parts, cost of a twin; one that is not there yet is about to be. */
static void
on_hash(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct summing *s = arg;
    struct str state = reply_is_nil(reply_at(reply, 0)) ? STR("sending") : reply_str_at(reply, 0);
    if (!queue_has_ended(state)) {
        (void)snprintf(s->sum.open_state, sizeof s->sum.open_state, "%.*s", (int)state.n, state.p);
    }
    s->sum.parts += (uint64_t)reply_int_at(reply, 1, 0);
    s->sum.cost += (uint64_t)reply_int_at(reply, 2, 0);
    join_answer(s->join, err);
}

static void
count(struct summing *s)
{
    struct twins_sum *sum = &s->sum;
    sum->counted = !s->set[0].archived;
    for (size_t i = 0; i < s->set[0].letters.n; i++) {
        char letter = '\0';
        for (size_t k = 0; k < s->n; k++) {
            const struct buf *letters = &s->set[k].letters;
            letter = twin_letter(letter, letters->p && i < letters->n ? letters->p[i] : '\0');
        }
        const char *at = letter ? strchr(OUTCOME_LETTERS, letter) : NULL;
        if (at) {
            sum->count[at - OUTCOME_LETTERS]++;
        }
    }
}

static void
on_all(void *arg, const struct err *err)
{
    struct summing *s = arg;
    if (!err) {
        count(s);
    }
    s->fn(s->arg, err ? NULL : &s->sum, err);
    for (size_t i = 0; i < s->n; i++) {
        buf_deinit(&s->set[i].letters);
    }
    free(s);
}

static void
ask_letters(struct queue *queue, struct summing *s, struct str id)
{
    enum { MOST = 1 << 28 }; /* members */
    struct set *set = &s->set[s->n++];
    struct args a;
    set->summing = s;
    buf_init(&set->letters, MOST);
    args_init(&a, "GET");
    args_format(&a, "loa:broadcast:{%.*s}:states", (int)id.n, id.p);
    join_add(s->join);
    queue_send(queue, &a, on_letters, set);
}

void
twins_sum(struct queue *queue, const char *id, struct str twins, twins_sum_fn *fn, void *arg)
{
    struct summing *s = xcalloc(1, sizeof *s);
    s->fn = fn;
    s->arg = arg;
    s->join = join_new(on_all, s);
    ask_letters(queue, s, str_of(id));
    while (twins.p && twins.n > 0 && s->n < SETS) {
        struct args a;
        struct str twin = str_cut(&twins, ',');
        ask_letters(queue, s, twin);
        args_init(&a, "HMGET");
        args_format(&a, "loa:broadcast:{%.*s}", (int)twin.n, twin.p);
        args_z(&a, "state");
        args_z(&a, "parts");
        args_z(&a, "cost");
        join_add(s->join);
        queue_send(queue, &a, on_hash, s);
    }
    join_end(s->join);
}

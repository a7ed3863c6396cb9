/* Whom an audience names: the groups' bitmaps read at once (one MGET is one moment), the expression
 * worked out here. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/audience.h"
#include "gateway/core/mem.h"
#include "gateway/core/nearest.h"
#include "queue/plan.h"
#include "queue/redis.h"

#define GROUP_KEY QUEUE_DIRECTORY "group:"

struct resolution {
    struct queue *queue;
    struct audience audience;
    struct str unknown; /* the group that nobody is in, borrowed from `audience` */
    audience_fn *fn;
    void *arg;
};

static void
resolution_end(struct resolution *r, const struct bitmap *bitmap, const struct err *err)
{
    r->fn(r->arg, bitmap, err);
    free(r);
}

/* The set of token `i`: reply element 0 is all, element i + 1 the group of token i. */
static struct bitmap
set_of(const struct redisReply *reply, size_t i)
{
    struct str bytes = reply_str_at(reply, i);
    return bitmap_copy(bytes.p, bytes.n);
}

/* The two upper sets of the stack become one. */
static void
join_two(struct bitmap *stack, size_t *top, enum audience_op op)
{
    struct bitmap *upper = &stack[--*top], *lower = upper - 1;
    if (op == AUDIENCE_AND) {
        bitmap_and(lower, upper);
    } else {
        bitmap_or(lower, upper);
    }
    bitmap_deinit(upper);
}

/* Works the expression out on a stack of sets; the parser has proved that it is well formed. */
static struct bitmap
work_out(const struct audience *audience, const struct redisReply *reply)
{
    struct bitmap stack[AUDIENCE_TOKENS + 1] = {{NULL, 0}};
    struct bitmap all = set_of(reply, 0);
    size_t top = 0;
    for (size_t i = 0; i < audience->n; i++) {
        enum audience_op op = audience->token[i].op;
        if (op == AUDIENCE_ALL || op == AUDIENCE_GROUP) {
            stack[top++] = set_of(reply, op == AUDIENCE_ALL ? 0 : i + 1);
        } else if (op == AUDIENCE_NOT && top >= 1) {
            bitmap_invert(&stack[top - 1], &all);
        } else if (top >= 2) {
            join_two(stack, &top, op);
        }
    }
    bitmap_and(&stack[0], &all);
    bitmap_deinit(&all);
    return stack[0];
}

static void
on_groups(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct resolution *r = arg;
    if (err) {
        resolution_end(r, NULL, err);
        return;
    }
    size_t n = reply_count(reply);
    const char **names = xcalloc(n + 1, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        names[i] = reply_str_at(reply, i).p; /* NUL-terminated by hiredis */
    }
    const char *near = nearest_find(r->unknown, names, n);
    struct err unknown;
    (void)err_set(&unknown, ERR_INPUT, "audience: nobody is in a group '%.*s'%s%s%s",
                  (int)r->unknown.n, r->unknown.p, near ? ": did you mean '" : "", near ? near : "",
                  near ? "'?" : "");
    free(names);
    resolution_end(r, NULL, &unknown);
}

static void
on_sets(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct resolution *r = arg;
    if (err) {
        resolution_end(r, NULL, err);
        return;
    }
    for (size_t i = 0; i < r->audience.n; i++) {
        if (r->audience.token[i].op != AUDIENCE_GROUP) {
            continue;
        }
        struct bitmap set = set_of(reply, i + 1);
        bool nobody = bitmap_count(&set) == 0;
        bitmap_deinit(&set);
        if (nobody) {
            struct args a;
            r->unknown = str_of(r->audience.token[i].name);
            args_init(&a, "SMEMBERS");
            args_z(&a, QUEUE_DIRECTORY "groups");
            queue_send(r->queue, &a, on_groups, r);
            return;
        }
    }
    struct bitmap bitmap = work_out(&r->audience, reply);
    resolution_end(r, &bitmap, NULL);
    bitmap_deinit(&bitmap);
}

void
audience_resolve(struct queue *queue, const struct audience *audience, audience_fn *fn, void *arg)
{
    struct resolution *r = xcalloc(1, sizeof *r);
    struct args a;
    r->queue = queue;
    r->audience = *audience;
    r->fn = fn;
    r->arg = arg;
    args_init(&a, "MGET");
    args_z(&a, QUEUE_DIRECTORY "all");
    for (size_t i = 0; i < audience->n; i++) {
        args_format(&a, GROUP_KEY "%s",
                    audience->token[i].op == AUDIENCE_GROUP ? audience->token[i].name : "");
    }
    queue_send(queue, &a, on_sets, r);
}

/* Finds an announcement in a stream by its ID, page by page from the latest on. */
// SPDX-License-Identifier: MIT
#include "queue/search.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/core/mem.h"

enum { PAGE = 100, PAGES_MAX = 100 };

struct search {
    struct queue *queue;
    const char *stream;
    char id[80];
    char below[QUEUE_ENTRY_SIZE]; /* the entry before which to look on */
    int pages;
    search_fn *fn;
    void *arg;
};

static void look(struct search *s);

static void
search_end(struct search *s, const struct redisReply *entry, const struct err *err)
{
    s->fn(s->arg, entry, err);
    free(s);
}

static bool
is_it(const struct search *s, const struct redisReply *entry)
{
    const struct redisReply *fields = reply_at(entry, 1);
    struct str id = reply_field(fields, "id");
    return str_equal_z(id, s->id) || str_equal_z(reply_field(fields, "source_id"), s->id) ||
           (id.n == 0 && str_equal_z(reply_str_at(entry, 0), s->id));
}

static void
on_page(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct search *s = arg;
    size_t n = reply_count(reply);
    for (size_t i = 0; i < n; i++) {
        if (is_it(s, reply_at(reply, i))) {
            search_end(s, reply_at(reply, i), NULL);
            return;
        }
    }
    if (err || n < PAGE || ++s->pages == PAGES_MAX) {
        search_end(s, NULL, err);
        return;
    }
    struct str last = reply_str_at(reply_at(reply, n - 1), 0);
    (void)snprintf(s->below, sizeof s->below, "(%.*s", (int)last.n, last.p);
    look(s);
}

static void
look(struct search *s)
{
    struct args a;
    args_init(&a, "XREVRANGE");
    args_z(&a, s->stream);
    args_z(&a, s->below);
    args_z(&a, "-");
    args_z(&a, "COUNT");
    args_int(&a, PAGE);
    queue_send(s->queue, &a, on_page, s);
}

void
search_stream(struct queue *queue, const char *stream, const char *id, search_fn *fn, void *arg)
{
    struct search *s = xcalloc(1, sizeof *s);
    s->queue = queue;
    s->stream = stream;
    (void)snprintf(s->id, sizeof s->id, "%s", id);
    (void)snprintf(s->below, sizeof s->below, "+");
    s->fn = fn;
    s->arg = arg;
    look(s);
}

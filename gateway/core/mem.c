/* Allocation that cannot fail, and arenas. */
// SPDX-License-Identifier: MIT
#include "gateway/core/mem.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK = 16 * 1024 };

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *blocks;
};

void *
xmalloc(size_t n)
{
    void *p = malloc(n ? n : 1);
    if (!p) {
        abort();
    }
    return p;
}

void *
xcalloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p) {
        abort();
    }
    return p;
}

void *
xrealloc(void *p, size_t n)
{
    void *grown = realloc(p, n ? n : 1);
    if (!grown) {
        abort();
    }
    return grown;
}

char *
xstrndup(const char *s, size_t n)
{
    char *copy = xmalloc(n + 1);
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

char *
xstrdup(const char *s)
{
    return xstrndup(s, strlen(s));
}

struct arena *
arena_new(void)
{
    return xcalloc(1, sizeof(struct arena));
}

void
arena_free(struct arena **arena)
{
    if (!*arena) {
        return;
    }
    for (struct block *b = (*arena)->blocks; b;) {
        struct block *next = b->next;
        free(b);
        b = next;
    }
    free(*arena);
    *arena = NULL;
}

void *
arena_alloc(struct arena *arena, size_t n)
{
    size_t rounded = (n + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    struct block *b = arena->blocks;
    if (!b || b->size - b->used < rounded) {
        size_t size = rounded > ARENA_BLOCK ? rounded : ARENA_BLOCK;
        b = xcalloc(1, sizeof *b + size);
        b->size = size;
        b->next = arena->blocks;
        arena->blocks = b;
    }
    void *p = b->bytes + b->used;
    b->used += rounded;
    return p;
}

char *
arena_strndup(struct arena *arena, const char *s, size_t n)
{
    char *copy = arena_alloc(arena, n + 1);
    memcpy(copy, s, n);
    return copy;
}

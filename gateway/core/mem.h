/* Allocation that cannot fail: out of memory aborts (a kill is recovered from, a NULL is not). */
#ifndef LOA_CORE_MEM_H
#define LOA_CORE_MEM_H
// SPDX-License-Identifier: MIT

#include <stddef.h>

/* Each gives memory that the caller frees with free(); lengths from outside are bounded before. */
void *xmalloc(size_t n) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t n) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));

/* An arena: the data of one announcement, chunk or configuration, freed at once. */
struct arena;
struct arena *arena_new(void);
void arena_free(struct arena **arena);
/* Borrowed from the arena until arena_free(); zeroed, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t n) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *arena, const char *s, size_t n) __attribute__((returns_nonnull));

#endif

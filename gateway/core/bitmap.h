/* A set of members as a bitmap over directory numbers, in Redis' bit order.  Pure. */
#ifndef LOA_CORE_BITMAP_H
#define LOA_CORE_BITMAP_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bit 0 is the high bit of byte 0; what lies behind the end is not in the set.  Owns `bytes`. */
struct bitmap {
    uint8_t *bytes;
    size_t n; /* bytes */
};

struct bitmap bitmap_copy(const void *bytes, size_t n); /* bitmap_deinit() frees it */
void bitmap_deinit(struct bitmap *b);

bool bitmap_has(const struct bitmap *b, uint32_t number);
uint32_t bitmap_count(const struct bitmap *b);
/* The first member of the set from `from` on; false when there is none. */
bool bitmap_next(const struct bitmap *b, uint32_t from, uint32_t *number);
/* Members from `from` on, ascending, at most `max`; returns how many. */
size_t bitmap_select(const struct bitmap *b, uint32_t from, uint32_t *numbers, size_t max);
/* The member at place `index` of the set (0: the first); false when it has fewer. */
bool bitmap_at(const struct bitmap *b, uint32_t index, uint32_t *number);

void bitmap_and(struct bitmap *b, const struct bitmap *other);
void bitmap_or(struct bitmap *b, const struct bitmap *other);
/* b becomes `all` without b: never a number that is not in `all`. */
void bitmap_invert(struct bitmap *b, const struct bitmap *all);

#endif

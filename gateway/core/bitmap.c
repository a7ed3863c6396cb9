/* A set of members as a bitmap. */
// SPDX-License-Identifier: MIT
#include "gateway/core/bitmap.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"

struct bitmap
bitmap_copy(const void *bytes, size_t n)
{
    struct bitmap b = {xmalloc(n), n};
    if (n > 0) {
        memcpy(b.bytes, bytes, n);
    }
    return b;
}

void
bitmap_deinit(struct bitmap *b)
{
    free(b->bytes);
    *b = (struct bitmap){NULL, 0};
}

bool
bitmap_has(const struct bitmap *b, uint32_t number)
{
    return number / 8 < b->n && (b->bytes[number / 8] & (0x80U >> number % 8));
}

uint32_t
bitmap_count(const struct bitmap *b)
{
    uint32_t count = 0;
    for (size_t i = 0; i < b->n; i++) {
        count += (uint32_t)__builtin_popcount(b->bytes[i]);
    }
    return count;
}

bool
bitmap_next(const struct bitmap *b, uint32_t from, uint32_t *number)
{
    size_t at = from / 8;
    if (at >= b->n) {
        return false;
    }
    unsigned byte = b->bytes[at] & (0xffU >> from % 8);
    while (byte == 0) {
        if (++at == b->n) {
            return false;
        }
        byte = b->bytes[at];
    }
    /* The highest set bit of the byte is the lowest number. */
    *number = (uint32_t)(at * 8) + (uint32_t)__builtin_clz(byte) - (8 * sizeof byte - 8);
    return true;
}

size_t
bitmap_select(const struct bitmap *b, uint32_t from, uint32_t *numbers, size_t max)
{
    size_t n = 0;
    uint32_t number;
    while (n < max && bitmap_next(b, from, &number)) {
        numbers[n++] = number;
        from = number + 1;
    }
    return n;
}

bool
bitmap_at(const struct bitmap *b, uint32_t index, uint32_t *number)
{
    for (size_t i = 0; i < b->n; i++) {
        uint32_t here = (uint32_t)__builtin_popcount(b->bytes[i]);
        if (index >= here) {
            index -= here;
            continue;
        }
        uint32_t from = (uint32_t)(i * 8);
        while (bitmap_next(b, from, number) && index > 0) {
            index--;
            from = *number + 1;
        }
        return true;
    }
    return false;
}

void
bitmap_and(struct bitmap *b, const struct bitmap *other)
{
    if (b->n > other->n) {
        b->n = other->n;
    }
    for (size_t i = 0; i < b->n; i++) {
        b->bytes[i] &= other->bytes[i];
    }
}

static void
grow(struct bitmap *b, size_t n)
{
    if (b->n < n) {
        b->bytes = xrealloc(b->bytes, n);
        memset(b->bytes + b->n, 0, n - b->n);
        b->n = n;
    }
}

void
bitmap_or(struct bitmap *b, const struct bitmap *other)
{
    grow(b, other->n);
    for (size_t i = 0; i < other->n; i++) {
        b->bytes[i] |= other->bytes[i];
    }
}

void
bitmap_invert(struct bitmap *b, const struct bitmap *all)
{
    grow(b, all->n);
    b->n = all->n;
    for (size_t i = 0; i < b->n; i++) {
        b->bytes[i] = (uint8_t)(all->bytes[i] & ~b->bytes[i]);
    }
}

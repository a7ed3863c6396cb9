/* Damerau-Levenshtein distance (optimal string alignment) over code points. */
// SPDX-License-Identifier: MIT
#include "gateway/core/nearest.h"

#include <string.h>

#include <utf8proc.h>

enum { WORD_MAX = 64 };

struct word {
    int32_t c[WORD_MAX];
    size_t n;
};

/* A byte that is no UTF-8 counts as one character. */
static bool
word_read(struct str s, struct word *w)
{
    w->n = 0;
    while (s.n > 0) {
        utf8proc_int32_t c = 0;
        utf8proc_ssize_t used =
            utf8proc_iterate((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &c);
        if (used < 1) {
            used = 1;
            c = (unsigned char)*s.p;
        }
        if (w->n == WORD_MAX) {
            return false;
        }
        w->c[w->n++] = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
        s.p += used;
        s.n -= (size_t)used;
    }
    return true;
}

static size_t
least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Fills `row`, that of the first i letters of `a`, from the two above it. */
static void
fill_row(const struct word *a, const struct word *b, size_t i, size_t *const rows[3])
{
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    row[0] = i;
    for (size_t j = 1; j <= b->n; j++) {
        size_t replace = above[j - 1] + (a->c[i - 1] != b->c[j - 1]);
        row[j] = least(above[j] + 1, row[j - 1] + 1, replace);
        bool swapped = i > 1 && j > 1 && a->c[i - 1] == b->c[j - 2] && a->c[i - 2] == b->c[j - 1];
        if (swapped && before[j - 2] + 1 < row[j]) {
            row[j] = before[j - 2] + 1;
        }
    }
}

static size_t
distance(const struct word *a, const struct word *b)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b->n; j++) {
        above[j] = j;
        before[j] = 0;
    }
    for (size_t i = 1; i <= a->n; i++) {
        fill_row(a, b, i, (size_t *const[3]){before, above, row});
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b->n];
}

size_t
nearest_distance(struct str a, struct str b)
{
    struct word left, right;
    if (!word_read(a, &left) || !word_read(b, &right)) {
        return SIZE_MAX;
    }
    return distance(&left, &right);
}

const char *
nearest_find(struct str word, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t fewest = SIZE_MAX;
    struct word meant, name;
    if (!word_read(word, &meant)) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (!word_read(str_of(names[i]), &name)) {
            continue;
        }
        size_t longer = meant.n > name.n ? meant.n : name.n;
        size_t allowed = longer / 3 > 1 ? longer / 3 : 1;
        size_t edits = distance(&meant, &name);
        if (edits <= allowed && edits < longer && edits < fewest) {
            fewest = edits;
            best = names[i];
        }
    }
    return best;
}

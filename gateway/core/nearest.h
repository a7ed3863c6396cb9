/* Finds the name that was probably meant: for misspelt keys, groups and commands.  Pure. */
#ifndef LOA_CORE_NEAREST_H
#define LOA_CORE_NEAREST_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

/* Edits (insert, delete, replace, swap two neighbours) between the words, letters compared without
 * ASCII case; SIZE_MAX when a word is longer than 64 characters. */
size_t nearest_distance(struct str a, struct str b);

/* The name with the fewest edits (the first of equals), NULL when none is near: more edits than a
 * third of the longer word, but one is always allowed, unless
 * nothing of the word would be left. */
const char *nearest_find(struct str word, const char *const *names, size_t n);

#endif

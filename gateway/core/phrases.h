/* The office's tables of words, read once for all announcements.  Pure. */
#ifndef LOA_CORE_PHRASES_H
#define LOA_CORE_PHRASES_H
// SPDX-License-Identifier: MIT

#include "gateway/core/dictionary.h"

struct phrases {
    struct dictionary abbreviations;
};

/* The tables that are built in; in the arena. */
const struct phrases *phrases_built_in(struct arena *arena);

#endif

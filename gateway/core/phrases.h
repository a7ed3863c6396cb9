/* The office's tables of words, read once for all announcements.  Pure. */
#ifndef LOA_CORE_PHRASES_H
#define LOA_CORE_PHRASES_H
// SPDX-License-Identifier: MIT

#include "gateway/core/courtesy.h"
#include "gateway/core/dictionary.h"
#include "gateway/core/furniture.h"

struct phrases {
    struct dictionary abbreviations;
    struct furniture_table furniture; /* an office's own rows */
    struct courtesy_table courtesy;
};

/* The tables that are built in; in the arena. */
const struct phrases *phrases_built_in(struct arena *arena);

#endif

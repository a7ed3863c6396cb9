/* The tables of words that are built in. */
// SPDX-License-Identifier: MIT
#include "gateway/core/phrases.h"

const struct phrases *
phrases_built_in(struct arena *arena)
{
    struct phrases *out = arena_alloc(arena, sizeof *out);
    *out = (struct phrases){.furniture = {0, NULL}, .courtesy = courtesy_built_in};
    dictionary_built_in(arena, &out->abbreviations);
    return out;
}

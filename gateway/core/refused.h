/* Signs that an operator refuses in a text (a route's `refused`, such as "&#%"): what is written
 * for them, and whether a link has one.  Pure. */
#ifndef LOA_CORE_REFUSED_H
#define LOA_CORE_REFUSED_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* The text without the signs of `refused`, others in their place: " va " for &, " và " in a text
 * whose letters have marks, of what is not ASCII what unicode_strip() leaves; "{name}" stays. */
struct str refused_replace(struct arena *arena, struct str text, struct str refused);

/* The link with nothing that is refused: as it is, without its #fragment, or empty. */
struct str refused_link(struct str link, struct str refused);

#endif

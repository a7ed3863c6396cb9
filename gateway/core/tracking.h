/* The name that a message has with a platform: it comes back in the platform's receipt, also when
 * no answer told the platform's own id.  Pure. */
#ifndef LOA_CORE_TRACKING_H
#define LOA_CORE_TRACKING_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

#include "gateway/core/str.h"

enum {
    TRACKING_ROOM = 49,
    TRACKING_BROADCAST = 65,
    TRACKING_HASH = 18 /* room for '#' and 16 digits */
};                     /* Zalo takes 48 of letters, digits, - and _ */

/* "tb-118_p2-3mv-1": the broadcast's ID (a dot as _p, an underscore as __, the
 * tilde of a twin as _s), the member's index and
 * the attempt to the base of 36.  An ID that is too long stands as _h and a hash. */
void tracking_make(const char *broadcast, uint32_t index, unsigned attempt,
                   char out[TRACKING_ROOM]);
/* Whether that ID is too long; `out` gets '#' and its hash, which is no ID. */
bool tracking_hashed(const char *broadcast, char out[TRACKING_HASH]);
/* False: not one of ours.  `broadcast` of an ID that was too long is what tracking_hashed() gives.
 */
bool tracking_read(struct str name, char broadcast[TRACKING_BROADCAST], uint32_t *index,
                   unsigned *attempt);

#endif

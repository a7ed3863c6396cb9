/* How long to wait before the next try of something that failed.  Pure. */
#ifndef LOA_CORE_BACKOFF_H
#define LOA_CORE_BACKOFF_H
// SPDX-License-Identifier: MIT

#include <stdint.h>

/* Full jitter: any wait from 0 to first · 2^failures, held to `max_ms`.  `failures` counts those
 * before this one; `random` is any 32 random bits. */
int64_t backoff_ms(int64_t first_ms, int64_t max_ms, unsigned failures, uint32_t random);

#endif

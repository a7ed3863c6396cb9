/* How long to wait before the next try of something that failed. */
// SPDX-License-Identifier: MIT
#include "gateway/core/backoff.h"

int64_t
backoff_ms(int64_t first_ms, int64_t max_ms, unsigned failures, uint32_t random)
{
    int64_t most_ms = first_ms;
    while (failures-- > 0 && most_ms < max_ms) {
        most_ms *= 2;
    }
    if (most_ms > max_ms) {
        most_ms = max_ms;
    }
    return (int64_t)(random % (uint64_t)(most_ms + 1));
}

/* When a message that was refused for now is tried again. */
// SPDX-License-Identifier: MIT
#include "gateway/core/retry.h"

int64_t
retry_at(const struct retry_rules *rules, int attempt, int64_t now_ms, int64_t expires_ms,
         uint32_t random)
{
    if (attempt >= rules->attempts) {
        return 0;
    }
    int64_t wait_ms = rules->first_ms;
    for (int i = 1; i < attempt && wait_ms < rules->max_ms; i++) {
        wait_ms *= 2;
    }
    if (wait_ms > rules->max_ms) {
        wait_ms = rules->max_ms;
    }
    int64_t due_ms = now_ms + (int64_t)(random % (uint64_t)(wait_ms + 1));
    if (due_ms < now_ms + rules->own_ms) {
        due_ms = now_ms + rules->own_ms;
    }
    return expires_ms > 0 && due_ms >= expires_ms ? 0 : due_ms;
}

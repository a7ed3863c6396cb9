/* When a message that was refused for now is tried again.  Pure. */
#ifndef LOA_CORE_RETRY_H
#define LOA_CORE_RETRY_H
// SPDX-License-Identifier: MIT

#include <stdint.h>

/* The configuration's `retry`, and what the refusal asked for. */
struct retry_rules {
    int attempts;             /* tries in all, the first one too */
    int64_t first_ms, max_ms; /* the wait before the second try; the longest wait */
    int64_t own_ms;           /* the provider's own delay: no try is earlier; 0: it named none */
};

/* The Unix time in ms of the next try after `attempt` tries (from 1) that ended at `now_ms`:
 * exponential with full jitter, the wait lying in [0, whole] of first · 2^(attempt-1), held to max,
 * and never shorter than the provider's own.  `random` is any 32 random bits.  0: give up (tries
 * used up, or past `expires_ms`, 0 none). */
int64_t retry_at(const struct retry_rules *rules, int attempt, int64_t now_ms, int64_t expires_ms,
                 uint32_t random);

#endif

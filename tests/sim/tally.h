/* Counting at the speed of the wire: how often a key was seen, and how much came in any second. */
#ifndef LOA_SIM_TALLY_H
#define LOA_SIM_TALLY_H
// SPDX-License-Identifier: MIT

#include <stddef.h>
#include <stdint.h>

/* Keys (hashes) with how often each was seen.  Owns its arrays. */
struct tally {
    uint64_t *keys;
    uint32_t *counts;
    size_t room, used;
};
/* Counts the key once more; returns how often it has been seen now. */
uint32_t tally_add(struct tally *t, uint64_t key);
void tally_deinit(struct tally *t);

/* How many happened in the second that ends now, and the most that any second had. */
struct meter {
    struct meter_entry {
        int64_t at_us;
        int64_t n;
    } * ring;
    size_t room, first, used;
    int64_t sum, most;
};
/* Forgets what is a second old or older; returns how many are left. */
int64_t meter_now(struct meter *m, int64_t now_us);
void meter_add(struct meter *m, int64_t now_us);
void meter_deinit(struct meter *m);

#endif

/* Open-addressing counts and the sliding second. */
// SPDX-License-Identifier: MIT
#include "tests/sim/tally.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"

enum { TALLY_FIRST = 4096, METER_FIRST = 1024, SECOND_US = 1000000 };

static size_t
slot_of(const struct tally *t, uint64_t key)
{
    size_t i = (size_t)(key * 0x9e3779b97f4a7c15U >> 20) & (t->room - 1);
    while (t->counts[i] && t->keys[i] != key) {
        i = (i + 1) & (t->room - 1);
    }
    return i;
}

static void
grow(struct tally *t)
{
    struct tally old = *t;
    t->room = old.room ? old.room * 4 : TALLY_FIRST;
    t->keys = xcalloc(t->room, sizeof *t->keys);
    t->counts = xcalloc(t->room, sizeof *t->counts);
    for (size_t i = 0; i < old.room; i++) {
        if (old.counts[i]) {
            size_t slot = slot_of(t, old.keys[i]);
            t->keys[slot] = old.keys[i];
            t->counts[slot] = old.counts[i];
        }
    }
    free(old.keys);
    free(old.counts);
}

uint32_t
tally_add(struct tally *t, uint64_t key)
{
    if (t->used * 2 >= t->room) {
        grow(t);
    }
    size_t slot = slot_of(t, key);
    t->used += t->counts[slot] == 0;
    t->keys[slot] = key;
    return ++t->counts[slot];
}

void
tally_deinit(struct tally *t)
{
    free(t->keys);
    free(t->counts);
    *t = (struct tally){0};
}

int64_t
meter_now(struct meter *m, int64_t now_us)
{
    const struct meter_entry *ring = m->ring;
    while (ring && m->used && ring[m->first].at_us <= now_us - SECOND_US) {
        m->sum -= ring[m->first].n;
        m->first = (m->first + 1) % m->room;
        m->used--;
    }
    return m->sum;
}

static void
meter_grow(struct meter *m)
{
    size_t room = m->room ? m->room * 2 : METER_FIRST;
    struct meter_entry *ring = xcalloc(room, sizeof *ring);
    for (size_t i = 0; i < m->used; i++) {
        ring[i] = m->ring[(m->first + i) % m->room];
    }
    free(m->ring);
    m->ring = ring;
    m->room = room;
    m->first = 0;
}

void
meter_add(struct meter *m, int64_t now_us)
{
    meter_now(m, now_us);
    if (m->used == m->room) {
        meter_grow(m);
    }
    struct meter_entry *ring = m->ring;
    assert(ring);
    struct meter_entry *last = &ring[(m->first + m->used - 1) % m->room];
    if (m->used && last->at_us == now_us) {
        last->n++;
    } else {
        ring[(m->first + m->used++) % m->room] = (struct meter_entry){now_us, 1};
    }
    m->sum++;
    m->most = m->sum > m->most ? m->sum : m->most;
}

void
meter_deinit(struct meter *m)
{
    free(m->ring);
    *m = (struct meter){0};
}

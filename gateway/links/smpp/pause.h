/* A link whose SMSC refuses whatever it sends (its sender's name, its account): it pauses, longer
 * each time, then tries one message. */
#ifndef LOA_LINKS_SMPP_PAUSE_H
#define LOA_LINKS_SMPP_PAUSE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

struct smpp;

/* When it goes on, CLOCK_MONOTONIC, and how long it last paused; 0: it does not. */
struct pause {
    int64_t until_us, length_us;
};

/* A message was refused for what the link is. */
void pause_refused(struct smpp *l, uint32_t status, int64_t now_us);
/* A message was accepted: it goes on. */
void pause_accepted(struct smpp *l);
bool pause_holds(const struct pause *pause, int64_t now_us);
/* The pause is over, and nothing was accepted since: one message at a time. */
bool pause_probes(const struct pause *pause);

#endif

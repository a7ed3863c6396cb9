/* The rates of a link: the one that is set, the one that the SMSC's throttling answers have shown,
 * and, where it shares its rate with other processes, what was granted of it. */
#ifndef LOA_LINKS_SMPP_PACE_H
#define LOA_LINKS_SMPP_PACE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

struct smpp;

struct lease;

bool pace_lets(struct smpp *l, int64_t now_us); /* one part; it is counted */
void pace_arm_wake(struct smpp *l, int64_t now_us);
/* A part that was written at `written_us` was throttled. */
void pace_refused(struct smpp *l, int64_t written_us, int64_t now_us);
/* … was accepted. */
void pace_accepted(struct smpp *l, int64_t written_us, int64_t now_us);
void pace_watch(struct smpp *l, int64_t now_us); /* once in a while */
/* The rate that is set, or the limit that was found, is another one now. */
void pace_changed(struct smpp *l);
int pace_room(const struct smpp *l, int parts); /* as link_room() */
double pace_rate(const struct smpp *l);         /* as link_rate() */

/* As link_wants() and so on. */
int pace_wants(const struct smpp *l);
void pace_grant(struct smpp *l, const struct lease *lease); /* NULL: nothing any more */
void pace_set_limit(struct smpp *l, int limit, int others);

#endif

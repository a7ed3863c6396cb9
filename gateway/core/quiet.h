/* Quiet hours: when normal announcements wait.  Pure: the time and the zone's offset are handed in.
 */
#ifndef LOA_CORE_QUIET_H
#define LOA_CORE_QUIET_H
// SPDX-License-Identifier: MIT

#include <stdint.h>

/* A span of quiet, Unix seconds; it ends just before `ends_s`. */
struct quiet {
    int64_t begins_s, ends_s;
};

/* The span that holds `unix_s`, or else the next one, of every day's `from_min` to `to_min`
 * (minutes after midnight, over midnight when `to_min` is the lower one) in a zone `offset_min`
 * east of UTC. Both equal: no quiet hours, a span that never comes (INT64_MAX). */
struct quiet quiet_span(int from_min, int to_min, int64_t unix_s, int offset_min);

#endif

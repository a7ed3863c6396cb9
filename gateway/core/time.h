/* Times as text, to and from Unix seconds.  Pure: "now" and the zone's offset are handed in.
 * Asia/Ho_Chi_Minh is +7 hours without daylight saving. */
#ifndef LOA_CORE_TIME_H
#define LOA_CORE_TIME_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

enum { TIME_ROOM = 32, TIME_VIETNAM = 7 * 60 }; /* minutes east of UTC */

/* RFC 3339: "2026-11-07T09:10:00+07:00", "…Z"; a blank may stand for the T, a fraction of a second
 * is dropped.  Years 1970 to 9999. */
int time_parse_rfc3339(struct str text, int64_t *unix_s, struct err *err) MUST_CHECK;

/* RFC 3339, or "YYYY-MM-DD HH:MM" in the zone `offset_min`, or "+2h" from `now_s` (units s m h d,
 * which may follow one another: "+1h30m"). */
int time_parse(struct str text, int64_t now_s, int offset_min, int64_t *unix_s,
               struct err *err) MUST_CHECK;

/* RFC 3339 with that offset, `Z` for 0: "2026-11-07T09:10:00+07:00". */
void time_format(int64_t unix_s, int offset_min, char out[TIME_ROOM]);

/* As people read it in Vietnam: "09:10 07/11/2026". */
void time_format_short(int64_t unix_s, int offset_min, char out[TIME_ROOM]);

#endif

/* SMPP's time texts (SMPP 3.4 §7.1.1): "YYMMDDhhmmsstnnp".  Pure. */
#ifndef LOA_LINKS_SMPP_TIMES_H
#define LOA_LINKS_SMPP_TIMES_H
// SPDX-License-Identifier: MIT

#include <stdint.h>

enum { SMPP_TIME_SIZE = 17 };

/* The moment in UTC: "261124120000000+". */
void times_absolute(int64_t unix_s, char out[SMPP_TIME_SIZE]);
/* So long from now: "000002133000000R" is two days, 13 hours and 30 minutes.  Between a second and
 * 31 days: what is outside counts as the nearest (months have no fixed length). */
void times_relative(int64_t seconds, char out[SMPP_TIME_SIZE]);

#endif

/* Logs: logfmt on stderr, one line an event, the same failure at most once in ten seconds. */
#ifndef LOA_BASE_LOG_H
#define LOA_BASE_LOG_H
// SPDX-License-Identifier: MIT

#include <stdint.h>

#include "gateway/core/err.h"
#include "gateway/core/str.h"

/* error: a person must act.  warning: we lost something or went around it.  info: life of a link
 * or broadcast.  debug: each PDU. */
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

void log_set_level(enum log_level level);

/* One event (`noun.past-participle`) with its fields: `format` is logfmt text whose %s values go
 * through log_value() when they may hold blanks, quotes or bytes from outside.  Never pass a whole
 * phone number (number_mask() first), a secret, or the text of a message.
 *   log_event(LOG_INFO, "link.bound", "link=%s mode=trx window=%d", name, window);
 * A warning or error that stands word for word in a line of the last 10 s is counted, not repeated:
 * its next line ends with repeated=N. */
void log_event(enum log_level level, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);

/* `s` quoted and escaped for logfmt when it needs it.  Borrowed from one of eight static slots:
 * valid until the eighth next call; cut at 300 bytes, never inside a UTF-8 character. */
const char *log_value(struct str s);

/* For tests: where lines go (NULL: stderr) and the clock in ms (NULL: CLOCK_MONOTONIC). */
typedef void log_sink(void *arg, const char *line);
typedef int64_t log_clock(void *arg);
void log_redirect(log_sink *sink, log_clock *clock, void *arg);

#endif

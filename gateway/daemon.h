/* The daemon: wires queue, words and links together and runs until it is told to stop. */
#ifndef LOA_GATEWAY_DAEMON_H
#define LOA_GATEWAY_DAEMON_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf.h"

/* Runs in the foreground.  SIGTERM and SIGINT drain (answers awaited, 10 s at most): returns 0.
 * Returns -1 when it cannot go on; the sentence was logged. */
int daemon_run(const struct conf *conf);
/* From here on SIGTERM, SIGINT and SIGHUP wait for daemon_run(), which is ready for them. */
void daemon_hold_signals(void);

#endif

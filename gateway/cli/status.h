/* Asking for one broadcast's status, for `status` and `send --wait`. */
#ifndef LOA_CLI_STATUS_H
#define LOA_CLI_STATUS_H
// SPDX-License-Identifier: MIT

#include "gateway/cli/session.h"
#include "gateway/cli/show.h"

/* Fills `status` (zeroed or filled before; show_free() it at last); `known` is false: no such ID.
 * 0, or -1 after it said why on stderr. */
int status_ask(struct session *s, const char *id, struct show_status *status) MUST_CHECK;
/* There is no broadcast of that ID: says whether it waits, was refused, or is not known at all.
 * Returns CLI_FAILED. */
int status_not_taken_in(struct session *s, const char *id);
/* When the quiet hours that keep this broadcast now are over (Unix seconds); 0: none do. */
int64_t status_quiet_until(const struct conf *conf, const struct show_status *status);

#endif

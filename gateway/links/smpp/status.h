/* command_status: what each means for the message or bind that it answers.  Pure. */
#ifndef LOA_LINKS_SMPP_STATUS_H
#define LOA_LINKS_SMPP_STATUS_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

enum status_class {
    STATUS_OK,
    STATUS_TEMPORARY, /* may be tried again later */
    STATUS_THROTTLED, /* too fast: slow down and send the same again */
    STATUS_PERMANENT, /* the same will be refused again */
};

/* A status that is in no table (a vendor's) is temporary: it is tried a few times, and its number
 * stands in the report. */
enum status_class status_class(uint32_t status);
/* "invalid destination address"; NULL for one that is in no table. */
const char *status_name(uint32_t status);
/* Our settings are wrong (system_id, password): trying again soon would only lock the account. */
bool status_is_credentials(uint32_t status);

#endif

/* SMPP's command_status: one table of what each means for a message, and its words.  Pure. */
#ifndef LOA_CORE_STATUS_H
#define LOA_CORE_STATUS_H
// SPDX-License-Identifier: MIT

#include <stddef.h>
#include <stdint.h>

#include "gateway/core/str.h"

enum status_class {
    STATUS_OK,
    STATUS_RETRY,    /* may be tried again later */
    STATUS_THROTTLE, /* too fast: slow down and send the same again */
    STATUS_NUMBER,   /* this number will be refused again */
    STATUS_LINK,     /* whatever this link sends will be: its account, sender or plan is wrong */
    STATUS_MISTAKE,  /* the PDU was wrong: ours */
};

/* Statuses from `first` to `last` are of this class; what is tried again is so after `wait_ms` at
 * the earliest (0: as `retry` says). */
struct status_rule {
    uint32_t first, last;
    enum status_class class;
    int64_t wait_ms;
};

/* Reads "0x400" or "0x400-0x4ff" (decimal too) and "retry", "retry 5m", "throttle", "number",
 * "link" or "mistake".  False: one of them is something else. */
bool status_rule_read(struct str statuses, struct str word, struct status_rule *out);
/* What is right for the words, for a mistake's sentence. */
const char *status_rule_wanted(void);

/* What `status` is: by the first of `n` rules that names it, else by SMPP 3.4 §5.1.3 and the
 * statuses of 5.0.  One that nobody knows (a vendor's) is tried again, with its number in the
 * report. */
struct status_rule status_rule_of(uint32_t status, const struct status_rule *rules, size_t n);

/* "invalid-destination", in Vietnamese "sai số nhận"; NULL for one that is in no table. */
const char *status_words(uint32_t status, bool vietnamese);
/* Our settings are wrong (system_id, password): trying again soon would only lock the account. */
bool status_is_credentials(uint32_t status);

#endif

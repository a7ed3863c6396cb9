/* How a broadcast is shown: as JSON, as a table's row, as a picture with a bar. */
#ifndef LOA_CLI_SHOW_H
#define LOA_CLI_SHOW_H
// SPDX-License-Identifier: MIT

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "gateway/core/str.h"
#include "queue/broadcast.h"

/* A JSON string; bytes that are no UTF-8 become "?".  Gives it. */
json_t *show_string(struct str s);
/* One document on one line of stdout; takes `json`. */
void show_json(json_t *json);

/* What outlives the callback of a status: owns its texts. */
struct show_status {
    bool known;
    char *id, *title, *state, *audience, *priority, *created_at, *text, *error;
    uint64_t total, count[OUTCOME_N], parts, cost;
    int64_t clicks; /* -1: it has no short link */
    int64_t start_s, expires_s;
    bool hold;   /* the uncertain wait for a person */
    char *twins; /* by all channels at once: the IDs of the others, "a~zalo,a~telegram"; "" none */
};
void show_copy(struct show_status *to, const struct broadcast_status *from);
void show_free(struct show_status *status);

/* The object that `loa status --json` prints.  Gives it. */
json_t *show_status_json(const struct show_status *status);
/* The same as text; gives it (free()). */
char *show_status_line(const struct show_status *status);
/* Nothing can change any more by sending: done, cancelled, expired, rejected. */
bool show_is_over(const struct show_status *status);
/* Members that are neither queued, sending, retrying nor uncertain. */
uint64_t show_settled(const struct show_status *status);
/* "1,234,567" (Vietnamese: "1.234.567"). */
void show_number(uint64_t n, char *out, size_t room);
/* Parts a second with three digits that count; "" for 0: no limit. */
void show_rate(double rate, char *out, size_t room);
/* Seconds of Unix time as RFC 3339 in the configuration's time zone; "" for 0. */
void show_time(int64_t unix_s, char *out, size_t room);
/* The broadcast's picture.  Returns how many lines it took. */
int show_picture(const struct show_status *status, FILE *to);

/* A bar that is redrawn in place on a terminal; else a line every two seconds in which something
 * changed, and one at the end. */
struct progress {
    FILE *to;
    bool terminal, drawn;
    int64_t next_us; /* when the next line may come */
    char last[512];
};
void progress_begin(struct progress *p, FILE *to);
void progress_show(struct progress *p, const struct show_status *status);
void progress_end(struct progress *p);

#endif

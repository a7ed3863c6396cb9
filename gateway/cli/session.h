/* A subcommand's connection to Redis: configuration, loop, queue, and waiting for an answer. */
#ifndef LOA_CLI_SESSION_H
#define LOA_CLI_SESSION_H
// SPDX-License-Identifier: MIT

#include <stdint.h>

#include "gateway/cli/cli.h"
#include "gateway/core/str.h"

/* A command with its connection; session_close() frees what it holds. */
struct session {
    const struct cli_call *call;
    struct conf *conf;
    struct event_base *base;
    struct queue *queue;
    /* Filled by session_answer(). */
    bool answered;
    struct err err; /* code ERR_NONE: all went well */
};

/* How long a command waits for an answer; a report of a million takes its time in pieces. */
enum { SESSION_CONNECT_MS = 5000, SESSION_ANSWER_MS = 60000, SESSION_LONG_MS = 3600000 };

/* Reads the configuration, sets the time zone and connects.  Returns CLI_DONE, or the exit code
 * after it said why on stderr. */
int session_open(struct session *s, const struct cli_call *call);
void session_close(struct session *s);

/* Before a call to the queue, and to wait for its answer: 0, or -1 after it said why on stderr. */
void session_begin(struct session *s);
int session_wait(struct session *s) MUST_CHECK;
int session_wait_for(struct session *s, int64_t wait_ms) MUST_CHECK;
/* Notes `err` (NULL: none) and that the answer is there; for the callbacks. */
void session_answer(struct session *s, const struct err *err);
/* Runs the loop for `ms`: between two looks of --watch. */
void session_pause(struct session *s, int64_t ms);

/* Whom `expression` names, as a bitmap whose bytes the caller frees.  -1 after it said on stderr
 * what is wrong: a group that nobody is in comes with the nearest one. */
struct bitmap;
int session_audience(struct session *s, struct str expression, struct bitmap *out) MUST_CHECK;

/* The link of that name; NULL after it said that there is none, with the nearest one. */
const struct conf_link *session_link(const struct session *s, const char *name);

/* Says that there is no such broadcast and what to do next.  Returns CLI_FAILED. */
int session_unknown(const struct session *s, const char *id);

#endif

/* An office's own summariser: a command that is told an announcement and says it in its own words.
 * What it says is a proposal: the caller proves it (core/proof.h) before it is sent. */
#ifndef LOA_GATEWAY_SUMMARISER_H
#define LOA_GATEWAY_SUMMARISER_H
// SPDX-License-Identifier: MIT

#include <event2/event.h>

#include "gateway/core/story.h"

enum { SUMMARISER_TEXT_MAX = 8192 };

/* One question; it frees itself when it was answered. */
struct summariser_run;

/* `text`: one line of valid UTF-8, NFC, borrowed; or `err` says why there is none: the command
 * could not be started, took too long, failed, or said too much or nothing. */
typedef void summariser_answer(void *arg, struct str text, const struct err *err);

/* How a command is asked. */
struct summariser {
    struct event_base *base;
    const char *command; /* for /bin/sh */
    int64_t timeout_ms;
};

/* Starts the command, with the announcement as one JSON object on its standard input (title, text,
 * issuer, kind, url, room: characters at most) and reads the text from its standard output.  Never
 * blocks; answers later, exactly once, unless it is dropped.  NULL: it could not be started. */
struct summariser_run *summariser_ask(const struct summariser *s, const struct announcement *a,
                                      const struct story *story, size_t room,
                                      summariser_answer *answer, void *arg);
/* Ends the command and forgets the question: no answer comes. */
void summariser_drop(struct summariser_run **run);

#endif

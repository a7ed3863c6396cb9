/* An office's own summariser: a command or an HTTP endpoint that is told an announcement and says
 * it in its own words.
 * What it says is a proposal: the caller proves it (core/proof.h) before it is sent. */
#ifndef LOA_GATEWAY_SUMMARISER_H
#define LOA_GATEWAY_SUMMARISER_H
// SPDX-License-Identifier: MIT

#include <event2/event.h>

#include "gateway/core/story.h"

enum { SUMMARISER_TEXT_MAX = 8192 };

/* One question; it frees itself when it was answered. */
struct summariser_run;

/* `text`: one line of valid UTF-8, NFC, borrowed; or `err` says why there is none: it could
 * not be reached, took too long, failed, or said too much or nothing. */
typedef void summariser_answer(void *arg, struct str text, const struct err *err);

/* How it is asked: by one of both.  Borrowed, must outlive it. */
struct summariser_options {
    const char *command;         /* for /bin/sh */
    const char *url;             /* http(s); asked with POST */
    const char *token, *ca_file; /* of the endpoint: "Authorization: Bearer …"; NULL: none */
    int64_t timeout_ms;
};

struct summariser;
/* Gives one, or NULL with `err`. */
struct summariser *summariser_new(struct event_base *base, const struct summariser_options *options,
                                  struct err *err) MUST_CHECK;
/* Not from a callback; every question was dropped before. */
void summariser_free(struct summariser **s);

/* Tells the announcement as one JSON object (title, text, issuer, kind, url, room: characters at
 * most), on the command's standard input or as the request's body, and reads the text from its
 * standard output or from the answer: the text itself, or an object with `text`.  Never blocks;
 * answers later, exactly once, unless it is dropped.  NULL: it could not be started. */
struct summariser_run *summariser_ask(struct summariser *s, const struct announcement *a,
                                      const struct story *story, size_t room,
                                      summariser_answer *answer, void *arg);
/* Ends the command and forgets the question: no answer comes. */
void summariser_drop(struct summariser_run **run);

#endif

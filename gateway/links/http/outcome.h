/* What becomes of a message by the class of its answer.  Between http_link.c and outcome.c only. */
#ifndef LOA_LINKS_HTTP_OUTCOME_H
#define LOA_LINKS_HTTP_OUTCOME_H
// SPDX-License-Identifier: MIT

#include "gateway/links/http/http_link.h"

/* A message with the platform. */
struct http_call {
    struct http_call *next, **self;
    struct http_link *l;
    struct link_message *m;
    uint64_t token_number; /* the token that it went with */
    struct quota_ticket quota;
};

/* Tells the daemon what became of the call's message, or puts it back. */
void http_outcome(struct http_call *call, const struct answer_reply *reply);

/* http_link.c */
void http_set_state(struct http_link *l, enum link_state state, const char *why);
void http_note_error(struct http_link *l, const char *what);
void http_pause_until(struct http_link *l, int64_t until_us, enum link_state state,
                      const char *why);
void http_tell(struct http_link *l, struct link_message *m, enum link_result result);
void http_put_back(struct http_link *l, struct link_message *m);

#endif

/* A Zalo link's inside: zalo.c sends, questions.c asks.  For links/zalo only. */
#ifndef LOA_LINKS_ZALO_ZALO_H
#define LOA_LINKS_ZALO_ZALO_H
// SPDX-License-Identifier: MIT

#include "gateway/core/zalo_template.h"
#include "gateway/links/http/http_link.h"

struct zalo {
    struct http_link http;
    struct zalo_template template; /* as Zalo told it; n 0: it did not */
    char limits[ZALO_LIMITS];      /* the same as a line; "": it did not */
    bool asking, asked;            /* about the template, since there was a token */
    struct event *again;           /* the quota is asked for again */
    struct quota_ticket quota;     /* of the question under way */
};

/* The access token and what proves that it is ours. */
void zalo_put_token(const struct http_link *l, struct http_draft *draft);

/* What the link must know before it sends: its template.  False: that is being asked. */
bool zalo_is_ready(struct http_link *l);
/* How much of the day's quota is left. */
void zalo_ask_quota(struct http_link *l);
void zalo_questions_begin(struct http_link *l);
void zalo_questions_end(struct http_link *l);

#endif

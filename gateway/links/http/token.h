/* The request that renews an access token, and what its answer brings: Zalo's, and that of an SMS
 * provider whose file describes it. */
#ifndef LOA_LINKS_HTTP_TOKEN_H
#define LOA_LINKS_HTTP_TOKEN_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf_link.h"
#include "gateway/links/http/client.h"

/* Posts it, on a connection of its own.  `refresh`: "" where none is needed.  -1: it cannot be
 * made; nothing is told. */
int token_request(struct http_client *client, const struct conf_link *conf, const char *refresh,
                  http_done_fn *fn, void *arg, struct err *err) MUST_CHECK;
/* Reads its answer; what is kept of it stands in `arena`. */
void token_answer(const struct conf_link *conf, const struct answer_reply *reply,
                  struct arena *arena, struct answer_token *out);
/* The link has a grant that a person gave first, and that is renewed by one process of all. */
bool token_by_grant(const struct conf_link *conf);

#endif

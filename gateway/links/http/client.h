/* HTTP requests on the event loop (libcurl's multi socket interface): connections are kept and
 * shared, nothing is followed, nothing is sent twice by itself, an answer has a ceiling, and every
 * request an end. */
#ifndef LOA_LINKS_HTTP_CLIENT_H
#define LOA_LINKS_HTTP_CLIENT_H
// SPDX-License-Identifier: MIT

#include "gateway/core/answer.h"
#include "gateway/core/provider.h"

struct event_base;
struct http_client;

/* Of all requests of a client; borrowed, must outlive it. */
struct http_options {
    int connections;        /* at most, at once */
    const char *ca_file;    /* trusted instead of the system's certificates; "" or NULL: those */
    const char *pinned_key; /* "sha256//…" of the server's public key; "" or NULL: any */
    const char *proxy;      /* "" or NULL: none, whatever the environment says */
};

enum { HTTP_HEADERS = 12, HTTP_ANSWER_MOST = 64 * 1024 };

/* One request; borrowed during http_send(). */
struct http_ask {
    enum provider_method method;
    const char *url;
    const char *headers[HTTP_HEADERS]; /* "Name: value"; ends with NULL */
    struct str body;
    int64_t wait_ms; /* for the whole of it */
    bool fresh;      /* on a connection of its own */
};

/* `reply` is borrowed during the call.  Comes from the loop, never from inside http_send(). */
typedef void http_done_fn(void *arg, const struct answer_reply *reply);

/* Gives a client, or NULL with `err`. */
struct http_client *http_client_new(struct event_base *base, const struct http_options *options,
                                    struct err *err) MUST_CHECK;
/* Requests under way end without being told.  Not from a callback. */
void http_client_free(struct http_client **client);
void http_send(struct http_client *client, const struct http_ask *request, http_done_fn *fn,
               void *arg);
int http_under_way(const struct http_client *client);
/* What went wrong last with a connection, "" if nothing has. */
const char *http_last_error(const struct http_client *client);

#endif

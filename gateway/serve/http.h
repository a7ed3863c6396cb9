/* HTTP in: evhttp on the gateway's loop behind a table of paths, with limits that a slow or greedy
 * peer does not get past.  Meant to stand behind a proxy that speaks TLS. */
#ifndef LOA_SERVE_HTTP_H
#define LOA_SERVE_HTTP_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>

#include "gateway/core/err.h"
#include "gateway/core/str.h"

struct event_base;
struct http;
struct http_request; /* one request under way; answered exactly once, now or later */

enum {
    HTTP_CONNECTIONS = 128,      /* more: who waits longest without a whole request gives way */
    HTTP_HEAD_BYTES = 16 * 1024, /* request line and headers */
    HTTP_BODY_BYTES = 1 << 20,   /* 413 beyond */
    HTTP_IDLE_S = 10,            /* without a byte in or out */
    HTTP_REQUEST_MS = 10000,     /* from the first byte, or the last answer, to the whole request */
};

enum http_method { HTTP_GET = 1, HTTP_POST = 2 }; /* HEAD comes as GET: its body is left out */

/* A row of the table: who answers what.  Copied; `path` must live as long as the server. */
typedef void http_fn(void *arg, struct http_request *request);
struct http_row {
    unsigned methods; /* HTTP_GET | HTTP_POST; any other method is answered 405 */
    const char *path; /* "/metrics"; with `prefix` also all that begins so: "/s/" */
    bool prefix;      /* the longest row that fits wins */
    http_fn *fn;
    void *arg;
};

/* Listens on "host:port" ("[::1]:8080" too; the port may be shared by several gateways of one user,
 * the kernel then spreads the connections).  While the address cannot be had it says so and tries
 * again every 5 s: sending does not wait for it. */
struct http *http_new(struct event_base *base, const char *listen);
void
http_free(struct http **http); /* what is under way is dropped; http_answer() then only frees */
void http_add(struct http *http, const struct http_row *row);

/* ---- What was asked.  Borrowed until the answer. */
enum http_method http_method(const struct http_request *request);
struct str http_path(const struct http_request *request);  /* as it came, not decoded */
struct str http_rest(const struct http_request *request);  /* what follows a prefix row's path */
struct str http_query(const struct http_request *request); /* behind the ?, "" if there is none */
struct str http_body(const struct http_request *request);
const char *http_header(const struct http_request *request, const char *name); /* NULL: none */

/* ---- The answer, once: frees the request, also when the peer is gone by now. */
void http_set_header(struct http_request *request, const char *name, const char *value);
/* `type`: "text/plain; charset=utf-8"; NULL with an empty body. */
void http_answer(struct http_request *request, int status, const char *type, struct str body);
/* A sentence as text/plain; the newline is added. */
void http_say(struct http_request *request, int status, const char *sentence);

#endif

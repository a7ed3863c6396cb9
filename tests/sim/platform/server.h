/* A small HTTP/1.1 server for the simulator: unlike a well-behaved one it can also reset, answer by
 * half, or never.  Shares nothing with the gateway. */
#ifndef LOA_SIM_PLATFORM_SERVER_H
#define LOA_SIM_PLATFORM_SERVER_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct server;
struct client; /* a connection */

enum { SERVER_PATH = 2048, SERVER_HEADERS = 16384, SERVER_BODY = 1 << 20 };

/* A whole request; valid during the callback. */
struct request {
    struct client *client;
    char method[8];
    char path[SERVER_PATH]; /* with its query */
    const char *headers;    /* as they came, each line ended by CRLF, NUL-terminated */
    const char *body;       /* NUL-terminated */
    size_t body_n;
};
/* The value of a header, up to `room`; "" when it is not there. */
void request_header(const struct request *r, const char *name, char *out, size_t room);
/* The same of the path's query, percent signs undone. */
void request_query(const struct request *r, const char *name, char *out, size_t room);

typedef void server_fn(void *arg, const struct request *request);

/* How a request is answered. */
enum answer_how { HOW_WHOLE, HOW_HALF, HOW_RESET, HOW_NEVER };

/* Listens on host:port (0: a free one); NULL when it cannot. */
struct server *server_new(struct event_base *base, const char *address, server_fn *fn, void *arg,
                          uint16_t *port);
void server_free(struct server *server);
/* A ticket for an answer that comes later: the connection may be gone by then. */
uint64_t server_ticket(struct server *server, struct client *client);
void server_answer(struct server *server, uint64_t ticket, int status, const char *body,
                   enum answer_how how);
int64_t server_connections(const struct server *server); /* accepted so far */

#endif

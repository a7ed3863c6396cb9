/* One TCP connection that carries PDUs: many PDUs a read and a write, buffers of its own. */
#ifndef LOA_LINKS_SMPP_CONN_H
#define LOA_LINKS_SMPP_CONN_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/core/err.h"

struct conn;
struct event_base;
struct sockaddr;
struct tls;

/* Where a connection goes, and how. */
struct conn_to {
    const char *host;
    int port;
    const char *bind_address; /* our end, numeric; NULL: any */
    int64_t keepalive_ms;     /* idle time before TCP asks; 0: the system's */
    struct tls *tls;          /* NULL: none */
};

/* Called from the loop only.  After on_gone nothing more comes until conn_open(). */
struct conn_events {
    void *ctx;
    void (*on_open)(void *ctx);
    void (*on_pdu)(void *ctx, const uint8_t *pdu, size_t n); /* exactly one, borrowed */
    void (*on_turn)(void *ctx);                              /* all PDUs of a read were told */
    void (*on_writable)(void *ctx); /* the socket takes octets again: conn_flush() or conn_fail() */
    void (*on_gone)(void *ctx, const char *why);
    /* While conn_trace() asks for it: each PDU that was read, or committed. */
    void (*on_trace)(void *ctx, bool out, const uint8_t *pdu, size_t n);
};

/* Gives an idle connection; `events` is copied. */
struct conn *conn_new(struct event_base *base, const struct conn_events *events);
void conn_free(struct conn **conn);

/* Resolves and connects in the background; every address is tried in its turn.  `to` is copied,
 * what it points to must outlive the connection. */
void conn_open(struct conn *conn, const struct conn_to *to);
/* Takes a socket that the peer connected.  No on_open: it may be read and written at once, with TLS
 * when the handshake is over. */
void conn_adopt(struct conn *conn, int fd, const struct conn_to *to);
/* Where the last connection that we opened went; NULL: there was none. */
const struct sockaddr *conn_peer(const struct conn *conn);
void conn_close(struct conn *conn); /* at once, what is unwritten is dropped; may be repeated */

/* Asks for on_gone(why) from the loop; nothing more is read or written.  The first reason counts.
 */
void conn_fail(struct conn *conn, const char *why);

/* Room for `n` octets (at most 4,096) to be written, of which conn_commit() counts the used ones.
 */
uint8_t *conn_reserve(struct conn *conn, size_t n);
void conn_commit(struct conn *conn, size_t n);
void conn_trace(struct conn *conn, bool on); /* one PDU a commit is then told */
void conn_flush(struct conn *conn);          /* writes what the socket takes */
/* Octets wait because the socket takes no more: begin nothing new until on_writable. */
bool conn_is_full(const struct conn *conn);
/* Enough was committed for one write. */
bool conn_wants_flush(const struct conn *conn);

/* The stream's octets of this connection: committed so far, and taken by the kernel so far. */
uint64_t conn_committed(const struct conn *conn);
uint64_t conn_written(const struct conn *conn);

#endif

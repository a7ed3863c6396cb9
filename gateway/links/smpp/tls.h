/* TLS of a link: what is trusted, whom we expect, who we are. */
#ifndef LOA_LINKS_SMPP_TLS_H
#define LOA_LINKS_SMPP_TLS_H
// SPDX-License-Identifier: MIT

#include <stddef.h>

#include "gateway/core/err.h"

struct bufferevent;
struct conf_link;
struct event_base;
struct tls;

/* Gives what `conf` (which must outlive it) says of TLS, its files read.  ERR_CONFIG names the file
 * that is not right. */
struct tls *tls_new(const struct conf_link *conf, struct err *err) MUST_CHECK;
/* Reads the files again, for the connections that begin from now on.  -1, ERR_CONFIG: one is not
 * right; all stays as it was. */
int tls_reread(struct tls *tls, const struct conf_link *conf, struct err *err) MUST_CHECK;
void tls_free(struct tls **tls); /* after its connections */
/* Begins TLS on a connected socket; gives its bufferevent, which owns the socket from then on.  The
 * peer's certificate must be signed by one that is trusted, and be the server name's.  NULL with
 * ERR_GONE: the socket is still the caller's. */
struct bufferevent *tls_open(struct tls *tls, struct event_base *base, int fd,
                             struct err *err) MUST_CHECK;
/* The same on a socket that the peer connected (an outbind): we show our certificate first. */
struct bufferevent *tls_accept(struct tls *tls, struct event_base *base, int fd,
                               struct err *err) MUST_CHECK;
/* Says why the connection came to nothing. */
void tls_why(struct bufferevent *bev, char *out, size_t room);
/* Tells the peer that nothing more comes, and closes. */
void tls_close(struct bufferevent *bev);

#endif

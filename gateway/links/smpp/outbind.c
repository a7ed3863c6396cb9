/* Outbind: a listener of the link's own.  Our password is sent only to the SMSC's address. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/outbind.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>

#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "gateway/links/smpp/session.h"

struct outbind {
    struct smpp *smpp;
    struct session *session;
    struct evconnlistener *listener;
};

static bool
is_same_host(const struct sockaddr *a, const struct sockaddr *b)
{
    if (a->sa_family != b->sa_family) {
        return false;
    }
    if (a->sa_family == AF_INET) {
        const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
        return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
    }
    const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;
    return a->sa_family == AF_INET6 && memcmp(&a6->sin6_addr, &b6->sin6_addr, 16) == 0;
}

/* From the address that `host` is, or that it was found to be when we last connected. */
static bool
is_from_smsc(const struct smpp *l, const struct sockaddr *from)
{
    struct sockaddr_storage host;
    int n = sizeof host;
    if (evutil_parse_sockaddr_port(l->to.host, (struct sockaddr *)&host, &n) == 0) {
        return is_same_host(from, (struct sockaddr *)&host);
    }
    for (int i = 0; i < l->sessions_n; i++) {
        const struct sockaddr *peer = conn_peer(l->sessions[i].conn);
        if (peer && is_same_host(from, peer)) {
            return true;
        }
    }
    return false;
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int n,
          void *arg)
{
    (void)listener, (void)n;
    struct outbind *o = arg;
    bool known = is_from_smsc(o->smpp, from);
    if (!known || !session_adopt(o->session, fd)) {
        log_event(LOG_WARNING, "link.outbind_refused", "link=%s why=%s", o->smpp->link.conf->name,
                  known ? "\"one is under way already\"" : "\"it is not from the SMSC's address\"");
        (void)close(fd);
    }
}

struct outbind *
outbind_new(struct smpp *smpp, struct session *session, struct err *err)
{
    const char *where = smpp->link.conf->outbind_listen;
    struct sockaddr_storage at;
    int n = sizeof at;
    if (evutil_parse_sockaddr_port(where, (struct sockaddr *)&at, &n) != 0) {
        (void)err_set(err, ERR_CONFIG, "link %s: outbind_listen: no numeric address: %s",
                      smpp->link.conf->name, where);
        return NULL;
    }
    struct outbind *o = xcalloc(1, sizeof *o);
    o->smpp = smpp;
    o->session = session;
    unsigned flags =
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE | LEV_OPT_DISABLED;
    o->listener =
        evconnlistener_new_bind(smpp->base, on_accept, o, flags, 4, (struct sockaddr *)&at, n);
    if (!o->listener) {
        (void)err_set(err, ERR_CONFIG, "link %s: outbind_listen: cannot listen on %s: %s",
                      smpp->link.conf->name, where, strerror(errno));
        free(o);
        return NULL;
    }
    return o;
}

void
outbind_free(struct outbind **outbind)
{
    if (*outbind) {
        evconnlistener_free((*outbind)->listener);
        free(*outbind);
        *outbind = NULL;
    }
}

void
outbind_enable(struct outbind *outbind, bool on)
{
    if (outbind) {
        (void)(on ? evconnlistener_enable(outbind->listener)
                  : evconnlistener_disable(outbind->listener));
    }
}

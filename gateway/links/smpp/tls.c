/* TLS of a link, by libevent's bufferevents over OpenSSL. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/tls.h"

#include <stdio.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "gateway/base/conf_link.h"
#include "gateway/core/mem.h"

struct tls {
    SSL_CTX *context;
    const char *name; /* whose certificate is expected */
};

/* The oldest error of OpenSSL's list, which is then empty. */
static const char *
reason(void)
{
    unsigned long code = ERR_get_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return text ? text : "unknown error";
}

static int
trust(SSL_CTX *context, const struct conf_link *conf, struct err *err)
{
    bool own = conf->tls_ca_file != NULL;
    int rc = own ? SSL_CTX_load_verify_locations(context, conf->tls_ca_file, NULL)
                 : SSL_CTX_set_default_verify_paths(context);
    if (rc != 1) {
        return err_set(err, ERR_CONFIG, "tls.ca_file: %s: %s",
                       own ? conf->tls_ca_file : "the system's", reason());
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return 0;
}

static int
identify(SSL_CTX *context, const struct conf_link *conf, struct err *err)
{
    if (!conf->tls_certificate_file) {
        return 0;
    }
    if (SSL_CTX_use_certificate_chain_file(context, conf->tls_certificate_file) != 1) {
        return err_set(err, ERR_CONFIG, "tls.certificate_file: %s: %s", conf->tls_certificate_file,
                       reason());
    }
    if (SSL_CTX_use_PrivateKey_file(context, conf->tls_key_file, SSL_FILETYPE_PEM) != 1) {
        return err_set(err, ERR_CONFIG, "tls.key_file: %s: %s", conf->tls_key_file, reason());
    }
    return 0;
}

/* A key with a passphrase is refused: nobody is there to be asked. */
static int
no_passphrase(char *out, int room, int writing, void *arg)
{
    (void)out, (void)room, (void)writing, (void)arg;
    return 0;
}

static SSL_CTX *
read_context(const struct conf_link *conf, struct err *err)
{
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    if (!context) {
        abort(); /* out of memory */
    }
    (void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    if (trust(context, conf, err) != 0 || identify(context, conf, err) != 0) {
        (void)err_prefix(err, "link %s: ", conf->name);
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

struct tls *
tls_new(const struct conf_link *conf, struct err *err)
{
    SSL_CTX *context = read_context(conf, err);
    if (!context) {
        return NULL;
    }
    struct tls *tls = xcalloc(1, sizeof *tls);
    tls->name = conf->tls_server_name ? conf->tls_server_name : conf->host;
    tls->context = context;
    return tls;
}

int
tls_reread(struct tls *tls, const struct conf_link *conf, struct err *err)
{
    SSL_CTX *context = read_context(conf, err);
    if (!context) {
        return -1;
    }
    SSL_CTX_free(tls->context); /* connections have a share in it while they last */
    tls->context = context;
    return 0;
}

void
tls_free(struct tls **tls)
{
    if (*tls) {
        SSL_CTX_free((*tls)->context);
        free(*tls);
        *tls = NULL;
    }
}

/* The certificate must be for this name, or for this address. */
static bool
expect(SSL *ssl, const char *name)
{
    unsigned char address[16];
    bool numeric =
        inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1;
    if (numeric) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    }
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, name) == 1;
}

/* Which of several the peer is asked for; of an address there is no choice. */
static void
ask_for(SSL *ssl, const char *name)
{
    if (X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0)) {
        (void)SSL_set_tlsext_host_name(ssl, name);
    }
}

static struct bufferevent *
begin(struct tls *tls, struct event_base *base, int fd, enum bufferevent_ssl_state state,
      struct err *err)
{
    SSL *ssl = SSL_new(tls->context);
    if (!ssl || !expect(ssl, tls->name)) {
        SSL_free(ssl);
        (void)err_set(err, ERR_GONE, "TLS cannot begin: %s", reason());
        return NULL;
    }
    if (state == BUFFEREVENT_SSL_CONNECTING) {
        ask_for(ssl, tls->name);
    }
    struct bufferevent *bev =
        bufferevent_openssl_socket_new(base, fd, ssl, state, BEV_OPT_CLOSE_ON_FREE);
    if (!bev) {
        SSL_free(ssl);
        (void)err_set(err, ERR_GONE, "TLS cannot begin: %s", reason());
    }
    return bev;
}

struct bufferevent *
tls_open(struct tls *tls, struct event_base *base, int fd, struct err *err)
{
    return begin(tls, base, fd, BUFFEREVENT_SSL_CONNECTING, err);
}

struct bufferevent *
tls_accept(struct tls *tls, struct event_base *base, int fd, struct err *err)
{
    return begin(tls, base, fd, BUFFEREVENT_SSL_ACCEPTING, err);
}

void
tls_why(struct bufferevent *bev, char *out, size_t room)
{
    const SSL *ssl = bufferevent_openssl_get_ssl(bev);
    long verdict = SSL_get_verify_result(ssl);
    unsigned long code = bufferevent_get_openssl_error(bev);
    const char *text = code ? ERR_reason_error_string(code) : NULL;
    if (verdict != X509_V_OK) {
        (void)snprintf(out, room, "TLS: the SMSC's certificate is refused: %s",
                       X509_verify_cert_error_string(verdict));
    } else if (text) {
        (void)snprintf(out, room, "TLS: %s", text);
    } else {
        (void)snprintf(out, room, "TLS: the SMSC broke the connection%s",
                       SSL_get_certificate(ssl) ? "" : "; does it ask for our certificate?");
    }
}

void
tls_close(struct bufferevent *bev)
{
    SSL *ssl = bufferevent_openssl_get_ssl(bev);
    SSL_set_shutdown(ssl, SSL_RECEIVED_SHUTDOWN); /* its own farewell is not awaited */
    (void)SSL_shutdown(ssl);
    ERR_clear_error();
    bufferevent_free(bev);
}

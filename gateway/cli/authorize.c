/* `loa link authorize`: a link's grant, from a refresh token or, with Zalo, step by step. */
// SPDX-License-Identifier: MIT
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/limits.h"
#include "gateway/cli/session.h"
#include "gateway/cli/text.h"
#include "gateway/core/escape.h"
#include "gateway/core/mem.h"
#include "gateway/links/http/token.h"
#include "queue/token.h"

enum { VERIFIER = 43, POST_MS = 30000, LINE_ROOM = 8192 };

/* One authorization. */
struct authorizing {
    struct session *session;
    const struct conf_link *link;
    struct token_pair pair;
    char code[128]; /* Zalo's, of a refusal */
    bool granted;
};

static int
read_line(FILE *f, char *out, size_t room)
{
    if (!fgets(out, (int)room, f)) {
        return -1;
    }
    struct str line = str_trim(str_of(out));
    memmove(out, line.p, line.n);
    out[line.n] = '\0';
    return line.n > 0 ? 0 : -1;
}

/* The pair has no access token yet: the gateways renew it at once, one of them. */
static int
from_file(struct authorizing *a, const char *file)
{
    FILE *f = fopen(file, "re");
    if (!f) {
        return cli_fail(a->session->call, CLI_FAILED, text_of("%s cannot be read: %s"), file,
                        strerror(errno));
    }
    int rc = read_line(f, a->pair.refresh, sizeof a->pair.refresh);
    (void)fclose(f);
    return rc == 0
               ? CLI_DONE
               : cli_fail(a->session->call, CLI_FAILED, text_of("%s holds no refresh token"), file);
}

/* A provider's first refresh token stands in its portal. */
static int
from_portal(struct authorizing *a)
{
    (void)printf("%s", text_of("Paste the refresh token that the provider's portal shows here, and "
                               "press Enter:\n\n   "));
    (void)fflush(stdout);
    return read_line(stdin, a->pair.refresh, sizeof a->pair.refresh) == 0
               ? CLI_DONE
               : cli_fail(a->session->call, CLI_FAILED, "%s", text_of("no token was given"));
}

/* ---- Step by step. */

static void
on_granted(void *arg, const struct answer_reply *reply)
{
    struct authorizing *a = arg;
    struct arena *arena = arena_new();
    struct answer_token token;
    answer_token(reply, arena, &token);
    if (token.class == ANSWER_OK && token.access.n < TOKEN_MOST && token.refresh.n < TOKEN_MOST) {
        memcpy(a->pair.access, token.access.p, token.access.n + 1);
        memcpy(a->pair.refresh, token.refresh.p, token.refresh.n + 1);
        a->pair.expires_ms = clock_unix_ms() + token.expires_s * 1000;
        a->granted = true;
    }
    (void)snprintf(a->code, sizeof a->code, "%s (HTTP %d)", token.code, reply->status);
    arena_free(&arena);
    session_answer(a->session, NULL);
}

static int
exchange(struct authorizing *a, const char *code, const char *verifier)
{
    const struct conf_link *conf = a->link;
    struct buf url, body, secret;
    struct err err = {0};
    const struct http_options options = {1, conf->ca_file, conf->pinned_key, conf->proxy};
    struct http_client *client = http_client_new(a->session->base, &options, &err);
    if (!client) {
        return cli_fail(a->session->call, CLI_FAILED, "%s", err.text);
    }
    buf_init(&url, LINE_ROOM);
    buf_init(&body, LINE_ROOM);
    buf_init(&secret, LINE_ROOM);
    buf_add_format(&url, "%s/v4/oa/access_token", conf->oauth_url);
    buf_add_format(&secret, "secret_key: %s", conf->app_secret);
    buf_add_z(&body, "code=");
    escape_form(&body, str_of(code));
    buf_add_format(&body, "&app_id=%s&grant_type=authorization_code&code_verifier=%s", conf->app_id,
                   verifier);
    const struct http_ask request = {
        .method = METHOD_POST,
        .url = url.p,
        .headers = {"Content-Type: application/x-www-form-urlencoded", secret.p},
        .body = buf_str(&body),
        .wait_ms = POST_MS,
        .fresh = true};
    session_begin(a->session);
    http_send(client, &request, on_granted, a);
    int rc = session_wait(a->session);
    http_client_free(&client);
    buf_deinit(&url);
    buf_deinit(&body);
    buf_deinit(&secret);
    if (rc != 0) {
        return CLI_FAILED;
    }
    return a->granted
               ? CLI_DONE
               : cli_fail(a->session->call, CLI_FAILED, text_of("Zalo gave no grant: %s"), a->code);
}

/* A random verifier and what Zalo is shown of it. */
static void
make_challenge(char verifier[VERIFIER + 1], char challenge[VERIFIER + 1])
{
    unsigned char random[32], hash[crypto_hash_sha256_BYTES];
    randombytes_buf(random, sizeof random);
    (void)sodium_bin2base64(verifier, VERIFIER + 1, random, sizeof random,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    (void)crypto_hash_sha256(hash, (const unsigned char *)verifier, strlen(verifier));
    (void)sodium_bin2base64(challenge, VERIFIER + 1, hash, sizeof hash,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* "https://…/callback?code=X&oa_id=…" or the code alone. */
static void
code_of(char *line)
{
    char *at = strstr(line, "code=");
    if (at) {
        at += strlen("code=");
        size_t n = strcspn(at, "&# ");
        memmove(line, at, n);
        line[n] = '\0';
    }
}

static int
step_by_step(struct authorizing *a)
{
    char verifier[VERIFIER + 1], challenge[VERIFIER + 1], line[LINE_ROOM];
    make_challenge(verifier, challenge);
    (void)printf(text_of("1. Somebody who administers the Official Account opens this address in a "
                         "browser,\n   logs in and agrees:\n\n   %s/v4/oa/permission?app_id=%s&"
                         "code_challenge=%s\n\n2. The browser then stands at the app's callback "
                         "address. Within ten minutes,\n   paste that whole address (or only its "
                         "code) here and press Enter:\n\n   "),
                 a->link->oauth_url, a->link->app_id, challenge);
    (void)fflush(stdout);
    if (read_line(stdin, line, sizeof line) != 0) {
        return cli_fail(a->session->call, CLI_FAILED, "%s", text_of("no code was given"));
    }
    code_of(line);
    return exchange(a, line, verifier);
}

/* ---- The command. */

static void
on_stored(void *arg, const struct err *err)
{
    session_answer(arg, err);
}

/* What the template takes, if a gateway was told before: an admin who has just asked Zalo for
 * another one sees here which of the two is known. */
static void
print_template(struct authorizing *a)
{
    struct arena *arena = arena_new();
    struct str limits = limits_of(a->session, a->link, arena);
    const char *separator = ": ";
    struct str id = str_cut(&limits, ' ');
    if (a->link->kind == LINK_ZALO_TEMPLATE && !str_equal_z(id, a->link->template_id)) {
        (void)printf(text_of("what template %s takes is known once a gateway has asked Zalo\n"),
                     a->link->template_id);
    } else if (id.n > 0) {
        (void)printf(text_of("template %s takes, in characters"), a->link->template_id);
        while (limits.p && limits.n > 0) {
            struct str most = str_cut(&limits, ' ');
            struct str name = str_cut(&most, '=');
            most = str_cut(&most, ':'); /* the least stands behind it */
            (void)printf("%s%.*s %.*s", separator, (int)name.n, name.p, (int)most.n,
                         most.n ? most.p : "");
            separator = ", ";
        }
        (void)printf("\n");
    }
    arena_free(&arena);
}

static int
keep(struct authorizing *a)
{
    struct token_key key;
    token_key_of(a->session->conf, conf_grant(a->session->conf, a->link), &key);
    const struct conf_link *grant = conf_grant(a->session->conf, a->link);
    const struct token_new new = {grant->name, &key, -1, &a->pair};
    session_begin(a->session);
    token_store(a->session->queue, &new, on_stored, a->session);
    int rc = session_wait(a->session);
    token_wipe(&a->pair);
    if (rc != 0) {
        return CLI_FAILED;
    }
    (void)printf(text_of("%s has a grant: a gateway that runs goes on with it within seconds\n"),
                 a->link->name);
    print_template(a);
    return CLI_DONE;
}

static int
authorize(struct session *session, const char *name, const char *file)
{
    struct authorizing a = {.session = session, .link = conf_link(session->conf, name)};
    if (!a.link || !token_by_grant(a.link)) {
        return cli_fail(
            session->call, CLI_FAILED,
            text_of(a.link ? "%s needs no grant" : "there is no link '%s' in the configuration"),
            name);
    }
    int rc = file ? from_file(&a, file) : a.link->provider ? from_portal(&a) : step_by_step(&a);
    return rc == CLI_DONE ? keep(&a) : rc;
}

int
cmd_link_authorize(const struct cli_call *call)
{
    const struct authorize_options *options = call->options;
    struct session session;
    int rc = session_open(&session, call);
    if (rc == CLI_DONE) {
        rc = authorize(&session, call->operands[0], options->refresh_token_file);
    }
    session_close(&session);
    return rc;
}

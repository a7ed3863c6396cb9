/* Keeps the links' access tokens fresh.
 *
 *   look → NEWER: hand it to the link
 *   due, or refused → take (the intent is recorded) → POST → store → hand it to the link
 *
 * A refresh token is good for one use.  So the process that takes it records that first; what it
 * got is in Redis before anybody uses it; and a renewal whose end nobody knows is never repeated:
 * the old access token is used as long as it lasts, and a person is asked for a new grant. */
// SPDX-License-Identifier: MIT
#include "gateway/tokens.h"

#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/backoff.h"
#include "gateway/core/mem.h"
#include "gateway/links/http/token.h"
#include "queue/token.h"

enum {
    TICK_MS = 200,
    LOOK_MS = 10000,  /* for what another process renewed */
    LEASE = 90000,    /* of a renewal: longer than it may take */
    AGAIN_MS = 30000, /* after a renewal that certainly used nothing up, growing to */
    AGAIN_MOST_MS = 15 * 60000,
    KEPT_MOST = 16,
    LINKS_MOST = 8, /* of one app */
};

/* A grant as this process knows it, for all links of its app. */
struct kept {
    struct tokens *tokens;
    const struct conf_link *conf; /* of the link whose name it has */
    struct link *links[LINKS_MOST];
    size_t links_n;
    bool joined; /* one of them has not been given the token */
    struct token_key key;
    struct http_client *client;     /* trusts what the link trusts, goes as it goes */
    int64_t generation;             /* -1: none seen */
    int64_t expires_ms, renew_ms;   /* Unix */
    int64_t look_us, not_before_us; /* CLOCK_MONOTONIC: the next look; no renewal before */
    bool handed;                    /* the link has the access token of `generation` */
    bool refused;                   /* by the platform: renewed out of turn */
    bool busy;                      /* a call or the request is under way */
    bool unstored;                  /* `got` has still to be stored */
    bool said;                      /* that the grant is lost */
    unsigned failures;
    int64_t taken; /* the generation being renewed */
    struct token_pair got;
};

struct tokens {
    const struct conf *conf;
    struct queue *queue;
    struct event_base *base;
    struct event *tick;
    struct kept kept[KEPT_MOST];
    size_t kept_n;
    bool draining;
};

static const char *
name_of(const struct kept *k)
{
    return k->conf->name;
}

/* NULL: none, and why. */
static void
give(const struct kept *k, const char *token, const char *why)
{
    for (size_t i = 0; i < k->links_n; i++) {
        link_set_token(k->links[i], token, why);
    }
}

static void
say_lost(struct kept *k, const char *what)
{
    struct err why;
    (void)err_set(&why, ERR_CONFIG, "%.80s: run 'loa link authorize %s'", what, name_of(k));
    if (!k->said) {
        k->said = true;
        log_event(LOG_ERROR, "token.lost", "link=%s why=%s", name_of(k),
                  log_value(str_of(why.text)));
    }
    if (!k->handed || clock_unix_ms() >= k->expires_ms) {
        k->handed = false;
        give(k, NULL, why.text);
    }
}

/* The link goes on with the pair's access token, if it is still good. */
static void
hand_over(struct kept *k, int64_t generation, const struct token_pair *pair)
{
    int64_t now_ms = clock_unix_ms(), life_ms = pair->expires_ms - now_ms;
    k->generation = generation;
    k->expires_ms = pair->expires_ms;
    k->refused = k->said = false;
    /* At four fifths of its life, each process a little apart. */
    k->renew_ms = now_ms + (life_ms > 0 ? life_ms * 4 / 5 : 0);
    k->renew_ms += life_ms > 0 ? (int64_t)randombytes_uniform((uint32_t)(life_ms / 50 + 1)) : 0;
    k->not_before_us = 0;
    if (life_ms > 0 && pair->access[0]) {
        k->handed = true;
        give(k, pair->access, NULL);
        log_event(LOG_INFO, "token.taken-over", "link=%s generation=%lld valid_s=%lld", name_of(k),
                  (long long)generation, (long long)(life_ms / 1000));
    }
}

/* ---- Renewing. */

static void
try_again_later(struct kept *k)
{
    int64_t wait_ms =
        AGAIN_MS / 2 + backoff_ms(AGAIN_MS, AGAIN_MOST_MS, k->failures++, randombytes_random());
    k->not_before_us = clock_monotonic_us() + wait_ms * 1000;
}

static void
on_ended(void *arg, const struct err *err)
{
    struct kept *k = arg;
    (void)err; /* a lease that runs out says the same */
    k->busy = false;
}

static void
end_renewal(struct kept *k, const char *state, const char *why)
{
    const struct token_ending ending = {name_of(k), k->taken, state, why};
    token_end(k->tokens->queue, &ending, on_ended, k);
}

static void store(struct kept *k);

static void
on_stored(void *arg, const struct err *err)
{
    struct kept *k = arg;
    k->busy = false;
    if (err) {
        return; /* the tick stores it again: it is the only good one */
    }
    k->unstored = false;
    k->failures = 0;
    log_event(LOG_INFO, "token.renewed", "link=%s generation=%lld", name_of(k),
              (long long)k->taken + 1);
    hand_over(k, k->taken + 1, &k->got);
    token_wipe(&k->got);
}

static void
store(struct kept *k)
{
    const struct token_new new = {name_of(k), &k->key, k->taken, &k->got};
    k->busy = true;
    token_store(k->tokens->queue, &new, on_stored, k);
}

/* The refresh token was used up or has expired; other refusals are about the app. */
static bool
grant_is_gone(const struct answer_token *token)
{
    return strcmp(token->code, "-14014") == 0 || strcmp(token->code, "-14020") == 0;
}

static void
on_answer(void *arg, const struct answer_reply *reply)
{
    struct kept *k = arg;
    struct arena *arena = arena_new();
    struct answer_token token;
    token_answer(k->conf, reply, arena, &token);
    bool fits = token.access.n < TOKEN_MOST && token.refresh.n < TOKEN_MOST;
    if (token.class == ANSWER_OK && fits) {
        memcpy(k->got.access, token.access.p, token.access.n + 1);
        if (token.refresh.n > 0) {
            memcpy(k->got.refresh, token.refresh.p, token.refresh.n + 1);
        }
        k->got.expires_ms = clock_unix_ms() + token.expires_s * 1000;
        k->unstored = true;
        store(k);
    } else if (token.class == ANSWER_CONFIG && grant_is_gone(&token)) {
        say_lost(k, "Zalo no longer takes this grant");
        end_renewal(k, "lost", "Zalo no longer takes this grant");
    } else if (token.class == ANSWER_CONFIG && k->conf->provider) {
        say_lost(k, "the provider does not renew its access token");
        try_again_later(k);
        end_renewal(k, "good", "");
    } else if (token.class == ANSWER_CONFIG) {
        log_event(LOG_ERROR, "token.refused", "link=%s code=%s why=%s", name_of(k), token.code,
                  "\"Zalo does not know this app: are app_id and app_secret right?\"");
        try_again_later(k);
        end_renewal(k, "good", "");
    } else if (reply->transport == TRANSPORT_NOT_SENT ||
               (reply->transport == TRANSPORT_ANSWERED && reply->status >= 400)) {
        log_event(LOG_WARNING, "token.not-renewed", "link=%s status=%d why=%s", name_of(k),
                  reply->status, log_value(str_of(http_last_error(k->client))));
        try_again_later(k);
        end_renewal(k, "good", "");
    } else {
        say_lost(k, "the answer to a renewal was lost, and the new token with it");
        end_renewal(k, "cut", "the answer to a renewal was lost");
    }
    arena_free(&arena);
}

static void
renew(struct kept *k, const struct token_pair *pair)
{
    struct err err = {0};
    memcpy(k->got.refresh, pair->refresh, sizeof k->got.refresh); /* kept, where no new one comes */
    if (token_request(k->client, k->conf, pair->refresh, on_answer, k, &err) != 0) {
        say_lost(k, err.text);
        try_again_later(k);
        end_renewal(k, "good", "");
    }
}

/* ---- What Redis says. */

static void
act(struct kept *k, const struct token_answer *answer)
{
    char why[120];
    (void)snprintf(why, sizeof why, "%.*s", (int)answer->why.n, answer->why.n ? answer->why.p : "");
    switch (answer->verdict) {
    case TOKEN_NONE:
        say_lost(k, "this link has no grant yet");
        break;
    case TOKEN_NEWER:
        hand_over(k, answer->generation, answer->pair);
        break;
    case TOKEN_SAME:
        break;
    case TOKEN_HELD:
        k->not_before_us = clock_monotonic_us() + 1000000;
        k->look_us = 0; /* at once again: it will be there in a moment */
        break;
    case TOKEN_SOON:
        say_lost(k, "an access token that was renewed minutes ago is refused");
        break;
    case TOKEN_CUT:
    case TOKEN_LOST:
        say_lost(k, why);
        k->not_before_us = clock_monotonic_us() + (int64_t)AGAIN_MOST_MS * 1000;
        break;
    case TOKEN_UNREADABLE:
        say_lost(k, "its tokens were sealed with another key");
        break;
    case TOKEN_TAKEN:
        k->taken = answer->generation;
        renew(k, answer->pair);
        return;
    }
    k->busy = false;
}

static void
on_taken(void *arg, const struct token_answer *answer, const struct err *err)
{
    struct kept *k = arg;
    if (err) {
        k->busy = false; /* the tick asks again */
        return;
    }
    act(k, answer);
}

static void
ask(struct kept *k, bool look)
{
    const struct token_ask ask = {.link = name_of(k),
                                  .key = &k->key,
                                  .known = k->generation,
                                  .lease_ms = LEASE,
                                  .forced = k->refused && clock_unix_ms() < k->expires_ms,
                                  .look = look};
    k->busy = true;
    k->look_us = clock_monotonic_us() + (int64_t)LOOK_MS * 1000;
    token_take(k->tokens->queue, &ask, on_taken, k);
}

static void
step(struct kept *k)
{
    int64_t now_us = clock_monotonic_us();
    if (k->busy) {
        return;
    }
    if (k->joined && !k->unstored) { /* looked up again, for the new one too */
        k->joined = false;
        k->generation = -1;
    }
    if (k->unstored) {
        store(k);
        return;
    }
    bool due = k->generation >= 0 && (k->refused || clock_unix_ms() >= k->renew_ms);
    bool may = now_us >= k->not_before_us && !k->tokens->draining;
    if (due && may) {
        ask(k, false);
    } else if (now_us >= k->look_us && !k->tokens->draining) {
        ask(k, true);
    }
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct tokens *t = arg;
    (void)fd, (void)what;
    for (size_t i = 0; queue_is_up(t->queue) && i < t->kept_n; i++) {
        step(&t->kept[i]);
    }
}

/* ---- From the daemon. */

/* The grant of that name, begun with the first link that asks; NULL with `err`. */
static struct kept *
kept_of(struct tokens *t, const struct conf_link *conf, struct err *err)
{
    const struct http_options options = {1, conf->ca_file, conf->pinned_key, conf->proxy};
    for (size_t i = 0; i < t->kept_n; i++) {
        if (t->kept[i].conf == conf) {
            return &t->kept[i];
        }
    }
    struct http_client *client =
        t->kept_n < KEPT_MOST ? http_client_new(t->base, &options, err) : NULL;
    if (!client) {
        return NULL;
    }
    struct kept *k = &t->kept[t->kept_n++];
    k->tokens = t;
    k->conf = conf;
    k->client = client;
    k->generation = -1;
    token_key_of(t->conf, conf, &k->key);
    return k;
}

static bool
has_link(const struct kept *k, const struct link *link)
{
    for (size_t i = 0; i < k->links_n; i++) {
        if (k->links[i] == link) {
            return true;
        }
    }
    return false;
}

void
tokens_wanted(struct tokens *t, struct link *link)
{
    struct err err = {.text = "more links with tokens than one process keeps"};
    struct kept *k = kept_of(t, conf_grant(t->conf, link_conf(link)), &err);
    if (!k || (!has_link(k, link) && k->links_n == LINKS_MOST)) {
        link_set_token(link, NULL, err.text);
    } else if (has_link(k, link)) {
        k->refused = k->refused || k->handed;
        k->handed = false;
        k->look_us = 0;
    } else {
        k->links[k->links_n++] = link;
        k->joined = true;
        k->look_us = 0;
    }
}

struct tokens *
tokens_new(struct event_base *base, const struct conf *conf, struct queue *queue)
{
    struct tokens *t = xcalloc(1, sizeof *t);
    struct timeval each = clock_timeval(TICK_MS);
    t->conf = conf;
    t->queue = queue;
    t->base = base;
    t->tick = event_new(base, -1, EV_PERSIST, on_tick, t);
    (void)event_add(t->tick, &each);
    return t;
}

void
tokens_free(struct tokens **tokens)
{
    struct tokens *t = *tokens;
    if (!t) {
        return;
    }
    for (size_t i = 0; i < t->kept_n; i++) {
        http_client_free(&t->kept[i].client);
    }
    event_free(t->tick);
    sodium_memzero(t->kept, sizeof t->kept);
    free(t);
    *tokens = NULL;
}

void
tokens_drain(struct tokens *t)
{
    t->draining = true;
}

bool
tokens_are_idle(const struct tokens *t)
{
    for (size_t i = 0; i < t->kept_n; i++) {
        if (t->kept[i].busy || t->kept[i].unstored) {
            return false;
        }
    }
    return true;
}

/* The tokens of links in Redis. */
// SPDX-License-Identifier: MIT
#include "queue/token.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "queue/redis.h"

enum { SEALED_MOST = 3 * TOKEN_MOST };

void
token_wipe(struct token_pair *pair)
{
    sodium_memzero(pair, sizeof *pair);
}

void
token_key_of(const struct conf *conf, const struct conf_link *link, struct token_key *key)
{
    const char *secret = *conf->token_key ? conf->token_key : link->app_secret;
    (void)crypto_generichash(key->bytes, sizeof key->bytes, (const unsigned char *)secret,
                             strlen(secret), (const unsigned char *)"loa token", 9);
}

/* ---- Sealing: nonce and box in base64. */

static char *
seal(const struct token_key *key, const struct token_pair *pair)
{
    json_t *root = json_pack("{s:s, s:s}", "a", pair->access, "r", pair->refresh);
    char *plain = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    size_t n = strlen(plain), boxed_n = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + n;
    unsigned char *boxed = xmalloc(boxed_n);
    randombytes_buf(boxed, crypto_secretbox_NONCEBYTES);
    (void)crypto_secretbox_easy(boxed + crypto_secretbox_NONCEBYTES, (const unsigned char *)plain,
                                n, boxed, key->bytes);
    size_t room = sodium_base64_encoded_len(boxed_n, sodium_base64_VARIANT_ORIGINAL);
    char *text = xmalloc(room);
    (void)sodium_bin2base64(text, room, boxed, boxed_n, sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(plain, n);
    free(plain);
    free(boxed);
    return text;
}

static bool
take_token(const json_t *value, char out[TOKEN_MOST])
{
    const char *text = json_string_value(value);
    if (!text || strlen(text) >= TOKEN_MOST) {
        return false;
    }
    memcpy(out, text, strlen(text) + 1);
    return true;
}

static bool
unseal(const struct token_key *key, struct str text, struct token_pair *pair)
{
    enum { HEAD = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES };
    unsigned char boxed[SEALED_MOST], plain[SEALED_MOST];
    size_t n = 0;
    if (text.n == 0 ||
        sodium_base642bin(boxed, sizeof boxed, text.p, text.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        n < HEAD ||
        crypto_secretbox_open_easy(plain, boxed + crypto_secretbox_NONCEBYTES,
                                   n - crypto_secretbox_NONCEBYTES, boxed, key->bytes) != 0) {
        return false;
    }
    json_t *root = json_loadb((const char *)plain, n - HEAD, 0, NULL);
    bool ok = take_token(json_object_get(root, "a"), pair->access) &&
              take_token(json_object_get(root, "r"), pair->refresh);
    json_decref(root);
    sodium_memzero(plain, sizeof plain);
    return ok;
}

/* ---- Calls. */

struct asked {
    struct token_key key;
    token_fn *fn;
    void *arg;
};

static enum token_verdict
verdict_of(struct str word)
{
    static const char *const words[] = {
        [TOKEN_NONE] = "NONE", [TOKEN_NEWER] = "NEWER", [TOKEN_SAME] = "SAME",
        [TOKEN_HELD] = "HELD", [TOKEN_SOON] = "SOON",   [TOKEN_CUT] = "CUT",
        [TOKEN_LOST] = "LOST", [TOKEN_TAKEN] = "TAKEN"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_equal_z(word, words[i])) {
            return (enum token_verdict)i;
        }
    }
    return TOKEN_NONE;
}

static void
on_taken(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct asked *asked = arg;
    struct token_pair pair = {.expires_ms = 0};
    struct token_answer answer = {.verdict = verdict_of(reply_str_at(reply, 0))};
    switch (answer.verdict) {
    case TOKEN_NEWER:
    case TOKEN_TAKEN:
        answer.generation = reply_int_at(reply, 1, 0);
        pair.expires_ms = reply_int_at(reply, 3, 0);
        answer.pair = &pair;
        if (!unseal(&asked->key, reply_str_at(reply, 2), &pair)) {
            answer.verdict = TOKEN_UNREADABLE;
            answer.pair = NULL;
        }
        break;
    case TOKEN_HELD:
        answer.wait_ms = reply_int_at(reply, 1, 0);
        break;
    case TOKEN_CUT:
    case TOKEN_LOST:
        answer.why = reply_str_at(reply, 1);
        break;
    case TOKEN_NONE:
    case TOKEN_SAME:
    case TOKEN_SOON:
    case TOKEN_UNREADABLE:
        break;
    }
    asked->fn(asked->arg, err ? NULL : &answer, err);
    token_wipe(&pair);
    sodium_memzero(asked, sizeof *asked);
    free(asked);
}

void
token_take(struct queue *queue, const struct token_ask *ask, token_fn *fn, void *arg)
{
    struct asked *asked = xmalloc(sizeof *asked);
    *asked = (struct asked){*ask->key, fn, arg};
    struct args a;
    args_fcall(&a, "loa_token_take", "loa:token:{%s}", ask->link);
    args_z(&a, queue_worker(queue));
    args_int(&a, ask->lease_ms);
    args_int(&a, ask->known);
    args_int(&a, ask->forced);
    args_int(&a, ask->look);
    queue_send(queue, &a, on_taken, asked);
}

void
token_store(struct queue *queue, const struct token_new *new, queue_done *fn, void *arg)
{
    char *sealed = seal(new->key, new->pair);
    struct args a;
    args_fcall(&a, "loa_token_store", "loa:token:{%s}", new->link);
    args_int(&a, new->generation);
    args_z(&a, sealed);
    args_int(&a, new->pair->expires_ms);
    queue_send_plain(queue, &a, fn, arg);
    free(sealed);
}

void
token_end(struct queue *queue, const struct token_ending *ending, queue_done *fn, void *arg)
{
    struct args a;
    args_fcall(&a, "loa_token_end", "loa:token:{%s}", ending->link);
    args_z(&a, queue_worker(queue));
    args_int(&a, ending->generation);
    args_z(&a, ending->state);
    args_z(&a, ending->why);
    queue_send_plain(queue, &a, fn, arg);
}

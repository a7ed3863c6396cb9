/* An SMS provider's HTTP API as its file describes it: how a request is filled in, and what an
 * answer or a callback means.  Pure.  deploy/providers/ has the files. */
#ifndef LOA_CORE_PROVIDER_H
#define LOA_CORE_PROVIDER_H
// SPDX-License-Identifier: MIT

#include "gateway/core/answer.h"

/* Headers, classes by code, secrets. */
struct provider_pairs {
    const struct str_pair *at;
    size_t n;
};

enum provider_method { METHOD_GET, METHOD_POST, METHOD_PUT };
enum provider_reply { PROVIDER_JSON, PROVIDER_XML, PROVIDER_FORM, PROVIDER_TEXT };
enum provider_phone { PHONE_LOCAL, PHONE_INTERNATIONAL, PHONE_PLUS }; /* 0…, 84…, +84… */

/* The file.  Texts that were left out are "". */
struct provider {
    enum provider_method method;
    const char *url, *body;
    struct provider_pairs headers;
    enum provider_phone phone;
    enum provider_reply reply;
    const char *code, *id, *message; /* where they stand: "/data/tranId", or a name */
    const char *ok;                  /* the codes that mean "taken": "100", "0,00" */
    int ok_with_id;                  /* 1: an id without a code means "taken" too */
    struct provider_pairs map;       /* "99,108" → a class's name */
    struct provider_pairs match;     /* what stands in the message → a class's name */
    struct provider_pairs http;      /* "429", "5xx" → a class's name */
    const char *default_class;
    const char *receipt_id, *receipt_state;  /* names in the callback, "" : there is none */
    const char *receipt_ok, *receipt_failed; /* states: "0", ">0", ">=64"; "" : never */
    const char *receipt_answer;              /* what we answer */
    const char *poll;                        /* the URL that tells a message's state */
    const char *token_url, *token_body;      /* where an access token is got, "" : none needed */
    struct provider_pairs token_headers;     /* beside the form of its body */
    const char *token_at, *token_expires_at; /* expires: seconds from now on, or Unix */
    const char *token_refresh_at; /* where the next refresh token stands; "": none is needed */
};
/* Its access token is renewed with a refresh token, ${refresh}, that a person gave first. */
bool provider_has_grant(const struct provider *p);

/* What `${…}` may name. */
struct provider_values {
    struct str text, to, brand, attempt_id, receipt_url, message_id, token, refresh;
    struct provider_pairs secrets;
    bool unicode; /* the text does not fit GSM 7 */
};

/* Appends `pattern` with every ${name|filter…} filled in.  The last filter escapes: json, url,
 * xml, base64, form or raw.  ERR_CONFIG: an unknown name or filter, or none that escapes. */
int provider_fill(const struct provider *p, const char *pattern, const struct provider_values *v,
                  struct buf *out, struct err *err) MUST_CHECK;
/* Every pattern and class of the file is one that we know. */
int provider_check(const struct provider *p, struct provider_pairs secrets,
                   struct err *err) MUST_CHECK;
/* True when the text can be sent with accents: a pattern asks for text.utf8. */
bool provider_keeps_accents(const struct provider *p);

/* The rules in their order: http, ok, map, match, default. */
void provider_answer(const struct provider *p, const struct answer_reply *reply,
                     struct answer *out);

/* The token endpoint's answer.  `out->refresh` is empty when the one before stays good.  CONFIG:
 * it refuses. */
void provider_token(const struct provider *p, const struct answer_reply *reply, int64_t now_s,
                    struct arena *arena, struct answer_token *out);

/* A callback's or a poll's content. */
enum provider_state { STATE_PENDING, STATE_DELIVERED, STATE_FAILED };
struct provider_receipt {
    enum provider_state state;
    char id[ANSWER_ID];
};
/* `form` is a query or a body in the reply's form.  False: it names no message. */
bool provider_receipt(const struct provider *p, enum provider_reply form, struct str content,
                      struct provider_receipt *out);

#endif

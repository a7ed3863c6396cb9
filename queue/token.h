/* The tokens of links in Redis: one grant a link, renewed by one process at a time, sealed
 * (libsodium secretbox) before it leaves the process. */
#ifndef LOA_QUEUE_TOKEN_H
#define LOA_QUEUE_TOKEN_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

enum { TOKEN_MOST = 4096 }; /* bytes of each token, its NUL included */

/* A grant: what Zalo's token endpoint gives.  Wipe it (token_wipe) when it is no longer needed. */
struct token_pair {
    char access[TOKEN_MOST], refresh[TOKEN_MOST];
    int64_t expires_ms; /* Unix, of the access token; 0: there is none yet */
};
void token_wipe(struct token_pair *pair);

/* What seals the tokens: the configuration's token_key, else the link's app secret. */
struct token_key {
    unsigned char bytes[32];
};
void token_key_of(const struct conf *conf, const struct conf_link *link, struct token_key *key);

/* What a process may do. */
enum token_verdict {
    TOKEN_NONE,       /* nobody has authorized this link yet */
    TOKEN_NEWER,      /* `pair` is newer than what the caller has */
    TOKEN_SAME,       /* only looked: nothing newer */
    TOKEN_HELD,       /* another process is renewing it: look again in `wait_ms` */
    TOKEN_SOON,       /* it was renewed out of turn within ten minutes already */
    TOKEN_CUT,        /* a renewal had no end: the refresh token may be used up; `why` */
    TOKEN_LOST,       /* the grant is gone; `why` */
    TOKEN_TAKEN,      /* renew `pair.refresh` now: that this is done is recorded */
    TOKEN_UNREADABLE, /* sealed by another key */
};
struct token_answer {
    enum token_verdict verdict;
    int64_t generation;
    const struct token_pair *pair; /* NEWER, TAKEN; else NULL */
    int64_t wait_ms;
    struct str why;
};
/* `answer` is borrowed; NULL with `err`. */
typedef void token_fn(void *arg, const struct token_answer *answer, const struct err *err);

/* How a process asks. */
struct token_ask {
    const char *link;
    const struct token_key *key;
    int64_t known;    /* the generation that it has, -1: none */
    int64_t lease_ms; /* longer than the token endpoint may take */
    bool forced;      /* out of turn: the platform refused the access token */
    bool look;        /* take nothing */
};
void token_take(struct queue *queue, const struct token_ask *ask, token_fn *fn, void *arg);

/* Keeps the pair that came of `generation` (-1: a new grant).  Answers once it is in Redis: not
 * before that may the access token be used. */
struct token_new {
    const char *link;
    const struct token_key *key;
    int64_t generation;
    const struct token_pair *pair;
};
void token_store(struct queue *queue, const struct token_new *new, queue_done *fn, void *arg);

/* The renewal that was taken brought no pair: "good" (the refresh token was certainly not used up),
 * "cut" (nobody knows) or "lost". */
struct token_ending {
    const char *link;
    int64_t generation; /* that was taken */
    const char *state, *why;
};
void token_end(struct queue *queue, const struct token_ending *ending, queue_done *fn, void *arg);

#endif

/* What links over HTTP have in common: the waiting list, concurrency and rate, the pauses that an
 * answer asks for, and what becomes of a message by the class of its answer (core/answer.h).  A
 * kind (zalo/, telegram/, http_sms/) only fills in a request and reads the answer. */
#ifndef LOA_LINKS_HTTP_LINK_H
#define LOA_LINKS_HTTP_LINK_H
// SPDX-License-Identifier: MIT

#include "gateway/core/quota.h"
#include "gateway/links/http/client.h"
#include "gateway/links/kind.h"

struct event;
struct http_link;

enum { HTTP_URL_MOST = 8192, HTTP_HEADER_MOST = 8192, HTTP_BODY_MOST = 256 * 1024 };

/* A request being filled in. */
struct http_draft {
    enum provider_method method;
    bool fresh;                                  /* on a connection of its own */
    struct buf url, body, headers[HTTP_HEADERS]; /* "Name: value" each */
    size_t headers_n;
};
void http_draft_init(struct http_draft *draft, enum provider_method method);
void http_draft_free(struct http_draft *draft); /* wipes its headers: tokens stand there */
/* Adds a header; what does not fit is cut off (the draft's ceilings). */
void draft_header(struct http_draft *draft, const char *name, struct str value);

/* What a kind brings. */
struct http_kind {
    const struct link_kind_ops *ops;
    size_t size; /* of its own struct, which begins with a struct http_link */
    /* Checks the configuration; NULL: nothing to check. */
    int (*begin)(struct http_link *l, struct err *err);
    void (*end)(struct http_link *l); /* NULL: nothing of its own */
    /* Renders what all members' requests have in common.  -1: it cannot be sent by this kind. */
    int (*prepare)(struct http_link *l, const struct link_content *content, struct buf *payload,
                   struct err *err);
    /* How many parts a text counts as, all names in it; NULL: one. */
    int (*parts)(const struct http_link *l, struct str text);
    /* Fills `draft` for one message.  -1: this message cannot be sent. */
    int (*fill)(struct http_link *l, const struct link_message *m, struct http_draft *draft,
                struct err *err);
    void (*read)(struct http_link *l, const struct link_message *m,
                 const struct answer_reply *reply, struct answer *out);
    /* Asks for a (newer) token, when the link needs one: http_link_set_token() brings it. */
    void (*want_token)(struct http_link *l);
    /* Asked before it may send: false, it asks its platform something first and lets the pump know.
     * NULL: nothing is to be asked. */
    bool (*ready)(struct http_link *l);
    /* From when on (CLOCK_MONOTONIC) a message may go; `later_ms`: it is to be told as refused
     * until then (Unix ms).  NULL: at once. */
    int64_t (*not_before)(struct http_link *l, const struct link_message *m, int64_t now_us,
                          int64_t *later_ms);
    /* Whether a message counts in the day's quota, and asks the platform for that (quota_asks(),
     * quota_asked()).  NULL: it has none. */
    bool (*counts)(const struct http_link *l, const struct link_message *m);
    void (*ask_quota)(struct http_link *l);
    void (*leaves)(struct http_link *l, const struct link_message *m, int64_t now_us);
    int (*turn_ms)(const struct link_message *m); /* its chat takes one in that time; NULL: all */
    /* Fills the question what became of a message, and reads its answer: RECEIPT_INTERMEDIATE,
     * nothing final is known.  NULL: it cannot be asked. */
    int (*ask)(struct http_link *l, const char *message_id, struct http_draft *draft,
               struct err *err);
    enum receipt_state (*told)(struct http_link *l, const struct answer_reply *reply);
};

struct http_call;     /* a message with the platform */
struct http_question; /* about a message */

/* The head of each kind's own struct. */
struct http_link {
    struct link link;
    const struct http_kind *kind;
    struct link_events events;
    struct http_client *client;
    struct event *pump, *turn;
    struct link_message *first, **last; /* not sent yet */
    int waiting_n, in_flight;
    struct http_call *calls;
    struct http_question *questions;
    int questions_n, asking_n; /* not sent yet; sent, and not answered yet */
    struct rate *rate;
    bool shared; /* the rate, with other processes: requests leave as granted */
    struct allowance allowance;
    enum link_state state;
    bool draining, needs_token; /* needs_token: set by the kind's begin() */
    int64_t paused_until_us;    /* nothing is sent before: throttled, or no connection */
    int64_t quota_until_ms;     /* the platform refuses until then: no quota; 0: it does not */
    struct quota quota;
    int64_t drain_until_us;
    int64_t wake_us;       /* when the first message that waits may go, 0: none is held back */
    int turns_n;           /* of what waits, from the first on: has its turn, or asks for it */
    unsigned failures;     /* connections that failed in a row */
    char *token;           /* NULL: none */
    uint64_t token_number; /* rises with every token */
    bool token_asked, token_lost; /* lost: it stands still until there is one again */
    uint64_t submitted, throttled, unknown;
    char last_error[120];
    int64_t since_s;
};

/* For a kind's open(). */
struct link *http_link_new(const struct http_kind *kind, struct event_base *base,
                           const struct conf_link *conf, const struct link_events *events,
                           struct err *err) MUST_CHECK;
/* A token to go on with (copied); NULL: there is none, `why` is said.  Wipes the one before. */
void http_link_set_token(struct link *link, const char *token, const char *why);
/* Stops for good, until a person acts: the sentence says what to do. */
void http_link_stop(struct http_link *l, const char *why);

/* Sends a request of the kind's own. */
void http_link_send(struct http_link *l, const struct http_draft *draft, int64_t wait_ms,
                    http_done_fn *fn, void *arg);

/* The ops that every kind shares. */
void http_link_free(struct link *link);
void http_link_start(struct link *link);
void http_link_drain(struct link *link, int64_t wait_ms);
enum link_state http_link_state(const struct link *link);
void http_link_stats(const struct link *link, struct link_stats *out);
void http_link_set_rate(struct link *link, double rate);
int http_link_room(const struct link *link, int parts);
double http_link_rate(const struct link *link);
void http_link_share(struct link *link);
int http_link_wants(const struct link *link);
void http_link_grant(struct link *link, const struct lease *lease);
bool http_link_quota_report(struct link *link, struct quota_report *report);
void http_link_quota_answer(struct link *link, const struct quota_report *report,
                            const struct quota_answer *answer, int64_t told_us);
bool http_link_chats_asked(struct link *link, struct chat_asks *asks);
void http_link_chats_answer(struct link *link, const struct chat_asks *asks);
struct link_text *http_link_text_new(struct link *link, const struct link_content *content,
                                     struct err *err);
void http_link_text_free(struct link_text *text);
void http_link_submit(struct link *link, struct link_message *message);
void http_link_ask(struct link *link, const char *message_id);
void http_link_answer(struct link *link, uint64_t token, bool stored);

#define HTTP_LINK_OPS                                                                              \
    .free = http_link_free, .start = http_link_start, .drain = http_link_drain,                    \
    .state = http_link_state, .stats = http_link_stats, .set_rate = http_link_set_rate,            \
    .room = http_link_room, .rate = http_link_rate, .share = http_link_share,                      \
    .wants = http_link_wants, .grant = http_link_grant, .text_new = http_link_text_new,            \
    .text_free = http_link_text_free, .submit = http_link_submit, .answer = http_link_answer,      \
    .ask = http_link_ask, .quota_report = http_link_quota_report,                                  \
    .quota_answer = http_link_quota_answer, .chats_asked = http_link_chats_asked,                  \
    .chats_answer = http_link_chats_answer

#endif

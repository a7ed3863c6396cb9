/* The simulated platforms' inside: who answers what, and the journal that tests count by. */
#ifndef LOA_SIM_PLATFORM_PLATFORM_H
#define LOA_SIM_PLATFORM_PLATFORM_H
// SPDX-License-Identifier: MIT

#include <stdio.h>

#include "tests/sim/platform/case.h"
#include "tests/sim/platform/server.h"

struct event_base;
struct evhttp_connection;

enum { ANSWER_SIZE = 4096 };

/* A message that a platform got, as the journal tells it. */
struct sent {
    const char *kind; /* "phone", "hash", "uid", "cs", "telegram", "esms" */
    char address[96], tracking[96], id[48];
    char code[16]; /* "0": taken */
    const char *text;
    enum answer_how how;
};

enum { PLATFORM_CHATS = 4096 };
struct platform {
    struct event_base *base;
    struct server *server;
    struct behaviour behaviour;
    const char *case_file;
    FILE *journal, *phones;
    int64_t sends, taken, delivered, rate_second, rate_taken, minute_us, minute_taken, quota_left,
        messages;
    int64_t refreshes, burnt; /* of the token endpoint */
    int64_t token_number;
    char access[96], refresh[96];    /* the valid pair */
    int64_t chat_us[PLATFORM_CHATS]; /* by the chat's number: when it got its last message */
    struct seen *seen;               /* request ids of the provider: it refuses a repetition */
};

int64_t platform_now_us(void);
/* Answers `request` after the case's latency. */
void platform_answer(struct platform *p, const struct request *request, int status,
                     const char *body, enum answer_how how);
void platform_answer_in(struct platform *p, const struct request *request, int64_t wait_us,
                        int status, const char *body);
/* Takes a message: counts, applies the case's rules.  Returns the rule that decides, or NULL. */
struct case_rule *platform_take(struct platform *p, struct sent *sent);
/* False: more than the case's rate in this second. */
bool platform_rate_lets(struct platform *p);
/* Writes the message down; a delivered one stands on its phone too. */
void platform_journal(struct platform *p, const struct sent *sent, bool delivered);
/* Posts a delivered message's receipt to the case's webhook, signed. */
void platform_receipt(struct platform *p, const struct sent *sent);
/* Once per request id: true when it was seen before. */
bool platform_seen(struct platform *p, const char *id);

/* template/info, and what is wrong with a message's values: 0 or a code. */
void template_serve(struct platform *p, const struct request *request);
int template_fault(const struct platform *p, const void *data);

/* Each answers the paths of its platform; false: the path is none of its. */
bool zalo_serve(struct platform *p, const struct request *request);
bool telegram_serve(struct platform *p, const struct request *request);
bool provider_serve(struct platform *p, const struct request *request);

#endif

/* How the simulated platforms behave: read from a case file, one setting a line. */
#ifndef LOA_SIM_PLATFORM_CASE_H
#define LOA_SIM_PLATFORM_CASE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

enum { CASE_RULES = 64, CASE_WORD = 64, CASE_PARAMETERS = 16 };

/* What happens to messages for the addresses of a pattern (fnmatch), or to each Nth. */
enum case_what {
    CASE_ERROR,  /* answers with `code`: nothing is delivered */
    CASE_STATUS, /* answers with that HTTP status: nothing is delivered */
    CASE_RESET,  /* resets the connection before it looks at the message */
    CASE_CUT,    /* delivers, then resets instead of answering */
    CASE_HALF,   /* delivers, then sends half an answer */
    CASE_SILENT, /* delivers, then never answers */
    CASE_LOST,   /* answers well, yet no receipt comes */
};
struct case_rule {
    enum case_what what;
    char pattern[CASE_WORD]; /* "" : by `every` */
    int64_t every, times;    /* times: of each rule in all, 0: always */
    int code, wait_s;        /* wait_s: Telegram's retry_after */
    int64_t used;
};

/* A parameter of the template, as template/info tells it. */
struct case_parameter {
    char name[CASE_WORD];
    int64_t most, least;
    bool required;
};

struct behaviour {
    int parameters_n; /* 0: template/info knows no template */
    struct case_parameter parameters[CASE_PARAMETERS];
    int64_t latency_us, latency_most_us;
    int64_t rate;   /* messages a second that are taken, 0: no limit */
    int64_t minute; /* the same of any minute that is counted from the first message on */
    int64_t chat;   /* the same of one Telegram chat */
    int64_t quota;  /* a day, -1: none told */
    int64_t receipts_us;
    bool receipts, receipts_twice;
    char access[CASE_WORD], refresh[CASE_WORD]; /* the pair that is valid at first; "" : any */
    int64_t expires_s;
    int64_t expire_after;            /* messages, then the access token is invalid; 0: never */
    int64_t oauth_us;                /* the token endpoint's latency */
    int64_t oauth_cut, oauth_status; /* how often it is cut after the change, answers 500 */
    char app_secret[CASE_WORD], oa_secret[CASE_WORD], app_id[CASE_WORD];
    char webhook[256]; /* where receipts go */
    int rules_n;
    struct case_rule rules[CASE_RULES];
};

/* Reads the case file (NULL: everything is taken at once).  Returns -1 with the mistake in `why`.
 */
int case_read(struct behaviour *b, const char *file, char *why, unsigned room);
/* The first rule that fits the address, or whose turn it is at the Nth message; NULL: none. */
struct case_rule *case_rule(struct behaviour *b, const char *address, int64_t nth);

#endif

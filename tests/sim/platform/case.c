/* Reads a case file. */
// SPDX-License-Identifier: MIT
#include "tests/sim/platform/case.h"

#include <fnmatch.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 10 };

static bool
read_time(const char *word, int64_t *us)
{
    char *unit = NULL;
    double n = strtod(word, &unit);
    int64_t scale = strcmp(unit, "us") == 0   ? 1
                    : strcmp(unit, "ms") == 0 ? 1000
                    : strcmp(unit, "s") == 0  ? 1000000
                                              : 0;
    *us = (int64_t)(n * (double)scale);
    return unit != word && scale > 0;
}

/* "… for PATTERN", "… every N", "times N", "wait N". */
static bool
read_rest(struct case_rule *rule, char *const *word, int n, int i)
{
    for (; i + 1 < n; i += 2) {
        int64_t value = strtoll(word[i + 1], NULL, 10);
        if (strcmp(word[i], "for") == 0) {
            snprintf(rule->pattern, sizeof rule->pattern, "%s", word[i + 1]);
        } else if (strcmp(word[i], "every") == 0) {
            rule->every = value;
        } else if (strcmp(word[i], "times") == 0) {
            rule->times = value;
        } else if (strcmp(word[i], "wait") == 0) {
            rule->wait_s = (int)value;
        } else {
            return false;
        }
    }
    return i == n && (rule->pattern[0] || rule->every > 0);
}

static bool
read_rule(struct behaviour *b, char *const *word, int n)
{
    static const struct {
        const char *name;
        enum case_what what;
        bool code;
    } kinds[] = {
        {"error", CASE_ERROR, true}, {"status", CASE_STATUS, true}, {"reset", CASE_RESET, false},
        {"cut", CASE_CUT, false},    {"half", CASE_HALF, false},    {"silent", CASE_SILENT, false},
        {"lost", CASE_LOST, false},
    };
    struct case_rule *rule = &b->rules[b->rules_n];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(word[0], kinds[i].name) == 0 && b->rules_n < CASE_RULES) {
            *rule = (struct case_rule){.what = kinds[i].what};
            rule->code = kinds[i].code && n > 1 ? (int)strtol(word[1], NULL, 10) : 0;
            b->rules_n++;
            return read_rest(rule, word, n, kinds[i].code ? 2 : 1);
        }
    }
    return false;
}

static bool
read_text(struct behaviour *b, char *const *word, int n)
{
    const struct {
        const char *name;
        char *out;
        size_t room;
    } texts[] = {{"access", b->access, CASE_WORD},         {"refresh", b->refresh, CASE_WORD},
                 {"app_secret", b->app_secret, CASE_WORD}, {"oa_secret", b->oa_secret, CASE_WORD},
                 {"app_id", b->app_id, CASE_WORD},         {"webhook", b->webhook, 256}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (n == 2 && strcmp(word[0], texts[i].name) == 0) {
            snprintf(texts[i].out, texts[i].room, "%s", word[1]);
            return true;
        }
    }
    return false;
}

static bool
read_number(struct behaviour *b, char *const *word, int n)
{
    const struct {
        const char *name;
        int64_t *out;
    } numbers[] = {{"minute", &b->minute},       {"quota", &b->quota},
                   {"expires", &b->expires_s},   {"rate", &b->rate},
                   {"chat_rate", &b->chat},      {"expire_after", &b->expire_after},
                   {"oauth_cut", &b->oauth_cut}, {"oauth_status", &b->oauth_status}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (n == 2 && strcmp(word[0], numbers[i].name) == 0) {
            *numbers[i].out = strtoll(word[1], NULL, 10);
            return true;
        }
    }
    return false;
}

/* "parameter NAME MOST LEAST [required]" */
static bool
read_parameter(struct behaviour *b, char *const *word, int n)
{
    if (strcmp(word[0], "parameter") != 0 || n < 4 || b->parameters_n == CASE_PARAMETERS) {
        return false;
    }
    struct case_parameter *p = &b->parameters[b->parameters_n++];
    snprintf(p->name, sizeof p->name, "%s", word[1]);
    p->most = strtoll(word[2], NULL, 10);
    p->least = strtoll(word[3], NULL, 10);
    p->required = n == 5 && strcmp(word[4], "required") == 0;
    return true;
}

static bool
read_line(struct behaviour *b, char *const *word, int n)
{
    if (strcmp(word[0], "latency") == 0 && (n == 2 || n == 4)) {
        bool ok = read_time(word[1], &b->latency_us);
        b->latency_most_us = b->latency_us;
        return ok && (n == 2 || read_time(word[3], &b->latency_most_us));
    }
    if (strcmp(word[0], "oauth_latency") == 0 && n == 2) {
        return read_time(word[1], &b->oauth_us);
    }
    if (strcmp(word[0], "receipts") == 0 && n >= 2) { /* "none", or "after TIME [twice]" */
        b->receipts = strcmp(word[1], "none") != 0;
        b->receipts_twice = n == 4;
        return !b->receipts || (n >= 3 && read_time(word[2], &b->receipts_us));
    }
    return read_parameter(b, word, n) || read_text(b, word, n) || read_number(b, word, n) ||
           read_rule(b, word, n);
}

int
case_read(struct behaviour *b, const char *file, char *why, unsigned room)
{
    char line[512];
    int number = 0;
    *b = (struct behaviour){.quota = -1, .expires_s = 90000, .receipts_us = 0};
    FILE *f = file ? fopen(file, "r") : NULL;
    if (file && !f) {
        snprintf(why, room, "%s cannot be read", file);
        return -1;
    }
    while (f && fgets(line, sizeof line, f)) {
        char *word[WORDS], *rest = line;
        int n = 0;
        number++;
        line[strcspn(line, "#\n")] = '\0';
        for (char *w = strsep(&rest, " \t"); w && n < WORDS; w = strsep(&rest, " \t")) {
            if (*w) {
                word[n++] = w;
            }
        }
        if (n > 0 && !read_line(b, word, n)) {
            snprintf(why, room, "%s:%d: not understood", file, number);
            fclose(f);
            return -1;
        }
    }
    if (f) {
        fclose(f);
    }
    return 0;
}

struct case_rule *
case_rule(struct behaviour *b, const char *address, int64_t nth)
{
    for (int i = 0; i < b->rules_n; i++) {
        struct case_rule *r = &b->rules[i];
        bool fits = r->pattern[0] ? fnmatch(r->pattern, address, 0) == 0 : nth % r->every == 0;
        if (fits && (r->times == 0 || r->used < r->times)) {
            r->used++;
            return r;
        }
    }
    return NULL;
}

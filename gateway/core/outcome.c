/* The one table of letter × event. */
// SPDX-License-Identifier: MIT
#include "gateway/core/outcome.h"

#include <string.h>

/* `from`: the letters that the event moves; `fact`: it counts whoever brings it. */
static const struct {
    enum outcome_event event;
    const char *from;
    char to;
    bool fact;
} rules[] = {
    {EVENT_BEGUN, "qr?", 's', false},          {EVENT_ACCEPTED, "qsr?fkx", 'a', true},
    {EVENT_DELIVERED, "qsr?aufkx", 'd', true}, {EVENT_UNDELIVERED, "s?a", 'u', false},
    {EVENT_TEMPORARY, "s", 'r', false},        {EVENT_THROTTLED, "s", 'r', false},
    {EVENT_PERMANENT, "s", 'f', false},        {EVENT_LOST, "s", '?', false},
    {EVENT_RELEASED, "s", 'q', false},         {EVENT_SKIPPED, "qr?", 'k', false},
    {EVENT_EXPIRED, "qr", 'x', false},         {EVENT_ELSEWHERE, "s?auk", 'q', false},
};

bool
outcome_next(char letter, enum outcome_event event, bool current, char *next)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (rules[i].event != event) {
            continue;
        }
        if (!letter || !strchr(rules[i].from, letter) || (!rules[i].fact && !current)) {
            return false;
        }
        *next = rules[i].to;
        return true;
    }
    return false;
}

bool
outcome_final(char letter)
{
    return letter && strchr("dufkx", letter);
}

bool
outcome_holds(char letter, bool resend)
{
    return letter && strchr(resend ? "qsr?" : "qsr", letter);
}

const char *
outcome_name(char letter)
{
    static const char *const names[OUTCOME_N] = {
        "queued",    "sending",     "retrying", "uncertain", "accepted",
        "delivered", "undelivered", "failed",   "skipped",   "expired"};
    const char *at = letter ? strchr(OUTCOME_LETTERS, letter) : NULL;
    return at ? names[at - OUTCOME_LETTERS] : NULL;
}

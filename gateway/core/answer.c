/* What transport and HTTP status mean, and when a platform lets a message go again. */
// SPDX-License-Identifier: MIT
#include "gateway/core/answer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

const char *answer_class_name(enum answer_class class)
{
    static const char *const names[ANSWER_CLASSES] = {
        [ANSWER_OK] = "ok",
        [ANSWER_OK_ALREADY] = "ok-already",
        [ANSWER_RETRY_LATER] = "retry-later",
        [ANSWER_THROTTLE] = "throttle",
        [ANSWER_REFRESH_TOKEN] = "refresh-token",
        [ANSWER_QUOTA] = "quota-exhausted",
        [ANSWER_RECIPIENT] = "perm-recipient",
        [ANSWER_CONFIG] = "perm-config",
        [ANSWER_MESSAGE] = "perm-config/msg",
        [ANSWER_AMBIGUOUS] = "ambiguous",
    };
    return names[class];
}

bool answer_not_sent(enum answer_class class)
{
    return class != ANSWER_OK && class != ANSWER_OK_ALREADY && class != ANSWER_AMBIGUOUS;
}

bool
answer_by_transport(const struct answer_reply *reply, struct answer *out)
{
    *out = (struct answer){.class = ANSWER_AMBIGUOUS, .quota_day = -1, .quota_left = -1};
    switch (reply->transport) {
    case TRANSPORT_NOT_SENT:
        out->class = ANSWER_RETRY_LATER;
        memcpy(out->reason, "noway", sizeof "noway");
        return true;
    case TRANSPORT_LOST:
        memcpy(out->reason, "rsp", sizeof "rsp");
        return true;
    case TRANSPORT_ANSWERED:
        break;
    }
    (void)snprintf(out->reason, sizeof out->reason, "h%04u", (unsigned)reply->status % 10000);
    if (reply->status == 429) { /* a platform's own answer may say for how long */
        out->class = ANSWER_THROTTLE;
        out->until = UNTIL_MINUTE;
    } else if (reply->status == 401 || reply->status == 403) {
        out->class = ANSWER_CONFIG;
    }
    return reply->status >= 500 || reply->status < 200;
}

/* ---- When. */

enum { DAY_S = 86400, MINUTE_S = 60, MORNING_S = (6 * 60 + 5) * 60 };

/* The first second of the month after the one that local second `s` stands in. */
static int64_t
next_month(int64_t s)
{
    time_t at = (time_t)s;
    struct tm day;
    if (!gmtime_r(&at, &day)) {
        return s + DAY_S;
    }
    struct tm first = {.tm_year = day.tm_year, .tm_mon = day.tm_mon + 1, .tm_mday = 1};
    return (int64_t)timegm(&first);
}

void
answer_retry_after(const struct answer_reply *reply, struct answer *out)
{
    bool waits = out->class == ANSWER_RETRY_LATER || out->class == ANSWER_THROTTLE;
    if (waits && out->until == UNTIL_BACKOFF && reply->retry_after_s > 0) {
        out->until = UNTIL_SECONDS;
        out->wait_s = (int)(reply->retry_after_s < DAY_S ? reply->retry_after_s : DAY_S);
    }
}

int64_t
answer_until_ms(const struct answer *answer, int64_t now_ms, int offset_min)
{
    int64_t offset_s = (int64_t)offset_min * MINUTE_S, local = now_ms / 1000 + offset_s;
    int64_t day = local - local % DAY_S;
    switch (answer->until) {
    case UNTIL_BACKOFF:
        return 0;
    case UNTIL_SECONDS:
        return now_ms + (int64_t)answer->wait_s * 1000;
    case UNTIL_MINUTE:
        return (local - local % MINUTE_S + MINUTE_S - offset_s) * 1000;
    case UNTIL_MORNING:
        day += local - day < MORNING_S ? MORNING_S : DAY_S + MORNING_S;
        return (day - offset_s) * 1000;
    case UNTIL_MIDNIGHT:
        return (day + DAY_S - offset_s) * 1000;
    case UNTIL_MONTH:
        return (next_month(local) - offset_s) * 1000;
    }
    return 0;
}

/* What becomes of a message by the class of its answer. */
// SPDX-License-Identifier: MIT
#include "gateway/links/http/outcome.h"

#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/backoff.h"
#include "gateway/core/time.h"
#include "gateway/links/http/quota.h"

enum {
    PAUSE_FIRST_MS = 500,
    PAUSE_MOST_MS = 30000,
    MORNING_SPREAD_MS = 20 * 60000,
    SPREAD_MS = 1000
};

static void
accepted(struct http_link *l, struct link_message *m, const struct answer *answer)
{
    memcpy(m->ids[0], answer->id, sizeof answer->id);
    m->parts_answered = m->parts_n;
    m->parts_taken = (uint16_t)((1U << m->parts_n) - 1);
    l->failures = 0;
    http_tell(l, m, LINK_ACCEPTED);
}

/* Certainly not sent: another try costs nothing but time. */
static void
later(struct http_link *l, struct link_message *m, const struct answer *answer)
{
    int64_t now_ms = clock_unix_ms();
    m->parts_written = 0;
    if (answer->migrate_to[0] && strlen(answer->migrate_to) < LINK_ADDRESS_SIZE &&
        strcmp(answer->migrate_to, m->address) != 0) {
        if (l->events.on_moved) {
            l->events.on_moved(l->events.ctx, &l->link, m->address, answer->migrate_to);
        }
        memcpy(m->address, answer->migrate_to, strlen(answer->migrate_to) + 1);
        http_put_back(l, m); /* the chat has another number: once more, there */
        return;
    }
    if (strcmp(answer->reason, "noway") == 0) {
        int64_t wait_ms =
            backoff_ms(PAUSE_FIRST_MS, PAUSE_MOST_MS, l->failures++, randombytes_random());
        http_pause_until(l, clock_monotonic_us() + wait_ms * 1000, LINK_CONNECTING,
                         http_last_error(l->client));
        http_tell(l, m, LINK_NOT_WRITTEN);
        return;
    }
    int64_t until_ms = answer_until_ms(answer, now_ms, TIME_VIETNAM);
    m->retry_ms = until_ms > now_ms ? until_ms - now_ms : 0;
    if (answer->until == UNTIL_MORNING) { /* not all at once */
        m->retry_ms += randombytes_uniform(MORNING_SPREAD_MS);
    }
    http_tell(l, m, LINK_TEMPORARY);
}

static void
throttled(struct http_link *l, struct link_message *m, const struct answer *answer)
{
    int64_t now_ms = clock_unix_ms();
    int64_t wait_ms = answer_until_ms(answer, now_ms, TIME_VIETNAM) - now_ms;
    l->throttled++;
    wait_ms = wait_ms > 0 ? wait_ms : PAUSE_MOST_MS;
    wait_ms += randombytes_uniform(SPREAD_MS); /* the platform's clock and ours, several gateways */
    http_pause_until(l, clock_monotonic_us() + wait_ms * 1000, LINK_THROTTLED, "too fast");
    m->parts_written = 0;
    http_tell(l, m, LINK_NOT_WRITTEN);
}

static void
renew(struct http_link *l, struct http_call *call)
{
    struct link_message *m = call->m;
    if (!l->needs_token || m->token_tries > 0) {
        http_link_stop(l, "the platform refuses the access token");
        http_tell(l, m, LINK_NOT_WRITTEN);
        return;
    }
    m->token_tries++;
    http_put_back(l, m);
    if (call->token_number == l->token_number &&
        !l->token_asked) { /* no newer one came meanwhile */
        l->token_asked = true;
        http_set_state(l, LINK_CONNECTING, "the access token is no longer valid");
        l->kind->want_token(l);
    }
    event_active(l->pump, EV_TIMEOUT, 0);
}

static void
out_of_quota(struct http_link *l, struct link_message *m, const struct answer *answer)
{
    l->quota_until_ms = answer_until_ms(answer, clock_unix_ms(), TIME_VIETNAM);
    l->quota.left = 0;
    m->retry_ms = l->quota_until_ms - clock_unix_ms();
    m->parts_written = 0;
    http_note_error(l, "the quota is used up");
    log_event(LOG_WARNING, "link.quota-exhausted", "link=%s code=%s", l->link.conf->name,
              log_value(str_of(answer->code)));
    http_tell(l, m, LINK_ELSEWHERE);
}

static void
broken(struct http_link *l, struct link_message *m, const struct answer *answer)
{
    char why[120];
    const char *word =
        answer->reason[0] == 'z' ? answer_zalo_word(strtol(answer->code, NULL, 10)) : NULL;
    (void)snprintf(why, sizeof why,
                   "the platform refuses this link: %s %s; mend it, then "
                   "'loa link start %s'",
                   answer->code[0] ? answer->code : answer->reason, word ? word : "",
                   l->link.conf->name);
    http_link_stop(l, why);
    http_tell(l, m, LINK_NOT_WRITTEN);
}

static void
act(struct http_link *l, struct http_call *call, const struct answer *answer)
{
    struct link_message *m = call->m;
    memcpy(m->reason, answer->reason, sizeof m->reason);
    switch (answer->class) {
    case ANSWER_OK:
    case ANSWER_OK_ALREADY:
        accepted(l, m, answer);
        break;
    case ANSWER_RETRY_LATER:
        later(l, m, answer);
        break;
    case ANSWER_THROTTLE:
        throttled(l, m, answer);
        break;
    case ANSWER_REFRESH_TOKEN:
        renew(l, call);
        break;
    case ANSWER_QUOTA:
        out_of_quota(l, m, answer);
        break;
    case ANSWER_RECIPIENT:
        m->parts_written = 0; /* nothing that is paid for */
        m->opted_out = answer->opt_out;
        http_tell(l, m, LINK_ELSEWHERE);
        break;
    case ANSWER_CONFIG:
        broken(l, m, answer);
        break;
    case ANSWER_MESSAGE:
        log_event(LOG_WARNING, "message.malformed", "link=%s code=%s", l->link.conf->name,
                  log_value(str_of(answer->code)));
        http_tell(l, m, LINK_PERMANENT);
        break;
    case ANSWER_AMBIGUOUS:
    case ANSWER_CLASSES:
        http_tell(l, m, LINK_UNCERTAIN);
        break;
    }
}

void
http_outcome(struct http_call *call, const struct answer_reply *reply)
{
    struct http_link *l = call->l;
    struct answer answer;
    l->kind->read(l, call->m, reply, &answer);
    answer_retry_after(reply, &answer);
    http_quota_answered(l, &call->quota, &answer);
    if (answer.unknown) {
        l->unknown++;
        log_event(LOG_ERROR, "answer.unknown", "link=%s status=%d code=%s why=%s",
                  l->link.conf->name, reply->status, log_value(str_of(answer.code)),
                  "\"no table names it: it may have been sent\"");
    }
    act(l, call, &answer);
}

/* The day's quota of a link over HTTP. */
// SPDX-License-Identifier: MIT
#include "gateway/links/http/quota.h"

#include <event2/event.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/reason.h"
#include "gateway/core/time.h"
#include "gateway/links/http/outcome.h"

static bool
counts(const struct http_link *l, const struct link_message *m)
{
    return l->kind->counts && l->kind->counts(l, m);
}

enum quota_verdict
http_quota_may(struct http_link *l, const struct link_message *m, int64_t now_us)
{
    return counts(l, m) ? quota_may(&l->quota, now_us) : QUOTA_GOES;
}

struct quota_ticket
http_quota_take(struct http_link *l, const struct link_message *m, int64_t now_us)
{
    return counts(l, m) ? quota_take(&l->quota, now_us) : (struct quota_ticket){0};
}

void
http_quota_answered(struct http_link *l, const struct quota_ticket *ticket,
                    const struct answer *answer)
{
    quota_answered(&l->quota, ticket, !answer_not_sent(answer->class));
    if (ticket->counts) {
        quota_told(&l->quota, ticket, answer->quota_day, answer->quota_left);
    }
}

void
http_quota_turn_away(struct http_link *l, struct link_message *m, int64_t until_ms)
{
    const struct answer gone = {.until = UNTIL_MIDNIGHT};
    int64_t now_ms = clock_unix_ms();
    until_ms = until_ms ? until_ms : answer_until_ms(&gone, now_ms, TIME_VIETNAM);
    m->retry_ms = until_ms - now_ms;
    (void)snprintf(m->reason, sizeof m->reason, "%s", reason_code(REASON_QUOTA));
    http_tell(l, m, LINK_ELSEWHERE);
}

int
http_quota_waiting(const struct http_link *l, int64_t now_us)
{
    bool held = l->kind->counts && quota_may(&l->quota, now_us) != QUOTA_GOES;
    return held ? 0 : l->waiting_n;
}

void
http_quota_step(struct http_link *l)
{
    if (l->quota.ask && l->kind->ask_quota && l->state == LINK_BOUND) {
        l->kind->ask_quota(l);
    }
    if (l->quota.shared && l->first && l->events.on_quota) {
        l->events.on_quota(l->events.ctx, &l->link);
    }
}

bool
http_link_quota_report(struct link *link, struct quota_report *report)
{
    struct http_link *l = (struct http_link *)link;
    int waiting = l->draining || l->state != LINK_BOUND ? 0 : l->waiting_n;
    return quota_report(&l->quota, waiting, l->link.conf->concurrency, clock_monotonic_us(),
                        report);
}

void
http_link_quota_answer(struct link *link, const struct quota_report *report,
                       const struct quota_answer *answer, int64_t told_us)
{
    struct http_link *l = (struct http_link *)link;
    bool was_gone = l->quota.gone;
    quota_take_answer(&l->quota, report, answer, told_us);
    if (l->quota.gone && !was_gone) {
        http_note_error(l, "the quota is used up");
        log_event(LOG_WARNING, "link.quota-exhausted", "link=%s quota=%lld", l->link.conf->name,
                  (long long)l->quota.daily);
    }
    event_active(l->pump, EV_TIMEOUT, 0);
}

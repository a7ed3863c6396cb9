/* A day's quota that several gateways share. */
// SPDX-License-Identifier: MIT
#include "gateway/core/quota.h"

/* A slice ends in the share after six seconds without a report (queue/quota.lua); here sooner. */
static const int64_t kept_us = 5000000, each_us = 1000000, idle_each_us = 2000000;
static const int64_t dry_each_us = 100000, told_each_us = 200000, idle_us = 300000;

void
quota_init(struct quota *q)
{
    *q = (struct quota){.least = -1, .most = -1, .daily = -1, .left = -1};
}

enum quota_verdict
quota_may(const struct quota *q, int64_t now_us)
{
    if (!q->shared || (q->known && q->hand > 0 && now_us < q->until_us)) {
        return QUOTA_GOES;
    }
    if (!q->known && q->era != 0 && !q->asking && !q->ask && q->least < 0) {
        return QUOTA_GOES; /* nobody knows a figure */
    }
    if (q->gone) {
        return QUOTA_GONE;
    }
    return q->dry && q->others > 0 ? QUOTA_HELD : QUOTA_SOON;
}

struct quota_ticket
quota_take(struct quota *q, int64_t now_us)
{
    struct quota_ticket ticket = {true, q->known && q->hand > 0, q->era, q->used};
    q->hand -= ticket.unit;
    q->out += ticket.unit;
    q->taken_us = now_us;
    return ticket;
}

void
quota_answered(struct quota *q, const struct quota_ticket *ticket, bool taken)
{
    if (!ticket->counts || ticket->era != q->era) {
        return;
    }
    q->out -= ticket->unit;
    q->hand += ticket->unit && !taken;
    q->spent += taken;
}

struct quota_ticket
quota_asks(struct quota *q)
{
    q->ask = false;
    q->asking = true;
    return (struct quota_ticket){.era = q->era, .used = q->used};
}

/* Of the present day, or of before any was known: used is 0 then, which is no more than the truth.
 */
static bool
is_of_now(const struct quota *q, const struct quota_ticket *ticket)
{
    return ticket->era == q->era || ticket->era == 0;
}

void
quota_asked(struct quota *q, const struct quota_ticket *ticket)
{
    if (is_of_now(q, ticket)) {
        q->asking = false;
        q->checked = true;
    }
}

void
quota_told(struct quota *q, const struct quota_ticket *ticket, int64_t daily, int64_t left)
{
    if (left < 0 || !is_of_now(q, ticket)) {
        return;
    }
    int64_t least = left + ticket->used;
    q->least = least > q->least ? least : q->least;
    q->most = q->most < 0 || left < q->most ? left : q->most;
    q->daily = daily >= 0 ? daily : q->daily;
    q->left = q->known ? q->left : left;
}

bool
quota_report(struct quota *q, int waiting, int ahead, int64_t now_us, struct quota_report *report)
{
    int target = waiting > 0 ? waiting + ahead : 0;
    int64_t since_us = now_us - q->told_us;
    bool idle = waiting == 0 && now_us - q->taken_us >= idle_us;
    bool back = q->hand > 0 && (idle || now_us >= q->until_us);
    if (!q->shared) {
        return false;
    }
    q->hand = back ? 0 : q->hand;
    bool wants = target > 0 && 2 * q->hand < target;
    bool due = back || q->era == 0 || (wants && (!q->dry || since_us >= dry_each_us)) ||
               ((q->least >= 0 || q->most >= 0) && since_us >= told_each_us) ||
               ((q->hand + q->out > 0 || q->spent != q->reported) && since_us >= each_us) ||
               since_us >= idle_each_us; /* another day, and what others spent */
    *report = (struct quota_report){.era = q->era,
                                    .spent = q->spent,
                                    .least = q->least,
                                    .most = q->most,
                                    .daily = q->daily,
                                    .hand = q->hand + q->out,
                                    .want = wants ? target - q->hand : 0,
                                    .checked = q->checked};
    q->told_us = due ? now_us : q->told_us;
    return due;
}

/* Another day, or the share has lost its figures: all begins anew. */
static void
begin_era(struct quota *q, int64_t era)
{
    bool first = q->era == 0;
    q->era = era;
    q->known = q->checked = q->dry = q->gone = false;
    q->hand = q->out = 0;
    q->spent = q->reported = q->used = 0;
    if (!first) {
        q->least = q->most = q->left = -1;
        q->asking = false;
        q->ask = true;
    }
}

/* Nothing was granted: whoever has the rest may give it back; with nobody left the platform is
 * asked once, since what a dead gateway kept may still be there. */
static void
take_nothing(struct quota *q, const struct quota_report *report)
{
    bool alone = q->others == 0 && report->hand == 0 && q->out == 0;
    q->dry = true;
    if (alone && report->checked && !q->asking && !q->ask) {
        q->gone = true;
    } else if (alone && !q->checked && !q->asking) {
        q->ask = true;
    }
}

void
quota_take_answer(struct quota *q, const struct quota_report *report,
                  const struct quota_answer *answer, int64_t told_us)
{
    if (answer->era != q->era) {
        begin_era(q, answer->era);
        return;
    }
    q->known = answer->base >= 0;
    q->used = answer->used;
    q->others = answer->others;
    q->daily = answer->daily >= 0 ? answer->daily : q->daily;
    q->reported = report->spent;
    q->least = q->least == report->least ? -1 : q->least;
    q->most = q->most == report->most ? -1 : q->most;
    q->hand += answer->granted;
    q->until_us = told_us + kept_us;
    if (q->known) {
        q->left = answer->base > answer->used ? answer->base - answer->used : 0;
    }
    if (answer->granted > 0) {
        q->dry = q->gone = q->checked = false;
    } else if (report->want > 0 && q->known) {
        take_nothing(q, report);
    }
}

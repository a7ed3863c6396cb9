/* A day's quota that several gateways share: the units in hand, and what the platform tells.  Pure.
 *
 * A message that counts goes with a unit of those in hand; what the platform did not take comes
 * back.  Units are granted in slices by a share that all processes report to (queue/quota.h), and
 * end when the day does.  While nobody knows a figure nothing is counted. */
#ifndef LOA_CORE_QUOTA_H
#define LOA_CORE_QUOTA_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

/* What one process tells the share.  `least`, `most`: what the platform told meanwhile; -1: none.
 * Of what was there when the day began at least `least` was: what is left at one moment and what
 * was known to be used before it.  And no more is left now than `most`. */
struct quota_report {
    int64_t era, spent; /* spent: of this era by this process, from its beginning on */
    int64_t least, most, daily;
    int hand; /* units that it keeps: not gone yet, or with the platform */
    int want; /* more that it could use */
    bool checked;
};

/* What the share answers. */
struct quota_answer {
    int64_t era;         /* names the day; another one: what was before counts no more */
    int64_t used, base;  /* by all so far; of how many, -1: nobody knows */
    int64_t daily;       /* the platform's figure for a day, -1: none */
    int granted, others; /* others: units that other processes keep */
};

/* Goes with a message, or with a question about the quota, until it is answered. */
struct quota_ticket {
    bool counts, unit;
    int64_t era, used;
};

/* Zeroed and begun by quota_init().  Times are CLOCK_MONOTONIC in microseconds. */
struct quota {
    bool shared;      /* else nothing is counted */
    bool known;       /* there is a figure: only what is in hand goes */
    bool asking, ask; /* the platform is being asked; it should be */
    bool checked;     /* it was, since nothing was granted */
    bool dry, gone;   /* nothing was granted; nobody has any, and the platform said so */
    int hand, out;    /* units not used; units with the platform */
    int others;       /* units that others have */
    int64_t until_us; /* what is in hand is ours so long */
    int64_t era, spent, reported; /* reported: of spent */
    int64_t used, least, most;
    int64_t daily, left;       /* as last known, -1: not */
    int64_t taken_us, told_us; /* the last unit that went, the last report */
};

void quota_init(struct quota *q);

/* Whether a message that counts may go now.  SOON: that is being found out.  HELD: others have what
 * is left, and may give it back.  GONE: none is left this day. */
enum quota_verdict { QUOTA_GOES, QUOTA_SOON, QUOTA_HELD, QUOTA_GONE };
enum quota_verdict quota_may(const struct quota *q, int64_t now_us);
/* One goes (QUOTA_GOES). */
struct quota_ticket quota_take(struct quota *q, int64_t now_us);
/* It was answered; `taken`: the platform took it, or may have. */
void quota_answered(struct quota *q, const struct quota_ticket *ticket, bool taken);

/* The platform is asked how much is left. */
struct quota_ticket quota_asks(struct quota *q);
/* … and answered, well or not. */
void quota_asked(struct quota *q, const struct quota_ticket *ticket);
/* So much it told to be left, with the answer to that ticket. */
void quota_told(struct quota *q, const struct quota_ticket *ticket, int64_t daily, int64_t left);

/* What is to be told to the share now, while `waiting` messages wait and `ahead` more may follow
 * at once.  False: nothing.  What it gives back is no longer in hand. */
bool quota_report(struct quota *q, int waiting, int ahead, int64_t now_us,
                  struct quota_report *report);
/* The share's answer to a report that was made at `told_us`. */
void quota_take_answer(struct quota *q, const struct quota_report *report,
                       const struct quota_answer *answer, int64_t told_us);

#endif

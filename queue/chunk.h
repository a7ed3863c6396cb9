/* One chunk of a broadcast on one route: claim, begin, done, renew.  queue/SCHEMA.md, "Functions".
 * A chunk n is the members n*256 … n*256+255 of the audience's order; `place` is 0…255 in it. */
#ifndef LOA_QUEUE_CHUNK_H
#define LOA_QUEUE_CHUNK_H
// SPDX-License-Identifier: MIT

#include "gateway/core/ledger.h"
#include "queue/queue.h"

/* Names a chunk on a route; borrowed during the call. */
struct chunk_name {
    const char *id;    /* broadcast */
    const char *route; /* "sms" */
    uint32_t chunk;
    size_t channel; /* the place of the route's channel among the broadcast's: for claim */
};

/* What claim found; borrowed during the callback. */
struct claim_answer {
    /* TAKEN: ours under `epoch`.  HELD: another's lease runs: acknowledge the entry and forget it.
     * NOTHING: as TAKEN, yet nothing on this route can still be sent: close it with an empty
     * chunk_done() under `epoch` (it names the successor).
     * GONE: no such broadcast or chunk. */
    enum { CLAIM_TAKEN, CLAIM_HELD, CLAIM_NOTHING, CLAIM_GONE } verdict;
    uint64_t epoch;
    uint32_t members_n;   /* letters in this chunk */
    struct str letters;   /* members_n letters */
    struct str uncertain; /* the attempts of those at ?, a byte each */
    struct str addresses; /* members_n addresses joined by ',', an empty one: none */
    struct str entry;     /* the chunk as it was planned: `numbers`, then addresses by channel */
    struct str numbers;   /* the members' directory numbers as runs: "0-199,201,300-355" */
    struct str overdue;   /* places of those whom this channel did not confirm in time */
    int64_t now_ms;       /* for whom that was looked at: the detail "waited" */
};
typedef void claim_fn(void *arg, const struct claim_answer *answer, const struct err *err);
void chunk_claim(struct queue *queue, const struct chunk_name *name, claim_fn *fn, void *arg);

/* Whom begin took; borrowed during the callback. */
struct begin_answer {
    /* What was asked for, or: STALE (our epoch is over: drop the chunk), STOPPED (the broadcast is
     * not `sending`, or expired: close the chunk). */
    enum { BEGIN_OK, BEGIN_STALE, BEGIN_STOPPED } verdict;
    struct str places;             /* one byte a member begun, ascending */
    struct str attempts;           /* one byte each: the attempt that this is, from 1 */
    const struct redisReply *kept; /* see begin_kept() */
    bool more;                     /* further members could be taken at once */
    int64_t
        due_ms; /* when nothing is left at once: the earliest retry or resend (Unix ms), 0: none */
};
/* What an earlier done left of `place` in the detail "kept"; empty: nothing. */
struct str begin_kept(const struct begin_answer *answer, uint8_t place);
typedef void begin_fn(void *arg, const struct begin_answer *answer, const struct err *err);
/* Takes at most `most` members that are q, due r, or due ? under resend, on this route; marks them
 * s.  `number` rises by one with each begin under an epoch; asked again with the same number it
 * answers the same members.  Renews the lease. */
struct begin_ask {
    uint64_t epoch;
    uint32_t number;
    int most;
};
void chunk_begin(struct queue *queue, const struct chunk_name *name, const struct begin_ask *ask,
                 begin_fn *fn, void *arg);

/* What became of members, packed: outcome i is events[i] (OUTCOME_EVENTS) for places[i], with its
 * ledger record.  `due_ms` of an 'T' or 'H' is the Unix time of the next try (0 for others). */
enum { DONE_MAX = 256 };
struct done_batch {
    bool close;   /* also drop our claim, if nothing is q or s any more */
    bool give_up; /* with `close`: though some are q, if nothing is s */
    int n;
    uint8_t places[DONE_MAX];
    char events[DONE_MAX];
    uint8_t parts[DONE_MAX]; /* written to a socket for this attempt */
    int64_t due_ms[DONE_MAX];
    char ledger[DONE_MAX][LEDGER_SIZE];
    uint32_t throttled; /* answers 0x58/0x14 since the last batch */
    /* Rises by one with each done under an epoch; the same batch told again (its answer was lost)
     * keeps its number: then only its facts count, as a member may have been begun again since.
     * 0: not numbered. */
    uint32_t number;
    /* Details for the few: place → the whole joined message id when the ledger had no room. */
    int details_n;
    struct {
        uint8_t place;
        char field[8]; /* "id", "reason", "kept"; of an 'F' "route": the letter of the next one;
                          of the chunk "waited": up to when overdue members were looked at,
                          "looked": their places, a byte each */
        struct str value;
    } details[DONE_MAX + 2];
};
/* What done, or renew, left of our claim. */
struct done_answer {
    bool stale;        /* our epoch is over: facts were taken, bad news was not */
    bool closed;       /* with `close`: the claim was dropped */
    int64_t successor; /* with `close`: the chunk to feed next, -1: none; itself: given up */
    int64_t due_ms;    /* with `close`: when this chunk is due again (Unix ms), 0: not */
};
typedef void done_fn(void *arg, const struct done_answer *answer, const struct err *err);
/* Records; with `close` also drops our claim when nothing is q or s here (else closed is false).
 * `batch` may be empty. */
void chunk_done(struct queue *queue, const struct chunk_name *name, uint64_t epoch,
                const struct done_batch *batch, done_fn *fn, void *arg);

/* From `together` on a done waits for the begins behind it of the same broadcast and route: they go
 * as one call, which spares Redis most of a begin and answers all at once.  It goes when something
 * else of chunks follows it, or at `chunk_apart`; what its batch borrows is borrowed until then. */
void chunk_together(struct queue *queue);
void chunk_apart(struct queue *queue);

/* Renews the lease of a chunk that waits (rate, window). `stale` as in done. */
void chunk_renew(struct queue *queue, const struct chunk_name *name, uint64_t epoch, done_fn *fn,
                 void *arg);

#endif

/* From an accepted announcement to chunks: create, plan, sweep. */
#ifndef LOA_QUEUE_PLAN_H
#define LOA_QUEUE_PLAN_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"
#include "gateway/core/bitmap.h"
#include "gateway/core/routing.h"
#include "queue/queue.h"

/* The audience of an expression, already parsed (core/audience.h), resolved in the directory.  On
 * ERR_INPUT the sentence names the unknown group and the nearest one.  The bitmap is borrowed. */
struct audience;
typedef void audience_fn(void *arg, const struct bitmap *bitmap, const struct err *err);
void audience_resolve(struct queue *queue, const struct audience *audience, audience_fn *fn,
                      void *arg);

/* On whose terms a broadcast goes by one route. */
struct broadcast_route {
    const char *name;
    char letter;              /* in …:routes */
    int parts_each;           /* parts of the text, counted for a message whose owner died */
    int price;                /* VND a part, where the link is not known */
    int ahead;                /* K: chunks fed at once */
    const char *on_uncertain; /* "resend", "hold" */
    int64_t uncertain_wait_ms;
    /* How long a member who was accepted, or whose message may have gone out, waits for a receipt
     * before the next channel's turn; 0: for ever. */
    int64_t confirm_ms, doubt_ms;
    bool last; /* of the last channel: those wait alone whose preferred order has another behind */
};
/* What is sent by a channel: `text:CHANNEL`; and `text:CHANNEL:LINK` by a link of its own words. */
struct broadcast_text {
    const char *channel;
    const char *link; /* NULL: by those that nothing else is said of */
    struct str text;  /* empty: the link cannot say it */
};

/* Everything that a broadcast begins with; borrowed during the call. */
struct broadcast_new {
    const char *id;
    const struct announcement *announcement;
    const char *source_id;              /* the stream entry it came by */
    const char *content_hash;           /* 64 hex */
    const char *channels;               /* in order of preference: "zalo,sms" */
    const struct broadcast_text *texts; /* of each of the channels, and of links */
    size_t texts_n;
    const struct broadcast_route *routes; /* the first channel's first */
    size_t routes_n;
    const char *links;  /* names in the order of the ledger's codes: "viettel,vina" */
    const char *prices; /* of theirs, VND a part: "500,450" */
    const char *code;   /* of its short link, which leads to the announcement's; NULL: none */
    /* Of an emergency by all channels at once (queue/twins.h): the IDs of its twins, "a~zalo"; and
     * of such a twin whose it is.  NULL: none. */
    const char *twins, *twin_of;
    int64_t created_s;
    int64_t start_s; /* 0: at once, else the broadcast is `scheduled` until then */
    const struct bitmap *audience;
    bool id_given; /* false: the id was made here; the same content within 10 minutes is the same */
};
/* Whether there is a broadcast now that was not there before. */
struct create_answer {
    /* CREATED; AGAIN: this very entry was taken before (a crash came between): go on with it;
     * SAME: announced before, counted, nothing to do; OTHER: the id has another text. */
    enum { CREATE_CREATED, CREATE_AGAIN, CREATE_SAME, CREATE_OTHER } verdict;
};
typedef void create_fn(void *arg, const struct create_answer *answer, const struct err *err);
void broadcast_create(struct queue *queue, const struct broadcast_new *b, create_fn *fn, void *arg);

/* What a worker must know of a broadcast; strings borrowed during the callback. */
enum { INFO_LINKS = 16 };
struct broadcast_info {
    const char *id, *links;
    const char *title, *url, *channels;
    const char *routes;          /* letters and names: "s=sms,z=zalo" */
    const char *text;            /* of the channel that was asked about */
    const char *own[INFO_LINKS]; /* of the links that were asked about; NULL: the channel's, "": it
                                    cannot say it */
    enum priority priority;
    int64_t expires_s;
    int64_t send_s;     /* when its announcement wants it sent, 0: at once */
    uint16_t reference; /* joins the parts of its messages */
};
typedef void info_fn(void *arg, const struct broadcast_info *info, const struct err *err);
/* Asks with one command, for the texts of `links` (at most INFO_LINKS) beside the channel's. */
struct info_ask {
    const char *id, *channel;
    const char *const *links; /* that may have words of their own */
    size_t links_n;
};
void broadcast_info(struct queue *queue, const struct info_ask *ask, info_fn *fn, void *arg);

/* Plans the next chunks of a broadcast, at most `budget`, reading the directory and the frozen
 * audience, and feeds those that may stand ahead.  A member goes by the first channel that has an
 * address of theirs, those first that they prefer (but in an emergency), on the route that
 * `ask->routing` names for it if the broadcast knows that one, else on the channel's first.  A
 * second planner is refused by lease. */
struct plan_ask {
    const struct routing *routing; /* NULL: one route a channel */
    int budget;
    bool phones_by_zalo; /* channel zalo also reaches a phone whose owner has no uid here */
};
struct plan_answer {
    uint32_t planned; /* chunks cut so far */
    bool complete;    /* nothing left to plan */
    bool held;        /* another plans it */
};
typedef void plan_fn(void *arg, const struct plan_answer *answer, const struct err *err);
void broadcast_plan(struct queue *queue, const char *id, const struct plan_ask *ask, plan_fn *fn,
                    void *arg);

/* Gives back the plan's lease, if this worker has it: another goes on at once. */
void broadcast_plan_give_back(struct queue *queue, const char *id, queue_done *fn, void *arg);

/* Spares the first turn two questions: a broadcast that was created here just now has this frozen
 * audience, priority, channels ("zalo,sms") and routes ("s=sms,z=zalo").  Copied. */
struct plan_terms {
    enum priority priority;
    struct str channels, routes;
};
void broadcast_plan_expect(struct queue *queue, const char *id, struct str audience,
                           const struct plan_terms *terms);

/* Looks through all active broadcasts: starts those whose time has come, feeds chunks that are
 * unfinished yet neither claimed, nor due, nor in a stream, drops finished ones from the active
 * set, and names those that still have to be planned.  Every 5 s, and at start. */
typedef void unplanned_fn(void *arg, const char *id);
/* Chunks of that route wait, claimed by nobody: it may be one that nobody serves any more. */
typedef void unclaimed_fn(void *arg, const char *route);
void broadcast_sweep(struct queue *queue, unplanned_fn *unplanned, unclaimed_fn *unclaimed,
                     queue_done *fn, void *arg);
/* Whether something has its time now that a sweep does: a start, an expiry, what an admin changed.
 * True once for each time. */
bool broadcast_sweep_is_due(struct queue *queue);

#endif

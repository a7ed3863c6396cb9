/* The worker's inside: the chunks it holds, the messages with links, the outcomes on their way to
 * Redis.  Shared by worker.c (a chunk's life), dispatch.c (begin and submit), record.c (done). */
#ifndef LOA_GATEWAY_HELD_H
#define LOA_GATEWAY_HELD_H
// SPDX-License-Identifier: MIT

#include "gateway/core/balance.h"
#include "gateway/core/quiet.h"
#include "gateway/worker.h"
#include "queue/chunk.h"
#include "queue/receipt.h"
#include "queue/work.h"

enum {
    HELD_PER_PRIORITY = 64, /* far more than one broadcast has ahead: others get in beside it */
    HELD_N = HELD_PER_PRIORITY * PRIORITY_N,
    HELD_ADDRESSES = CHUNK_MEMBERS * LINK_ADDRESS_SIZE,
    BEGINS_PER_LINK = 4, /* under way at once: enough to hide a round trip */
    OWNER_SHIFT = 16,    /* of a worker's number in link_message.owner, above the chunk's place */
};

enum held_state {
    HELD_FREE,
    HELD_INFO,
    HELD_CLAIM,
    HELD_NAMES,
    HELD_CONSENT,
    HELD_OPEN,
    HELD_CLOSE,
    HELD_FINISH
};

/* Outcomes of one chunk on one link on their way to Redis: ids, then done.  Owns its messages
 * until done was answered. */
struct flush {
    struct flush *next;
    struct worker *worker;
    struct held *held;
    size_t link;       /* in the route */
    bool under_way;    /* sent, not answered */
    bool doubt_done;   /* the references of the uncertain are in Redis */
    bool ids_done;     /* the message ids, too */
    bool counted_free; /* its members no longer count against the window */
    bool closes;       /* the chunk's last: it closes it, too */
    int64_t asked_us;
    int n, parts;
    uint32_t number, throttled;
    int early; /* receipts that were waiting for its ids */
    struct link_message *messages[DONE_MAX];
    char events[DONE_MAX];            /* as they were last sent */
    char next_routes[ROUTES_MAX + 1]; /* letters of those that its members fell back to */
};

/* A chunk that this worker holds. */
struct held {
    enum held_state state;
    bool busy; /* the call of this state is under way */
    char entry[QUEUE_ENTRY_SIZE], id[BROADCAST_ID_SIZE];
    enum priority priority;
    uint32_t chunk;
    struct broadcast *broadcast;
    uint64_t epoch;
    bool more;  /* something can be begun at once, as far as we know */
    bool stale; /* another owner has it: only facts are recorded */
    /* begin */
    bool begin_under_way, begin_again; /* again: its answer was lost, ask with the same number */
    uint32_t begin_number, done_number;
    size_t begin_link;
    int begin_parts;                    /* of the link's window, kept free for the answer */
    int64_t begin_asked_us, begin_turn; /* turn: see struct worker */
    /* lease */
    int64_t write_before_us, leased_us, renew_asked_us; /* leased: asked for then */
    bool renewing;
    /* members */
    uint32_t members_n;
    uint16_t address_at[CHUNK_MEMBERS], address_n[CHUNK_MEMBERS]; /* in addresses */
    uint16_t name_at[CHUNK_MEMBERS], name_n[CHUNK_MEMBERS];       /* in names_text; without … */
    uint8_t plain_n[CHUNK_MEMBERS], attempts[CHUNK_MEMBERS];      /* … marks right behind each */
    char addresses[HELD_ADDRESSES];
    char *entry_owned, *names_text;     /* owned; names_text NULL: the text has no names */
    struct str entry_text, numbers;     /* the chunk as it was planned; its runs, in it */
    int in_flight;                      /* with a link */
    struct flush *open[ROUTE_LINKS];    /* being filled */
    struct flush *sending[ROUTE_LINKS]; /* on its way */
    int64_t successor, due_ms;
};

/* The worker of one route, with all that it holds. */
struct worker {
    const struct conf *conf;
    struct queue *queue;
    const struct route *route;
    struct broadcasts *broadcasts;
    struct event *tick;
    bool draining;
    int quiet_from_min, quiet_to_min; /* as configured */
    struct quiet quiet;               /* the span that is, or the next one */
    int64_t turn;                     /* rises with each begin: who waited longest goes first */
    int64_t dead_since_us;            /* none of its links is there (CLOCK_MONOTONIC); 0: one is */
    struct held held[HELD_N];
    size_t held_n;       /* none beyond is in use */
    struct arena *arena; /* owns messages and flushes; as many as were ever needed at once */
    struct link_message *free_messages;
    struct flush *free_flushes;
    struct done_batch *batch; /* room for one call's arguments: none is allocated a message */
    struct id_entry *ids;     /* DONE_MAX * SEGMENT_MAX */
    char *id_text;            /* DONE_MAX * SEGMENT_MAX * LINK_ID_SIZE */
    size_t id_text_n;
    char *kept_text; /* DONE_MAX * KEPT_SIZE */
    size_t kept_text_n;
    uint32_t number; /* among the workers of this process: in link_message.owner */
    /* How the route's links share its messages; one link has all. */
    struct health health[ROUTE_LINKS];
    struct balanced balanced[ROUTE_LINKS];
};

/* A callback's argument: a held chunk with its worker.  The callback frees it; the chunk may not be
 * freed before that (worker.c, is_over). */
struct of_held {
    struct worker *worker;
    struct held *held;
};

/* What a link carries for all routes together. */
static inline struct carrier *
carrier_of(const struct worker *w, size_t link)
{
    return w->route->carriers[link];
}

/* worker.c */
uint32_t held_owner(const struct worker *w, const struct held *h); /* of its messages */
struct of_held *of_held(struct worker *w, struct held *h);
struct chunk_name held_name(const struct worker *w, const struct held *h);
void held_step(struct worker *w, struct held *h); /* does what comes next, if anything can */
void held_lease_renewed(const struct worker *w, struct held *h, int64_t asked_us);
/* Quiet hours that it keeps, as of now. */
bool held_is_quiet(const struct worker *w, const struct held *h);
/* Nothing of it is with a link, and nothing can be begun now. */
bool held_is_still(const struct held *h);
/* What came of closing it; true: its stream entry can go. */
bool held_closed(struct held *h, const struct done_answer *answer);

/* dispatch.c: begins what the links' windows can take. */
void dispatch(struct worker *w);
void dispatch_watch(struct worker *w);          /* the links' health, each tick */
bool dispatch_is_there(const struct worker *w); /* now, not as of the tick: one of its links is */
void message_give(struct worker *w, struct link_message *m);

#endif

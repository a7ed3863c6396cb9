/* Internal to the self-audit: what its scan (audit.c) and its look at a broadcast
 * (audit_broadcast.c) share. */
#ifndef LOA_QUEUE_AUDIT_PARTS_H
#define LOA_QUEUE_AUDIT_PARTS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/outcome.h"
#include "queue/audit.h"
#include "queue/work.h"

enum { SUSPECTS = 64 };

/* A chunk that nobody had when it was looked at. */
struct suspect {
    char id[80], route[40];
    int route_at; /* among the broadcast's routes */
    enum priority priority;
    uint32_t chunk;
};

struct audit {
    struct queue *queue;
    struct audit_way way;
    audit_found_fn *found;
    queue_done *fn;
    void *arg;
    struct event *timer;
    uint64_t found_n, repaired_n;
    /* The scan, master by master, and the keys of its latest answer. */
    int master;
    char cursor[24];
    bool scanned;
    char **keys;
    size_t keys_n, at;
    /* The broadcast under way. */
    char id[80];
    int64_t from;
    int route, routes; /* the one of its routes under way, and how many there are */
    bool frozen;       /* its letters stand still beside it */
    int64_t letters[OUTCOME_N], counted[OUTCOME_N];
    /* Second looks. */
    struct suspect suspects[SUSPECTS];
    size_t suspects_n, second;
};

/* ---- audit.c */
void audit_report(struct audit *a, bool repaired, const char *format, ...) PRINTF_LIKE(3, 4);
void audit_next_key(struct audit *a);                    /* the last one is done with */
void audit_over(struct audit *a, const struct err *err); /* tells, and frees `a` */

/* ---- audit_broadcast.c */
/* Looks at the broadcast `a->id`, then goes on by audit_next_key(). */
void audit_broadcast(struct audit *a);
/* Looks once more at the suspects, then ends by audit_over(). */
void audit_second_look(struct audit *a);

#endif

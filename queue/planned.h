/* What the planner keeps of a broadcast between turns: memory, which Redis has as well. */
#ifndef LOA_QUEUE_PLANNED_H
#define LOA_QUEUE_PLANNED_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"
#include "gateway/core/bitmap.h"
#include "gateway/core/recipients.h"
#include "gateway/core/routing.h"
#include "queue/queue.h"

/* A broadcast being planned: kept between turns. */
struct planned {
    struct planned *next;
    char id[80];
    struct bitmap audience;
    enum priority priority;
    char channels[CHANNELS_MAX * 16]; /* "zalo,sms": as the broadcast has them */
    char channel[CHANNELS_MAX][16];   /* in order of preference */
    struct recipient_channel reach[CHANNELS_MAX];
    size_t channels_n;
    char routes[ROUTES_TEXT]; /* "s=sms,z=zalo" */
    uint32_t planned, chunks;
    bool placed;     /* `number` is right */
    uint32_t number; /* the next member is looked for from here on */
    bool busy;
};

/* The broadcast's entry, an empty one if there is none; owned by the queue. */
struct planned *planned_of(struct queue *queue, const char *id);
void planned_forget(struct queue *queue, struct planned *gone);

/* Keeps what a broadcast has. */
struct plan_terms;
void planned_terms(struct planned *planned, const struct plan_terms *terms);

#endif

/* Turns of chats: one batch under way at a time for each link that has chats. */
// SPDX-License-Identifier: MIT
#include "gateway/chats.h"

#include <stdlib.h>

#include "gateway/core/mem.h"
#include "gateway/links/share.h"
#include "queue/chat.h"

/* One link's chats. */
struct asker {
    struct queue *queue;
    struct link *link;
    bool busy;
};

struct chats {
    struct routes *routes;
    struct asker asker[CARRIERS_MAX];
};

static void step(struct asker *a);

static void
on_turns(void *arg, const struct chat_asks *asks, const struct err *err)
{
    struct asker *a = arg;
    (void)err; /* nobody else is known to have a turn */
    a->busy = false;
    link_chats_answer(a->link, asks);
    step(a);
}

static void
step(struct asker *a)
{
    struct chat_asks asks;
    if (a->busy || !link_chats_asked(a->link, &asks)) {
        return;
    }
    if (queue_is_up(a->queue)) {
        a->busy = true;
        chat_turns(a->queue, link_conf(a->link)->name, &asks, on_turns, a);
    } else {
        link_chats_answer(a->link, &asks);
    }
}

void
chats_wanted(struct chats *chats, struct link *link)
{
    step(&chats->asker[routes_carrier(chats->routes, link) - chats->routes->carrier]);
}

struct chats *
chats_new(struct queue *queue, struct routes *routes)
{
    struct chats *c = xcalloc(1, sizeof *c);
    c->routes = routes;
    for (size_t i = 0; i < routes->carriers_n; i++) {
        c->asker[i] = (struct asker){.queue = queue, .link = routes->carrier[i].link};
    }
    return c;
}

void
chats_free(struct chats **chats)
{
    free(*chats);
    *chats = NULL;
}

/* Asks platforms what became of messages that no receipt has told of.
 *
 * Redis hands out whose time has come, to one gateway each; the link asks, one after the other
 * while it sends, and what it is told comes as a receipt does.  Without an answer it is asked again
 * when as much time has passed again. */
// SPDX-License-Identifier: MIT
#include "gateway/unheard.h"

#include <event2/event.h>
#include <stdlib.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "queue/unheard.h"

enum { TICK_MS = 1000 };

struct asked_link {
    struct queue *queue;
    struct link *link;
    bool busy;
    int asked; /* of what was taken last */
};

struct unheard {
    struct event *tick;
    struct asked_link links[CARRIERS_MAX];
    size_t links_n;
};

static void
on_each(void *arg, const char *message_id)
{
    struct asked_link *l = arg;
    l->asked++;
    link_ask(l->link, message_id);
}

static void take(struct asked_link *l);

/* Of most of them a receipt has told meanwhile: they go by at once, those who are asked about a
 * batch a tick. */
static void
on_taken(void *arg, bool more, const struct err *err)
{
    struct asked_link *l = arg;
    l->busy = false;
    if (more && !err && l->asked < UNHEARD_MOST / 2) { /* else the next tick asks again */
        take(l);
    }
}

static void
take(struct asked_link *l)
{
    if (link_state(l->link) == LINK_BOUND && !l->busy && queue_is_up(l->queue)) {
        l->busy = true;
        l->asked = 0;
        unheard_take(l->queue, link_conf(l->link)->name, UNHEARD_MOST, on_each, on_taken, l);
    }
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct unheard *u = arg;
    (void)fd, (void)what;
    for (size_t i = 0; i < u->links_n; i++) {
        take(&u->links[i]);
    }
}

struct unheard *
unheard_new(struct event_base *base, struct queue *queue, struct routes *routes)
{
    struct unheard *u = xcalloc(1, sizeof *u);
    const struct timeval each = clock_timeval(TICK_MS);
    for (size_t i = 0; i < routes->carriers_n; i++) {
        struct link *link = routes->carrier[i].link;
        if (link_can_ask(link)) {
            u->links[u->links_n++] = (struct asked_link){queue, link, false, 0};
        }
    }
    u->tick = event_new(base, -1, EV_PERSIST, on_tick, u);
    if (u->links_n > 0) {
        (void)event_add(u->tick, &each);
    }
    return u;
}

void
unheard_free(struct unheard **unheard)
{
    if (*unheard) {
        event_free((*unheard)->tick);
        free(*unheard);
        *unheard = NULL;
    }
}

/* Asks Redis for a template's limits. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/limits.h"

#include "gateway/base/conf.h"
#include "queue/stats_read.h"

struct asking {
    struct session *session;
    struct arena *arena;
    struct str limits;
};

static void
on_limits(void *arg, struct str limits, const struct err *err)
{
    struct asking *asking = arg;
    asking->limits = (struct str){arena_strndup(asking->arena, limits.p, limits.n), limits.n};
    session_answer(asking->session, err);
}

struct str
limits_of(struct session *s, const struct conf_link *link, struct arena *arena)
{
    struct asking asking = {.session = s, .arena = arena, .limits = {"", 0}};
    if (!s->queue || !link || link->kind != LINK_ZALO_TEMPLATE) {
        return asking.limits;
    }
    session_begin(s);
    stats_limits(s->queue, link->name, on_limits, &asking);
    return session_wait(s) == 0 ? asking.limits : (struct str){"", 0};
}

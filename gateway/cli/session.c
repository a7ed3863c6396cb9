/* A subcommand's connection to Redis. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/session.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf.h"
#include "gateway/base/log.h"
#include "gateway/cli/text.h"
#include "gateway/core/audience.h"
#include "gateway/core/mem.h"
#include "gateway/core/nearest.h"
#include "queue/plan.h"

int
session_open(struct session *s, const struct cli_call *call)
{
    *s = (struct session){.call = call};
    log_set_level(LOG_ERROR); /* what a command has to say it says itself */
    s->conf = cli_conf(call);
    if (!s->conf) {
        return CLI_USAGE;
    }
    cli_set_zone(s->conf);
    s->base = event_base_new();
    s->queue = queue_open_wait(s->base, s->conf, SESSION_CONNECT_MS, &s->err);
    if (!s->queue) {
        (void)cli_fail(call, 0, text_of("no connection to Redis: %s"), s->err.text);
        session_close(s);
        return CLI_FAILED;
    }
    return CLI_DONE;
}

void
session_close(struct session *s)
{
    queue_close(&s->queue);
    if (s->base) {
        event_base_free(s->base);
        s->base = NULL;
    }
    if (s->conf) {
        conf_free(&s->conf);
    }
}

void
session_begin(struct session *s)
{
    s->answered = false;
    s->err = (struct err){0};
}

void
session_answer(struct session *s, const struct err *err)
{
    if (err) {
        s->err = *err;
    }
    s->answered = true;
}

int
session_wait(struct session *s)
{
    return session_wait_for(s, SESSION_ANSWER_MS);
}

int
session_wait_for(struct session *s, int64_t wait_ms)
{
    struct err err = {0};
    if (queue_wait(s->queue, &s->answered, wait_ms, &err) != 0) {
        return cli_fail(s->call, -1, "%s", err.text);
    }
    if (s->err.code != ERR_NONE) {
        return cli_fail(s->call, -1, "%s", s->err.text);
    }
    return 0;
}

void
session_pause(struct session *s, int64_t ms)
{
    struct timeval tv = clock_timeval(ms);
    (void)event_base_loopexit(s->base, &tv);
    (void)event_base_dispatch(s->base);
}

struct resolving {
    struct session *session;
    struct bitmap *out;
};

static void
on_resolved(void *arg, const struct bitmap *bitmap, const struct err *err)
{
    struct resolving *resolving = arg;
    if (bitmap && !err) {
        resolving->out->n = bitmap->n;
        resolving->out->bytes = xmalloc(bitmap->n + 1);
        memcpy(resolving->out->bytes, bitmap->bytes, bitmap->n);
    }
    session_answer(resolving->session, err);
}

int
session_audience(struct session *s, struct str expression, struct bitmap *out)
{
    struct audience audience;
    struct err err = {0};
    *out = (struct bitmap){NULL, 0};
    if (audience_parse(expression, &audience, &err) != 0) {
        return cli_fail(s->call, -1, "audience: %s", err.text);
    }
    struct resolving resolving = {s, out};
    session_begin(s);
    audience_resolve(s->queue, &audience, on_resolved, &resolving);
    return session_wait(s);
}

int
session_unknown(const struct session *s, const char *id)
{
    return cli_fail(s->call, CLI_FAILED,
                    text_of("there is no broadcast '%s'; 'loa list' shows those there are"), id);
}

enum { NAMES_MAX = 256 };

const struct conf_link *
session_link(const struct session *s, const char *name)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    const struct conf_link *link = conf_link(s->conf, name);
    for (size_t i = 0; !link && i < s->conf->links_n && n < NAMES_MAX; i++) {
        names[n++] = s->conf->links[i].name;
    }
    if (!link) {
        const char *near = nearest_find(str_of(name), names, n);
        (void)cli_fail(s->call, CLI_FAILED,
                       near ? text_of("there is no link '%s' in the configuration; did you mean "
                                      "'%s'?")
                            : text_of("there is no link '%s' in the configuration%s"),
                       name, near ? near : "");
    }
    return link;
}

/* Whom a previewed announcement would reach, and the longest of their names. */
// SPDX-License-Identifier: MIT
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/cli/preview.h"
#include "gateway/core/bitmap.h"
#include "gateway/core/unicode.h"
#include "queue/members.h"

/* Redis is asked only in passing; names are looked at in so many pages of 1,000 at most. */
enum { CONNECT_MS = 400, PAGES = 100, PAGE = 1000 };

struct names {
    struct session *session;
    struct arena *arena;
    struct str longest;
    size_t longest_n;
    uint32_t next;
};

static void
on_member(void *arg, const struct member *member)
{
    struct names *names = arg;
    struct arena *arena = arena_new();
    struct str name = wording_name(arena, member->name);
    size_t n = utf8_count(name);
    if (n > names->longest_n) {
        names->longest_n = n;
        names->longest = (struct str){arena_strndup(names->arena, name.p, name.n), name.n};
    }
    arena_free(&arena);
}

static void
on_page(void *arg, uint32_t next, const struct err *err)
{
    struct names *names = arg;
    names->next = next;
    session_answer(names->session, err);
}

static char *
longest_name(struct session *s, const struct bitmap *audience)
{
    struct names names = {.session = s, .arena = arena_new()};
    int pages = 0;
    do {
        struct members_page page = {audience, names.next, PAGE};
        session_begin(s);
        members_list(s->queue, &page, on_member, on_page, &names);
        if (session_wait(s) != 0) {
            break;
        }
    } while (names.next > 0 && ++pages < PAGES);
    char *longest = names.longest.n > 0 ? xstrndup(names.longest.p, names.longest.n) : NULL;
    arena_free(&names.arena);
    return longest;
}

static void
say_nothing(void *arg, const char *line)
{
    (void)arg, (void)line;
}

void
preview_open(const struct cli_call *call, struct session *s)
{
    *s = (struct session){.call = call};
    log_set_level(LOG_ERROR);
    s->conf = conf_load(call->config, say_nothing, NULL);
    s->base = s->conf ? event_base_new() : NULL;
    s->queue = s->conf ? queue_open_wait(s->base, s->conf, CONNECT_MS, &s->err) : NULL;
}

void
preview_ask_audience(struct session *s, struct str expression, bool names,
                     struct preview_audience *out)
{
    struct bitmap bitmap = {NULL, 0};
    if (s->queue && session_audience(s, expression, &bitmap) == 0) {
        out->known = true;
        out->members = bitmap_count(&bitmap);
        out->longest_name = names ? longest_name(s, &bitmap) : NULL;
    }
    free(bitmap.bytes);
}

/* The longest name that is known, else the widest that there can be. */
struct str
preview_name(const struct preview_audience *audience, bool marks, struct arena *arena)
{
    struct str name = str_of(audience->longest_name);
    if (name.n == 0) {
        return wording_widest_name(marks);
    }
    return marks ? name : unicode_strip(arena, name);
}

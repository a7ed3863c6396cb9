/* Accepts announcements, or refuses them with a sentence. */
// SPDX-License-Identifier: MIT
#include "gateway/accept.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf_form.h"
#include "gateway/base/log.h"
#include "gateway/broadcasts.h"
#include "gateway/core/audience.h"
#include "gateway/core/hash.h"
#include "gateway/core/mem.h"
#include "gateway/core/proof.h"
#include "gateway/core/short_link.h"
#include "gateway/core/twin.h"
#include "gateway/said.h"
#include "gateway/summariser.h"
#include "gateway/terms.h"
#include "queue/intake.h"
#include "queue/plan.h"
#include "queue/twins.h"

enum { ENTRIES_AT_ONCE = 16, TICK_MS = 200, PART_SEPTETS = 153, LINK_ROOM = 30 };

enum step { STEP_RESOLVE, STEP_TWIN, STEP_ACK, STEP_REJECT };

/* One entry on its way.  A failed call is made again by the tick: each step is idempotent. */
struct entry {
    struct entry *next;
    struct accept *accept;
    struct arena *arena;         /* owns the announcement's text */
    char name[QUEUE_ENTRY_SIZE]; /* the stream entry's */
    struct announcement a;
    const struct story *story; /* read once, for all texts and proofs; NULL: not yet */
    struct audience audience;
    struct said said[CHANNELS_MAX]; /* by channels in order of preference */
    size_t said_n;
    char id[BROADCAST_ID_SIZE], hash[HASH_HEX], code[SHORT_CODE_ROOM];
    struct summariser_run *summariser; /* NULL: none is asked */
    size_t made; /* by all channels at once: broadcasts that are there, one a channel */
    enum step step;
    bool busy;
    char why[240]; /* of a rejection */
};

struct accept {
    const struct conf *conf;
    struct queue *queue;
    const struct routes *routes;
    struct planner *planner;
    const struct template_set *templates;
    struct summariser *summariser; /* the office's own; NULL: none */
    struct event *tick;
    struct entry *list;
};

static void entry_step(struct entry *e);

static void
entry_free(struct entry *e)
{
    struct entry **at = &e->accept->list;
    while (*at != e) {
        at = &(*at)->next;
    }
    *at = e->next;
    arena_free(&e->arena);
    free(e);
}

static void
reject(struct entry *e, const char *why)
{
    (void)snprintf(e->why, sizeof e->why, "%s", why);
    e->step = STEP_REJECT;
    log_event(LOG_WARNING, "announcement.rejected", "entry=%s why=%s", e->name,
              log_value(str_of(why)));
    entry_step(e);
}

/* ---- What needs no Redis. */

/* Puts a channel among the entry's, unless it stands there or cannot be sent by. */
static void
add_channel(struct entry *e, const char *name)
{
    const struct route *route = routes_of_channel(e->accept->routes, name);
    for (size_t i = 0; i < e->said_n; i++) {
        route = e->said[i].route == route ? NULL : route;
    }
    if (route && e->said_n < CHANNELS_MAX) {
        e->said[e->said_n++].route = route;
    }
}

/* Of an announcement that names none: those of its priority. */
static void
add_usual_channels(struct entry *e, const struct conf *conf)
{
    const char **const names[] = {conf->default_channels, conf->urgent_channels,
                                  conf->emergency_channels};
    const size_t n[] = {conf->default_channels_n, conf->urgent_channels_n,
                        conf->emergency_channels_n};
    for (size_t i = 0; i < n[e->a.priority]; i++) {
        add_channel(e, names[e->a.priority][i]);
    }
}

/* The wanted channels that this gateway can send by, in order; the sentence names what is wrong. */
static int
choose_channels(struct entry *e, struct str wanted, struct err *err)
{
    const struct conf *conf = e->accept->conf;
    if (wanted.n == 0) {
        add_usual_channels(e, conf);
    }
    while (wanted.p && wanted.n > 0) {
        struct str one = str_trim(str_cut(&wanted, ','));
        char name[32];
        (void)snprintf(name, sizeof name, "%.*s", (int)one.n, one.p);
        if (!conf_channel(conf, name)) {
            return err_set(err, ERR_INPUT, "channels: '%s' is not a channel of this gateway", name);
        }
        add_channel(e, name);
    }
    if (e->said_n == 0) {
        return err_set(err, ERR_INPUT, "channels: none of them can be sent by; '%s' would be right",
                       e->accept->routes->route[0].conf->name);
    }
    return 0;
}

static struct composer
composer_of(struct entry *e)
{
    return (struct composer){.conf = e->accept->conf,
                             .templates = e->accept->templates,
                             .a = &e->a,
                             .story = e->story,
                             .code = e->code,
                             .now_s = clock_unix_ms() / 1000,
                             .arena = e->arena};
}

/* Every channel's text, of one reading of the announcement. */
static int
compose_all(struct entry *e, struct err *err)
{
    struct composer composer = composer_of(e);
    if (composer_init(&composer, err) != 0) {
        return -1;
    }
    e->story = composer.story;
    for (size_t i = 0; i < e->said_n; i++) {
        if (said_compose(&e->said[i], e->accept->routes, &composer, err) != 0) {
            const char *channel = e->said[i].route->conf->name;
            return e->said_n > 1 ? err_prefix(err, "channel %s: ", channel) : -1;
        }
    }
    return 0;
}

static int
prepare(struct entry *e, struct err *err)
{
    if (announcement_check(&e->a, e->arena, err) != 0 ||
        choose_channels(e, e->a.field[FIELD_CHANNELS], err) != 0) {
        return -1;
    }
    if (audience_parse(e->a.field[FIELD_AUDIENCE], &e->audience, err) != 0) {
        return err_prefix(err, "audience: ");
    }
    struct str id = e->a.field[FIELD_ID].n ? e->a.field[FIELD_ID] : str_of(e->name);
    (void)snprintf(e->id, sizeof e->id, "%.*s", (int)id.n, id.p);
    hash_announcement(&e->a, e->hash);
    short_code(id, str_of(e->hash), str_of(e->name), e->code);
    return compose_all(e, err);
}

/* Tells of each link of a channel that the others have to stand in for. */
static void
tell_unsaid(const struct entry *e, const struct said *said)
{
    for (size_t i = 0; i < said->own_n; i++) {
        const struct said_own *own = &said->own[i];
        if (own->why) {
            log_event(LOG_WARNING, "announcement.unsaid", "entry=%s channel=%s link=%s why=%s",
                      e->name, said->route->conf->name, own->link->name,
                      log_value(str_of(own->why)));
        }
    }
}

/* ---- An office's own words. */

/* Whether a text says nothing that the announcement does not; told where it does. */
static bool
is_proved(const struct entry *e, struct str text)
{
    struct err err = {0};
    if (proof_check(e->story, text, e->arena, &err) == 0) {
        return true;
    }
    log_event(LOG_WARNING, "summary.unproved", "entry=%s why=%s", e->name,
              log_value(str_of(err.text)));
    return false;
}

/* Takes the summariser's text if it is proved and fits; else our own stays. */
static void
take_text(struct entry *e, struct str text)
{
    struct err err = {0};
    if (!is_proved(e, text)) {
        return;
    }
    e->a.field[FIELD_SUMMARY] = (struct str){arena_strndup(e->arena, text.p, text.n), text.n};
    if (compose_all(e, &err) != 0) {
        log_event(LOG_WARNING, "summariser.refused", "entry=%s why=%s", e->name,
                  log_value(str_of(err.text)));
        e->a.field[FIELD_SUMMARY] = (struct str){NULL, 0};
        if (compose_all(e, &err) != 0) {
            reject(e, err.text);
        }
    }
}

static void
on_summarised(void *arg, struct str text, const struct err *err)
{
    struct entry *e = arg;
    e->summariser = NULL;
    e->busy = false;
    if (err) {
        log_event(LOG_WARNING, "summariser.failed", "entry=%s why=%s", e->name,
                  log_value(str_of(err->text)));
    } else {
        take_text(e, text);
    }
    entry_step(e);
}

/* Asks the office's summariser, if it has one and the announcement no summary of its own; such a
 * one is used as it is, with a warning where it is not proved. */
static void
ask_summariser(struct entry *e)
{
    struct summariser *s = e->accept->summariser;
    if (e->a.field[FIELD_SUMMARY].n > 0) {
        (void)is_proved(e, e->a.field[FIELD_SUMMARY]);
        return;
    }
    if (!s) {
        return;
    }
    const struct said *said = &e->said[0];
    int parts = conf_rules(said->route->conf, said->first).max_parts;
    size_t room = (size_t)parts * PART_SEPTETS - LINK_ROOM;
    e->summariser = summariser_ask(s, &e->a, e->story, room, on_summarised, e);
    e->busy = e->summariser != NULL;
}

/* ---- The steps. */

static bool
succeeded(struct entry *e, const struct err *err)
{
    e->busy = false;
    if (err && err->code == ERR_INPUT) {
        reject(e, err->text);
    } else if (err && err->code != ERR_GONE) {
        log_event(LOG_WARNING, "announcement.waits", "entry=%s why=%s", e->name,
                  log_value(str_of(err->text)));
    }
    return err == NULL;
}

static void
on_ended(void *arg, const struct err *err)
{
    struct entry *e = arg;
    e->busy = false;
    if (!err) {
        entry_free(e);
    } else if (err->code == ERR_INPUT) {
        log_event(LOG_ERROR, "announcement.stuck", "entry=%s why=%s", e->name,
                  log_value(str_of(err->text)));
    }
}

/* ---- By all channels at once: a broadcast by the first, a twin of it by each other one. */

static bool
goes_by_all(const struct entry *e)
{
    return e->accept->conf->emergency_all_channels && e->a.priority == PRIORITY_EMERGENCY &&
           e->said_n > 1;
}

/* The ID of the one that is being made. */
static const char *
made_id(const struct entry *e, char room[TWIN_ID_ROOM])
{
    if (e->made == 0) {
        return e->id;
    }
    twin_id(str_of(e->id), e->said[e->made].route->conf->name, room);
    return room;
}

/* "tb-118~zalo,tb-118~telegram" */
static const char *
twins_joined(struct entry *e)
{
    struct buf joined;
    buf_init(&joined, (size_t)CHANNELS_MAX * TWIN_ID_ROOM);
    for (size_t i = 1; i < e->said_n; i++) {
        char id[TWIN_ID_ROOM];
        twin_id(str_of(e->id), e->said[i].route->conf->name, id);
        buf_add_format(&joined, "%s%s", i > 1 ? "," : "", id);
    }
    const char *text = arena_strndup(e->arena, joined.p, joined.n);
    buf_deinit(&joined);
    return text;
}

static void
made(struct entry *e)
{
    char room[TWIN_ID_ROOM];
    const char *id = made_id(e, room);
    log_event(LOG_INFO, "broadcast.created", "broadcast=%s entry=%s parts=%d", id, e->name,
              e->said[e->made].text.parts);
    planner_add(e->accept->planner, id, e->a.priority);
    e->made++;
}

static void
on_created(void *arg, const struct create_answer *answer, const struct err *err)
{
    struct entry *e = arg;
    if (!succeeded(e, err)) {
        return;
    }
    switch (answer->verdict) {
    case CREATE_OTHER: {
        char why[200];
        (void)snprintf(why, sizeof why,
                       "id: %s was already announced with another text: use loa correct", e->id);
        reject(e, why);
        return;
    }
    case CREATE_CREATED:
    case CREATE_AGAIN:
        made(e);
        break;
    case CREATE_SAME:
        log_event(LOG_INFO, "announcement.repeated", "broadcast=%s entry=%s", e->id, e->name);
        e->made += e->made > 0;
        break;
    }
    e->step = goes_by_all(e) && e->made > 0 && e->made < e->said_n ? STEP_TWIN : STEP_ACK;
    entry_step(e);
}

/* ---- What a broadcast begins with. */

static bool
has_short_link(const struct entry *e)
{
    return e->accept->conf->short_links_base && e->a.field[FIELD_URL].n > 0;
}

static void
on_resolved(void *arg, const struct bitmap *bitmap, const struct err *err)
{
    struct entry *e = arg;
    if (!succeeded(e, err)) {
        return;
    }
    char room[TWIN_ID_ROOM];
    bool by_all = goes_by_all(e), twin = e->made > 0;
    const struct said *said = e->said + e->made;
    size_t said_n = by_all ? 1 : e->said_n;
    struct broadcast_text texts[CHANNELS_MAX * SAID_TEXTS];
    struct broadcast_route routes[ROUTES_MAX];
    int64_t now_s = clock_unix_ms() / 1000;
    size_t texts_n = 0;
    const struct terms terms = {e->accept->conf, e->accept->routes, said,
                                said_n,          e->a.priority,     e->arena};
    for (size_t i = 0; i < said_n; i++) {
        texts_n += said_texts(&said[i], texts + texts_n);
    }
    struct broadcast_new new = {
        .id = made_id(e, room),
        .announcement = &e->a,
        .source_id = e->name,
        .content_hash = e->hash,
        .channels = terms_channels(&terms),
        .texts = texts,
        .texts_n = texts_n,
        .routes = routes,
        .routes_n = terms_routes(&terms, routes),
        .links = terms_links(&terms),
        .prices = terms_prices(&terms),
        .code = has_short_link(e) && !twin ? e->code : NULL,
        .twins = by_all && !twin ? twins_joined(e) : NULL,
        .twin_of = twin ? e->id : NULL,
        .created_s = now_s,
        .start_s = terms_start(&terms, e->a.send_at, now_s),
        .audience = bitmap,
        .id_given = twin || e->a.field[FIELD_ID].n > 0,
    };
    e->busy = true;
    broadcast_create(e->accept->queue, &new, on_created, e);
}

static void
entry_step(struct entry *e)
{
    if (e->busy || !queue_is_up(e->accept->queue)) {
        return;
    }
    e->busy = true;
    switch (e->step) {
    case STEP_RESOLVE:
        audience_resolve(e->accept->queue, &e->audience, on_resolved, e);
        break;
    case STEP_TWIN: /* for the very members of the first */
        twins_audience(e->accept->queue, e->id, on_resolved, e);
        break;
    case STEP_ACK:
        intake_ack(e->accept->queue, e->name, on_ended, e);
        break;
    case STEP_REJECT:
        intake_reject(e->accept->queue, e->name, e->why, on_ended, e);
        break;
    }
}

/* The stream's fields are borrowed from the reply: they move into the entry's arena. */
static void
on_entry(void *arg, const struct intake_entry *in)
{
    struct accept *accept = arg;
    for (const struct entry *e = accept->list; e; e = e->next) {
        if (strcmp(e->name, in->entry) == 0) {
            return; /* read again after a lost connection: it is on its way */
        }
    }
    struct entry *e = xcalloc(1, sizeof *e);
    e->accept = accept;
    e->arena = arena_new();
    memcpy(e->name, in->entry, strnlen(in->entry, sizeof e->name - 1));
    e->next = accept->list;
    accept->list = e;
    for (int i = 0; i < FIELD_N; i++) {
        struct str field = in->a->field[i];
        if (field.n > 0) {
            e->a.field[i] = (struct str){arena_strndup(e->arena, field.p, field.n), field.n};
        }
    }
    if (in->unknown) {
        log_event(LOG_WARNING, "announcement.field_unknown", "entry=%s field=%s", e->name,
                  log_value(str_of(in->unknown)));
    }
    struct err err = {0};
    if (prepare(e, &err) != 0) {
        reject(e, err.text);
        return;
    }
    for (size_t i = 0; i < e->said_n; i++) {
        tell_unsaid(e, &e->said[i]);
    }
    ask_summariser(e);
    entry_step(e);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct accept *accept = arg;
    for (struct entry *e = accept->list; e;) {
        struct entry *next = e->next;
        entry_step(e);
        e = next;
    }
}

/* The office's own, NULL if it has none. */
static struct summariser *
open_summariser(struct event_base *base, const struct conf *conf)
{
    const struct summariser_options options = {
        .command = conf->summariser,
        .url = conf->summariser_url,
        .token = conf->summariser_token,
        .ca_file = conf->summariser_ca_file,
        .timeout_ms = conf->summariser_timeout_ms,
    };
    struct err err = {.text = ""};
    if (!options.command && !options.url) {
        return NULL;
    }
    struct summariser *s = summariser_new(base, &options, &err);
    if (!s) {
        log_event(LOG_ERROR, "summariser.unusable", "why=%s", log_value(str_of(err.text)));
    }
    return s;
}

struct accept *
accept_new(struct event_base *base, const struct conf *conf, struct queue *queue,
           const struct routes *routes, struct planner *planner)
{
    struct accept *accept = xcalloc(1, sizeof *accept);
    accept->conf = conf;
    accept->queue = queue;
    accept->routes = routes;
    accept->planner = planner;
    accept->tick = event_new(base, -1, EV_PERSIST, on_tick, accept);
    accept->summariser = open_summariser(base, conf);
    return accept;
}

void
accept_use_templates(struct accept *accept, const struct template_set *templates)
{
    accept->templates = templates;
    for (struct entry *e = accept->list; e; e = e->next) {
        if (e->story) { /* it borrows from the former ones */
            e->story = NULL;
            struct composer composer = composer_of(e);
            e->story = composer_init(&composer, NULL) == 0 ? composer.story : NULL;
        }
    }
}

void
accept_free(struct accept **accept)
{
    if (!*accept) {
        return;
    }
    event_free((*accept)->tick);
    for (struct entry *e = (*accept)->list; e;) {
        struct entry *next = e->next;
        summariser_drop(&e->summariser);
        arena_free(&e->arena);
        free(e);
        e = next;
    }
    summariser_free(&(*accept)->summariser);
    free(*accept);
    *accept = NULL;
}

void
accept_start(struct accept *accept)
{
    struct timeval each = clock_timeval(TICK_MS);
    (void)event_add(accept->tick, &each);
    intake_read(accept->queue, ENTRIES_AT_ONCE, on_entry, accept);
}

void
accept_stop(struct accept *accept)
{
    intake_stop(accept->queue);
}

/* Single messages beside the broadcasts. */
// SPDX-License-Identifier: MIT
#include "gateway/letters.h"

#include <event2/event.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf_form.h"
#include "gateway/base/log.h"
#include "gateway/core/mem.h"
#include "gateway/core/refused.h"
#include "gateway/core/retry.h"
#include "gateway/core/unicode.h"
#include "queue/outbox.h"

enum { TICK_MS = 250, WRITE_MS = 5000, LEASE_MORE_MS = 20000, LATER_MS = 30000, SOON_MS = 1000 };

/* One under way. */
struct letter {
    struct letters *owner;
    bool used, recorded; /* recorded: its outcome is on its way */
    struct link *link;   /* NULL: none could take it */
    struct link_text *text;
    struct link_message message;
    int64_t write_before_us;
    char id[OUTBOX_ID_SIZE];
    uint32_t attempt;
    /* The outcome, told again until Redis has it. */
    char state;
    int64_t due_ms;
    char reason[24];
};

struct letters {
    const struct conf *conf;
    struct queue *queue;
    const struct routes *routes;
    struct event *tick;
    bool taking, draining;
    struct letter out[OUTBOX_TAKE_MAX];
};

static void
letter_free(struct letter *l)
{
    link_text_free(&l->text);
    memset(l, 0, sizeof *l);
}

static void
on_recorded(void *arg, const struct err *err)
{
    struct letter *l = arg;
    l->recorded = false;
    if (!err) {
        letter_free(l);
    }
}

static void
record(struct letter *l)
{
    const struct outbox_outcome outcome = {l->id,
                                           l->attempt,
                                           l->state,
                                           l->due_ms,
                                           l->message.ids[0],
                                           l->reason,
                                           l->message.parts_written};
    l->recorded = true;
    outbox_done(l->owner->queue, &outcome, on_recorded, l);
}

static void
again(struct letter *l, int64_t wait_ms)
{
    l->state = 'q';
    l->due_ms = clock_unix_ms() + wait_ms;
}

static void
later(struct letter *l)
{
    const struct conf *conf = l->owner->conf;
    const struct retry_rules rules = {conf->retry.attempts, conf->retry.first_ms,
                                      conf->retry.max_ms, l->message.retry_ms};
    l->due_ms = retry_at(&rules, (int)l->attempt, clock_unix_ms(), 0, randombytes_random());
    l->state = l->due_ms > 0 ? 'q' : 'f';
}

static void
put_outcome(struct letter *l)
{
    const struct link_message *m = &l->message;
    bool hold = l->owner->conf->on_uncertain == UNCERTAIN_HOLD;
    if (m->status != 0) {
        (void)snprintf(l->reason, sizeof l->reason, "0x%08x", m->status);
    }
    switch (m->result) {
    case LINK_ACCEPTED:
        l->state = 'a';
        break;
    case LINK_PERMANENT:
    case LINK_ELSEWHERE: /* an answer goes by the link that was written to, or not at all */
        l->state = 'f';
        break;
    case LINK_TEMPORARY:
        later(l);
        break;
    case LINK_REFUSED:
        again(l, LATER_MS);
        break;
    case LINK_UNCERTAIN:
        again(l, l->owner->conf->uncertain_wait_ms);
        l->state = hold ? '?' : 'q';
        break;
    case LINK_NOT_WRITTEN:
        again(l, SOON_MS);
        break;
    }
}

void
letters_on_outcome(struct letters *letters, struct link_message *message)
{
    struct letter *l = &letters->out[message->place];
    put_outcome(l);
    log_event(LOG_DEBUG, "letter.ended", "state=%c link=%s", l->state, link_conf(l->link)->name);
    record(l);
}

/* ---- Which link ---- */

static bool
can_send(const struct link *link)
{
    const struct conf_link *conf = link_conf(link);
    return conf->kind == LINK_SMPP && conf->bind != BIND_RECEIVER && link_room(link, 1) > 0;
}

/* A chat goes on where it was: its address means nothing to another link. */
static bool
is_chat(const struct conf_link *conf)
{
    return conf->kind == LINK_TELEGRAM || conf->kind == LINK_ZALO_OA;
}

/* NULL: any. */
static struct link *
sender_named(const struct routes *routes, const char *name)
{
    for (size_t i = 0; i < routes->senders_n; i++) {
        struct link *link = routes->carrier[i].link;
        if (can_send(link) && (!name || strcmp(link_conf(link)->name, name) == 0)) {
            return link;
        }
    }
    return NULL;
}

/* An SMS: by the one that was asked for, or that has the same SMSC; else by any that has room. */
static struct link *
choose_sender(const struct routes *routes, const struct link *wanted)
{
    struct link *best = wanted ? sender_named(routes, route_ids_name(routes, wanted)) : NULL;
    return best ? best : sender_named(routes, NULL);
}

/* NULL: none has room. */
static struct link *
choose(const struct letters *letters, struct str wanted)
{
    const struct routes *routes = letters->routes;
    char name[64];
    (void)snprintf(name, sizeof name, "%.*s", (int)wanted.n, wanted.n ? wanted.p : "");
    const struct conf_link *conf = conf_link(letters->conf, name);
    struct link *link = NULL;
    for (size_t i = 0; i < routes->carriers_n && !link; i++) {
        link = link_conf(routes->carrier[i].link) == conf ? routes->carrier[i].link : NULL;
    }
    if (conf && is_chat(conf)) {
        return link && link_room(link, 1) > 0 ? link : NULL;
    }
    return choose_sender(routes, link);
}

static bool
somebody_can_send(const struct routes *routes)
{
    for (size_t i = 0; i < routes->senders_n; i++) {
        const struct link *link = routes->carrier[i].link;
        if (can_send(link) || (is_chat(link_conf(link)) && link_room(link, 1) > 0)) {
            return true;
        }
    }
    return false;
}

/* ---- Taking ---- */

static struct letter *
free_letter(struct letters *letters)
{
    for (size_t i = 0; i < OUTBOX_TAKE_MAX; i++) {
        if (!letters->out[i].used) {
            return &letters->out[i];
        }
    }
    return NULL;
}

/* An answer is held to what its link takes, as every text: no letter that makes it dearer than the
 * channel's own, no sign that the operator refuses. */
static struct str
worded(const struct letters *letters, struct link *link, struct str text, struct arena *arena)
{
    const struct conf_link *conf = link_conf(link);
    const struct conf_channel *channel = NULL;
    for (size_t i = 0; i < letters->routes->senders_n; i++) {
        const struct carrier *carrier = &letters->routes->carrier[i];
        channel = carrier->link == link ? conf_channel(letters->conf, carrier->channel) : channel;
    }
    text = unicode_nfc(arena, text);
    if (is_chat(conf)) {
        return text;
    }
    text = channel && conf_is_plain(channel, conf) ? unicode_strip(arena, text) : text;
    return refused_replace(arena, text, str_of(conf->refused));
}

static struct link_text *
text_of(const struct letters *letters, struct link *link, struct str text, struct err *err)
{
    struct arena *arena = arena_new();
    const struct link_content content = {.text = worded(letters, link, text, arena),
                                         .reference = (uint16_t)randombytes_random(),
                                         .no_receipt = true};
    struct link_text *ready = link_text_new(link, &content, err);
    arena_free(&arena);
    return ready;
}

static void
send_one(struct letters *letters, struct letter *l, const struct outbox_taken *taken)
{
    struct err err = {0};
    *l = (struct letter){.owner = letters, .used = true, .attempt = taken->attempt};
    (void)snprintf(l->id, sizeof l->id, "%.*s", (int)taken->id.n, taken->id.p);
    l->link = choose(letters, taken->link);
    l->text = l->link ? text_of(letters, l->link, taken->text, &err) : NULL;
    if (!l->text || taken->to.n >= LINK_ADDRESS_SIZE) {
        (void)snprintf(l->reason, sizeof l->reason, "%s", l->link ? "cannot-be-packed" : "no-link");
        again(l, SOON_MS);
        l->state = l->link ? 'f' : 'q';
        record(l);
        return;
    }
    struct link_message *m = &l->message;
    memcpy(m->address, taken->to.p, taken->to.n);
    m->text = l->text;
    m->owner = LETTERS_OWNER;
    m->place = (uint32_t)(l - letters->out);
    l->write_before_us = clock_monotonic_us() + INT64_C(1000) * WRITE_MS;
    m->write_before_us = &l->write_before_us;
    link_submit(l->link, m);
}

static void
on_taken(void *arg, const struct outbox_taken *taken, size_t n, const struct err *err)
{
    struct letters *letters = arg;
    letters->taking = false;
    for (size_t i = 0; !err && i < n; i++) {
        struct letter *l = free_letter(letters);
        if (l) { /* else its lease ends, and somebody takes it */
            send_one(letters, l, &taken[i]);
        }
    }
}

/* Long enough for the slowest answer. */
static int64_t
lease_ms(const struct letters *letters)
{
    int64_t longest_ms = 0;
    for (size_t i = 0; i < letters->routes->senders_n; i++) {
        int64_t ms = link_conf(letters->routes->carrier[i].link)->response_ms;
        longest_ms = ms > longest_ms ? ms : longest_ms;
    }
    return longest_ms + WRITE_MS + LEASE_MORE_MS;
}

static void
take(struct letters *letters)
{
    int room = 0;
    for (size_t i = 0; i < OUTBOX_TAKE_MAX; i++) {
        struct letter *l = &letters->out[i];
        room += !l->used;
        if (l->used && l->state && !l->recorded) {
            record(l); /* Redis did not take it before */
        }
    }
    if (room > 0 && !letters->taking && !letters->draining && somebody_can_send(letters->routes)) {
        letters->taking = true;
        outbox_take(letters->queue, lease_ms(letters), room,
                    letters->conf->on_uncertain != UNCERTAIN_HOLD, on_taken, letters);
    }
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct letters *letters = arg;
    if (queue_is_up(letters->queue)) {
        take(letters);
    }
}

struct letters *
letters_new(struct event_base *base, const struct conf *conf, struct queue *queue,
            const struct routes *routes)
{
    struct letters *letters = xcalloc(1, sizeof *letters);
    letters->conf = conf;
    letters->queue = queue;
    letters->routes = routes;
    letters->tick = event_new(base, -1, EV_PERSIST, on_tick, letters);
    return letters;
}

void
letters_free(struct letters **letters)
{
    if (!*letters) {
        return;
    }
    event_free((*letters)->tick);
    for (size_t i = 0; i < OUTBOX_TAKE_MAX; i++) {
        letter_free(&(*letters)->out[i]);
    }
    free(*letters);
    *letters = NULL;
}

void
letters_start(struct letters *letters)
{
    struct timeval each = clock_timeval(TICK_MS);
    (void)event_add(letters->tick, &each);
}

void
letters_drain(struct letters *letters)
{
    letters->draining = true;
}

bool
letters_is_idle(const struct letters *letters)
{
    for (size_t i = 0; i < OUTBOX_TAKE_MAX; i++) {
        if (letters->out[i].used) {
            return false;
        }
    }
    return !letters->taking;
}

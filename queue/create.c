/* From an announcement to a broadcast: create, and what others must know of it.
 *
 *   [SET NX loa:content:HASH] → INCR loa:references → loa_create on {ID}
 *     → ZADD loa:broadcasts → [loa_pause] → SADD loa:active
 *
 * Each step may be repeated after a crash; the stream entry is acknowledged by the caller at last.
 */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "gateway/core/time.h"
#include "gateway/core/tracking.h"
#include "queue/control.h"
#include "queue/handle.h"
#include "queue/join.h"
#include "queue/plan.h"
#include "queue/sweep.h"
#include "queue/touched.h"

enum { CONTENT_S = 600, ARGS_N = 64 + 4 * ROUTES_MAX };
enum { REFERENCES = 65536 };

/* How long a short link leads somewhere: a year, as long as somebody may keep the message. */
enum { SHORT_S = 365 * 86400 };

/* A creation under way; `fields` is what loa_create is called with (after FCALL, name, 1). */
struct creation {
    struct queue *queue;
    char *id, *content, *source;
    const char *repeated; /* whose content it may be */
    char *code, *url;     /* of the short link; NULL: none */
    struct arena *arena;
    struct str audience, channels, routes; /* among the arguments: for the planner */
    enum priority priority;
    struct str *args;
    size_t args_n;
    int64_t created_s, start_s, expires_s; /* 0: none */
    bool waits;                            /* with all others, as far as was done */
    struct create_answer answer;
    create_fn *fn;
    void *arg;
};

static void
creation_end(struct creation *c, const struct err *err)
{
    c->fn(c->arg, err ? NULL : &c->answer, err);
    arena_free(&c->arena);
    free(c);
}

/* ---- The fields of the hash ---- */

static void
put(struct creation *c, struct str s)
{
    c->args[c->args_n++] = (struct str){arena_strndup(c->arena, s.p ? s.p : "", s.n), s.n};
}

static void
put_field(struct creation *c, const char *name, struct str value)
{
    if (value.n > 0) {
        put(c, str_of(name));
        put(c, value);
    }
}

static void
put_int(struct creation *c, const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    put_field(c, name, str_of(text));
}

static void
put_time(struct creation *c, const char *name, int64_t unix_s)
{
    char text[TIME_ROOM];
    if (unix_s > 0) {
        time_format(unix_s, 0, text);
        put_field(c, name, str_of(text));
    }
}

static void
put_announcement(struct creation *c, const struct announcement *a)
{
    put_field(c, "title", a->field[FIELD_TITLE]);
    put_field(c, "url", a->field[FIELD_URL]);
    put_field(c, "issuer", a->field[FIELD_ISSUER]);
    put_field(c, "kind", a->field[FIELD_KIND]);
    put_field(c, "by", a->field[FIELD_BY]);
    struct str audience = a->field[FIELD_AUDIENCE];
    put_field(c, "audience", audience.n ? audience : STR("all"));
    put_field(c, "priority", str_of(priority_name(a->priority)));
    put_time(c, "send_at", a->send_at);
    put_time(c, "expires_at", a->expires_at);
    put_int(c, "expires_s", a->expires_at);
}

static void
put_texts(struct creation *c, const struct broadcast_new *b)
{
    for (size_t i = 0; i < b->texts_n; i++) {
        const char *link = b->texts[i].link;
        char name[128];
        (void)snprintf(name, sizeof name, "text:%s%s%s", b->texts[i].channel, link ? ":" : "",
                       link ? link : "");
        put(c, str_of(name));
        put(c, b->texts[i].text);
    }
}

/* The first route's terms stand in the hash; where there are several, each has its own there. */
static void
put_routes(struct creation *c, const struct broadcast_new *b)
{
    struct buf routes;
    buf_init(&routes, ROUTES_TEXT);
    for (size_t i = 0; i < b->routes_n; i++) {
        const struct broadcast_route *r = &b->routes[i];
        buf_add_format(&routes, "%s%c=%s", i ? "," : "", r->letter, r->name);
        if (b->routes_n > 1) {
            char name[ROUTE_NAME_SIZE + 8], terms[160];
            (void)snprintf(name, sizeof name, "route:%s", r->name);
            (void)snprintf(terms, sizeof terms, "%d %d %d %lld %s %lld %lld%s", r->parts_each,
                           r->price, r->ahead > 0 ? r->ahead : 1, (long long)r->uncertain_wait_ms,
                           r->on_uncertain, (long long)r->confirm_ms, (long long)r->doubt_ms,
                           r->last && r->confirm_ms + r->doubt_ms > 0 ? " last" : "");
            put_field(c, name, str_of(terms));
        }
    }
    put_field(c, "routes", buf_str(&routes));
    c->routes = c->args[c->args_n - 1];
    buf_deinit(&routes);
    put_field(c, "on_uncertain", str_of(b->routes[0].on_uncertain));
    put_int(c, "uncertain_wait_ms", b->routes[0].uncertain_wait_ms);
    put_int(c, "price", b->routes[0].price);
    put_int(c, "parts_each", b->routes[0].parts_each);
    put_int(c, "ahead", b->routes[0].ahead > 0 ? b->routes[0].ahead : 1);
}

static void
put_broadcast(struct creation *c, const struct broadcast_new *b)
{
    put(c, str_of(b->source_id));
    put(c, str_of(b->content_hash));
    put(c, (struct str){(const char *)b->audience->bytes, b->audience->n});
    c->audience = c->args[c->args_n - 1];
    char start[24];
    (void)snprintf(start, sizeof start, "%lld", (long long)b->start_s);
    put(c, str_of(start));
    put_announcement(c, b->announcement);
    put_texts(c, b);
    put_field(c, "channels", str_of(b->channels));
    c->channels = c->args[c->args_n - 1];
    put_field(c, "links", str_of(b->links));
    put_field(c, "prices", str_of(b->prices));
    put_routes(c, b);
    put_field(c, "code", str_of(b->code));
    put_field(c, "twins", str_of(b->twins));
    put_field(c, "twin_of", str_of(b->twin_of));
    put_int(c, "created_s", b->created_s);
    put_time(c, "created_at", b->created_s);
}

/* ---- The steps ---- */

/* The sweep starts and expires broadcasts. */
static void
wake_at(struct creation *c, int64_t at_s)
{
    if (at_s > 0) {
        sweep_wake(c->queue, at_s * 1000);
    }
}

static void
on_indexed(void *arg, const struct err *err)
{
    struct creation *c = arg;
    wake_at(c, c->start_s);
    wake_at(c, c->expires_s);
    creation_end(c, err);
}

/* The same code again after a crash: it is made of what the broadcast is. */
static void
put_short_link(struct creation *c, struct join *join)
{
    struct args a;
    args_init(&a, "SET");
    args_format(&a, "loa:short:%s", c->code);
    args_format(&a, "%s %s", c->id, c->url);
    args_z(&a, "EX");
    args_int(&a, SHORT_S);
    join_add(join);
    queue_send(c->queue, &a, join_reply, join);
}

static void
activate(struct creation *c)
{
    struct join *join = join_new(on_indexed, c);
    struct args a;
    if (c->code) {
        put_short_link(c, join);
    }
    args_init(&a, "SADD");
    args_z(&a, "loa:active");
    args_z(&a, c->id);
    join_add(join);
    queue_send(c->queue, &a, join_reply, join);
    join_end(join);
}

static void ask_whether_all_wait(struct creation *c);

static void
on_followed(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply;
    if (err) {
        creation_end(arg, err);
    } else {
        ask_whether_all_wait(arg); /* it may have changed meanwhile */
    }
}

/* What is paused with all others is so before anybody may begin it. */
static void
on_all_wait(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct creation *c = arg;
    bool wait = reply_str(reply).n > 0;
    if (err) {
        creation_end(c, err);
    } else if (wait == c->waits) {
        activate(c);
    } else {
        struct args a;
        c->waits = wait;
        args_fcall(&a, wait ? "loa_pause" : "loa_resume", "loa:broadcast:{%s}", c->id);
        queue_send(c->queue, &a, on_followed, c);
    }
}

static void
ask_whether_all_wait(struct creation *c)
{
    struct args a;
    args_init(&a, "GET");
    args_z(&a, CONTROL_ALL);
    queue_send(c->queue, &a, on_all_wait, c);
}

/* `loa pause --all` sets its mark and then goes through the list: who is in the list behind a look
 * that did not find the mark is found there. */
static void
enter_into_indexes(struct creation *c)
{
    struct args a;
    if (c->answer.verdict == CREATE_CREATED && c->start_s == 0) {
        const struct plan_terms terms = {c->priority, c->channels, c->routes};
        broadcast_plan_expect(c->queue, c->id, c->audience, &terms);
    }
    args_init(&a, "ZADD");
    args_z(&a, "loa:broadcasts");
    args_int(&a, c->created_s);
    args_z(&a, c->id);
    queue_send(c->queue, &a, on_followed, c);
}

static void
on_created(void *arg, const struct redisReply *reply, const struct err *err)
{
    static const struct {
        const char *name;
        int verdict;
    } verdicts[] = {{"CREATED", CREATE_CREATED},
                    {"AGAIN", CREATE_AGAIN},
                    {"SAME", CREATE_SAME},
                    {"OTHER", CREATE_OTHER}};
    struct creation *c = arg;
    struct str said = reply_str(reply);
    if (err) {
        creation_end(c, err);
        return;
    }
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        if (!str_equal_z(said, verdicts[i].name)) {
            continue;
        }
        c->answer.verdict = verdicts[i].verdict;
        if (c->answer.verdict == CREATE_CREATED || c->answer.verdict == CREATE_AGAIN) {
            enter_into_indexes(c);
        } else {
            touched_add(c->queue, str_of(c->repeated)); /* that is counted */
            creation_end(c, NULL);
        }
        return;
    }
    struct err odd;
    (void)err_set(&odd, ERR_INPUT, "Redis: loa_create answered '%.*s'",
                  (int)(said.n > 40 ? 40 : said.n), said.p);
    creation_end(c, &odd);
}

/* The parts of its messages are joined by a number that the next 255 broadcasts have not: one of a
 * broadcast that was there before is lost, which does no harm. */
static void
on_reference(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct creation *c = arg;
    if (err) {
        creation_end(c, err);
        return;
    }
    put_int(c, "reference", reply_int(reply, 0) % REFERENCES);
    struct args a;
    args_fcall(&a, "loa_create", "loa:broadcast:{%s}", c->id);
    for (size_t i = 0; i < c->args_n; i++) {
        args_str(&a, c->args[i]);
    }
    queue_send(c->queue, &a, on_created, c);
}

static void
create_now(struct creation *c)
{
    struct args a;
    args_init(&a, "INCR");
    args_z(&a, "loa:references");
    queue_send(c->queue, &a, on_reference, c);
}

/* The answer is the ID that has this content already, nil when it is ours now. */
static void
on_content(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct creation *c = arg;
    struct str owner = reply_str(reply);
    if (err) {
        creation_end(c, err);
        return;
    }
    if (owner.n == 0 || str_equal_z(owner, c->id)) {
        create_now(c);
        return;
    }
    struct args a;
    args_fcall(&a, "loa_repeated", "loa:broadcast:{%.*s}", (int)(owner.n > 64 ? 64 : owner.n),
               owner.p);
    args_z(&a, c->source);
    args_z(&a, c->content);
    c->repeated = arena_strndup(c->arena, owner.p, owner.n);
    queue_send(c->queue, &a, on_created, c);
}

/* Before its first message leaves, so that a receipt finds it. */
static void
remember_hashed(const struct creation *c)
{
    enum { SECONDS = 180 * 86400 };
    char hash[TRACKING_HASH];
    struct args a;
    if (tracking_hashed(c->id, hash)) {
        args_init(&a, "SET");
        args_format(&a, "loa:tracking:{%s}", hash + 1);
        args_z(&a, c->id);
        args_z(&a, "EX");
        args_int(&a, SECONDS);
        queue_send(c->queue, &a, queue_ignore_reply, NULL);
    }
}

void
broadcast_create(struct queue *queue, const struct broadcast_new *b, create_fn *fn, void *arg)
{
    struct creation *c = xcalloc(1, sizeof *c);
    c->queue = queue;
    c->arena = arena_new();
    c->args = arena_alloc(c->arena, (ARGS_N + 2 * b->texts_n) * sizeof *c->args);
    c->id = arena_strndup(c->arena, b->id, strlen(b->id));
    c->repeated = c->id;
    c->content = arena_strndup(c->arena, b->content_hash, strlen(b->content_hash));
    c->source = arena_strndup(c->arena, b->source_id, strlen(b->source_id));
    struct str url = b->announcement->field[FIELD_URL];
    if (b->code && url.n > 0) {
        c->code = arena_strndup(c->arena, b->code, strlen(b->code));
        c->url = arena_strndup(c->arena, url.p, url.n);
    }
    c->created_s = b->created_s;
    c->start_s = b->start_s;
    c->priority = b->announcement->priority;
    c->expires_s = b->announcement->expires_at;
    c->fn = fn;
    c->arg = arg;
    put_broadcast(c, b);
    if (b->id_given) {
        remember_hashed(c);
        create_now(c);
        return;
    }
    struct args a;
    args_init(&a, "SET");
    args_format(&a, "loa:content:%s", c->content);
    args_z(&a, c->id);
    args_z(&a, "NX");
    args_z(&a, "GET");
    args_z(&a, "EX");
    args_int(&a, CONTENT_S);
    queue_send(queue, &a, on_content, c);
}

/* ---- Information ---- */

enum { INFO_FIELDS = 11 }; /* before the links' own texts */

struct inquiry {
    char id[80];
    size_t links_n;
    info_fn *fn;
    void *arg;
};

/* Unix seconds of an RFC 3339 text of our own; 0: there is none. */
static int64_t
time_at(struct str text)
{
    int64_t unix_s = 0;
    struct err err;
    return text.n > 0 && time_parse_rfc3339(text, &unix_s, &err) == 0 ? unix_s : 0;
}

static void
on_info(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct inquiry *q = arg;
    if (err || reply_is_nil(reply_at(reply, 0))) {
        struct err none;
        (void)err_set(&none, ERR_INPUT, "there is no broadcast %s", q->id);
        q->fn(q->arg, NULL, err ? err : &none);
        free(q);
        return;
    }
    struct broadcast_info info = {
        .id = q->id,
        .text = reply_str_at(reply, 1).p, /* NUL-terminated by hiredis, "" for nil */
        .links = reply_str_at(reply, 2).p,
        .priority = queue_priority(reply_str_at(reply, 3)),
        .expires_s = reply_int_at(reply, 4, 0),
        .title = reply_str_at(reply, 5).p,
        .url = reply_str_at(reply, 6).p,
        .channels = reply_str_at(reply, 7).p,
        .reference = (uint16_t)reply_int_at(reply, 8, 0),
        .routes = reply_str_at(reply, 9).p,
        .send_s = time_at(reply_str_at(reply, 10)),
    };
    for (size_t i = 0; i < q->links_n; i++) {
        bool own = !reply_is_nil(reply_at(reply, INFO_FIELDS + i));
        info.own[i] = own ? reply_str_at(reply, INFO_FIELDS + i).p : NULL;
    }
    q->fn(q->arg, &info, NULL);
    free(q);
}

void
broadcast_info(struct queue *queue, const struct info_ask *ask, info_fn *fn, void *arg)
{
    struct inquiry *q = xcalloc(1, sizeof *q);
    struct args a;
    (void)snprintf(q->id, sizeof q->id, "%s", ask->id);
    q->links_n = ask->links_n < INFO_LINKS ? ask->links_n : INFO_LINKS;
    q->fn = fn;
    q->arg = arg;
    args_init(&a, "HMGET");
    args_format(&a, "loa:broadcast:{%s}", ask->id);
    args_z(&a, "state");
    args_format(&a, "text:%s", ask->channel);
    args_z(&a, "links");
    args_z(&a, "priority");
    args_z(&a, "expires_s");
    args_z(&a, "title");
    args_z(&a, "url");
    args_z(&a, "channels");
    args_z(&a, "reference");
    args_z(&a, "routes");
    args_z(&a, "send_at");
    for (size_t i = 0; i < q->links_n; i++) {
        args_format(&a, "text:%s:%s", ask->channel, ask->links[i]);
    }
    queue_send(queue, &a, on_info, q);
}

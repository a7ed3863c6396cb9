/* Looking into the directory: one member, pages, groups, consent. */
// SPDX-License-Identifier: MIT
#include "queue/members.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "gateway/core/member.h"
#include "gateway/core/recipients.h"
#include "queue/redis.h"

/* ---- A record as a member ---- */

const char *const member_channels[MEMBER_CHANNELS] = {"sms", "zalo", "telegram"};

static void
read_member(uint32_t number, struct str json, unsigned opted_out, bool shares, struct arena *arena,
            struct member *out)
{
    struct str column[MEMBER_COLUMNS];
    char address[NUMBER_ROOM];
    (void)member_json_read(json, arena, column);
    bool mobile = number_read(column[MEMBER_PHONE], address) == NUMBER_MOBILE;
    *out = (struct member){
        .number = number,
        .id = column[MEMBER_ID],
        .name = column[MEMBER_NAME],
        .phone = column[MEMBER_PHONE],
        .address = mobile ? str_of(arena_strndup(arena, address, strlen(address))) : STR(""),
        .zalo_uid = column[MEMBER_ZALO_UID],
        .telegram_chat = column[MEMBER_TELEGRAM_CHAT],
        .groups = column[MEMBER_GROUPS],
        .prefer = column[MEMBER_PREFER],
        .opted_out = opted_out,
        .shares = shares,
    };
}

/* ---- One ---- */

struct showing {
    struct queue *queue;
    char *sought;
    bool by_phone; /* the id was tried before */
    uint32_t number;
    member_fn *fn;
    void *arg;
};

static void
showing_end(struct showing *s, const struct member *member, const struct err *err)
{
    s->fn(s->arg, member, err);
    free(s->sought);
    free(s);
}

/* loa_member: record, optout bits, shared bit. */
static void
on_record(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct showing *s = arg;
    if (err || reply_is_nil(reply_at(reply, 0))) {
        showing_end(s, NULL, err);
        return;
    }
    struct arena *arena = arena_new();
    struct member member;
    read_member(s->number, reply_str_at(reply, 0), (unsigned)reply_int_at(reply, 1, 0),
                reply_int_at(reply, 2, 0) != 0, arena, &member);
    showing_end(s, &member, NULL);
    arena_free(&arena);
}

static void
on_number(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct showing *s = arg;
    struct args a;
    char address[NUMBER_ROOM];
    int64_t number = reply_int(reply, -1);
    if (err) {
        showing_end(s, NULL, err);
    } else if (number >= 0) {
        s->number = (uint32_t)number;
        args_fcall(&a, "loa_member", QUEUE_DIRECTORY "records");
        args_int(&a, number);
        queue_send(s->queue, &a, on_record, s);
    } else if (!s->by_phone && number_read(str_of(s->sought), address) == NUMBER_MOBILE) {
        s->by_phone = true;
        args_init(&a, "HGET");
        args_z(&a, QUEUE_DIRECTORY "by-phone");
        args_z(&a, address);
        queue_send(s->queue, &a, on_number, s);
    } else {
        showing_end(s, NULL, NULL);
    }
}

void
members_show(struct queue *queue, const char *id_or_phone, member_fn *fn, void *arg)
{
    struct showing *s = xcalloc(1, sizeof *s);
    struct args a;
    s->queue = queue;
    s->sought = xstrdup(id_or_phone);
    s->fn = fn;
    s->arg = arg;
    args_init(&a, "HGET");
    args_z(&a, QUEUE_DIRECTORY "numbers");
    args_z(&a, id_or_phone);
    queue_send(queue, &a, on_number, s);
}

/* ---- A page ---- */

enum { PAGE_MAX = 1000 };

struct page {
    struct queue *queue;
    struct bitmap only;
    uint32_t from, most, next;
    uint32_t numbers[PAGE_MAX];
    size_t n;
    member_each_fn *each;
    members_page_fn *fn;
    void *arg;
};

static void
page_end(struct page *p, const struct err *err)
{
    p->fn(p->arg, err ? 0 : p->next, err);
    bitmap_deinit(&p->only);
    free(p);
}

/* record, optout bits, shared bit of each number. */
static void
on_records(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct page *p = arg;
    if (err) {
        page_end(p, err);
        return;
    }
    for (size_t i = 0; i < p->n; i++) {
        struct str json = reply_str_at(reply, i * 3);
        if (json.n == 0) {
            continue;
        }
        struct arena *arena = arena_new();
        struct member member;
        read_member(p->numbers[i], json, (unsigned)reply_int_at(reply, i * 3 + 1, 0),
                    reply_int_at(reply, i * 3 + 2, 0) != 0, arena, &member);
        p->each(p->arg, &member);
        arena_free(&arena);
    }
    page_end(p, NULL);
}

static void
read_page(struct page *p)
{
    uint32_t further;
    struct args a;
    size_t most = p->most < PAGE_MAX ? p->most : PAGE_MAX;
    p->n = bitmap_select(&p->only, p->from, p->numbers, most);
    p->next = 0;
    if (p->n > 0 && bitmap_next(&p->only, p->numbers[p->n - 1] + 1, &further)) {
        p->next = further;
    }
    args_fcall(&a, "loa_member", QUEUE_DIRECTORY "records");
    for (size_t i = 0; i < p->n; i++) {
        args_int(&a, p->numbers[i]);
    }
    queue_send(p->queue, &a, on_records, p);
}

static void
on_all(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct page *p = arg;
    struct str all = reply_str(reply);
    if (err) {
        page_end(p, err);
        return;
    }
    if (p->only.bytes) {
        struct bitmap known = bitmap_copy(all.p, all.n);
        bitmap_and(&p->only, &known);
        bitmap_deinit(&known);
    } else {
        p->only = bitmap_copy(all.p, all.n);
    }
    read_page(p);
}

void
members_list(struct queue *queue, const struct members_page *page, member_each_fn *each,
             members_page_fn *fn, void *arg)
{
    struct page *p = xcalloc(1, sizeof *p);
    struct args a;
    p->queue = queue;
    p->from = page->from;
    p->most = page->most;
    p->each = each;
    p->fn = fn;
    p->arg = arg;
    if (page->only) {
        p->only = bitmap_copy(page->only->bytes, page->only->n);
    }
    args_init(&a, "GET");
    args_z(&a, QUEUE_DIRECTORY "all");
    queue_send(queue, &a, on_all, p);
}

/* ---- Groups ---- */

struct groups {
    group_each_fn *each;
    queue_done *fn;
    void *arg;
};

/* name, size, name, size …, by name. */
static void
on_groups(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct groups *g = arg;
    for (size_t i = 0; i + 1 < reply_count(reply); i += 2) {
        g->each(g->arg, reply_str_at(reply, i), (uint64_t)reply_int_at(reply, i + 1, 0));
    }
    g->fn(g->arg, err);
    free(g);
}

void
members_groups(struct queue *queue, group_each_fn *each, queue_done *fn, void *arg)
{
    struct groups *g = xmalloc(sizeof *g);
    struct args a;
    *g = (struct groups){each, fn, arg};
    args_fcall(&a, "loa_groups", QUEUE_DIRECTORY "groups");
    queue_send(queue, &a, on_groups, g);
}

/* ---- Consent ---- */

enum { ASKED_MAX = 4096 };

struct consent {
    size_t n, spans_n;
    uint32_t numbers[ASKED_MAX];
    struct span spans[ASKED_MAX];
    uint8_t bits[ASKED_MAX];
    opted_out_fn *fn;
    void *arg;
};

static void
consent_end(struct consent *c, const struct err *err)
{
    c->fn(c->arg, err ? NULL : c->bits, err ? 0 : c->n, err);
    free(c);
}

static void
on_refused(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply;
    consent_end(arg, err);
}

/* The bytes of the spans, each on its own. */
static void
on_consent(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct consent *c = arg;
    size_t span = 0;
    for (size_t i = 0; i < c->n && !err; i++) {
        while (c->numbers[i] > c->spans[span].high) {
            span++;
        }
        struct str bytes = reply_str_at(reply, span);
        size_t at = c->numbers[i] / 8 - c->spans[span].low / 8;
        c->bits[i] = at < bytes.n && ((uint8_t)bytes.p[at] & (0x80U >> c->numbers[i] % 8));
    }
    consent_end(c, err);
}

void
members_opted_out(struct queue *queue, const char *channel, struct str runs, opted_out_fn *fn,
                  void *arg)
{
    struct consent *c = xcalloc(1, sizeof *c);
    struct args a;
    c->fn = fn;
    c->arg = arg;
    if (!runs_read(runs, c->numbers, ASKED_MAX, &c->n)) {
        struct err err;
        (void)err_set(&err, ERR_INPUT, "not a list of members: '%.*s'",
                      (int)(runs.n > 100 ? 100 : runs.n), runs.p);
        queue_fail(queue, &err, on_refused, c);
        return;
    }
    c->spans_n = spans_cover(c->numbers, c->n, 4096, c->spans);
    args_fcall(&a, "loa_opted_out", QUEUE_DIRECTORY "optout:%s", channel);
    for (size_t i = 0; i < c->spans_n; i++) {
        args_format(&a, "%u-%u", c->spans[i].low / 8, c->spans[i].high / 8);
    }
    queue_send(queue, &a, on_consent, c);
}

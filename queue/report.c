/* Every member's outcome, batch by batch: the memory is that of one batch and the audience's
 * bitmap.
 *
 * The answers of a batch come in the order of its questions, so the last one finds the others kept.
 */
// SPDX-License-Identifier: MIT
#include "queue/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/bitmap.h"
#include "gateway/core/mem.h"
#include "gateway/core/member.h"
#include "gateway/core/recipients.h"
#include "gateway/core/twin.h"
#include "queue/redis.h"

enum { CHUNKS = 2, ROWS = CHUNKS * CHUNK_MEMBERS, PASSED_SIZE = LEDGER_REASON + 1 };

struct report;
/* A broadcast and its twins are read in step, each by a report of its own: when all have their
 * batch (or have come to their end), the rows are told. */
struct group {
    struct report *member[REPORT_BY]; /* the broadcast first */
    size_t n;
    bool looping;
    struct err err;
};

struct report {
    struct queue *queue;
    struct group *group; /* NULL: it has no twins */
    bool ready, ended;   /* in the group */
    bool known;
    char id[80];
    report_row_fn *row;
    report_fn *fn;
    void *arg;
    struct bitmap audience;
    struct buf links;             /* "viettel,vina" */
    uint32_t total, from, number; /* the batch's first index, where its members begin */
    bool one;                     /* only the member of directory number `number`, */
    uint32_t index;               /* who has this place */
    /* The batch. */
    size_t n;
    uint32_t numbers[ROWS];
    char channels[CHANNELS_MAX]; /* their letters in the ledger, in order of preference */
    struct buf chunk[CHUNKS], letters, ledger;
    struct str member[ROWS]; /* ids, in `arena` */
    struct arena *arena;
    struct report_row rows[ROWS];
    bool asks_reason[ROWS], asks_id[ROWS];
};

static void
report_free(struct report *r)
{
    bitmap_deinit(&r->audience);
    buf_deinit(&r->links);
    buf_deinit(&r->letters);
    buf_deinit(&r->ledger);
    for (size_t i = 0; i < CHUNKS; i++) {
        buf_deinit(&r->chunk[i]);
    }
    arena_free(&r->arena);
    free(r);
}

static void next_batch(struct report *r);
static void group_step(struct group *g);

static void
report_end(struct report *r, bool known, const struct err *err)
{
    if (r->group) {
        r->ended = true;
        r->known = known;
        r->group->err = err ? *err : r->group->err;
        group_step(r->group);
        return;
    }
    r->fn(r->arg, known, err);
    report_free(r);
}

/* ---- Step 3: rows out ---- */

static void
go_on(struct report *r)
{
    r->from += (uint32_t)r->n;
    r->number = r->numbers[r->n - 1] + 1;
    next_batch(r);
}

static void
tell_rows(struct report *r)
{
    if (r->group) {
        r->ready = true;
        group_step(r->group);
        return;
    }
    for (size_t i = r->one ? r->index - r->from : 0; i < r->n; i++) {
        if (!r->row(r->arg, &r->rows[i]) || r->one) {
            report_end(r, true, NULL);
            return;
        }
    }
    go_on(r);
}

/* ---- In step with its twins */

/* What became of the member at `i` by all of them. */
static struct report_row
joined_row(const struct group *g, size_t i)
{
    struct report_row row = g->member[0]->rows[i];
    int attempts = 0, parts = 0;
    row.by_n = 0;
    for (size_t k = 0; k < g->n; k++) {
        const struct report *r = g->member[k];
        if (!r->ready || i >= r->n) {
            continue;
        }
        const struct report_row *one = &r->rows[i];
        attempts += one->ledger.attempts;
        parts += one->ledger.parts;
        if (twin_letter(row.letter, one->letter) != row.letter) {
            struct report_row better = *one;
            memcpy(better.by, row.by, sizeof row.by);
            better.by_n = row.by_n;
            row = better;
        }
        row.by[row.by_n++] = (struct report_by){r->channels[0], one->letter, one->link, one->ids};
    }
    row.ledger.attempts = attempts;
    row.ledger.parts = parts;
    return row;
}

static void
group_end(struct group *g)
{
    const struct report *first = g->member[0];
    first->fn(first->arg, first->known || first->ready, g->err.code ? &g->err : NULL);
    for (size_t k = 0; k < g->n; k++) {
        report_free(g->member[k]);
    }
    free(g);
}

/* The batch that all of them have.  False: it was the last that is wanted. */
static bool
group_tell(const struct group *g)
{
    const struct report *first = g->member[0];
    for (size_t i = first->one ? first->index - first->from : 0; i < first->n; i++) {
        struct report_row row = joined_row(g, i);
        if (!first->row(first->arg, &row) || first->one) {
            return false;
        }
    }
    return true;
}

static void
group_step(struct group *g)
{
    bool all = !g->looping;
    for (size_t k = 0; k < g->n; k++) {
        all = all && (g->member[k]->ready || g->member[k]->ended);
    }
    if (!all) {
        return;
    }
    if (g->err.code || g->member[0]->ended || !group_tell(g)) {
        group_end(g);
        return;
    }
    g->looping = true;
    for (size_t k = 0; k < g->n; k++) {
        if (g->member[k]->ready) {
            g->member[k]->ready = false;
            go_on(g->member[k]);
        }
    }
    g->looping = false;
    group_step(g); /* some may have ended meanwhile */
}

/* The details that were asked for, in the order of the rows: id, then reason. */
static void
on_details(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct report *r = arg;
    size_t at = 0;
    if (err) {
        report_end(r, true, err);
        return;
    }
    for (size_t i = 0; i < r->n; i++) {
        if (r->asks_id[i]) {
            r->rows[i].ids = reply_str_at(reply, at++);
        }
        if (r->asks_reason[i]) {
            struct str reason = reply_str_at(reply, at++);
            r->rows[i].reason = reason.n ? reason : r->rows[i].reason;
        }
        if (r->one && r->rows[i].letter == 'r') {
            r->rows[i].due_ms = reply_int_at(reply, at++, 0);
        }
    }
    tell_rows(r);
}

static void
ask_details(struct report *r)
{
    struct args a;
    args_init(&a, "HMGET");
    args_format(&a, "loa:broadcast:{%s}:details", r->id);
    for (size_t i = 0; i < r->n; i++) {
        const struct report_row *row = &r->rows[i];
        r->asks_id[i] = strcmp(row->ledger.id, "*") == 0;
        r->asks_reason[i] = strchr("urf?", row->letter) != NULL;
        if (r->asks_id[i]) {
            args_format(&a, "id:%u", row->index);
        }
        if (r->asks_reason[i]) {
            args_format(&a, "reason:%u", row->index);
        }
        if (r->one && row->letter == 'r') {
            args_format(&a, "due:%u", row->index);
        }
    }
    if (a.n > 2) {
        queue_send(r->queue, &a, on_details, r);
    } else {
        tell_rows(r);
    }
}

/* From where the one fell back, and why; '\0': no further channel. */
static void
on_passed(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct report *r = arg;
    struct report_row *row = &r->rows[r->index - r->from];
    struct str text = reply_str(reply);
    for (size_t at = 0; !err && at + PASSED_SIZE <= text.n && text.p[at]; at += PASSED_SIZE) {
        struct report_passed *passed = &row->passed[row->passed_n++]; /* no more were asked */
        passed->by = text.p[at];
        memcpy(passed->why, text.p + at + 1, LEDGER_REASON);
    }
    ask_details(r);
}

static void
ask_passed(struct report *r)
{
    enum { WIDTH = REPORT_PASSED * PASSED_SIZE };
    struct args a;
    args_init(&a, "GETRANGE");
    args_format(&a, "loa:broadcast:{%s}:passed", r->id);
    args_int(&a, (int64_t)r->index * WIDTH);
    args_int(&a, (int64_t)(r->index + 1) * WIDTH - 1);
    queue_send(r->queue, &a, on_passed, r);
}

/* ---- Step 2: the rows of a batch ---- */

/* The name behind a ledger's code of a link. */
static struct str
link_name(const struct report *r, int link)
{
    struct str rest = buf_str(&r->links);
    struct str name = {"", 0};
    for (int i = 0; i <= link && rest.p; i++) {
        name = str_cut(&rest, ',');
        if (i == link) {
            return name;
        }
    }
    return (struct str){"", 0};
}

/* By which of the broadcast's channels the record's letter was; the first for none. */
static size_t
channel_place(const struct report *r, char letter)
{
    size_t place = 0;
    for (size_t i = 0; i < CHANNELS_MAX; i++) {
        place = r->channels[i] == letter ? i : place;
    }
    return place;
}

/* `addresses`: by the broadcast's channels.  Where nothing was tried the first that is there. */
static void
make_row(struct report *r, size_t i, const struct str addresses[CHANNELS_MAX])
{
    struct report_row *row = &r->rows[i];
    char record[LEDGER_SIZE] = {0};
    size_t at = i * LEDGER_SIZE;
    if (at + LEDGER_SIZE <= r->ledger.n) {
        memcpy(record, r->ledger.p + at, LEDGER_SIZE);
    }
    *row = (struct report_row){.index = r->from + (uint32_t)i,
                               .member = r->member[i],
                               .letter = i < r->letters.n ? r->letters.p[i] : 'q'};
    if (!ledger_unpack(record, &row->ledger)) {
        row->ledger = (struct ledger){.channel = ' ', .link = -1};
    }
    row->address = addresses[channel_place(r, row->ledger.channel)];
    for (size_t k = 0; k < CHANNELS_MAX && row->address.n == 0; k++) {
        row->address = addresses[k];
    }
    row->link = link_name(r, row->ledger.link);
    row->reason = str_of(row->ledger.reason);
    row->ids = str_of(row->ledger.id);
}

static void
make_chunk_rows(struct report *r, size_t first)
{
    struct str lists[CHANNELS_MAX];
    for (size_t k = 0; k < CHANNELS_MAX; k++) {
        lists[k] = chunk_addresses(buf_str(&r->chunk[first / CHUNK_MEMBERS]), k);
    }
    for (size_t i = first; i < r->n && i < first + CHUNK_MEMBERS; i++) {
        struct str addresses[CHANNELS_MAX];
        for (size_t k = 0; k < CHANNELS_MAX; k++) {
            addresses[k] = lists[k].p ? str_cut(&lists[k], ',') : STR("");
        }
        make_row(r, i, addresses);
    }
}

static void
make_rows(struct report *r)
{
    for (size_t first = 0; first < r->n; first += CHUNK_MEMBERS) {
        make_chunk_rows(r, first);
    }
    if (r->one) {
        ask_passed(r);
    } else {
        ask_details(r);
    }
}

static void
on_members(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct report *r = arg;
    if (err) {
        report_end(r, true, err);
        return;
    }
    for (size_t i = 0; i < r->n; i++) {
        struct str column[MEMBER_COLUMNS];
        (void)member_json_read(reply_str_at(reply, i), r->arena, column);
        r->member[i] = column[MEMBER_ID];
    }
    make_rows(r);
}

/* ---- Step 1: what a batch asks for ---- */

static void
on_chunks(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct report *r = arg;
    for (size_t i = 0; i < CHUNKS && !err; i++) {
        buf_clear(&r->chunk[i]);
        buf_add_str(&r->chunk[i], reply_str_at(reply, i));
    }
}

static void
on_letters(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct report *r = arg;
    buf_clear(&r->letters);
    if (!err) {
        buf_add_str(&r->letters, reply_str(reply));
    }
}

static void
on_ledger(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct report *r = arg;
    buf_clear(&r->ledger);
    if (!err) {
        buf_add_str(&r->ledger, reply_str(reply));
    }
}

static void
ask_range(struct report *r, const char *key, uint32_t width, redis_fn *fn)
{
    struct args a;
    args_init(&a, "GETRANGE");
    args_format(&a, "loa:broadcast:{%s}:%s", r->id, key);
    args_int(&a, (int64_t)r->from * width);
    args_int(&a, (int64_t)(r->from + r->n) * width - 1);
    queue_send(r->queue, &a, fn, r);
}

static void
next_batch(struct report *r)
{
    struct args a;
    uint32_t left = r->total - r->from;
    arena_free(&r->arena);
    r->arena = arena_new();
    r->n = bitmap_select(&r->audience, r->number, r->numbers, left < ROWS ? left : ROWS);
    if (r->n == 0) {
        report_end(r, true, NULL);
        return;
    }
    args_init(&a, "HMGET");
    args_format(&a, "loa:broadcast:{%s}:chunks", r->id);
    for (uint32_t i = 0; i < CHUNKS; i++) {
        args_int(&a, r->from / CHUNK_MEMBERS + i);
    }
    queue_send(r->queue, &a, on_chunks, r);
    ask_range(r, "states", 1, on_letters);
    ask_range(r, "ledger", LEDGER_SIZE, on_ledger);
    args_init(&a, "HMGET");
    args_z(&a, QUEUE_DIRECTORY "records");
    for (size_t i = 0; i < r->n; i++) {
        args_int(&a, r->numbers[i]);
    }
    queue_send(r->queue, &a, on_members, r);
}

/* The batch in which the member's place is, up to that place.  False: it has none. */
static bool
find_place(struct report *r)
{
    uint32_t low = 0;
    uint32_t high = r->total;
    if (!bitmap_has(&r->audience, r->number)) {
        return false;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        uint32_t number = 0;
        if (bitmap_at(&r->audience, middle, &number) && number < r->number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    r->index = low;
    r->total = low + 1;
    r->from = low / ROWS * ROWS;
    return bitmap_at(&r->audience, r->from, &r->number);
}

static void
on_audience(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct report *r = arg;
    struct str bytes = reply_str(reply);
    if (err) {
        report_end(r, true, err);
        return;
    }
    r->audience = bitmap_copy(bytes.p, bytes.n);
    if (r->one && !find_place(r)) {
        report_end(r, true, NULL);
        return;
    }
    next_batch(r);
}

static struct report *
report_new(struct queue *queue, const char *id, report_row_fn *row, report_fn *fn, void *arg)
{
    struct report *r = xcalloc(1, sizeof *r);
    r->queue = queue;
    (void)snprintf(r->id, sizeof r->id, "%s", id);
    r->row = row;
    r->fn = fn;
    r->arg = arg;
    buf_init(&r->links, 65536);
    buf_init(&r->letters, ROWS);
    buf_init(&r->ledger, (size_t)ROWS * LEDGER_SIZE);
    for (size_t i = 0; i < CHUNKS; i++) {
        buf_init(&r->chunk[i], (size_t)CHUNK_MEMBERS * 96);
    }
    return r;
}

static void start(struct report *r);

static void
start_twins(struct report *r, struct str twins)
{
    struct group *g = xcalloc(1, sizeof *g);
    g->member[g->n++] = r;
    r->group = g;
    while (twins.p && twins.n > 0 && g->n < REPORT_BY) {
        char id[TWIN_ID_ROOM];
        struct str one = str_cut(&twins, ',');
        (void)snprintf(id, sizeof id, "%.*s", (int)one.n, one.p);
        struct report *twin = report_new(r->queue, id, NULL, NULL, NULL);
        twin->group = g;
        twin->one = r->one;
        twin->number = r->number;
        g->member[g->n++] = twin;
    }
    for (size_t k = 1; k < g->n; k++) {
        start(g->member[k]);
    }
}

static void
on_hash(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct report *r = arg;
    struct args a;
    if (err || reply_is_nil(reply_at(reply, 0))) {
        report_end(r, false, err);
        return;
    }
    if (reply_int_at(reply, 3, 0) > 0) {
        struct err archived;
        (void)err_set(&archived, ERR_INPUT,
                      "its members' outcomes were archived after retention.outcomes; 'loa status "
                      "%s' has the counts",
                      r->id);
        report_end(r, true, &archived);
        return;
    }
    r->total = (uint32_t)reply_int_at(reply, 0, 0);
    buf_add_str(&r->links, reply_str_at(reply, 1));
    struct str channels = reply_str_at(reply, 2);
    for (size_t i = 0; i < CHANNELS_MAX && channels.p && channels.n > 0; i++) {
        r->channels[i] = *str_cut(&channels, ',').p;
    }
    if (reply_str_at(reply, 4).n > 0) {
        start_twins(r, reply_str_at(reply, 4));
    }
    args_init(&a, "GET");
    args_format(&a, "loa:broadcast:{%s}:audience", r->id);
    queue_send(r->queue, &a, on_audience, r);
}

static void
start(struct report *r)
{
    struct args a;
    args_init(&a, "HMGET");
    args_format(&a, "loa:broadcast:{%s}", r->id);
    args_z(&a, "total");
    args_z(&a, "links");
    args_z(&a, "channels");
    args_z(&a, "archived_s");
    args_z(&a, "twins");
    queue_send(r->queue, &a, on_hash, r);
}

void
report_read(struct queue *queue, const char *id, report_row_fn *row, report_fn *fn, void *arg)
{
    start(report_new(queue, id, row, fn, arg));
}

void
report_one(struct queue *queue, const char *id, uint32_t number, report_row_fn *row, report_fn *fn,
           void *arg)
{
    struct report *r = report_new(queue, id, row, fn, arg);
    r->one = true;
    r->number = number;
    start(r);
}

/* The import of a CSV file into the directory: checked whole, then taken batch by batch, each batch
 * one Function call. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "gateway/core/csv.h"
#include "gateway/core/hash.h"
#include "gateway/core/mem.h"
#include "gateway/core/member.h"
#include "gateway/core/preference.h"
#include "queue/members.h"
#include "queue/redis.h"

enum { BATCH = 128 };

/* A line of the batch under way. */
struct line {
    int number;
    bool refused;
    char why[sizeof((struct err *)NULL)->text];
    struct member_row row;
};

/* The ids that the file had so far: hash → line, open addressing. */
struct seen {
    struct {
        uint64_t hash;
        int line;
    } * slot;
    size_t room, n;
};

struct import {
    struct queue *queue;
    struct csv_reader reader;
    struct member_header header;
    struct seen seen, addresses; /* ids; addresses of a dry run, of which Redis sees no line */
    bool dry_run, at_end;
    struct arena *arena; /* of the batch */
    struct line lines[BATCH];
    size_t n;
    struct import_counts counts;
    uint64_t newly_sharing; /* of a dry run */
    member_line_fn *say;
    import_fn *fn;
    void *arg;
};

static void
import_end(struct import *m, const struct err *err)
{
    m->fn(m->arg, &m->counts, err);
    csv_reader_deinit(&m->reader);
    arena_free(&m->arena);
    free(m->seen.slot);
    free(m->addresses.slot);
    free(m);
}

/* ---- Ids seen before ---- */

static uint64_t
hash_of(struct str s)
{
    uint64_t h = hash_fnv64(s);
    return h ? h : 1; /* 0 is a free slot */
}

static void seen_grow(struct seen *seen);

/* The line that had this id before, 0: none (and now it is `line`). */
static int
seen_before(struct seen *seen, uint64_t hash, int line)
{
    if (seen->n * 2 >= seen->room) {
        seen_grow(seen);
    }
    size_t at = hash & (seen->room - 1);
    while (seen->slot[at].hash != 0) {
        if (seen->slot[at].hash == hash) {
            return seen->slot[at].line;
        }
        at = (at + 1) & (seen->room - 1);
    }
    seen->slot[at].hash = hash;
    seen->slot[at].line = line;
    seen->n++;
    return 0;
}

static void
seen_grow(struct seen *seen)
{
    struct seen grown = {.room = seen->room ? seen->room * 2 : 1024};
    grown.slot = xcalloc(grown.room, sizeof *grown.slot);
    for (size_t i = 0; i < seen->room; i++) {
        if (seen->slot[i].hash) {
            (void)seen_before(&grown, seen->slot[i].hash, seen->slot[i].line);
        }
    }
    free(seen->slot);
    *seen = grown;
}

/* ---- A batch ---- */

static void
read_line(struct import *m, const struct str *cells, size_t n)
{
    struct line *line = &m->lines[m->n++];
    struct err err = {0};
    line->number = (int)m->reader.line;
    line->refused = false;
    m->counts.lines++;
    if (member_row_read(&m->header, cells, n, m->arena, &line->row, &err) == 0) {
        struct str id = line->row.column[MEMBER_ID];
        int before = seen_before(&m->seen, hash_of(id), line->number);
        if (before == 0) {
            return;
        }
        (void)err_set(&err, ERR_INPUT, "id '%.*s' stands in line %d already", (int)id.n, id.p,
                      before);
    }
    line->refused = true;
    memcpy(line->why, err.text, sizeof line->why);
}

/* Fills the batch; false when the rest of the file is broken (which the first look excludes). */
static int
read_batch(struct import *m, struct err *err)
{
    struct str cells[MEMBER_CELLS_MAX];
    size_t n;
    m->n = 0;
    arena_free(&m->arena);
    m->arena = arena_new();
    while (m->n < BATCH) {
        int got = csv_read(&m->reader, cells, MEMBER_CELLS_MAX, &n, err);
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            m->at_end = true;
            return 0;
        }
        read_line(m, cells, n);
    }
    return 0;
}

static void
add_line(struct args *a, struct import *m, const struct member_row *row)
{
    struct buf json, key;
    char phone[NUMBER_COLUMN], prefer[PREFERENCE_WIDTH];
    size_t prefer_n = preference_letters(row->column[MEMBER_PREFER], prefer);
    buf_init(&json, 16384);
    buf_init(&key, 200);
    member_row_json(row, &json);
    member_row_key(row, &key);
    member_row_phone(row, phone);
    args_str(a, row->column[MEMBER_ID]);
    args_bytes(a, arena_strndup(m->arena, json.p, json.n), json.n);
    args_bytes(a, arena_strndup(m->arena, phone, sizeof phone), sizeof phone);
    args_str(a, row->column[MEMBER_ZALO_UID]);
    args_str(a, row->column[MEMBER_TELEGRAM_CHAT]);
    args_str(a, row->column[MEMBER_GROUPS]);
    args_bytes(a, arena_strndup(m->arena, key.p ? key.p : "", key.n), key.n);
    args_bytes(a, arena_strndup(m->arena, prefer, prefer_n), prefer_n);
    buf_deinit(&json);
    buf_deinit(&key);
}

/* Whether an earlier line of a dry run has this address. */
static bool
stands_above(struct import *m, const struct line *line)
{
    struct buf key;
    buf_init(&key, 200);
    member_row_key(&line->row, &key);
    bool above = m->dry_run && key.n > 0 &&
                 seen_before(&m->addresses, hash_of(buf_str(&key)), line->number) != 0;
    buf_deinit(&key);
    return above;
}

static void
count_line(struct import *m, struct member_line *line, char letter)
{
    switch (letter) {
    case 'N':
    case 'n':
        line->change = MEMBER_NEW;
        m->counts.added++;
        break;
    case 'C':
    case 'c':
        line->change = MEMBER_CHANGED;
        m->counts.changed++;
        break;
    default:
        line->change = MEMBER_UNCHANGED;
        m->counts.unchanged++;
        break;
    }
    m->newly_sharing += letter == 'N' || letter == 'C';
}

/* Tells of each line, in order; `letters` has one for each that was not refused. */
static void
tell(struct import *m, struct str letters)
{
    size_t at = 0;
    for (size_t i = 0; i < m->n; i++) {
        const struct line *l = &m->lines[i];
        struct member_line line = {.line = l->number,
                                   .id = l->row.column[MEMBER_ID],
                                   .change = MEMBER_INVALID,
                                   .why = l->why};
        if (l->refused) {
            m->counts.invalid++;
        } else {
            char letter = at < letters.n ? letters.p[at] : 'u';
            bool shares = stands_above(m, l);
            count_line(m, &line, letter);
            m->newly_sharing += shares && (letter == 'n' || letter == 'c');
            at++;
            line.why = l->row.warning;
            m->counts.unusable_phones += l->row.phone != NUMBER_MOBILE;
        }
        m->say(m->arg, &line);
    }
}

static void next_batch(struct import *m);

static void
on_sharing(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct import *m = arg;
    if (!err) {
        m->counts.sharing = (uint64_t)reply_int(reply, 0) + m->newly_sharing;
    }
    import_end(m, err);
}

static void
on_batch(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct import *m = arg;
    if (err) {
        import_end(m, err);
        return;
    }
    tell(m, reply_str(reply));
    if (!m->at_end) {
        next_batch(m);
        return;
    }
    struct args a;
    args_init(&a, "BITCOUNT");
    args_z(&a, QUEUE_DIRECTORY "shared");
    queue_send(m->queue, &a, on_sharing, m);
}

static void
next_batch(struct import *m)
{
    struct args a;
    struct err err;
    size_t taken = 0;
    if (read_batch(m, &err) != 0) {
        import_end(m, &err);
        return;
    }
    args_fcall(&a, "loa_members_import", QUEUE_DIRECTORY "numbers");
    args_z(&a, m->dry_run ? "dry" : "write");
    for (size_t i = 0; i < m->n; i++) {
        if (!m->lines[i].refused) {
            add_line(&a, m, &m->lines[i].row);
            taken++;
        }
    }
    if (taken == 0) {
        args_init(&a, "PING"); /* all refused: the next comes from the loop all the same */
    }
    queue_send(m->queue, &a, on_batch, m);
}

/* ---- The beginning ---- */

/* The header, and whether the file is CSV to its end: nothing is taken of one that is not. */
static int
look_through(struct import *m, struct str csv, struct err *err)
{
    struct str cells[MEMBER_CELLS_MAX];
    size_t n;
    csv_reader_init(&m->reader, csv, 0);
    int got = csv_read(&m->reader, cells, MEMBER_CELLS_MAX, &n, err);
    if (got < 0) {
        return -1;
    }
    if (got == 0) {
        return err_set(err, ERR_INPUT,
                       "the file is empty: the first line must be "
                       "id,name,phone,zalo_uid,telegram_chat,groups");
    }
    if (member_header_read(cells, n, &m->header, err) != 0) {
        return err_prefix(err, "line %zu: ", m->reader.line);
    }
    while (got > 0) {
        got = csv_read(&m->reader, cells, MEMBER_CELLS_MAX, &n, err);
    }
    if (got < 0) {
        return -1;
    }
    csv_reader_deinit(&m->reader);
    csv_reader_init(&m->reader, csv, 0);
    return csv_read(&m->reader, cells, MEMBER_CELLS_MAX, &n, err) == 1 ? 0 : -1;
}

static void
on_refused(void *arg, const struct redisReply *reply, const struct err *err)
{
    (void)reply;
    import_end(arg, err);
}

void
members_import(struct queue *queue, struct str csv, bool dry_run, member_line_fn *say,
               import_fn *fn, void *arg)
{
    struct import *m = xcalloc(1, sizeof *m);
    struct err err = {0};
    m->queue = queue;
    m->dry_run = dry_run;
    m->say = say;
    m->fn = fn;
    m->arg = arg;
    if (look_through(m, csv, &err) != 0) {
        queue_fail(queue, &err, on_refused, m);
        return;
    }
    next_batch(m);
}

/* `loa replies`, `loa reply`: what members sent in, and an answer. */
// SPDX-License-Identifier: MIT
#include "queue/replies.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/base/clock.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/session.h"
#include "gateway/cli/show.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "gateway/core/mem.h"
#include "gateway/core/number.h"
#include "gateway/core/time.h"
#include "queue/outbox.h"

enum { LATEST = 100, PAGE = 1000, FOLLOW_MS = 500, ENTRY_SIZE = QUEUE_ENTRY_SIZE };

struct showing {
    struct session *session;
    bool full;
    char last[ENTRY_SIZE]; /* the entry shown last, "" none */
    struct table *table;   /* NULL: each is printed at once */
    json_t *all;           /* --json without --follow */
    int rows;
};

static struct str
masked(const struct showing *s, struct str address, char *room, size_t n)
{
    if (s->full) {
        return address;
    }
    number_mask(address, room, n);
    return str_of(room);
}

/* As the office's clock had it. */
static struct str
local_time(struct str at, char *room, size_t n)
{
    int64_t unix_s = 0;
    struct err err;
    if (time_parse_rfc3339(at, &unix_s, &err) != 0) {
        return at;
    }
    show_time(unix_s, room, n);
    return str_of(room);
}

static json_t *
row_json(const struct showing *s, const struct reply_row *row)
{
    char room[80];
    const struct {
        const char *name;
        struct str value;
    } fields[] = {
        {"id", row->entry},
        {"at", row->at},
        {"from", masked(s, row->from, room, sizeof room)},
        {"member", row->member},
        {"channel", row->channel},
        {"link", row->link},
        {"intent", row->intent},
        {"text", row->text},
    };
    json_t *json = json_object();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        (void)json_object_set_new(json, fields[i].name, show_string(fields[i].value));
    }
    return json;
}

static void
print_line(const struct showing *s, const struct reply_row *row)
{
    enum { CELLS = 1000 };
    char room[80], time[80];
    struct str from = masked(s, row->from, room, sizeof room);
    struct str at = local_time(row->at, time, sizeof time);
    struct buf text;
    buf_init(&text, 1 << 20);
    (void)text_fit(&text, row->text, CELLS);
    (void)printf("%.*s  %.*s  %.*s  %.*s  %s\n", (int)at.n, at.p, (int)row->channel.n,
                 row->channel.p, (int)from.n, from.p, (int)row->member.n, row->member.p,
                 text.n ? text.p : "");
    buf_deinit(&text);
}

static void
on_row(void *arg, const struct reply_row *row)
{
    struct showing *s = arg;
    char room[80], time[80];
    (void)snprintf(s->last, sizeof s->last, "%.*s", (int)row->entry.n, row->entry.p);
    s->rows++;
    if (s->all) {
        (void)json_array_append_new(s->all, row_json(s, row));
    } else if (s->session->call->json) {
        json_t *json = row_json(s, row);
        char *text = json_dumps(json, JSON_COMPACT);
        (void)printf("%s\n", text ? text : "{}");
        free(text);
        json_decref(json);
    } else if (s->table) {
        table_add(s->table, row->entry, COLOUR_FAINT);
        table_add(s->table, local_time(row->at, time, sizeof time), COLOUR_NONE);
        table_add(s->table, row->channel, COLOUR_NONE);
        table_add(s->table, masked(s, row->from, room, sizeof room), COLOUR_NONE);
        table_add(s->table, row->member, COLOUR_NONE);
        table_add(s->table, row->intent, COLOUR_BUSY);
        table_add(s->table, row->text, COLOUR_NONE);
    } else {
        print_line(s, row);
    }
}

static void
on_read(void *arg, const struct err *err)
{
    struct showing *s = arg;
    session_answer(s->session, err);
}

static int
read_some(struct showing *s, const char *after, int most)
{
    s->rows = 0;
    session_begin(s->session);
    reply_read(s->session->queue, after, most, on_row, on_read, s);
    int code = session_wait(s->session) == 0 ? CLI_DONE : CLI_FAILED;
    (void)fflush(stdout);
    return code;
}

static int
follow(struct showing *s)
{
    int code = CLI_DONE;
    while (code == CLI_DONE && !ferror(stdout)) {
        char after[ENTRY_SIZE];
        (void)snprintf(after, sizeof after, "%s", *s->last ? s->last : "-");
        code = read_some(s, after, PAGE);
        if (s->rows < PAGE) {
            session_pause(s->session, FOLLOW_MS);
        }
    }
    return code;
}

int
cmd_replies(const struct cli_call *call)
{
    static const struct table_column columns[] = {
        {"ID", false, false},   {"AT", false, false},    {"CHANNEL", false, false},
        {"FROM", false, false}, {"MEMBER", false, true}, {"INTENT", false, false},
        {"TEXT", false, true},
    };
    const struct replies_options *options = call->options;
    struct session session;
    int code = session_open(&session, call);
    if (code != CLI_DONE) {
        return code;
    }
    struct showing s = {.session = &session, .full = options->full};
    if (!options->follow && call->json) {
        s.all = json_array();
    } else if (!options->follow) {
        s.table = table_new(columns, sizeof columns / sizeof *columns);
    }
    code = read_some(&s, "", LATEST);
    if (code == CLI_DONE && options->follow) {
        code = follow(&s);
    } else if (code == CLI_DONE && s.all) {
        show_json(json_incref(s.all));
    } else if (code == CLI_DONE) {
        table_print(s.table, stdout);
    }
    json_decref(s.all);
    table_free(&s.table);
    session_close(&session);
    return code;
}

/* ---- An answer ---- */

struct answering {
    struct session *session;
    const char *entry;
    bool found;
    char *from, *link;
};

static void
on_asked(void *arg, const struct reply_row *row)
{
    struct answering *a = arg;
    if (str_equal_z(row->entry, a->entry)) {
        a->found = true;
        a->from = xstrndup(row->from.p, row->from.n);
        a->link = xstrndup(row->link.p, row->link.n);
    }
}

static void
on_found(void *arg, const struct err *err)
{
    struct answering *a = arg;
    session_answer(a->session, err);
}

static int
answer(struct answering *a, const char *text)
{
    const struct cli_call *call = a->session->call;
    char phone[NUMBER_ROOM], id[OUTBOX_ID_SIZE];
    if (!a->found) {
        return cli_fail(call, CLI_FAILED,
                        text_of("there is no reply '%s'; 'loa replies' shows those there are"),
                        a->entry);
    }
    if (number_read(str_of(a->from), phone) != NUMBER_MOBILE) {
        return cli_fail(call, CLI_FAILED, "%s",
                        text_of("it came from no mobile number: it cannot be answered"));
    }
    (void)snprintf(id, sizeof id, "reply:%s:%lld", a->entry, (long long)clock_unix_ms());
    const struct outbox_entry entry = {id, phone, text, a->link, "reply"};
    session_begin(a->session);
    outbox_add(a->session->queue, &entry, on_found, a);
    if (session_wait(a->session) != 0) {
        return CLI_FAILED;
    }
    if (call->json) {
        show_json(json_pack("{s:s}", "id", id));
    } else {
        (void)printf("%s\n", text_of("The answer goes out."));
    }
    return CLI_DONE;
}

int
cmd_reply(const struct cli_call *call)
{
    struct session session;
    int code = session_open(&session, call);
    if (code != CLI_DONE) {
        return code;
    }
    struct answering a = {.session = &session, .entry = call->operands[0]};
    session_begin(&session);
    reply_find(session.queue, a.entry, on_asked, on_found, &a);
    code = session_wait(&session) == 0 ? answer(&a, call->operands[1]) : CLI_FAILED;
    free(a.from);
    free(a.link);
    session_close(&session);
    return code;
}

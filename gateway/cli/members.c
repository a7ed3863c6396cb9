/* `loa members import`, `list`, `show`: the directory. */
// SPDX-License-Identifier: MIT
#include "queue/members.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/input.h"
#include "gateway/cli/session.h"
#include "gateway/cli/show.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "gateway/core/mem.h"
#include "gateway/core/number.h"

enum { FILE_MOST = 1 << 30, PAGE = 1000 };

struct import {
    struct session *session;
    const char *file;
    json_t *lines;
    struct import_counts counts;
};

static const char *
change_name(enum member_change change)
{
    static const char *const names[] = {"new", "changed", "unchanged", "invalid"};
    return names[change];
}

static void
on_line(void *arg, const struct member_line *line)
{
    struct import *import = arg;
    if (!line->why) {
        return;
    }
    if (import->lines) {
        json_t *json = json_object();
        (void)json_object_set_new(json, "line", json_integer(line->line));
        (void)json_object_set_new(json, "id", show_string(line->id));
        (void)json_object_set_new(json, "change", json_string(change_name(line->change)));
        (void)json_object_set_new(json, "why", show_string(str_of(line->why)));
        (void)json_array_append_new(import->lines, json);
        return;
    }
    (void)fprintf(stderr, "%s:%d: %s%.*s%s%s\n", import->file, line->line,
                  line->change == MEMBER_INVALID ? text_of("left out: ") : "", (int)line->id.n,
                  line->id.n ? line->id.p : "", line->id.n ? ": " : "", line->why);
}

static void
on_imported(void *arg, const struct import_counts *counts, const struct err *err)
{
    struct import *import = arg;
    if (counts && !err) {
        import->counts = *counts;
    }
    session_answer(import->session, err);
}

static void
print_counts(const struct import *import, bool dry_run)
{
    const struct import_counts *c = &import->counts;
    const struct {
        const char *name, *text;
        uint64_t n;
    } rows[] = {
        {"lines", "lines", c->lines},
        {"added", "added", c->added},
        {"changed", "changed", c->changed},
        {"unchanged", "unchanged", c->unchanged},
        {"invalid", "left out", c->invalid},
        {"unusable_phones", "without a usable phone", c->unusable_phones},
        {"sharing", "with the phone of an earlier member", c->sharing},
    };
    json_t *json = import->lines ? json_object() : NULL;
    if (dry_run && !json) {
        (void)printf("%s\n", text_of("Nothing was written (--dry-run); it would be:"));
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (json) {
            (void)json_object_set_new(json, rows[i].name, json_integer((json_int_t)rows[i].n));
        } else {
            (void)printf("%9llu  %s\n", (unsigned long long)rows[i].n, text_of(rows[i].text));
        }
    }
    if (json) {
        (void)json_object_set_new(json, "dry_run", json_boolean(dry_run));
        (void)json_object_set_new(json, "remarks", json_incref(import->lines));
        show_json(json);
    }
}

int
cmd_members_import(const struct cli_call *call)
{
    const struct members_options *options = call->options;
    struct buf csv;
    struct err err = {0};
    if (input_read(call->operands[0], FILE_MOST, &csv, &err) != 0) {
        buf_deinit(&csv);
        return cli_fail(call, CLI_FAILED, "%s", err.text);
    }
    struct session s;
    int code = session_open(&s, call);
    if (code != CLI_DONE) {
        buf_deinit(&csv);
        return code;
    }
    struct import import = {&s, call->operands[0], call->json ? json_array() : NULL, {0}};
    session_begin(&s);
    members_import(s.queue, buf_str(&csv), options->dry_run, on_line, on_imported, &import);
    if (session_wait_for(&s, SESSION_LONG_MS) != 0) {
        code = CLI_FAILED;
    } else {
        print_counts(&import, options->dry_run);
        code = import.counts.invalid > 0 ? CLI_FAILED : CLI_DONE;
    }
    json_decref(import.lines);
    session_close(&s);
    buf_deinit(&csv);
    return code;
}

/* ---- list and show ---- */

struct listing {
    struct session *session;
    struct table *table;
    bool full, any;
    uint32_t next;
    bool found;
    json_t *one; /* show */
};

static struct str
masked(const struct listing *listing, struct str address, char *room, size_t n)
{
    if (listing->full || address.n == 0) {
        return address;
    }
    number_mask(address, room, n);
    return str_of(room);
}

static json_t *
member_json(const struct listing *listing, const struct member *member)
{
    char room[4][80];
    json_t *json = json_object();
    const struct {
        const char *name;
        struct str value;
    } texts[] = {
        {"id", member->id},
        {"name", member->name},
        {"phone", masked(listing, member->phone, room[0], sizeof room[0])},
        {"address", masked(listing, member->address, room[1], sizeof room[1])},
        {"zalo_uid", masked(listing, member->zalo_uid, room[2], sizeof room[2])},
        {"telegram_chat", masked(listing, member->telegram_chat, room[3], sizeof room[3])},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        (void)json_object_set_new(json, texts[i].name, show_string(texts[i].value));
    }
    json_t *groups = json_array();
    struct str rest = member->groups;
    while (rest.n > 0) {
        (void)json_array_append_new(groups, show_string(str_trim(str_cut(&rest, ';'))));
    }
    (void)json_object_set_new(json, "groups", groups);
    json_t *prefer = json_array();
    rest = member->prefer;
    while (rest.n > 0) {
        (void)json_array_append_new(prefer, show_string(str_cut(&rest, ',')));
    }
    (void)json_object_set_new(json, "prefer", prefer);
    json_t *out = json_array();
    for (size_t i = 0; i < MEMBER_CHANNELS; i++) {
        if (member->opted_out & 1U << i) {
            (void)json_array_append_new(out, json_string(member_channels[i]));
        }
    }
    (void)json_object_set_new(json, "opted_out", json_boolean(member->opted_out & MEMBER_SMS));
    (void)json_object_set_new(json, "opted_out_of", out);
    (void)json_object_set_new(json, "shares", json_boolean(member->shares));
    return json;
}

/* Whoever has an address by which nothing goes any more has opted out; who has another one beside
 * a phone that cannot be used is well. */
static const char *
member_state(const struct member *member)
{
    unsigned ways = (member->address.n > 0 ? MEMBER_SMS : 0U) |
                    (member->zalo_uid.n > 0 ? MEMBER_ZALO : 0U) |
                    (member->telegram_chat.n > 0 ? MEMBER_TELEGRAM : 0U);
    if (member->opted_out & MEMBER_SMS || (ways != 0 && (ways & ~member->opted_out) == 0)) {
        return "opted-out";
    }
    return ways == 0        ? (member->phone.n ? "invalid-address" : "no-address")
           : member->shares ? "shared"
                            : "ok";
}

static void
on_member(void *arg, const struct member *member)
{
    struct listing *listing = arg;
    if (listing->session->call->json) {
        json_t *json = member_json(listing, member);
        char *text = json_dumps(json, JSON_COMPACT);
        (void)printf("%s%s", listing->any ? ",\n" : "", text ? text : "{}");
        free(text);
        json_decref(json);
    } else {
        char room[80];
        struct str address = member->address.n ? member->address : member->phone;
        table_add(listing->table, member->id, COLOUR_NONE);
        table_add(listing->table, member->name, COLOUR_NONE);
        table_add(listing->table, masked(listing, address, room, sizeof room), COLOUR_NONE);
        const char *state = member_state(member);
        table_add(listing->table, str_of(text_of(state)),
                  strcmp(state, "ok") == 0 ? COLOUR_GOOD : COLOUR_BUSY);
        table_add(listing->table, member->prefer, COLOUR_NONE);
        table_add(listing->table, member->groups, COLOUR_FAINT);
    }
    listing->any = true;
}

static void
on_page(void *arg, uint32_t next, const struct err *err)
{
    struct listing *listing = arg;
    listing->next = next;
    session_answer(listing->session, err);
}

static int
list_pages(struct session *s, struct listing *listing, const struct bitmap *only)
{
    struct members_page page = {only, 0, PAGE};
    do {
        session_begin(s);
        members_list(s->queue, &page, on_member, on_page, listing);
        if (session_wait(s) != 0) {
            return CLI_FAILED;
        }
        page.from = listing->next;
    } while (page.from != 0 && !ferror(stdout));
    return CLI_DONE;
}

int
cmd_members_list(const struct cli_call *call)
{
    static const struct table_column columns[] = {
        {"ID", false, true},     {"NAME", false, true},    {"PHONE", false, false},
        {"STATE", false, false}, {"PREFERS", false, true}, {"GROUPS", false, true},
    };
    const struct members_options *options = call->options;
    struct session s;
    int code = session_open(&s, call);
    if (code != CLI_DONE) {
        return code;
    }
    struct str expression = str_of(call->operands_n > 0 ? call->operands[0] : NULL);
    struct bitmap only = {NULL, 0};
    struct listing listing = {.session = &s, .full = options->full};
    listing.table = table_new(columns, sizeof columns / sizeof *columns);
    if (expression.n > 0 && session_audience(&s, expression, &only) != 0) {
        code = CLI_FAILED;
    } else {
        (void)fputs(call->json ? "[" : "", stdout);
        code = list_pages(&s, &listing, expression.n > 0 ? &only : NULL);
        if (call->json) {
            (void)fputs("]\n", stdout);
        } else if (code == CLI_DONE) {
            table_print(listing.table, stdout);
        }
    }
    free(only.bytes);
    table_free(&listing.table);
    session_close(&s);
    return code;
}

static void
on_show(void *arg, const struct member *member, const struct err *err)
{
    struct listing *listing = arg;
    if (member && !err) {
        listing->found = true;
        listing->one = member_json(listing, member);
        (void)json_object_set_new(listing->one, "state", json_string(member_state(member)));
    }
    session_answer(listing->session, err);
}

static void
add_value(struct buf *line, const json_t *value)
{
    enum { CELLS = 1000 };
    if (json_is_string(value)) {
        (void)text_fit(line, str_of(json_string_value(value)), CELLS);
    } else if (!json_is_array(value)) {
        buf_add_z(line, text_of(json_is_true(value) ? "yes" : "no"));
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        buf_add_z(line, i > 0 ? "; " : "");
        (void)text_fit(line, str_of(json_string_value(json_array_get(value, i))), CELLS);
    }
}

static void
print_member(json_t *one)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(one, name, value)
    {
        struct buf line;
        buf_init(&line, 1 << 16);
        buf_add_format(&line, "%-14s ", name);
        add_value(&line, value);
        (void)printf("%s\n", line.p);
        buf_deinit(&line);
    }
}

int
cmd_members_show(const struct cli_call *call)
{
    const struct members_options *options = call->options;
    struct session s;
    int code = session_open(&s, call);
    if (code != CLI_DONE) {
        return code;
    }
    struct listing listing = {.session = &s, .full = options->full};
    session_begin(&s);
    members_show(s.queue, call->operands[0], on_show, &listing);
    if (session_wait(&s) != 0) {
        code = CLI_FAILED;
    } else if (!listing.found) {
        code = cli_fail(call, CLI_FAILED,
                        text_of("there is no member '%s'; 'loa members list' shows those there "
                                "are"),
                        call->operands[0]);
    } else if (call->json) {
        show_json(json_incref(listing.one));
    } else {
        print_member(listing.one);
    }
    json_decref(listing.one);
    session_close(&s);
    return code;
}

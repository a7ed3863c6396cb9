/* `loa status ID` and `loa list`. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/status.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "gateway/core/mem.h"
#include "gateway/core/quiet.h"
#include "gateway/core/time.h"

enum { WATCH_MS = 500, LIST_MOST = 100000 };

struct asked {
    struct session *session;
    struct show_status *status;
};

static void
on_status(void *arg, const struct broadcast_status *status, const struct err *err)
{
    struct asked *asked = arg;
    if (status && !err) {
        show_copy(asked->status, status);
    }
    session_answer(asked->session, err);
}

int
status_ask(struct session *s, const char *id, struct show_status *status)
{
    show_free(status);
    struct asked asked = {s, status};
    session_begin(s);
    broadcast_status(s->queue, id, on_status, &asked);
    return session_wait(s);
}

int
status_not_taken_in(struct session *s, const char *id)
{
    struct show_status status = {0};
    int code = CLI_FAILED;
    if (status_ask(s, id, &status) != 0) {
        /* said already */
    } else if (!status.known) {
        code = session_unknown(s, id);
    } else if (status.error) {
        code = cli_fail(s->call, CLI_FAILED, text_of("'%s' was refused: %s"), id, status.error);
    } else {
        code = cli_fail(s->call, CLI_FAILED,
                        text_of("no gateway has taken '%s' in yet; is 'loa gateway' running?"), id);
    }
    show_free(&status);
    return code;
}

int64_t
status_quiet_until(const struct conf *conf, const struct show_status *status)
{
    int64_t now_s = clock_unix_ms() / 1000;
    struct quiet quiet =
        quiet_span(conf->quiet_from_min, conf->quiet_to_min, now_s, clock_offset_min(now_s));
    bool waits = now_s >= quiet.begins_s && strcmp(status->state, "sending") == 0 &&
                 strcmp(status->priority, "normal") == 0;
    return waits ? quiet.ends_s : 0;
}

/* Why nothing moves at night.  Returns how many lines it took. */
static int
print_quiet(const struct conf *conf, const struct show_status *status)
{
    int64_t until_s = status_quiet_until(conf, status);
    if (until_s == 0) {
        return 0;
    }
    char until[TIME_ROOM];
    time_format_short(until_s, clock_offset_min(until_s), until);
    (void)printf(text_of("quiet hours: it goes on at %s\n"), until);
    return 1;
}

/* One look: JSON, or the picture drawn over the former one. */
static void
print_look(const struct session *s, const struct show_status *status, int *lines)
{
    const struct cli_call *call = s->call;
    if (call->json) {
        show_json(show_status_json(status));
    } else {
        if (*lines > 0 && terminal_width(stdout) > 0) {
            (void)printf("\033[%dA\033[J", *lines);
        }
        *lines = show_picture(status, stdout) + print_quiet(s->conf, status);
    }
    (void)fflush(stdout);
}

static int
watch(struct session *s, const char *id, struct show_status *status)
{
    int lines = 0;
    bool terminal = terminal_width(stdout) > 0 && !s->call->json;
    char *last = xstrdup("");
    int code = CLI_DONE;
    while (code == CLI_DONE && !ferror(stdout)) {
        char *now = show_status_line(status);
        bool changed = strcmp(now, last) != 0;
        free(last);
        last = now;
        if (changed || terminal) {
            print_look(s, status, &lines);
        }
        if (show_is_over(status)) {
            break;
        }
        session_pause(s, WATCH_MS);
        if (status_ask(s, id, status) != 0) {
            code = CLI_FAILED;
        } else if (!status->known) {
            code = session_unknown(s, id);
        }
    }
    free(last);
    return code;
}

int
cmd_status(const struct cli_call *call)
{
    const struct status_options *options = call->options;
    struct session s;
    int code = session_open(&s, call);
    if (code != CLI_DONE) {
        return code;
    }
    struct show_status status = {0};
    const char *id = call->operands[0];
    int lines = 0;
    if (status_ask(&s, id, &status) != 0) {
        code = CLI_FAILED;
    } else if (!status.known) {
        code = session_unknown(&s, id);
    } else if (options->watch) {
        code = watch(&s, id, &status);
    } else {
        print_look(&s, &status, &lines);
    }
    show_free(&status);
    session_close(&s);
    return code;
}

struct listing {
    struct session *session;
    json_t *json; /* NULL: a table */
    struct table *table;
};

static enum colour
state_colour(const char *state)
{
    return strcmp(state, "done") == 0       ? COLOUR_GOOD
           : strcmp(state, "rejected") == 0 ? COLOUR_BAD
                                            : COLOUR_BUSY;
}

static void
on_each(void *arg, const struct broadcast_status *from)
{
    struct listing *listing = arg;
    struct show_status status;
    show_copy(&status, from);
    if (listing->json) {
        (void)json_array_append_new(listing->json, show_status_json(&status));
    } else {
        static const char shown[] = "daufkx";
        table_add_z(listing->table, status.id);
        table_add(listing->table, str_of(text_of(status.state)), state_colour(status.state));
        char created[TIME_ROOM] = "";
        int64_t created_s = 0;
        if (time_parse_rfc3339(str_of(status.created_at), &created_s, NULL) == 0) {
            show_time(created_s, created, sizeof created);
        }
        table_add(listing->table, (struct str){created, strnlen(created, 19)}, COLOUR_FAINT);
        table_add_number(listing->table, status.total);
        table_add_number(listing->table, status.total - show_settled(&status));
        for (const char *letter = shown; *letter; letter++) {
            const char *at = strchr(OUTCOME_LETTERS, *letter);
            table_add_number(listing->table, status.count[at - OUTCOME_LETTERS]);
        }
        table_add_z(listing->table, status.title);
    }
    show_free(&status);
}

static void
on_listed(void *arg, const struct err *err)
{
    struct listing *listing = arg;
    session_answer(listing->session, err);
}

int
cmd_list(const struct cli_call *call)
{
    static const struct table_column columns[] = {
        {"ID", false, false},      {"STATE", false, false},      {"CREATED", false, false},
        {"TOTAL", true, false},    {"OPEN", true, false},        {"DELIVERED", true, false},
        {"ACCEPTED", true, false}, {"UNDELIVERED", true, false}, {"FAILED", true, false},
        {"SKIPPED", true, false},  {"EXPIRED", true, false},     {"TITLE", false, true},
    };
    struct session s;
    int code = session_open(&s, call);
    if (code != CLI_DONE) {
        return code;
    }
    struct listing listing = {&s, call->json ? json_array() : NULL,
                              table_new(columns, sizeof columns / sizeof *columns)};
    session_begin(&s);
    broadcast_list(s.queue, LIST_MOST, on_each, on_listed, &listing);
    if (session_wait(&s) != 0) {
        code = CLI_FAILED;
    } else if (call->json) {
        show_json(json_incref(listing.json));
    } else {
        table_print(listing.table, stdout);
    }
    json_decref(listing.json);
    table_free(&listing.table);
    session_close(&s);
    return code;
}

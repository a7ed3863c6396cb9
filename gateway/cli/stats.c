/* `loa stats`: counters, links, work ahead, workers. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/session.h"
#include "gateway/cli/show.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "queue/stats_read.h"

enum { WATCH_MS = 1000 };

struct look {
    struct session *session;
    json_t *json; /* everything that was read, by kind */
};

static const char *const kind_names[] = {"totals", "links", "queues", "workers"};

/* A number as number, everything else as text. */
static json_t *
value_json(struct str name, struct str value)
{
    uint64_t n = 0;
    if (str_equal_z(name, "rate_now")) {
        char text[32];
        (void)snprintf(text, sizeof text, "%.*s", (int)value.n, value.p);
        return json_real(strtod(text, NULL));
    }
    bool number = str_to_u64(value, INT64_MAX, &n) && (value.n == 1 || value.p[0] != '0');
    return number ? json_integer((json_int_t)n) : show_string(value);
}

static void
on_each(void *arg, const struct stats_group *group)
{
    struct look *look = arg;
    json_t *kind = json_object_get(look->json, kind_names[group->kind]);
    json_t *into = kind;
    if (group->kind != STATS_TOTALS) {
        into = json_object();
        (void)json_object_setn_new(kind, group->name.p, group->name.n, into);
    }
    for (size_t i = 0; i < group->n; i++) {
        (void)json_object_setn_new(into, group->pairs[i].name.p, group->pairs[i].name.n,
                                   value_json(group->pairs[i].name, group->pairs[i].value));
    }
}

static void
on_read(void *arg, const struct err *err)
{
    struct look *look = arg;
    session_answer(look->session, err);
}

static int
read_stats(struct session *s, json_t **json)
{
    json_decref(*json);
    *json = json_object();
    for (size_t i = 0; i < sizeof kind_names / sizeof *kind_names; i++) {
        (void)json_object_set_new(*json, kind_names[i], json_object());
    }
    struct look look = {s, *json};
    session_begin(s);
    stats_read(s->queue, on_each, on_read, &look);
    return session_wait(s);
}

static void
add_value(struct table *table, const char *name, const json_t *value)
{
    if (strcmp(name, "heartbeat") == 0) {
        char ago[48];
        (void)snprintf(ago, sizeof ago, text_of("%lld s ago"),
                       (long long)(clock_unix_ms() / 1000 - json_integer_value(value)));
        table_add_z(table, ago);
    } else if (json_is_real(value)) {
        char rate[32];
        show_rate(json_real_value(value), rate, sizeof rate);
        table_add_z(table, rate);
    } else if (json_is_integer(value)) {
        table_add_number(table, (uint64_t)json_integer_value(value));
    } else {
        table_add_z(table, json_is_string(value) ? json_string_value(value) : "");
    }
}

/* One table a kind: its rows are the objects, its columns `columns`. */
static void
print_kind(json_t *json, const char *kind, const struct table_column *columns, size_t n)
{
    json_t *objects = json_object_get(json, kind);
    if (json_object_size(objects) == 0) {
        return;
    }
    struct table *table = table_new(columns, n);
    const char *name = NULL;
    json_t *object = NULL;
    json_object_foreach(objects, name, object)
    {
        table_add(table, str_of(name), COLOUR_HEAD);
        for (size_t i = 1; i < n; i++) {
            add_value(table, columns[i].head, json_object_get(object, columns[i].head));
        }
    }
    (void)putchar('\n');
    table_print(table, stdout);
    table_free(&table);
}

static json_int_t
total(json_t *json, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(json, "totals"), name));
}

static void
print_totals(json_t *json, json_int_t rate)
{
    static const struct table_column columns[] = {{"COUNTER", false, false},
                                                  {"VALUE", true, false}};
    struct table *table = table_new(columns, 2);
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(json_object_get(json, "totals"), name, value)
    {
        table_add_z(table, name);
        add_value(table, name, value);
    }
    if (rate >= 0) {
        table_add(table, str_of(text_of("parts a second now")), COLOUR_HEAD);
        table_add_number(table, (uint64_t)rate);
    }
    table_print(table, stdout);
    table_free(&table);
}

static void
print_stats(json_t *json, json_int_t rate)
{
    static const struct table_column links[] = {
        {"link", false, false},           {"state", false, false},
        {"rate_now", true, false},        {"in_flight", true, false},
        {"parts_submitted", true, false}, {"messages_delivered", true, false},
        {"throttled", true, false},       {"quota_left", true, false},
        {"last_error", false, true},
    };
    static const struct table_column queues[] = {
        {"queue", false, false}, {"entries", true, false}, {"due", true, false}};
    static const struct table_column workers[] = {{"worker", false, true},
                                                  {"version", false, false},
                                                  {"pid", true, false},
                                                  {"heartbeat", true, false}};
    print_totals(json, rate);
    print_kind(json, "links", links, sizeof links / sizeof *links);
    print_kind(json, "queues", queues, sizeof queues / sizeof *queues);
    print_kind(json, "workers", workers, sizeof workers / sizeof *workers);
}

static void
print_look(const struct cli_call *call, json_t *json, json_int_t rate, bool again)
{
    if (call->json) {
        show_json(json_incref(json));
    } else {
        if (again && terminal_width(stdout) > 0) {
            (void)fputs("\033[H\033[J", stdout);
        }
        print_stats(json, rate);
    }
    (void)fflush(stdout);
}

int
cmd_stats(const struct cli_call *call)
{
    const struct status_options *options = call->options;
    struct session s;
    json_t *json = NULL;
    int code = session_open(&s, call);
    if (code != CLI_DONE) {
        return code;
    }
    json_int_t before = -1;
    do {
        if (read_stats(&s, &json) != 0) {
            code = CLI_FAILED;
            break;
        }
        json_int_t now = total(json, "parts_submitted");
        print_look(call, json, before < 0 ? -1 : (now - before) * 1000 / WATCH_MS, options->watch);
        before = now;
        if (options->watch) {
            session_pause(&s, WATCH_MS);
        }
    } while (options->watch && !ferror(stdout));
    json_decref(json);
    session_close(&s);
    return code;
}

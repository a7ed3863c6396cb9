/* `loa link list`, `stop`, `start`: the links' state and the red switch. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf.h"
#include "gateway/base/conf_key.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/session.h"
#include "gateway/cli/show.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "gateway/core/mem.h"
#include "queue/rate.h"
#include "queue/stats_read.h"

enum { LINKS_MAX = 256, STALE_S = 5 };

/* One link as it is shown; what nobody reported is not there. */
struct shown {
    const struct conf_link *conf;
    json_t *stats; /* what gateways reported */
    bool stopped;  /* switched off */
    struct rate_limit limit;
};

struct listing {
    struct session *session;
    struct shown shown[LINKS_MAX];
    size_t n, asked;
};

static void
on_stats(void *arg, const struct stats_group *group)
{
    struct listing *l = arg;
    for (size_t i = 0; group->kind == STATS_LINK && i < l->n; i++) {
        if (!str_equal_z(group->name, l->shown[i].conf->name)) {
            continue;
        }
        for (size_t k = 0; k < group->n; k++) {
            (void)json_object_set_new(l->shown[i].stats, group->pairs[k].name.p,
                                      show_string(group->pairs[k].value));
        }
    }
}

static void
on_answered(void *arg, const struct err *err)
{
    struct listing *l = arg;
    session_answer(l->session, err);
}

static void
on_watched(void *arg, const struct link_watch *watch, const struct err *err)
{
    struct listing *l = arg;
    if (!err) {
        l->shown[l->asked].stopped = watch->stopped;
        l->shown[l->asked].limit = watch->limit;
    }
    session_answer(l->session, err);
}

static int
read_links(struct listing *l)
{
    session_begin(l->session);
    stats_read(l->session->queue, on_stats, on_answered, l);
    int rc = session_wait(l->session);
    for (l->asked = 0; rc == 0 && l->asked < l->n; l->asked++) {
        session_begin(l->session);
        link_watch(l->session->queue, l->shown[l->asked].conf->name, 0, on_watched, l);
        rc = session_wait(l->session);
    }
    return rc;
}

static const char *
text_at(const struct shown *shown, const char *name)
{
    const char *text = json_string_value(json_object_get(shown->stats, name));
    return text ? text : "";
}

static int64_t
number_at(const struct shown *shown, const char *name)
{
    return strtoll(text_at(shown, name), NULL, 10);
}

/* What a gateway reported counts for some seconds: then nobody holds the link. */
static const char *
state_of(const struct shown *shown)
{
    bool fresh = clock_unix_ms() / 1000 - number_at(shown, "heartbeat") <= STALE_S;
    if (shown->stopped) {
        return "stopped";
    }
    return fresh && *text_at(shown, "state") ? text_at(shown, "state") : "down";
}

static bool
is_carried_by(const struct conf_channel *channel, const char *name)
{
    for (size_t i = 0; i < channel->links_n; i++) {
        if (strcmp(channel->links[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Channels that name the link: "sms,zalo". */
static void
channels_of(const struct conf *conf, const char *name, struct buf *out)
{
    for (size_t i = 0; i < conf->channels_n; i++) {
        if (is_carried_by(&conf->channels[i], name)) {
            buf_add_format(out, "%s%s", out->n ? "," : "", conf->channels[i].name);
        }
    }
}

/* Takes `stats` along: rate, counters, and the rest as numbers where they are. */
static json_t *
to_json(const struct conf *conf, const struct shown *shown)
{
    struct buf channels;
    buf_init(&channels, 256);
    channels_of(conf, shown->conf->name, &channels);
    json_t *json =
        json_pack("{s:s, s:s, s:o, s:s, s:b, s:f, s:i, s:f, s:I, s:I, s:I, s:I, s:s, s:s}", "name",
                  shown->conf->name, "kind", conf_kind_names[shown->conf->kind], "channels",
                  show_string(buf_str(&channels)), "state", state_of(shown), "switched_off",
                  shown->stopped, "rate", shown->conf->rate, "limit", shown->limit.parts_s,
                  "rate_now", strtod(text_at(shown, "rate_now"), NULL), "in_flight",
                  (json_int_t)number_at(shown, "in_flight"), "parts_submitted",
                  (json_int_t)number_at(shown, "parts_submitted"), "throttled",
                  (json_int_t)number_at(shown, "throttled"), "messages_delivered",
                  (json_int_t)number_at(shown, "messages_delivered"), "last_error",
                  text_at(shown, "last_error"), "since", text_at(shown, "since"));
    if (*text_at(shown, "quota_left")) {
        (void)json_object_set_new(json, "quota_left", json_integer(number_at(shown, "quota_left")));
        (void)json_object_set_new(json, "quota_day", json_integer(number_at(shown, "quota_day")));
    }
    buf_deinit(&channels);
    return json;
}

static enum colour
colour_of(const char *state)
{
    if (strcmp(state, "bound") == 0) {
        return COLOUR_GOOD;
    }
    return strcmp(state, "throttled") == 0 || strcmp(state, "connecting") == 0 ? COLOUR_BUSY
                                                                               : COLOUR_BAD;
}

static void
add_rate(struct table *table, double rate)
{
    char text[32];
    show_rate(rate, text, sizeof text);
    table_add_z(table, text);
}

/* "12/500", nothing where the platform tells none. */
static void
add_quota(struct table *table, const struct shown *shown)
{
    char text[64] = "";
    if (*text_at(shown, "quota_left")) {
        (void)snprintf(text, sizeof text, "%s/%s", text_at(shown, "quota_left"),
                       text_at(shown, "quota_day"));
    }
    table_add_z(table, text);
}

static void
print_links(const struct conf *conf, const struct listing *l)
{
    static const struct table_column columns[] = {
        {"LINK", false, false},     {"KIND", false, false},      {"CHANNEL", false, false},
        {"STATE", false, false},    {"RATE", true, false},       {"NOW", true, false},
        {"IN FLIGHT", true, false}, {"SUBMITTED", true, false},  {"DELIVERED", true, false},
        {"THROTTLED", true, false}, {"QUOTA LEFT", true, false}, {"LAST ERROR", false, true}};
    struct table *table = table_new(columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < l->n; i++) {
        const struct shown *shown = &l->shown[i];
        struct buf channels;
        buf_init(&channels, 256);
        channels_of(conf, shown->conf->name, &channels);
        table_add(table, str_of(shown->conf->name), COLOUR_HEAD);
        table_add_z(table, conf_kind_names[shown->conf->kind]);
        table_add(table, buf_str(&channels), COLOUR_NONE);
        table_add(table, str_of(text_of(state_of(shown))), colour_of(state_of(shown)));
        add_rate(table, shown->conf->rate);
        add_rate(table, strtod(text_at(shown, "rate_now"), NULL));
        table_add_number(table, (uint64_t)number_at(shown, "in_flight"));
        table_add_number(table, (uint64_t)number_at(shown, "parts_submitted"));
        table_add_number(table, (uint64_t)number_at(shown, "messages_delivered"));
        table_add_number(table, (uint64_t)number_at(shown, "throttled"));
        add_quota(table, shown);
        table_add_z(table, text_at(shown, "last_error"));
        buf_deinit(&channels);
    }
    table_print(table, stdout);
    table_free(&table);
}

int
cmd_link_list(const struct cli_call *call)
{
    struct session s;
    int code = session_open(&s, call);
    if (code != CLI_DONE) {
        return code;
    }
    struct listing *l = xcalloc(1, sizeof *l);
    l->session = &s;
    for (size_t i = 0; i < s.conf->links_n && i < LINKS_MAX; i++) {
        l->shown[l->n++] = (struct shown){.conf = &s.conf->links[i], .stats = json_object()};
    }
    if (read_links(l) != 0) {
        code = CLI_FAILED;
    } else if (call->json) {
        json_t *all = json_array();
        for (size_t i = 0; i < l->n; i++) {
            (void)json_array_append_new(all, to_json(s.conf, &l->shown[i]));
        }
        show_json(all);
    } else {
        print_links(s.conf, l);
    }
    for (size_t i = 0; i < l->n; i++) {
        json_decref(l->shown[i].stats);
    }
    free(l);
    session_close(&s);
    return code;
}

/* ---- The switch. */

struct switching {
    struct session *session;
    bool changed;
};

static void
on_switched(void *arg, bool changed, const struct err *err)
{
    struct switching *w = arg;
    w->changed = changed;
    session_answer(w->session, err);
}

static int
turn(const struct cli_call *call, bool off)
{
    struct session s;
    int code = session_open(&s, call);
    if (code != CLI_DONE) {
        return code;
    }
    const char *name = call->operands[0];
    struct switching w = {.session = &s};
    if (!session_link(&s, name)) {
        code = CLI_FAILED;
    } else {
        session_begin(&s);
        link_switch(s.queue, name, off, on_switched, &w);
        code = session_wait(&s) == 0 ? CLI_DONE : CLI_FAILED;
    }
    if (code == CLI_DONE && call->json) {
        show_json(
            json_pack("{s:s, s:b, s:b}", "link", name, "switched_off", off, "changed", w.changed));
    } else if (code == CLI_DONE) {
        (void)printf("%s %s\n", name,
                     text_of(off ? w.changed ? "is switched off: within a second nothing more goes "
                                               "out on it"
                                             : "was switched off before"
                             : w.changed ? "is switched on again"
                                         : "was not switched off"));
    }
    session_close(&s);
    return code;
}

int
cmd_link_stop(const struct cli_call *call)
{
    return turn(call, true);
}

int
cmd_link_start(const struct cli_call *call)
{
    return turn(call, false);
}

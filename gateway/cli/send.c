/* `loa send`: checks an announcement, enqueues it, and waits for its end if asked. */
// SPDX-License-Identifier: MIT
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf.h"
#include "gateway/base/conf_form.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/input.h"
#include "gateway/cli/limits.h"
#include "gateway/cli/session.h"
#include "gateway/cli/show.h"
#include "gateway/cli/status.h"
#include "gateway/cli/text.h"
#include "gateway/cli/warn.h"
#include "gateway/compose.h"
#include "gateway/core/announcement.h"
#include "gateway/core/nearest.h"
#include "gateway/core/time.h"
#include "queue/plan.h"

enum { CHANNEL_LINKS = 64, WAIT_MS = 200, UNTAKEN_MS = 10000, ID_ROOM = 16, ID_TRIES = 5 };

struct send {
    struct session s;
    const struct send_options *options;
    struct announcement a;
    struct arena *arena;
    enum announce_verdict verdict;
    char id[ID_ROOM]; /* made here */
};

/* Short, unambiguous to read out, and in the order of time: six characters for the seconds since
 * 2025, three by chance. */
static void
make_id(char out[ID_ROOM])
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    enum { EPOCH_2025 = 1735689600, TIME_DIGITS = 6, RANDOM_DIGITS = 3 };
    uint64_t value = (uint64_t)(clock_unix_ms() / 1000 - EPOCH_2025);
    uint8_t chance[RANDOM_DIGITS] = {0};
    if (getrandom(chance, sizeof chance, 0) != (ssize_t)sizeof chance) {
        chance[0] = (uint8_t)getpid();
    }
    for (int i = TIME_DIGITS - 1; i >= 0; i--) {
        out[i] = alphabet[value & 31];
        value >>= 5;
    }
    for (int i = 0; i < RANDOM_DIGITS; i++) {
        out[TIME_DIGITS + i] = alphabet[chance[i] & 31];
    }
    out[TIME_DIGITS + RANDOM_DIGITS] = '\0';
}

static void
set_field(struct send *send, enum announcement_field field, const char *value)
{
    if (value) {
        send->a.field[field] = str_of(value);
    }
}

/* A time as the options take it becomes RFC 3339 with its offset, as the stream wants it. */
static int
set_time(struct send *send, enum announcement_field field, const char *value, const char *option)
{
    if (!value) {
        return 0;
    }
    struct err err = {0};
    int64_t now = clock_unix_ms() / 1000;
    int64_t at = 0;
    if (time_parse(str_of(value), now, clock_offset_min(now), &at, &err) != 0 ||
        time_parse(str_of(value), now, clock_offset_min(at), &at, &err) != 0) {
        return cli_fail(send->s.call, -1, "--%s: %s", option, err.text);
    }
    char text[TIME_ROOM];
    show_time(at, text, sizeof text);
    send->a.field[field] = str_of(arena_strndup(send->arena, text, strlen(text)));
    return 0;
}

static void
set_by(struct send *send)
{
    set_field(send, FIELD_BY, send->options->by);
    if (send->a.field[FIELD_BY].n == 0) {
        const struct passwd *user = getpwuid(getuid());
        const char *name = user ? user->pw_name : "";
        send->a.field[FIELD_BY] = str_of(arena_strndup(send->arena, name, strlen(name)));
    }
}

static int
read_announcement(struct send *send)
{
    struct err err = {0};
    if (input_announcement(send->s.call->operands[0], send->arena, &send->a, &err) != 0) {
        return cli_fail(send->s.call, -1, "%s", err.text);
    }
    const struct send_options *o = send->options;
    if (o->title) {
        announcement_retitle(&send->a, send->arena, str_of(o->title));
    }
    set_field(send, FIELD_URL, o->url);
    set_field(send, FIELD_AUDIENCE, o->to);
    set_field(send, FIELD_CHANNELS, o->channels);
    set_field(send, FIELD_PRIORITY, o->priority);
    set_field(send, FIELD_ID, o->id);
    set_by(send);
    if (set_time(send, FIELD_SEND_AT, o->at, "at") != 0 ||
        set_time(send, FIELD_EXPIRES_AT, o->expires, "expires") != 0) {
        return -1;
    }
    return 0;
}

/* Every channel that is named must be configured. */
static int
check_channels(const struct send *send)
{
    const struct conf *conf = send->s.conf;
    struct str rest = send->a.field[FIELD_CHANNELS];
    while (rest.n > 0) {
        struct str one = str_trim(str_cut(&rest, ','));
        const char *names[8];
        size_t n = 0;
        bool found = false;
        for (size_t i = 0; i < conf->channels_n && n < 8; i++) {
            names[n++] = conf->channels[i].name;
            found = found || str_equal_z(one, conf->channels[i].name);
        }
        const char *near = found ? NULL : nearest_find(one, names, n);
        if (!found) {
            return cli_fail(send->s.call, -1,
                            near ? text_of("channels: there is no channel '%.*s' in the "
                                           "configuration; did you mean '%s'?")
                                 : text_of("channels: there is no channel '%.*s' in the "
                                           "configuration%s"),
                            (int)one.n, one.n ? one.p : "", near ? near : "");
        }
    }
    return 0;
}

/* Whether one of the channel's links can say it; of those that cannot it warns. */
static int
check_channel(struct send *send, struct composer *composer, const struct conf_channel *channel,
              struct err *err)
{
    const struct conf_link *unsaid[CHANNEL_LINKS];
    struct err why[CHANNEL_LINKS];
    size_t n = 0, can = 0;
    for (size_t i = 0; i < channel->links_n && n < CHANNEL_LINKS; i++) {
        const struct conf_link *link = conf_link(send->s.conf, channel->links[i]);
        struct composed composed;
        composer->limits = limits_of(&send->s, link, send->arena);
        if (!conf_sends(link)) {
            continue;
        }
        if (compose(composer, channel, link, &composed, &why[n]) == 0) {
            can++;
        } else {
            unsaid[n++] = link;
        }
    }
    if (can == 0 && n > 0) {
        *err = why[0];
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        warn_unsaid(channel, unsaid[i], &why[i]);
    }
    return 0;
}

/* Whether each channel can say it. */
static int
check_texts(struct send *send)
{
    struct err err = {0};
    const struct conf *conf = send->s.conf;
    struct template_set *templates = cli_templates(conf);
    struct composer composer = {.conf = conf,
                                .templates = templates,
                                .a = &send->a,
                                .now_s = clock_unix_ms() / 1000,
                                .arena = send->arena};
    int rc = templates ? composer_init(&composer, &err) : err_set(&err, ERR_CONFIG, "templates");
    for (size_t i = 0; rc == 0 && i < conf->channels_n; i++) {
        if (compose_wants(&send->a, conf->channels[i].name)) {
            rc = check_channel(send, &composer, &conf->channels[i], &err);
        }
    }
    if (rc == 0) {
        warn_summary(&composer);
    }
    template_set_free(&templates);
    return rc == 0 ? 0 : cli_fail(send->s.call, -1, "%s", err.text);
}

/* Says now what the gateway would refuse later. */
static int
check_announcement(struct send *send)
{
    struct err err = {0};
    if (announcement_check(&send->a, send->arena, &err) != 0) {
        return cli_fail(send->s.call, -1, "%s", err.text);
    }
    if (check_channels(send) != 0 || check_texts(send) != 0) {
        return -1;
    }
    struct bitmap audience;
    int rc = session_audience(&send->s, send->a.field[FIELD_AUDIENCE], &audience);
    if (rc == 0 && bitmap_count(&audience) == 0) {
        (void)cli_fail(send->s.call, 0, "%s", text_of("nobody is in this audience"));
    }
    free(audience.bytes);
    return rc;
}

static void
on_announced(void *arg, enum announce_verdict verdict, const struct err *err)
{
    struct send *send = arg;
    send->verdict = verdict;
    session_answer(&send->s, err);
}

/* An id made here that is there already is none of ours: another is made. */
static int
announce(struct send *send)
{
    bool given = send->a.field[FIELD_ID].n > 0;
    for (int i = 0; i < ID_TRIES; i++) {
        if (!given) {
            make_id(send->id);
            send->a.field[FIELD_ID] = str_of(send->id);
        }
        session_begin(&send->s);
        broadcast_announce(send->s.queue, &send->a, on_announced, send);
        if (session_wait(&send->s) != 0) {
            return -1;
        }
        if (given || send->verdict == ANNOUNCE_SENT) {
            return 0;
        }
    }
    return cli_fail(send->s.call, -1, "%s", text_of("no free ID was found; try again"));
}

static int
code_of(const struct cli_call *call, const struct show_status *status)
{
    uint64_t bad = 0;
    for (size_t i = 0; i < OUTCOME_N; i++) {
        bad += strchr("uf", OUTCOME_LETTERS[i]) ? status->count[i] : 0;
    }
    if (strcmp(status->state, "rejected") == 0) {
        return cli_fail(call, CLI_FAILED, "%s",
                        status->error ? status->error : text_of("the gateway refused it"));
    }
    if (bad > 0) {
        return cli_fail(call, CLI_FAILED,
                        text_of("members not reached: %llu; 'loa report %s' says why"),
                        (unsigned long long)bad, status->id);
    }
    return CLI_DONE;
}

/* Asks how it stands.  False: Redis is away, or does not take it now. */
static bool
is_answered(struct session *s, const char *id, struct show_status *status, int *rc)
{
    if (!queue_is_up(s->queue)) {
        return false;
    }
    *rc = status_ask(s, id, status);
    return *rc == 0 || (s->err.code != ERR_GONE && s->err.code != ERR_AGAIN);
}

/* Asks once more; while Redis is away it waits for that: the broadcast is in it, and goes on with
 * it.  -1: nothing can be known any more; that was said. */
static int
ask_patiently(struct send *send, const char *id, struct show_status *status)
{
    struct session *s = &send->s;
    int rc = 0;
    if (is_answered(s, id, status, &rc)) {
        return rc;
    }
    (void)cli_fail(
        s->call, 0, "%s",
        text_of("Redis is away; the announcement is in it and goes on with it: waiting"));
    while (!is_answered(s, id, status, &rc)) {
        session_pause(s, WAIT_MS);
    }
    return rc;
}

static int
wait_for_end(struct send *send, const char *id)
{
    struct show_status status = {0};
    struct progress progress;
    int code = CLI_FAILED;
    int64_t waited_ms = 0;
    progress_begin(&progress, stderr);
    while (ask_patiently(send, id, &status) == 0) {
        if (!status.known) {
            (void)session_unknown(&send->s, id);
            break;
        }
        progress_show(&progress, &status);
        if (show_is_over(&status)) {
            progress_end(&progress);
            code = code_of(send->s.call, &status);
            break;
        }
        if (waited_ms == UNTAKEN_MS && strcmp(status.state, "announced") == 0) {
            progress_end(&progress);
            (void)cli_fail(send->s.call, 0, "%s",
                           text_of("no gateway has taken it in yet; is 'loa gateway' running?"));
        }
        session_pause(&send->s, WAIT_MS);
        waited_ms += WAIT_MS;
    }
    show_free(&status);
    return code;
}

static int
send_it(struct send *send)
{
    if (read_announcement(send) != 0 || check_announcement(send) != 0 || announce(send) != 0) {
        return CLI_FAILED;
    }
    struct str id = send->a.field[FIELD_ID];
    char *text = arena_strndup(send->arena, id.p, id.n);
    (void)printf("%s\n", text);
    (void)fflush(stdout);
    if (send->verdict != ANNOUNCE_SENT) {
        (void)cli_fail(send->s.call, 0,
                       send->verdict == ANNOUNCE_OTHER
                           ? text_of("'%s' was announced before with other content; this one is "
                                     "not sent (loa correct %s FILE corrects it)")
                           : text_of("'%s' was announced before; it is not sent again"),
                       text, text);
    }
    return send->options->wait ? wait_for_end(send, text) : CLI_DONE;
}

int
cmd_send(const struct cli_call *call)
{
    struct send send = {.options = call->options};
    int code = session_open(&send.s, call);
    if (code != CLI_DONE) {
        return code;
    }
    send.arena = arena_new();
    code = send_it(&send);
    arena_free(&send.arena);
    session_close(&send.s);
    return code;
}

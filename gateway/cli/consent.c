/* `loa members opt-out`, `opt-in`: a member's wish, as if the member had written it; on all
 * channels unless one is named. */
// SPDX-License-Identifier: MIT
#include "queue/consent.h"

#include <stdio.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/session.h"
#include "gateway/cli/show.h"
#include "gateway/cli/text.h"
#include "queue/members.h"

struct wishing {
    struct session *session;
    bool found;
    char who[16]; /* "#17" */
    char id[80];
    struct consent_answer answer;
};

static void
on_member(void *arg, const struct member *member, const struct err *err)
{
    struct wishing *w = arg;
    if (member && !err) {
        w->found = true;
        (void)snprintf(w->who, sizeof w->who, "#%u", (unsigned)member->number);
        (void)snprintf(w->id, sizeof w->id, "%.*s", (int)member->id.n, member->id.p);
    }
    session_answer(w->session, err);
}

static void
on_consent(void *arg, const struct consent_answer *answer, const struct err *err)
{
    struct wishing *w = arg;
    if (!err) {
        size_t members_n = w->answer.members_n;
        w->answer.members_n = answer->members_n > members_n ? answer->members_n : members_n;
        w->answer.skipped += answer->skipped;
    }
    session_answer(w->session, err);
}

static void
say(const struct wishing *w, bool out)
{
    if (w->session->call->json) {
        show_json(json_pack("{s:o, s:b, s:I, s:I}", "id", show_string(str_of(w->id)), "opted_out",
                            out, "members", (json_int_t)w->answer.members_n, "skipped",
                            (json_int_t)w->answer.skipped));
        return;
    }
    const struct consent_options *options = w->session->call->options;
    (void)printf("%s ", w->id);
    if (options->channel) {
        (void)printf(text_of(out ? "gets nothing by %s any more" : "gets messages by %s again"),
                     options->channel);
    } else {
        (void)fputs(text_of(out ? "gets no messages any more" : "gets messages again"), stdout);
    }
    (void)putchar('\n');
}

static int
wish(struct session *s, bool out)
{
    struct wishing w = {.session = s};
    session_begin(s);
    members_show(s->queue, s->call->operands[0], on_member, &w);
    if (session_wait(s) != 0) {
        return CLI_FAILED;
    }
    if (!w.found) {
        return cli_fail(s->call, CLI_FAILED,
                        text_of("there is no member '%s'; 'loa members list' shows those there "
                                "are"),
                        s->call->operands[0]);
    }
    const struct consent_options *options = s->call->options;
    for (size_t i = 0; i < MEMBER_CHANNELS; i++) {
        const char *channel = member_channels[i];
        if (options->channel && strcmp(options->channel, channel) != 0) {
            continue;
        }
        const struct consent_wish consent = {channel, w.who, out};
        session_begin(s);
        consent_set(s->queue, &consent, on_consent, &w);
        if (session_wait(s) != 0) {
            return CLI_FAILED;
        }
    }
    say(&w, out);
    return CLI_DONE;
}

static bool
is_channel(const char *name)
{
    for (size_t i = 0; i < MEMBER_CHANNELS; i++) {
        if (strcmp(name, member_channels[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int
command(const struct cli_call *call, bool out)
{
    const struct consent_options *options = call->options;
    if (options->channel && !is_channel(options->channel)) {
        return cli_fail(call, CLI_USAGE, text_of("'%s' is not sms, zalo or telegram"),
                        options->channel);
    }
    struct session s;
    int code = session_open(&s, call);
    if (code == CLI_DONE) {
        code = wish(&s, out);
        session_close(&s);
    }
    return code;
}

int
cmd_members_opt_out(const struct cli_call *call)
{
    return command(call, true);
}

int
cmd_members_opt_in(const struct cli_call *call)
{
    return command(call, false);
}

/* `loa members opt-out`, `opt-in`: a member's wish, as if the member had written it. */
// SPDX-License-Identifier: MIT
#include "queue/consent.h"

#include <stdio.h>

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
        w->answer = *answer;
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
    (void)printf("%s %s\n", w->id, text_of(out ? "gets no SMS any more" : "gets messages again"));
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
    const struct consent_wish consent = {"sms", w.who, out};
    session_begin(s);
    consent_set(s->queue, &consent, on_consent, &w);
    if (session_wait(s) != 0) {
        return CLI_FAILED;
    }
    say(&w, out);
    return CLI_DONE;
}

static int
command(const struct cli_call *call, bool out)
{
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

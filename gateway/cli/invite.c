/* `loa members invite`: the address by which a member's Telegram chat gets known. */
// SPDX-License-Identifier: MIT
#include "queue/invite.h"

#include <stdio.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/session.h"
#include "gateway/cli/show.h"
#include "gateway/cli/text.h"
#include "queue/members.h"

enum { GOOD_S = 30 * 86400 };

struct inviting {
    struct session *session;
    bool found;
    char id[128], code[INVITE_CODE];
};

static void
on_member(void *arg, const struct member *member, const struct err *err)
{
    struct inviting *i = arg;
    if (member && !err) {
        i->found = true;
        (void)snprintf(i->id, sizeof i->id, "%.*s", (int)member->id.n, member->id.p);
    }
    session_answer(i->session, err);
}

static void
on_given(void *arg, bool found, const struct err *err)
{
    struct inviting *i = arg;
    i->found = found;
    session_answer(i->session, err);
}

/* The bot's name, "" where the configuration has none. */
static const char *
bot_of(const struct conf *conf)
{
    for (size_t i = 0; i < conf->links_n; i++) {
        if (conf->links[i].kind == LINK_TELEGRAM && *conf->links[i].bot) {
            return conf->links[i].bot;
        }
    }
    return "";
}

static void
say(const struct inviting *i)
{
    const char *bot = bot_of(i->session->conf);
    char address[256];
    (void)snprintf(address, sizeof address, "https://t.me/%s?start=%s", *bot ? bot : "BOT",
                   i->code);
    if (i->session->call->json) {
        show_json(json_pack("{s:o, s:s, s:s}", "id", show_string(str_of(i->id)), "code", i->code,
                            "link", address));
    } else {
        (void)printf("%s\n", address);
    }
}

static int
invite(struct session *s)
{
    struct inviting i = {.session = s};
    session_begin(s);
    members_show(s->queue, s->call->operands[0], on_member, &i);
    if (session_wait(s) != 0) {
        return CLI_FAILED;
    }
    if (i.found) {
        session_begin(s);
        invite_give(s->queue, i.id, GOOD_S, i.code, on_given, &i);
        if (session_wait(s) != 0) {
            return CLI_FAILED;
        }
    }
    if (!i.found) {
        return cli_fail(s->call, CLI_FAILED,
                        text_of("there is no member '%s'; 'loa members list' shows those there "
                                "are"),
                        s->call->operands[0]);
    }
    say(&i);
    return CLI_DONE;
}

int
cmd_members_invite(const struct cli_call *call)
{
    struct session s;
    int code = session_open(&s, call);
    if (code == CLI_DONE) {
        code = invite(&s);
        session_close(&s);
    }
    return code;
}

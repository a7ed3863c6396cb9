/* `loa pause`, `resume`, `cancel`, `retry`: what an admin does with a broadcast on its way. */
// SPDX-License-Identifier: MIT
#include "queue/control.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/session.h"
#include "gateway/cli/show.h"
#include "gateway/cli/status.h"
#include "gateway/cli/text.h"
#include "gateway/core/mem.h"
#include "gateway/core/twin.h"
#include "queue/broadcast.h"

enum { ALL_MOST = 100000 };

/* One of the four commands. */
struct action {
    void (*call)(struct queue *queue, const char *id, control_fn *fn, void *arg);
    const char *done; /* what is said of the ID behind it */
    bool counts;      /* and how many members that were */
    const char *from; /* states that --all takes it for, "" none */
};

struct controlled {
    struct session *session;
    bool accepted; /* by the broadcast, or by a twin of it */
    int verdict;   /* the broadcast's, unless it was accepted */
    char state[24];
    uint64_t moved; /* members; of several, of the one that moved most */
};

static void
on_controlled(void *arg, const struct control_answer *answer, const struct err *err)
{
    struct controlled *c = arg;
    if (!err && !c->accepted) {
        c->verdict = (int)answer->verdict;
        c->accepted = answer->verdict == CONTROL_OK;
        (void)snprintf(c->state, sizeof c->state, "%s", answer->state);
    }
    if (!err && answer->moved > c->moved) {
        c->moved = answer->moved;
    }
    session_answer(c->session, err);
}

static void
say_done(const struct action *action, const struct controlled *c, const char *id, json_t *all)
{
    if (c->session->call->json) {
        json_t *json = json_pack("{s:o, s:s, s:I}", "id", show_string(str_of(id)), "state",
                                 c->state, "members", (json_int_t)c->moved);
        if (all) {
            (void)json_array_append_new(all, json);
        } else {
            show_json(json);
        }
        return;
    }
    char members[32];
    show_number(c->moved, members, sizeof members);
    (void)printf("%s %s%s\n", id, text_of(action->done), action->counts ? members : "");
}

static int
control_id(struct session *s, const struct action *action, const char *id, struct controlled *c)
{
    session_begin(s);
    action->call(s->queue, id, on_controlled, c);
    return session_wait_for(s, SESSION_LONG_MS);
}

/* The broadcast, then its twins. */
static int
control_each(struct session *s, const struct action *action, const char *id, struct controlled *c)
{
    struct show_status status = {0};
    int rc = control_id(s, action, id, c);
    if (rc == 0) {
        rc = status_ask(s, id, &status);
    }
    struct str twins = str_of(status.twins);
    while (rc == 0 && twins.n > 0) {
        char twin[TWIN_ID_ROOM];
        struct str one = str_cut(&twins, ',');
        (void)snprintf(twin, sizeof twin, "%.*s", (int)one.n, one.p);
        rc = control_id(s, action, twin, c);
    }
    show_free(&status);
    return rc;
}

/* Does it with one broadcast; `all` gathers the answers of --all --json, where what ended in the
 * meantime is nothing to complain of. */
static int
control_one(struct session *s, const struct action *action, const char *id, json_t *all)
{
    struct controlled c = {.session = s};
    if (control_each(s, action, id, &c) != 0) {
        return CLI_FAILED;
    }
    switch ((enum control_verdict)c.verdict) {
    case CONTROL_OK:
        say_done(action, &c, id, all);
        return CLI_DONE;
    case CONTROL_GONE:
        return status_not_taken_in(s, id);
    case CONTROL_REFUSED:
        break;
    }
    return all ? CLI_DONE
               : cli_fail(s->call, CLI_FAILED, text_of("'%s' is %s: that cannot be done with it"),
                          id, text_of(c.state));
}

/* ---- --all ---- */

struct choosing {
    struct session *session;
    const char *from;
    char **ids;
    size_t n;
};

static void
on_each(void *arg, const struct broadcast_status *status)
{
    struct choosing *choosing = arg;
    if (strstr(choosing->from, status->state)) {
        choosing->ids = xrealloc(choosing->ids, (choosing->n + 1) * sizeof *choosing->ids);
        choosing->ids[choosing->n++] = xstrdup(status->id);
    }
}

static void
on_listed(void *arg, const struct err *err)
{
    struct choosing *choosing = arg;
    session_answer(choosing->session, err);
}

static void
on_later(void *arg, const struct err *err)
{
    session_answer(arg, err);
}

static int
control_all(struct session *s, const struct action *action)
{
    struct choosing choosing = {.session = s, .from = action->from};
    json_t *all = json_array();
    int code = CLI_DONE;
    bool waits = action->call == control_pause;
    session_begin(s);
    control_later(s->queue, waits, on_later, s);
    if (session_wait(s) != 0) {
        code = CLI_FAILED;
    } else if (waits) {
        (void)cli_fail(s->call, 0, "%s",
                       text_of("what comes later waits, too, until 'loa resume --all'"));
    }
    session_begin(s);
    broadcast_list(s->queue, ALL_MOST, on_each, on_listed, &choosing);
    if (session_wait(s) != 0) {
        code = CLI_FAILED;
    }
    for (size_t i = 0; i < choosing.n; i++) {
        if (code == CLI_DONE) {
            code = control_one(s, action, choosing.ids[i], all);
        }
        free(choosing.ids[i]);
    }
    free(choosing.ids);
    if (s->call->json && code == CLI_DONE) {
        show_json(json_incref(all));
    }
    json_decref(all);
    return code;
}

static int
control(const struct cli_call *call, const struct action *action, bool all)
{
    struct session s;
    if (all == (call->operands_n == 1)) {
        return cli_fail(call, CLI_USAGE, "%s",
                        text_of(all ? "either an ID or --all" : "something is missing"));
    }
    int code = session_open(&s, call);
    if (code != CLI_DONE) {
        return code;
    }
    code = all ? control_all(&s, action) : control_one(&s, action, call->operands[0], NULL);
    session_close(&s);
    return code;
}

static bool
wants_all(const struct cli_call *call)
{
    const struct control_options *options = call->options;
    return options->all;
}

int
cmd_pause(const struct cli_call *call)
{
    static const struct action action = {control_pause, "is paused", false, "scheduled sending"};
    return control(call, &action, wants_all(call));
}

int
cmd_resume(const struct cli_call *call)
{
    static const struct action action = {control_resume, "goes on", false, "paused"};
    return control(call, &action, wants_all(call));
}

int
cmd_cancel(const struct cli_call *call)
{
    static const struct action action = {control_cancel, "is cancelled; members left out: ", true,
                                         ""};
    return control(call, &action, false);
}

int
cmd_retry(const struct cli_call *call)
{
    static const struct action action = {control_retry, "is sent again; members: ", true, ""};
    return control(call, &action, false);
}

/* Runs the command on a socket pair and ends it with its whole process group when time is up, or
 * asks the endpoint. */
// SPDX-License-Identifier: MIT
#include "gateway/summariser.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <jansson.h>

#include "gateway/base/clock.h"
#include "gateway/core/unicode.h"
#include "gateway/links/http/client.h"

enum { REAP_MS = 10, CONNECTIONS = 4, TOKEN_MOST = 1024 };

extern char **environ;

struct summariser {
    struct event_base *base;
    struct summariser_options options;
    struct http_client *client; /* NULL: it is a command */
    struct summariser_run *run; /* the endpoint's, which its client may still answer */
};

struct summariser_run {
    struct summariser *asked;
    struct summariser_run *next; /* of the endpoint */
    struct bufferevent *talk;    /* of a command, and so on to `child` */
    struct event *timeout, *reap;
    pid_t child;
    summariser_answer *answer;
    void *arg;
    bool said_all; /* its output has ended */
};

static void
run_free(struct summariser_run *run)
{
    struct summariser_run **at = &run->asked->run;
    while (*at && *at != run) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = run->next;
    }
    if (run->child > 0) {
        (void)kill(-run->child, SIGKILL);
        (void)waitpid(run->child, NULL, 0); /* it was killed: this does not wait */
    }
    if (run->talk) {
        bufferevent_free(run->talk);
        event_free(run->timeout);
        event_free(run->reap);
    }
    free(run);
}

static void
finish(struct summariser_run *run, struct str text, const struct err *err)
{
    if (run->answer) { /* else it was dropped */
        run->answer(run->arg, text, err);
    }
    run_free(run);
}

static void
fail(struct summariser_run *run, const char *why)
{
    struct err err = {0};
    (void)err_set(&err, ERR_INPUT, "%s", why);
    finish(run, (struct str){NULL, 0}, &err);
}

/* ---- What it said. */

static void
judge(struct summariser_run *run, struct str raw)
{
    size_t bad = 0;
    if (raw.n > SUMMARISER_TEXT_MAX) {
        fail(run, "said too much");
        return;
    }
    if (raw.n == 0 || !utf8_valid(raw, &bad)) {
        fail(run, raw.n == 0 ? "said nothing" : "said what is no UTF-8");
        return;
    }
    struct arena *arena = arena_new();
    struct str text = unicode_line(arena, raw);
    if (text.n == 0) {
        fail(run, "said nothing");
    } else {
        finish(run, text, NULL);
    }
    arena_free(&arena);
}

/* Its output has ended: how did it?  Asked again until it is gone. */
static void
on_reap(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct summariser_run *run = arg;
    int status = 0;
    pid_t gone = waitpid(run->child, &status, WNOHANG);
    if (gone == 0) {
        struct timeval soon = clock_timeval(REAP_MS);
        (void)event_add(run->reap, &soon);
        return;
    }
    run->child = 0;
    if (gone > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        struct evbuffer *in = bufferevent_get_input(run->talk);
        size_t n = evbuffer_get_length(in);
        judge(run, (struct str){(const char *)evbuffer_pullup(in, -1), n});
        return;
    }
    char why[64];
    (void)snprintf(why, sizeof why, "failed: %s %d", WIFSIGNALED(status) ? "signal" : "exit",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    fail(run, why);
}

static void
on_read(struct bufferevent *talk, void *arg)
{
    struct summariser_run *run = arg;
    if (evbuffer_get_length(bufferevent_get_input(talk)) > SUMMARISER_TEXT_MAX) {
        fail(run, "said too much");
    }
}

static void
on_event(struct bufferevent *talk, short what, void *arg)
{
    struct summariser_run *run = arg;
    /* A command that does not read its input is none the worse for it. */
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR) && !run->said_all) {
        run->said_all = true;
        (void)bufferevent_disable(talk, EV_READ | EV_WRITE);
        event_active(run->reap, EV_TIMEOUT, 0);
    }
}

static void
on_written(struct bufferevent *talk, void *arg)
{
    (void)arg;
    (void)shutdown(bufferevent_getfd(talk), SHUT_WR);
}

static void
on_timeout(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    fail(arg, "took too long");
}

/* What the endpoint answered: the text, or an object with `text`. */
static void
on_answered(void *arg, const struct answer_reply *reply)
{
    struct summariser_run *run = arg;
    char why[64];
    if (reply->transport != TRANSPORT_ANSWERED) {
        bool away = reply->transport == TRANSPORT_NOT_SENT;
        fail(run, away ? "could not be reached" : "gave no whole answer in time");
        return;
    }
    if (reply->status < 200 || reply->status > 299) {
        (void)snprintf(why, sizeof why, "failed: HTTP %d", reply->status);
        fail(run, why);
        return;
    }
    json_t *object = json_loadb(reply->body.p ? reply->body.p : "", reply->body.n, 0, NULL);
    const json_t *text = json_object_get(object, "text");
    struct str said = reply->body;
    if (json_is_string(text)) {
        said = (struct str){json_string_value(text), json_string_length(text)};
    } else if (json_is_object(object)) {
        said = (struct str){"", 0};
    }
    judge(run, said);
    json_decref(object);
}

/* ---- Asking. */

static char *
question_of(const struct announcement *a, const struct story *story, size_t room)
{
    struct str body = str_trim(str_from(story->text, story->title_n));
    struct str title = a->field[FIELD_TITLE], url = a->field[FIELD_URL];
    json_t *question = json_pack(
        "{s:s%, s:s%, s:s%, s:s%, s:s%, s:I}", "title", title.p ? title.p : "", title.n, "text",
        body.p ? body.p : "", body.n, "issuer", story->issuer.p ? story->issuer.p : "",
        story->issuer.n, "kind", story->kind.p ? story->kind.p : "", story->kind.n, "url",
        url.p ? url.p : "", url.n, "room", (json_int_t)room);
    char *text = question ? json_dumps(question, JSON_COMPACT) : NULL;
    json_decref(question);
    return text;
}

/* Starts the shell in a process group of its own, with `fd` as its input and output. */
static int
start(const char *command, int fd, pid_t *child)
{
    char shell[] = "/bin/sh", option[] = "-c";
    char *copy = strdup(command);
    char *argv[] = {shell, option, copy, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (!copy || posix_spawn_file_actions_init(&actions) != 0) {
        free(copy);
        return -1;
    }
    int rc = posix_spawnattr_init(&attributes);
    if (rc == 0) {
        sigset_t pipe_signal; /* we ignore it, a shell's pipes need it */
        (void)sigemptyset(&pipe_signal);
        (void)sigaddset(&pipe_signal, SIGPIPE);
        rc = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF) |
             posix_spawnattr_setsigdefault(&attributes, &pipe_signal) |
             posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO) |
             posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
        rc = rc == 0 ? posix_spawn(child, shell, &actions, &attributes, argv, environ) : rc;
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    free(copy);
    return rc == 0 ? 0 : -1;
}

static int
ask_command(struct summariser_run *run, const char *question)
{
    const struct summariser *s = run->asked;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return -1;
    }
    run->timeout = event_new(s->base, -1, 0, on_timeout, run);
    run->reap = event_new(s->base, -1, 0, on_reap, run);
    (void)evutil_make_socket_nonblocking(pair[0]);
    run->talk = bufferevent_socket_new(s->base, pair[0], BEV_OPT_CLOSE_ON_FREE);
    int rc = start(s->options.command, pair[1], &run->child);
    (void)close(pair[1]);
    if (rc != 0) {
        run->child = 0;
        return -1;
    }
    bufferevent_setcb(run->talk, on_read, on_written, on_event, run);
    (void)bufferevent_write(run->talk, question, strlen(question));
    (void)bufferevent_enable(run->talk, EV_READ | EV_WRITE);
    struct timeval most = clock_timeval(s->options.timeout_ms);
    (void)event_add(run->timeout, &most);
    return 0;
}

static int
ask_endpoint(struct summariser_run *run, const char *question)
{
    struct summariser *s = run->asked;
    char token[TOKEN_MOST + 32];
    const struct http_ask ask = {
        .method = METHOD_POST,
        .url = s->options.url,
        .headers = {"Content-Type: application/json", s->options.token ? token : NULL, NULL},
        .body = str_of(question),
        .wait_ms = s->options.timeout_ms};
    (void)snprintf(token, sizeof token, "Authorization: Bearer %s",
                   s->options.token ? s->options.token : "");
    run->next = s->run;
    s->run = run;
    http_send(s->client, &ask, on_answered, run);
    return 0;
}

struct summariser_run *
summariser_ask(struct summariser *s, const struct announcement *a, const struct story *story,
               size_t room, summariser_answer *answer, void *arg)
{
    char *question = question_of(a, story, room);
    struct summariser_run *run = xcalloc(1, sizeof *run);
    run->asked = s;
    run->answer = answer;
    run->arg = arg;
    int rc = question ? (s->client ? ask_endpoint : ask_command)(run, question) : -1;
    free(question);
    if (rc != 0) {
        run_free(run);
        return NULL;
    }
    return run;
}

void
summariser_drop(struct summariser_run **run)
{
    if (*run && (*run)->asked->client) {
        (*run)->answer = NULL; /* its client may still answer */
    } else if (*run) {
        run_free(*run);
    }
    *run = NULL;
}

struct summariser *
summariser_new(struct event_base *base, const struct summariser_options *options, struct err *err)
{
    struct summariser *s = xcalloc(1, sizeof *s);
    s->base = base;
    s->options = *options;
    const struct http_options http = {.connections = CONNECTIONS, .ca_file = options->ca_file};
    s->client = options->url ? http_client_new(base, &http, err) : NULL;
    if (options->url && !s->client) {
        free(s);
        return NULL;
    }
    return s;
}

void
summariser_free(struct summariser **s)
{
    if (*s) {
        http_client_free(&(*s)->client);
        for (struct summariser_run *run = (*s)->run, *next; run; run = next) {
            next = run->next;
            run_free(run);
        }
    }
    free(*s);
    *s = NULL;
}

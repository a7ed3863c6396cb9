/* `loa check`: reads the configuration and tries every connection. */
// SPDX-License-Identifier: MIT
#include <curl/curl.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf.h"
#include "gateway/base/conf_form.h"
#include "gateway/base/log.h"
#include "gateway/base/share.h"
#include "gateway/base/templates.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/show.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "gateway/core/mem.h"
#include "gateway/core/provider.h"
#include "gateway/links/http/token.h"
#include "gateway/links/link.h"
#include "queue/audit.h"
#include "queue/queue.h"
#include "queue/server.h"
#include "queue/token.h"

enum { REDIS_MS = 5000, LINK_MS = 10000, DRAIN_MS = 2000, HTTP_MS = 5000, TEXT_ROOM = 500 };
enum { AUDIT_MS = 3600000 };

/* What became of one try. */
struct check {
    const struct cli_call *call;
    const struct conf *conf;
    struct event_base *base;
    json_t *json; /* NULL: lines */
    bool bad;
};

/* One link that is being tried. */
struct attempt {
    struct check *check;
    struct link *link;
    bool over, bound, stopped;
    char why[TEXT_ROOM];
};

static void
say(struct check *check, const char *what, bool good, const char *text)
{
    check->bad = check->bad || !good;
    if (check->json) {
        json_t *json = json_object();
        (void)json_object_set_new(json, "what", json_string(what));
        (void)json_object_set_new(json, "ok", json_boolean(good));
        (void)json_object_set_new(json, "text", show_string(str_of(text)));
        (void)json_array_append_new(check->json, json);
        return;
    }
    bool wanted = colour_wanted(stdout);
    (void)printf("%s%-6s%s %-20s %s\n", colour_code(wanted, good ? COLOUR_GOOD : COLOUR_BAD),
                 text_of(good ? "ok" : "FAILED"), colour_code(wanted, COLOUR_NONE), what, text);
    (void)fflush(stdout);
}

/* ---- Redis ---- */

struct server_asked {
    struct check *check;
    bool answered;
};

static void
on_server(void *arg, const struct queue_server *server, const struct err *err)
{
    struct server_asked *asked = arg;
    char text[TEXT_ROOM];
    asked->answered = true;
    if (err) {
        say(asked->check, "redis", false, err->text);
        return;
    }
    (void)snprintf(text, sizeof text, text_of("Redis %.20s, appendonly %.5s, appendfsync %.10s"),
                   server->version, server->aof ? "yes" : "no", server->fsync);
    bool evicts = server->policy[0] && strcmp(server->policy, "noeviction") != 0;
    say(asked->check, "redis", !evicts, text);
    if (!server->aof) {
        say(asked->check, "redis.appendonly", true,
            text_of("off: a restart of Redis loses what was accepted; 'appendonly yes' is right"));
    }
    if (evicts) {
        say(asked->check, "redis.maxmemory", false,
            text_of("maxmemory-policy lets Redis throw keys away; noeviction is right"));
    }
}

/* ---- What is in it */

struct deep {
    struct check *check;
    struct audit *audit;
    bool over;
    uint64_t found, repaired;
    struct err err;
};

static void
on_found(void *arg, bool repaired, const char *what)
{
    struct deep *deep = arg;
    char text[TEXT_ROOM];
    deep->found++;
    deep->repaired += repaired;
    (void)snprintf(text, sizeof text, repaired ? text_of("repaired: %s") : "%s", what);
    say(deep->check, "redis.audit", repaired, text);
}

static void
on_audited(void *arg, const struct err *err)
{
    struct deep *deep = arg;
    deep->over = true;
    deep->audit = NULL;
    deep->err = err ? *err : (struct err){0};
}

static void
check_deeply(struct check *check, struct queue *queue, struct deep *deep)
{
    static const struct audit_way at_once = {.repair = true};
    *deep = (struct deep){.check = check};
    deep->audit = audit_run(queue, &at_once, on_found, on_audited, deep);
    if (queue_wait(queue, &deep->over, AUDIT_MS, &deep->err) != 0 || deep->err.code != ERR_NONE) {
        say(check, "redis.audit", false, deep->err.text);
        return;
    }
    char text[TEXT_ROOM];
    (void)snprintf(text, sizeof text, text_of("%llu findings, %llu of them repaired"),
                   (unsigned long long)deep->found, (unsigned long long)deep->repaired);
    say(check, "redis.audit", deep->found == deep->repaired, text);
}

/* ---- The grants of Zalo links, which stand in Redis */

struct grant_asked {
    bool answered, good;
    char why[TEXT_ROOM];
    struct err err;
};

static void
on_grant(void *arg, const struct token_answer *answer, const struct err *err)
{
    struct grant_asked *asked = arg;
    asked->answered = true;
    if (err) {
        asked->err = *err;
        return;
    }
    asked->good = answer->verdict != TOKEN_NONE && answer->verdict != TOKEN_CUT &&
                  answer->verdict != TOKEN_LOST && answer->verdict != TOKEN_UNREADABLE;
    if (answer->verdict == TOKEN_NONE) {
        (void)snprintf(asked->why, TEXT_ROOM, "%s", text_of("this link has no grant yet"));
    } else if (answer->verdict == TOKEN_UNREADABLE) {
        (void)snprintf(asked->why, TEXT_ROOM, "%s",
                       text_of("its tokens were sealed with another key"));
    } else {
        (void)snprintf(asked->why, TEXT_ROOM, "%.*s", (int)answer->why.n,
                       answer->why.n ? answer->why.p : "");
    }
}

static void
check_grant(struct check *check, struct queue *queue, const struct conf_link *link,
            struct grant_asked *asked)
{
    *asked = (struct grant_asked){.answered = false};
    struct token_key key;
    char what[64], text[2 * TEXT_ROOM];
    const struct conf_link *grant = conf_grant(check->conf, link);
    token_key_of(check->conf, grant, &key);
    struct token_ask ask = {.link = grant->name, .key = &key, .known = -1, .look = true};
    token_take(queue, &ask, on_grant, asked);
    bool ended = queue_wait(queue, &asked->answered, REDIS_MS, &asked->err) == 0;
    (void)snprintf(what, sizeof what, "links.%s.grant", link->name);
    if (!ended || asked->err.code != ERR_NONE) {
        say(check, what, false, asked->err.text);
    } else if (asked->good) {
        say(check, what, true, text_of("there is one; the gateways renew it"));
    } else {
        (void)snprintf(text, sizeof text, text_of("%.200s: run 'loa link authorize %.60s'"),
                       asked->why, link->name);
        say(check, what, false, text);
    }
}

/* `asked` outlives the connection: an answer may come late. */
static void
check_grants(struct check *check, struct queue *queue, struct grant_asked *asked)
{
    for (size_t i = 0; i < check->conf->links_n; i++) {
        const struct conf_link *link = &check->conf->links[i];
        if (token_by_grant(link)) {
            check_grant(check, queue, link, asked);
        }
    }
}

static void
check_redis(struct check *check)
{
    struct deep deep = {0};
    struct err err = {0};
    struct queue *queue = queue_open_wait(check->base, check->conf, REDIS_MS, &err);
    if (!queue) {
        say(check, "redis", false, err.text);
        return;
    }
    struct server_asked asked = {check, false};
    struct grant_asked grant;
    queue_server_ask(queue, on_server, &asked);
    if (queue_wait(queue, &asked.answered, REDIS_MS, &err) != 0) {
        say(check, "redis", false, err.text);
    } else {
        check_grants(check, queue, &grant);
        if (((const struct check_options *)check->call->options)->deep) {
            check_deeply(check, queue, &deep);
        }
    }
    queue_close(&queue);
    audit_stop(&deep.audit);
}

/* ---- SMPP ---- */

static void
on_outcome(void *ctx, struct link *link, struct link_message *message)
{
    (void)ctx, (void)link, (void)message;
}

/* What comes in while we only try the bind is left to the gateway: it is sent again. */
static void
on_receipt(void *ctx, struct link *link, const struct link_receipt *receipt, uint64_t token)
{
    (void)ctx, (void)receipt;
    link_answer(link, token, false);
}

static void
on_reply(void *ctx, struct link *link, const struct link_reply *reply, uint64_t token)
{
    (void)ctx, (void)reply;
    link_answer(link, token, false);
}

static void
on_state(void *ctx, struct link *link, enum link_state state, const char *why)
{
    struct attempt *attempt = ctx;
    (void)link;
    switch (state) {
    case LINK_BOUND:
    case LINK_THROTTLED:
        attempt->bound = true;
        attempt->over = true;
        break;
    case LINK_DOWN:
        (void)snprintf(attempt->why, sizeof attempt->why, "%s", why ? why : "");
        attempt->over = true;
        break;
    case LINK_STOPPED: /* also when it is refused for good */
        attempt->stopped = attempt->over = true;
        (void)snprintf(attempt->why, sizeof attempt->why, "%s", why ? why : "");
        break;
    case LINK_CONNECTING:
        return;
    }
    if (attempt->over || attempt->stopped) {
        (void)event_base_loopbreak(attempt->check->base);
    }
}

static void
on_turn(void *ctx, struct link *link)
{
    (void)ctx, (void)link;
}

/* Runs the loop until `*flag`, at most `ms`. */
static void
run(struct check *check, const bool *flag, int64_t ms)
{
    struct timeval tv = clock_timeval(ms);
    (void)event_base_loopexit(check->base, &tv);
    while (!*flag && !event_base_got_exit(check->base)) {
        if (event_base_dispatch(check->base) != 0) {
            return;
        }
    }
}

static void
check_smpp(struct check *check, const struct conf_link *conf, const char *what)
{
    struct attempt attempt = {.check = check};
    const struct link_events events = {.ctx = &attempt,
                                       .on_outcome = on_outcome,
                                       .on_receipt = on_receipt,
                                       .on_reply = on_reply,
                                       .on_state = on_state,
                                       .on_turn = on_turn};
    struct err err = {0};
    attempt.link = link_new(check->base, conf, &events, &err);
    if (!attempt.link) {
        say(check, what, false, err.text);
        return;
    }
    char text[TEXT_ROOM];
    link_start(attempt.link);
    run(check, &attempt.over, LINK_MS);
    if (attempt.bound) {
        (void)snprintf(text, sizeof text, text_of("%s:%d, bound as %s"), conf->host, conf->port,
                       conf->system_id);
        link_drain(attempt.link, DRAIN_MS);
        run(check, &attempt.stopped, DRAIN_MS);
    } else {
        (void)snprintf(text, sizeof text, "%.100s:%d: %.180s", conf->host, conf->port,
                       attempt.why[0] ? attempt.why : text_of("no answer within 10 s"));
    }
    say(check, what, attempt.bound, text);
    link_free(&attempt.link);
}

/* ---- HTTP kinds: only whether somebody answers there ---- */

/* Scheme, host and port of what the link asks: of an SMS provider, its file says. */
static void
address_of(const struct conf_link *conf, char *address, size_t room)
{
    const char *url = conf->kind == LINK_HTTP_SMS ? conf->provider->url : conf->base_url;
    const char *host = strstr(url, "://");
    size_t n = host ? (size_t)(host - url) + 3 : 0;
    (void)snprintf(address, room, "%.*s", (int)(n + strcspn(url + n, "/?")), url);
}

static void
check_http(struct check *check, const struct conf_link *conf, const char *what)
{
    char address[TEXT_ROOM];
    address_of(conf, address, sizeof address);
    CURL *curl = curl_easy_init();
    if (!curl) {
        abort(); /* out of memory */
    }
    (void)curl_easy_setopt(curl, CURLOPT_URL, address);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_MS);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    char why[CURL_ERROR_SIZE] = "";
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
    CURLcode code = curl_easy_perform(curl);
    char text[2 * TEXT_ROOM];
    (void)snprintf(text, sizeof text, "%s: %s", address,
                   code == CURLE_OK ? text_of("answers")
                   : *why           ? why
                                    : curl_easy_strerror(code));
    say(check, what, code == CURLE_OK, text);
    curl_easy_cleanup(curl);
}

static void
check_links(struct check *check)
{
    for (size_t i = 0; i < check->conf->links_n; i++) {
        const struct conf_link *link = &check->conf->links[i];
        char what[64];
        (void)snprintf(what, sizeof what, "links.%s", link->name);
        if (link->kind == LINK_SMPP) {
            check_smpp(check, link, what);
        } else {
            check_http(check, link, what);
        }
    }
}

/* ---- Webhooks ---- */

/* The key of what is to come in by webhook; NULL: nothing is. */
static const char *
waits_for(const struct conf_link *link)
{
    const struct str_pair keys[] = {
        {"webhook_secret", link->webhook_secret},
        {"receipt_url", link->receipt_url},
        {"oa_secret", link->oa_secret},
        {"provider_file", link->provider ? link->provider->receipt_id : NULL},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i].value && *keys[i].value) {
            return keys[i].name;
        }
    }
    return NULL;
}

static void
check_webhooks(struct check *check)
{
    const struct conf *conf = check->conf;
    for (size_t i = 0; i < conf->links_n && !conf->http_listen; i++) {
        const struct conf_link *link = &conf->links[i];
        const char *key = waits_for(link);
        if (key) {
            char what[64], text[TEXT_ROOM];
            (void)snprintf(what, sizeof what, "links.%.50s", link->name);
            (void)snprintf(
                text, sizeof text,
                text_of(
                    "%.120s:%d: links.%.40s.%s: nobody listens for it: its receipts and "
                    "replies cannot come in; http: { listen: \"127.0.0.1:8080\" } would be right"),
                conf->file, link->line, link->name, key);
            say(check, what, true, text);
        }
    }
}

/* ---- Templates ---- */

static void
on_mistake(void *arg, const char *line)
{
    char said[TEXT_ERROR];
    say(arg, "templates", false, text_error(line, said));
}

static void
check_templates(struct check *check)
{
    struct template_set *set = templates_load(check->conf->templates, on_mistake, check);
    if (set) {
        const char *names[TEMPLATE_FILES];
        char text[TEXT_ROOM];
        struct arena *arena = arena_new();
        const char *folder = share_folder(check->conf->templates, arena);
        (void)snprintf(text, sizeof text, text_of("%zu message templates, %.200s"),
                       template_set_names(set, names), folder ? folder : text_of("all built in"));
        say(check, "templates", true, text);
        arena_free(&arena);
    }
    template_set_free(&set);
}

/* ---- Wording ---- */

/* Whether a link before the i-th says what it says. */
static bool
is_said_before(const struct check *check, const struct conf_channel *channel, size_t i)
{
    const struct conf_link *link = conf_link(check->conf, channel->links[i]);
    for (size_t k = 0; k < i; k++) {
        const struct conf_link *other = conf_link(check->conf, channel->links[k]);
        if (conf_sends(other) && conf_says_alike(channel, other, link)) {
            return true;
        }
    }
    return false;
}

/* How many different texts an announcement gets on the channel. */
static void
check_channel(struct check *check, const struct conf_channel *channel)
{
    char what[64], text[TEXT_ROOM];
    size_t ways = 0;
    for (size_t i = 0; i < channel->links_n; i++) {
        const struct conf_link *link = conf_link(check->conf, channel->links[i]);
        ways += conf_sends(link) && !is_said_before(check, channel, i);
    }
    if (ways > 1) {
        (void)snprintf(what, sizeof what, "channels.%s", channel->name);
        (void)snprintf(text, sizeof text,
                       text_of("each text is worded %zu ways: loa preview shows them"), ways);
        say(check, what, true, text);
    }
}

static void
check_wording(struct check *check)
{
    for (size_t i = 0; i < check->conf->channels_n; i++) {
        check_channel(check, &check->conf->channels[i]);
    }
}

int
cmd_check(const struct cli_call *call)
{
    struct conf *conf = cli_conf(call);
    if (!conf) {
        return CLI_USAGE;
    }
    log_set_level(LOG_ERROR);
    struct check check = {call, conf, event_base_new(), call->json ? json_array() : NULL, false};
    say(&check, "configuration", true, conf->file);
    check_templates(&check);
    check_wording(&check);
    check_webhooks(&check);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    check_redis(&check);
    check_links(&check);
    curl_global_cleanup();
    if (check.json) {
        show_json(check.json);
    }
    event_base_free(check.base);
    conf_free(&conf);
    return check.bad ? CLI_FAILED : CLI_DONE;
}

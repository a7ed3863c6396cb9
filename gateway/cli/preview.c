/* `loa preview`: what each channel would send of a file, and what it would cost. */
// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/input.h"
#include "gateway/cli/preview_facts.h"
#include "gateway/cli/show.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "gateway/core/announcement.h"
#include "gateway/core/nearest.h"
#include "gateway/core/platform.h"
#include "gateway/core/summary.h"
#include "gateway/core/unicode.h"

enum { TEXT_MOST = 16 << 20, CHANNELS_MAX = 16, DEFAULT_PARTS = 3 };

struct preview {
    const struct cli_call *call;
    struct conf *conf; /* NULL: none, the defaults */
    struct arena *arena;
    struct announcement a;
    json_t *all;
    bool first;
};

/* What one channel would send. */
struct shown {
    const char *channel, *encoding;
    struct str text, link;
    int parts;
    size_t characters;
    int64_t cost;
    json_t *parameters; /* NULL: none */
};

static int
read_file(struct preview *p)
{
    const struct preview_options *o = p->call->options;
    const char *file = p->call->operands[0];
    struct err err = {0};
    int rc = input_announcement(file, p->arena, &p->a, &err);
    if (rc == 0 && o->title) {
        announcement_retitle(&p->a, p->arena, str_of(o->title));
    }
    if (rc == 0 && o->url) {
        p->a.field[FIELD_URL] = str_of(o->url);
    }
    if (rc == 0 && announcement_check(&p->a, p->arena, &err) != 0) {
        rc = err_prefix(&err, "%s: ", file);
    }
    return rc == 0 ? 0 : cli_fail(p->call, -1, "%s", err.text);
}

/* ---- What a channel sends. */

static int
show_sms(struct preview *p, const struct conf_channel *channel, struct shown *out, struct err *err)
{
    struct summary_rules rules = {channel->diacritics, channel->max_parts};
    struct summary summary;
    if (summary_sms(&p->a, &rules, p->arena, &summary, err) != 0) {
        return -1;
    }
    out->text = summary.text;
    out->link = summary.link;
    out->encoding = summary.segments.encoding == ENCODING_GSM7 ? "gsm7" : "ucs2";
    out->parts = summary.segments.n;
    out->characters = (size_t)summary.segments.characters;
    return 0;
}

static int
show_page(struct preview *p, bool telegram, struct shown *out, struct err *err)
{
    struct platform_text text;
    int rc = (telegram ? platform_telegram : platform_zalo_oa)(&p->a, p->arena, &text, err);
    if (rc == 0) {
        out->text = text.text;
        out->link = text.link;
    }
    return rc;
}

static int
show_template(struct preview *p, const struct conf_link *link, struct shown *out, struct err *err)
{
    size_t n = link->parameters_n;
    struct platform_pair *patterns = arena_alloc(p->arena, (n + 1) * sizeof *patterns);
    struct platform_pair *values = arena_alloc(p->arena, (n + 1) * sizeof *values);
    int64_t now = clock_unix_ms() / 1000;
    struct platform_template template = {patterns, n, now, clock_offset_min(now)};
    for (size_t i = 0; i < n; i++) {
        patterns[i].name = str_of(link->parameters[i].name);
        patterns[i].value = str_of(link->parameters[i].value);
    }
    if (platform_zalo_template(&p->a, &template, p->arena, values, err) != 0) {
        return err_prefix(err, "%s: ", link->name);
    }
    struct buf text;
    buf_init(&text, TEXT_MOST);
    out->parameters = json_object();
    for (size_t i = 0; i < n; i++) {
        buf_add_z(&text, i > 0 ? "\n" : "");
        buf_add_str(&text, values[i].name);
        buf_add_z(&text, ": ");
        buf_add_str(&text, values[i].value);
        (void)json_object_set_new(out->parameters, link->parameters[i].name,
                                  show_string(values[i].value));
    }
    struct str all = buf_str(&text), url = p->a.field[FIELD_URL];
    out->text = (struct str){arena_strndup(p->arena, all.p, all.n), all.n};
    out->link = url.n > 0 && memmem(all.p, all.n, url.p, url.n) ? url : (struct str){"", 0};
    buf_deinit(&text);
    return 0;
}

static int
show_by_kind(struct preview *p, const struct conf_channel *channel, const struct conf_link *link,
             struct shown *out, struct err *err)
{
    enum link_kind kind = link ? link->kind : LINK_SMPP;
    *out = (struct shown){.channel = channel->name, .encoding = "utf8", .parts = 1};
    int rc = -1;
    switch (kind) {
    case LINK_SMPP:
    case LINK_HTTP_SMS:
        rc = show_sms(p, channel, out, err);
        break;
    case LINK_TELEGRAM:
        rc = show_page(p, true, out, err);
        break;
    case LINK_ZALO_OA:
        rc = show_page(p, false, out, err);
        break;
    case LINK_ZALO_TEMPLATE:
        rc = show_template(p, link, out, err);
        break;
    }
    if (rc == 0 && strcmp(out->encoding, "utf8") == 0) {
        out->characters = utf8_count(out->text);
    }
    out->cost = (int64_t)out->parts * channel->price_per_part;
    return rc;
}

/* ---- How it is shown. */

static void
add_json(struct preview *p, const struct shown *s)
{
    json_t *o = json_object();
    (void)json_object_set_new(o, "channel", json_string(s->channel));
    (void)json_object_set_new(o, "text", show_string(s->text));
    (void)json_object_set_new(o, "encoding", json_string(s->encoding));
    (void)json_object_set_new(o, "parts", json_integer(s->parts));
    (void)json_object_set_new(o, "characters", json_integer((json_int_t)s->characters));
    (void)json_object_set_new(o, "link", show_string(s->link));
    (void)json_object_set_new(o, "cost", json_integer(s->cost));
    if (s->parameters) {
        (void)json_object_set(o, "parameters", s->parameters);
    }
    (void)json_array_append_new(p->all, o);
}

static void
print_text(struct preview *p, const struct shown *s)
{
    static const char *const names[][2] = {{"gsm7", "GSM-7"}, {"ucs2", "UCS-2"}, {"utf8", "UTF-8"}};
    bool colours = colour_wanted(stdout);
    const char *encoding = s->encoding;
    char characters[32], cost[32];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        encoding = strcmp(s->encoding, names[i][0]) == 0 ? names[i][1] : encoding;
    }
    show_number((uint64_t)s->characters, characters, sizeof characters);
    show_number((uint64_t)s->cost, cost, sizeof cost);
    (void)printf("%s%s%s%s: ", p->first ? "" : "\n", colour_code(colours, COLOUR_HEAD), s->channel,
                 colour_code(colours, COLOUR_NONE));
    (void)printf(s->parts == 1 ? text_of("%d part, %s characters, %s, %s VND a member\n")
                               : text_of("%d parts, %s characters, %s, %s VND a member\n"),
                 s->parts, characters, encoding, cost);
    (void)printf("%.*s\n", (int)s->text.n, s->text.p);
    p->first = false;
}

static int
show_channel(struct preview *p, const struct conf_channel *channel, const struct conf_link *link)
{
    struct shown shown;
    struct err err = {0};
    if (show_by_kind(p, channel, link, &shown, &err) != 0) {
        return cli_fail(p->call, -1, "%s: %s", channel->name, err.text);
    }
    if (p->call->json) {
        add_json(p, &shown);
    } else {
        print_text(p, &shown);
    }
    json_decref(shown.parameters);
    return 0;
}

/* ---- Which channels. */

/* Those that the announcement names, all where it names none. */
static bool
is_wanted(const struct preview *p, const char *name)
{
    const struct preview_options *o = p->call->options;
    struct str list = p->a.field[FIELD_CHANNELS];
    if (o->channel) {
        return strcmp(o->channel, name) == 0;
    }
    bool wanted = list.n == 0;
    while (list.n > 0) {
        wanted = str_equal_z(str_cut(&list, ','), name) || wanted;
    }
    return wanted;
}

static int
show_channels(struct preview *p)
{
    static const struct conf_channel sms = {
        .name = "sms", .diacritics = SUMMARY_STRIP, .max_parts = DEFAULT_PARTS};
    const struct preview_options *o = p->call->options;
    const struct conf_channel *channels = p->conf ? p->conf->channels : &sms;
    size_t n = p->conf ? p->conf->channels_n : 1, shown = 0, names_n = 0;
    const char *names[CHANNELS_MAX];
    for (size_t i = 0; i < n; i++) {
        if (names_n < CHANNELS_MAX) {
            names[names_n++] = channels[i].name;
        }
        if (!is_wanted(p, channels[i].name)) {
            continue;
        }
        const struct conf_link *link =
            channels[i].links_n > 0 ? conf_link(p->conf, channels[i].links[0]) : NULL;
        if (show_channel(p, &channels[i], link) != 0) {
            return CLI_FAILED;
        }
        shown++;
    }
    if (shown > 0) {
        return CLI_DONE;
    }
    struct str wanted = o->channel ? str_of(o->channel) : p->a.field[FIELD_CHANNELS];
    const char *near = nearest_find(wanted, names, names_n);
    return cli_fail(p->call, o->channel ? CLI_USAGE : CLI_FAILED,
                    near ? text_of("there is no channel '%.*s' in the configuration; did you mean "
                                   "'%s'?")
                         : text_of("there is no channel '%.*s' in the configuration%s"),
                    (int)wanted.n, wanted.p, near ? near : "");
}

/* The configuration if one was named or stands at its usual place. */
static int
load(struct preview *p)
{
    if (!p->call->config_given && access(p->call->config, F_OK) != 0) {
        return 0;
    }
    p->conf = cli_conf_words(p->call);
    if (!p->conf) {
        return -1;
    }
    cli_set_zone(p->conf);
    return 0;
}

/* What was found, instead of what would be sent. */
static int
show_facts(struct preview *p)
{
    struct story *story = arena_alloc(p->arena, sizeof *story);
    struct err err = {0};
    if (story_read(&p->a, p->arena, story, &err) != 0) {
        return cli_fail(p->call, CLI_FAILED, "%s", err.text);
    }
    preview_facts(p->call, story);
    return CLI_DONE;
}

int
cmd_preview(const struct cli_call *call)
{
    const struct preview_options *o = call->options;
    struct preview p = {.call = call, .first = true};
    if (load(&p) != 0) {
        return CLI_USAGE;
    }
    p.arena = arena_new();
    p.all = json_array();
    int code = CLI_FAILED;
    if (read_file(&p) == 0) {
        preview_warn(&p.a, p.arena);
        code = o->facts ? show_facts(&p) : show_channels(&p);
    }
    if (call->json && code == CLI_DONE && !o->facts) {
        show_json(json_incref(p.all));
    }
    json_decref(p.all);
    arena_free(&p.arena);
    conf_free(&p.conf);
    return code;
}

/* `loa preview`: what each channel would send of a file, and what it would cost. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/preview.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf_form.h"
#include "gateway/cli/input.h"
#include "gateway/cli/limits.h"
#include "gateway/cli/preview_facts.h"
#include "gateway/cli/show.h"
#include "gateway/cli/text.h"
#include "gateway/cli/warn.h"
#include "gateway/core/nearest.h"
#include "gateway/core/unicode.h"

enum { CHANNELS_MAX = 16, DEFAULT_PARTS = 3 };

struct preview {
    const struct cli_call *call;
    struct conf *conf; /* NULL: none, the defaults */
    struct template_set *templates;
    struct arena *arena;
    struct announcement a;
    struct composer composer;
    struct session redis; /* without a queue: it is not there */
    struct preview_audience audience;
    bool asked; /* for the audience */
    json_t *all;
    bool first;
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
    if (rc == 0 && o->template) {
        p->a.field[FIELD_TEMPLATE] = str_of(o->template);
    }
    if (rc == 0 && announcement_check(&p->a, p->arena, &err) != 0) {
        rc = err_prefix(&err, "%s: ", file);
    }
    p->composer = (struct composer){.conf = p->conf,
                                    .templates = p->templates,
                                    .a = &p->a,
                                    .now_s = clock_unix_ms() / 1000,
                                    .arena = p->arena};
    if (rc == 0 && composer_init(&p->composer, &err) != 0) {
        rc = err_prefix(&err, "%s: ", file);
    }
    return rc == 0 ? 0 : cli_fail(p->call, -1, "%s", err.text);
}

/* ---- One channel: a way is its text by some of its links. */

/* Once, when the first text is there: names are asked for only where they stand in it. */
static void
ask_audience(struct preview *p, bool named)
{
    if (p->conf && !p->asked) {
        p->asked = true;
        preview_ask_audience(&p->redis, p->a.field[FIELD_AUDIENCE], named, &p->audience);
    }
}

static const char *
encoding_of(const struct composed *composed)
{
    static const char *const names[] = {
        [ENCODING_GSM7] = "gsm7", [ENCODING_UCS2] = "ucs2", [ENCODING_LATIN1] = "latin1"};
    return composed->fit ? names[composed->fit->segments.encoding] : "utf8";
}

/* Whether a sign goes on with the word or the number beside it. */
static bool
goes_on(char c)
{
    return isalnum((unsigned char)c) || strchr("/:-", c) != NULL;
}

/* Whether the words stand in the text, both folded: "2" not in "22:00", nor in "2/12". */
static bool
stands_whole(struct str text, struct str words)
{
    const char *begin = text.p, *end = text.p + text.n;
    while (words.n > 0 && text.n > 0) {
        const char *at = memmem(text.p, text.n, words.p, words.n);
        if (!at) {
            return false;
        }
        const char *behind = at + words.n;
        if ((at == begin || !goes_on(at[-1])) && (behind == end || !goes_on(*behind))) {
            return true;
        }
        text = str_from(text, (size_t)(at + 1 - text.p));
    }
    return false;
}

/* What the text tells: known of an SMS's summary, looked for in what a template puts around it and
 * in what a platform gets, which may have whole sentences. */
static const struct gist *
gist_of(struct preview *p, const struct preview_shown *shown)
{
    const struct story *story = p->composer.story;
    struct gist *gist = arena_alloc(p->arena, sizeof *gist);
    struct str text = preview_as_read(shown);
    if (shown->composed.fit) {
        *gist = shown->composed.fit->gist;
    } else {
        gist_judge(story, text, p->arena, gist);
    }
    text = unicode_fold(p->arena, unicode_line(p->arena, text));
    for (size_t i = 0; i < story->items_n; i++) {
        const struct story_item *item = &story->item[i];
        struct str fact = {story->text.p + item->from, item->to - item->from};
        fact = unicode_fold(p->arena, unicode_line(p->arena, fact));
        gist->has[i] = gist->has[i] || stands_whole(text, fact);
    }
    return gist;
}

static void
show_way(struct preview *p, struct preview_shown *shown)
{
    compose_judge(&p->composer, &shown->composed);
    const struct composed *composed = &shown->composed;
    bool marks = shown->link && !conf_is_plain(shown->channel, shown->link);
    ask_audience(p, composed->named);
    shown->name = preview_name(&p->audience, marks, p->arena);
    shown->text = wording_with_name(p->arena, composed->text, shown->name);
    preview_measure(shown->text, shown->link, p->arena, &shown->composed);
    shown->gist = gist_of(p, shown);
    shown->encoding = encoding_of(composed);
    shown->characters =
        composed->fit ? (size_t)composed->fit->segments.characters : utf8_count(shown->text);
    shown->price = conf_price(shown->channel, shown->link);
    shown->cost = (int64_t)composed->parts * shown->price;
    if (p->call->json) {
        (void)json_array_append_new(p->all, preview_json(shown));
    } else {
        preview_print(shown, p->first);
    }
    p->first = false;
}

/* The way that says the same already; NULL: none does. */
static struct preview_shown *
alike(struct preview_shown *ways, size_t n, const struct composed *composed)
{
    for (size_t i = 0; i < n; i++) {
        const struct composed *other = &ways[i].composed;
        if (str_equal(other->text, composed->text) && other->parts == composed->parts &&
            strcmp(encoding_of(other), encoding_of(composed)) == 0) {
            return &ways[i];
        }
    }
    return NULL;
}

/* Adds what the channel says by one more link (NULL: none is configured). */
static int
add_way(struct preview *p, struct preview_shown *ways, size_t *n, const struct conf_link *link,
        struct err *err)
{
    struct preview_shown *way = &ways[*n];
    way->link = link;
    p->composer.limits = limits_of(&p->redis, link, p->arena);
    if (compose(&p->composer, way->channel, link, &way->composed, err) != 0) {
        return -1;
    }
    struct preview_shown *same = alike(ways, *n, &way->composed);
    *n += same == NULL;
    same = same ? same : way;
    if (link) {
        same->by[same->by_n++] = link;
    }
    return 0;
}

/* What the channel says, once for all links that say it alike. */
static int
show_channel(struct preview *p, const struct conf_channel *channel)
{
    size_t n = 0, most = channel->links_n + 1, unsaid_n = 0;
    const struct conf_link **unsaid = arena_alloc(p->arena, most * sizeof(struct conf_link *));
    struct err *why = arena_alloc(p->arena, most * sizeof *why);
    struct preview_shown *ways = arena_alloc(p->arena, most * sizeof *ways);
    for (size_t i = 0; i < most; i++) {
        ways[i] = (struct preview_shown){
            .composer = &p->composer, .channel = channel, .audience = &p->audience};
        ways[i].by = arena_alloc(p->arena, most * sizeof(struct conf_link *));
    }
    for (size_t i = 0; i < channel->links_n; i++) {
        const struct conf_link *link = conf_link(p->conf, channel->links[i]);
        if (conf_sends(link) && add_way(p, ways, &n, link, &why[unsaid_n]) != 0) {
            unsaid[unsaid_n++] = link;
        }
    }
    if (n == 0 && (unsaid_n > 0 || add_way(p, ways, &n, NULL, why) != 0)) {
        return cli_fail(p->call, -1, "%s: %s", channel->name, why[0].text);
    }
    for (size_t i = 0; i < unsaid_n; i++) {
        warn_unsaid(channel, unsaid[i], &why[i]);
    }
    for (size_t i = 0; i < n; i++) {
        ways[i].several = n > 1;
        show_way(p, &ways[i]);
    }
    return 0;
}

/* ---- Which channels. */

static bool
is_wanted(const struct preview *p, const char *name)
{
    const struct preview_options *o = p->call->options;
    return o->channel ? strcmp(o->channel, name) == 0 : compose_wants(&p->a, name);
}

static int
show_channels(struct preview *p)
{
    static const struct conf_channel sms = {
        .name = "sms", .diacritics = DIACRITICS_STRIP, .max_parts = DEFAULT_PARTS};
    const struct preview_options *o = p->call->options;
    const struct conf_channel *channels = p->conf ? p->conf->channels : &sms;
    size_t n = p->conf ? p->conf->channels_n : 1, shown = 0, names_n = 0;
    const char *names[CHANNELS_MAX];
    if (p->conf) {
        preview_open(p->call, &p->redis);
    }
    for (size_t i = 0; i < n; i++) {
        if (names_n < CHANNELS_MAX) {
            names[names_n++] = channels[i].name;
        }
        if (!is_wanted(p, channels[i].name)) {
            continue;
        }
        if (show_channel(p, &channels[i]) != 0) {
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

/* The configuration if one was named or stands at its usual place; the templates. */
static int
load(struct preview *p)
{
    if (p->call->config_given || access(p->call->config, F_OK) == 0) {
        p->conf = cli_conf_words(p->call);
        if (!p->conf) {
            return -1;
        }
        cli_set_zone(p->conf);
    }
    p->templates = cli_templates(p->conf);
    return p->templates ? 0 : -1;
}

/* What was found, instead of what would be sent. */
static int
show_facts(struct preview *p)
{
    struct story *story = arena_alloc(p->arena, sizeof *story);
    struct err err = {0};
    if (story_read(&p->a, template_set_phrases(p->templates), p->arena, story, &err) != 0) {
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
        conf_free(&p.conf);
        return CLI_USAGE;
    }
    p.arena = arena_new();
    p.all = json_array();
    int code = CLI_FAILED;
    if (read_file(&p) == 0) {
        warn_summary(&p.composer);
        code = o->facts ? show_facts(&p) : show_channels(&p);
    }
    if (call->json && code == CLI_DONE && !o->facts) {
        show_json(json_incref(p.all));
    }
    json_decref(p.all);
    free(p.audience.longest_name);
    session_close(&p.redis);
    arena_free(&p.arena);
    template_set_free(&p.templates);
    conf_free(&p.conf);
    return code;
}

/* Forms the texts of an announcement. */
// SPDX-License-Identifier: MIT
#include "gateway/compose.h"

#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/conf_form.h"
#include "gateway/core/zalo_template.h"

enum { TEXT_MOST = 128 * 1024 };

int
composer_init(struct composer *c, struct err *err)
{
    if (!c->story) {
        struct story *story = arena_alloc(c->arena, sizeof *story);
        if (story_read(c->a, template_set_phrases(c->templates), c->arena, story, err) != 0) {
            return -1;
        }
        c->story = story;
    }
    c->language = template_language_of(c->arena, c->story->text);
    return 0;
}

static enum template_channel
channel_of(enum link_kind kind)
{
    switch (kind) {
    case LINK_TELEGRAM:
        return TEMPLATE_TELEGRAM;
    case LINK_ZALO_OA:
    case LINK_ZALO_TEMPLATE:
        return TEMPLATE_ZALO;
    case LINK_SMPP:
    case LINK_HTTP_SMS:
        break;
    }
    return TEMPLATE_SMS;
}

static int
word_it(const struct composer *c, const struct conf_link *link, enum link_kind kind,
        struct wording *w, struct str *name, struct err *err)
{
    /* Of what is called off no template may say "Thời gian: …". */
    struct str said = story_calls_off(c->story) ? STR("hoan-huy") : c->story->kind;
    struct template_choice choice = {c->a->field[FIELD_TEMPLATE], said, channel_of(kind),
                                     c->language};
    *w = (struct wording){
        .template = template_set_choose(c->templates, &choice, name, err),
        .language = c->language,
        .prefix = str_of(link ? link->prefix : NULL),
        .suffix = str_of(link ? link->suffix : NULL),
        .refused = str_of(link ? link->refused : NULL),
        .short_base = str_of(c->conf ? c->conf->short_links_base : NULL),
        .code = c->code,
        .now_s = c->now_s,
        .offset_min = clock_offset_min(c->now_s),
    };
    return w->template ? 0 : -1;
}

static int
compose_sms(const struct composer *c, const struct wording *w, const struct conf_channel *channel,
            const struct conf_link *link, struct composed *out, struct err *err)
{
    const struct wording_source source = {c->a, c->story};
    const struct fit_rules rules = conf_rules(channel, link);
    struct fit *fit = arena_alloc(c->arena, sizeof *fit);
    if (fit_sms(&source, w, &rules, c->arena, fit, err) != 0) {
        return -1;
    }
    out->text = fit->text;
    out->link = fit->link;
    out->parts = fit->segments.n;
    out->named = fit->named;
    out->fit = fit;
    return 0;
}

static int
compose_page(const struct composer *c, const struct wording *w, bool telegram, struct composed *out,
             struct err *err)
{
    const struct wording_source source = {c->a, c->story};
    struct platform_text page;
    if ((telegram ? platform_telegram : platform_zalo_oa)(&source, w, c->arena, &page, err) != 0) {
        return -1;
    }
    out->text = page.text;
    out->link = page.link;
    out->named = wording_is_named(page.text);
    return 0;
}

/* Whether Zalo takes the values, as far as it has told; a member's name is as long as it is. */
static int
check_parameters(const struct zalo_parameter *known, const struct platform_pair *values, size_t n,
                 struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct str taken;
        bool told = known[i].name[0] != '\0' && !wording_is_named(values[i].value);
        if (told && zalo_parameter_fit(&known[i], values[i].value, &taken, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int
compose_parameters(const struct composer *c, const struct wording *w, const struct conf_link *link,
                   struct composed *out, struct err *err)
{
    const struct wording_source source = {c->a, c->story};
    size_t n = link->parameters_n;
    struct platform_pair *patterns = arena_alloc(c->arena, (n + 1) * sizeof *patterns);
    struct platform_pair *values = arena_alloc(c->arena, (n + 1) * sizeof *values);
    struct zalo_parameter *known = arena_alloc(c->arena, (n + 1) * sizeof *known);
    const struct platform_template template = {patterns, n};
    for (size_t i = 0; i < n; i++) {
        patterns[i].name = str_of(link->parameters[i].name);
        patterns[i].value = str_of(link->parameters[i].value);
        (void)zalo_limits_find(c->limits, link->template_id, link->parameters[i].name, &known[i]);
        patterns[i].most = (size_t)known[i].most;
    }
    if (platform_zalo_template(&source, w, &template, c->arena, values, err) != 0 ||
        check_parameters(known, values, n, err) != 0) {
        return err_prefix(err, "%s: ", link->name);
    }
    struct buf text;
    buf_init(&text, TEXT_MOST);
    for (size_t i = 0; i < n; i++) {
        buf_add_z(&text, i > 0 ? "\n" : "");
        buf_add_str(&text, values[i].name);
        buf_add_z(&text, ": ");
        buf_add_str(&text, values[i].value);
    }
    out->text = (struct str){arena_strndup(c->arena, text.n ? text.p : "", text.n), text.n};
    buf_deinit(&text);
    struct str url = wording_link(c->a, w, c->arena);
    bool linked = url.n > 0 && memmem(out->text.p, out->text.n, url.p, url.n);
    out->link = linked ? url : (struct str){"", 0};
    out->template_name = (struct str){"", 0};
    out->named = wording_is_named(out->text);
    out->parameters = values;
    out->parameters_n = n;
    return 0;
}

int
compose(const struct composer *c, const struct conf_channel *channel, const struct conf_link *link,
        struct composed *out, struct err *err)
{
    enum link_kind kind = link ? link->kind : LINK_SMPP;
    struct wording w;
    *out = (struct composed){.parts = 1};
    if (word_it(c, link, kind, &w, &out->template_name, err) != 0) {
        return -1;
    }
    switch (kind) {
    case LINK_SMPP:
    case LINK_HTTP_SMS:
        return compose_sms(c, &w, channel, link, out, err);
    case LINK_TELEGRAM:
    case LINK_ZALO_OA:
        return compose_page(c, &w, kind == LINK_TELEGRAM, out, err);
    case LINK_ZALO_TEMPLATE:
        return compose_parameters(c, &w, link, out, err);
    }
    return -1;
}

void
compose_judge(const struct composer *c, struct composed *out)
{
    if (out->fit && out->fit->given) {
        struct fit *fit = arena_alloc(c->arena, sizeof *fit);
        *fit = *out->fit;
        gist_judge(c->story, fit->gist.text, c->arena, &fit->gist);
        out->fit = fit;
    }
}

bool
compose_wants(const struct announcement *a, const char *channel)
{
    struct str list = a->field[FIELD_CHANNELS];
    bool wanted = list.n == 0;
    while (list.n > 0) {
        wanted = str_equal_z(str_trim(str_cut(&list, ',')), channel) || wanted;
    }
    return wanted;
}

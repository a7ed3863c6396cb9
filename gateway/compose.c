/* What a channel says of an announcement. */
// SPDX-License-Identifier: MIT
#include "gateway/compose.h"

#include <string.h>
#include <time.h>

#include "gateway/core/platform.h"
#include "gateway/core/summary.h"

enum { TEXT_MOST = 64 * 1024 };

static int
compose_sms(const struct compose_of *of, struct composed *out, struct err *err)
{
    struct summary_rules rules = {of->channel->diacritics, of->channel->max_parts};
    struct summary summary;
    if (summary_sms(of->announcement, &rules, of->arena, &summary, err) != 0) {
        return -1;
    }
    *out = (struct composed){summary.text, summary.segments.n};
    return 0;
}

static int
offset_min(int64_t unix_s)
{
    struct tm tm = {0};
    time_t t = (time_t)unix_s;
    return localtime_r(&t, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

static int
compose_template(const struct compose_of *of, struct composed *out, struct err *err)
{
    size_t n = of->link->parameters_n;
    struct platform_pair *patterns = arena_alloc(of->arena, (n + 1) * sizeof *patterns);
    struct platform_pair *values = arena_alloc(of->arena, (n + 1) * sizeof *values);
    struct platform_template template = {patterns, n, of->now_s, offset_min(of->now_s)};
    for (size_t i = 0; i < n; i++) {
        patterns[i].name = str_of(of->link->parameters[i].name);
        patterns[i].value = str_of(of->link->parameters[i].value);
    }
    if (platform_zalo_template(of->announcement, &template, of->arena, values, err) != 0) {
        return -1;
    }
    struct buf text;
    buf_init(&text, TEXT_MOST);
    for (size_t i = 0; i < n; i++) {
        buf_add_z(&text, i > 0 ? "\n" : "");
        buf_add_str(&text, values[i].name);
        buf_add_z(&text, ": ");
        buf_add_str(&text, values[i].value);
    }
    out->text = (struct str){arena_strndup(of->arena, text.n ? text.p : "", text.n), text.n};
    buf_deinit(&text);
    return 0;
}

int
compose(const struct compose_of *of, struct composed *out, struct err *err)
{
    struct platform_text page = {0};
    int rc = -1;
    *out = (struct composed){.parts = 1};
    switch (of->link->kind) {
    case LINK_SMPP:
    case LINK_HTTP_SMS:
        return compose_sms(of, out, err);
    case LINK_ZALO_TEMPLATE:
        return compose_template(of, out, err);
    case LINK_TELEGRAM:
        rc = platform_telegram(of->announcement, of->arena, &page, err);
        break;
    case LINK_ZALO_OA:
        rc = platform_zalo_oa(of->announcement, of->arena, &page, err);
        break;
    }
    out->text = page.text;
    return rc;
}

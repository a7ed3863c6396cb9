/* Texts for the messaging platforms. */
// SPDX-License-Identifier: MIT
#include "gateway/core/platform.h"

#include <string.h>

#include "gateway/core/body.h"
#include "gateway/core/lead.h"
#include "gateway/core/nearest.h"
#include "gateway/core/time.h"
#include "gateway/core/unicode.h"

enum { TEXT_CEILING = 64 * 1024 };

static struct str
keep(struct arena *arena, struct buf *b)
{
    struct str s = {arena_strndup(arena, buf_str(b).p, b->n), b->n};
    buf_deinit(b);
    return s;
}

/* UTF-16 units: how the platforms count. */
static size_t
units_of(struct str text)
{
    size_t n = 0;
    while (text.n > 0) {
        n += utf8_next(&text) > 0xFFFF ? 2 : 1;
    }
    return n;
}

/* ---- A whole text. */

struct page {
    struct buf out;
    size_t units, most;
    bool html;
};

static void
add_escaped(struct page *page, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (page->html && c == '<') {
            buf_add_z(&page->out, "&lt;");
        } else if (page->html && c == '>') {
            buf_add_z(&page->out, "&gt;");
        } else if (page->html && c == '&') {
            buf_add_z(&page->out, "&amp;");
        } else {
            buf_add_char(&page->out, c);
        }
    }
}

/* Adds `text` behind `before`, whole or not at all. */
static bool
add_whole(struct page *page, const char *before, struct str text)
{
    size_t units = units_of(text) + strlen(before);
    if (page->units + units > page->most) {
        return false;
    }
    buf_add_z(&page->out, before);
    add_escaped(page, text);
    page->units += units;
    return true;
}

static void
add_paragraphs(struct page *page, struct str body)
{
    const char *before = "\n\n";
    while (body.p && body.n > 0) {
        struct str line = str_cut(&body, '\n');
        if (line.n == 0 || add_whole(page, before, line)) {
            before = line.n > 0 ? "\n" : before;
            continue;
        }
        struct str sentence = lead_next(&line);
        while (sentence.n > 0 && add_whole(page, before, sentence)) {
            before = " ";
            sentence = lead_next(&line);
        }
        return;
    }
}

static int
compose(const struct announcement *a, struct page *page, struct arena *arena,
        struct platform_text *out, struct err *err)
{
    struct str link = a->field[FIELD_URL], body = a->field[FIELD_SUMMARY];
    if (body.n == 0 && body_text(a->field[FIELD_BODY], arena, &body, err) != 0) {
        return err_prefix(err, "body: ");
    }
    size_t link_units = link.n > 0 ? units_of(link) + 2 : 0;
    if (link_units >= page->most) {
        return err_set(err, ERR_LIMIT, "the link alone has more than %zu characters", page->most);
    }
    page->most -= link_units;
    buf_init(&page->out, TEXT_CEILING);
    buf_add_z(&page->out, page->html ? "<b>" : "");
    bool whole = add_whole(page, "", a->field[FIELD_TITLE]);
    buf_add_z(&page->out, page->html ? "</b>" : "");
    if (whole) {
        add_paragraphs(page, unicode_tidy(arena, body));
    }
    if (link.n > 0) {
        page->most += link_units;
        (void)add_whole(page, "\n\n", link);
    }
    out->text = keep(arena, &page->out);
    out->link = link;
    return whole ? 0
                 : err_set(err, ERR_LIMIT, "title and link have more than %zu characters",
                           page->most);
}

int
platform_telegram(const struct announcement *a, struct arena *arena, struct platform_text *out,
                  struct err *err)
{
    struct page page = {.most = TELEGRAM_UNITS, .html = true};
    return compose(a, &page, arena, out, err);
}

int
platform_zalo_oa(const struct announcement *a, struct arena *arena, struct platform_text *out,
                 struct err *err)
{
    struct page page = {.most = ZALO_OA_UNITS};
    return compose(a, &page, arena, out, err);
}

/* ---- A template's parameters. */

static struct str
cut_to(struct str text, size_t most)
{
    struct str rest = text;
    for (size_t n = 0; rest.n > 0 && n < most; n++) {
        (void)utf8_next(&rest);
    }
    if (rest.n == 0) {
        return text;
    }
    struct str head = {text.p, (size_t)(rest.p - text.p)};
    struct str cut = lead_cut(text, head.n + 1, true);
    return cut.n > 0 ? cut : head;
}

/* Whole sentences as far as they fit; the head of the first if that is too long. */
static struct str
lead_of(struct str line)
{
    struct str rest = line;
    size_t n = 0;
    for (struct str piece = lead_next(&rest); piece.n > 0; piece = lead_next(&rest)) {
        size_t end = (size_t)(piece.p + piece.n - line.p);
        if (utf8_count((struct str){line.p, end}) > ZALO_PARAMETER) {
            break;
        }
        n = end;
    }
    return n > 0 ? (struct str){line.p, n} : cut_to(line, ZALO_PARAMETER);
}

static struct str
short_time(int64_t unix_s, const struct platform_template *template, struct arena *arena)
{
    char text[TIME_ROOM] = "";
    if (unix_s != 0) {
        time_format_short(unix_s, template->offset_min, text);
    }
    return (struct str){arena_strndup(arena, text, strlen(text)), strlen(text)};
}

/* "https://a.vn/b/c?d" → "b/c?d": what a template's button puts behind its own domain. */
static struct str
link_path(struct str link)
{
    const char *scheme = link.n > 0 ? memmem(link.p, link.n, "://", 3) : NULL;
    if (!scheme) {
        return (struct str){"", 0};
    }
    struct str rest = {scheme + 3, link.n - (size_t)(scheme + 3 - link.p)};
    const char *path = memchr(rest.p, '/', rest.n);
    return path ? (struct str){path + 1, rest.n - (size_t)(path + 1 - rest.p)}
                : (struct str){"", 0};
}

struct source {
    const struct announcement *a;
    const struct platform_template *template;
    struct arena *arena;
    struct str lead; /* of the body, or the given summary */
};

enum placeholder {
    P_TITLE,
    P_SUMMARY,
    P_LINK,
    P_LINK_PATH,
    P_PUBLISHED_AT,
    P_SEND_AT,
    P_EXPIRES_AT,
    P_ISSUER,
    P_KIND,
    P_ID,
    P_N
};
static const char *const placeholders[P_N] = {
    [P_TITLE] = "title",
    [P_SUMMARY] = "summary",
    [P_LINK] = "link",
    [P_LINK_PATH] = "link_path",
    [P_PUBLISHED_AT] = "published_at",
    [P_SEND_AT] = "send_at",
    [P_EXPIRES_AT] = "expires_at",
    [P_ISSUER] = "issuer",
    [P_KIND] = "kind",
    [P_ID] = "id",
};

static struct str
value_of(const struct source *s, enum placeholder what)
{
    const struct announcement *a = s->a;
    switch (what) {
    case P_TITLE:
        return a->field[FIELD_TITLE];
    case P_SUMMARY:
        return s->lead;
    case P_LINK:
        return a->field[FIELD_URL];
    case P_LINK_PATH:
        return link_path(a->field[FIELD_URL]);
    case P_PUBLISHED_AT:
        return short_time(a->published_at ? a->published_at : s->template->now_s, s->template,
                          s->arena);
    case P_SEND_AT:
        return short_time(a->send_at ? a->send_at : s->template->now_s, s->template, s->arena);
    case P_EXPIRES_AT:
        return short_time(a->expires_at, s->template, s->arena);
    case P_ISSUER:
        return a->field[FIELD_ISSUER];
    case P_KIND:
        return a->field[FIELD_KIND];
    case P_ID:
        return a->field[FIELD_ID];
    case P_N:
        break;
    }
    return (struct str){NULL, 0};
}

static int
add_placeholder(const struct source *s, struct str name, struct buf *out, bool *linked,
                struct err *err)
{
    for (int p = 0; p < P_N; p++) {
        if (str_equal_z(name, placeholders[p])) {
            buf_add_str(out, value_of(s, (enum placeholder)p));
            *linked = *linked || p == P_LINK || p == P_LINK_PATH;
            return 0;
        }
    }
    const char *near = nearest_find(name, placeholders, P_N);
    return err_set(err, ERR_INPUT, "no such placeholder: {%.*s}%s%s%s",
                   name.n > 40 ? 40 : (int)name.n, name.p, near ? " (did you mean {" : "",
                   near ? near : "", near ? "}?)" : "");
}

static int
expand(const struct source *s, struct str pattern, struct str *value, struct err *err)
{
    struct buf out;
    bool linked = false;
    int answer = 0;
    buf_init(&out, TEXT_CEILING);
    while (pattern.n > 0 && answer == 0) {
        const char *close = pattern.p[0] == '{' ? memchr(pattern.p, '}', pattern.n) : NULL;
        size_t used = 1;
        if (close) {
            used = (size_t)(close + 1 - pattern.p);
            answer = add_placeholder(s, (struct str){pattern.p + 1, used - 2}, &out, &linked, err);
        } else {
            buf_add_char(&out, pattern.p[0]);
        }
        pattern = str_from(pattern, used);
    }
    struct str line = unicode_line(s->arena, buf_str(&out));
    *value = linked ? line : cut_to(line, ZALO_PARAMETER);
    buf_deinit(&out);
    return answer;
}

int
platform_zalo_template(const struct announcement *a, const struct platform_template *template,
                       struct arena *arena, struct platform_pair *values, struct err *err)
{
    struct source source = {a, template, arena, a->field[FIELD_SUMMARY]};
    if (source.lead.n == 0 && body_text(a->field[FIELD_BODY], arena, &source.lead, err) != 0) {
        return err_prefix(err, "body: ");
    }
    source.lead = lead_of(unicode_line(arena, source.lead));
    for (size_t i = 0; i < template->n; i++) {
        const struct platform_pair *pattern = &template->patterns[i];
        values[i].name = pattern->name;
        if (expand(&source, pattern->value, &values[i].value, err) != 0) {
            return err_prefix(err, "parameters: %.*s: ", (int)pattern->name.n, pattern->name.p);
        }
    }
    return 0;
}

/* Values of placeholders. */
// SPDX-License-Identifier: MIT
#include "gateway/core/wording.h"

#include <string.h>

#include <utf8proc.h>

#include "gateway/core/plain.h"
#include "gateway/core/refused.h"
#include "gateway/core/short_link.h"
#include "gateway/core/time.h"
#include "gateway/core/unicode.h"

struct str
wording_link(const struct announcement *a, const struct wording *w, struct arena *arena)
{
    struct str url = a->field[FIELD_URL];
    if (url.n == 0) {
        return (struct str){"", 0};
    }
    if (w->short_base.n > 0) {
        return short_link(arena, w->short_base, w->code ? w->code : "xxxxxxxx");
    }
    return refused_link(url, w->refused);
}

/* ---- What its fields say. */

static struct str
time_text(int64_t unix_s, const struct wording *w, struct arena *arena)
{
    char text[TIME_ROOM] = "";
    if (unix_s != 0) {
        time_format_short(unix_s, w->offset_min, text);
    }
    return (struct str){arena_strndup(arena, text, strlen(text)), strlen(text)};
}

/* "https://a.vn/b/c?d" → "b/c?d", or what stands behind the base of short links: what a template's
 * button puts behind its own domain. */
static struct str
link_path(struct str link, struct str base)
{
    if (base.n > 0 && str_starts(link, base)) {
        return str_from(link, base.n);
    }
    const char *scheme = link.n > 0 ? memmem(link.p, link.n, "://", 3) : NULL;
    if (!scheme) {
        return (struct str){"", 0};
    }
    struct str rest = str_from(link, (size_t)(scheme + 3 - link.p));
    const char *path = memchr(rest.p, '/', rest.n);
    return path ? str_from(rest, (size_t)(path + 1 - rest.p)) : (struct str){"", 0};
}

/* "CẢNH BÁO KHẨN: ", "THÔNG BÁO KHẨN CẤP: ": where a head from character `i` on that says no more
 * is over, in octets; 0 if there is none ("SƠ TÁN KHẨN: " says more). */
static size_t
urgent_head(const struct plain *p, size_t i, const char *word)
{
    static const char *const announcing[] = {"cảnh báo", "thông báo", "công điện", "tin",
                                             "notice",   "alert",     "warning",   NULL};
    for (size_t n = plain_one_of(p, i, announcing); n > 0; n = plain_one_of(p, i, announcing)) {
        i += n + 1;
    }
    size_t n = plain_word(p, i, word);
    if (n == 0) {
        return 0;
    }
    size_t end = i + n, more = plain_word(p, end + 1, "cấp");
    end += more > 0 ? more + 1 : 0;
    return end < p->n && p->sign[end] == ':' ? p->at[end + 1] : 0;
}

/* Takes such a head off, from the beginning or from behind whose warning it is ("P. Phú An: "). */
static bool
take_urgent_head(struct str *text, const struct plain *p, const char *word, struct arena *arena)
{
    const char *colon = memchr(p->sign, ':', p->n);
    size_t sender = colon ? (size_t)(colon - p->sign) + 2 : p->n;
    size_t end = urgent_head(p, 0, word), behind = urgent_head(p, sender, word);
    struct str rest = str_trim(str_from(*text, end > 0 ? end : behind));
    if ((end == 0 && behind == 0) || rest.n == 0) {
        return false;
    }
    if (end == 0) {
        struct buf both;
        buf_init(&both, text->n + 1);
        buf_add(&both, text->p, p->at[sender]);
        buf_add_str(&both, rest);
        rest = (struct str){arena_strndup(arena, both.p, both.n), both.n};
        buf_deinit(&both);
    }
    *text = rest;
    return true;
}

struct str
wording_emergency(const struct announcement *a, const struct wording *w, struct arena *arena,
                  struct str *text)
{
    static const char *const said[] = {"khẩn", "urgent", "emergency"};
    struct plain plain;
    if (a->priority != PRIORITY_EMERGENCY) {
        return (struct str){"", 0};
    }
    plain_of(arena, *text, &plain);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        if (plain.n > 0 && plain_word(&plain, 0, said[i]) > 0) {
            return (struct str){"", 0};
        }
    }
    bool taken = false;
    for (size_t i = 0; i < sizeof said / sizeof *said && !taken; i++) {
        taken = take_urgent_head(text, &plain, said[i], arena);
    }
    return w->language == TEMPLATE_EN ? STR("URGENT") : STR("KHẨN");
}

void
wording_values(const struct wording_source *source, const struct wording *w, struct str link,
               struct arena *arena, struct str values[WORDS])
{
    const struct announcement *a = source->a;
    const struct story *story = source->story;
    memset(values, 0, WORDS * sizeof *values);
    values[WORD_TITLE] = a->field[FIELD_TITLE];
    values[WORD_WHEN] = story->when;
    values[WORD_WHERE] = story->where;
    values[WORD_DEADLINE] = story->deadline;
    values[WORD_CONTACT] = story->contact;
    values[WORD_DOCUMENT] = story->document;
    values[WORD_AREA] = story->area;
    values[WORD_ACTION] = story->action;
    values[WORD_ISSUER] = story->issuer;
    values[WORD_KIND] = a->field[FIELD_KIND].n > 0 ? a->field[FIELD_KIND] : story->kind;
    values[WORD_ID] = a->field[FIELD_ID];
    values[WORD_LINK] = link;
    values[WORD_LINK_PATH] = link_path(link, w->short_base);
    values[WORD_NAME] = STR(WORDING_NAME);
    values[WORD_PUBLISHED_AT] = time_text(a->published_at ? a->published_at : w->now_s, w, arena);
    values[WORD_SEND_AT] = time_text(a->send_at ? a->send_at : w->now_s, w, arena);
    values[WORD_EXPIRES_AT] = time_text(a->expires_at, w, arena);
    values[WORD_URGENT] = a->priority == PRIORITY_URGENT ? STR("1") : (struct str){"", 0};
    values[WORD_EMERGENCY] = a->priority == PRIORITY_EMERGENCY ? STR("1") : (struct str){"", 0};
}

/* ---- Names. */

bool
wording_is_named(struct str text)
{
    return text.n > 0 && memmem(text.p, text.n, WORDING_NAME, strlen(WORDING_NAME)) != NULL;
}

struct str
wording_with_name(struct arena *arena, struct str text, struct str name)
{
    const size_t n = strlen(WORDING_NAME);
    if (!wording_is_named(text)) {
        return text;
    }
    struct buf out;
    buf_init(&out, (text.n / n + 1) * (name.n + n) + text.n);
    while (text.n > 0) {
        const char *at = memmem(text.p, text.n, WORDING_NAME, n);
        size_t before = at ? (size_t)(at - text.p) : text.n;
        buf_add(&out, text.p, before);
        buf_add_str(&out, at ? name : (struct str){NULL, 0});
        text = str_from(text, before + (at ? n : 0));
    }
    struct str s = {arena_strndup(arena, out.p ? out.p : "", out.n), out.n};
    buf_deinit(&out);
    return s;
}

static bool
is_of_a_name(int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    bool letter = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME;
    return (letter && c <= 0xFFFF) || (c >= '0' && c <= '9') || (c < 0x80 && strchr(" .-'", c));
}

/* What nearly every name is: nothing has to be changed in it. */
static bool
is_ready(struct str name)
{
    size_t characters = 0;
    bool blank = true;
    while (name.n > 0) {
        int32_t c = utf8_next(&name);
        bool ascii = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool letter = ascii || unicode_base(c) != 0;
        if ((!letter && c != ' ') || (c == ' ' && blank)) {
            return false;
        }
        blank = c == ' ';
        characters++;
    }
    return !blank && characters <= WORDING_NAME_MAX;
}

static struct str
only_letters(struct arena *arena, struct str name)
{
    struct str rest = unicode_line(arena, name);
    struct buf out;
    buf_init(&out, rest.n + 1);
    while (rest.n > 0) {
        int32_t c = utf8_next(&rest);
        utf8_add(&out, is_of_a_name(c) ? c : ' ');
    }
    struct str line = unicode_line(arena, buf_str(&out));
    buf_deinit(&out);
    return line;
}

struct str
wording_name(struct arena *arena, struct str name)
{
    if (is_ready(name)) {
        return name;
    }
    struct str line = only_letters(arena, name);
    const char *blank = line.n > 0 ? memchr(line.p, ' ', line.n) : NULL;
    while (blank && utf8_count(line) > WORDING_NAME_MAX) {
        line = str_from(line, (size_t)(blank + 1 - line.p));
        blank = memchr(line.p, ' ', line.n);
    }
    return utf8_head(line, WORDING_NAME_MAX);
}

struct str
wording_plain_name(struct arena *arena, struct str name)
{
    char plain[WORDING_NAME_MAX];
    size_t n = 0;
    name = wording_name(arena, name);
    for (struct str rest = name; rest.n > 0;) {
        int32_t c = utf8_next(&rest);
        char base = c < 0x80 ? (char)c : unicode_base(c);
        if (!base) {
            return unicode_strip(arena, name);
        }
        plain[n++] = base;
    }
    return (struct str){arena_strndup(arena, plain, n), n};
}

struct str
wording_widest_name(bool marks)
{
    return marks ? STR("Công Tằng Tôn Nữ Phương Nguyệt") : STR("Cong Tang Ton Nu Phuong Nguyet");
}

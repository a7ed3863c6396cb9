/* Title, link and body of a plain text. */
// SPDX-License-Identifier: MIT
#include "gateway/core/text_file.h"

#include <string.h>
#include <strings.h>

#include "gateway/core/furniture.h"
#include "gateway/core/pasted.h"
#include "gateway/core/unicode.h"

enum { TITLE_BYTES = 1000, LABEL_BYTES = 60 };

/* ---- The link. */

static bool
ends_url(struct str rest)
{
    static const char *const ends[] = {"<", ">", "\"", "”", "“", "»", "«", "\xe2\x80\xa6"};
    if ((unsigned char)rest.p[0] <= ' ') {
        return true;
    }
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (str_starts(rest, str_of(ends[i]))) {
            return true;
        }
    }
    return false;
}

/* Without the punctuation of the sentence round it; a bracket stays if it was opened inside. */
static struct str
without_punctuation(struct str url)
{
    while (url.n > 0) {
        char last = url.p[url.n - 1];
        bool bracket = last == ')' && !memchr(url.p, '(', url.n);
        if (!bracket && (last == ')' || !strchr(".,;:!?'", last))) {
            break;
        }
        url.n--;
    }
    return url;
}

/* The address at the head of `s`, empty if there is none. */
static struct str
url_at(struct str s)
{
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(schemes[i]), scheme = n;
        if (s.n <= n || strncasecmp(s.p, schemes[i], n) != 0) {
            continue;
        }
        while (n < s.n && !ends_url(str_from(s, n))) {
            n++;
        }
        struct str url = without_punctuation((struct str){s.p, n});
        return url.n > scheme ? url : (struct str){s.p, 0};
    }
    return (struct str){s.p, 0};
}

static struct str
last_url(struct str text)
{
    struct str found = {NULL, 0};
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != 'h' && text.p[i] != 'H') {
            continue;
        }
        struct str url = url_at(str_from(text, i));
        if (url.n > 0) {
            found = url;
            i += url.n - 1;
        }
    }
    return found;
}

/* What is left of a line when its link is gone: nothing of "Xem chi tiết:", "Nguồn: <>". */
static bool
is_label(struct arena *arena, struct str line)
{
    static const char *const begun[] = {
        "xem ",  "chi tiet", "nguon", "toan van",  "link",
        "theo ", "doc ",     "tai:",  "duong dan", "noi dung chi tiet"};
    struct str folded = unicode_fold(arena, line);
    while (folded.n > 0 && strchr(" .,<>()[]-\"'", folded.p[folded.n - 1])) {
        folded.n--;
    }
    if (folded.n == 0) {
        return true;
    }
    if (folded.n > LABEL_BYTES) {
        return false;
    }
    if (folded.p[folded.n - 1] == ':') {
        return true;
    }
    for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
        if (str_starts(folded, str_of(begun[i]))) {
            return folded.n <= LABEL_BYTES / 2;
        }
    }
    return false;
}

/* The text without its link, and without the label that only announced it. */
static struct str
without_link(struct arena *arena, struct str text, struct str link)
{
    struct buf out;
    buf_init(&out, text.n + 1);
    size_t at = (size_t)(link.p - text.p), from = at, to = at + link.n;
    while (from > 0 && text.p[from - 1] != '\n') {
        from--;
    }
    while (to < text.n && text.p[to] != '\n') {
        to++;
    }
    buf_add(&out, text.p + from, at - from);
    buf_add(&out, text.p + at + link.n, to - at - link.n);
    struct str line = unicode_line(arena, buf_str(&out));
    bool label = is_label(arena, line);
    buf_clear(&out);
    buf_add(&out, text.p, from);
    buf_add_str(&out, label ? (struct str){NULL, 0} : line);
    buf_add(&out, text.p + to, text.n - to);
    struct str rest = unicode_tidy(arena, buf_str(&out));
    buf_deinit(&out);
    return rest;
}

/* ---- The title. */

struct lines {
    struct str title, second; /* second: taken into the title too */
    struct str fallback;      /* the first line that is no furniture */
};

static void
find_title(struct arena *arena, struct str text, struct lines *found)
{
    *found = (struct lines){{NULL, 0}, {NULL, 0}, {NULL, 0}};
    for (struct str rest = text; rest.p && rest.n > 0;) {
        struct str line = str_cut(&rest, '\n');
        if (line.n == 0 || furniture_judge(arena, line) != FURNITURE_NONE) {
            continue;
        }
        if (found->title.n > 0) {
            found->second = line;
            return;
        }
        found->fallback = found->fallback.n > 0 ? found->fallback : line;
        if (furniture_is_letterhead(arena, line)) {
            continue;
        }
        found->title = line;
        if (!furniture_is_kind(arena, line)) {
            return;
        }
    }
}

static struct str
within(struct str s, size_t most)
{
    if (s.n <= most) {
        return s;
    }
    while (most > 0 && s.p[most] != ' ') {
        most--;
    }
    return (struct str){s.p, most};
}

/* The text without the lines that became the title. */
static struct str
without_title(struct arena *arena, struct str text, const struct lines *found)
{
    struct buf out;
    buf_init(&out, text.n + 1);
    for (struct str rest = text; rest.p && rest.n > 0;) {
        struct str line = str_cut(&rest, '\n');
        if (line.p != found->title.p && line.p != found->second.p) {
            buf_add_str(&out, line);
        }
        buf_add_char(&out, '\n');
    }
    struct str body = furniture_remove(arena, unicode_tidy(arena, buf_str(&out)));
    buf_deinit(&out);
    return body;
}

void
text_file_read(struct str text, struct arena *arena, struct text_file *out)
{
    struct lines found;
    struct str copy = furniture_split_columns(arena, pasted_strip(arena, text, true));
    struct str tidy = unicode_tidy(arena, copy);
    out->link = last_url(tidy);
    if (out->link.n > 0) {
        tidy = without_link(arena, tidy, out->link);
    }
    find_title(arena, tidy, &found);
    if (found.title.n == 0) {
        found.title = found.fallback;
    }
    struct buf title;
    buf_init(&title, tidy.n + 2);
    buf_add_str(&title, found.title);
    buf_add_z(&title, found.second.n > 0 ? " " : "");
    buf_add_str(&title, found.second);
    struct str line = unicode_line(arena, buf_str(&title));
    out->title = within(line, TITLE_BYTES);
    buf_deinit(&title);
    if (out->title.n < line.n) {
        out->body = tidy; /* a single endless line is its own body */
        return;
    }
    out->body = without_title(arena, tidy, &found);
}

/* What a copy out of a mail, a chat, a network or a table brings along. */
// SPDX-License-Identifier: MIT
#include "gateway/core/pasted.h"

#include <string.h>

#include <utf8proc.h>

#include "gateway/core/furniture.h"
#include "gateway/core/plain.h"
#include "gateway/core/unicode.h"

/* A post of somebody else is an answer if it is as short as this and tells no day and no hour. */
enum { ANSWER_MOST = 120, POSTER_WORDS = 6, HEAD_LINES = 3 };
enum { LINE_MOST = 400 }; /* a longer line is somebody's text */

static struct str
next_line(struct str *rest)
{
    struct str line = str_cut(rest, '\n');
    if (line.n > 0 && line.p[line.n - 1] == '\r') {
        line.n--;
    }
    return line;
}

/* The line, if it may be one of these; else an empty one. */
static struct str
of_a_copy(struct str line)
{
    return line.n <= LINE_MOST ? line : (struct str){line.p, 0};
}

/* The length of "Từ:" and its like at the head of a line, the blank behind it, too; 0: none. */
static size_t
label_at(const struct plain *p, const char *const *labels)
{
    size_t n = plain_one_of(p, 0, labels);
    n += n > 0 && n < p->n && p->sign[n] == ' ' ? 1 : 0;
    if (n == 0 || n >= p->n || p->sign[n] != ':') {
        return 0;
    }
    n++;
    return n + (n < p->n && p->sign[n] == ' ' ? 1 : 0);
}

/* ---- A mail. */

static const char *const subject_labels[] = {"subject", "chủ đề", "tiêu đề", NULL};
static const char *const header_labels[] = {
    "from", "to",         "cc",  "bcc",      "date",        "sent",     "reply-to",
    "từ",   "đến",        "tới", "đồng gửi", "ngày",        "ngày gửi", "người gửi",
    "gửi",  "người nhận", "khi", "gửi lúc",  "attachments", "đính kèm", NULL};

struct mail {
    size_t lines; /* of the header */
    struct str subject;
};

/* A header is three lines of labels at least, of which one is the subject and one has an address.
 */
static struct mail
mail_header(struct arena *arena, struct str text)
{
    enum { LEAST = 3 };
    struct mail mail = {0, {NULL, 0}};
    bool address = false;
    for (struct str rest = text; rest.p && rest.n > 0; mail.lines++) {
        struct str line = str_trim(next_line(&rest));
        struct plain p;
        plain_of(arena, of_a_copy(line), &p);
        size_t subject = label_at(&p, subject_labels);
        if (subject == 0 && label_at(&p, header_labels) == 0) {
            break;
        }
        if (subject > 0) {
            mail.subject = str_trim((struct str){line.p + p.at[subject], line.n - p.at[subject]});
        }
        address = address || memchr(line.p, '@', line.n) != NULL;
    }
    bool is = mail.lines >= LEAST && mail.subject.n > 0 && address;
    return is ? mail : (struct mail){0, {NULL, 0}};
}

/* "Fwd:", "Re:", "V/v" before what a mail is about. */
static struct str
bare_subject(struct arena *arena, struct str subject)
{
    static const char *const marks[] = {"re", "fw", "fwd", "tr", "trả lời", "chuyển tiếp", NULL};
    static const char *const about[] = {"v/v", "về việc", NULL};
    struct plain p;
    plain_of(arena, subject, &p);
    size_t n = label_at(&p, marks);
    if (n > 0) {
        return bare_subject(arena, (struct str){subject.p + p.at[n], subject.n - p.at[n]});
    }
    n = label_at(&p, about);
    n = n > 0 ? n : plain_one_of(&p, 0, about);
    return str_trim((struct str){subject.p + p.at[n], subject.n - p.at[n]});
}

/* "--": what follows is the sender's signature. */
static bool
is_signature_mark(struct str line)
{
    return str_equal_z(str_trim(line), "--");
}

/* ---- A chat. */

/* A time of day that ends the line: its first character, or SIZE_MAX. */
static size_t
clock_at_end(const struct plain *p)
{
    size_t n = p->n;
    size_t minutes = 0;
    while (minutes < n && p->sign[n - 1 - minutes] >= '0' && p->sign[n - 1 - minutes] <= '9') {
        minutes++;
    }
    size_t colon = n - minutes;
    if (minutes != 2 || colon < 3 || p->sign[colon - 1] != ':') {
        return SIZE_MAX;
    }
    size_t hour = colon - 1;
    while (hour > 0 && p->sign[hour - 1] >= '0' && p->sign[hour - 1] <= '9') {
        hour--;
    }
    return colon - 1 - hour == 1 || colon - 1 - hour == 2 ? hour : SIZE_MAX;
}

static bool
is_capital(const struct plain *p, size_t i)
{
    return p->sign[i] >= 'A' && p->sign[i] <= 'Z';
}

/* "Cô Hạnh tổ trưởng, 08:41", "Nguyễn Văn A 08:44": a person and a time, nothing else.  The name is
 * the line's begin up to its comma. */
static struct str
poster_of(struct arena *arena, struct str line)
{
    static const char *const kin[] = {"cô", "chú", "anh", "chị", "bác",  "ông",      "bà",
                                      "em", "dì",  "cậu", "mợ",  "thím", "đồng chí", NULL};
    static const char *const days[] = {"thứ",   "chủ nhật", "ngày", "sáng", "trưa",
                                       "chiều", "tối",      "lúc",  "từ",   NULL};
    const struct str none = {NULL, 0};
    struct plain p;
    plain_of(arena, of_a_copy(str_trim(line)), &p);
    size_t at = clock_at_end(&p);
    if (at == SIZE_MAX || at < 2 || plain_one_of(&p, 0, days) > 0) {
        return none;
    }
    size_t n = at;
    while (n > 0 && strchr(" ,", p.sign[n - 1])) {
        n--;
    }
    size_t words = n > 0 ? 1 : 0;
    bool names = n > 0 && is_capital(&p, 0);
    for (size_t i = 0; i < n; i++) {
        if (p.sign[i] != ' ' && !(plain_is_alnum(&p, i) && (p.sign[i] < '0' || p.sign[i] > '9'))) {
            return none;
        }
        words += p.sign[i] == ' ';
        names = names && (p.sign[i] != ' ' || is_capital(&p, i + 1));
    }
    bool person = plain_one_of(&p, 0, kin) > 0 || (names && words > 1);
    return person && words <= POSTER_WORDS ? (struct str){p.text.p, p.at[n]} : none;
}

/* The next line that is not empty; an empty one at the end. */
static struct str
next_text(struct str *rest)
{
    struct str line = {NULL, 0};
    while (rest->p && rest->n > 0 && line.n == 0) {
        line = str_trim(next_line(rest));
    }
    return line;
}

/* Whether the text begins with who posts, or with the group's name and him, and then what he says:
 * a name and an hour further down, or one under the other, are a timetable. */
static bool
is_chat(struct arena *arena, struct str text)
{
    struct str first = next_text(&text);
    if (first.n > 1 && first.p[0] == '[' && first.p[first.n - 1] == ']') {
        first = next_text(&text);
    }
    struct str behind = next_text(&text);
    return poster_of(arena, first).n > 0 && behind.n > 0 && poster_of(arena, behind).n == 0;
}

/* A post that answers and tells nothing: up to the next one's head. */
static bool
is_answer(struct arena *arena, struct str text)
{
    size_t n = 0;
    bool digit = false;
    while (text.p && text.n > 0) {
        struct str line = next_line(&text);
        if (poster_of(arena, line).n > 0) {
            break;
        }
        n += line.n;
        for (size_t i = 0; i < line.n; i++) {
            digit = digit || (line.p[i] >= '0' && line.p[i] <= '9');
        }
    }
    return n <= ANSWER_MOST && !digit;
}

/* ---- A social network, a table. */

/* Nothing but hashtags. */
static bool
is_hashtags(struct str line)
{
    struct str rest = str_trim(line);
    bool any = false;
    while (rest.p && rest.n > 0) {
        struct str word = str_trim(str_cut(&rest, ' '));
        if (word.n > 0 && (word.n < 2 || word.p[0] != '#')) {
            return false;
        }
        any = any || word.n > 0;
    }
    return any;
}

/* Cells of a line that tabs part, at least three: a row of a table, written as html.h writes one.
 */
static void
add_line(struct str line, struct buf *out)
{
    size_t begin = out->n, cells = 0;
    for (struct str rest = line; rest.p && rest.n > 0;) {
        struct str cell = str_trim(str_cut(&rest, '\t'));
        if (cell.n > 0) {
            buf_add_z(out, cells++ > 0 ? "; " : "");
            buf_add_str(out, cell);
        }
    }
    if (cells < 3) {
        out->n = begin;
        buf_add_str(out, line);
    }
    buf_add_char(out, '\n');
}

/* ---- Line by line. */

struct strip {
    struct arena *arena;
    struct buf out;
    bool chat, muted;  /* muted: within somebody's answer */
    struct str poster; /* the first */
    size_t lines;      /* with a text, so far */
};

static void
strip_line(struct strip *s, struct str line, struct str behind)
{
    struct str poster = s->chat ? poster_of(s->arena, line) : (struct str){NULL, 0};
    if (poster.n > 0) {
        bool first = s->poster.n == 0;
        bool same =
            !first && poster.n == s->poster.n && memcmp(poster.p, s->poster.p, poster.n) == 0;
        s->out.n = first ? 0 : s->out.n; /* before it: the group's name */
        s->poster = first ? poster : s->poster;
        s->muted = !first && !same && is_answer(s->arena, behind);
        return;
    }
    bool head = s->lines < HEAD_LINES;
    s->lines += str_trim(line).n > 0;
    if (s->muted || is_hashtags(line) ||
        (head && furniture_is_posted(s->arena, of_a_copy(str_trim(line))))) {
        return;
    }
    add_line(line, &s->out);
}

struct str
pasted_strip(struct arena *arena, struct str text, bool title)
{
    struct mail mail = mail_header(arena, text);
    struct strip s = {.arena = arena, .chat = is_chat(arena, text)};
    buf_init(&s.out, text.n * 2 + 2); /* a row's cells are parted by two signs */
    if (title && mail.subject.n > 0) {
        buf_add_str(&s.out, bare_subject(arena, mail.subject));
        buf_add_char(&s.out, '\n');
    }
    struct str rest = text;
    for (size_t i = 0; rest.p && rest.n > 0; i++) {
        struct str line = next_line(&rest);
        if (mail.lines > 0 && is_signature_mark(line)) {
            break;
        }
        if (i >= mail.lines) {
            strip_line(&s, line, rest);
        }
    }
    struct str stripped = {arena_strndup(arena, s.out.p ? s.out.p : "", s.out.n), s.out.n};
    buf_deinit(&s.out);
    return stripped;
}

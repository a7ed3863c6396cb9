/* What of a text no short text tells: courtesy, grounds, headings; brackets. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include "gateway/core/story_items.h"

enum { BRACKET_MOST = 60 };

static void
set_needless(struct story_detail *d, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        d->token[i].needless = true;
    }
}

/* ---- Brackets. */

static bool
token_has(const struct story_detail *d, size_t i, char sign)
{
    const struct story_token *t = &d->token[i];
    return memchr(d->plain.sign + t->from, sign, t->to - t->from) != NULL;
}

static void
mark_bracket(struct story *story, size_t from, size_t to)
{
    static const char *const called[] = {"sau đây gọi", "gọi tắt là", "gọi là", "có danh sách",
                                         "kèm theo",    "đã ký",      NULL};
    struct story_detail *d = story->detail;
    for (size_t i = from; i < to; i++) {
        d->token[i].bracketed = true;
    }
    if (story_tells_old(d, from, to)) {
        story_set_stale(story, from, to);
    }
    for (size_t i = from; i < to; i++) {
        if (story_one_of(d, i, called) > 0) {
            set_needless(d, from, to);
            return;
        }
    }
}

static void
mark_brackets(struct story *story, const struct story_unit *u)
{
    static const char *const his[] = {"ông", "anh", NULL}, *const hers[] = {"bà", "chị", NULL};
    struct story_detail *d = story->detail;
    for (size_t i = u->from; i < u->to; i++) {
        bool both = i > u->from && story_one_of(d, i - 1, his) > 0 && story_one_of(d, i, hers) > 0;
        if (d->plain.sign[d->token[i].from] != '(' || both) {
            continue; /* "Ông (bà) chủ hộ" is one word */
        }
        size_t end = i;
        while (end < u->to && end < i + BRACKET_MOST && !token_has(d, end, ')')) {
            end++;
        }
        if (end < u->to && end < i + BRACKET_MOST) {
            mark_bracket(story, i, end + 1);
            i = end;
        }
    }
}

/* ---- Headings. */

/* "II. Thời gian, địa điểm": a heading, which says nothing without what stands under it. */
static bool
is_numbered_heading(const struct story_detail *d, const struct story_unit *u)
{
    enum { MOST = 12 };
    const struct story_token *t = &d->token[u->from];
    bool roman = d->plain.sign[t->to - 1] == '.' && t->to - t->from <= 5 && u->kind != UNIT_TITLE;
    for (size_t c = t->from; c + 1 < t->to; c++) {
        roman = roman && strchr("IVX", d->plain.sign[c]) != NULL;
    }
    const struct story_token *last = &d->token[u->to - 1];
    bool ended = strchr(".;!?", d->plain.sign[last->to - 1]) != NULL;
    return roman && t->to - t->from >= 2 && u->to - u->from <= MOST && last->ends_line &&
           (!ended || u->to - u->from == 1) && !d->token[u->to - 1].digit;
}

/* Tokens of the line that begins at token `i`. */
static size_t
line_length(const struct story_detail *d, size_t i)
{
    size_t n = 0;
    while (i + n < d->tokens_n && !d->token[i + n].ends_line) {
        n++;
    }
    return n;
}

/* "Đối tượng vay vốn" alone on its line above a long one, without a number, a name or a sign at its
 * end: a heading. */
static bool
is_bare_heading(const struct story_detail *d, const struct story_unit *u)
{
    enum { MOST = 5, LONG = 10 };
    static const char *const telling[] = {"miễn phí", "không thu phí", "khẩn cấp", NULL};
    const struct story_token *last = &d->token[u->to - 1];
    bool alone = u->line > 1 && last->ends_line && u->kind == UNIT_SENTENCE && !u->listed &&
                 u->from > 0 && d->token[u->from - 1].ends_line;
    bool heading = alone && u->to - u->from <= MOST && !u->negative && u->label_to == u->from &&
                   !strchr(".;!?:,", d->plain.sign[last->to - 1]) && line_length(d, u->to) >= LONG;
    for (size_t i = u->from; i < u->to && heading; i++) {
        heading = !d->token[i].digit && (i == u->from || !d->token[i].capital) &&
                  items_action_at(d, i) == 0 && story_one_of(d, i, telling) == 0;
    }
    return heading;
}

/* ---- Words that join what is said. */

static void
mark_joints(struct story_detail *d, const struct story_unit *u)
{
    static const char *const words[] = {"cụ thể như sau",    "với nội dung như sau",
                                        "lịch như sau",      "lịch cụ thể như sau",
                                        "như sau",           "theo đó",
                                        "ngoài ra",          "bên cạnh đó",
                                        "cụ thể là",         "cụ thể",
                                        "sau đây",           "trong đó",
                                        "thời gian gần đây", "thời gian qua",
                                        "nồng nhiệt nhất",   "tốt đẹp nhất",
                                        "chân thành nhất",   "sâu sắc nhất",
                                        "trân trọng nhất",   NULL};
    for (size_t i = u->from; i < u->to; i++) {
        size_t n = story_one_of(d, i, words);
        bool edge =
            i == u->from || story_sign_behind(d, i + (n > 0 ? n - 1 : 0)) == ':' || i + n == u->to;
        if (n > 0 && edge) {
            set_needless(d, i, i + n);
        }
    }
    if (u->kind == UNIT_HEADING && story_phrase(d, u->to - 1, "sau") > 0) {
        set_needless(d, u->to - 1, u->to);
    }
}

/* "THÔNG BÁO Về việc xả lũ": what the paper is called, in capitals above its subject, goes without
 * saying. */
static void
mark_paper(const struct story *story, const struct story_unit *title)
{
    struct story_detail *d = story->detail;
    static const char *const papers[] = {"thông báo khẩn về việc",
                                         "thông báo về việc",
                                         "thông báo khẩn về",
                                         "thông báo về",
                                         "thông báo khẩn",
                                         "thông báo",
                                         "về việc",
                                         "v/v",
                                         NULL};
    static const char *const no[] = {"số", "của", "kết luận", "cho", "đến", "tới", NULL};
    const struct story_token *first = &d->token[title->from];
    char second = first->core + 1 < first->core_to ? d->plain.sign[first->core + 1] : '\0';
    bool capitals = (second >= 'A' && second <= 'Z') || story_phrase(d, title->from, "về việc") > 0;
    size_t n = capitals ? story_one_of(d, title->from, papers) : 0;
    n = n > 2 && !story->alarms && story_phrase(d, title->from + 2, "khẩn") > 0 ? 0 : n;
    if (n > 0 && title->from + n + 3 <= title->to && story_one_of(d, title->from + n, no) == 0 &&
        story_sign_behind(d, title->from + n - 1) == '\0') {
        set_needless(d, title->from, title->from + n);
    }
}

/* What a line below the title repeats of it, or what the line says more fully, is told once. */
static void
mark_repeated(struct story_detail *d, struct arena *arena)
{
    enum { LINES = 3, TELLING = 12 };
    const struct story_unit *title = &d->unit[0];
    struct str said = story_folded(d, arena, title->from, title->to);
    for (size_t i = 1; i < d->units_n && d->unit[i].line <= LINES && said.n >= TELLING; i++) {
        const struct story_unit *u = &d->unit[i];
        struct str line = story_folded(d, arena, u->from, u->to);
        bool alone = d->token[u->to - 1].ends_line && d->token[u->from - 1].ends_line;
        if (alone && line.n >= TELLING && memmem(said.p, said.n, line.p, line.n)) {
            set_needless(d, u->from, u->to);
        } else if (u->kind == UNIT_SUBTITLE && memmem(line.p, line.n, said.p, said.n)) {
            set_needless(d, title->from, title->to);
            return;
        }
    }
}

/* "Kính mời quý vị đến dự." at the end: who is invited, when and where to was said above. */
static void
mark_closing(struct story_detail *d)
{
    static const char *const inviting[] = {
        "kính mời", "trân trọng kính mời", "rất hân hạnh", "trân trọng", "rất mong", "kính mong",
        NULL};
    static const char *const coming[] = {"tham dự", "đến dự", "tham gia", "dự đông đủ", NULL};
    enum { LAST = 2, LONG = 24, SOME = 4 };
    for (size_t i = d->units_n > LAST ? d->units_n - LAST : 1; i < d->units_n; i++) {
        const struct story_unit *u = &d->unit[i];
        bool closes = i >= SOME && u->to - u->from <= LONG && u->kind == UNIT_SENTENCE &&
                      story_one_of(d, u->from, inviting) > 0 &&
                      !story_holds_digit(d, u->from, u->to);
        bool comes = false;
        for (size_t k = u->from; closes && k < u->to; k++) {
            comes = comes || story_one_of(d, k, coming) > 0;
            closes = story_negation(d, k) == 0;
        }
        if (closes && comes) {
            set_needless(d, u->from, u->to);
        }
    }
}

void
story_mark(struct story *story, struct arena *arena)
{
    struct story_detail *d = story->detail;
    mark_paper(story, &d->unit[0]);
    for (size_t i = 0; i < d->units_n; i++) {
        mark_brackets(story, &d->unit[i]);
    }
    story_stale(story, arena);
    mark_repeated(d, arena);
    mark_closing(d);
    for (size_t i = 0; i < d->units_n; i++) {
        const struct story_unit *u = &d->unit[i];
        if (!story_mark_courtesy(d, u)) {
            mark_joints(d, u);
        }
        d->unit[i].long_only =
            story_is_ground(d, u) || is_numbered_heading(d, u) || is_bare_heading(d, u);
        story_mark_grounds(story, u);
        if (u->long_only) {
            set_needless(d, u->from, u->to);
        }
    }
}

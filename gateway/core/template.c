/* Reads and fills message templates. */
// SPDX-License-Identifier: MIT
#include "gateway/core/template.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/nearest.h"
#include "gateway/core/unicode.h"

const char *const template_words[WORDS] = {
    [WORD_TITLE] = "title",
    [WORD_SUMMARY] = "summary",
    [WORD_MORE] = "more",
    [WORD_WHEN] = "when",
    [WORD_WHERE] = "where",
    [WORD_DEADLINE] = "deadline",
    [WORD_CONTACT] = "contact",
    [WORD_DOCUMENT] = "document",
    [WORD_AREA] = "area",
    [WORD_ACTION] = "action",
    [WORD_LINK] = "link",
    [WORD_LINK_PATH] = "link_path",
    [WORD_NAME] = "name",
    [WORD_ISSUER] = "issuer",
    [WORD_KIND] = "kind",
    [WORD_ID] = "id",
    [WORD_PUBLISHED_AT] = "published_at",
    [WORD_SEND_AT] = "send_at",
    [WORD_EXPIRES_AT] = "expires_at",
    [WORD_URGENT] = "urgent",
    [WORD_EMERGENCY] = "emergency",
};

/* Telegram's tags that need no attributes. */
static const char *const tags[] = {"b", "i", "u", "s", "code", "pre", "tg-spoiler", "blockquote"};
enum { TAGS = sizeof tags / sizeof *tags, TAG_DEPTH = 8, SHOWN = 40 };

struct reader {
    struct str rest, whole;
    enum template_form form;
    struct template *out;
    struct template_mistake *mistake;
    size_t open[TEMPLATE_DEPTH]; /* pieces: the {if} or {else} of each open condition */
    int depth;
    struct {
        struct str name;
        int depth;
    } tag[TAG_DEPTH];
    int tags_n;
};

static int
line_at(const struct reader *r, const char *p)
{
    int line = 1;
    for (const char *c = r->whole.p; c < p; c++) {
        line += *c == '\n';
    }
    return line;
}

static int
shown(struct str s)
{
    return s.n > SHOWN ? SHOWN : (int)s.n;
}

/* A mistake at `at`, its sentence already in r->mistake->err. */
static int
wrong(struct reader *r, const char *at)
{
    r->mistake->line = line_at(r, at);
    return -1;
}

static int
add_piece(struct reader *r, struct template_piece piece, const char *at)
{
    if (r->out->n == TEMPLATE_PIECES) {
        (void)err_set(&r->mistake->err, ERR_CONFIG, "has more than %d placeholders",
                      TEMPLATE_PIECES);
        return wrong(r, at);
    }
    r->out->pieces[r->out->n++] = piece;
    return 0;
}

/* ---- Tags of Telegram's HTML in a template's own text. */

static int
open_tag(struct reader *r, struct str name, const char *at)
{
    for (size_t i = 0; i < TAGS; i++) {
        if (!str_equal_z(name, tags[i])) {
            continue;
        }
        if (r->tags_n == TAG_DEPTH) {
            (void)err_set(&r->mistake->err, ERR_CONFIG, "<%s> stands in too many others", tags[i]);
            return wrong(r, at);
        }
        r->tag[r->tags_n].name = name;
        r->tag[r->tags_n++].depth = r->depth;
        return 0;
    }
    const char *near = nearest_find(name, tags, TAGS);
    (void)err_set(&r->mistake->err, ERR_CONFIG,
                  "Telegram knows no tag <%.*s>; <%s> is one; a sign < is written &lt;",
                  shown(name), name.p, near ? near : "b");
    return wrong(r, at);
}

static int
close_tag(struct reader *r, struct str name, const char *at)
{
    if (r->tags_n > 0 && str_equal(r->tag[r->tags_n - 1].name, name) &&
        r->tag[r->tags_n - 1].depth == r->depth) {
        r->tags_n--;
        return 0;
    }
    (void)err_set(&r->mistake->err, ERR_CONFIG,
                  "</%.*s> closes nothing that was opened last and here", shown(name), name.p);
    return wrong(r, at);
}

static int
check_tags(struct reader *r, struct str text)
{
    while (text.n > 0) {
        const char *at = memchr(text.p, '<', text.n);
        if (!at) {
            return 0;
        }
        struct str rest = str_from(text, (size_t)(at + 1 - text.p));
        const char *end = memchr(rest.p, '>', rest.n);
        struct str name = {rest.p, end ? (size_t)(end - rest.p) : rest.n};
        bool closes = name.n > 0 && name.p[0] == '/';
        int rc = closes ? close_tag(r, str_from(name, 1), at) : open_tag(r, name, at);
        if (rc != 0) {
            return -1;
        }
        text = str_from(rest, name.n + (end ? 1 : 0));
    }
    return 0;
}

/* No tag may be left open that was opened at this depth. */
static int
check_closed(struct reader *r, const char *at)
{
    if (r->tags_n > 0 && r->tag[r->tags_n - 1].depth >= r->depth) {
        struct str name = r->tag[r->tags_n - 1].name;
        (void)err_set(&r->mistake->err, ERR_CONFIG, "<%.*s> is not closed", shown(name), name.p);
        return wrong(r, at);
    }
    return 0;
}

/* ---- What stands between braces. */

static int
find_word(struct reader *r, struct str name, const char *at, enum template_word *word)
{
    for (int w = 0; w < WORDS; w++) {
        if (str_equal_z(name, template_words[w])) {
            *word = (enum template_word)w;
            return 0;
        }
    }
    const char *near = nearest_find(name, template_words, WORDS);
    (void)err_set(&r->mistake->err, ERR_CONFIG, "no such placeholder: {%.*s}%s%s%s", shown(name),
                  name.p, near ? " (did you mean {" : "", near ? near : "", near ? "}?)" : "");
    return wrong(r, at);
}

static int
read_if(struct reader *r, struct str condition, const char *at)
{
    struct template_piece piece = {.step = STEP_IF};
    struct str name = str_trim(condition);
    if (str_starts(name, STR("not "))) {
        piece.negated = true;
        name = str_trim(str_from(name, 4));
    }
    if (find_word(r, name, at, &piece.word) != 0) {
        return -1;
    }
    if (r->depth == TEMPLATE_DEPTH) {
        (void)err_set(&r->mistake->err, ERR_CONFIG, "more than %d conditions within one another",
                      TEMPLATE_DEPTH);
        return wrong(r, at);
    }
    r->open[r->depth++] = r->out->n;
    return add_piece(r, piece, at);
}

/* {else} or {end}: the piece that it belongs to learns where it stands. */
static int
read_turn(struct reader *r, enum template_step step, const char *at)
{
    if (r->depth == 0) {
        (void)err_set(&r->mistake->err, ERR_CONFIG, "{%s} without {if …}",
                      step == STEP_ELSE ? "else" : "end");
        return wrong(r, at);
    }
    struct template_piece *before = &r->out->pieces[r->open[r->depth - 1]];
    if (step == STEP_ELSE && before->step == STEP_ELSE) {
        (void)err_set(&r->mistake->err, ERR_CONFIG, "a second {else} for one {if …}");
        return wrong(r, at);
    }
    if (check_closed(r, at) != 0) {
        return -1;
    }
    before->jump = r->out->n + (step == STEP_ELSE ? 1 : 0);
    if (step == STEP_ELSE) {
        r->open[r->depth - 1] = r->out->n;
    } else {
        r->depth--;
    }
    return add_piece(r, (struct template_piece){.step = step}, at);
}

static int
read_braces(struct reader *r, struct str inside, const char *at)
{
    struct template_piece piece = {.step = STEP_VALUE};
    inside = str_trim(inside);
    if (str_equal_z(inside, "else")) {
        return read_turn(r, STEP_ELSE, at);
    }
    if (str_equal_z(inside, "end")) {
        return read_turn(r, STEP_END, at);
    }
    if (str_starts(inside, STR("if "))) {
        return read_if(r, str_from(inside, 3), at);
    }
    if (find_word(r, inside, at, &piece.word) != 0) {
        return -1;
    }
    bool once = piece.word == WORD_SUMMARY || piece.word == WORD_MORE;
    if (once && template_uses(r->out, piece.word)) {
        (void)err_set(&r->mistake->err, ERR_CONFIG, "{%s} stands twice",
                      template_words[piece.word]);
        return wrong(r, at);
    }
    r->out->uses |= 1U << piece.word;
    return add_piece(r, piece, at);
}

static int
read_text(struct reader *r, struct str text)
{
    if (text.n == 0) {
        return 0;
    }
    if (r->form == TEMPLATE_HTML && check_tags(r, text) != 0) {
        return -1;
    }
    return add_piece(r, (struct template_piece){.step = STEP_TEXT, .text = text}, text.p);
}

/* Takes text up to a brace and what the brace begins. */
static int
read_next(struct reader *r)
{
    const char *brace = memchr(r->rest.p, '{', r->rest.n);
    size_t n = brace ? (size_t)(brace - r->rest.p) : r->rest.n;
    bool literal = brace && n + 1 < r->rest.n && brace[1] == '{';
    if (read_text(r, (struct str){r->rest.p, literal ? n + 1 : n}) != 0) {
        return -1;
    }
    r->rest = str_from(r->rest, literal ? n + 2 : n);
    if (!brace || literal) {
        return 0;
    }
    const char *close = memchr(r->rest.p, '}', r->rest.n);
    if (!close) {
        (void)err_set(&r->mistake->err, ERR_CONFIG, "'{' without '}'; a brace is written {{");
        return wrong(r, brace);
    }
    struct str inside = {brace + 1, (size_t)(close - brace - 1)};
    r->rest = str_from(r->rest, inside.n + 2);
    return read_braces(r, inside, brace);
}

static int
read_all(struct reader *r)
{
    size_t offset = 0;
    if (!utf8_valid(r->rest, &offset)) {
        (void)err_set(&r->mistake->err, ERR_CONFIG, "no UTF-8");
        return wrong(r, r->rest.p + offset);
    }
    if (r->rest.n > TEMPLATE_TEXT) {
        (void)err_set(&r->mistake->err, ERR_CONFIG, "is longer than %d bytes", TEMPLATE_TEXT);
        return wrong(r, r->rest.p);
    }
    while (r->rest.n > 0) {
        if (read_next(r) != 0) {
            return -1;
        }
    }
    if (r->depth > 0) {
        (void)err_set(&r->mistake->err, ERR_CONFIG, "{if …} without {end}");
        return wrong(r, r->whole.p + r->whole.n);
    }
    return check_closed(r, r->whole.p + r->whole.n);
}

int
template_parse(struct str text, enum template_form form, struct arena *arena, struct template *out,
               struct template_mistake *mistake)
{
    struct template_piece *pieces = xcalloc(TEMPLATE_PIECES, sizeof *pieces);
    *out = (struct template){.pieces = pieces};
    struct reader r = {.rest = text, .whole = text, .form = form, .out = out, .mistake = mistake};
    int rc = read_all(&r);
    out->pieces = arena_alloc(arena, out->n * sizeof *pieces + 1);
    memcpy(out->pieces, pieces, out->n * sizeof *pieces);
    free(pieces);
    return rc;
}

bool
template_uses(const struct template *t, enum template_word word)
{
    return (t->uses >> word & 1U) != 0;
}

/* Adds what piece `i` gives.  Returns which one comes next. */
static size_t
render_piece(const struct template *t, size_t i, const struct str values[WORDS], struct buf *out)
{
    const struct template_piece *piece = &t->pieces[i];
    switch (piece->step) {
    case STEP_TEXT:
        buf_add_str(out, piece->text);
        break;
    case STEP_VALUE:
        buf_add_str(out, values[piece->word]);
        break;
    case STEP_IF:
        return (values[piece->word].n > 0) == piece->negated ? piece->jump : i + 1;
    case STEP_ELSE: /* the branch before it was taken */
        return piece->jump;
    case STEP_END:
        break;
    }
    return i + 1;
}

void
template_render(const struct template *t, const struct str values[WORDS], struct buf *out)
{
    for (size_t i = 0; i < t->n;) {
        i = render_piece(t, i, values, out);
    }
}

/* Makes the text of the chosen pieces. */
// SPDX-License-Identifier: MIT
#include "gateway/core/gist.h"

#include <float.h>
#include <string.h>

#include <utf8proc.h>

#include "gateway/core/gist_parts.h"
#include "gateway/core/proof.h"
#include "gateway/core/unicode.h"

static const double UNPROVED_PENALTY = 2; /* a piece less than was chosen */
enum { TRIES = 4, TEXT_MOST = 64 * 1024 };

/* ---- Measuring. */

static size_t
units_of(struct str text, enum gist_unit unit)
{
    size_t n = 0;
    while (text.n > 0) {
        int32_t c = utf8_next(&text);
        bool wide = (unit == GIST_UTF16 && c > 0xFFFF) ||
                    (unit == GIST_SEPTETS && c < 0x80 && c > 0 && strchr("^{}\\[~]|", c));
        n += wide || (unit == GIST_SEPTETS && c == 0x20AC) ? 2 : 1;
    }
    return n;
}

/* ---- Writing. */

static bool
ends_with(const struct buf *text, const char *signs)
{
    return text->n > 0 && strchr(signs, text->p[text->n - 1]) != NULL;
}

/* Adds a word; the first behind `begin` gets a capital and no sign before it. */
static void
add_word(const struct gist_word *next, struct buf *out, size_t begin)
{
    struct str word = next->text;
    if (out->n > begin) {
        buf_add_z(out, next->glued ? "" : " ");
        buf_add_str(out, word);
        return;
    }
    while (word.n > 0 && strchr(",;:.-", word.p[0])) {
        word = str_from(word, 1);
    }
    if (word.n > 0) {
        utf8_add(out, utf8proc_toupper(utf8_next(&word)));
        buf_add_str(out, word);
    }
}

/* Of words left out, the comma or semicolon behind them stays. */
static void
keep_sign(const struct gist_search *s, const struct gist_piece *piece, size_t i, struct buf *out)
{
    const struct story_token *t = &s->story->detail->token[i];
    char last = s->story->detail->plain.sign[t->to - 1];
    bool sign = (last == ',' || last == ';') && i > piece->from && s->word[i].text.n > 0;
    if (sign && t->bracketed && out->n > 0 && !ends_with(out, ",;:.")) {
        buf_add_char(out, last);
    }
}

/* In a row of a table what stands behind its head is told of it: a colon, not a semicolon. */
static void
head_of_row(const struct gist_search *s, const struct gist_piece *piece, struct buf *out,
            size_t begin)
{
    bool row = false;
    for (size_t u = 0; u < s->story->detail->units_n; u++) {
        const struct story_unit *unit = &s->story->detail->unit[u];
        row = row || (unit->kind == UNIT_ROW && unit->from == piece->from);
    }
    char *first = row ? memchr(out->p + begin, ';', out->n - begin) : NULL;
    if (first && !memchr(out->p + begin, ':', (size_t)(first - out->p) - begin)) {
        *first = ':';
    }
}

/* What parts a piece from the one before it. */
static void
add_joint(const struct gist_piece *before, struct buf *out)
{
    while (ends_with(out, before->opens ? " ,;:-." : " ,;:-")) {
        out->n--;
    }
    buf_add_z(out, before->opens ? ": " : (ends_with(out, ".!?") ? " " : ". "));
}

static void
add_piece(const struct gist_search *s, const struct gist_piece *piece, struct buf *out)
{
    size_t begin = out->n;
    if (piece->rings) {
        struct gist_word ring = {.text = gist_ring_word(s->story->detail, piece->from)};
        add_word(&ring, out, begin);
    }
    for (size_t i = piece->from; i < piece->to; i++) {
        if (gist_is_written(s, piece, i)) {
            add_word(&s->word[i], out, begin);
        } else {
            keep_sign(s, piece, i, out);
        }
    }
    head_of_row(s, piece, out, begin);
}

static struct str
compose(const struct gist_search *s, const struct gist_room *room, const struct gist_piece *piece,
        size_t n)
{
    struct buf out;
    buf_init(&out, TEXT_MOST);
    for (size_t i = 0; i < n; i++) {
        if (out.n > 0) {
            add_joint(&piece[i - 1], &out);
        }
        add_piece(s, &piece[i], &out);
    }
    while (ends_with(&out, " ,;:-(") || (ends_with(&out, ".") && room->unit == GIST_SEPTETS)) {
        out.n--;
    }
    struct str text = buf_str(&out);
    text = room->strip ? unicode_strip(s->arena, text) : text;
    text = unicode_line(s->arena, text);
    buf_deinit(&out);
    while (text.n > 0 && strchr(" ,;:-(", text.p[text.n - 1])) {
        text.n--; /* what was a dash of another kind */
    }
    return text;
}

/* ---- Judging. */

static double
weight_of_all(const struct story *story)
{
    double all = 0;
    for (size_t i = 0; i < story->items_n; i++) {
        all += story->item[i].weight;
    }
    return all > 0 ? all : 1;
}

static void
note_items(const struct gist_search *s, const struct gist_piece *piece, size_t n, struct gist *out)
{
    const struct story *story = s->story;
    double kept = 0;
    for (size_t i = 0; i < story->items_n; i++) {
        out->has[i] = s->beside[i / 64] >> (i % 64) & 1;
        for (size_t k = 0; k < n && !out->has[i]; k++) {
            out->has[i] = piece[k].items[i / 64] >> (i % 64) & 1;
        }
        kept += out->has[i] ? story->item[i].weight : 0;
    }
    out->kept = kept / weight_of_all(story);
}

/* A text is proved by itself, or with what stands beside it: the title that calls all off need not
 * be said again. */
static bool
is_proved(const struct gist_search *s, const struct gist_room *room, struct str text)
{
    if (text.n == 0 || proof_check(s->story, text, s->arena, NULL) == 0) {
        return text.n > 0;
    }
    if (room->beside.n == 0) {
        return false;
    }
    struct buf all;
    buf_init(&all, (size_t)TEXT_MOST * 2);
    buf_add_str(&all, room->beside);
    buf_add_z(&all, ". ");
    buf_add_str(&all, text);
    bool proved = proof_check(s->story, buf_str(&all), s->arena, NULL) == 0;
    buf_deinit(&all);
    return proved;
}

/* Whether the pieces [0, n) make a proved text that tells more than `*best`. */
static bool
is_better(const struct gist_search *s, const struct gist_room *room, const struct gist_piece *piece,
          size_t n, double *best)
{
    struct gist one;
    note_items(s, piece, n, &one);
    bool better = one.kept > *best && is_proved(s, room, compose(s, room, piece, n));
    *best = better ? one.kept : *best;
    return better;
}

/* The one piece that tells most alone and is proved, and of the others all that stay so with it, in
 * their order; how many, 0: not one is. */
static size_t
keep_proved(const struct gist_search *s, const struct gist_room *room, struct gist_piece *piece,
            size_t n)
{
    struct gist_piece *kept = arena_alloc(s->arena, n * sizeof *kept);
    size_t first = n, m = 0;
    double best = -1;
    for (size_t k = 0; k < n; k++) {
        first = is_better(s, room, &piece[k], 1, &best) ? k : first;
    }
    for (size_t k = 0; k < n && first < n; k++) {
        size_t more = m;
        kept[more++] = piece[k];
        if (k < first) {
            kept[more++] = piece[first];
        }
        double none = -1;
        m += k == first || is_better(s, room, kept, more, &none);
    }
    memcpy(piece, kept, m * sizeof *piece);
    return m;
}

/* Takes the piece out without which the text is proved and tells most, or all that stand in the way
 * of that; how many pieces are left, 0: there is none. */
static size_t
leave_unproved(const struct gist_search *s, const struct gist_room *room, struct gist_piece *piece,
               size_t n)
{
    struct gist_piece *rest = arena_alloc(s->arena, n * sizeof *rest);
    size_t worst = n;
    double best = -1;
    for (size_t k = 0; k < n && n > 1; k++) {
        memcpy(rest, piece, k * sizeof *rest);
        memcpy(rest + k, piece + k + 1, (n - k - 1) * sizeof *rest);
        worst = is_better(s, room, rest, n - 1, &best) ? k : worst;
    }
    if (worst == n) {
        return keep_proved(s, room, piece, n);
    }
    memmove(piece + worst, piece + worst + 1, (n - worst - 1) * sizeof *piece);
    return n - 1;
}

/* The best text at one level of brevity, proved; its value. */
static double
make_at(struct gist_search *s, const struct gist_room *room, enum gist_level level,
        struct gist *out)
{
    struct gist_word *word = arena_alloc(s->arena, (s->story->detail->tokens_n + 1) * sizeof *word);
    struct gist_piece piece[UNITS_MOST];
    double value = 0;
    gist_write(s->story, room, level, s->arena, word);
    s->word = word;
    s->room = room->room;
    *out = (struct gist){.text = {"", 0}};
    for (int i = 0; i < TRIES; i++) {
        size_t n = gist_choose(s, piece, &value);
        struct str text = compose(s, room, piece, n);
        size_t length = units_of(text, room->unit);
        if (length <= room->room && n > 0 && !is_proved(s, room, text)) {
            value -= UNPROVED_PENALTY;
            n = leave_unproved(s, room, piece, n);
            text = compose(s, room, piece, n);
            length = units_of(text, room->unit);
        }
        if (length <= room->room) {
            out->text = text;
            out->length = length;
            note_items(s, piece, n, out);
            return value;
        }
        size_t over = length - room->room;
        s->room = s->room > over ? s->room - over : 0;
    }
    return 0;
}

/* What the title calls off must be called off in the text. */
static bool
tells_cancellation(const struct story *story, const struct gist *gist)
{
    for (size_t i = 0; i < story->items_n; i++) {
        const struct story_item *item = &story->item[i];
        bool cancels = item->role == ROLE_CORRECTION && item->key.p[0] == 'x';
        if (cancels && item->from < story->title_n && !gist->has[i]) {
            return false;
        }
    }
    return true;
}

/* In little room a text of times alone tells nobody of what: the title's beginning is worth more.
 */
static bool
tells_of_what(const struct story *story, const struct gist_room *room, const struct gist *gist)
{
    enum { LITTLE = 60 };
    bool subject = false, told = false;
    for (size_t i = 0; i < story->items_n; i++) {
        bool one = story->item[i].role == ROLE_SUBJECT;
        subject = subject || one;
        told = told || (one && gist->has[i]);
    }
    return room->room >= LITTLE || told || !subject;
}

static void
note_beside(struct gist_search *s, struct str beside)
{
    struct gist *told = arena_alloc(s->arena, sizeof *told);
    if (beside.n == 0) {
        return;
    }
    gist_judge(s->story, beside, s->arena, told);
    for (size_t i = 0; i < s->story->items_n; i++) {
        s->beside[i / 64] |= (uint64_t)told->has[i] << (i % 64);
    }
}

void
gist_make(const struct story *story, const struct gist_room *room, struct arena *arena,
          struct gist *out)
{
    static const double ENOUGH = 0.97; /* nothing is left to be gained by brevity */
    static const double level_penalty[GIST_LEVELS] = {0, 0, 0.5};
    struct gist_search search = {.story = story, .arena = arena};
    double best = -DBL_MAX;
    note_beside(&search, room->beside);
    *out = (struct gist){.text = {"", 0}};
    for (enum gist_level level = GIST_BRIEF; level < GIST_LEVELS && out->kept < ENOUGH; level++) {
        struct gist one;
        double value = make_at(&search, room, level, &one) - level_penalty[level];
        bool better = one.text.n > 0 && value > best && tells_cancellation(story, &one) &&
                      tells_of_what(story, room, &one);
        if (better) {
            *out = one;
            best = value;
        }
    }
}

void
gist_judge(const struct story *story, struct str text, struct arena *arena, struct gist *out)
{
    struct announcement a = {.field = {[FIELD_TITLE] = text, [FIELD_KIND] = story->kind}};
    struct story *told = arena_alloc(arena, sizeof *told);
    *out = (struct gist){.text = text, .length = utf8_count(text)};
    if (story_read(&a, story->detail->phrases, arena, told, NULL) != 0) {
        return;
    }
    double kept = 0;
    for (size_t i = 0; i < story->items_n; i++) {
        for (size_t k = 0; k < told->items_n && !out->has[i]; k++) {
            out->has[i] = str_equal(story->item[i].key, told->item[k].key);
        }
        kept += out->has[i] ? story->item[i].weight : 0;
    }
    out->kept = kept / weight_of_all(story);
}

/* The body as a text without limits tells it: all of it but what was replaced, and courtesy. */
// SPDX-License-Identifier: MIT
#include <string.h>

#include <utf8proc.h>

#include "gateway/core/story_parts.h"
#include "gateway/core/unicode.h"

static bool
is_courtesy(const struct story_detail *d, const struct story_unit *u)
{
    for (size_t i = u->from; i < u->to; i++) {
        if (!d->token[i].needless) {
            return false;
        }
    }
    return true;
}

/* "Thông báo này thay cho …" without what it replaces: what is left says nothing. */
static bool
is_remnant(const struct story_detail *d, const struct story_unit *u)
{
    enum { MOST = 3 };
    size_t left = 0, stale = 0;
    bool digit = false;
    for (size_t i = u->from; i < u->to; i++) {
        bool old = d->token[i].stale;
        stale += old;
        left += !old;
        digit = digit || (!old && d->token[i].digit);
    }
    return stale > 0 && left <= MOST && !digit;
}

/* Marks what goes: a byte a token. */
static char *
find_gone(const struct story_detail *d, struct arena *arena)
{
    char *gone = arena_alloc(arena, d->tokens_n + 1);
    for (size_t i = 0; i < d->tokens_n; i++) {
        gone[i] = d->token[i].stale; /* a table's head is of no unit */
    }
    for (size_t u = 0; u < d->units_n; u++) {
        const struct story_unit *unit = &d->unit[u];
        bool courtesy = (!unit->long_only && is_courtesy(d, unit)) || is_remnant(d, unit);
        for (size_t i = unit->from; i < unit->to; i++) {
            gone[i] = courtesy || d->token[i].stale || d->token[i].polite;
        }
    }
    return gone;
}

/* A word; a capital where it begins what began with a capital before. */
static void
add_word(struct buf *out, struct str word, bool capital)
{
    if (capital && word.n > 0) {
        utf8_add(out, utf8proc_toupper(utf8_next(&word)));
    }
    buf_add_str(out, word);
}

/* Whether a bracket is open in what was added since `begin`. */
static bool
open_within(const struct buf *out, size_t begin)
{
    size_t open = 0;
    for (size_t i = begin; i < out->n; i++) {
        open += out->p[i] == '(';
        open -= out->p[i] == ')' && open > 0;
    }
    return open > 0;
}

/* The signs behind a word that goes stay with the word before it. */
static void
keep_sign(struct buf *out, struct str word, size_t begin)
{
    size_t from = word.n;
    while (from > 0 && strchr(".;,)", word.p[from - 1])) {
        from--;
    }
    bool closes = from < word.n && word.p[from] == ')' && !open_within(out, begin);
    from += closes; /* its "(" went with it */
    if (from < word.n && out->n > begin && !strchr(".;,:", out->p[out->n - 1])) {
        buf_add_str(out, str_from(word, from));
    }
}

/* "số 9-NQ/ĐU, ngày 30/9/2026 của Đảng ủy": without its day no comma parts them. */
static void
drop_comma(struct buf *out, bool parted, size_t begin)
{
    if (parted && out->n > begin && out->p[out->n - 1] == ',') {
        out->n--;
    }
}

static struct str
word_of(const struct story_detail *d, size_t i)
{
    const struct story_token *t = &d->token[i];
    const struct plain *p = &d->plain;
    return (struct str){p->text.p + p->at[t->from], p->at[t->to] - p->at[t->from]};
}

/* What is added next begins a line or a sentence. */
static bool
begins(const struct buf *out, size_t begin)
{
    return out->n == begin || strchr(".!?", out->p[out->n - 1]) != NULL;
}

struct str
story_body(const struct story *story, struct arena *arena)
{
    const struct story_detail *d = story->detail;
    const char *gone = find_gone(d, arena);
    struct buf out;
    buf_init(&out, story->text.n * 2 + 16);
    size_t begin = 0;
    bool capital = false;
    for (size_t i = d->units_n > 0 ? d->unit[0].to : 0; i < d->tokens_n; i++) {
        struct str word = word_of(d, i);
        if (gone[i]) {
            bool first = begins(&out, begin);
            keep_sign(&out, word, begin);
            capital = capital || (first && d->token[i].capital && !d->token[i].bracketed);
        } else {
            bool parted = i > 0 && gone[i - 1] && story_phrase(d, i, "của") > 0;
            drop_comma(&out, parted, begin);
            buf_add_z(&out, out.n > begin ? " " : "");
            add_word(&out, word, capital);
            capital = false;
        }
        if (d->token[i].ends_line) {
            buf_add_z(&out, out.n > begin ? "\n" : "");
            begin = out.n;
            capital = false;
        }
    }
    struct str body = unicode_tidy(arena, buf_str(&out));
    buf_deinit(&out);
    return body;
}

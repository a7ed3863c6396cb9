/* Forms an SMS: title, as much of the lead as fits, link. */
// SPDX-License-Identifier: MIT
#include "gateway/core/summary.h"

#include <string.h>

#include "gateway/core/body.h"
#include "gateway/core/lead.h"
#include "gateway/core/unicode.h"

enum { TEXT_MAX = 16 * 1024, CUT_LEAST = 24 };

/* How letters are written: SUMMARY_AUTO tries PLAIN first. */
enum form { FORM_STRIP, FORM_PLAIN, FORM_KEEP };

struct draft {
    struct arena *arena;
    int max_parts;
    enum form form;
    struct str link;
    struct buf text; /* without the link */
    struct segments segments;
};

static struct str
write_as(const struct draft *d, struct str text)
{
    switch (d->form) {
    case FORM_STRIP:
        return unicode_line(d->arena, unicode_strip(d->arena, text));
    case FORM_PLAIN:
        return unicode_line(d->arena, unicode_plain(d->arena, text));
    case FORM_KEEP:
        break;
    }
    return unicode_line(d->arena, text);
}

/* Whether the text so far with the link behind it fits; d->segments is of that. */
static int
measure(struct draft *d, struct err *err)
{
    size_t n = d->text.n;
    if (d->link.n > 0) {
        buf_add_z(&d->text, n > 0 ? " " : "");
        buf_add_str(&d->text, d->link);
    }
    int answer = d->text.overflow
                     ? err_set(err, ERR_LIMIT, "needs more than %d SMS parts", d->max_parts)
                     : segment_split(buf_str(&d->text), d->max_parts, &d->segments, err);
    d->text.n = n;
    d->text.overflow = false;
    return answer;
}

static bool
fits(struct draft *d)
{
    return measure(d, NULL) == 0;
}

/* Adds a sentence behind what is there; false, and nothing is added, when it does not fit. */
static bool
add(struct draft *d, struct str piece, const char *tail)
{
    size_t n = d->text.n;
    if (n > 0) {
        buf_add_z(&d->text, lead_ends(buf_str(&d->text)) ? " " : ". ");
    }
    buf_add_str(&d->text, piece);
    buf_add_z(&d->text, tail);
    if (fits(d)) {
        return true;
    }
    d->text.n = n;
    d->text.overflow = false;
    return false;
}

/* Adds the longest head of a sentence that fits, if it has at least `least` bytes; gives what was
 * added. */
static struct str
add_cut(struct draft *d, struct str piece, size_t least, bool anywhere)
{
    struct str cut = lead_cut(piece, piece.n, anywhere);
    while (cut.n >= least && cut.n > 0) {
        if (add(d, cut, "...")) {
            return cut;
        }
        cut = lead_cut(piece, cut.n, anywhere);
    }
    return (struct str){NULL, 0};
}

/* The same, ending with a clause where that costs little. */
static bool
add_head(struct draft *d, struct str piece)
{
    size_t n = d->text.n;
    struct str cut = add_cut(d, piece, CUT_LEAST, false);
    struct str clause = lead_clause(cut);
    if (clause.n < cut.n) {
        d->text.n = n;
        return add(d, clause, "...");
    }
    return cut.n > 0;
}

static int
add_title(struct draft *d, struct str title, struct err *err)
{
    if (add(d, title, "") || add_cut(d, title, CUT_LEAST, false).n > 0 ||
        add_cut(d, title, 1, true).n > 0) {
        return 0;
    }
    return err_set(err, ERR_LIMIT, "title and link do not fit into %d SMS part%s", d->max_parts,
                   d->max_parts == 1 ? "" : "s");
}

/* Whether the title says it already. */
static bool
is_said(struct arena *arena, struct str folded_title, struct str piece)
{
    struct str folded = unicode_fold(arena, piece);
    while (folded.n > 0 && strchr(" .:;,!-", folded.p[folded.n - 1])) {
        folded.n--;
    }
    return folded.n == 0 || memmem(folded_title.p, folded_title.n, folded.p, folded.n);
}

/* Adds sentence after sentence, a head of the last one, and drops an "as follows:" that nothing
 * follows. */
static void
add_lead(struct draft *d, struct str title, struct str body)
{
    struct str folded_title = unicode_fold(d->arena, title);
    struct lead lead;
    size_t before_last = d->text.n;
    bool more = true;
    lead_split(body, &lead);
    for (size_t i = 0; i < lead.n && more; i++) {
        if (is_said(d->arena, folded_title, lead.piece[i])) {
            continue;
        }
        struct str piece = write_as(d, lead.piece[i]);
        size_t n = d->text.n;
        more = piece.n == 0 || add(d, piece, "");
        if (more || add_head(d, piece)) {
            before_last = n;
        }
    }
    struct str text = buf_str(&d->text);
    if (text.n > before_last && text.p[text.n - 1] == ':') {
        d->text.n = before_last;
    }
}

static int
compose(struct draft *d, const struct announcement *a, struct str body, struct err *err)
{
    d->text.n = 0;
    if (add_title(d, write_as(d, a->field[FIELD_TITLE]), err) != 0) {
        return -1;
    }
    add_lead(d, a->field[FIELD_TITLE], body);
    return measure(d, err);
}

/* A given summary keeps its line ends. */
static int
take_given(struct draft *d, struct str given, struct err *err)
{
    d->text.n = 0;
    struct str text = given;
    if (d->form == FORM_STRIP) {
        text = unicode_strip(d->arena, given);
    } else if (d->form == FORM_PLAIN) {
        text = unicode_plain(d->arena, given);
    }
    buf_add_str(&d->text, unicode_tidy(d->arena, text));
    if (measure(d, err) != 0) {
        err_prefix(err, "summary: with its link it ");
        if (err) {
            err->code = ERR_INPUT;
        }
        return -1;
    }
    return 0;
}

static int
form_text(struct draft *d, const struct announcement *a, struct str body, struct err *err)
{
    struct str given = a->field[FIELD_SUMMARY];
    if (given.n == 0) {
        return compose(d, a, body, err);
    }
    struct str link = d->link;
    if (link.n > 0 && memmem(given.p, given.n, link.p, link.n)) {
        d->link = (struct str){NULL, 0}; /* it stands there already */
    }
    int answer = take_given(d, given, err);
    d->link = link;
    return answer;
}

static void
finish(struct draft *d, struct summary *out)
{
    struct str text = buf_str(&d->text);
    if (d->link.n > 0 && !(text.n > 0 && memmem(text.p, text.n, d->link.p, d->link.n))) {
        buf_add_z(&d->text, text.n > 0 ? " " : "");
        buf_add_str(&d->text, d->link);
        text = buf_str(&d->text);
    }
    out->text = (struct str){arena_strndup(d->arena, text.p, text.n), text.n};
    out->link = d->link;
    out->segments = d->segments;
}

int
summary_sms(const struct announcement *a, const struct summary_rules *rules, struct arena *arena,
            struct summary *out, struct err *err)
{
    struct draft d = {.arena = arena, .max_parts = rules->max_parts, .link = a->field[FIELD_URL]};
    struct str body = {NULL, 0};
    if (a->field[FIELD_SUMMARY].n == 0 && body_text(a->field[FIELD_BODY], arena, &body, err) != 0) {
        return err_prefix(err, "body: ");
    }
    buf_init(&d.text, TEXT_MAX);
    int answer = -1;
    if (rules->marks == SUMMARY_AUTO) {
        d.form = FORM_PLAIN;
        answer = form_text(&d, a, body, NULL);
        answer = answer == 0 && d.segments.encoding == ENCODING_GSM7 ? 0 : -1;
    }
    if (answer != 0) {
        d.form = rules->marks == SUMMARY_STRIP ? FORM_STRIP : FORM_KEEP;
        answer = form_text(&d, a, body, err);
    }
    if (answer == 0) {
        finish(&d, out);
    }
    buf_deinit(&d.text);
    return answer;
}

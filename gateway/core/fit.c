/* Fits an SMS. */
// SPDX-License-Identifier: MIT
#include "gateway/core/fit.h"

#include <string.h>

#include "gateway/core/gsm7.h"
#include "gateway/core/lead.h"
#include "gateway/core/proof.h"
#include "gateway/core/refused.h"
#include "gateway/core/unicode.h"

enum { TEXT_MAX = 64 * 1024, TRIES = 12 };

/* How letters are written. */
enum form { FORM_STRIP, FORM_PLAIN, FORM_KEEP };

struct fitting {
    const struct wording_source *source;
    const struct wording *w;
    struct arena *arena;
    enum form form;
    struct segment_form parts_form;
    struct str link, given; /* given: the announcement's summary with our link in it */
    struct str values[WORDS];
};

/* ---- Writing. */

static struct str
write_as(const struct fitting *f, struct str text)
{
    switch (f->form) {
    case FORM_STRIP:
        text = unicode_strip(f->arena, text);
        break;
    case FORM_PLAIN:
        text = unicode_plain(f->arena, text);
        break;
    case FORM_KEEP:
        break;
    }
    return unicode_tidy(f->arena, text);
}

static void
add_beside(struct buf *out, struct str text)
{
    if (text.n > 0) {
        buf_add_z(out, out->n > 0 ? " " : "");
        buf_add_str(out, text);
    }
}

/* The whole message with this summary. */
static struct str
assemble(struct fitting *f, struct str summary)
{
    struct buf text, rendered;
    buf_init(&text, TEXT_MAX);
    buf_init(&rendered, TEXT_MAX);
    f->values[WORD_SUMMARY] = summary;
    template_render(f->w->template, f->values, &rendered);
    struct str words = unicode_tidy(f->arena, buf_str(&rendered));
    struct str emergency = wording_emergency(f->source->a, f->w, f->arena, &words);
    add_beside(&text, f->w->prefix);
    add_beside(&text, emergency);
    buf_add_z(&text, emergency.n > 0 ? ":" : "");
    add_beside(&text, words);
    add_beside(&text, f->w->suffix);
    struct str whole = write_as(f, buf_str(&text));
    buf_deinit(&text);
    buf_deinit(&rendered);
    return refused_replace(f->arena, whole, f->w->refused);
}

static struct str
with_widest_name(const struct fitting *f, struct str text)
{
    return wording_with_name(f->arena, text, wording_widest_name(f->form != FORM_STRIP));
}

/* The encoding that a text with these letters takes on the link. */
static enum encoding
encoding_of(const struct fitting *f, struct str text)
{
    return segment_encoding(text, f->parts_form.narrow);
}

static int
units_of(struct str text, enum encoding encoding)
{
    int units = 0;
    if (encoding == ENCODING_GSM7) {
        return (int)gsm7_length(text);
    }
    while (text.n > 0) {
        units += utf8_next(&text) > 0xFFFF ? 2 : 1;
    }
    return units;
}

int
fit_capacity(struct segment_form form, enum encoding encoding, int parts)
{
    int octets = segment_room(encoding, parts == 1 ? 0 : form.header);
    return parts * (encoding == ENCODING_UCS2 ? octets / 2 : octets);
}

/* ---- One number of parts. */

static int
measure(const struct fitting *f, struct str text, int parts, struct fit *out)
{
    out->text = text;
    return segment_split_as(with_widest_name(f, text), f->parts_form, parts, &out->segments, NULL);
}

/* As much of the title as there is room for, cut at a word: for an announcement in which nothing is
 * found that must be told. */
static void
take_title(struct fitting *f, int room, enum encoding encoding, struct gist *out)
{
    struct str title = write_as(f, unicode_line(f->arena, f->source->a->field[FIELD_TITLE]));
    while (title.n > 0 && units_of(title, encoding) > room) {
        struct str cut = lead_cut(title, title.n, false);
        title = cut.n > 0 ? cut : lead_cut(title, title.n, true);
    }
    gist_judge(f->source->story, title, f->arena, out);
    out->text = title;
}

/* The announcement's words in whatever room the template leaves. */
static int
fit_gist(struct fitting *f, int parts, struct fit *out)
{
    struct str around = with_widest_name(f, assemble(f, (struct str){NULL, 0}));
    enum encoding encoding = encoding_of(f, around);
    if (f->form == FORM_KEEP && encoding_of(f, f->source->story->text) == ENCODING_UCS2) {
        encoding = ENCODING_UCS2;
    }
    int room = fit_capacity(f->parts_form, encoding, parts) - units_of(around, encoding);
    enum gist_unit unit = encoding == ENCODING_GSM7 ? GIST_SEPTETS : GIST_UTF16;
    for (int i = 0; i < TRIES && room > 0; i++) {
        struct gist_room ask = {.room = (size_t)room, .unit = unit, .strip = f->form == FORM_STRIP};
        gist_make(f->source->story, &ask, f->arena, &out->gist);
        if (out->gist.text.n == 0) {
            take_title(f, room, encoding, &out->gist);
        }
        if (out->gist.text.n == 0) {
            return -1;
        }
        if (measure(f, assemble(f, out->gist.text), parts, out) == 0) {
            return 0;
        }
        room -= i + 1; /* a blank, a sign that grew, a part's end that no pair may cross */
    }
    return -1;
}

static int
fit_given(struct fitting *f, int parts, struct fit *out)
{
    out->given = true; /* it is worth the same in any number of parts */
    out->gist = (struct gist){.text = f->given, .length = utf8_count(f->given)};
    return measure(f, assemble(f, f->given), parts, out);
}

static int
fit_parts(struct fitting *f, int parts, struct fit *out)
{
    if (f->given.n > 0 || !template_uses(f->w->template, WORD_SUMMARY)) {
        return fit_given(f, parts, out);
    }
    return fit_gist(f, parts, out);
}

/* ---- The best of them. */

static int
does_not_fit(const struct fitting *f, int parts, struct err *err)
{
    const char *s = parts == 1 ? "" : "s";
    if (f->given.n > 0) {
        return err_set(err, ERR_INPUT, "summary: with its link it needs more than %d SMS part%s",
                       parts, s);
    }
    return err_set(err, ERR_LIMIT, "title and link do not fit into %d SMS part%s", parts, s);
}

/* How much of the announcement it keeps, in thousandths; -1: it may not be sent. */
static int
worth(struct fitting *f, const struct fit *one, struct err *why)
{
    enum { PER_MILLE = 1000 };
    if (f->given.n == 0 && one->gist.text.n > 0 &&
        proof_check(f->source->story, one->gist.text, f->arena, why) != 0) {
        return -1;
    }
    return (int)(one->gist.kept * PER_MILLE);
}

static int
fit_best(struct fitting *f, int max_parts, struct fit *out, struct err *err)
{
    int best = -1;
    struct err why = {0};
    struct fit *one = arena_alloc(f->arena, sizeof *one);
    for (int parts = 1; parts <= max_parts && parts <= SEGMENT_MAX; parts++) {
        int kept = fit_parts(f, parts, one) == 0 ? worth(f, one, &why) : -1;
        if (kept > best) {
            best = kept;
            *out = *one;
        }
    }
    if (best >= 0) {
        return 0;
    }
    return why.code != ERR_NONE ? err_set(err, ERR_INPUT, "summary: %s", why.text)
                                : does_not_fit(f, max_parts, err);
}

/* The link that a given summary has already is not put there twice. */
static void
take_given(struct fitting *f)
{
    const struct announcement *a = f->source->a;
    struct str given = a->field[FIELD_SUMMARY], url = a->field[FIELD_URL];
    struct buf out;
    buf_init(&out, TEXT_MAX);
    while (given.n > 0) {
        const char *at = url.n > 0 ? memmem(given.p, given.n, url.p, url.n) : NULL;
        size_t before = at ? (size_t)(at - given.p) : given.n;
        buf_add(&out, given.p, before);
        if (at) {
            buf_add_str(&out, f->link);
            f->values[WORD_LINK] = (struct str){"", 0};
        }
        given = str_from(given, before + (at ? url.n : 0));
    }
    f->given = unicode_tidy(f->arena, buf_str(&out));
    buf_deinit(&out);
}

/* Whether nothing is lost when the text is written in GSM-7. */
static bool
is_plain(struct fitting *f)
{
    f->form = FORM_PLAIN;
    struct str text = f->given.n > 0 ? f->given : f->source->story->text;
    return gsm7_length(unicode_plain(f->arena, text)) >= 0 &&
           gsm7_length(assemble(f, (struct str){NULL, 0})) >= 0;
}

int
fit_sms(const struct wording_source *source, const struct wording *wording,
        const struct fit_rules *rules, struct arena *arena, struct fit *out, struct err *err)
{
    struct fitting f = {.source = source, .w = wording, .arena = arena, .parts_form = rules->form};
    f.link = wording_link(source->a, wording, arena);
    wording_values(source, wording, f.link, arena, f.values);
    take_given(&f);
    switch (rules->marks) {
    case DIACRITICS_STRIP:
        f.form = FORM_STRIP;
        break;
    case DIACRITICS_KEEP:
        f.form = FORM_KEEP;
        break;
    case DIACRITICS_AUTO:
        f.form = is_plain(&f) ? FORM_PLAIN : FORM_KEEP;
        break;
    }
    if (fit_best(&f, rules->max_parts, out, err) != 0) {
        return -1;
    }
    bool linked = f.link.n > 0 && memmem(out->text.p, out->text.n, f.link.p, f.link.n);
    out->link = linked ? f.link : (struct str){"", 0};
    out->named = wording_is_named(out->text);
    if (f.given.n > 0 && proof_check(source->story, f.given, arena, &out->doubt) == 0) {
        out->doubt.code = ERR_NONE;
    }
    return 0;
}

/* Puts names into encoded texts. */
// SPDX-License-Identifier: MIT
#include "gateway/core/splice.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/gsm7.h"
#include "gateway/core/mem.h"
#include "gateway/core/unicode.h"

enum { TEXT_OCTETS = SEGMENT_MAX * SEGMENT_OCTETS * 4 };

/* Encodes what stands between the marks. */
static int
make_side(struct splice_side *side, struct str text, struct str mark, enum encoding encoding,
          struct err *err)
{
    struct buf out;
    buf_init(&out, TEXT_OCTETS);
    while (text.n > 0) {
        const char *at = memmem(text.p, text.n, mark.p, mark.n);
        size_t before = at ? (size_t)(at - text.p) : text.n;
        segment_encode((struct str){text.p, before}, encoding, &out);
        if (at && side->names_n == SPLICE_NAMES) {
            buf_deinit(&out);
            return err_set(err, ERR_INPUT, "the name stands more than %d times", SPLICE_NAMES);
        }
        if (at) {
            side->at[side->names_n++] = out.n;
        }
        text = str_from(text, before + (at ? mark.n : 0));
    }
    side->n = out.n;
    side->octets = xmalloc(out.n + 1);
    memcpy(side->octets, out.p ? out.p : "", out.n);
    buf_deinit(&out);
    return 0;
}

static bool
is_narrow(struct str text, struct str mark, enum encoding narrow)
{
    while (text.n > 0) {
        const char *at = memmem(text.p, text.n, mark.p, mark.n);
        size_t before = at ? (size_t)(at - text.p) : text.n;
        if (segment_encoding((struct str){text.p, before}, narrow) != narrow) {
            return false;
        }
        text = str_from(text, before + (at ? mark.n : 0));
    }
    return narrow != ENCODING_UCS2;
}

/* The parts of so many octets, were none lost at their ends. */
static int
parts_of(const struct splice *s, enum encoding encoding, size_t total)
{
    size_t one = (size_t)segment_room(encoding, 0);
    size_t many = (size_t)segment_room(encoding, s->form.header) - 1;
    return total <= one ? 1 : (int)((total + many - 1) / many);
}

int
splice_init(struct splice *s, const struct splice_text *text_, struct err *err)
{
    struct str text = text_->text, mark = text_->mark;
    struct segment_form form = text_->form;
    *s = (struct splice){.form = form, .narrow_fits = is_narrow(text, mark, form.narrow)};
    if (make_side(&s->wide, text, mark, ENCODING_UCS2, err) != 0 ||
        (s->narrow_fits && make_side(&s->narrow, text, mark, form.narrow, err) != 0)) {
        return -1;
    }
    const size_t name = SPLICE_NAME; /* letters: one unit each */
    int wide = parts_of(s, ENCODING_UCS2, s->wide.n + s->wide.names_n * name * 2);
    int narrow = parts_of(s, form.narrow, s->narrow.n + s->narrow.names_n * name);
    s->most = s->narrow_fits && text_->plain_names ? narrow : wide > narrow ? wide : narrow;
    if (s->most > SEGMENT_MAX) {
        return err_set(err, ERR_INPUT, "needs more than %d SMS parts", SEGMENT_MAX);
    }
    return 0;
}

void
splice_deinit(struct splice *s)
{
    free(s->narrow.octets);
    free(s->wide.octets);
    s->narrow.octets = s->wide.octets = NULL;
}

static const struct splice_side *
side_of(const struct splice *s, enum encoding encoding)
{
    return encoding == ENCODING_UCS2 ? &s->wide : &s->narrow;
}

/* Copies the octets from..to of the text with its names to `out`. */
static void
copy(const struct splice_side *side, const struct spliced *m, size_t from, size_t to, uint8_t *out)
{
    size_t at = 0, text_at = 0; /* of the piece: in the whole, in the text */
    for (size_t i = 0; i <= 2 * side->names_n && at < to; i++) {
        bool is_name = i % 2 == 1;
        size_t ends = i / 2 < side->names_n ? side->at[i / 2] : side->n;
        const uint8_t *piece = is_name ? m->name : side->octets + text_at;
        size_t n = is_name ? m->name_n : ends - text_at;
        size_t skip = from > at ? from - at : 0;
        size_t end = to - at < n ? to - at : n;
        if (skip < end) {
            memcpy(out, piece + skip, end - skip);
            out += end - skip;
        }
        at += n;
        text_at = is_name ? text_at : ends;
    }
}

/* Where a part that may reach `end` ends, so that no pair is torn. */
static size_t
whole_end(const struct splice_side *side, const struct spliced *m, size_t end)
{
    uint8_t last[2];
    copy(side, m, end - 2, end, last);
    if (m->encoding == ENCODING_GSM7 && last[1] == GSM7_ESCAPE) {
        return end - 1;
    }
    bool high = m->encoding == ENCODING_UCS2 && (last[0] & 0xFC) == 0xD8;
    return high ? end - 2 : end;
}

/* Letters, digits and blanks of ASCII stand at their own place in every narrow encoding. */
static bool
copy_plain(struct str name, enum encoding narrow, struct spliced *out)
{
    if (narrow == ENCODING_UCS2 || name.n > SPLICE_NAME) {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && c != ' ') {
            return false;
        }
        out->name[i] = (uint8_t)c;
    }
    out->encoding = narrow;
    out->name_n = name.n;
    return true;
}

static void
encode_name(const struct splice *s, struct str name, struct spliced *out)
{
    struct buf octets;
    if (s->narrow_fits && copy_plain(name, s->form.narrow, out)) {
        return;
    }
    name = utf8_head(name, SPLICE_NAME);
    bool narrow = s->narrow_fits && segment_encoding(name, s->form.narrow) == s->form.narrow;
    out->encoding = narrow ? s->form.narrow : ENCODING_UCS2;
    buf_init(&octets, sizeof out->name);
    segment_encode(name, out->encoding, &octets);
    out->name_n = octets.n;
    memcpy(out->name, octets.p ? octets.p : "", octets.n);
    buf_deinit(&octets);
}

void
splice_measure(const struct splice *s, struct str name, struct spliced *out)
{
    encode_name(s, name, out);
    const struct splice_side *side = side_of(s, out->encoding);
    out->total = side->n + side->names_n * out->name_n;
    size_t one = (size_t)segment_room(out->encoding, 0);
    size_t many = (size_t)segment_room(out->encoding, s->form.header);
    size_t room = out->total <= one ? one : many;
    out->parts = 0;
    out->from[0] = 0;
    for (size_t at = 0; out->parts < SEGMENT_MAX && (at < out->total || out->parts == 0);) {
        size_t end = at + room;
        end = end < out->total ? whole_end(side, out, end) : out->total;
        out->from[++out->parts] = (uint16_t)end;
        at = end;
    }
}

size_t
splice_part(const struct splice *s, const struct spliced *m, int part, uint8_t *out)
{
    size_t from = m->from[part], to = m->from[part + 1];
    copy(side_of(s, m->encoding), m, from, to, out);
    return to - from;
}

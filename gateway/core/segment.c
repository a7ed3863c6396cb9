/* Splits a text into SMS parts. */
// SPDX-License-Identifier: MIT
#include "gateway/core/segment.h"

#include <string.h>

#include <utf8proc.h>

#include "gateway/core/gsm7.h"
#include "gateway/core/unicode.h"

enum { USER_DATA = 140, HEADER_8_BIT = 6, LATIN1_LAST = 0xFF };

int
segment_room(enum encoding encoding, int header)
{
    switch (encoding) {
    case ENCODING_GSM7:
        return (USER_DATA - header) * 8 / 7;
    case ENCODING_LATIN1:
        return USER_DATA - header;
    case ENCODING_UCS2:
        break;
    }
    return (USER_DATA - header) / 2 * 2;
}

/* A text as it is cut: what is left of it, and into what. */
struct cut {
    struct str rest;
    enum encoding encoding;
    int many; /* octets in one of several parts */
};

/* The octets of one character, or of a cluster of them that must stay together. */
struct piece {
    uint8_t octets[SEGMENT_OCTETS];
    int n;
};

static void
encode_gsm7(int32_t c, struct piece *piece)
{
    int code = gsm7_code(c);
    if (code > 0xFF) {
        piece->octets[piece->n++] = GSM7_ESCAPE;
    }
    piece->octets[piece->n++] = (uint8_t)code;
}

static void
add_unit(struct piece *piece, int32_t unit)
{
    piece->octets[piece->n++] = (uint8_t)(unit >> 8);
    piece->octets[piece->n++] = (uint8_t)unit;
}

static void
encode_utf16(int32_t c, struct piece *piece)
{
    if (c < 0x10000) {
        add_unit(piece, c);
        return;
    }
    add_unit(piece, 0xD800 + ((c - 0x10000) >> 10));
    add_unit(piece, 0xDC00 + ((c - 0x10000) & 0x3FF));
}

/* Takes the next piece off: a GSM or Latin-1 character, or a grapheme (cut if it fills a part). */
static void
next_piece(struct cut *cut, struct piece *piece)
{
    struct str *rest = &cut->rest;
    piece->n = 0;
    int32_t c = utf8_next(rest);
    if (cut->encoding == ENCODING_GSM7) {
        encode_gsm7(c, piece);
        return;
    }
    if (cut->encoding == ENCODING_LATIN1) {
        piece->octets[piece->n++] = (uint8_t)c;
        return;
    }
    utf8proc_int32_t state = 0;
    encode_utf16(c, piece);
    while (rest->n > 0) {
        struct str after = *rest;
        int32_t next = utf8_next(&after);
        int more = next < 0x10000 ? 2 : 4;
        if (utf8proc_grapheme_break_stateful(c, next, &state) || piece->n + more > cut->many) {
            return;
        }
        encode_utf16(next, piece);
        *rest = after;
        c = next;
    }
}

static int
count_units(struct cut cut)
{
    int octets = 0;
    struct piece piece;
    while (cut.rest.n > 0) {
        next_piece(&cut, &piece);
        octets += piece.n;
    }
    return cut.encoding == ENCODING_UCS2 ? octets / 2 : octets;
}

static int
fill(struct cut cut, int max, struct segments *out, struct err *err)
{
    int one = segment_room(cut.encoding, 0);
    int units = cut.encoding == ENCODING_UCS2 ? 2 : 1;
    int room = out->characters * units > one ? cut.many : one;
    struct piece piece;
    out->n = 1;
    out->part[0].n = 0;
    while (cut.rest.n > 0) {
        next_piece(&cut, &piece);
        bool full = out->part[out->n - 1].n + piece.n > room;
        if (full && out->n == max) {
            return err_set(err, ERR_LIMIT, "needs more than %d SMS part%s", max,
                           max == 1 ? "" : "s");
        }
        if (full) {
            out->part[out->n++].n = 0;
        }
        struct segment *part = &out->part[out->n - 1];
        memcpy(part->octets + part->n, piece.octets, (size_t)piece.n);
        part->n = (uint16_t)(part->n + piece.n);
    }
    return 0;
}

static bool
is_latin1(struct str text)
{
    while (text.n > 0) {
        if (utf8_next(&text) > LATIN1_LAST) {
            return false;
        }
    }
    return true;
}

static bool
fits_in(struct str text, enum encoding encoding)
{
    switch (encoding) {
    case ENCODING_GSM7:
        return gsm7_length(text) >= 0;
    case ENCODING_LATIN1:
        return is_latin1(text);
    case ENCODING_UCS2:
        break;
    }
    return false;
}

enum encoding
segment_encoding(struct str text, enum encoding narrow)
{
    return fits_in(text, narrow) ? narrow : ENCODING_UCS2;
}

void
segment_encode(struct str text, enum encoding encoding, struct buf *out)
{
    struct cut cut = {text, encoding, SEGMENT_OCTETS};
    struct piece piece;
    while (cut.rest.n > 0) {
        next_piece(&cut, &piece);
        buf_add(out, piece.octets, (size_t)piece.n);
    }
}

int
segment_split_as(struct str text, struct segment_form form, int max, struct segments *out,
                 struct err *err)
{
    size_t offset = 0;
    if (!utf8_valid(text, &offset)) {
        return err_set(err, ERR_INPUT, "no UTF-8 at byte %zu", offset);
    }
    if (max > SEGMENT_MAX) {
        max = SEGMENT_MAX;
    }
    if (text.n > (size_t)SEGMENT_MAX * SEGMENT_OCTETS * 4) {
        return err_set(err, ERR_LIMIT, "needs more than %d SMS parts", max);
    }
    out->encoding = segment_encoding(text, form.narrow);
    struct cut cut = {text, out->encoding, segment_room(out->encoding, form.header)};
    out->characters = count_units(cut);
    return fill(cut, max, out, err);
}

int
segment_split(struct str text, int max, struct segments *out, struct err *err)
{
    static const struct segment_form usual = {ENCODING_GSM7, HEADER_8_BIT};
    return segment_split_as(text, usual, max, out, err);
}

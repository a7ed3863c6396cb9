/* Splits a text into SMS parts. */
// SPDX-License-Identifier: MIT
#include "gateway/core/segment.h"

#include <string.h>

#include <utf8proc.h>

#include "gateway/core/gsm7.h"
#include "gateway/core/unicode.h"

static const struct {
    int one, many; /* units in a single part, and in one of several */
    int octets;    /* of a unit */
} limits[] = {[ENCODING_GSM7] = {160, 153, 1}, [ENCODING_UCS2] = {70, 67, 2}};

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

/* Takes the next piece off `*rest`: a GSM character, or a grapheme (cut if it fills a part). */
static void
next_piece(enum encoding encoding, struct str *rest, struct piece *piece)
{
    piece->n = 0;
    int32_t c = utf8_next(rest);
    if (encoding == ENCODING_GSM7) {
        encode_gsm7(c, piece);
        return;
    }
    utf8proc_int32_t state = 0;
    int room = limits[encoding].many * limits[encoding].octets;
    encode_utf16(c, piece);
    while (rest->n > 0) {
        struct str after = *rest;
        int32_t next = utf8_next(&after);
        int more = next < 0x10000 ? 2 : 4;
        if (utf8proc_grapheme_break_stateful(c, next, &state) || piece->n + more > room) {
            return;
        }
        encode_utf16(next, piece);
        *rest = after;
        c = next;
    }
}

static int
count_units(enum encoding encoding, struct str text)
{
    int units = 0;
    struct piece piece;
    while (text.n > 0) {
        next_piece(encoding, &text, &piece);
        units += piece.n / limits[encoding].octets;
    }
    return units;
}

static int
fill(struct str text, int max, struct segments *out, struct err *err)
{
    int many = out->characters > limits[out->encoding].one;
    int room = (many ? limits[out->encoding].many : limits[out->encoding].one) *
               limits[out->encoding].octets;
    struct piece piece;
    out->n = 1;
    out->part[0].n = 0;
    while (text.n > 0) {
        next_piece(out->encoding, &text, &piece);
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

int
segment_split(struct str text, int max, struct segments *out, struct err *err)
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
    out->encoding = gsm7_length(text) >= 0 ? ENCODING_GSM7 : ENCODING_UCS2;
    out->characters = count_units(out->encoding, text);
    return fill(text, max, out, err);
}

/* Members' messages as a network delivers them. */
// SPDX-License-Identifier: MIT
#include "gateway/core/mo.h"

#include <string.h>

#include "gateway/core/gsm7.h"
#include "gateway/core/septets.h"

enum { ESM_UDHI = 0x40, IE_NARROW = 0x00, IE_WIDE = 0x08, OCTETS_MAX = 65535 };

static void
read_concatenation(uint8_t id, const uint8_t *value, size_t n, struct mo_part *out)
{
    bool wide = id == IE_WIDE && n == 4;
    if (!wide && !(id == IE_NARROW && n == 3)) {
        return;
    }
    const uint8_t *counts = value + (wide ? 2 : 1);
    if (counts[0] == 0 || counts[1] == 0 || counts[1] > counts[0] || out->total != 0) {
        return; /* TS 23.040: to be ignored */
    }
    out->wide = wide;
    out->reference = wide ? (uint16_t)(value[0] << 8 | value[1]) : value[0];
    out->total = counts[0];
    out->number = counts[1];
}

void
mo_part_read(struct str octets, int esm_class, struct mo_part *out)
{
    *out = (struct mo_part){.octets = octets};
    const uint8_t *p = (const uint8_t *)octets.p;
    size_t header_n = octets.n > 0 ? (size_t)p[0] + 1 : 0;
    if (!(esm_class & ESM_UDHI) || header_n == 0 || header_n > octets.n) {
        return;
    }
    out->header_n = header_n;
    out->octets = str_from(octets, header_n);
    for (size_t at = 1; at + 2 <= header_n && at + 2 + p[at + 1] <= header_n; at += 2 + p[at + 1]) {
        read_concatenation(p[at], p + at + 2, p[at + 1], out);
    }
}

/* The coding of a group that has two bits for the alphabet. */
static enum mo_alphabet
by_bits(int bits)
{
    static const enum mo_alphabet alphabets[] = {MO_DEFAULT, MO_BINARY, MO_UCS2, MO_DEFAULT};
    return alphabets[bits & 3];
}

enum mo_alphabet
mo_alphabet(int data_coding)
{
    switch (data_coding) {
    case 0x01: /* IA5: the lower half of Latin-1 */
    case 0x03:
        return MO_LATIN1;
    case 0x00:
        return MO_DEFAULT;
    case 0x08:
        return MO_UCS2;
    default:
        break;
    }
    if (data_coding < 0x10) {
        return MO_BINARY; /* octets, JIS, Cyrillic …: nobody writes Vietnamese in them */
    }
    if (data_coding < 0x80) {
        return (data_coding & 0x20) != 0 ? MO_BINARY : by_bits(data_coding >> 2);
    }
    if (data_coding >= 0xF0) {
        return (data_coding & 4) != 0 ? MO_BINARY : MO_DEFAULT;
    }
    return data_coding >= 0xE0 ? MO_UCS2 : data_coding >= 0xC0 ? MO_DEFAULT : MO_BINARY;
}

void
mo_join(const struct mo_part *part, enum mo_alphabet alphabet, struct buf *joined)
{
    size_t n = part->octets.n;
    if (alphabet != MO_GSM7_PACKED || n > OCTETS_MAX) {
        buf_add_str(joined, part->octets);
        return;
    }
    uint8_t septets[256 * 8 / 7 + 1];
    struct str rest = part->octets;
    size_t header_n = part->header_n;
    while (rest.n > 0) { /* 224 octets are 256 septets: each piece begins at an octet */
        size_t take = rest.n < 224 ? rest.n : 224;
        size_t used = septets_unpack((const uint8_t *)rest.p, take, header_n, septets);
        buf_add(joined, septets, used);
        rest = str_from(rest, take);
        header_n = 0;
    }
}

void
mo_decode(struct str joined, enum mo_alphabet alphabet, struct buf *text)
{
    const uint8_t *octets = (const uint8_t *)joined.p;
    switch (alphabet) {
    case MO_DEFAULT:
    case MO_GSM7:
    case MO_GSM7_PACKED:
        gsm7_decode(octets, joined.n, text);
        return;
    case MO_LATIN1:
        latin1_decode(octets, joined.n, text);
        return;
    case MO_UCS2:
        ucs2_decode(octets, joined.n, text);
        return;
    case MO_BINARY:
        mo_hex(joined, text);
        return;
    }
}

void
mo_hex(struct str octets, struct buf *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < octets.n; i++) {
        uint8_t c = (uint8_t)octets.p[i];
        buf_add_char(out, digits[c >> 4]);
        buf_add_char(out, digits[c & 15]);
    }
}

static int
digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
mo_unhex(struct str hex, struct buf *out)
{
    for (size_t i = 0; i + 1 < hex.n; i += 2) {
        int high = digit_of(hex.p[i]), low = digit_of(hex.p[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        buf_add_char(out, (char)(high << 4 | low));
    }
    return hex.n % 2 == 0;
}

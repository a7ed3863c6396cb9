/* GSM 03.38, UCS-2 and Latin-1. */
// SPDX-License-Identifier: MIT
#include "gateway/core/gsm7.h"

#include "gateway/core/unicode.h"

enum { ESCAPED = GSM7_ESCAPE << 8, REPLACEMENT = 0xFFFD };

static const uint16_t table[128] = {
    '@',    0x00A3, '$',    0x00A5, 0x00E8, 0x00E9, 0x00F9, 0x00EC, 0x00F2, 0x00C7, '\n',   0x00D8,
    0x00F8, '\r',   0x00C5, 0x00E5, 0x0394, '_',    0x03A6, 0x0393, 0x039B, 0x03A9, 0x03A0, 0x03A8,
    0x03A3, 0x0398, 0x039E, 0,      0x00C6, 0x00E6, 0x00DF, 0x00C9, ' ',    '!',    '"',    '#',
    0x00A4, '%',    '&',    '\'',   '(',    ')',    '*',    '+',    ',',    '-',    '.',    '/',
    '0',    '1',    '2',    '3',    '4',    '5',    '6',    '7',    '8',    '9',    ':',    ';',
    '<',    '=',    '>',    '?',    0x00A1, 'A',    'B',    'C',    'D',    'E',    'F',    'G',
    'H',    'I',    'J',    'K',    'L',    'M',    'N',    'O',    'P',    'Q',    'R',    'S',
    'T',    'U',    'V',    'W',    'X',    'Y',    'Z',    0x00C4, 0x00D6, 0x00D1, 0x00DC, 0x00A7,
    0x00BF, 'a',    'b',    'c',    'd',    'e',    'f',    'g',    'h',    'i',    'j',    'k',
    'l',    'm',    'n',    'o',    'p',    'q',    'r',    's',    't',    'u',    'v',    'w',
    'x',    'y',    'z',    0x00E4, 0x00F6, 0x00F1, 0x00FC, 0x00E0,
};

static const struct {
    uint16_t c;
    uint8_t septet;
} extension[] = {
    {'\f', 0x0A}, {'^', 0x14}, {'{', 0x28}, {'}', 0x29}, {'\\', 0x2F},
    {'[', 0x3C},  {'~', 0x3D}, {']', 0x3E}, {'|', 0x40}, {0x20AC, 0x65},
};

int
gsm7_code(int32_t c)
{
    bool at_its_place = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (at_its_place || c == ' ') {
        return c;
    }
    for (int i = 0; i < 128; i++) {
        if (table[i] == c && i != GSM7_ESCAPE) {
            return i;
        }
    }
    for (size_t i = 0; i < sizeof extension / sizeof *extension; i++) {
        if (extension[i].c == c) {
            return ESCAPED | extension[i].septet;
        }
    }
    return -1;
}

long
gsm7_length(struct str text)
{
    long n = 0;
    while (text.n > 0) {
        int code = gsm7_code(utf8_next(&text));
        if (code < 0) {
            return -1;
        }
        n += code >= ESCAPED ? 2 : 1;
    }
    return n;
}

/* The character behind an escape; a second escape is reserved and shown as a blank. */
static int32_t
extended(uint8_t septet)
{
    for (size_t i = 0; i < sizeof extension / sizeof *extension; i++) {
        if (extension[i].septet == septet) {
            return extension[i].c;
        }
    }
    return septet == GSM7_ESCAPE ? ' ' : table[septet];
}

void
gsm7_decode(const uint8_t *octets, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (octets[i] > 0x7F) {
            utf8_add(out, REPLACEMENT);
        } else if (octets[i] != GSM7_ESCAPE) {
            utf8_add(out, table[octets[i]]);
        } else if (i + 1 < n && octets[i + 1] <= 0x7F) {
            utf8_add(out, extended(octets[++i]));
        } else {
            utf8_add(out, ' ');
        }
    }
}

void
ucs2_decode(const uint8_t *octets, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i += 2) {
        if (i + 1 == n) {
            utf8_add(out, REPLACEMENT);
            return;
        }
        int32_t c = octets[i] << 8 | octets[i + 1];
        if (c >= 0xD800 && c < 0xDC00 && i + 3 < n && (octets[i + 2] & 0xFC) == 0xDC) {
            int32_t low = octets[i + 2] << 8 | octets[i + 3];
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        } else if (c >= 0xD800 && c < 0xE000) {
            c = REPLACEMENT;
        }
        utf8_add(out, c);
    }
}

void
latin1_decode(const uint8_t *octets, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        utf8_add(out, octets[i]);
    }
}

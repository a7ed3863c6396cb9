/* GSM 03.38 and UCS-2 to UTF-8. */
// SPDX-License-Identifier: MIT
#include "tests/sim/text.h"

#include <string.h>

/* 3GPP TS 23.038 §6.2.1, by code; 0x1b is the escape. */
static const uint16_t basic[128] = {
    '@',   0xa3,   '$',  0xa5,  0xe8, 0xe9,  0xf9,  0xec,  0xf2,  0xc7,  '\n',  0xd8,  0xf8,
    '\r',  0xc5,   0xe5, 0x394, '_',  0x3a6, 0x393, 0x39b, 0x3a9, 0x3a0, 0x3a8, 0x3a3, 0x398,
    0x39e, 0xfffd, 0xc6, 0xe6,  0xdf, 0xc9,  ' ',   '!',   '"',   '#',   0xa4,  '%',   '&',
    '\'',  '(',    ')',  '*',   '+',  ',',   '-',   '.',   '/',   '0',   '1',   '2',   '3',
    '4',   '5',    '6',  '7',   '8',  '9',   ':',   ';',   '<',   '=',   '>',   '?',   0xa1,
    'A',   'B',    'C',  'D',   'E',  'F',   'G',   'H',   'I',   'J',   'K',   'L',   'M',
    'N',   'O',    'P',  'Q',   'R',  'S',   'T',   'U',   'V',   'W',   'X',   'Y',   'Z',
    0xc4,  0xd6,   0xd1, 0xdc,  0xa7, 0xbf,  'a',   'b',   'c',   'd',   'e',   'f',   'g',
    'h',   'i',    'j',  'k',   'l',  'm',   'n',   'o',   'p',   'q',   'r',   's',   't',
    'u',   'v',    'w',  'x',   'y',  'z',   0xe4,  0xf6,  0xf1,  0xfc,  0xe0};

static const struct {
    uint8_t code;
    uint16_t character;
} extension[] = {{0x0a, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2f, '\\'},
                 {0x3c, '['},  {0x3d, '~'}, {0x3e, ']'}, {0x40, '|'}, {0x65, 0x20ac}};

static uint32_t
extended(uint8_t code)
{
    for (size_t i = 0; i < sizeof extension / sizeof *extension; i++) {
        if (extension[i].code == code) {
            return extension[i].character;
        }
    }
    return 0xfffd;
}

/* Where the UTF-8 goes; room for the NUL is kept. */
struct sink {
    char *out;
    size_t n, room;
    bool clean;
};

static void
put(struct sink *s, uint32_t c)
{
    uint8_t bytes[4];
    size_t n;
    if (c < 0x80) {
        bytes[0] = (uint8_t)c, n = 1;
    } else if (c < 0x800) {
        bytes[0] = (uint8_t)(0xc0 | c >> 6), bytes[1] = (uint8_t)(0x80 | (c & 63)), n = 2;
    } else if (c < 0x10000) {
        bytes[0] = (uint8_t)(0xe0 | c >> 12), bytes[1] = (uint8_t)(0x80 | (c >> 6 & 63));
        bytes[2] = (uint8_t)(0x80 | (c & 63)), n = 3;
    } else {
        bytes[0] = (uint8_t)(0xf0 | c >> 18), bytes[1] = (uint8_t)(0x80 | (c >> 12 & 63));
        bytes[2] = (uint8_t)(0x80 | (c >> 6 & 63)), bytes[3] = (uint8_t)(0x80 | (c & 63)), n = 4;
    }
    s->clean = s->clean && c != 0xfffd;
    if (s->n + n < s->room) {
        memcpy(s->out + s->n, bytes, n);
        s->n += n;
    }
}

static void
decode_gsm(const uint8_t *octets, size_t n, struct sink *sink)
{
    for (size_t i = 0; i < n; i++) {
        if (octets[i] == 0x1b && i + 1 < n) {
            put(sink, extended(octets[++i]));
        } else {
            put(sink, octets[i] < 128 ? basic[octets[i]] : 0xfffd);
        }
    }
}

static void
decode_ucs2(const uint8_t *octets, size_t n, struct sink *sink)
{
    for (size_t i = 0; i + 1 < n; i += 2) {
        uint32_t c = (uint32_t)octets[i] << 8 | octets[i + 1];
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < n && octets[i + 2] >> 2 == 0x37) {
            uint32_t low = (uint32_t)octets[i + 2] << 8 | octets[i + 3];
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        }
        put(sink, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
    }
    if (n % 2) {
        put(sink, 0xfffd);
    }
}

bool
text_decode(const uint8_t *octets, size_t n, uint8_t data_coding, char *out, size_t room)
{
    struct sink sink = {out, 0, room, true};
    if (data_coding == 8) {
        decode_ucs2(octets, n, &sink);
    } else {
        decode_gsm(octets, n, &sink);
    }
    out[sink.n] = '\0';
    return sink.clean;
}

uint64_t
text_hash(const void *bytes, size_t n, uint64_t seed)
{
    const uint8_t *p = bytes;
    uint64_t h = seed ^ (n * 0x9e3779b97f4a7c15U);
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        h = (h ^ word) * 0xff51afd7ed558ccdU;
        h ^= h >> 32;
    }
    uint64_t tail = 0;
    memcpy(&tail, p, n);
    h = (h ^ tail) * 0xc4ceb9fe1a85ec53U;
    return h ^ h >> 29;
}

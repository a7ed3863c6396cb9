/* GSM septets packed into octets, and out of them. */
// SPDX-License-Identifier: MIT
#include "gateway/core/septets.h"

enum { SEPTET = 7, OCTET = 8, CARRIAGE_RETURN = 0x0D };

static void
put_septet(uint8_t *out, size_t bit, uint8_t septet)
{
    size_t at = bit / OCTET, shift = bit % OCTET;
    out[at] = (uint8_t)(out[at] | septet << shift);
    if (shift > 1) {
        out[at + 1] = (uint8_t)(septet >> (OCTET - shift));
    }
}

/* Bits that align the first septet behind a header. */
static size_t
fill_bits(size_t header_n)
{
    return (SEPTET - header_n * OCTET % SEPTET) % SEPTET;
}

size_t
septets_pack(const uint8_t *septets, size_t n, size_t header_n, uint8_t *out)
{
    size_t bit = fill_bits(header_n);
    size_t end = bit + n * SEPTET;
    for (size_t i = 0; i <= (end + SEPTET) / OCTET; i++) {
        out[i] = 0;
    }
    for (size_t i = 0; i < n; i++, bit += SEPTET) {
        put_septet(out, bit, septets[i]);
    }
    if (n > 0 && end % OCTET == 1) { /* seven bits are left: they would be read as an @ */
        put_septet(out, end, CARRIAGE_RETURN);
    }
    return (end + OCTET - 1) / OCTET;
}

size_t
septets_unpack(const uint8_t *octets, size_t n, size_t header_n, uint8_t *out)
{
    size_t used = 0;
    for (size_t bit = fill_bits(header_n); bit + SEPTET <= n * OCTET; bit += SEPTET) {
        size_t at = bit / OCTET, shift = bit % OCTET;
        unsigned two = octets[at] | (at + 1 < n ? (unsigned)octets[at + 1] << OCTET : 0);
        out[used++] = (uint8_t)(two >> shift & 0x7F);
    }
    if (used > 0 && used % OCTET == 0 && out[used - 1] == CARRIAGE_RETURN) {
        used--;
    }
    return used;
}

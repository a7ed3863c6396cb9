/* Any octets as a member's message in parts: what is read of them is possible, what is joined is
 * text. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "gateway/core/intent.h"
#include "gateway/core/mem.h"
#include "gateway/core/mo.h"
#include "gateway/core/septets.h"
#include "gateway/core/unicode.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

enum { PART_MAX = 255, CEILING = 1 << 20 };

static void
require(bool so)
{
    if (!so) {
        abort();
    }
}

/* The first octet is the part's length, the second its esm_class. */
static void
add_part(struct str *rest, enum mo_alphabet alphabet, struct buf *joined)
{
    size_t n = (unsigned char)rest->p[0];
    int esm_class = (unsigned char)rest->p[1];
    struct str octets = str_from(*rest, 2);
    octets.n = octets.n < n ? octets.n : n;
    *rest = str_from(*rest, 2 + octets.n);
    char *copy = xmalloc(octets.n + 1); /* an end that the sanitizer sees */
    memcpy(copy, octets.p, octets.n);
    struct mo_part part;
    mo_part_read((struct str){copy, octets.n}, esm_class, &part);
    require(part.total == 0 ? part.number == 0 : part.number >= 1 && part.number <= part.total);
    require(part.header_n + part.octets.n == octets.n);
    require(part.wide || part.reference <= PART_MAX);
    mo_join(&part, alphabet, joined);
    free(copy);
}

static void
check_septets(struct str octets)
{
    uint8_t septets[PART_MAX], packed[PART_MAX + 2], back[PART_MAX * 8 / 7 + 8];
    size_t n = octets.n < PART_MAX ? octets.n : PART_MAX, header_n = octets.n % 8;
    for (size_t i = 0; i < n; i++) {
        septets[i] = (uint8_t)octets.p[i] & 0x7F;
    }
    size_t packed_n = septets_pack(septets, n, header_n, packed);
    size_t back_n = septets_unpack(packed, packed_n, header_n, back);
    size_t common = back_n < n ? back_n : n;
    require(memcmp(septets, back, common) == 0);
    require(back_n >= n || (back_n + 1 == n && septets[n - 1] == '\r'));
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    if (n < 1 || n > 4096) {
        return 0;
    }
    enum mo_alphabet alphabet = (enum mo_alphabet)(data[0] % 6);
    struct str rest = {(const char *)data + 1, n - 1};
    struct buf joined, text, hex, back;
    buf_init(&joined, CEILING);
    buf_init(&text, CEILING);
    buf_init(&hex, CEILING);
    buf_init(&back, CEILING);
    (void)mo_alphabet(data[0]);
    check_septets(rest);
    while (rest.n >= 2) {
        add_part(&rest, alphabet, &joined);
    }
    mo_decode(buf_str(&joined), alphabet, &text);
    size_t offset = 0;
    require(utf8_valid(buf_str(&text), &offset));
    (void)intent_of(buf_str(&text));
    mo_hex(buf_str(&joined), &hex);
    require(mo_unhex(buf_str(&hex), &back) && str_equal(buf_str(&back), buf_str(&joined)));
    (void)mo_unhex(buf_str(&text), &back);
    buf_deinit(&joined);
    buf_deinit(&text);
    buf_deinit(&hex);
    buf_deinit(&back);
    return 0;
}

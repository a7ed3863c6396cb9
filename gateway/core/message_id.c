/* Message ids in one form. */
// SPDX-License-Identifier: MIT
#include "gateway/core/message_id.h"

#include <string.h>

enum { DIGITS = MESSAGE_ID_ROOM - 1 };

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static struct str
without_zeros(struct str s)
{
    while (s.n > 1 && s.p[0] == '0') {
        s = str_from(s, 1);
    }
    return s;
}

static void
fold(struct str id, char out[MESSAGE_ID_ROOM])
{
    struct str s = without_zeros(id);
    for (size_t i = 0; i < s.n; i++) {
        out[i] = lower(s.p[i]);
    }
    out[s.n] = '\0';
}

static bool
is_decimal(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
    }
    return s.n > 0;
}

/* value[] · 10 + digit, a hexadecimal digit an element, the lowest first. */
static void
times_ten(uint8_t value[DIGITS], unsigned digit)
{
    unsigned carry = digit;
    for (int i = 0; i < DIGITS; i++) {
        unsigned v = value[i] * 10U + carry;
        value[i] = v & 15;
        carry = v >> 4;
    }
}

static void
to_hex(struct str decimal, char out[MESSAGE_ID_ROOM])
{
    uint8_t value[DIGITS] = {0};
    for (size_t i = 0; i < decimal.n; i++) {
        times_ten(value, (unsigned)(decimal.p[i] - '0'));
    }
    int top = DIGITS - 1;
    while (top > 0 && value[top] == 0) {
        top--;
    }
    for (int i = top; i >= 0; i--) {
        *out++ = "0123456789abcdef"[value[i]];
    }
    *out = '\0';
}

void
message_id_common(struct str id, enum message_id_form form, bool in_receipt,
                  char out[MESSAGE_ID_ROOM])
{
    if (id.n > DIGITS) {
        id.n = DIGITS;
    }
    bool decimal =
        (form == ID_HEX_ANSWERS && in_receipt) || (form == ID_HEX_RECEIPTS && !in_receipt);
    if (form == ID_SAME) {
        memcpy(out, id.n ? id.p : "", id.n);
        out[id.n] = '\0';
    } else if (decimal && is_decimal(id)) {
        to_hex(id, out);
    } else {
        fold(id, out);
    }
}

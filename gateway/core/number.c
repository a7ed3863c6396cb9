/* Phone numbers: normalising, validity, masking. */
// SPDX-License-Identifier: MIT
#include "gateway/core/number.h"

#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

enum { DIGITS_MAX = 17 };

/* The 2018 renumbering: 11 digits with the first four became 10 with the second three. */
static const struct {
    char old[5], now[4];
} renumbered[] = {
    {"0162", "032"}, {"0163", "033"}, {"0164", "034"}, {"0165", "035"}, {"0166", "036"},
    {"0167", "037"}, {"0168", "038"}, {"0169", "039"}, {"0120", "070"}, {"0121", "079"},
    {"0122", "077"}, {"0126", "076"}, {"0128", "078"}, {"0123", "083"}, {"0124", "084"},
    {"0125", "085"}, {"0127", "081"}, {"0129", "082"}, {"0186", "056"}, {"0188", "058"},
    {"0199", "059"},
};

/* Blanks, dashes and invisible signs of any script, and what else people put between digits. */
static bool
is_filler(int32_t c)
{
    if (c == '.' || c == '(' || c == ')' || c == '\t' || c == '\r' || c == '\n') {
        return true;
    }
    utf8proc_category_t category = utf8proc_category(c);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_PD ||
           category == UTF8PROC_CATEGORY_CF;
}

/* The digits of `text`, with "00" for a leading plus.  -1: something else stands in it. */
static int
digits_of(struct str text, char digits[DIGITS_MAX + 1])
{
    size_t n = 0;
    while (text.n > 0) {
        utf8proc_int32_t c = 0;
        utf8proc_ssize_t used =
            utf8proc_iterate((const utf8proc_uint8_t *)text.p, (utf8proc_ssize_t)text.n, &c);
        if (used < 1) {
            return -1;
        }
        text.p += used;
        text.n -= (size_t)used;
        if (c == '+' && n == 0) {
            digits[n++] = '0';
            digits[n++] = '0';
        } else if (c >= '0' && c <= '9' && n < DIGITS_MAX) {
            digits[n++] = (char)c;
        } else if (!is_filler(c)) {
            return -1;
        }
    }
    digits[n] = '\0';
    return (int)n;
}

/* Turns an international form into a national one: what follows the country code, with one 0. */
static const char *
national(const char *digits, char out[DIGITS_MAX + 2])
{
    const char *rest = NULL;
    if (strncmp(digits, "0084", 4) == 0) {
        rest = digits + 4;
    } else if (strncmp(digits, "84", 2) == 0) {
        rest = digits + 2;
    } else {
        return digits;
    }
    (void)snprintf(out, DIGITS_MAX + 2, "%s%s", rest[0] == '0' ? "" : "0", rest);
    return out;
}

/* The present number for an old one of 11 digits; anything else as it is. */
static const char *
renumber(const char *number, char out[DIGITS_MAX + 1])
{
    if (strlen(number) != 11) {
        return number;
    }
    for (size_t i = 0; i < sizeof renumbered / sizeof *renumbered; i++) {
        if (strncmp(number, renumbered[i].old, 4) == 0) {
            (void)snprintf(out, DIGITS_MAX + 1, "%s%s", renumbered[i].now, number + 4);
            return out;
        }
    }
    return number;
}

enum number_verdict
number_read(struct str text, char out[NUMBER_ROOM])
{
    char digits[DIGITS_MAX + 1] = "", local[DIGITS_MAX + 2], present[DIGITS_MAX + 1];
    out[0] = '\0';
    int n = digits_of(text, digits);
    if (n <= 0) {
        return n == 0 ? NUMBER_NONE : NUMBER_INVALID;
    }
    const char *number = renumber(national(digits, local), present);
    bool mobile = strlen(number) == 10 && number[0] == '0' && strchr("35789", number[1]) &&
                  strncmp(number, "095", 3) != 0;
    if (!mobile) {
        return NUMBER_INVALID;
    }
    (void)snprintf(out, NUMBER_ROOM, "84%.9s", number + 1);
    return NUMBER_MOBILE;
}

void
number_mask(struct str address, char *out, size_t room)
{
    if (address.n < 8) {
        (void)snprintf(out, room, "%s", address.n > 0 ? "****" : "");
        return;
    }
    (void)snprintf(out, room, "%.4s****%.3s", address.p, address.p + address.n - 3);
}

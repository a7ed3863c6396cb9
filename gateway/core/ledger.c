/* The ledger's record. */
// SPDX-License-Identifier: MIT
#include "gateway/core/ledger.h"

#include <string.h>

enum {
    AT_CHANNEL = 0,
    AT_LINK = 1,
    AT_ATTEMPTS = 3,
    AT_PARTS = 5,
    AT_REASON = 7,
    AT_SUBMITTED = 12,
    AT_FINAL = 19,
    AT_ID = 26,
    TIME_DIGITS = 7,
};

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* `value` in `base` over `width` places; what does not fit is written as the largest that does. */
static void
put_number(char *at, int width, int64_t value, int base)
{
    int64_t limit = 1;
    for (int i = 0; i < width; i++) {
        limit *= base;
    }
    int64_t v = value < 0 ? 0 : value >= limit ? limit - 1 : value;
    for (int i = width; i-- > 0; v /= base) {
        at[i] = digits[v % base];
    }
}

static bool
get_number(const char *at, int width, int base, int64_t none, int64_t *value)
{
    if (at[0] == ' ') {
        *value = none;
        return true;
    }
    int64_t v = 0;
    for (int i = 0; i < width; i++) {
        const char *digit = at[i] ? strchr(digits, at[i]) : NULL;
        if (!digit || digit - digits >= base) {
            return false;
        }
        v = v * base + (digit - digits);
    }
    *value = v;
    return true;
}

static void
put_text(char *at, size_t width, const char *text)
{
    size_t n = strnlen(text, width);
    memcpy(at, text, n);
}

static void
get_text(const char *at, size_t width, char *out)
{
    while (width > 0 && at[width - 1] == ' ') {
        width--;
    }
    memcpy(out, at, width);
    out[width] = '\0';
}

void
ledger_pack(const struct ledger *ledger, char out[LEDGER_SIZE])
{
    memset(out, ' ', LEDGER_SIZE);
    out[AT_CHANNEL] = ledger->channel ? ledger->channel : ' ';
    if (ledger->link >= 0) {
        put_number(out + AT_LINK, 2, ledger->link, 36);
    }
    if (ledger->attempts > 0) {
        put_number(out + AT_ATTEMPTS, 2, ledger->attempts, 10);
    }
    if (ledger->parts > 0) {
        put_number(out + AT_PARTS, 2, ledger->parts, 10);
    }
    put_text(out + AT_REASON, LEDGER_REASON, ledger->reason);
    if (ledger->submitted_s > 0) {
        put_number(out + AT_SUBMITTED, TIME_DIGITS, ledger->submitted_s, 36);
    }
    if (ledger->final_s > 0) {
        put_number(out + AT_FINAL, TIME_DIGITS, ledger->final_s, 36);
    }
    put_text(out + AT_ID, LEDGER_ID, ledger->id);
}

bool
ledger_unpack(const char in[LEDGER_SIZE], struct ledger *out)
{
    static const char never_written[LEDGER_SIZE];
    *out = (struct ledger){.channel = ' ', .link = -1};
    if (memcmp(in, never_written, LEDGER_SIZE) == 0) {
        return true;
    }
    for (int i = 0; i < LEDGER_SIZE; i++) {
        if (in[i] < ' ' || in[i] > '~') {
            return false;
        }
    }
    int64_t link = 0, attempts = 0, parts = 0;
    if (!get_number(in + AT_LINK, 2, 36, -1, &link) ||
        !get_number(in + AT_ATTEMPTS, 2, 10, 0, &attempts) ||
        !get_number(in + AT_PARTS, 2, 10, 0, &parts) ||
        !get_number(in + AT_SUBMITTED, TIME_DIGITS, 36, 0, &out->submitted_s) ||
        !get_number(in + AT_FINAL, TIME_DIGITS, 36, 0, &out->final_s)) {
        return false;
    }
    out->channel = in[AT_CHANNEL];
    out->link = (int)link;
    out->attempts = (int)attempts;
    out->parts = (int)parts;
    get_text(in + AT_REASON, LEDGER_REASON, out->reason);
    get_text(in + AT_ID, LEDGER_ID, out->id);
    return true;
}

const char *
ledger_channel_name(char letter)
{
    return letter == 's' ? "sms" : letter == 'z' ? "zalo" : letter == 't' ? "telegram" : "";
}

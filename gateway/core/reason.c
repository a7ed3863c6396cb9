/* The codes of the ledger and their words. */
// SPDX-License-Identifier: MIT
#include "gateway/core/reason.h"

#include <stdio.h>
#include <string.h>

#include "gateway/core/answer.h"
#include "gateway/core/status.h"

struct words {
    const char *code, *english, *vietnamese;
};

static const struct words reasons[REASON_N] = {
    [REASON_OPTED_OUT] = {"optou", "opted-out", "đã từ chối nhận tin"},
    [REASON_DUPLICATE] = {"dupli", "duplicate", "trùng địa chỉ với người khác"},
    [REASON_INVALID_ADDRESS] = {"inval", "invalid-address", "số điện thoại không hợp lệ"},
    [REASON_NO_ADDRESS] = {"noadr", "no-address", "không có địa chỉ"},
    [REASON_CAP] = {"cap", "cap", "quá số tin được phép"},
    [REASON_CANCELLED] = {"cance", "cancelled", "đã huỷ"},
    [REASON_ATTEMPTS] = {"att", "attempts-used-up", "đã thử hết số lần"},
    [REASON_RESPONSE] = {"rsp", "response-timeout", "không có trả lời kịp thời"},
    [REASON_NO_WAY] = {"noway", "no-connection", "không kết nối được"},
    [REASON_NIGHT] = {"night", "not-at-night", "mẫu tin không được gửi ban đêm"},
    [REASON_QUOTA] = {"quota", "quota-used-up", "đã hết hạn mức trong ngày"},
    [REASON_EXPIRED] = {"expir", "expired", "đã quá hạn gửi"},
    [REASON_UNCONFIRMED] = {"nocon", "not-confirmed", "không có xác nhận kịp thời"},
};

/* The final states of a delivery receipt (SMPP 3.4, appendix B) as the ledger keeps them: five
 * letters.  EXPIRED is among the reasons above. */
static const struct words receipts[] = {
    {"delet", "deleted", "nhà mạng đã xoá"},
    {"undel", "undeliverable", "không phát được"},
    {"rejec", "rejected", "nhà mạng từ chối"},
    {"unkno", "unknown", "nhà mạng không rõ"},
};

const char *
reason_code(enum reason reason)
{
    return reasons[reason].code;
}

void
reason_of_status(uint32_t status, char out[6])
{
    (void)snprintf(out, 6, "s%04x", status > 0xffff ? 0xffffU : (unsigned)status);
}

static bool
read_status(struct str code, uint32_t *status)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t value = 0;
    if (code.n != 5 || code.p[0] != 's') {
        return false;
    }
    for (size_t i = 1; i < code.n; i++) {
        const char *at = code.p[i] ? strchr(digits, code.p[i]) : NULL;
        if (!at) {
            return false;
        }
        value = value * 16 + (uint32_t)(at - digits);
    }
    *status = value;
    return true;
}

static void
put_status(uint32_t status, bool vietnamese, char *out, size_t room)
{
    const char *words = status_words(status, vietnamese);
    if (!words) {
        words = vietnamese ? "lỗi của nhà mạng" : "smpp-error";
    }
    (void)snprintf(out, room, "%s (0x%08x)", words, (unsigned)status);
}

/* What the platforms answer: "z0118" is Zalo's -118, "t0403" Telegram's 403, "h0502" an HTTP
 * status, "p104" a provider's code. */
static const struct {
    char letter;
    const char *english, *vietnamese, *sign;
} platforms[] = {
    {'z', "zalo-refused", "Zalo từ chối", "-"},
    {'t', "telegram-refused", "Telegram từ chối", ""},
    {'h', "http-status", "lỗi máy chủ", ""},
    {'p', "provider-refused", "nhà cung cấp từ chối", ""},
};

static bool
platform_words(struct str code, bool vietnamese, char *out, size_t room)
{
    if (code.n < 2 || code.n > 5) {
        return false;
    }
    for (size_t i = 0; i < sizeof platforms / sizeof *platforms; i++) {
        uint64_t number = 0;
        struct str rest = str_from(code, 1);
        bool digits = str_to_u64(rest, 9999, &number);
        bool provider = platforms[i].letter == 'p'; /* its codes are its own: shown as they stand */
        if (code.p[0] != platforms[i].letter || (!digits && !provider)) {
            continue;
        }
        const char *words = vietnamese ? platforms[i].vietnamese : platforms[i].english;
        const char *zalo = platforms[i].letter == 'z' ? answer_zalo_word(-(int64_t)number) : NULL;
        if (digits && !provider) {
            (void)snprintf(out, room, "%s (%s%u)", zalo && !vietnamese ? zalo : words,
                           platforms[i].sign, (unsigned)number);
        } else {
            (void)snprintf(out, room, "%s (%.*s)", words, (int)rest.n, rest.p);
        }
        return true;
    }
    return false;
}

static const struct words *
find_words(struct str code)
{
    for (size_t i = 0; i < REASON_N; i++) {
        if (str_equal_z(code, reasons[i].code)) {
            return &reasons[i];
        }
    }
    for (size_t i = 0; i < sizeof receipts / sizeof *receipts; i++) {
        if (str_equal_z(code, receipts[i].code)) {
            return &receipts[i];
        }
    }
    return NULL;
}

void
reason_words(struct str code, bool vietnamese, char *out, size_t room)
{
    uint32_t status = 0;
    const struct words *words = find_words(code);
    if (read_status(code, &status)) {
        put_status(status, vietnamese, out, room);
    } else if (words) {
        (void)snprintf(out, room, "%s", vietnamese ? words->vietnamese : words->english);
    } else if (!platform_words(code, vietnamese, out, room)) {
        (void)snprintf(out, room, "%.*s", (int)code.n, code.n ? code.p : "");
    }
}

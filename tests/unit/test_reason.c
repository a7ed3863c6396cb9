/* The ledger's codes and their words. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/reason.h"

static const struct {
    const char *code, *english, *vietnamese;
} cases[] = {
    {"optou", "opted-out", "đã từ chối nhận tin"},
    {"dupli", "duplicate", "trùng địa chỉ với người khác"},
    {"inval", "invalid-address", "số điện thoại không hợp lệ"},
    {"noadr", "no-address", "không có địa chỉ"},
    {"cap", "cap", "quá số tin được phép"},
    {"cance", "cancelled", "đã huỷ"},
    {"rsp", "response-timeout", "không có trả lời kịp thời"},
    {"att", "attempts-used-up", "đã thử hết số lần"},
    {"undel", "undeliverable", "không phát được"},
    {"expir", "expired", "đã quá hạn gửi"},
    {"s000b", "invalid-destination (0x0000000b)", "sai số nhận (0x0000000b)"},
    {"s0058", "throttled (0x00000058)", "gửi nhanh quá mức cho phép (0x00000058)"},
    {"s0400", "smpp-error (0x00000400)", "lỗi của nhà mạng (0x00000400)"},
    {"z0118", "no-zalo-account (-118)", "Zalo từ chối (-118)"},
    {"z9999", "zalo-refused (-9999)", "Zalo từ chối (-9999)"},
    {"t0403", "telegram-refused (403)", "Telegram từ chối (403)"},
    {"h0502", "http-status (502)", "lỗi máy chủ (502)"},
    {"p-16", "provider-refused (-16)", "nhà cung cấp từ chối (-16)"},
    {"zalo", "zalo", "zalo"},
    {"noway", "no-connection", "không kết nối được"},
    {"night", "not-at-night", "mẫu tin không được gửi ban đêm"},
    {"quota", "quota-used-up", "đã hết hạn mức trong ngày"},
    {"sxxxx", "sxxxx", "sxxxx"},
    {"s000", "s000", "s000"},
    {"a long reason of the details", "a long reason of the details",
     "a long reason of the details"},
    {"", "", ""},
};

static void
test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[80];
        reason_words(str_of(cases[i].code), false, out, sizeof out);
        if (strcmp(out, cases[i].english) != 0) {
            fail_msg("%s: got %s", cases[i].code, out);
        }
        reason_words(str_of(cases[i].code), true, out, sizeof out);
        if (strcmp(out, cases[i].vietnamese) != 0) {
            fail_msg("%s: got %s", cases[i].code, out);
        }
    }
    char tiny[4];
    reason_words(STR("optou"), false, tiny, sizeof tiny);
    assert_string_equal(tiny, "opt");
}

static void
test_codes(void **state)
{
    (void)state;
    for (int i = 0; i < REASON_N; i++) {
        assert_true(strlen(reason_code((enum reason)i)) <= 5);
    }
    char out[6];
    reason_of_status(0x0b, out);
    assert_string_equal(out, "s000b");
    reason_of_status(0x12345, out);
    assert_string_equal(out, "sffff");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

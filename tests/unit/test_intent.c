/* What members' messages want. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/core/intent.h"

static const struct {
    const char *text;
    enum intent intent;
} cases[] = {
    {"TC", INTENT_STOP},
    {"tc", INTENT_STOP},
    {" Tc. ", INTENT_STOP},
    {"STOP", INTENT_STOP},
    {"Stop!", INTENT_STOP},
    {"\"stop\"", INTENT_STOP},
    {"HUY", INTENT_STOP},
    {"Huỷ", INTENT_STOP},
    {"Hủy", INTENT_STOP},
    {"H\x75\xcc\x89y", INTENT_STOP}, /* the hook as a mark of its own */
    {"TU CHOI", INTENT_STOP},
    {"từ  chối", INTENT_STOP},
    {"Từ\nchối", INTENT_STOP},
    {"DUNG", INTENT_STOP},
    {"dung", INTENT_STOP},
    {"DUNG.", INTENT_STOP},
    {"DỪNG", INTENT_STOP},
    {"dừng", INTENT_STOP},
    {"Dừng", INTENT_STOP},
    {"du\xcc\x9b\xcc\x80ng", INTENT_STOP},
    {"Dung", INTENT_NONE},
    {"Dũng", INTENT_NONE},
    {"DŨNG", INTENT_NONE},
    {"Đúng", INTENT_NONE},
    {"đúng", INTENT_NONE},
    {"ĐÚNG", INTENT_NONE},
    {"Đừng", INTENT_NONE},
    {"STOP gui tin", INTENT_NONE},
    {"khong stop", INTENT_NONE},
    {"TCX", INTENT_NONE},
    {"stop 1", INTENT_NONE},
    {"Dang ky", INTENT_START},
    {"đăng ký", INTENT_START},
    {"DK", INTENT_START},
    {"start", INTENT_START},
    {"Có", INTENT_YES},
    {"OK", INTENT_YES},
    {"ok!", INTENT_YES},
    {"XN 12", INTENT_YES},
    {"xác nhận 7a", INTENT_YES},
    {"XN sẽ đến", INTENT_NONE},
    {"1", INTENT_YES},
    {"1 2", INTENT_NONE},
    {"Không", INTENT_NO},
    {"KO", INTENT_NO},
    {"k", INTENT_NO},
    {"0", INTENT_NO},
    {"vắng", INTENT_NO},
    {"GY den duong hong", INTENT_REPORT},
    {"PA", INTENT_REPORT},
    {"Góp ý", INTENT_NONE},
    {"HD", INTENT_HELP},
    {"Toi se du", INTENT_NONE},
    {"", INTENT_NONE},
    {"...", INTENT_NONE},
    {"\xff\xfe", INTENT_NONE},
};

static void
test_intents(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum intent got = intent_of(str_of(cases[i].text));
        if (got != cases[i].intent) {
            fail_msg("'%s' is '%s'", cases[i].text, intent_name(got));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_intents)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

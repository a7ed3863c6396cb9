/* What an SMSC's command_status means for a message. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/core/status.h"

static void
test_classes(void **state)
{
    (void)state;
    static const struct {
        uint32_t status;
        enum status_class class;
    } cases[] = {
        {0, STATUS_OK},        {0x58, STATUS_THROTTLE}, {0x14, STATUS_THROTTLE},
        {0x08, STATUS_RETRY},  {0x64, STATUS_RETRY},    {0x0a, STATUS_LINK},
        {0x0e, STATUS_LINK},   {0x0b, STATUS_NUMBER},   {0x66, STATUS_NUMBER},
        {0x45, STATUS_RETRY},  {0x01, STATUS_MISTAKE},  {0xc4, STATUS_MISTAKE},
        {0x102, STATUS_RETRY}, {0x400, STATUS_RETRY},   {0xffffffff, STATUS_RETRY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (status_rule_of(cases[i].status, NULL, 0).class != cases[i].class) {
            fail_msg("0x%08x is of another class", cases[i].status);
        }
    }
    assert_int_equal(status_rule_of(0x102, NULL, 0).wait_ms, 60000);
    assert_string_equal(status_words(0x0b, false), "invalid-destination");
    assert_string_equal(status_words(0x0b, true), "sai số nhận");
    assert_null(status_words(0x400, false));
    assert_true(status_is_credentials(0x0e));
    assert_false(status_is_credentials(0x0d));
}

static void
test_rules_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *statuses, *word;
        bool good;
        struct status_rule rule;
    } cases[] = {
        {"0x400", "retry", true, {0x400, 0x400, STATUS_RETRY, 0}},
        {"0x0000040A-0x4ff", "link", true, {0x40a, 0x4ff, STATUS_LINK, 0}},
        {"1024", "retry 5m", true, {0x400, 0x400, STATUS_RETRY, 300000}},
        {"0xB", "throttle", true, {0x0b, 0x0b, STATUS_THROTTLE, 0}},
        {"0x401", "number", true, {0x401, 0x401, STATUS_NUMBER, 0}},
        {"0x401", "mistake", true, {0x401, 0x401, STATUS_MISTAKE, 0}},
        {"0xffffffff", "retry 500ms", true, {0xffffffff, 0xffffffff, STATUS_RETRY, 500}},
        {"0", "retry", false, {0}},
        {"0x", "retry", false, {0}},
        {"", "retry", false, {0}},
        {"4g", "retry", false, {0}},
        {"0x100000000", "retry", false, {0}},
        {"0x4ff-0x400", "retry", false, {0}},
        {"0x400-", "retry", false, {0}},
        {"0x400", "later", false, {0}},
        {"0x400", "retry 5", false, {0}},
        {"0x400", "retry ", false, {0}},
        {"0x400", "number 5m", false, {0}},
        {"0x400", "", false, {0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct status_rule rule;
        const struct status_rule *want = &cases[i].rule;
        bool good = status_rule_read(str_of(cases[i].statuses), str_of(cases[i].word), &rule);
        if (good != cases[i].good ||
            (good && (rule.first != want->first || rule.last != want->last ||
                      rule.class != want->class || rule.wait_ms != want->wait_ms))) {
            fail_msg("'%s: %s' is read otherwise", cases[i].statuses, cases[i].word);
        }
    }
}

static void
test_the_first_rule_counts(void **state)
{
    (void)state;
    static const struct status_rule rules[] = {
        {0x401, 0x401, STATUS_NUMBER, 0},
        {0x400, 0x4ff, STATUS_LINK, 0},
        {0x0b, 0x0b, STATUS_RETRY, 1000}, /* the standard's own too */
    };
    assert_int_equal(status_rule_of(0x401, rules, 3).class, STATUS_NUMBER);
    assert_int_equal(status_rule_of(0x402, rules, 3).class, STATUS_LINK);
    assert_int_equal(status_rule_of(0x0b, rules, 3).wait_ms, 1000);
    assert_int_equal(status_rule_of(0x500, rules, 3).class, STATUS_RETRY);
    assert_int_equal(status_rule_of(0, rules, 3).class, STATUS_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_rules_are_read),
        cmocka_unit_test(test_the_first_rule_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

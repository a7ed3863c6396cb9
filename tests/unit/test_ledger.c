/* The ledger's record: what is packed comes out, and nothing else is taken for a record. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/ledger.h"

static const struct {
    const char *label;
    struct ledger ledger;
    const char *packed;
} cases[] = {
    {"accepted with an id",
     {'s', 0, 1, 2, "", 1795449600, 0, "abc123"},
     "s000102     0toyps0       abc123                "},
    {"refused for good",
     {'s', 37, 5, 1, "s000b", 1795449600, 1795449601, ""},
     "s110501s000b0toyps00toyps1                      "},
    {"skipped",
     {' ', -1, 0, 0, "optou", 0, 0, ""},
     "       optou                                    "},
    {"an id that stands elsewhere",
     {'z', 1295, 99, 10, "", 1, 2, "*"},
     "zzz9910     00000010000002*                     "},
    {"an id of 22",
     {'t', 1, 1, 1, "", 0, 0, "1234567890123456789012"},
     "t010101                   1234567890123456789012"},
};

static void
test_pack_and_unpack(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char packed[LEDGER_SIZE + 1] = {0};
        struct ledger back;
        ledger_pack(&cases[i].ledger, packed);
        if (strcmp(packed, cases[i].packed) != 0) {
            fail_msg("%s:\n got '%s'\nwant '%s'", cases[i].label, packed, cases[i].packed);
        }
        assert_true(ledger_unpack(packed, &back));
        assert_int_equal(back.channel, cases[i].ledger.channel);
        assert_int_equal(back.link, cases[i].ledger.link);
        assert_int_equal(back.attempts, cases[i].ledger.attempts);
        assert_int_equal(back.parts, cases[i].ledger.parts);
        assert_int_equal(back.submitted_s, cases[i].ledger.submitted_s);
        assert_int_equal(back.final_s, cases[i].ledger.final_s);
        assert_string_equal(back.reason, cases[i].ledger.reason);
        assert_string_equal(back.id, cases[i].ledger.id);
    }
}

static void
test_what_is_no_record(void **state)
{
    (void)state;
    char record[LEDGER_SIZE] = {0};
    struct ledger out;
    assert_true(ledger_unpack(record, &out)); /* never written */
    assert_int_equal(out.link, -1);
    memset(record, ' ', sizeof record);
    assert_true(ledger_unpack(record, &out));
    record[3] = 'x'; /* attempts are decimal */
    record[4] = '1';
    assert_false(ledger_unpack(record, &out));
    memset(record, ' ', sizeof record);
    record[30] = '\n';
    assert_false(ledger_unpack(record, &out));
}

static void
test_too_large_is_held_to_the_field(void **state)
{
    (void)state;
    struct ledger big = {.channel = 's', .link = 5000, .attempts = 100, .parts = 100};
    struct ledger out;
    char record[LEDGER_SIZE];
    ledger_pack(&big, record);
    assert_true(ledger_unpack(record, &out));
    assert_int_equal(out.link, 1295);
    assert_int_equal(out.attempts, 99);
    assert_int_equal(out.parts, 99);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pack_and_unpack),
        cmocka_unit_test(test_what_is_no_record),
        cmocka_unit_test(test_too_large_is_held_to_the_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

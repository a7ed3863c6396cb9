/* Answer and receipt of one message meet, those of two do not. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/message_id.h"

static const struct {
    enum message_id_form form;
    const char *answer, *receipt;
    bool meet;
} pairs[] = {
    {ID_SAME, "00aB", "00aB", true},
    {ID_SAME, "00aB", "00ab", false},
    {ID_SAME, "0012", "12", false},
    {ID_FOLDED, "00aB", "Ab", true},
    {ID_FOLDED, "0", "000", true},
    {ID_FOLDED, "10", "16", false},
    {ID_FOLDED, "F81D4FAE-7DEC-11D0", "f81d4fae-7dec-11d0", true},
    {ID_HEX_ANSWERS, "1A2B3C", "1715004", true},
    {ID_HEX_ANSWERS, "001a2b3c", "0001715004", true},
    {ID_HEX_ANSWERS, "0", "0", true},
    {ID_HEX_ANSWERS, "10", "16", true},
    {ID_HEX_ANSWERS, "10", "10", false},
    {ID_HEX_ANSWERS, "ffffffffffffffff", "18446744073709551615", true},
    {ID_HEX_ANSWERS, "f81d4fae7dec11d0a76500a0c91e6bf6", "329800735698586629295641978511506172918",
     true},
    {ID_HEX_ANSWERS, "abc-1", "ABC-1", true},
    {ID_HEX_RECEIPTS, "1715004", "1A2B3C", true},
    {ID_HEX_RECEIPTS, "16", "10", true},
    {ID_HEX_RECEIPTS, "16", "16", false},
    {ID_HEX_RECEIPTS, "", "", true},
};

static void
test_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char answer[MESSAGE_ID_ROOM], receipt[MESSAGE_ID_ROOM];
        message_id_common(str_of(pairs[i].answer), pairs[i].form, false, answer);
        message_id_common(str_of(pairs[i].receipt), pairs[i].form, true, receipt);
        if ((strcmp(answer, receipt) == 0) != pairs[i].meet) {
            fail_msg("%d: '%s' and '%s' become '%s' and '%s'", (int)pairs[i].form, pairs[i].answer,
                     pairs[i].receipt, answer, receipt);
        }
    }
}

static void
test_the_longest(void **state)
{
    (void)state;
    char nines[64], out[MESSAGE_ID_ROOM];
    memset(nines, '9', sizeof nines);
    message_id_common((struct str){nines, sizeof nines}, ID_HEX_ANSWERS, true, out);
    assert_int_equal(strlen(out), 54); /* 10^64 - 1 */
    message_id_common((struct str){nines, sizeof nines}, ID_FOLDED, true, out);
    assert_int_equal(strlen(out), 64);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_the_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* An emergency by all channels at once: names, and what two channels say of one member. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/twin.h"

static void
test_names(void **state)
{
    (void)state;
    char id[TWIN_ID_ROOM], other[TWIN_ID_ROOM], longest[65];
    twin_id(STR("tb-118"), "zalo", id);
    assert_string_equal(id, "tb-118~zalo");
    memset(longest, 'a', sizeof longest);
    twin_id((struct str){longest, 64}, "telegram", id);
    assert_int_equal(strlen(id), 26);
    longest[63] = 'b';
    twin_id((struct str){longest, 64}, "telegram", other);
    assert_string_not_equal(id, other);
    twin_id((struct str){longest, 59}, "zalo", id);
    assert_int_equal(strlen(id), 64);
    twin_id((struct str){longest, 60}, "zalo", id);
    assert_int_equal(strlen(id), 22);
}

static void
test_letters(void **state)
{
    (void)state;
    assert_int_equal(twin_letter('d', 'f'), 'd');
    assert_int_equal(twin_letter('f', 'a'), 'a');
    assert_int_equal(twin_letter('k', 'f'), 'f');
    assert_int_equal(twin_letter('k', 'k'), 'k');
    assert_int_equal(twin_letter('f', 'q'), 'q');
    assert_int_equal(twin_letter('?', 's'), '?');
    assert_int_equal(twin_letter('a', '?'), 'a');
    assert_int_equal(twin_letter('u', 'f'), 'u');
    assert_int_equal(twin_letter('q', '\0'), 'q');
    static const char letters[] = "qsr?adufkx";
    for (size_t i = 0; letters[i]; i++) { /* whichever comes first */
        for (size_t k = 0; letters[k]; k++) {
            assert_int_equal(twin_letter(letters[i], letters[k]),
                             twin_letter(letters[k], letters[i]));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

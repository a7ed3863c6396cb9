/* The same announcement has the same hash, another has another. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/hash.h"

static void
test_known_digests(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hex;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char hex[HASH_HEX];
        hash_sha256_hex(str_of(cases[i].text), hex);
        assert_string_equal(hex, cases[i].hex);
    }
    char hex[HASH_HEX];
    hash_sha256_hex((struct str){NULL, 0}, hex);
    assert_string_equal(hex, cases[0].hex);
}

static void
test_every_field_counts_but_two(void **state)
{
    (void)state;
    struct announcement a = {0};
    char plain[HASH_HEX], changed[HASH_HEX];
    hash_announcement(&a, plain);
    for (int f = 0; f < FIELD_N; f++) {
        a.field[f] = STR("x");
        hash_announcement(&a, changed);
        bool same = strcmp(plain, changed) == 0;
        if (same != (f == FIELD_ID || f == FIELD_BY)) {
            fail_msg("field %d: same %d", f, same);
        }
        a.field[f] = (struct str){NULL, 0};
    }
}

static void
test_fields_do_not_run_together(void **state)
{
    (void)state;
    struct announcement a = {.field = {[FIELD_TITLE] = STR("ab"), [FIELD_BODY] = STR("c")}};
    struct announcement b = {.field = {[FIELD_TITLE] = STR("a"), [FIELD_BODY] = STR("bc")}};
    char one[HASH_HEX], other[HASH_HEX];
    hash_announcement(&a, one);
    hash_announcement(&b, other);
    assert_string_not_equal(one, other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_digests),
        cmocka_unit_test(test_every_field_counts_but_two),
        cmocka_unit_test(test_fields_do_not_run_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* By which channels members would rather be told: what is kept, and the order that follows. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/preference.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
    const char *given, *kept, *letters, *error;
} readings[] = {
    {"", "", "", ""},
    {"sms", "sms", "s", ""},
    {" SMS ; Zalo", "sms,zalo", "sz", ""},
    {"telegram,zalo,sms", "telegram,zalo,sms", "tzs", ""},
    {";zalo;;zalo,", "zalo", "z", ""},
    {"zlao", "", "", "prefer: 'zlao': did you mean 'zalo'?"},
    {"sms;viber", "", "", "prefer: 'viber': the channels are sms, zalo, telegram"},
};

static void
test_reading(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(readings); i++) {
        struct arena *arena = arena_new();
        struct err err = {0};
        struct str kept;
        char letters[PREFERENCE_WIDTH];
        int result = preference_read(str_of(readings[i].given), arena, &kept, &err);
        if (strcmp(err.text, readings[i].error) != 0 || (result == 0) != !readings[i].error[0]) {
            fail_msg("'%s': %s", readings[i].given, err.text);
        }
        if (result == 0) {
            assert_true(str_equal_z(kept, readings[i].kept));
            size_t n = preference_letters(kept, letters);
            assert_true(str_equal_z((struct str){letters, n}, readings[i].letters));
        }
        arena_free(&arena);
    }
}

/* The channels in their order; what is preferred; the channels as they are tried. */
static const struct {
    const char *channels, *prefer, *tried;
} orders[] = {
    {"s", "", "s"},       {"s", "z", "s"},       {"zs", "", "zs"},     {"zs", "z", "zs"},
    {"zs", "s", "sz"},    {"zs", "ts", "sz"},    {"zs", "sz", "sz"},   {"zst", "t", "tzs"},
    {"zst", "ts", "tsz"}, {"zst", "stz", "stz"}, {"zst", "zs", "zst"}, {"tzs", "sss", "stz"},
    {"", "s", ""},
};

static void
test_orders(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(orders); i++) {
        struct str channels = str_of(orders[i].channels);
        uint8_t order[PREFERENCE_WIDTH];
        char tried[PREFERENCE_WIDTH + 1] = "";
        bool differs = preference_order(channels, str_of(orders[i].prefer), order);
        for (size_t k = 0; k < channels.n; k++) {
            tried[k] = channels.p[order[k]];
        }
        if (strcmp(tried, orders[i].tried) != 0 ||
            differs != (strcmp(orders[i].channels, orders[i].tried) != 0)) {
            fail_msg("%s, preferring %s: %s", orders[i].channels, orders[i].prefer, tried);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Which text is not the Unicode that it seems to be. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/legacy.h"

static void
test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *encoding;
    } cases[] = {
        {"Uû ban nh©n d©n ph­êng", "TCVN3"},
        {"Th«ng b¸o häp chi bé", "TCVN3"},
        {"UÛy ban nhaân daân phöôøng", "VNI"},
        {"THOÂNG BAÙO hoïp", "VNI"},
        {"Ủy ban nhân dân phường", NULL},
        {"Xuân hoà thuý quê uống", NULL},
        {"Microsoft® Windows© § 5 · 7", NULL},
        {"1«2 a·b", NULL},
        {"où est-ce que", NULL},
        {"plain", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = legacy_encoding(str_of(cases[i].text));
        const char *want = cases[i].encoding;
        if ((got == NULL) != (want == NULL) || (got && strcmp(got, want) != 0)) {
            fail_msg("%s: %s", cases[i].text, got ? got : "none");
        }
    }
}

/* Every syllable's vowels as Unicode has them. */
static void
test_real_vietnamese(void **state)
{
    (void)state;
    assert_null(legacy_encoding(
        STR("oà oá oả oã oạ uâ uấ uê uế uý uỳ oe oé yê yế iê iế ươ ướ uô uố eo ao âu êu ôi ơi ưa "
            "uơ oă oắ ia iu oi ui ưi ưu")));
}

/* The same sentence in both, as text and as bytes; what is none of them stays. */
static void
test_converts(void **state)
{
    static const struct {
        const char *text, *unicode;
    } cases[] = {
        {"Uû ban nh©n d©n ph­êng T©n LËp th«ng b¸o häp lóc 19h30",
         "Uỷ ban nhân dân phường Tân Lập thông báo họp lúc 19h30"},
        {"Uy\xfb ban nh\xa9n d\xa9n ph\xad\xeang th\xabng b\xb8o",
         "Uyỷ ban nhân dân phường thông báo"},
        {"UÛy ban nhaân daân phöôøng Taân Laäp thoâng baùo hoïp luùc 19h30",
         "Ủy ban nhân dân phường Tân Lập thông báo họp lúc 19h30"},
        {"THOÂNG BAÙO veà vieäc ñoùng Ñaûng phí, thò xaõ, kyõ thuaät, aên uoáng",
         "THÔNG BÁO về việc đóng Đảng phí, thị xã, kỹ thuật, ăn uống"},
        {"Ủy ban nhân dân phường", "Ủy ban nhân dân phường"},
        {"\xff\xfe no text", "\xff\xfe no text"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct str got = legacy_convert(arena, str_of(cases[i].text));
        if (!str_equal_z(got, cases[i].unicode)) {
            fail_msg("%zu: %.*s", i, (int)got.n, got.p);
        }
        arena_free(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_real_vietnamese),
        cmocka_unit_test(test_converts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

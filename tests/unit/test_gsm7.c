/* The SMS alphabets both ways. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/gsm7.h"
#include "gateway/core/unicode.h"

/* 3GPP TS 23.038 §6.2.1, row by row (its columns are the high three bits); ESC is left out. */
static const char whole_table[] =
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

static void
test_whole_table(void **state)
{
    (void)state;
    struct str rest = STR(whole_table);
    for (int septet = 0; septet < 128; septet++) {
        int32_t c = utf8_next(&rest);
        if (septet == GSM7_ESCAPE) {
            assert_int_equal(gsm7_code(c), -1);
            continue;
        }
        assert_int_equal(gsm7_code(c), septet);
        uint8_t octet = (uint8_t)septet;
        struct buf b;
        buf_init(&b, 8);
        gsm7_decode(&octet, 1, &b);
        struct str back = buf_str(&b);
        assert_int_equal(utf8_next(&back), c);
        buf_deinit(&b);
    }
    assert_int_equal(rest.n, 0);
}

static void
test_extension(void **state)
{
    (void)state;
    static const struct {
        int32_t c;
        int septet;
    } cases[] = {{'\f', 0x0A}, {'^', 0x14}, {'{', 0x28}, {'}', 0x29}, {'\\', 0x2F},
                 {'[', 0x3C},  {'~', 0x3D}, {']', 0x3E}, {'|', 0x40}, {0x20AC, 0x65}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(gsm7_code(cases[i].c), 0x1B00 + cases[i].septet);
        uint8_t octets[2] = {0x1B, (uint8_t)cases[i].septet};
        struct buf b;
        buf_init(&b, 8);
        gsm7_decode(octets, 2, &b);
        struct str back = buf_str(&b);
        assert_int_equal(utf8_next(&back), cases[i].c);
        buf_deinit(&b);
    }
}

static void
test_lengths(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        long n;
    } cases[] = {{"", 0},   {"abc", 3}, {"a€b", 4},  {"{}", 4},  {"à é", 3}, {"đ", -1}, {"á", -1},
                 {"`", -1}, {"“", -1},  {"a\nb", 3}, {"\t", -1}, {"Ç", 1},   {"ç", -1}, {"_@$", 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        long got = gsm7_length(str_of(cases[i].text));
        if (got != cases[i].n) {
            fail_msg("'%s': %ld", cases[i].text, got);
        }
    }
}

typedef void decode(const uint8_t *octets, size_t n, struct buf *out);

static void
test_decoding(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        decode *fn;
        struct str octets;
        const char *text;
    } cases[] = {
        {"gsm", gsm7_decode, STR("\x00 A\x1b\x65\x7f"), "@ A€à"},
        {"unknown extension", gsm7_decode, STR("\x1b\x41"), "A"},
        {"double escape", gsm7_decode, STR("\x1b\x1b"), " "},
        {"escape at the end", gsm7_decode, STR("a\x1b"), "a "},
        {"an octet too high", gsm7_decode, STR("a\x80\x1b\xff"), "a\xef\xbf\xbd \xef\xbf\xbd"},
        {"ucs2", ucs2_decode, STR("\x01\x10\x1e\xa3\x00n\x00g"), "Đảng"},
        {"surrogates", ucs2_decode, STR("\xd8\x3d\xdc\xe2\x00!"), "📢!"},
        {"high half alone", ucs2_decode, STR("\xd8\x3d\x00!"), "\xef\xbf\xbd!"},
        {"low half alone", ucs2_decode, STR("\xdc\xe2\x00!"), "\xef\xbf\xbd!"},
        {"high half at the end", ucs2_decode, STR("\xd8\x3d"), "\xef\xbf\xbd"},
        {"odd octet", ucs2_decode,
         STR("\x00"
             "a\x01"),
         "a\xef\xbf\xbd"},
        {"latin1", latin1_decode, STR("caf\xe9"), "café"},
        {"nothing", ucs2_decode, {NULL, 0}, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        buf_init(&b, 256);
        cases[i].fn((const uint8_t *)cases[i].octets.p, cases[i].octets.n, &b);
        if (!str_equal_z(buf_str(&b), cases[i].text)) {
            fail_msg("%s: '%s'", cases[i].label, buf_str(&b).p);
        }
        buf_deinit(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_table),
        cmocka_unit_test(test_extension),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_decoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

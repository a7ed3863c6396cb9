/* Where an SMS is cut. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/gsm7.h"
#include "gateway/core/segment.h"

/* `count` times `unit`, then `tail`. */
static struct str
build(struct buf *b, const char *unit, int count, const char *tail)
{
    buf_clear(b);
    for (int i = 0; i < count; i++) {
        buf_add_z(b, unit);
    }
    buf_add_z(b, tail);
    return buf_str(b);
}

static void
test_lengths(void **state)
{
    (void)state;
    static const struct {
        const char *label, *unit;
        int count;
        const char *tail;
        enum encoding encoding;
        int characters, parts, first; /* units of the first part */
    } cases[] = {
        {"empty", "", 0, "", ENCODING_GSM7, 0, 1, 0},
        {"160 septets fit one part", "x", 160, "", ENCODING_GSM7, 160, 1, 160},
        {"161 need two of 153", "x", 161, "", ENCODING_GSM7, 161, 2, 153},
        {"306 are two", "x", 306, "", ENCODING_GSM7, 306, 2, 153},
        {"307 are three", "x", 307, "", ENCODING_GSM7, 307, 3, 153},
        {"70 UCS-2 fit one part", "x", 69, "đ", ENCODING_UCS2, 70, 1, 70},
        {"71 need two of 67", "x", 70, "đ", ENCODING_UCS2, 71, 2, 67},
        {"134 are two", "đ", 134, "", ENCODING_UCS2, 134, 2, 67},
        {"135 are three", "đ", 135, "", ENCODING_UCS2, 135, 3, 67},
        {"an extension counts two", "€", 80, "", ENCODING_GSM7, 160, 1, 160},
        {"an escape pair is not split", "€", 81, "", ENCODING_GSM7, 162, 2, 152},
        {"a pair behind 152", "x", 152, "{yyyyyyyyy", ENCODING_GSM7, 163, 2, 152},
        {"GSM's own accents", "à", 160, "", ENCODING_GSM7, 160, 1, 160},
        {"a surrogate pair counts two", "📢", 35, "", ENCODING_UCS2, 70, 1, 70},
        {"a surrogate pair is not split", "📢", 36, "", ENCODING_UCS2, 72, 2, 66},
        {"a mark stays with its letter", "đ", 66, "x\xcc\xa3yyyy", ENCODING_UCS2, 72, 2, 66},
        {"two marks too", "đ", 65, "q\xcc\xa3\xcc\x81yyyy", ENCODING_UCS2, 72, 2, 65},
        {"ten parts", "x", 1530, "", ENCODING_GSM7, 1530, 10, 153},
    };
    struct buf b;
    buf_init(&b, 8192);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct segments s;
        struct err err = {0};
        struct str text = build(&b, cases[i].unit, cases[i].count, cases[i].tail);
        assert_int_equal(segment_split(text, SEGMENT_MAX, &s, &err), 0);
        int octets = cases[i].encoding == ENCODING_UCS2 ? 2 : 1;
        if (s.encoding != cases[i].encoding || s.characters != cases[i].characters ||
            s.n != cases[i].parts || s.part[0].n != cases[i].first * octets) {
            fail_msg("%s: %d %d %d %d", cases[i].label, s.encoding, s.characters, s.n, s.part[0].n);
        }
    }
    buf_deinit(&b);
}

static void
test_refusals(void **state)
{
    (void)state;
    struct segments s;
    struct err err = {0};
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(segment_split(STR("abc\xff"), 3, &s, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, "no UTF-8 at byte 3");
    assert_int_equal(segment_split(build(&b, "x", 160, ""), 1, &s, &err), 0);
    assert_int_equal(segment_split(build(&b, "x", 161, ""), 1, &s, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.text, "needs more than 1 SMS part");
    assert_int_equal(segment_split(build(&b, "x", 1531, ""), 99, &s, &err), -1);
    assert_string_equal(err.text, "needs more than 10 SMS parts");
    assert_int_equal(segment_split(build(&b, "đ", 400000, ""), 10, &s, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    buf_deinit(&b);
}

/* What is put together again is what went in, also when marks alone fill a part. */
static void
test_round_trip(void **state)
{
    (void)state;
    static const char *const units[] = {"Đảng ủy ", "a€", "x{y}", "📢 ",
                                        "o\xcc\xa3\xcc\x82\xcc\x81"};
    struct buf in, out;
    buf_init(&in, 8192);
    buf_init(&out, 8192);
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        for (int count = 1; count < 60; count++) {
            struct segments s;
            struct str text = build(&in, units[u], count, "");
            assert_int_equal(segment_split(text, 10, &s, NULL), 0);
            buf_clear(&out);
            for (int i = 0; i < s.n; i++) {
                (s.encoding == ENCODING_GSM7 ? gsm7_decode : ucs2_decode)(s.part[i].octets,
                                                                          s.part[i].n, &out);
            }
            assert_true(str_equal(buf_str(&out), text));
        }
    }
    struct segments s;
    struct str marks = build(&in, "\xcc\x81", 200, "");
    assert_int_equal(segment_split(marks, 10, &s, NULL), 0);
    assert_int_equal(s.characters, 200);
    assert_int_equal(s.n, 3);
    buf_deinit(&in);
    buf_deinit(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

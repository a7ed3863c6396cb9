/* UTF-8, NFC, cleaning and stripping. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "gateway/core/gsm7.h"
#include "gateway/core/unicode.h"

struct row {
    const char *label, *in, *out;
};
typedef struct str change(struct arena *arena, struct str text);

static void
check_rows(const struct row *rows, size_t n, change *fn)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < n; i++) {
        struct str got = fn(arena, str_of(rows[i].in));
        if (!str_equal_z(got, rows[i].out)) {
            fail_msg("%s: '%.*s'", rows[i].label, (int)got.n, got.p);
        }
    }
    arena_free(&arena);
}
#define CHECK(rows, fn) check_rows(rows, sizeof(rows) / sizeof *(rows), fn)

static void
test_validity(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct str text;
        long offset; /* -1: valid */
    } cases[] = {
        {"empty", {NULL, 0}, -1},
        {"Vietnamese", STR("Đảng ủy phường"), -1},
        {"four bytes", STR("a\xf0\x9f\x93\xa2"), -1},
        {"NUL is a character", STR("a\0b"), -1},
        {"cut off", STR("ab\xe1\xba"), 2},
        {"continuation alone", STR("a\x80"), 1},
        {"overlong", STR("\xc0\xaf"), 0},
        {"surrogate", STR("abc\xed\xa0\x80"), 3},
        {"past U+10FFFF", STR("\xf4\x90\x80\x80"), 0},
        {"Latin-1", STR("caf\xe9 au lait"), 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t offset = 99;
        bool valid = utf8_valid(cases[i].text, &offset);
        if (valid != (cases[i].offset < 0) || (!valid && offset != (size_t)cases[i].offset)) {
            fail_msg("%s: %d at %zu", cases[i].label, valid, offset);
        }
    }
    assert_int_equal(utf8_count(STR("Đảng ủy")), 7);
}

static void
test_nfc(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"ASCII", "abc", "abc"},
        {"NFD", "Đa\xcc\x89ng u\xcc\x89y phu\xcc\x9bo\xcc\x9b\xcc\x80ng", "Đảng ủy phường"},
        {"Windows-1258's half form", "\xc3\xaa\xcc\x81 \xc6\xa1\xcc\xa3", "ế ợ"},
        {"marks in the other order", "o\xcc\xa3\xcc\x82", "ộ"},
        {"empty", "", ""},
        {"a bad byte", "a\xff", "a\xef\xbf\xbd"},
    };
    CHECK(rows, unicode_nfc);
}

static void
test_a_run_of_marks_is_bounded(void **state)
{
    (void)state;
    enum { N = 400000 };
    struct arena *arena = arena_new();
    char *text = malloc(N * 4 + 1);
    text[0] = 'a';
    for (size_t i = 0; i < N; i++) {
        memcpy(text + 1 + i * 4, "\xcc\x81\xcc\xa3", 4);
    }
    assert_true(unicode_nfc(arena, (struct str){text, N * 4 + 1}).n < 64);
    free(text);
    arena_free(&arena);
}

static void
test_clean(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"no-break space",
         "a\xc2\xa0"
         "b\xe2\x80\xaf"
         "c\xe3\x80\x80"
         "d",
         "a b c d"},
        {"soft hyphen, zero width, BOM",
         "\xef\xbb\xbf"
         "a\xc2\xad"
         "b\xe2\x80\x8b"
         "c\xe2\x80\x8d"
         "d",
         "abcd"},
        {"direction signs",
         "\xe2\x80\xaa"
         "a\xe2\x80\xac\xe2\x81\xa0"
         "b",
         "ab"},
        {"control characters",
         "a\x01\x7f"
         "b\xc2\x9f"
         "c",
         "abc"},
        {"line ends",
         "a\r\nb\rc\nd\xe2\x80\xa8"
         "e\vf\xe2\x80\xa9",
         "a\nb\nc\nd\ne\nf\n"},
        {"tab", "a\tb", "a b"},
        {"quotes and dashes stay", "“a” – ‘b’…", "“a” – ‘b’…"},
        {"Word's bullet", "\xef\x82\xb7 a\xee\x80\x80", "- a"},
        {"a mark behind what vanishes", "e\xc2\xad\xcc\x81", "é"},
    };
    CHECK(rows, unicode_clean);
}

static void
test_tidy(void **state)
{
    (void)state;
    static const struct row lines[] = {
        {"runs", "  a   b \t c  ", "a b c"},
        {"lines", "a  \n  b\n\n\n\n c\n\n", "a\nb\n\nc"},
        {"only blanks", " \n \n ", ""},
        {"empty lines with blanks", "a\n \nb", "a\n\nb"},
    };
    CHECK(lines, unicode_tidy);
    static const struct row one[] = {
        {"lines", "a  \n  b\n\n\n\n c\n\n", "a b c"},
        {"blank before a line end", "a \nb", "a b"},
    };
    CHECK(one, unicode_line);
}

static void
test_plain(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"quotes", "“a” ‘b’ «c» „d‟ `e`", "\"a\" 'b' \"c\" \"d\" 'e'"},
        {"dashes", "1–2—3‑4−5", "1-2-3-4-5"},
        {"dots and bullets", "a… • b · c", "a... - b - c"},
        {"letters keep their marks", "Đảng ủy 5 m²", "Đảng ủy 5 m²"},
    };
    CHECK(rows, unicode_plain);
}

static void
test_strip(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"words", "Đảng ủy phường Tân Lập đề nghị", "Dang uy phuong Tan Lap de nghi"},
        {"look-alikes", "Ðảng Ɖội", "Dang Doi"},
        {"GSM's own accents go too", "àèéìòùÉ", "aeeiouE"},
        {"đồng", "21.000 ₫/m² m³", "21.000 d/m2 m3"},
        {"quotes and dashes", "“a” – ‘b’…", "\"a\" - 'b'..."},
        {"no-break space, zero width",
         "a\xc2\xa0"
         "b\xe2\x80\x8b"
         "c",
         "a bc"},
        {"compatibility", "ﬁ ½ № ™ Ⅳ １２ ①", "fi 1/2 No TM IV 12 1"},
        {"signs", "38°C ±2 3×4 ≥5 ≤6 →7", "38oC +/-2 3x4 >=5 <=6 ->7"},
        {"pictures vanish", "Chào 📢 bạn ★☆✔\xef\xb8\x8f", "Chao  ban "},
        {"other scripts", "中文 я", "?? ?"},
        {"extension table stays", "[a] {b} ~ ^ \\ | €", "[a] {b} ~ ^ \\ | €"},
        {"lines", "a\nb", "a\nb"},
        {"GSM letters stay", "Ø ß Æ £ § Ω", "Ø ß Æ £ § Ω"},
        {"bullet", "• a", "- a"},
    };
    CHECK(rows, unicode_strip);
    static const struct row fold[] = {
        {"fold", "  ĐẢNG ủy\n“Phường” – 5 ", "dang uy \"phuong\" - 5"},
    };
    CHECK(fold, unicode_fold);
}

/* Each of the 134 Vietnamese letters with marks, composed and decomposed. */
static void
test_every_vietnamese_letter(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "a áàảãạăắằẳẵặâấầẩẫậ",
        "e éèẻẽẹêếềểễệ",
        "i íìỉĩị",
        "o óòỏõọôốồổỗộơớờởỡợ",
        "u úùủũụưứừửữự",
        "y ýỳỷỹỵ",
        "d đ",
        "A ÁÀẢÃẠĂẮẰẲẴẶÂẤẦẨẪẬ",
        "E ÉÈẺẼẸÊẾỀỂỄỆ",
        "I ÍÌỈĨỊ",
        "O ÓÒỎÕỌÔỐỒỔỖỘƠỚỜỞỠỢ",
        "U ÚÙỦŨỤƯỨỪỬỮỰ",
        "Y ÝỲỶỸỴ",
        "D Đ",
    };
    static const char *const marks[] = {"\xcc\x81", "\xcc\x80", "\xcc\x89", "\xcc\x83", "\xcc\xa3"};
    int count = 0;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str rest = str_of(rows[i] + 2);
        while (rest.n > 0) {
            struct str letter = {rest.p, 0};
            (void)utf8_next(&rest);
            letter.n = (size_t)(rest.p - letter.p);
            struct str bare = unicode_strip(arena, letter);
            assert_int_equal(bare.n, 1);
            assert_int_equal(bare.p[0], rows[i][0]);
            assert_true(str_equal(unicode_nfc(arena, letter), letter));
            assert_true(str_equal(unicode_clean(arena, letter), letter));
            count++;
        }
    }
    assert_int_equal(count, 134);
    for (size_t m = 0; m < 5; m++) {
        char text[8] = "x";
        memcpy(text + 1, marks[m], 3);
        assert_true(str_equal_z(unicode_strip(arena, str_of(text)), "x"));
    }
    arena_free(&arena);
}

/* utf8_next() takes what is quick to see by itself: it must agree with the library on every begin.
 */
static void
test_next_agrees_with_the_library(void **state)
{
    static const char edges[] = {'a', '\x80', '\xBF', '\xC0'};
    (void)state;
    for (int lead = 0; lead < 256 * 256; lead++) {
        for (size_t i = 0; i < sizeof edges * sizeof edges; i++) {
            char text[] = {(char)(lead >> 8), (char)lead, edges[i / 4], edges[i % 4]};
            for (size_t n = 1; n <= sizeof text; n++) {
                utf8proc_int32_t c = 0;
                utf8proc_ssize_t used =
                    utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, &c);
                struct str rest = {text, n};
                int32_t have = utf8_next(&rest);
                assert_int_equal(have, used > 0 ? c : 0xFFFD);
                assert_int_equal(n - rest.n, used > 0 ? used : 1);
            }
        }
    }
}

/* Whatever comes in, what strip gives is GSM 03.38. */
static void
test_strip_always_fits(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (int32_t c = 1; c < 0x20000; c += 7) {
        if (c >= 0xD800 && c < 0xE000) {
            continue;
        }
        struct buf b;
        buf_init(&b, 8);
        utf8_add(&b, c);
        if (gsm7_length(unicode_strip(arena, buf_str(&b))) < 0) {
            fail_msg("U+%04X", (unsigned)c);
        }
        buf_deinit(&b);
    }
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validity),
        cmocka_unit_test(test_next_agrees_with_the_library),
        cmocka_unit_test(test_nfc),
        cmocka_unit_test(test_a_run_of_marks_is_bounded),
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_tidy),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_strip),
        cmocka_unit_test(test_every_vietnamese_letter),
        cmocka_unit_test(test_strip_always_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

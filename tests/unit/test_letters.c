/* The 134 Vietnamese letters with marks, as they reach a phone: composed and decomposed, small and
 * capital, with every setting of `diacritics`. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "gateway/core/fit.h"
#include "gateway/core/unicode.h"

enum { LETTERS = 134 };

/* The letter that is left of each, and those with marks. */
static const struct {
    char plain;
    const char *marked;
} rows[] = {
    {'a', "àáảãạăằắẳẵặâầấẩẫậ"},
    {'e', "èéẻẽẹêềếểễệ"},
    {'i', "ìíỉĩị"},
    {'o', "òóỏõọôồốổỗộơờớởỡợ"},
    {'u', "ùúủũụưừứửữự"},
    {'y', "ỳýỷỹỵ"},
    {'d', "đ"},
    {'A', "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ"},
    {'E', "ÈÉẺẼẸÊỀẾỂỄỆ"},
    {'I', "ÌÍỈĨỊ"},
    {'O', "ÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢ"},
    {'U', "ÙÚỦŨỤƯỪỨỬỮỰ"},
    {'Y', "ỲÝỶỸỴ"},
    {'D', "Đ"},
};

/* Those that GSM 03.38 has itself. */
static const struct {
    int32_t letter;
    uint8_t septet;
} in_gsm[] = {{0xE0, 0x7F}, {0xE8, 0x04}, {0xE9, 0x05}, {0xEC, 0x07},
              {0xF2, 0x08}, {0xF9, 0x06}, {0xC9, 0x1F}};

struct letter {
    char plain;
    int32_t c;
    struct str utf8;
};

static size_t
all_letters(struct letter out[LETTERS])
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str rest = str_of(rows[i].marked);
        while (rest.n > 0 && n < LETTERS) {
            struct letter *l = &out[n++];
            l->plain = rows[i].plain;
            l->utf8 = rest;
            l->c = utf8_next(&rest);
            l->utf8.n -= rest.n;
        }
    }
    return n;
}

enum spelling { COMPOSED, DECOMPOSED, HALF, SPELLINGS };

/* The letter spelt in another way, by utf8proc itself; HALF: base and circumflex, horn or breve in
 * one, the tone behind it, as Windows-1258 gives it. */
static struct str
spell(struct arena *arena, const struct letter *l, enum spelling how)
{
    utf8proc_int32_t d[8];
    int boundary = 0;
    struct buf out;
    buf_init(&out, 64);
    utf8proc_ssize_t n = utf8proc_decompose_char(l->c, d, 8, UTF8PROC_DECOMPOSE, &boundary);
    for (utf8proc_ssize_t i = 0; i < n && how != COMPOSED; i++) {
        bool shape = how == HALF && i + 1 < n &&
                     (d[i + 1] == 0x302 || d[i + 1] == 0x306 || d[i + 1] == 0x31B);
        if (shape) {
            const utf8proc_int32_t two[2] = {d[i], d[i + 1]};
            struct buf pair;
            buf_init(&pair, 16);
            utf8_add(&pair, two[0]);
            utf8_add(&pair, two[1]);
            buf_add_str(&out, unicode_nfc(arena, buf_str(&pair)));
            buf_deinit(&pair);
            i++;
        } else {
            utf8_add(&out, d[i]);
        }
    }
    struct str s =
        how == COMPOSED ? l->utf8 : (struct str){arena_strndup(arena, out.p, out.n), out.n};
    buf_deinit(&out);
    return s;
}

/* What must stand in the SMS for the letter with these marks. */
static size_t
wanted(const struct letter *l, enum diacritics marks, uint8_t octets[2])
{
    if (marks == DIACRITICS_STRIP) {
        octets[0] = (uint8_t)l->plain;
        return 1;
    }
    for (size_t i = 0; i < sizeof in_gsm / sizeof *in_gsm; i++) {
        if (in_gsm[i].letter == l->c) {
            octets[0] = in_gsm[i].septet;
            return 1;
        }
    }
    octets[0] = (uint8_t)(l->c >> 8);
    octets[1] = (uint8_t)l->c;
    return 2;
}

static void
check(const struct letter *l, enum diacritics marks, enum spelling how)
{
    struct arena *arena = arena_new();
    struct announcement a = {.field = {[FIELD_TITLE] = STR("x"),
                                       [FIELD_ID] = STR("x"),
                                       [FIELD_SUMMARY] = spell(arena, l, how)}};
    struct err err = {0};
    struct story *story = arena_alloc(arena, sizeof *story);
    struct template template;
    struct template_mistake why;
    struct fit *fit = arena_alloc(arena, sizeof *fit);
    uint8_t octets[2];
    size_t n = wanted(l, marks, octets);
    assert_int_equal(announcement_check(&a, arena, &err), 0);
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, &err), 0);
    assert_int_equal(template_parse(STR("{summary}"), TEMPLATE_PLAIN, arena, &template, &why), 0);
    const struct wording wording = {.template = &template};
    const struct wording_source source = {&a, story};
    const struct fit_rules rules = {marks, 1, {ENCODING_GSM7, 6}};
    assert_int_equal(fit_sms(&source, &wording, &rules, arena, fit, &err), 0);
    const struct segment *part = &fit->segments.part[0];
    if (fit->segments.n != 1 || part->n != n || memcmp(part->octets, octets, n) != 0 ||
        fit->segments.encoding != (n == 1 ? ENCODING_GSM7 : ENCODING_UCS2)) {
        fail_msg("%.*s, marks %d, spelling %d: %u octets, %02x", (int)l->utf8.n, l->utf8.p, marks,
                 how, part->n, part->octets[0]);
    }
    arena_free(&arena);
}

static void
test_every_letter(void **state)
{
    (void)state;
    struct letter letters[LETTERS];
    assert_int_equal(all_letters(letters), LETTERS);
    for (size_t i = 0; i < LETTERS; i++) {
        for (int marks = DIACRITICS_STRIP; marks <= DIACRITICS_AUTO; marks++) {
            for (int how = COMPOSED; how < SPELLINGS; how++) {
                check(&letters[i], (enum diacritics)marks, (enum spelling)how);
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_letter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a member's message is a part of, and its text. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/mo.h"

#define OCTETS(literal)                                                                            \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct {
    const char *label;
    struct str octets;
    int esm_class;
    int total, number, reference;
    bool wide;
    struct str rest;
} parts[] = {
    {"no header", OCTETS("\x05\0\x03\x2a\x02\x01hi"), 0, 0, 0, 0, false,
     OCTETS("\x05\0\x03\x2a\x02\x01hi")},
    {"8 bits", OCTETS("\x05\0\x03\x2a\x02\x01hi"), 0x40, 2, 1, 0x2a, false, OCTETS("hi")},
    {"16 bits", OCTETS("\x06\x08\x04\x2a\x2b\x03\x02hi"), 0x40, 3, 2, 0x2a2b, true, OCTETS("hi")},
    {"behind another element", OCTETS("\x09\x24\x02zz\0\x03\x01\x02\x02hi"), 0x40, 2, 2, 1, false,
     OCTETS("hi")},
    {"part 0", OCTETS("\x05\0\x03\x2a\x02\0hi"), 0x40, 0, 0, 0, false, OCTETS("hi")},
    {"part 3 of 2", OCTETS("\x05\0\x03\x2a\x02\x03hi"), 0x40, 0, 0, 0, false, OCTETS("hi")},
    {"of none", OCTETS("\x05\0\x03\x2a\0\0hi"), 0x40, 0, 0, 0, false, OCTETS("hi")},
    {"an element past the header's end", OCTETS("\x03\0\x03\x2a\x02\x01hi"), 0x40, 0, 0, 0, false,
     OCTETS("\x02\x01hi")},
    {"a header past the message's end", OCTETS("\x09\0\x03\x2a\x02\x01"), 0x40, 0, 0, 0, false,
     OCTETS("\x09\0\x03\x2a\x02\x01")},
    {"an empty header", OCTETS("\0hi"), 0x40, 0, 0, 0, false, OCTETS("hi")},
    {"nothing", {NULL, 0}, 0x40, 0, 0, 0, false, {NULL, 0}},
};

static void
test_parts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct mo_part part;
        mo_part_read(parts[i].octets, parts[i].esm_class, &part);
        if (part.total != parts[i].total || part.number != parts[i].number ||
            part.reference != parts[i].reference || part.wide != parts[i].wide ||
            part.octets.n != parts[i].rest.n || !str_equal(part.octets, parts[i].rest)) {
            fail_msg("%s: part %d of %d", parts[i].label, part.number, part.total);
        }
    }
}

static void
test_alphabets(void **state)
{
    (void)state;
    static const struct {
        int data_coding;
        enum mo_alphabet alphabet;
    } rows[] = {
        {0x00, MO_DEFAULT}, {0x01, MO_LATIN1},  {0x03, MO_LATIN1},  {0x04, MO_BINARY},
        {0x08, MO_UCS2},    {0x10, MO_DEFAULT}, {0x18, MO_UCS2},    {0x14, MO_BINARY},
        {0x30, MO_BINARY},  {0x48, MO_UCS2},    {0xF0, MO_DEFAULT}, {0xF5, MO_BINARY},
        {0xE0, MO_UCS2},    {0xD0, MO_DEFAULT}, {0x90, MO_BINARY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (mo_alphabet(rows[i].data_coding) != rows[i].alphabet) {
            fail_msg("data_coding 0x%02x", rows[i].data_coding);
        }
    }
}

/* Two parts, an escape torn between them: some phones do that. */
static void
test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum mo_alphabet alphabet;
        struct str first, second;
        const char *text;
    } rows[] = {
        {"gsm7", MO_GSM7, OCTETS("a\x1b"), OCTETS("\x65z"), "a€z"},
        {"packed", MO_GSM7_PACKED, OCTETS("\x05\0\x03\x01\x02\x01\xc2\xe2\x71\x58\x3c\x0e\x8b\xc7"),
         OCTETS("\x05\0\x03\x01\x02\x02\xc2\xe2\x31"), "abcabcabcabc"},
        {"latin1", MO_LATIN1, OCTETS("\xe0"), OCTETS("b"), "àb"},
        {"a torn surrogate pair", MO_UCS2, OCTETS("\xd8\x3d"), OCTETS("\xdc\xe2"), "📢"},
        {"binary", MO_BINARY, OCTETS("\x01"), OCTETS("\xff"), "01ff"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf joined, text;
        buf_init(&joined, 1000);
        buf_init(&text, 1000);
        const struct str both[] = {rows[i].first, rows[i].second};
        for (size_t k = 0; k < 2; k++) {
            struct mo_part part;
            mo_part_read(both[k], rows[i].alphabet == MO_GSM7_PACKED ? 0x40 : 0, &part);
            mo_join(&part, rows[i].alphabet, &joined);
        }
        mo_decode(buf_str(&joined), rows[i].alphabet, &text);
        if (!str_equal_z(buf_str(&text), rows[i].text)) {
            fail_msg("%s: '%s'", rows[i].label, text.p);
        }
        buf_deinit(&joined);
        buf_deinit(&text);
    }
}

static void
test_hex(void **state)
{
    (void)state;
    struct buf hex, back;
    buf_init(&hex, 100);
    buf_init(&back, 100);
    mo_hex((struct str)OCTETS("\0\x9f\xff"), &hex);
    assert_string_equal(hex.p, "009fff");
    assert_true(mo_unhex(buf_str(&hex), &back));
    assert_memory_equal(back.p, "\0\x9f\xff", 3);
    assert_false(mo_unhex(STR("0g"), &back));
    assert_false(mo_unhex(STR("012"), &back));
    buf_deinit(&hex);
    buf_deinit(&back);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_alphabets),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_hex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A spliced text is the text that would be cut whole, for every name, encoding and length. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/splice.h"
#include "gateway/core/wording.h"

static const struct segment_form forms[] = {
    {ENCODING_GSM7, 6}, {ENCODING_GSM7, 7}, {ENCODING_LATIN1, 6}, {ENCODING_UCS2, 6}};

static const char *const names[] = {"",
                                    "A",
                                    "Nguyen Van A",
                                    "Nguyễn Văn Ánh",
                                    "{~}[^]|€",
                                    "Zoë \xF0\x9F\x98\x80 B",
                                    "Công Tằng Tôn Nữ Phương Nguyệt"};

static void
compare(const char *text, const char *name, struct segment_form form)
{
    struct arena *arena = arena_new();
    struct segments *whole = arena_alloc(arena, sizeof *whole);
    struct splice s;
    struct spliced m;
    const struct splice_text of = {str_of(text), STR("{name}"), form, false};
    struct str joined = wording_with_name(arena, str_of(text), str_of(name));
    assert_int_equal(splice_init(&s, &of, NULL), 0);
    assert_int_equal(segment_split_as(joined, form, SEGMENT_MAX, whole, NULL), 0);
    splice_measure(&s, str_of(name), &m);
    if (m.parts != whole->n || m.encoding != whole->encoding) {
        fail_msg("'%s' in a text of %zu: %d parts, not %d", name, strlen(text), m.parts, whole->n);
    }
    for (int part = 0; part < m.parts; part++) {
        uint8_t octets[SEGMENT_OCTETS];
        size_t n = splice_part(&s, &m, part, octets);
        if (n != whole->part[part].n || memcmp(octets, whole->part[part].octets, n) != 0) {
            fail_msg("'%s' in a text of %zu: part %d differs", name, strlen(text), part + 1);
        }
    }
    splice_deinit(&s);
    arena_free(&arena);
}

/* Texts of every length about the ends of parts, the name at the head, inside, twice and last. */
static void
test_against_the_whole(void **state)
{
    (void)state;
    static const char *const shapes[][2] = {{"{name}", ""},
                                            {"", "{name}"},
                                            {"Kinh gui {name}: ", ""},
                                            {"{name}{name}[", "] {name}"},
                                            {"Kính gửi {name}: ", "."},
                                            {"{", "}{name}\xF0\x9F\x98\x80"}};
    for (size_t shape = 0; shape < sizeof shapes / sizeof *shapes; shape++) {
        for (size_t n = 0; n<330; n += n> 100 && n < 170 ? 1 : 7) {
            char text[600];
            size_t head = strlen(shapes[shape][0]);
            memcpy(text, shapes[shape][0], head);
            memset(text + head, n % 2 ? 'a' : '^', n);
            memcpy(text + head + n, shapes[shape][1], strlen(shapes[shape][1]) + 1);
            for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                compare(text, names[i], forms[(n + i) % 4]);
            }
        }
    }
}

static void
test_limits(void **state)
{
    (void)state;
    struct splice s;
    struct err err = {0};
    struct splice_text of = {STR("{n}{n}{n}{n}{n}{n}{n}{n}{n}"), STR("{n}"), forms[0], true};
    assert_int_equal(splice_init(&s, &of, &err), -1);
    assert_string_equal(err.text, "the name stands more than 8 times");
    splice_deinit(&s);
    char text[1600];
    memset(text, 'a', sizeof text);
    memcpy(text, "{n}", 3);
    of.text = (struct str){text, 1450};
    assert_int_equal(splice_init(&s, &of, &err), 0);
    assert_int_equal(s.most, 10);
    splice_deinit(&s);
    of.plain_names = false; /* a name with marks would make it UCS-2 */
    assert_int_equal(splice_init(&s, &of, &err), -1);
    splice_deinit(&s);
    /* Of a longer name the first 30 characters. */
    struct spliced m;
    of.text = STR("{n}");
    assert_int_equal(splice_init(&s, &of, &err), 0);
    splice_measure(&s, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbb"), &m);
    assert_int_equal(m.total, 30);
    splice_deinit(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_the_whole),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

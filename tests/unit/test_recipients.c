/* Cutting an audience into chunks: runs, spans, columns, skips, sharers. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/core/recipients.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
    const char *runs;
    size_t n; /* 99: refused */
    uint32_t first, last;
} runs[] = {
    {"", 0, 0, 0},
    {"7", 1, 7, 7},
    {"0-199,201", 201, 0, 201},
    {"3,5,7-9", 5, 3, 9},
    {"5-5", 99, 0, 0},
    {"7-5", 99, 0, 0},
    {"3,3", 99, 0, 0},
    {"5,4", 99, 0, 0},
    {"3-5,5", 99, 0, 0},
    {"3,", 99, 0, 0},
    {",3", 99, 0, 0},
    {"a", 99, 0, 0},
    {"3--5", 99, 0, 0},
    {"0-300", 99, 0, 0},
    {"0-255", 256, 0, 255},
    {"-1", 99, 0, 0},
    {"1 ", 99, 0, 0},
    {"4294967295", 99, 0, 0},
    {"1-2-3", 99, 0, 0},
    {"4294967294", 1, 4294967294U, 4294967294U},
};

static void
test_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(runs); i++) {
        uint32_t numbers[256];
        size_t n = 0;
        bool ok = runs_read(str_of(runs[i].runs), numbers, COUNT(numbers), &n);
        if (ok != (runs[i].n != 99) || (ok && n != runs[i].n) ||
            (ok && n && (numbers[0] != runs[i].first || numbers[n - 1] != runs[i].last))) {
            fail_msg("'%s': %d, %zu", runs[i].runs, ok, n);
        }
        if (ok) { /* and back */
            struct buf out;
            buf_init(&out, 4000);
            runs_write(numbers, n, &out);
            assert_true(str_equal_z(buf_str(&out), runs[i].runs));
            buf_deinit(&out);
        }
    }
}

static void
test_spans(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {3, 4, 10, 100, 101, 109};
    static const struct {
        uint32_t gap;
        const char *spans;
    } cases[] = {{0, "3-4 10-10 100-101 109-109 "},
                 {4, "3-4 10-10 100-101 109-109 "},
                 {5, "3-10 100-101 109-109 "},
                 {7, "3-10 100-109 "},
                 {1000, "3-109 "}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span spans[COUNT(numbers)];
        char text[200] = "";
        size_t at = 0, n = spans_cover(numbers, COUNT(numbers), cases[i].gap, spans);
        for (size_t k = 0; k < n; k++) {
            at += (size_t)snprintf(text + at, sizeof text - at, "%u-%u ", spans[k].low,
                                   spans[k].high);
        }
        assert_string_equal(text, cases[i].spans);
    }
}

/* Members 6 … 9 and 20 … 21, of whom 6, 8, 9, 20 and 21 are wanted. */
static void
test_recipients(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {6, 8, 9, 20, 21};
    static const struct span spans[] = {{6, 9}, {20, 21}};
    static const char phones[] = "84900000006 "
                                 "84900000007 "
                                 "!           "
                                 "            "
                                 "84900000020 "
                                 "84900000021 ";
    struct columns columns = {spans, 2, STR(phones), {"\x00\x00\x08", 3}, {"\x02\x00\x0c", 3}};
    struct recipient out[5];
    assert_true(recipients_read(&columns, numbers, 5, out));
    static const struct {
        const char *address;
        enum recipient_skip skip;
        bool shares;
    } wanted[] = {{"84900000006", SKIP_NOT, true},
                  {"", SKIP_INVALID, false},
                  {"", SKIP_NO_ADDRESS, false},
                  {"84900000020", SKIP_OPTED_OUT, false},
                  {"84900000021", SKIP_NOT, true}};
    for (size_t i = 0; i < 5; i++) {
        assert_true(str_equal_z(out[i].address, wanted[i].address));
        assert_int_equal(out[i].skip, wanted[i].skip);
        assert_int_equal(out[i].shares, wanted[i].shares);
    }
    struct buf text;
    buf_init(&text, 1000);
    chunk_write(out, 5, &text);
    assert_string_equal(text.p, "6,8-9,20-21;84900000006,,,84900000020,84900000021");
    buf_deinit(&text);
    /* Columns that are too short are seen, not read over. */
    for (size_t cut = 1; cut <= 12; cut++) {
        struct columns shorter = columns;
        shorter.phones.n -= cut;
        assert_false(recipients_read(&shorter, numbers, 5, out));
    }
    columns.sharing.n = 2;
    assert_false(recipients_read(&columns, numbers, 5, out));
    static const uint32_t outside[] = {6, 15};
    assert_false(recipients_read(&columns, outside, 2, out));
}

/* NULs (a column that was never written so far) are blanks. */
static void
test_empty_column(void **state)
{
    (void)state;
    static const uint32_t number[] = {0};
    static const struct span span[] = {{0, 0}};
    struct columns columns = {span, 1, {"\0\0\0\0\0\0\0\0\0\0\0\0", 12}, {"\0", 1}, {"\xff", 1}};
    struct recipient out;
    assert_true(recipients_read(&columns, number, 1, &out));
    assert_int_equal(out.skip, SKIP_NO_ADDRESS);
    assert_false(out.shares);
    assert_string_equal(recipient_reason(out.skip), "noadr");
}

static const struct {
    const char *label;
    uint32_t number;
    const char *sharers;
    bool duplicate;
} sharers[] = {
    /* the audience: 3, 17, 90 */
    {"the lowest is told", 3, "3,17,90", false},
    {"the second is not", 17, "3,17,90", true},
    {"the third is not", 90, "3,17,90", true},
    {"a lower one that is not in the audience does not count", 17, "4,17", false},
    {"nor does one further down", 90, "4,16,90", false},
    {"unless one of them is", 90, "4,16,17,90", true},
    {"a list that is gone: told", 17, "", false},
    {"nonsense: told", 17, "x,,-3", false},
};

static void
test_sharers(void **state)
{
    (void)state;
    struct bitmap audience = {NULL, 0}, one;
    uint8_t bytes[12] = {0x10, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0x20};
    one = bitmap_copy(bytes, sizeof bytes);
    bitmap_or(&audience, &one);
    for (size_t i = 0; i < COUNT(sharers); i++) {
        if (recipient_is_duplicate(sharers[i].number, str_of(sharers[i].sharers), &audience) !=
            sharers[i].duplicate) {
            fail_msg("%s", sharers[i].label);
        }
    }
    bitmap_deinit(&one);
    bitmap_deinit(&audience);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),       cmocka_unit_test(test_spans),
        cmocka_unit_test(test_recipients), cmocka_unit_test(test_empty_column),
        cmocka_unit_test(test_sharers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

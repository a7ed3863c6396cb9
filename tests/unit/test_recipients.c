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
    static const struct recipient_channel sms = {ADDRESS_PHONE, false};
    struct columns columns = {.spans = spans,
                              .spans_n = 2,
                              .addresses = {STR(phones)},
                              .opted_out = {{"\x00\x00\x08", 3}},
                              .sharing = {"\x02\x00\x0c", 3},
                              .channels = &sms,
                              .channels_n = 1};
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
        assert_true(str_equal_z(out[i].address[0], wanted[i].address));
        assert_int_equal(out[i].skip, wanted[i].skip);
        assert_int_equal(out[i].shares, wanted[i].shares);
    }
    struct buf text;
    buf_init(&text, 1000);
    chunk_write(out, 5, 1, &text);
    assert_string_equal(text.p, "6,8-9,20-21;84900000006,,,84900000020,84900000021");
    buf_deinit(&text);
    /* Columns that are too short are seen, not read over. */
    for (size_t cut = 1; cut <= 12; cut++) {
        struct columns shorter = columns;
        shorter.addresses[ADDRESS_PHONE].n -= cut;
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
    static const struct recipient_channel sms = {ADDRESS_PHONE, false};
    struct columns columns = {.spans = span,
                              .spans_n = 1,
                              .addresses = {{"\0\0\0\0\0\0\0\0\0\0\0\0", 12}},
                              .opted_out = {{"\0", 1}},
                              .sharing = {"\xff", 1},
                              .channels = &sms,
                              .channels_n = 1};
    struct recipient out;
    assert_true(recipients_read(&columns, number, 1, &out));
    assert_int_equal(out.skip, SKIP_NO_ADDRESS);
    assert_false(out.shares);
    assert_string_equal(recipient_reason(out.skip), "noadr");
}

/* Zalo before SMS, a uid or else a phone; who has opted out of one is reached by the other. */
static void
test_channels(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {0, 1, 2, 3, 4, 5};
    static const struct span span[] = {{0, 5}};
    static const char phones[] = "84900000000 84900000001 84900000002 !           "
                                 "            84900000005 ";
    static const char zalo[] =
        "1000000000000000001     \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "2,3                                             "
        "                        2000000000000000002     ";
    static const char chats[] = "                                                            "
                                "                    -100500             7                   ";
    static const struct recipient_channel both[] = {{ADDRESS_ZALO, false}, {ADDRESS_PHONE, false}};
    struct columns columns = {
        .spans = span,
        .spans_n = 1,
        .addresses = {STR(phones), STR(zalo), STR(chats)},
        .opted_out = {{"\x80", 1}, {"\x04", 1}, {"\0", 1}},
        .sharing = {"\xff", 1},
        .channels = both,
        .channels_n = 2,
    };
    struct recipient out[6];
    assert_true(recipients_read(&columns, numbers, 6, out));
    static const struct {
        const char *uid, *phone, *identity;
        size_t channel;
        enum recipient_skip skip;
    } wanted[] = {
        {"1000000000000000001", "84900000000", "84900000000", 0, SKIP_NOT}, /* no SMS */
        {"", "84900000001", "84900000001", 1, SKIP_NOT},
        {"", "84900000002", "84900000002", 1, SKIP_NOT}, /* what stands there is no uid */
        {"", "", "", 0, SKIP_INVALID},
        {"", "", "-100500", 0, SKIP_NO_ADDRESS}, /* a chat is none of these channels */
        {"2000000000000000002", "84900000005", "84900000005", 1, SKIP_NOT}, /* no Zalo */
    };
    for (size_t i = 0; i < 6; i++) {
        bool same = str_equal_z(out[i].address[0], wanted[i].uid) &&
                    str_equal_z(out[i].address[1], wanted[i].phone) &&
                    str_equal_z(out[i].identity, wanted[i].identity);
        if (!same || out[i].channel != wanted[i].channel || out[i].skip != wanted[i].skip) {
            fail_msg("member %zu: '%.*s' '%.*s' by channel %zu, skipped %d", i,
                     (int)out[i].address[0].n, out[i].address[0].p, (int)out[i].address[1].n,
                     out[i].address[1].p, out[i].channel, (int)out[i].skip);
        }
    }
    struct buf text;
    buf_init(&text, 1000);
    chunk_write(out, 3, 2, &text);
    assert_string_equal(text.p, "0-2;1000000000000000001,,;84900000000,84900000001,84900000002");
    assert_true(
        str_equal_z(chunk_addresses(buf_str(&text), 1), "84900000000,84900000001,84900000002"));
    assert_true(str_equal_z(chunk_addresses(buf_str(&text), 2), ""));
    buf_deinit(&text);
    /* Who prefers the SMS begins there, unless there is no address or consent. */
    columns.prefer = STR("s  s  sz sz z  \0\0\0");
    assert_true(recipients_read(&columns, numbers, 6, out));
    static const size_t begins[] = {0, 1, 1, 0, 0, 1};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(out[i].channel, begins[i]);
        assert_int_equal(out[i].skip, wanted[i].skip);
    }
    buf_init(&text, 1000);
    chunk_write(out, 6, 2, &text);
    assert_true(str_equal_z(chunk_addresses(buf_str(&text), 2), "s,s,sz,sz,,"));
    buf_deinit(&text);
    columns.prefer.n--;
    assert_false(recipients_read(&columns, numbers, 6, out));
    columns.prefer = (struct str){NULL, 0};
    static const struct recipient_channel phone_too[] = {{ADDRESS_ZALO, true}};
    columns.channels = phone_too;
    columns.channels_n = 1;
    assert_true(recipients_read(&columns, numbers, 6, out));
    assert_true(str_equal_z(out[1].address[0], "84900000001"));
    assert_int_equal(out[5].skip, SKIP_OPTED_OUT); /* of Zalo */
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
        cmocka_unit_test(test_channels),   cmocka_unit_test(test_sharers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

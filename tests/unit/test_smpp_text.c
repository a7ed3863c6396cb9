/* The octets of a text on an SMPP link: its sender, its parts, and what receipts it asks for. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/links/smpp/pdu.h"
#include "gateway/links/smpp/text.h"
#include "gateway/links/smpp/times.h"

static uint8_t octets[PDU_TEMPLATE_MAX];
static bool referenced;

/* The body of part `part` of `content`, sent to 84900000000. */
static struct str
body_of(const struct conf_link *conf, const struct link_content *content, uint32_t part)
{
    struct link link = {&smpp_ops, conf};
    struct err err = {0};
    struct link_text *text = text_new(&link, content, &err);
    if (!text) {
        fail_msg("%s", err.text);
        return (struct str){"", 0};
    }
    struct link_message m = {.text = text, .address = "84900000000"};
    size_t n = text_emit(&m, part, 1, referenced, octets);
    text_free(text);
    return (struct str){(const char *)octets + 16, n - 16};
}

static struct str
body_of_text(const struct conf_link *conf, const char *text, uint32_t part)
{
    const struct link_content content = {.text = str_of(text), .reference = 0x1234};
    return body_of(conf, &content, part);
}

/* So many parts of 153 septets, the last of them "abc". */
static const char *
parts_text(int parts)
{
    static char text[SEGMENT_MAX * 153 + 1];
    size_t n = (size_t)(parts - 1) * 153;
    memset(text, 'x', n);
    memcpy(text + n, "abcabcabc", 10);
    text[n + (parts > 1 ? 9 : 3)] = '\0';
    return text;
}

static void
expect_end(const char *label, struct str body, struct str end)
{
    if (body.n < end.n || !str_equal((struct str){body.p + body.n - end.n, end.n}, end)) {
        fail_msg("%s: other octets", label);
    }
}

#define BODY(literal) literal, sizeof(literal) - 1
#define TO                                                                                         \
    "\x01\x01"                                                                                     \
    "84900000000\0"

static const struct {
    const char *label, *source, *body;
    size_t n;
} senders[] = {
    {"a name", "QUANBTL",
     BODY("\0\x05\0QUANBTL\0" TO "\0\0\0\0\0\x01\0\0\0\x03"
          "abc")},
    {"a name with a digit", "113",
     BODY("\0\x03\0"
          "113\0" TO "\0\0\0\0\0\x01\0\0\0\x03"
          "abc")},
    {"a number", "84901234567",
     BODY("\0\x01\x01"
          "84901234567\0" TO "\0\0\0\0\0\x01\0\0\0\x03"
          "abc")},
    {"with a plus", "+84901234567",
     BODY("\0\x01\x01"
          "84901234567\0" TO "\0\0\0\0\0\x01\0\0\0\x03"
          "abc")},
    {"none", NULL,
     BODY("\0\0\0\0" TO "\0\0\0\0\0\x01\0\0\0\x03"
          "abc")},
};

static void
test_senders(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof senders / sizeof *senders; i++) {
        struct conf_link conf = {.source = senders[i].source, .receipts = RECEIPTS_FINAL};
        struct str body = body_of_text(&conf, "abc", 0);
        if (!str_equal(body, (struct str){senders[i].body, senders[i].n})) {
            fail_msg("%s: other octets", senders[i].label);
        }
    }
}

static void
test_receipts_asked_for(void **state)
{
    (void)state;
    static const struct {
        enum receipts_mode mode;
        uint8_t registered;
    } modes[] = {{RECEIPTS_NONE, 0}, {RECEIPTS_FINAL, 1}, {RECEIPTS_FAILED, 2}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct conf_link conf = {.receipts = modes[i].mode};
        struct str body = body_of_text(&conf, "abc", 0);
        if (body.n < 8 || (uint8_t)body.p[body.n - 8] != modes[i].registered) {
            fail_msg("mode %d asks otherwise", modes[i].mode);
        }
    }
}

static const struct {
    const char *label;
    enum long_sms mode;
    int parts;
    uint32_t part;
    const char *end; /* from esm_class on */
    size_t n;
} long_ones[] = {
    {"one part has no header", LONG_SMS_UDH, 1, 0,
     BODY("\0\0\0\0\0\x01\0\0\0\x03"
          "abc")},
    {"udh, second of two", LONG_SMS_UDH, 2, 1,
     BODY("\x40\0\0\0\0\x01\0\0\0\x0f\x05\0\x03\x34\x02\x02"
          "abcabcabc")},
    {"a wide reference leaves less room", LONG_SMS_UDH16, 2, 1,
     BODY("\x40\0\0\0\0\x01\0\0\0\x11\x06\x08\x04\x12\x34\x02\x02"
          "xabcabcabc")},
    {"sar, second of two", LONG_SMS_SAR, 2, 1,
     BODY("\0\0\0\0\0\x01\0\0\0\x09"
          "abcabcabc\x02\x0c\0\x02\x12\x34\x02\x0e\0\x01\x02\x02\x0f\0\x01\x02")},
    {"sar, one part", LONG_SMS_SAR, 1, 0,
     BODY("\0\0\0\0\0\x01\0\0\0\x03"
          "abc")},
};

static void
test_long_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof long_ones / sizeof *long_ones; i++) {
        struct conf_link conf = {.receipts = RECEIPTS_FINAL, .long_sms = long_ones[i].mode};
        struct str body = body_of_text(&conf, parts_text(long_ones[i].parts), long_ones[i].part);
        expect_end(long_ones[i].label, body, (struct str){long_ones[i].end, long_ones[i].n});
    }
}

static void
test_a_payload_is_the_whole_text(void **state)
{
    (void)state;
    struct conf_link conf = {.long_sms = LONG_SMS_PAYLOAD};
    const char *text = parts_text(3);
    struct str body = body_of_text(&conf, text, 0);
    expect_end("payload", body, str_of(text));
    struct str before = {body.p, body.n - strlen(text)};
    static const char head[] = "\0\0\0\x04\x24\x01\x3b";
    expect_end("its head", before, (struct str){head, sizeof head - 1});
}

static void
test_the_longest(void **state)
{
    (void)state;
    static const enum long_sms modes[] = {LONG_SMS_UDH, LONG_SMS_SAR, LONG_SMS_PAYLOAD,
                                          LONG_SMS_UDH16};
    char text[SEGMENT_MAX * 152 + 1];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct conf_link conf = {.source = "QUANBTL", .long_sms = modes[i]};
        assert_true(body_of_text(&conf, text, 0).n > 159);
    }
}

static const struct {
    const char *label;
    enum data_coding coding;
    enum flash flash;
    bool emergency;
    const char *text, *end; /* from data_coding on */
    size_t n;
} codings[] = {
    {"gsm7 is not packed", CODING_GSM7, FLASH_NEVER, false, "h€", BODY("\0\0\x03h\x1b\x65")},
    {"packed septets", CODING_GSM7_PACKED, FLASH_NEVER, false, "hello",
     BODY("\0\0\x05\xe8\x32\x9b\xfd\x06")},
    {"seven letters get a carriage return", CODING_GSM7_PACKED, FLASH_NEVER, false, "1234567",
     BODY("\0\0\x07\x31\xd9\x8c\x56\xb3\xdd\x1a")},
    {"latin1", CODING_LATIN1, FLASH_NEVER, false, "àê", BODY("\x03\0\x02\xe0\xea")},
    {"what latin1 lacks", CODING_LATIN1, FLASH_NEVER, false, "ư", BODY("\x08\0\x02\x01\xb0")},
    {"what gsm7 lacks", CODING_GSM7, FLASH_NEVER, false, "ưx", BODY("\x08\0\x04\x01\xb0\0x")},
    {"always ucs2", CODING_UCS2, FLASH_NEVER, false, "ab", BODY("\x08\0\x04\0a\0b")},
    {"flash", CODING_GSM7, FLASH_ALWAYS, false, "a", BODY("\x10\0\x01\x61")},
    {"flash in ucs2", CODING_UCS2, FLASH_ALWAYS, false, "a", BODY("\x18\0\x02\0a")},
    {"flash waits for an emergency", CODING_GSM7, FLASH_EMERGENCY, false, "a",
     BODY("\0\0\x01\x61")},
    {"an emergency flashes", CODING_GSM7, FLASH_EMERGENCY, true, "a", BODY("\x10\0\x01\x61")},
};

static void
test_codings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++) {
        struct conf_link conf = {.data_coding = codings[i].coding, .flash = codings[i].flash};
        const struct link_content content = {.text = str_of(codings[i].text),
                                             .emergency = codings[i].emergency};
        struct str body = body_of(&conf, &content, 0);
        expect_end(codings[i].label, body, (struct str){codings[i].end, codings[i].n});
    }
}

/* Behind a header of 48 bits the first septet of a packed part begins at bit 49. */
static void
test_a_packed_part_is_aligned_behind_its_header(void **state)
{
    (void)state;
    struct conf_link conf = {.data_coding = CODING_GSM7_PACKED};
    struct str body = body_of_text(&conf, parts_text(2), 1);
    expect_end(
        "septets 'abcabcabc'", body,
        (struct str){BODY("\0\0\x0e\x05\0\x03\x34\x02\x02\xc2\xe2\x71\x58\x3c\x0e\x8b\xc7")});
    assert_int_equal(body_of_text(&conf, parts_text(2), 0).n - body.n, 140 - 14);
}

static const struct {
    const char *label;
    struct conf_link conf;
    const char *head;
    size_t n;
} plans[] = {
    {"a named plan wins",
     {.source = "113", .source_ton = 7, .source_npi = 2},
     BODY("\0\x06\x01"
          "113\0\x01\x01")},
    {"the destination's too",
     {.source = "QUANBTL", .dest_ton = 3, .dest_npi = 10},
     BODY("\0\x05\0QUANBTL\0\x02\x12")},
    {"unknown is a plan as well",
     {.source = "84901234567", .source_ton = 1, .source_npi = 1},
     BODY("\0\0\0"
          "84901234567\0\x01\x01")},
};

static void
test_numbering_plans(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        struct str body = body_of_text(&plans[i].conf, "abc", 0);
        if (!str_equal((struct str){body.p, plans[i].n}, (struct str){plans[i].head, plans[i].n})) {
            fail_msg("%s: other octets", plans[i].label);
        }
    }
}

/* What stands behind the destination of a single part: esm_class … validity_period. */
static struct str
middle_of(const struct conf_link *conf, int64_t expires_s)
{
    const struct link_content content = {.text = STR("abc"), .expires_s = expires_s};
    struct str body = body_of(conf, &content, 0);
    return (struct str){body.p + 18, body.n - 18 - 8};
}

static void
test_validity(void **state)
{
    (void)state;
    struct conf_link conf = {.validity = VALIDITY_ABSOLUTE};
    struct str middle = middle_of(&conf, 1795521600); /* 2026-11-24 12:00 UTC */
    assert_memory_equal(middle.p + 4, "261124120000000+", 17);
    assert_int_equal(middle_of(&conf, 0).p[4], 0);
    conf.validity = VALIDITY_NONE;
    assert_int_equal(middle_of(&conf, 1795521600).p[4], 0);
    conf.validity = VALIDITY_RELATIVE;
    middle = middle_of(&conf, clock_unix_ms() / 1000 + 176400);
    /* A second may have gone by. */
    assert_true(memcmp(middle.p + 4, "000002010000000R", 17) == 0 ||
                memcmp(middle.p + 4, "000002005959000R", 17) == 0);
    char text[SMPP_TIME_SIZE];
    times_relative(-5, text);
    assert_string_equal(text, "000000000001000R");
    times_relative(400 * INT64_C(86400), text);
    assert_string_equal(text, "000031000000000R");
}

/* In the place of the empty one behind priority_flag; what stands behind it is as without. */
static void
test_schedule(void **state)
{
    (void)state;
    enum { AT = 3, DIGITS = 16 };
    int64_t now_s = clock_unix_ms() / 1000;
    struct link_content content = {.text = STR("abc"), .expires_s = 4102444800};
    struct conf_link conf = {.validity = VALIDITY_ABSOLUTE, .schedule = SCHEDULE_ABSOLUTE};
    struct str plain = body_of(&conf, &content, 0);
    char before[256];
    memcpy(before, plain.p, plain.n);
    size_t n = plain.n, at = 18 + AT;
    content.deliver_s = now_s - 1; /* it is over */
    assert_int_equal(body_of(&conf, &content, 0).n, n);
    content.deliver_s = 4070908800; /* 2099-01-01 */
    struct str body = body_of(&conf, &content, 0);
    assert_int_equal(body.n, n + DIGITS);
    assert_memory_equal(body.p, before, at);
    assert_memory_equal(body.p + at, "990101000000000+", DIGITS + 1);
    assert_memory_equal(body.p + at + DIGITS + 1, before + at + 1, n - at - 1);
    conf.schedule = SCHEDULE_RELATIVE;
    content.deliver_s = clock_unix_ms() / 1000 + 3601;
    body = body_of(&conf, &content, 0);
    assert_true(memcmp(body.p + at, "000000010001000R", DIGITS + 1) == 0 ||
                memcmp(body.p + at, "000000010000000R", DIGITS + 1) == 0);
    conf.schedule = SCHEDULE_NONE;
    assert_int_equal(body_of(&conf, &content, 0).n, n);
}

static void
test_references(void **state)
{
    (void)state;
    struct conf_link conf = {.user_message_reference = 1};
    referenced = true;
    struct str body = body_of_text(&conf, parts_text(2), 1); /* of a message of reference 0 */
    expect_end("the second part's", body, (struct str){BODY("abc\x02\x04\0\x02\0\x01")});
    assert_int_equal(octets[3], body.n + 16);
    referenced = false;
    body = body_of_text(&conf, parts_text(2), 1);
    expect_end("none", body, STR("abc"));
    assert_int_equal(octets[3], body.n + 16);
}

static void
test_replacing_is_for_single_parts(void **state)
{
    (void)state;
    struct conf_link conf = {.replace_if_present = 1};
    struct str body = body_of_text(&conf, "abc", 0);
    assert_int_equal(body.p[body.n - 7], 1);
    body = body_of_text(&conf, parts_text(2), 1);
    assert_int_equal(body.p[body.n - 4 - 9 - 6], 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_senders),
        cmocka_unit_test(test_receipts_asked_for),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_a_payload_is_the_whole_text),
        cmocka_unit_test(test_the_longest),
        cmocka_unit_test(test_codings),
        cmocka_unit_test(test_a_packed_part_is_aligned_behind_its_header),
        cmocka_unit_test(test_numbering_plans),
        cmocka_unit_test(test_validity),
        cmocka_unit_test(test_schedule),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_replacing_is_for_single_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

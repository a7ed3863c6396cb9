/* The octets of a text on an SMPP link: its sender, its parts, and what receipts it asks for. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/links/smpp/session.h"

static uint8_t octets[PDU_TEMPLATE_MAX];

/* The body of part `part` of a text of `parts` parts "abc", sent to 84900000000. */
static struct str
body_of(const struct conf_link *conf, struct segments *segments, uint32_t part)
{
    struct link link = {&smpp_ops, conf};
    struct err err = {0};
    struct link_text *text = text_new(&link, segments, 0x1234, &err);
    if (!text) {
        fail_msg("%s", err.text);
        return (struct str){"", 0};
    }
    struct link_message m = {.text = text, .address = "84900000000"};
    size_t n = text_emit(&m, part, 1, octets);
    text_free(text);
    return (struct str){(const char *)octets + 16, n - 16};
}

static struct segments
abc(int parts)
{
    struct segments s = {.encoding = ENCODING_GSM7, .n = parts};
    for (int i = 0; i < parts; i++) {
        s.part[i].n = 3;
        memcpy(s.part[i].octets, "abc", 3);
    }
    return s;
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
        struct segments s = abc(1);
        struct str body = body_of(&conf, &s, 0);
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
        struct segments s = abc(1);
        struct str body = body_of(&conf, &s, 0);
        if (body.n < 8 || (uint8_t)body.p[body.n - 8] != modes[i].registered) {
            fail_msg("mode %d asks otherwise", modes[i].mode);
        }
    }
}

static const struct {
    const char *label;
    enum long_sms mode;
    int parts, made, part;
    const char *end; /* from esm_class on */
    size_t n;
} long_ones[] = {
    {"one part has no header", LONG_SMS_UDH, 1, 1, 0,
     BODY("\0\0\0\0\0\x01\0\0\0\x03"
          "abc")},
    {"udh, first of two", LONG_SMS_UDH, 2, 2, 0,
     BODY("\x40\0\0\0\0\x01\0\0\0\x09\x05\0\x03\x34\x02\x01"
          "abc")},
    {"udh, second of two", LONG_SMS_UDH, 2, 2, 1,
     BODY("\x40\0\0\0\0\x01\0\0\0\x09\x05\0\x03\x34\x02\x02"
          "abc")},
    {"sar, second of two", LONG_SMS_SAR, 2, 2, 1,
     BODY("\0\0\0\0\0\x01\0\0\0\x03"
          "abc\x02\x0c\0\x02\x12\x34\x02\x0e\0\x01\x02\x02\x0f\0\x01\x02")},
    {"sar, one part", LONG_SMS_SAR, 1, 1, 0,
     BODY("\0\0\0\0\0\x01\0\0\0\x03"
          "abc")},
    {"payload of three", LONG_SMS_PAYLOAD, 3, 1, 0,
     BODY("\0\0\0\0\0\x01\0\0\0\0\x04\x24\0\x09"
          "abcabcabc")},
};

static void
test_long_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof long_ones / sizeof *long_ones; i++) {
        struct conf_link conf = {.receipts = RECEIPTS_FINAL, .long_sms = long_ones[i].mode};
        struct segments s = abc(long_ones[i].parts);
        struct str body = body_of(&conf, &s, (uint32_t)long_ones[i].part);
        struct str end = {long_ones[i].end, long_ones[i].n};
        if (body.n < end.n || !str_equal((struct str){body.p + body.n - end.n, end.n}, end)) {
            fail_msg("%s: other octets", long_ones[i].label);
        }
    }
}

static void
test_the_longest(void **state)
{
    (void)state;
    static const enum long_sms modes[] = {LONG_SMS_UDH, LONG_SMS_SAR, LONG_SMS_PAYLOAD};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct conf_link conf = {.source = "QUANBTL", .long_sms = modes[i]};
        struct segments s = {.encoding = ENCODING_GSM7, .n = SEGMENT_MAX};
        for (int k = 0; k < SEGMENT_MAX; k++) {
            s.part[k].n = 153;
            memset(s.part[k].octets, 'x', 153);
        }
        assert_true(body_of(&conf, &s, 0).n > 159);
    }
}

static void
test_ucs2(void **state)
{
    (void)state;
    struct conf_link conf = {.source = "113"};
    struct segments s = {.encoding = ENCODING_UCS2, .n = 1};
    s.part[0].n = 4;
    memcpy(s.part[0].octets, "\x01\xb0\0x", 4);
    struct str body = body_of(&conf, &s, 0);
    static const char end[] = "\0\0\x08\0\x04\x01\xb0\0x";
    assert_memory_equal(body.p + body.n - (sizeof end - 1), end, sizeof end - 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_senders),    cmocka_unit_test(test_receipts_asked_for),
        cmocka_unit_test(test_long_texts), cmocka_unit_test(test_the_longest),
        cmocka_unit_test(test_ucs2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A PDU with a spliced name is the PDU that its whole text would be packed into. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/wording.h"
#include "gateway/links/smpp/session.h"
#include "gateway/links/smpp/text.h"

static const struct conf_link confs[] = {
    {.source = "QUANBTL", .receipts = RECEIPTS_FINAL},
    {.source = "84901234567", .long_sms = LONG_SMS_SAR},
    {.long_sms = LONG_SMS_PAYLOAD},
    {.long_sms = LONG_SMS_PAYLOAD, .user_message_reference = 1},
    {.long_sms = LONG_SMS_SAR, .user_message_reference = 1},
    {.user_message_reference = 1},
    {.long_sms = LONG_SMS_UDH16, .data_coding = CODING_LATIN1},
    {.data_coding = CODING_GSM7_PACKED, .source = "1"},
    {.data_coding = CODING_GSM7_PACKED, .long_sms = LONG_SMS_PAYLOAD},
    {.data_coding = CODING_UCS2},
    {.flash = FLASH_ALWAYS, .replace_if_present = 1, .validity = VALIDITY_ABSOLUTE},
};

static const char *const names[] = {"", "Nguyen Van A", "Nguyễn Văn Ánh", "Zoë",
                                    "Công Tằng Tôn Nữ Phương Nguyệt"};

static struct link_text *
make(const struct link *link, struct str text, enum link_names how)
{
    struct err err = {0};
    const struct link_content content = {
        .text = text, .reference = 0x1234, .expires_s = 1794017400, .names = how};
    struct link copy = *link;
    struct link_text *made = text_new(&copy, &content, &err);
    if (!made) {
        fail_msg("%s", err.text);
    }
    return made;
}

static void
compare(const struct conf_link *conf, struct str text, const char *name, size_t which)
{
    static uint8_t spliced[PDU_TEMPLATE_MAX], whole[PDU_TEMPLATE_MAX];
    struct arena *arena = arena_new();
    const struct link link = {&smpp_ops, conf};
    struct link_text *a = make(&link, text, NAMES_ANY);
    struct link_text *b = make(&link, wording_with_name(arena, text, str_of(name)), NAMES_NONE);
    struct link_message m = {.text = a, .address = "84900000000", .name = str_of(name)};
    struct link_message n = {.text = b, .address = "84900000000"};
    assert_int_equal(text_parts(&m), text_parts(&n));
    assert_true(text_parts(&m) <= link_text_parts(a));
    for (int part = 0; part < text_parts(&m); part++) {
        size_t got = text_emit(&m, (uint32_t)part, 77, true, spliced);
        size_t wanted = text_emit(&n, (uint32_t)part, 77, true, whole);
        if (got != wanted || memcmp(spliced, whole, got) != 0) {
            fail_msg("conf %zu, '%s', text of %zu, part %d: %zu octets, not %zu", which, name,
                     text.n, part + 1, got, wanted);
        }
    }
    text_free(a);
    text_free(b);
    arena_free(&arena);
}

static void
test_against_whole_texts(void **state)
{
    (void)state;
    static const char *const heads[] = {"Kinh gui {name}: ", "Kính gửi {name}: "};
    for (size_t conf = 0; conf < sizeof confs / sizeof *confs; conf++) {
        for (size_t n = 0; n<400; n += n> 120 && n < 150 ? 1 : 37) {
            char text[500];
            const char *head = heads[n % 2];
            size_t head_n = strlen(head);
            memcpy(text, head, head_n);
            memset(text + head_n, 'a', n);
            for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                compare(&confs[conf], (struct str){text, head_n + n}, names[i], conf);
            }
        }
    }
}

static void
test_plain_names_count_as_such(void **state)
{
    (void)state;
    const struct link link = {&smpp_ops, &confs[0]};
    char text[200];
    memset(text, 'a', sizeof text);
    memcpy(text, "{name}", 6);
    struct link_text *plain = make(&link, (struct str){text, 136}, NAMES_PLAIN);
    struct link_text *any = make(&link, (struct str){text, 136}, NAMES_ANY);
    assert_int_equal(link_text_parts(plain), 1);
    assert_int_equal(link_text_parts(any), 3);
    text_free(plain);
    text_free(any);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_whole_texts),
        cmocka_unit_test(test_plain_names_count_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

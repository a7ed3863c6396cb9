/* Receipts: what is one, and what it says. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/links/smpp/receipt.h"

#define DATES "submit date:2611231516 done date:2611231517 "
#define D RECEIPT_DELIVERED
#define U RECEIPT_UNDELIVERED
#define I RECEIPT_INTERMEDIATE

static const struct {
    const char *label, *text, *id;
    enum receipt_state state;
    const char *reason;
    int error;
} texts[] = {
    {"as in the standard", "id:abc123 sub:001 dlvrd:001 " DATES "stat:DELIVRD err:000 text:Hello",
     "abc123", D, "", 0},
    {"undelivered", "id:7 sub:001 dlvrd:000 " DATES "stat:UNDELIV err:011 text:", "7", U, "UNDELIV",
     11},
    {"expired", "id:7 " DATES "stat:EXPIRED err:000", "7", U, "EXPIRED", 0},
    {"rejected", "id:7 stat:REJECTD", "7", U, "REJECTD", -1},
    {"deleted, not delivered", "id:7 stat:DELETED", "7", U, "DELETED", -1},
    {"unknown", "id:7 stat:UNKNOWN", "7", U, "UNKNOWN", -1},
    {"dates with seconds", "id:7 submit date:261123151642 done date:261123151655 stat:DELIVRD", "7",
     D, "", -1},
    {"dates of a vendor", "id:7 submit date:2026-11-23 15:16 done date:1/1/26 stat:DELIVRD err:0",
     "7", D, "", 0},
    {"commas", "id:7,sub:001,dlvrd:001,stat:DELIVRD,err:000", "7", D, "", 0},
    {"semicolons", "id:7;stat:UNDELIV;err:4", "7", U, "UNDELIV", 4},
    {"a blank behind the colon", "id: 7 stat: DELIVRD err: 3", "7", D, "", 3},
    {"leading zeros stay", "id:0000000042 stat:DELIVRD", "0000000042", D, "", -1},
    {"hexadecimal", "id:1A2b stat:DELIVRD", "1A2b", D, "", -1},
    {"a UUID", "id:f81d4fae-7dec-11d0-a765-00a0c91e6bf6 stat:DELIVRD",
     "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", D, "", -1},
    {"fields in another order", "stat:DELIVRD err:000 id:7", "7", D, "", 0},
    {"cut off", "id:7 sub:001 dlvrd:001 submit date:2611231516 done da", "7", I, "", -1},
    {"any case", "ID:7 Stat:Delivrd Err:001", "7", D, "", 1},
    {"written out", "id:7 stat:DELIVERED", "7", D, "", -1},
    {"a vendor's word", "id:7 stat:no-credit-left", "7", U, "NOCREDIT", -1},
    {"on its way", "id:7 stat:ENROUTE err:000", "7", I, "", 0},
    {"accepted", "id:7 stat:ACCEPTD", "7", I, "", -1},
    {"buffered", "id:7 stat:BUFFRED", "7", I, "", -1},
    {"no state", "id:7 err:000", "7", I, "", 0},
    {"no id", "stat:DELIVRD err:000", "", D, "", 0},
    {"an empty id", "id: stat:DELIVRD", "", D, "", -1},
    {"nothing", "", "", I, "", -1},
    {"err in letters", "id:7 stat:UNDELIV err:00B", "7", U, "UNDELIV", -1},
    {"err too big", "id:7 stat:UNDELIV err:99999", "7", U, "UNDELIV", -1},
    {"lines", "id:7\r\nstat:DELIVRD\r\nerr:000", "7", D, "", 0},
    {"what the member was sent does not count", "id:7 text:id:8 stat:UNDELIV err:5", "7", I, "",
     -1},
    {"not in the middle of a word", "msgid:8 id:7 laststat:UNDELIV stat:DELIVRD", "7", D, "", -1},
    {"64 characters",
     "id:0123456789012345678901234567890123456789012345678901234567890123 stat:DELIVRD",
     "0123456789012345678901234567890123456789012345678901234567890123", D, "", -1},
    {"65 characters match nothing",
     "id:01234567890123456789012345678901234567890123456789012345678901234 stat:DELIVRD", "", D, "",
     -1},
};

static struct pdu
a_receipt(const char *text)
{
    struct pdu pdu = {.id = PDU_DELIVER_SM, .esm_class = 0x04};
    pdu.message_n = (uint8_t)strlen(text);
    memcpy(pdu.message, text, pdu.message_n);
    return pdu;
}

static void
test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pdu pdu = a_receipt(texts[i].text);
        struct link_receipt r;
        receipt_read(&pdu, &r);
        if (!str_equal_z(r.id, texts[i].id) || r.state != texts[i].state ||
            strcmp(r.reason, texts[i].reason) != 0 || r.error != texts[i].error) {
            fail_msg("%s: id '%.*s' state %d reason '%s' error %d", texts[i].label, (int)r.id.n,
                     r.id.p, r.state, r.reason, r.error);
        }
    }
}

static const struct {
    const char *label;
    uint8_t value, n;
    enum receipt_state state;
    const char *reason;
} states[] = {
    {"scheduled", 0, 1, I, ""},       {"en route", 1, 1, I, ""},
    {"delivered", 2, 1, D, ""},       {"expired", 3, 1, U, "EXPIRED"},
    {"deleted", 4, 1, U, "DELETED"},  {"undeliverable", 5, 1, U, "UNDELIV"},
    {"accepted", 6, 1, I, ""},        {"unknown", 7, 1, U, "UNKNOWN"},
    {"rejected", 8, 1, U, "REJECTD"}, {"skipped", 9, 1, U, "SKIPPED"},
    {"no such state", 10, 1, D, ""}, /* the text's counts */
    {"empty", 5, 0, D, ""},           {"of two octets", 5, 2, D, ""},
};

static void
test_states(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        struct pdu pdu = a_receipt("id:7 stat:DELIVRD");
        uint8_t value[2] = {states[i].value, 0};
        pdu.tlvs_n = 1;
        pdu.tlvs[0] = (struct pdu_tlv){TLV_MESSAGE_STATE, states[i].n, value};
        struct link_receipt r;
        receipt_read(&pdu, &r);
        if (r.state != states[i].state || strcmp(r.reason, states[i].reason) != 0) {
            fail_msg("%s: state %d reason '%s'", states[i].label, r.state, r.reason);
        }
    }
}

static void
test_tlvs_win(void **state)
{
    (void)state;
    struct pdu pdu = a_receipt("id:7 stat:DELIVRD err:001");
    static const uint8_t undeliverable = 5;
    pdu.tlvs_n = 3;
    pdu.tlvs[0] = (struct pdu_tlv){TLV_RECEIPTED_MESSAGE_ID, 4, (const uint8_t *)"abc"};
    pdu.tlvs[1] = (struct pdu_tlv){TLV_MESSAGE_STATE, 1, &undeliverable};
    pdu.tlvs[2] = (struct pdu_tlv){TLV_NETWORK_ERROR_CODE, 3, (const uint8_t *)"\x03\x01\x02"};
    struct link_receipt r;
    receipt_read(&pdu, &r);
    assert_true(str_equal_z(r.id, "abc"));
    assert_int_equal(r.state, RECEIPT_UNDELIVERED);
    assert_int_equal(r.error, 0x0102);
    pdu.tlvs[0].n = 3; /* without its NUL */
    pdu.tlvs[2].n = 2;
    receipt_read(&pdu, &r);
    assert_true(str_equal_z(r.id, "abc"));
    assert_int_equal(r.error, 1);
    uint8_t longer[66];
    memset(longer, 'a', sizeof longer);
    pdu.tlvs[0] = (struct pdu_tlv){TLV_RECEIPTED_MESSAGE_ID, sizeof longer, longer};
    receipt_read(&pdu, &r);
    assert_int_equal(r.id.n, 0);
}

static void
test_what_is_a_receipt(void **state)
{
    (void)state;
    struct pdu pdu = a_receipt("id:7 stat:DELIVRD");
    static const struct {
        uint8_t esm_class;
        bool is;
    } cases[] = {{0x00, false}, {0x04, true},  {0x44, true},  {0x20, true},
                 {0x08, false}, {0x10, false}, {0x40, false}, {0x07, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pdu.esm_class = cases[i].esm_class;
        assert_int_equal(receipt_is(&pdu), cases[i].is);
    }
    pdu.esm_class = 0; /* marked by nothing */
    static const struct {
        const char *text;
        bool is;
    } unmarked[] = {
        {"id:7 sub:001 dlvrd:001 " DATES "stat:DELIVRD err:000 text:Hello", true},
        {"id:7 submit date:2611231516 stat:DELIVRD", true},
        {"id:7 stat:DELIVRD", false},
        {"id:7 dlvrd:001", false},
        {"Nha toi o id:7 stat: dlvrd:1", false},
        {"id", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof unmarked / sizeof *unmarked; i++) {
        struct pdu plain = a_receipt(unmarked[i].text);
        plain.esm_class = 0;
        if (receipt_is(&plain) != unmarked[i].is) {
            fail_msg("'%s' is taken otherwise", unmarked[i].text);
        }
    }
    pdu.tlvs_n = 1;
    pdu.tlvs[0] = (struct pdu_tlv){TLV_RECEIPTED_MESSAGE_ID, 2, (const uint8_t *)"7"};
    assert_true(receipt_is(&pdu));
    pdu.esm_class = 0x20; /* an intermediate notification ends nothing */
    struct link_receipt r;
    receipt_read(&pdu, &r);
    assert_int_equal(r.state, RECEIPT_INTERMEDIATE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_tlvs_win),
        cmocka_unit_test(test_what_is_a_receipt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

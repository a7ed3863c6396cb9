/* What libsmpp34 is given to see.  Its two calls are caught on their way: nothing that it cannot
 * bear reaches it, and the rest comes as it must.  The rows are those of the review of libsmpp34
 * 1.14.1: what does it harm (H1 …), and what real peers send. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/links/smpp/pdu.h"

/* Of libsmpp34, declared by hand: pdu.c alone includes it. */
extern char smpp34_strerror[2048];
int smpp34_unpack2(void *pdu, const uint8_t *b, int n);
int smpp34_pack2(uint8_t *b, int room, int *n, void *pdu);
int smpp34_dumpPdu2(uint8_t *out, int room, void *pdu);
int smpp34_dumpBuf(uint8_t *out, int room, uint8_t *from, int n);

/* The longest mandatory part, and the text that the library writes about it (its buffer has 2,048
 * octets and no bound). */
enum { LONGEST = 400, TRACE_MOST = 1024 };

static struct {
    unsigned unpacked, packed, refused;
} seen;

static uint32_t
word(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void
check_trace(void)
{
    if (strnlen(smpp34_strerror, sizeof smpp34_strerror) > TRACE_MOST) {
        fail_msg("H1: the library wrote %zu octets of trace", strlen(smpp34_strerror));
    }
}

int
smpp34_unpack2(void *pdu, const uint8_t *b, int n)
{
    static int (*real)(void *, const uint8_t *, int);
    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "smpp34_unpack2");
    }
    static const uint8_t zero[80];
    seen.unpacked++;
    assert_true(n >= PDU_HEADER && n <= LONGEST); /* H2, H7 */
    assert_int_equal(word(b), n);                 /* one PDU, whole */
    assert_true(word(b + 4) != 0x21);             /* H1: no submit_multi */
    assert_int_equal(word(b + 8), 0);             /* no status of a vendor's */
    assert_int_equal(word(b + 12), 1);            /* no sequence 0 */
    assert_memory_equal(pdu, zero, sizeof zero);  /* H6 */
    int rc = real(pdu, b, n);
    seen.refused += rc != 0;
    check_trace();
    return rc;
}

int
smpp34_pack2(uint8_t *b, int room, int *n, void *pdu)
{
    static int (*real)(uint8_t *, int, int *, void *);
    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "smpp34_pack2");
    }
    seen.packed++;
    int rc = real(b, room, n, pdu);
    seen.refused += rc != 0;
    check_trace();
    return rc;
}

/* H3, H4. */
int
smpp34_dumpPdu2(uint8_t *out, int room, void *pdu)
{
    (void)out, (void)room, (void)pdu;
    fail_msg("smpp34_dumpPdu2 was called");
    return -1;
}

int
smpp34_dumpBuf(uint8_t *out, int room, uint8_t *from, int n)
{
    (void)out, (void)room, (void)from, (void)n;
    fail_msg("smpp34_dumpBuf was called");
    return -1;
}

/* ---- PDUs as text: hex digits; "N*HH" is the octet HH N times; the length is set. ---- */

static uint8_t *
build(const char *text, size_t *n)
{
    static uint8_t room[70000];
    *n = 4;
    for (const char *at = text; *at;) {
        char *rest = NULL;
        unsigned long times = 1;
        while (*at == ' ') {
            at++;
        }
        if (strchr(at, '*') && strcspn(at, "*") < strcspn(at, " ")) {
            times = strtoul(at, &rest, 10);
            at = rest + 1;
        }
        const char *from = at;
        while (times-- > 0) {
            for (at = from; *at && *at != ' '; at += 2) {
                const char pair[3] = {at[0], at[1], '\0'};
                room[(*n)++] = (uint8_t)strtoul(pair, NULL, 16);
            }
        }
    }
    for (int i = 0; i < 4; i++) {
        room[i] = (uint8_t)(*n >> (24 - 8 * i));
    }
    uint8_t *exact = malloc(*n);
    memcpy(exact, room, *n);
    return exact;
}

#define RESP_OK(id) "8000000" id " 00000000 00000005 "
#define DELIVER "00000005 00000000 00000006 "
/* service_type … sm_default_msg_id of a deliver_sm from 84900000001 to 1900. */
#define FIELDS "00 0101 383439303030303030303100 0101 3139303000 000000 00 00 00000000 "

static const struct {
    const char *label, *pdu;
    enum pdu_fault fault;
    unsigned flags;
} rows[] = {
    /* What harms it: refused, or shown only in part. */
    {"H1 deliver_sm with 29 TLVs", DELIVER "17*00 29*14010000", PDU_OK, 0},
    {"H1 deliver_sm with 64 TLVs", DELIVER "17*00 64*14010000", PDU_OK, 0},
    {"H1 deliver_sm with 65 TLVs", DELIVER "17*00 65*14010000", PDU_BAD_TLV, 0},
    {"H1 submit_sm with 29 TLVs", "00000004 00000000 00000006 17*00 29*14010000", PDU_OK, 0},
    {"H1 bind_transceiver_resp with 36 TLVs", RESP_OK("9") "00 36*14010000", PDU_OK, 0},
    {"H1 alert_notification with 34 TLVs", "00000102 00000000 00000006 000000 000000 34*14010000",
     PDU_OK, 0},
    {"H1 data_sm with 33 TLVs", "00000103 00000000 00000006 10*00 33*14010000", PDU_OK, 0},
    {"H1 submit_multi with 50 lists", "00000021 00000000 00000006 00 000000 32 50*0200 12*00",
     PDU_UNKNOWN_ID, 0},
    {"H1 submit_multi_resp with 20 failures", "80000021 00000000 00000006 00 14 20*00000000000000",
     PDU_UNKNOWN_ID, 0},
    {"H2 no whole header", "0000", PDU_BAD_HEADER, 0},
    {"H5 a text that does not end", "00000004 00000000 00000001 41", PDU_BAD_FIELD, 0},
    {"H5 a header alone of a request", "00000004 00000000 00000001", PDU_BAD_FIELD, 0},
    {"H5 a header alone of a bind", "00000009 0000000d 00000001", PDU_BAD_FIELD, 0},
    {"H6 a refusal without a body", "80000004 00000008 00000001 00", PDU_OK, 0},
    {"H7 a PDU of 8,193 octets", DELIVER FIELDS "00 04241fd9 8153*41", PDU_BAD_HEADER, 0},
    {"H7 a PDU of 64 kB", DELIVER "17*00 16000*14010000", PDU_BAD_HEADER, 0},
    {"a TLV's stray octets, which it would leak", RESP_OK("9") "0000", PDU_BAD_TLV, 0},
    {"a bad flag in submit_multi", "00000021 00000000 00000006 00 000000 01 07 12*00",
     PDU_UNKNOWN_ID, 0},
    /* What real peers send, and it refuses or misreads. */
    {"submit_sm_resp, error, no body", "80000004 00000058 00000005", PDU_OK, PDU_NO_BODY},
    {"submit_sm_resp, error, empty id", "80000004 00000058 00000005 00", PDU_OK, 0},
    {"submit_sm_resp, error, an id", "80000004 00000045 00000005 61626300", PDU_OK, 0},
    {"submit_sm_resp, no body", RESP_OK("4"), PDU_OK, PDU_NO_BODY},
    {"submit_sm_resp, empty id", RESP_OK("4") "00", PDU_OK, 0},
    {"submit_sm_resp, 64 characters", RESP_OK("4") "64*41 00", PDU_OK, 0},
    {"submit_sm_resp, 65 characters", RESP_OK("4") "65*41 00", PDU_BAD_FIELD, 0},
    {"submit_sm_resp with a TLV", RESP_OK("4") "616200 001d000474657874", PDU_OK, 0},
    {"a status of a vendor's", "80000004 00000400 00000005", PDU_OK, PDU_NO_BODY},
    {"a status of SMPP 5.0", "80000004 00000100 00000005", PDU_OK, PDU_NO_BODY},
    {"the last status of a vendor's", "80000005 000004ff 00000005 00", PDU_OK, 0},
    {"generic_nack of number 0", "80000000 00000002 00000000", PDU_OK, 0},
    {"an answer of number 0", "80000015 00000000 00000000", PDU_OK, 0},
    {"number 0x80000000", "00000015 00000000 80000000", PDU_OK, 0},
    {"number 0xffffffff", "00000015 00000000 ffffffff", PDU_OK, 0},
    {"generic_nack and an octet", "80000000 00000003 00000004 00", PDU_OK, PDU_TRAILING},
    {"bind_transceiver_resp, error, no body", "80000009 0000000d 00000001", PDU_OK, PDU_NO_BODY},
    {"bind_transceiver_resp, error, a name", "80000009 0000000d 00000001 736d736300", PDU_OK, 0},
    {"bind_transceiver_resp, version 5.0", RESP_OK("9") "736d736300 0210000150", PDU_OK, 0},
    {"bind_transceiver_resp, no body", RESP_OK("9"), PDU_OK, PDU_NO_BODY},
    {"a version of two octets", RESP_OK("9") "736d736300 021000020034", PDU_OK, 0},
    {"system_id of 16", "00000009 00000000 00000001 16*78 00 00 00 340000 00", PDU_BAD_FIELD, 0},
    {"password of 9", "00000009 00000000 00000001 7800 9*78 00 00 340000 00", PDU_BAD_FIELD, 0},
    {"version 0x00", "00000009 00000000 00000001 7800 7800 00 000000 00", PDU_OK, PDU_ODD_VERSION},
    {"version 0x33", "00000002 00000000 00000001 7800 7800 00 330000 00", PDU_OK, PDU_ODD_VERSION},
    {"version 0x50", "00000001 00000000 00000001 7800 7800 00 500000 00", PDU_OK, PDU_ODD_VERSION},
    {"TLVs of vendors and of 5.0",
     DELIVER FIELDS "00 1401000476656e64 0aaa00027a7a ffff0000 "
                    "060b00014e 0428000101",
     PDU_OK, 0},
    {"the same TLV twice", DELIVER FIELDS "00 0427000102 0427000105", PDU_OK, 0},
    {"an unknown TLV of no octet", DELIVER FIELDS "00 0aaa0000", PDU_OK, 0},
    {"message_payload of no octet", DELIVER FIELDS "00 04240000", PDU_OK, 0},
    {"message_state of no octet, last", DELIVER FIELDS "00 04270000", PDU_OK, 0},
    {"message_state of no octet", DELIVER FIELDS "00 04270000 001e000461626300", PDU_OK, 0},
    {"message_state with a TLV in it", DELIVER FIELDS "00 042700050214010000", PDU_OK, 0},
    {"user_message_reference of one octet", DELIVER FIELDS "00 0204000107", PDU_OK, 0},
    {"ms_validity of three", DELIVER FIELDS "00 12040003000000", PDU_OK, 0},
    {"alert_on_message_delivery of one", DELIVER FIELDS "00 130c000101", PDU_OK, 0},
    {"network_error_code of four", DELIVER FIELDS "00 0423000403000100", PDU_OK, 0},
    {"network_error_code of two", DELIVER FIELDS "00 042300020300", PDU_OK, 0},
    {"receipted_message_id of 65", DELIVER FIELDS "00 001e0041 64*41 00", PDU_OK, 0},
    {"receipted_message_id without a NUL", DELIVER FIELDS "00 001e0003616263", PDU_OK, 0},
    {"receipted_message_id of 66", DELIVER FIELDS "00 001e0042 66*41", PDU_OK, 0},
    {"message_payload of 1,024", DELIVER FIELDS "00 04240400 1024*78", PDU_OK, 0},
    {"message_payload of 1,025", DELIVER FIELDS "00 04240401 1025*78", PDU_OK, 0},
    {"a vendor's TLV of 1,025", DELIVER FIELDS "00 14010401 1025*78", PDU_OK, 0},
    {"sm_length 254", DELIVER FIELDS "fe 254*6d", PDU_OK, 0},
    {"sm_length 255", DELIVER FIELDS "ff 255*6d", PDU_BAD_MESSAGE, 0},
    {"NULs in the message", DELIVER FIELDS "04 00480000", PDU_OK, 0},
    {"deliver_sm with a validity_period",
     DELIVER "00 0101 383400 0101 313900 000000 00 3030303030313030303030303030305200 00000000 00",
     PDU_OK, PDU_TIMES},
    {"deliver_sm_resp without a body", RESP_OK("5"), PDU_OK, PDU_NO_BODY},
    {"deliver_sm_resp with an id", RESP_OK("5") "61626300", PDU_OK, PDU_ID_DROPPED},
    {"deliver_sm_resp, error, no body", "80000005 00000064 00000006", PDU_OK, PDU_NO_BODY},
    {"data_sm_resp, error, no body", "80000103 000000fe 00000007", PDU_OK, PDU_NO_BODY},
    {"data_sm_resp with TLVs", "80000103 00000000 00000007 6100 0425000141", PDU_OK, 0},
    {"query_sm_resp, error, no body", "80000003 00000067 00000007", PDU_OK, PDU_NO_BODY},
    {"TON 7, NPI 13", DELIVER "00 070d 383400 0102 313900 000000 00 00 00000000 00", PDU_OK,
     PDU_ODD_TON},
    {"NPI 2 and 5", DELIVER "00 0102 383400 0105 313900 000000 00 00 00000000 00", PDU_OK,
     PDU_ODD_TON},
    {"an address of 20", DELIVER "00 0101 20*31 00 0101 313900 000000 00 00 00000000 00", PDU_OK,
     0},
    {"an address of 21", DELIVER "00 0101 21*31 00 0101 313900 000000 00 00 00000000 00",
     PDU_BAD_FIELD, 0},
    {"data_sm to one of 64", "00000103 00000000 00000006 00 0101 3100 0101 64*31 00 000000", PDU_OK,
     0},
    {"data_sm to one of 65", "00000103 00000000 00000006 00 0101 3100 0101 65*31 00 000000",
     PDU_BAD_FIELD, 0},
    {"broadcast_sm of 5.0", "00000112 00000000 0000000e", PDU_UNKNOWN_ID, 0},
    {"a vendor's command", "00010200 00000000 0000000e", PDU_UNKNOWN_ID, 0},
    {"enquire_link and an octet", "00000015 00000000 00000002 00", PDU_BAD_LENGTH, 0},
    {"an octet behind submit_sm's message", DELIVER FIELDS "04 48656c6c 6f", PDU_BAD_TLV, 0},
    {"three octets behind it", DELIVER FIELDS "04 48656c6c 000000", PDU_BAD_TLV, 0},
    {"four NULs behind it", DELIVER FIELDS "04 48656c6c 00000000", PDU_OK, 0},
    {"sm_length of one too many", DELIVER FIELDS "05 48656c6c", PDU_BAD_MESSAGE, 0},
    {"a TLV longer than the rest", DELIVER FIELDS "00 14010005616263", PDU_BAD_TLV, 0},
    {"a request with a status", "00000015 00000008 00000002", PDU_OK, 0},
    {"query_sm_resp", "80000003 00000000 00000008 61626300 00 0200", PDU_OK, 0},
    {"cancel_sm_resp, error", "80000008 00000011 00000009", PDU_OK, 0},
    {"outbind", "0000000b 00000000 0000000c 736d736300 707700", PDU_OK, 0},
};

static void
test_what_comes_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = 0;
        uint8_t *b = build(rows[i].pdu, &n);
        struct pdu pdu;
        memset(&pdu, 0xA5, sizeof pdu);
        unsigned before = seen.unpacked;
        enum pdu_fault fault = pdu_decode(&pdu, b, n);
        if (fault != rows[i].fault || (fault == PDU_OK && pdu.flags != rows[i].flags)) {
            fail_msg("%s: %s, flags %u", rows[i].label, pdu_fault_name(fault), pdu.flags);
        }
        if (seen.unpacked - before != (fault == PDU_OK)) {
            fail_msg("%s: the library saw it", rows[i].label);
        }
        free(b);
    }
    assert_int_equal(seen.refused, 0);
}

/* The length on the wire is not that of the octets: nothing is looked at. */
static void
test_lengths_that_lie(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {0, 4, 12, 15, 17, 20, 8193, 0x7fffffff, 0xffffffff};
    unsigned before = seen.unpacked;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t n = 0;
        uint8_t *b = build("00000015 00000000 00000002", &n);
        struct pdu pdu;
        uint32_t total = 0;
        b[0] = (uint8_t)(lengths[i] >> 24);
        b[1] = (uint8_t)(lengths[i] >> 16);
        b[2] = (uint8_t)(lengths[i] >> 8);
        b[3] = (uint8_t)lengths[i];
        bool possible = lengths[i] >= PDU_HEADER && lengths[i] <= PDU_MAX;
        assert_int_equal(pdu_frame(b, n, &total), possible ? 0 : -1);
        assert_int_equal(pdu_decode(&pdu, b, n), PDU_BAD_HEADER);
        free(b);
    }
    assert_int_equal(seen.unpacked, before);
}

/* What we send: no TLV reaches the library, nothing that it would cut or send wrong. */
static void
test_what_goes_out(void **state)
{
    (void)state;
    static const uint8_t value[4];
    struct pdu p = {.id = PDU_SUBMIT_SM, .sequence = 1, .source = "QUANBTL", .dest = "84900000001"};
    uint8_t out[PDU_MAX];
    size_t n = 0;
    for (p.tlvs_n = 0; p.tlvs_n < PDU_TLV_MAX; p.tlvs_n++) {
        p.tlvs[p.tlvs_n] = (struct pdu_tlv){0x1401, sizeof value, value};
        assert_int_equal(pdu_encode(&p, out, sizeof out, &n), PDU_OK); /* H1: from 29 TLVs on */
    }
    unsigned before = seen.packed;
    p.tlvs_n = PDU_TLV_MAX + 1;
    p.message_n = 254;
    assert_int_equal(pdu_encode(&p, out, sizeof out, &n), PDU_BAD_MESSAGE);
    p.message_n = 0;
    p.tlvs_n = 0;
    memset(p.source, 'x', 21);
    assert_int_equal(pdu_encode(&p, out, sizeof out, &n), PDU_BAD_FIELD);
    p.source[0] = p.source[20] = '\0';
    p.id = 0x21; /* H1: submit_multi with 17 numbers */
    assert_int_equal(pdu_encode(&p, out, sizeof out, &n), PDU_UNKNOWN_ID);
    assert_int_equal(seen.packed, before);
    p.id = PDU_SUBMIT_SM | PDU_RESP;
    p.status = 0x400;
    assert_int_equal(pdu_encode(&p, out, sizeof out, &n), PDU_OK);
    assert_int_equal(n, PDU_HEADER);
    assert_int_equal(seen.packed, before); /* a status that it does not know: by hand */
    assert_int_equal(seen.refused, 0);
}

/* The longest of every field at once: H1 again. */
static void
test_the_longest_of_all(void **state)
{
    (void)state;
    struct pdu p = {.id = PDU_SUBMIT_SM, .sequence = 0x7fffffff, .message_n = 253};
    uint8_t out[PDU_MAX];
    size_t n = 0;
    memset(p.service_type, 'x', sizeof p.service_type - 1);
    memset(p.source, 'x', PDU_ADDRESS_MAX);
    memset(p.dest, '8', PDU_ADDRESS_MAX);
    memset(p.schedule_time, '0', sizeof p.schedule_time - 1);
    memset(p.validity, '0', sizeof p.validity - 1);
    memset(p.message, '\x7f', p.message_n);
    assert_int_equal(pdu_encode(&p, out, sizeof out, &n), PDU_OK);
    assert_int_equal(pdu_decode(&p, out, n), PDU_OK);
    assert_int_equal(seen.refused, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_comes_in),
        cmocka_unit_test(test_lengths_that_lie),
        cmocka_unit_test(test_what_goes_out),
        cmocka_unit_test(test_the_longest_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

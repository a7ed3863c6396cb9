/* SMPP PDUs: the vectors, every truncation of them, encoding back, templates, and what libsmpp34
 * must never be seen to do. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/links/smpp/pdu.h"

/* Of libsmpp34, declared by hand: pdu.c alone includes it. */
struct smpp34_memory_functions {
    void *(*malloc_fun)(size_t sz);
    void *(*realloc_fun)(void *ptr, size_t sz);
    void (*free_fun)(void *ptr);
};
extern void smpp34_set_memory_functions(const struct smpp34_memory_functions *mf);
extern char smpp34_strerror[2048];

static unsigned allocations;

static void *
count_malloc(size_t n)
{
    allocations++;
    return malloc(n);
}

static void *
count_realloc(void *p, size_t n)
{
    allocations++;
    return realloc(p, n);
}

/* The octets of `hex` in a heap buffer of exactly their number, so that ASan sees one too many. */
static uint8_t *
unhex(const char *hex, size_t *n)
{
    *n = strlen(hex) / 2;
    uint8_t *b = malloc(*n ? *n : 1);
    for (size_t i = 0; i < *n; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        b[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return b;
}

static void
set_length(uint8_t *b, size_t n)
{
    b[0] = b[1] = 0;
    b[2] = (uint8_t)(n >> 8);
    b[3] = (uint8_t)n;
}

static unsigned exact;

static void
check_encodes_back(const char *name, const struct pdu *pdu, const uint8_t *b, size_t n)
{
    uint8_t again[PDU_MAX];
    size_t again_n = 0;
    enum pdu_fault fault = pdu_encode(pdu, again, sizeof again, &again_n);
    bool should = pdu->flags == 0 && pdu->message_n <= 253 && pdu->status == 0;
    bool same = fault == PDU_OK && again_n == n && memcmp(again, b, n) == 0;
    if (should && !same) {
        fail_msg("%s: does not encode back: %s, %zu octets", name, pdu_fault_name(fault), again_n);
    }
    exact += same;
}

static void
check_prefixes(const char *name, const uint8_t *b, size_t n)
{
    for (size_t cut = 0; cut < n; cut++) {
        uint8_t *prefix = malloc(cut ? cut : 1);
        memcpy(prefix, b, cut);
        uint32_t total = 0;
        if (cut >= 4) {
            set_length(prefix, cut);
        }
        int framed = pdu_frame(prefix, cut, &total);
        if (framed != (cut < 4 ? 0 : cut < PDU_HEADER ? -1 : 1)) {
            fail_msg("%s cut to %zu: framed %d", name, cut, framed);
        }
        struct pdu pdu;
        if (pdu_decode(&pdu, prefix, cut) == PDU_LIBRARY) {
            fail_msg("%s cut to %zu: refused by the library", name, cut);
        }
        free(prefix);
    }
}

static void
check_vector(const char *name, const char *hex, const char *expect)
{
    size_t n = 0;
    uint8_t *b = unhex(hex, &n);
    struct pdu pdu = {.tlvs_n = 0};
    uint32_t total = 0;
    enum pdu_fault fault = PDU_BAD_HEADER;
    if (pdu_frame(b, n, &total) == 1 && total == n) {
        fault = pdu_decode(&pdu, b, n);
    }
    bool ok = strcmp(expect, "ok") == 0;
    if (ok != (fault == PDU_OK) || fault == PDU_LIBRARY) {
        fail_msg("%s: expected %s, got %s", name, expect, pdu_fault_name(fault));
    }
    if (ok) {
        check_encodes_back(name, &pdu, b, n);
        check_prefixes(name, b, n);
    }
    if (allocations != 0) {
        fail_msg("%s: the library allocated %u times", name, allocations);
    }
    free(b);
}

static void
test_vectors(void **state)
{
    (void)state;
    FILE *f = fopen("tests/data/smpp-vectors.tsv", "r");
    assert_non_null(f);
    static char line[16384];
    unsigned rows = 0;
    assert_non_null(fgets(line, sizeof line, f)); /* the header */
    while (fgets(line, sizeof line, f)) {
        char *save = NULL;
        const char *name = strtok_r(line, "\t", &save);
        const char *hex = strtok_r(NULL, "\t", &save);
        const char *expect = strtok_r(NULL, "\t\n", &save);
        check_vector(name, hex, expect);
        rows++;
    }
    (void)fclose(f);
    assert_int_equal(rows, 76);
    assert_int_equal(exact, 48);
}

/* Rows that tell more than a verdict: what must be read from a vector. */
static const struct {
    const char *label, *hex;
    unsigned flags;
    uint32_t status;
    const char *id; /* message_id */
} read_cases[] = {
    {"an id", "0000001780000004000000000000000561626331323300", 0, 0, "abc123"},
    {"throttled without body", "00000010800000040000005800000005", PDU_NO_BODY, 0x58, ""},
    {"throttled, empty id", "0000001180000004000000580000000500", 0, 0x58, ""},
    {"an error with an id", "0000001480000004000000450000000561626300", 0, 0x45, "abc"},
    {"a vendor's status", "00000010800000040000040000000005", PDU_NO_BODY, 0x400, ""},
    {"accepted without body", "00000010800000040000000000000005", PDU_NO_BODY, 0, ""},
    {"an id and a TLV", "0000001c80000004000000000000000561626300001d000474657874", 0, 0, "abc"},
    {"a nack and an octet", "0000001180000000000000030000000400", PDU_TRAILING, 3, ""},
};

static void
test_answers_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof read_cases / sizeof *read_cases; i++) {
        size_t n = 0;
        uint8_t *b = unhex(read_cases[i].hex, &n);
        struct pdu p;
        if (pdu_decode(&p, b, n) != PDU_OK || p.flags != read_cases[i].flags ||
            p.status != read_cases[i].status || strcmp(p.message_id, read_cases[i].id) != 0) {
            fail_msg("%s: flags %u status %x id '%s'", read_cases[i].label, p.flags, p.status,
                     p.message_id);
        }
        struct str id = pdu_answer_id(b, n);
        if (p.id == (PDU_SUBMIT_SM | PDU_RESP) && !str_equal_z(id, read_cases[i].id)) {
            fail_msg("%s: read by hand '%.*s'", read_cases[i].label, (int)id.n, id.p);
        }
        free(b);
    }
}

static void
test_ids_that_do_not_fit_are_unknown(void **state)
{
    (void)state;
    uint8_t b[PDU_HEADER + 80];
    memset(b, 'A', sizeof b);
    assert_int_equal(pdu_answer_id(b, sizeof b).n, 0);
    b[PDU_HEADER + 65] = 0; /* 65 characters */
    assert_int_equal(pdu_answer_id(b, sizeof b).n, 0);
    b[PDU_HEADER + 64] = 0;
    assert_int_equal(pdu_answer_id(b, sizeof b).n, 64);
    assert_int_equal(pdu_answer_id(b, PDU_HEADER + 64).n, 0); /* its NUL is not in the PDU */
    assert_int_equal(pdu_answer_id(b, PDU_HEADER).n, 0);
}

static const char deliver_hex[] =
    "00000043000000050000000000000006000500426361737400010134343737303039303031323300000000000001"
    "0000000548656c6c6f04270000001e000461626300";

static void
test_fields_and_tlvs(void **state)
{
    (void)state;
    size_t n = 0;
    uint8_t *b = unhex(deliver_hex, &n);
    struct pdu p;
    assert_int_equal(pdu_decode(&p, b, n), PDU_OK);
    assert_int_equal(p.id, PDU_DELIVER_SM);
    assert_int_equal(p.sequence, 6);
    assert_int_equal(p.source_ton, 5);
    assert_string_equal(p.source, "Bcast");
    assert_int_equal(p.dest_ton, 1);
    assert_int_equal(p.dest_npi, 1);
    assert_string_equal(p.dest, "447700900123");
    assert_int_equal(p.registered_delivery, 1);
    assert_true(str_equal_z(pdu_text(&p), "Hello"));
    uint32_t value = 7;
    assert_false(pdu_tlv_uint(&p, TLV_MESSAGE_STATE, 1, &value)); /* empty */
    assert_non_null(pdu_tlv(&p, TLV_MESSAGE_STATE));
    assert_non_null(pdu_tlv(&p, TLV_RECEIPTED_MESSAGE_ID));
    assert_memory_equal(pdu_tlv(&p, TLV_RECEIPTED_MESSAGE_ID)->value, "abc", 4);
    assert_null(pdu_tlv(&p, TLV_MESSAGE_PAYLOAD));
    free(b);
}

static void
test_odd_values_are_kept(void **state)
{
    (void)state;
    size_t n = 0;
    uint8_t *b = unhex("000000370000000400000000000000050007004263617374000d0d343437373030393030313"
                       "233000000000000010000000548656c6c6f",
                       &n);
    struct pdu p;
    assert_int_equal(pdu_decode(&p, b, n), PDU_OK);
    assert_int_equal(p.flags, PDU_ODD_TON);
    assert_int_equal(p.source_ton, 7);
    assert_int_equal(p.dest_ton, 13);
    assert_int_equal(p.dest_npi, 13);
    free(b);
    b = unhex("0000002100000009000000000000000165736d6500736563726574000050000000", &n);
    assert_int_equal(pdu_decode(&p, b, n), PDU_OK);
    assert_int_equal(p.flags, PDU_ODD_VERSION);
    assert_int_equal(p.interface_version, 0x50);
    free(b);
}

/* Whatever stands in the octets that the library is choosy about. */
static void
test_every_ton_npi_and_version(void **state)
{
    (void)state;
    size_t n = 0;
    uint8_t *b = unhex(deliver_hex, &n);
    struct pdu p;
    for (int i = 0; i < 256; i++) {
        b[17] = b[18] = (uint8_t)i; /* source_addr_ton, source_addr_npi */
        assert_int_equal(pdu_decode(&p, b, n), PDU_OK);
        assert_int_equal(p.source_ton, i);
        assert_int_equal(p.source_npi, i);
    }
    free(b);
    b = unhex("0000002100000009000000000000000165736d6500736563726574000034000000", &n);
    for (int i = 0; i < 256; i++) {
        b[29] = (uint8_t)i;
        assert_int_equal(pdu_decode(&p, b, n), PDU_OK);
        assert_int_equal(p.interface_version, i);
    }
    free(b);
}

static bool
trace_has(const char *what)
{
    return memmem(smpp34_strerror, sizeof smpp34_strerror, what, strlen(what)) != NULL;
}

static void
test_no_password_stays_behind(void **state)
{
    (void)state;
    static const uint32_t binds[] = {PDU_BIND_RECEIVER, PDU_BIND_TRANSMITTER, PDU_BIND_TRANSCEIVER,
                                     PDU_OUTBIND};
    for (size_t i = 0; i < sizeof binds / sizeof *binds; i++) {
        struct pdu p = {.id = binds[i], .sequence = 1, .system_id = "esme", .password = "s3cret"};
        p.interface_version = PDU_VERSION;
        uint8_t b[128];
        size_t n = 0;
        assert_int_equal(pdu_encode(&p, b, sizeof b, &n), PDU_OK);
        assert_false(trace_has("s3cret"));
        assert_non_null(memmem(b, n, "s3cret", 7));
        assert_int_equal(pdu_decode(&p, b, n), PDU_OK);
        assert_string_equal(p.password, "s3cret");
        assert_false(trace_has("s3cret"));
    }
}

static struct pdu
a_submit(void)
{
    struct pdu p = {.id = PDU_SUBMIT_SM, .sequence = 1, .source_ton = 5, .source = "QUANBTL"};
    p.dest_ton = p.dest_npi = 1;
    p.registered_delivery = 1;
    p.esm_class = 0x40;
    p.message_n = 159;
    memset(p.message, 'm', p.message_n);
    return p;
}

static void
check_template(struct pdu *p, const struct pdu_template *t, size_t digits_n, uint32_t sequence)
{
    char digits[PDU_ADDRESS_MAX + 1] = {0};
    for (size_t i = 0; i < digits_n; i++) {
        digits[i] = (char)('0' + (i * 3 + digits_n) % 10);
    }
    memcpy(p->dest, digits, sizeof digits);
    p->sequence = sequence;
    uint8_t fresh[PDU_TEMPLATE_MAX], patched[PDU_TEMPLATE_MAX];
    size_t n = 0;
    assert_int_equal(pdu_encode(p, fresh, sizeof fresh, &n), PDU_OK);
    size_t patched_n = pdu_template_emit(t, sequence, (struct str){digits, digits_n}, patched);
    if (patched_n != n || memcmp(fresh, patched, n) != 0) {
        fail_msg("%zu digits, sequence %u differ", digits_n, sequence);
    }
}

static void
test_template_equals_a_fresh_pack(void **state)
{
    (void)state;
    static const uint32_t sequences[] = {1, 255, 256, 0x7fffffff};
    struct pdu p = a_submit();
    struct pdu_template t;
    for (int with_tlv = 0; with_tlv < 2; with_tlv++) {
        p.tlvs_n = (unsigned)with_tlv;
        p.tlvs[0] = (struct pdu_tlv){TLV_SAR_REFERENCE, 2, (const uint8_t *)"\x12\x34"};
        struct err err;
        assert_int_equal(pdu_template_init(&t, &p, &err), 0);
        for (size_t digits_n = 1; digits_n <= PDU_ADDRESS_MAX; digits_n++) {
            for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
                check_template(&p, &t, digits_n, sequences[i]);
            }
        }
    }
    assert_int_equal(allocations, 0);
}

static void
test_template_takes_a_whole_payload(void **state)
{
    (void)state;
    static const uint8_t payload[1530];
    struct pdu p = a_submit();
    p.message_n = 0;
    p.tlvs_n = 1;
    p.tlvs[0] = (struct pdu_tlv){TLV_MESSAGE_PAYLOAD, sizeof payload, payload};
    struct pdu_template t;
    struct err err;
    assert_int_equal(pdu_template_init(&t, &p, &err), 0);
    check_template(&p, &t, 11, 9);
    static const uint8_t more[2100];
    p.tlvs[0] = (struct pdu_tlv){TLV_MESSAGE_PAYLOAD, sizeof more, more};
    assert_int_equal(pdu_template_init(&t, &p, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
}

static void
test_what_cannot_be_sent_is_refused(void **state)
{
    (void)state;
    uint8_t b[PDU_MAX];
    size_t n = 0;
    struct pdu p = a_submit();
    p.message_n = 254;
    assert_int_equal(pdu_encode(&p, b, sizeof b, &n), PDU_BAD_MESSAGE);
    p = a_submit();
    memset(p.dest, '1', 21); /* does not end within the field: the library would cut it */
    assert_int_equal(pdu_encode(&p, b, sizeof b, &n), PDU_BAD_FIELD);
    p = a_submit();
    p.source_ton = 9;
    assert_int_equal(pdu_encode(&p, b, sizeof b, &n), PDU_BAD_FIELD);
    p = a_submit();
    assert_int_equal(pdu_encode(&p, b, 40, &n), PDU_BAD_LENGTH);
    p.id = 0x21; /* submit_multi */
    assert_int_equal(pdu_encode(&p, b, sizeof b, &n), PDU_UNKNOWN_ID);
    p = (struct pdu){.id = PDU_ENQUIRE_LINK, .sequence = 1, .tlvs_n = 1};
    assert_int_equal(pdu_encode(&p, b, sizeof b, &n), PDU_BAD_TLV);
}

static void
test_plain_ones_equal_packed_ones(void **state)
{
    (void)state;
    static const struct {
        uint32_t id, status;
        bool answer;
    } cases[] = {
        {PDU_ENQUIRE_LINK, 0, false},
        {PDU_ENQUIRE_LINK | PDU_RESP, 0, false},
        {PDU_UNBIND, 0, false},
        {PDU_UNBIND | PDU_RESP, 0, false},
        {PDU_GENERIC_NACK, 3, false},
        {PDU_DELIVER_SM | PDU_RESP, 0, true},
        {PDU_DELIVER_SM | PDU_RESP, 100, true},
        {PDU_DATA_SM | PDU_RESP, 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pdu p = {.id = cases[i].id, .status = cases[i].status, .sequence = 0x01020304};
        uint8_t packed[64], plain[64];
        size_t n = 0;
        assert_int_equal(pdu_encode(&p, packed, sizeof packed, &n), PDU_OK);
        size_t plain_n = cases[i].answer ? pdu_put_answer(p.id, p.status, p.sequence, plain)
                                         : pdu_put_plain(p.id, p.status, p.sequence, plain);
        assert_int_equal(plain_n, n);
        assert_memory_equal(plain, packed, n);
    }
}

static void
test_version_names_the_file(void **state)
{
    (void)state;
    char version[128];
    pdu_library_version(version, sizeof version);
    assert_non_null(strstr(version, "1."));
    assert_non_null(strstr(version, "libsmpp34.so"));
}

int
main(void)
{
    static const struct smpp34_memory_functions counting = {count_malloc, count_realloc, free};
    smpp34_set_memory_functions(&counting);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_answers_are_read),
        cmocka_unit_test(test_ids_that_do_not_fit_are_unknown),
        cmocka_unit_test(test_fields_and_tlvs),
        cmocka_unit_test(test_odd_values_are_kept),
        cmocka_unit_test(test_every_ton_npi_and_version),
        cmocka_unit_test(test_no_password_stays_behind),
        cmocka_unit_test(test_template_equals_a_fresh_pack),
        cmocka_unit_test(test_template_takes_a_whole_payload),
        cmocka_unit_test(test_what_cannot_be_sent_is_refused),
        cmocka_unit_test(test_plain_ones_equal_packed_ones),
        cmocka_unit_test(test_version_names_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SMPP 3.4 PDUs: bytes to fields and back.  pdu.c is the one file that includes libsmpp34, which is
 * not fit for a peer's bytes: raw PDUs and TLV lists never reach it.  Not thread-safe (the library
 * works on globals). */
#ifndef LOA_LINKS_SMPP_PDU_H
#define LOA_LINKS_SMPP_PDU_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/core/str.h"

/* command_id; an answer is its request with PDU_RESP set. */
#define PDU_RESP 0x80000000u
#define PDU_GENERIC_NACK 0x80000000u
#define PDU_BIND_RECEIVER 0x00000001u
#define PDU_BIND_TRANSMITTER 0x00000002u
#define PDU_QUERY_SM 0x00000003u
#define PDU_SUBMIT_SM 0x00000004u
#define PDU_DELIVER_SM 0x00000005u
#define PDU_UNBIND 0x00000006u
#define PDU_REPLACE_SM 0x00000007u
#define PDU_CANCEL_SM 0x00000008u
#define PDU_BIND_TRANSCEIVER 0x00000009u
#define PDU_OUTBIND 0x0000000Bu
#define PDU_ENQUIRE_LINK 0x00000015u
#define PDU_ALERT_NOTIFICATION 0x00000102u
#define PDU_DATA_SM 0x00000103u

enum { PDU_HEADER = 16, PDU_MAX = 8192, PDU_TLV_MAX = 64, PDU_MESSAGE_MAX = 254 };
enum { PDU_SEQUENCE_MAX = 0x7fffffff, PDU_ADDRESS_MAX = 20, PDU_VERSION = 0x34 };

enum pdu_tag {
    TLV_RECEIPTED_MESSAGE_ID = 0x001E,
    TLV_USER_MESSAGE_REFERENCE = 0x0204,
    TLV_SAR_REFERENCE = 0x020C,
    TLV_SAR_TOTAL = 0x020E,
    TLV_SAR_SEQUENCE = 0x020F,
    TLV_SC_INTERFACE_VERSION = 0x0210,
    TLV_NETWORK_ERROR_CODE = 0x0423,
    TLV_MESSAGE_PAYLOAD = 0x0424,
    TLV_MESSAGE_STATE = 0x0427,
};

/* What is unusual about a PDU that was accepted all the same. */
enum pdu_flag {
    PDU_NO_BODY = 1,  /* an answer without its body */
    PDU_TRAILING = 2, /* octets after an answer that has no room for them: ignored */
    PDU_ODD_TON = 4,  /* a TON or NPI outside the standard's list (the fields have it) */
    PDU_TIMES = 8,    /* a deliver_sm with times: dropped */
    PDU_ODD_VERSION = 16,
    PDU_ID_DROPPED = 32, /* a deliver_sm_resp with a message id: dropped */
};

enum pdu_fault {
    PDU_OK,
    PDU_BAD_HEADER,  /* not one whole PDU */
    PDU_BAD_LENGTH,  /* octets missing, or left over in a request */
    PDU_UNKNOWN_ID,  /* command_id that we do not speak (submit_multi too) */
    PDU_BAD_FIELD,   /* a text that is longer than its field, or does not end */
    PDU_BAD_MESSAGE, /* sm_length */
    PDU_BAD_TLV,
    PDU_LIBRARY, /* libsmpp34 refused what we handed it: our bug; decode never gives it */
};

/* A view into the decoded bytes; dies with them. */
struct pdu_tlv {
    uint16_t tag, n;
    const uint8_t *value;
};

/* One PDU.  Which of the fields count depends on `id`; the others are zero.  Texts end in a NUL. */
struct pdu {
    uint32_t id, status, sequence;
    unsigned flags; /* enum pdu_flag */
    char system_id[16], password[9], system_type[13], address_range[41];
    uint8_t interface_version, addr_ton, addr_npi;
    char service_type[6], message_id[65];
    uint8_t source_ton, source_npi, dest_ton, dest_npi; /* dest: also alert's esme address */
    char source[65], dest[65];
    uint8_t esm_class, protocol_id, priority_flag, registered_delivery, replace_if_present;
    uint8_t data_coding, default_message, message_state, error_code;
    char schedule_time[17], validity[17], final_date[17];
    uint8_t message_n; /* at most 254 on the way in, 253 on the way out */
    uint8_t message[PDU_MESSAGE_MAX];
    unsigned tlvs_n;
    struct pdu_tlv tlvs[PDU_TLV_MAX]; /* as on the wire */
};

/* The 16 octets that every PDU begins with. */
struct pdu_head {
    uint32_t length, id, status, sequence;
};

/* Looks for one whole PDU at `b`.  1: there, `*total` octets long.  0: more octets are needed.
 * -1: its length is impossible: close the connection, nothing after it can be found. */
int pdu_frame(const uint8_t *b, size_t have, uint32_t *total) MUST_CHECK;

/* The header of at least 16 octets. */
struct pdu_head pdu_head(const uint8_t *b);

/* Decodes exactly one PDU of `n` octets.  The header's fields are set whenever n >= 16, also when a
 * fault is returned. */
enum pdu_fault pdu_decode(struct pdu *out, const uint8_t *b, size_t n) MUST_CHECK;

/* Writes `pdu`, whose unused fields must be zero, to `out`: `*n` octets, at most `room`.  An answer
 * with an error is its header alone (deliver_sm_resp: and its empty id). */
enum pdu_fault pdu_encode(const struct pdu *pdu, uint8_t *out, size_t room, size_t *n) MUST_CHECK;

/* A PDU without body, and deliver_sm_resp / data_sm_resp (a NUL behind the header): written without
 * the library, room for 17 octets needed.  Returns the octets. */
size_t pdu_put_plain(uint32_t id, uint32_t status, uint32_t sequence, uint8_t *out);
size_t pdu_put_answer(uint32_t id, uint32_t status, uint32_t sequence, uint8_t *out);

/* The message id of a whole submit_sm_resp, read without the library.  Empty when there is none, or
 * when it does not end or has more than 64 characters (sent, its id unknown). */
struct str pdu_answer_id(const uint8_t *b, size_t n);

const struct pdu_tlv *pdu_tlv(const struct pdu *pdu, enum pdu_tag tag); /* the first, or NULL */
/* False unless the TLV is there and `width` (1, 2 or 4) octets long. */
bool pdu_tlv_uint(const struct pdu *pdu, enum pdu_tag tag, unsigned width, uint32_t *value);
struct str pdu_text(const struct pdu *pdu); /* message_payload if there is one, else message */

/* command_status for an answer to a PDU that had this fault, and a word for the log. */
uint32_t pdu_fault_status(enum pdu_fault fault);
const char *pdu_fault_name(enum pdu_fault fault);

/* A submit_sm packed once, for any number of recipients. */
enum { PDU_TEMPLATE_MAX = 2048 };
struct pdu_template {
    uint16_t head_n, tail_n; /* octets before and after the destination's digits */
    uint8_t head[64], tail[PDU_TEMPLATE_MAX - 64 - PDU_ADDRESS_MAX];
};
/* Packs `pdu` (its `dest` and sequence do not matter) and compares what the template gives with
 * fresh packs of other destinations and sequences.  -1 with ERR_CONFIG. */
int pdu_template_init(struct pdu_template *t, const struct pdu *pdu, struct err *err) MUST_CHECK;
/* Writes the PDU for `digits` (1 to 20 of them) to `out`, which has room for PDU_TEMPLATE_MAX.
 * Returns its length. */
size_t pdu_template_emit(const struct pdu_template *t, uint32_t sequence, struct str digits,
                         uint8_t *out);

/* "1.14.1, libsmpp34.so.1.1.0": the version that it was built with (the library tells none when
 * running), and the file that it runs with. */
void pdu_library_version(char *out, size_t room);

#endif

/* SMPP 3.4 as the simulator speaks it: a decoder that checks every field by the specification and
 * a small encoder.  Shares nothing with the gateway, so that both ends cannot share a mistake. */
#ifndef LOA_SIM_WIRE_H
#define LOA_SIM_WIRE_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_command {
    WIRE_BIND_RECEIVER = 0x01,
    WIRE_BIND_TRANSMITTER = 0x02,
    WIRE_SUBMIT = 0x04,
    WIRE_DELIVER = 0x05,
    WIRE_UNBIND = 0x06,
    WIRE_BIND_TRANSCEIVER = 0x09,
    WIRE_ENQUIRE = 0x15,
};
#define WIRE_RESPONSE 0x80000000U
#define WIRE_NACK 0x80000000U

enum wire_status {
    WIRE_OK = 0x00,
    WIRE_BAD_LENGTH = 0x01,
    WIRE_BAD_PDU_LENGTH = 0x02,
    WIRE_BAD_COMMAND = 0x03,
    WIRE_BAD_BIND_STATE = 0x04,
    WIRE_ALREADY_BOUND = 0x05,
    WIRE_SYSTEM_ERROR = 0x08,
    WIRE_BAD_SOURCE = 0x0a,
    WIRE_BAD_DESTINATION = 0x0b,
    WIRE_BAD_PASSWORD = 0x0e,
    WIRE_BAD_SYSTEM_ID = 0x0f,
    WIRE_BAD_ESM_CLASS = 0x43,
    WIRE_THROTTLED = 0x58,
    WIRE_BAD_TLV_STREAM = 0xc0,
};

enum { WIRE_HEADER = 16, WIRE_PDU_MAX = 70000 };

struct wire_header {
    uint32_t length, command, status, sequence;
};
void wire_read_header(const uint8_t *p, struct wire_header *out);

/* A bind request; the strings stand in the PDU. */
struct wire_bind {
    const char *system_id, *password, *system_type;
    uint8_t version;
};

/* A submit_sm; the pointers stand in the PDU. */
struct wire_submit {
    const char *service_type, *source, *destination;
    uint8_t source_ton, source_npi, destination_ton, destination_npi;
    uint8_t esm_class, registered, data_coding;
    const uint8_t *octets; /* user data without its UDH */
    size_t octets_n, udh_n;
    int ref, total, part; /* of a concatenated message (UDH or SAR), total 0: a single one */
    bool payload;         /* the text came in message_payload */
    int reference;        /* user_message_reference, -1: none */
};

/* Each reads one whole PDU of `n` octets.  Returns WIRE_OK, or the status for the answer and the
 * fault as a sentence in `*wrong`. */
uint32_t wire_read_bind(const uint8_t *p, size_t n, struct wire_bind *out, const char **wrong);
uint32_t wire_read_submit(const uint8_t *p, size_t n, struct wire_submit *out, const char **wrong);

/* What a strict SMSC would find odd about a well-formed submit_sm, NULL if nothing. */
const char *wire_lint_submit(const struct wire_submit *s);

/* A deliver_sm to be written. */
struct wire_deliver {
    const char *from, *to;
    const char *text; /* ASCII, at most 250 octets */
    uint8_t esm_class;
    const char *receipted_id; /* TLVs of a receipt, NULL: none */
    int reference;            /* user_message_reference, -1: none */
    uint8_t state;
};

/* Each writes one PDU at `out` (at least WIRE_SMALL octets) and returns its length. */
enum { WIRE_SMALL = 512 };
size_t wire_put_plain(uint8_t *out, uint32_t command, uint32_t status, uint32_t sequence);
/* A response with one C string as its body (bind: the SMSC's name, submit_sm: the message id). */
size_t wire_put_string(uint8_t *out, uint32_t command, uint32_t sequence, const char *body);
/* A positive bind response: the SMSC's name and sc_interface_version 3.4. */
size_t wire_put_bound(uint8_t *out, uint32_t command, uint32_t sequence, const char *name);
size_t wire_put_deliver(uint8_t *out, uint32_t sequence, const struct wire_deliver *d);

#endif
